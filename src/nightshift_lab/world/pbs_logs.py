"""What a Proxmox Backup Server writes into its task logs."""

from __future__ import annotations

from datetime import UTC, datetime

from nightshift_lab.world.backup_servers import Datastore
from nightshift_lab.world.backups import BackupRun, rfc3339
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import DAY_S, GIB, MIB, TIB
from nightshift_lab.world.snapshots import Snapshot, snapshots_at
from nightshift_lab.world.syncs import SyncRun
from nightshift_lab.world.vzdump_logs import chunk_error
from nightshift_lab.world.world import World


def backup_log(run: BackupRun) -> tuple[str, ...]:
    """One guest's backup as the server saw it."""
    archive = "drive-scsi0.img.fidx" if run.guest.kind == "qemu" else "root.pxar.didx"
    index = "fixed" if run.guest.kind == "qemu" else "dynamic"
    full = f"ns/{run.namespace}/{run.snapshot}"
    begin = _stamped(
        run.started_at + 1,
        f"starting new backup on datastore '{run.datastore}' from ::ffff:192.0.2.1{run.node[-1]}: \"{full}\"",
        "download 'index.json.blob' from previous backup.",
        f"register chunks in '{archive}' from previous backup.",
        f'created new {index} index 1 ("{full}/{archive}")',
    )
    if run.error:
        return begin + _stamped(
            run.ended_at - 1,
            f"POST /{index}_chunk: 400 Bad Request: {chunk_error(run)}",
            "backup failed: backup ended but finished flag is not set.",
            "removing failed backup",
            f'removing backup snapshot "/mnt/datastore/{run.datastore}/ns/{run.namespace}/{run.snapshot}"',
            "TASK ERROR: backup ended but finished flag is not set.",
        )
    chunks = max(1, run.transferred_bytes // (4 * MIB))
    return begin + _stamped(
        run.ended_at - 1,
        f"Upload statistics for '{archive}'",
        f"Size: {run.size_bytes}",
        f"Chunk count: {max(1, run.size_bytes // (4 * MIB))}",
        f"Upload size: {run.transferred_bytes} ({run.transferred_bytes * 100 // max(run.size_bytes, 1)}%)",
        f"Duplicates: {max(0, run.size_bytes // (4 * MIB) - chunks)}+0",
        "Compression: 41%",
        f"successfully closed {index} index 1",
        f'add blob "/mnt/datastore/{run.datastore}/{full}/index.json.blob" (512 bytes, comp: 512)',
        "successfully finished backup",
        "backup finished successfully",
        "TASK OK",
    )


def gc_log(world: World, entity: str, store: Datastore, at: float, lasts_s: float) -> tuple[str, ...]:
    """A garbage collection: it marks, sweeps, and says what it got back."""
    figures = gc_figures(world, entity, store, at)
    cutoff = rfc3339(at - DAY_S - 300)
    return (
        *_stamped(
            at,
            f"starting garbage collection on store {store.name}",
            "Access time update check successful, proceeding with GC.",
            f"Using access time cutoff 1d 5m, minimum access time is {cutoff}",
            "Start GC phase1 (mark used chunks)",
        ),
        *_stamped(at + lasts_s * 0.4, "marked 50% (half of the index files)"),
        *_stamped(at + lasts_s * 0.6, "Start GC phase2 (sweep unused chunks)"),
        *_stamped(
            at + lasts_s,
            f"Removed garbage: {_size(figures['removed-bytes'])}",
            f"Removed chunks: {figures['removed-chunks']}",
            *([f"Leftover bad chunks: {figures['still-bad']}"] if figures["still-bad"] else []),
            f"Pending removals: {_size(figures['pending-bytes'])} (in {figures['pending-chunks']} chunks)",
            f"Original data usage: {_size(figures['index-data-bytes'])}",
            f"On-Disk usage: {_size(figures['disk-bytes'])} "
            f"({figures['disk-bytes'] * 100 / figures['index-data-bytes']:.2f}%)",
            f"On-Disk chunks: {figures['disk-chunks']}",
            f"Deduplication factor: {figures['index-data-bytes'] / figures['disk-bytes']:.2f}",
            f"Average chunk size: {_size(figures['disk-bytes'] / figures['disk-chunks'])}",
            "TASK OK",
        ),
    )


def gc_figures(world: World, entity: str, store: Datastore, at: float) -> dict[str, int]:
    """The result of the garbage collection that began at `at`, as the API names its parts; bytes and counts."""
    disk = int(world.at(entity, "used_bytes", at))
    removed = int(store.sawtooth_bytes * between(0.9, 1.1, world.seed, entity, at))
    pending = int(store.sawtooth_bytes * between(0.2, 0.5, world.seed, entity, at, "pending"))
    chunk = 1.9 * MIB
    return {
        "disk-bytes": disk,
        "disk-chunks": int(disk / chunk),
        "index-data-bytes": int(disk * store.dedup_factor),
        "index-file-count": int(disk * store.dedup_factor / (24 * GIB)),
        "pending-bytes": pending,
        "pending-chunks": int(pending / chunk),
        "removed-bad": 0,
        "removed-bytes": removed,
        "removed-chunks": int(removed / chunk),
        "still-bad": int(world.condition(entity.replace("datastore/", "gc/", 1), "still_bad", at, 0)),
    }


def prune_log(world: World, server: str, store: Datastore, at: float) -> tuple[str, ...]:
    keep = store.keep
    lines = [
        f"prune job '{store.name}'",
        f"Starting datastore prune on datastore '{store.name}' namespace '{store.main_namespace}', down to full depth",
        f"retention options: --keep-daily {keep.daily} --keep-weekly {keep.weekly} --keep-monthly {keep.monthly}",
    ]
    for group, snapshots in _by_group(snapshots_at(world, server, store.name, store.main_namespace, at)).items():
        lines.append(f'Pruning group {store.main_namespace}:"{group}"')
        lines += [f"keep {group}/{rfc3339(snapshot.taken_at)}" for snapshot in snapshots]
    return _stamped(at, *lines, "TASK OK")


def verify_log(world: World, server: str, store: Datastore, at: float) -> tuple[str, ...]:
    """A verification job looks at what is new since the last one."""
    lines = [f"starting verify datastore '{store.name}', namespace '{store.main_namespace}'"]
    for group, snapshots in _by_group(snapshots_at(world, server, store.name, store.main_namespace, at)).items():
        lines.append(f"verify group {store.name}:{group} ({len(snapshots)} snapshots)")
        for snapshot in snapshots:
            name = f"{store.name}:{group}/{rfc3339(snapshot.taken_at)}"
            fresh = at - snapshot.taken_at < DAY_S
            lines.append(f"verify {name}" if fresh else f"SKIPPED: verify {name} (recently verified)")
    return _stamped(at, *lines, "TASK OK")


def sync_log(world: World, run: SyncRun) -> tuple[str, ...]:
    """A pull from another server, group by group."""
    job = run.job
    where = f"datastore '{job.store}' namespace '{job.namespace}'"
    begin = _stamped(
        run.started_at,
        f"Starting datastore sync job '{job.remote}:{job.remote_store}:{job.store}:{job.namespace}:{job.id}'",
        "task triggered by schedule",
        f"sync {where} from '{job.remote}/{job.remote_store}' namespace '{job.remote_namespace}'",
        "----",
    )
    if run.error:
        return begin + _stamped(run.ended_at, f"TASK ERROR: {run.error}")
    lines = [f"Syncing {where}"]
    groups = _by_group(snapshots_at(world, job.remote, job.remote_store, job.remote_namespace, run.started_at))
    lines.append(f"found {len(groups)} groups to sync (out of {len(groups)} total)")
    for done, (group, snapshots) in enumerate(groups.items(), start=1):
        lines.append(f"re-sync snapshot {group}/{rfc3339(snapshots[-1].taken_at)}")
        lines.append(f"percentage done: {100.0 * done / len(groups):.2f}%")
    return begin + _stamped(run.ended_at, *lines, f"sync job '{job.id}' end", "queued notification", "TASK OK")


def failed_log(at: float, kind: str, worker_id: str, error: str) -> tuple[str, ...]:
    """A job that ended early."""
    return _stamped(at, f"starting {kind} '{worker_id}'") + _stamped(at + 6, f"TASK ERROR: {error}")


def _by_group(snapshots: tuple[Snapshot, ...]) -> dict[str, list[Snapshot]]:
    groups: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        groups.setdefault(f"{snapshot.backup_type}/{snapshot.backup_id}", []).append(snapshot)
    return groups


def _stamped(t: float, *lines: str) -> tuple[str, ...]:
    stamp = datetime.fromtimestamp(int(t), UTC).isoformat()
    return tuple(f"{stamp}: {line}" for line in lines)


def _size(size_bytes: float) -> str:
    for unit, name in ((TIB, "TiB"), (GIB, "GiB"), (MIB, "MiB")):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.3f} {name}"
    return f"{size_bytes / 1024:.3f} KiB"
