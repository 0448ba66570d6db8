"""The task history of a backup server: backups, and its own nightly work on each datastore."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product

from nightshift_lab.world.backup_servers import BackupServer, Datastore
from nightshift_lab.world.backups import BackupRun, nights_on_day, runs_at_servers
from nightshift_lab.world.hashing import between, fraction
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.pbs_logs import backup_log, failed_log, gc_log, prune_log, sync_log, verify_log
from nightshift_lab.world.syncs import SyncRun, sync_run
from nightshift_lab.world.tasks import Task, newest_first, sorted_day
from nightshift_lab.world.upid import pbs_upid
from nightshift_lab.world.world import World

Log = Callable[[], tuple[str, ...]]
_REMEMBERED_DAYS = 100
_UNFINISHED = "backup ended but finished flag is not set."


@dataclass(frozen=True, slots=True)
class Chore:
    """One run of a datastore's own job. `entity` is what conditions bend, e.g. `gc/pbs/tank`."""

    kind: str
    worker_id: str
    entity: str
    started_at: float
    lasts_s: float


def pbs_tasks(world: World, server: str, t: float) -> tuple[Task, ...]:
    """The tasks of a backup server that have begun by `t`, newest first; HISTORY_DAYS days back."""
    return tuple(iter_pbs_tasks(world, server, t))


def iter_pbs_tasks(world: World, server: str, t: float) -> Iterator[Task]:
    return newest_first(world, t, lambda day: _server_day(world, server, day))


def chores(world: World, server: str, t: float) -> Iterator[Task]:
    """The server's own jobs alone, newest first: what its job lists show. Cheap however many guests there are. Of a job
    that does not run any more the last run is remembered for longer than its task is kept."""
    return newest_first(world, t, lambda day: _chores_of_day(world, server, day), _REMEMBERED_DAYS)


@lru_cache(maxsize=256)
def _server_day(world: World, server: str, day: int) -> tuple[Task, ...]:
    return sorted_day(
        chain(_alive(world, server, _backups(world, server, day)), _chores_of_day(world, server, day)), day
    )


@lru_cache(maxsize=1_024)
def _chores_of_day(world: World, server: str, day: int) -> tuple[Task, ...]:
    backup_server = world.server(server)
    tasks = chain(_maintenance(world, backup_server, day), _syncs(world, backup_server, day))
    return sorted_day(_alive(world, server, tasks), day)


def _alive(world: World, server: str, tasks: Iterator[Task]) -> Iterator[Task]:
    """Without those that the server slept through."""
    host = world.host_of(world.server(server))
    return (task for task in tasks if world.up(host, task.started_at))


def _task(
    world: World,
    server: BackupServer,
    kind: str,
    worker_id: str,
    at: float,
    lasts_s: float,
    write_log: Log,
    *,
    status: str = "OK",
    user: str = "root@pam",
) -> Task:
    started_at = float(int(at))
    boot_at = float(world.boot_time(world.host_of(server), started_at))
    upid = pbs_upid(server.name, started_at, boot_at, kind, worker_id, user)
    ended_at = started_at + max(1.0, lasts_s)
    return Task(server.name, kind, worker_id, user, started_at, ended_at, status, upid, (), write_log)


def _backups(world: World, server: str, day: int) -> Iterator[Task]:
    backup_server = world.server(server)
    for run in chain.from_iterable(runs_at_servers(world, night) for night in nights_on_day(world, day)):
        if run.server == server and not run.refused:
            yield _task(
                world,
                backup_server,
                "backup",
                f"{run.datastore}:{run.group}",
                run.started_at + 1,
                run.ended_at - run.started_at - 2,
                _backup_writer(run),
                status=_UNFINISHED if run.error else "OK",
                user=run.owner,
            )


def _backup_writer(run: BackupRun) -> Log:
    return lambda: backup_log(run)


def _maintenance(world: World, server: BackupServer, day: int) -> Iterator[Task]:
    """The datastores' own nightly work: prune, then garbage collection, then verification of what is new."""
    for store in server.datastores:
        for chore in chores_of_store(world, server, store, day):
            if not world.condition(chore.entity, "enabled", chore.started_at, True):
                continue
            error = str(world.condition(chore.entity, "error", chore.started_at, ""))
            log = _failed(chore, error) if error else _log_of(world, server, store, chore)
            lasts_s = 6.0 if error else chore.lasts_s
            yield _task(
                world, server, chore.kind, chore.worker_id, chore.started_at, lasts_s, log, status=error or "OK"
            )


def _failed(chore: Chore, error: str) -> Log:
    return lambda: failed_log(chore.started_at, chore.kind, chore.worker_id, error)


def _log_of(world: World, server: BackupServer, store: Datastore, chore: Chore) -> Log:
    entity = f"datastore/{server.name}/{store.name}"
    writers: dict[str, Log] = {
        "prunejob": lambda: prune_log(world, server.name, store, chore.started_at),
        "garbage_collection": lambda: gc_log(world, entity, store, chore.started_at, chore.lasts_s),
        "verificationjob": lambda: verify_log(world, server.name, store, chore.started_at),
    }
    return writers[chore.kind]


def chores_of_store(world: World, server: BackupServer, store: Datastore, day: int) -> tuple[Chore, ...]:
    """A datastore's own jobs on one UTC day; on a server with a power window verification follows at once."""
    gc_at = day * DAY_S + gc_time_s(world, server, store)
    words = (world.seed, server.name, store.name, day)
    prune_id, verify_id = job_ids(world, server, store.name)
    at = f"{server.name}/{store.name}"
    return (
        Chore("prunejob", f"{store.name}:{prune_id}", f"prune/{at}", gc_at - 1_800, between(2, 6, *words, "prune")),
        Chore("garbage_collection", store.name, f"gc/{at}", gc_at, between(520, 780, *words, "gc")),
        Chore(
            "verificationjob",
            f"{store.name}:{verify_id}",
            f"verify/{at}",
            gc_at + verify_after_s(server),
            between(900, 2_400, *words, "verify"),
        ),
    )


def gc_time_s(world: World, server: BackupServer, store: Datastore) -> float:
    """The second of the UTC day at which garbage collection begins; it moves with a server's power window."""
    if server.window is None:
        return store.gc_hour * 3_600.0
    return (world.rhythm.window_start_s + server.window.begins_s + 3_300.0) % DAY_S


def verify_after_s(server: BackupServer) -> float:
    """How long after garbage collection the verification job begins (s)."""
    return 7_200.0 if server.window is None else 1_500.0


def _syncs(world: World, server: BackupServer, day: int) -> Iterator[Task]:
    for job, night in product(server.sync_jobs, nights_on_day(world, day)):
        run = sync_run(world, server.name, job, night)
        if run is not None:
            worker_id = f"{job.remote}:{job.remote_store}:{job.store}:{job.namespace}:{job.id}"
            yield _task(
                world,
                server,
                "syncjob",
                worker_id,
                run.started_at,
                run.ended_at - run.started_at,
                _sync_writer(world, run),
                status=run.error or "OK",
            )


def _sync_writer(world: World, run: SyncRun) -> Log:
    return lambda: sync_log(world, run)


def job_ids(world: World, server: BackupServer, datastore: str) -> tuple[str, str]:
    """The names that the web interface gave the datastore's prune and verification jobs."""
    number = int(fraction(server.name, datastore, "jobs") * 0xFFFFFF)
    return f"default-{datastore}-{world.seed % 97:02x}", f"v-{number:06x}"
