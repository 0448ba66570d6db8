"""Task histories of the nodes and of the backup server, told from backup runs, boots and daily routine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from nightshift_lab.world.backup_servers import BackupServer
from nightshift_lab.world.backups import OWNER, BackupRun, night_of, runs_of_night, vmids_of
from nightshift_lab.world.hashing import between, fraction
from nightshift_lab.world.nouns import DAY_S, Guest
from nightshift_lab.world.pbs_logs import backup_log, gc_log, prune_log, verify_log
from nightshift_lab.world.upid import pbs_upid, pve_upid
from nightshift_lab.world.vzdump_logs import vzdump_log
from nightshift_lab.world.world import World

HISTORY_DAYS = 14
_APT_LOG = (
    "starting apt-get update",
    "Hit:1 http://download.proxmox.com/debian/pve trixie InRelease",
    "Hit:2 http://debian.mirror.example/debian trixie InRelease",
    "Hit:3 http://security.mirror.example/debian-security trixie-security InRelease",
    "Reading package lists...",
    "TASK OK",
)


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a node or of a backup server. `status` is how it ends; it has not ended before `ended_at`."""

    node: str
    kind: str
    id: str
    user: str
    started_at: float
    ended_at: float
    status: str
    upid: str
    vmids: tuple[int, ...] = ()
    write_log: Callable[[], tuple[str, ...]] = field(default=lambda: ("TASK OK",), repr=False, compare=False)

    def running_at(self, t: float) -> bool:
        return self.started_at <= t < self.ended_at

    def log_at(self, t: float) -> tuple[str, ...]:
        """The log as far as it is written at `t`: without its end while the task runs."""
        lines = self.write_log()
        if t >= self.ended_at:
            return lines
        share = (t - self.started_at) / max(self.ended_at - self.started_at, 1.0)
        return lines[: max(1, int((len(lines) - 2) * share))]


def pve_tasks(world: World, node: str, t: float) -> tuple[Task, ...]:
    """The tasks of a node that have begun by `t`, newest first; HISTORY_DAYS days back."""
    return _newest_first(world, t, lambda day: _node_day(world, node, day))


def pbs_tasks(world: World, server: str, t: float) -> tuple[Task, ...]:
    """The tasks of a backup server that have begun by `t`, newest first; HISTORY_DAYS days back."""
    return _newest_first(world, t, lambda day: _server_day(world, server, day))


def _newest_first(world: World, t: float, of_day: Callable[[int], tuple[Task, ...]]) -> tuple[Task, ...]:
    first, last = int(world.started_at // DAY_S) - HISTORY_DAYS, int(t // DAY_S)
    tasks = [task for day in range(first, last + 1) for task in of_day(day) if task.started_at <= t]
    return tuple(sorted(tasks, key=lambda task: task.started_at, reverse=True))


@lru_cache(maxsize=2_048)
def _node_day(world: World, node: str, day: int) -> tuple[Task, ...]:
    """All tasks of a node that begin on one UTC day."""
    candidates = (
        *_vzdumps(world, node, day),
        *_boots(world, node, day),
        *_restarts(world, node, day),
        *_routine(world, node, day),
    )
    return tuple(
        task for task in candidates if task.started_at // DAY_S == day and world.up(f"node/{node}", task.started_at)
    )


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
    night = night_of(world, day * DAY_S + world.rhythm.window_start_s + 1.0)
    mine = [run for run in runs_of_night(world, night) if run.node == node]
    for job, group in groupby(mine, key=lambda run: run.job):
        runs = tuple(group)
        named = vmids_of(world, job, runs[0].started_at)
        others = tuple(guest for guest in map(world.cluster.guest, named) if guest.node != node)
        failed = any(run.error for run in runs)
        yield _task(
            world,
            node,
            "vzdump",
            "" if len(named) > 1 else str(runs[0].guest.vmid),
            runs[0].started_at,
            runs[-1].ended_at - runs[0].started_at + 1,
            status="job errors" if failed else "OK",
            vmids=tuple(run.guest.vmid for run in runs),
            write_log=_vzdump_writer(runs, others),
        )


def _vzdump_writer(runs: tuple[BackupRun, ...], others: tuple[Guest, ...]) -> Callable[[], tuple[str, ...]]:
    return lambda: vzdump_log(runs, others)


def _boots(world: World, node: str, day: int) -> Iterator[Task]:
    """Starts of guests that the history remembers, as an operator's click or as the start of all after a boot."""
    for guest in world.cluster.guests:
        if guest.node == node and guest.runs:
            for boot in world.scheduled_boots(f"guest/{guest.vmid}"):
                if boot // DAY_S == day:
                    kind = "qmstart" if guest.kind == "qemu" else "vzstart"
                    yield _task(world, node, kind, str(guest.vmid), boot - 2, 2, vmids=(guest.vmid,))


def _restarts(world: World, node: str, day: int) -> Iterator[Task]:
    for fault in world.faults:
        for at, vmid in fault.restarts(day * DAY_S, (day + 1) * DAY_S):
            guest = world.cluster.guest(vmid)
            if guest.node == node:
                kind = "qmstart" if guest.kind == "qemu" else "vzstart"
                yield _task(world, node, kind, str(vmid), at - 2, 2, vmids=(vmid,))


def _routine(world: World, node: str, day: int) -> Iterator[Task]:
    """What happens by itself or now and then: package lists, a migration there and back, a start with a warning."""
    midnight = day * DAY_S
    yield _task(
        world,
        node,
        "aptupdate",
        "",
        midnight + 4 * 3_600 + between(0, 5_400, world.seed, node, day, "apt"),
        between(4, 9, world.seed, node, day),
        write_log=lambda: _APT_LOG,
    )
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


@lru_cache(maxsize=512)
def _server_day(world: World, server: str, day: int) -> tuple[Task, ...]:
    """All tasks of a backup server that begin on one UTC day."""
    backup_server = next(s for s in world.servers if s.name == server)
    candidates = (*_backups(world, server, day), *_maintenance(world, backup_server, day))
    host = f"guest/{backup_server.vmid}"
    return tuple(task for task in candidates if task.started_at // DAY_S == day and world.up(host, task.started_at))


def _server_task(
    world: World,
    server: str,
    kind: str,
    worker_id: str,
    at: float,
    lasts_s: float,
    write_log: Callable[[], tuple[str, ...]],
    *,
    status: str = "OK",
    user: str = "root@pam",
) -> Task:
    vmid = next(s.vmid for s in world.servers if s.name == server)
    started_at = float(int(at))
    boot_at = float(world.boot_time(f"guest/{vmid}", started_at))
    upid = pbs_upid(server, started_at, boot_at, kind, worker_id, user)
    return Task(server, kind, worker_id, user, started_at, started_at + max(1.0, lasts_s), status, upid, (), write_log)


def _backups(world: World, server: str, day: int) -> Iterator[Task]:
    night = night_of(world, day * DAY_S + world.rhythm.window_start_s + 1.0)
    for run in runs_of_night(world, night):
        if run.server == server:
            yield _server_task(
                world,
                server,
                "backup",
                f"{run.datastore}:{run.group}",
                run.started_at + 1,
                run.ended_at - run.started_at - 2,
                _backup_writer(run),
                status="backup ended but finished flag is not set." if run.error else "OK",
                user=OWNER,
            )


def _backup_writer(run: BackupRun) -> Callable[[], tuple[str, ...]]:
    return lambda: backup_log(run)


def _maintenance(world: World, server: BackupServer, day: int) -> Iterator[Task]:
    """The datastores' own nightly work: prune, then garbage collection, then verification of what is new."""
    for store in server.datastores:
        for kind, worker_id, at, lasts_s in maintenance_times(world, server, store.name, day):
            entity = f"datastore/{server.name}/{store.name}"
            writers: dict[str, Callable[[], tuple[str, ...]]] = {
                "prunejob": _writer(prune_log, world, server.name, store, at),
                "garbage_collection": _writer(gc_log, world, entity, store, at, lasts_s),
                "verificationjob": _writer(verify_log, world, server.name, store, at),
            }
            yield _server_task(world, server.name, kind, worker_id, at, lasts_s, writers[kind])


def _writer(write: Callable[..., tuple[str, ...]], *arguments: object) -> Callable[[], tuple[str, ...]]:
    return lambda: write(*arguments)


def maintenance_times(
    world: World, server: BackupServer, datastore: str, day: int
) -> tuple[tuple[str, str, float, float], ...]:
    """(kind, worker id, begin, duration) of a datastore's own tasks on one UTC day."""
    store = server.datastore(datastore)
    midnight = day * DAY_S
    gc_at = midnight + store.gc_hour * 3_600
    words = (world.seed, server.name, datastore, day)
    prune_id, verify_id = job_ids(world, server, datastore)
    return (
        ("prunejob", f"{datastore}:{prune_id}", gc_at - 1_800, between(2, 6, *words, "prune")),
        ("garbage_collection", datastore, gc_at, between(520, 780, *words, "gc")),
        ("verificationjob", f"{datastore}:{verify_id}", gc_at + 7_200, between(900, 2_400, *words, "verify")),
    )


def job_ids(world: World, server: BackupServer, datastore: str) -> tuple[str, str]:
    """The names that the web interface gave the datastore's prune and verification jobs."""
    number = int(fraction(server.name, datastore, "jobs") * 0xFFFFFF)
    return f"default-{datastore}-{world.seed % 97:02x}", f"v-{number:06x}"
