"""The task history of a node, told from backup runs, boots and daily routine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, groupby, takewhile

from nightshift_lab.world.backups import BackupRun, night_of, nights_on_day, runs_of_night, vmids_of
from nightshift_lab.world.hashing import between
from nightshift_lab.world.homelab import CLUSTER
from nightshift_lab.world.nouns import DAY_S, Guest
from nightshift_lab.world.packages import APT_FAILED, apt_log, repository_trouble
from nightshift_lab.world.tasks import Task, newest_first, sorted_day
from nightshift_lab.world.upid import pve_upid
from nightshift_lab.world.vzdump_logs import vzdump_log
from nightshift_lab.world.world import World


def pve_tasks(world: World, node: str, t: float, since: float = 0.0) -> tuple[Task, ...]:
    """The tasks of a node that began from `since` to `t`, newest first; HISTORY_DAYS days back."""
    every = newest_first(world, t, lambda day: _node_day(world, node, day))
    return tuple(takewhile(lambda task: task.started_at >= since, every))


@lru_cache(maxsize=2_048)
def _node_day(world: World, node: str, day: int) -> tuple[Task, ...]:
    """All tasks of a node that begin on one UTC day."""
    candidates = chain(
        _vzdumps(world, node, day),
        _boots(world, node, day),
        _restarts(world, node, day),
        _of_faults(world, node, day),
        _routine(world, node, day),
    )
    alive = (task for task in candidates if world.up(f"node/{node}", task.started_at))
    return sorted_day(alive, day)


def _task(
    world: World,
    node: str,
    kind: str,
    task_id: str,
    at: float,
    lasts_s: float,
    *,
    status: str = "OK",
    user: str = "root@pam",
    vmids: tuple[int, ...] = (),
    write_log: Callable[[], tuple[str, ...]] | None = None,
) -> Task:
    started_at = float(int(at))
    boot_at = float(world.boot_time(f"node/{node}", started_at))
    upid = pve_upid(node, started_at, boot_at, kind, task_id, user)
    log = write_log or (lambda: ("TASK OK",))
    return Task(node, kind, task_id, user, started_at, started_at + max(1.0, lasts_s), status, upid, vmids, log)


def _vzdumps(world: World, node: str, day: int) -> Iterator[Task]:
    own = (_runs_by_node(world, night).get(node, ()) for night in nights_on_day(world, day))
    for _, group in groupby(chain.from_iterable(own), key=lambda run: (run.job, night_of(world, run.started_at))):
        runs = tuple(group)
        named = vmids_of(world, runs[0].job, runs[0].started_at)
        failed = any(run.error for run in runs)
        given_up = runs[0].stops_the_job
        yield _task(
            world,
            node,
            "vzdump",
            "" if len(named) > 1 else str(runs[0].guest.vmid),
            runs[0].started_at,
            4.0 if given_up else runs[-1].ended_at - runs[0].started_at + 1,
            status=str(runs[0].error) if given_up else "job errors" if failed else "OK",
            vmids=tuple(run.guest.vmid for run in runs),
            write_log=_vzdump_writer(world, runs, named),
        )


@lru_cache(maxsize=64)
def _runs_by_node(world: World, night: int) -> Mapping[str, tuple[BackupRun, ...]]:
    by_node: dict[str, list[BackupRun]] = {}
    for run in runs_of_night(world, night):
        by_node.setdefault(run.node, []).append(run)
    return {node: tuple(runs) for node, runs in by_node.items()}


def _vzdump_writer(world: World, runs: tuple[BackupRun, ...], vmids: tuple[int, ...]) -> Callable[[], tuple[str, ...]]:
    mine = {run.guest.vmid for run in runs}
    return lambda: vzdump_log(runs, tuple(world.cluster.guest(vmid) for vmid in vmids if vmid not in mine))


def _boots(world: World, node: str, day: int) -> Iterator[Task]:
    """Starts of guests that the history remembers, as an operator's click or as the start of all after a boot."""
    for boot, guest in _boots_by_day(world, node).get(day, ()):
        kind = "qmstart" if guest.kind == "qemu" else "vzstart"
        yield _task(world, node, kind, str(guest.vmid), boot - 2, 2, vmids=(guest.vmid,))


@lru_cache(maxsize=128)
def _boots_by_day(world: World, node: str) -> Mapping[int, tuple[tuple[float, Guest], ...]]:
    by_day: dict[int, list[tuple[float, Guest]]] = {}
    for guest in world.cluster.guests_of(node):
        for boot in world.scheduled_boots(f"guest/{guest.vmid}") if guest.runs else ():
            by_day.setdefault(int(boot // DAY_S), []).append((boot, guest))
    return {day: tuple(boots) for day, boots in by_day.items()}


def _restarts(world: World, node: str, day: int) -> Iterator[Task]:
    for fault in world.here:
        for at, vmid in fault.restarts(day * DAY_S, (day + 1) * DAY_S):
            guest = world.cluster.guest(vmid)
            if guest.node == node:
                kind = "qmstart" if guest.kind == "qemu" else "vzstart"
                yield _task(world, node, kind, str(vmid), at - 2, 2, vmids=(vmid,))


def _of_faults(world: World, node: str, day: int) -> Iterator[Task]:
    for fault in world.here:
        for note in fault.tasks(day * DAY_S, (day + 1) * DAY_S):
            if note.node == node:
                vmids = (int(note.id),) if note.id.isdigit() else ()
                log = _fixed(note.log)
                yield _task(
                    world, node, note.kind, note.id, note.at, note.lasts_s,
                    status=note.status, user=note.user, vmids=vmids, write_log=log,
                )  # fmt: skip


def _fixed(log: tuple[str, ...]) -> Callable[[], tuple[str, ...]]:
    return lambda: log


def _routine(world: World, node: str, day: int) -> Iterator[Task]:
    """What happens by itself or now and then: package lists, a migration there and back, a start with a warning."""
    midnight = day * DAY_S
    apt_at = midnight + 4 * 3_600 + between(0, 5_400, world.seed, node, day, "apt")
    trouble = repository_trouble(world, node, apt_at)
    yield _task(
        world,
        node,
        "aptupdate",
        "",
        apt_at,
        between(4, 9, world.seed, node, day),
        status=APT_FAILED if trouble else "OK",
        write_log=lambda: apt_log(trouble),
    )
    if world.cluster.name != CLUSTER.name:
        return
    ago = int(world.started_at // DAY_S) - day
    if ago == 5 and node == "pve1":
        yield _task(
            world,
            node,
            "qmigrate",
            "104",
            midnight + 61_200,
            94,
            user="anna@pam",
            vmids=(104,),
            write_log=lambda: _migration_log("pve2"),
        )
    if ago == 5 and node == "pve2":
        yield _task(
            world,
            node,
            "qmigrate",
            "104",
            midnight + 64_800,
            88,
            user="anna@pam",
            vmids=(104,),
            write_log=lambda: _migration_log("pve1"),
        )
    if ago == 9 and node == "pve3":
        yield _task(
            world,
            node,
            "vzstart",
            "124",
            midnight + 52_200,
            4,
            status="WARNINGS: 1",
            user="anna@pam",
            vmids=(124,),
            write_log=lambda: _WARNING_LOG,
        )
    if ago == 2 and node == "pve1":
        yield _task(world, node, "vncproxy", "109", midnight + 68_400, 310, user="anna@pam", vmids=(109,))


_WARNING_LOG = (
    "WARN: Systemd 257 detected. You may need to enable nesting.",
    "TASK WARNINGS: 1",
)


def _migration_log(target: str) -> tuple[str, ...]:
    return (
        f"starting migration of VM 104 to node '{target}' (192.0.2.1{target[-1]})",
        "found local disk 'local-zfs:vm-104-disk-0' (attached)",
        f"starting VM 104 on remote node '{target}'",
        "start remote tunnel",
        "migration active, transferred 7.6 GiB of 8.0 GiB VM-state, 112.4 MiB/s",
        "average migration speed: 103.7 MiB/s - downtime 61 ms",
        "migration completed, transferred 7.9 GiB VM-state",
        "migration status: completed",
        "migration finished successfully (duration 00:01:28)",
        "TASK OK",
    )
