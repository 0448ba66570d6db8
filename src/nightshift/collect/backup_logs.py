"""What a vzdump log says of every guest in it, and what a restore log says of whose backup it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from nightshift.facts.backup_runs import BackupRun, Bitmap, RunLog
from nightshift.facts.tasks import Task

_STORAGE: Final = re.compile(r"starting new backup job: .*--storage (\S+)")
_NOT_ACTIVATED: Final = re.compile(r"could not activate storage '([^']+)'")
_STARTING: Final = re.compile(r"INFO: Starting Backup of VM (\d+) \((?:qemu|lxc)\)")
_BEGAN: Final = re.compile(r"INFO: Backup started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_FAILED_AT: Final = re.compile(r"INFO: Failed at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_FINISHED: Final = re.compile(r"INFO: Finished Backup of VM (\d+) \((\d+):(\d\d):(\d\d)\)")
_FAILED: Final = re.compile(r"ERROR: Backup of (?:VM|CT) (\d+) failed - (.+)")
_CLIENT_ERROR: Final = re.compile(r"INFO: Error: (.+)")
_TASK_ERROR: Final = re.compile(r"TASK ERROR: (.+)")
_BITMAP: Final = re.compile(r"INFO: \w+: dirty-bitmap status: (.+)")
_TRANSFERRED: Final = re.compile(r"INFO: transferred (\S+ \w+) in ")
_REUSED: Final = re.compile(r"INFO: (?:\S+: )?backup was done incrementally, reused (\S+ \w+)")
_UPLOADED: Final = re.compile(r"INFO: \S+: had to (?:backup|upload) (\S+ \w+) of")
_ARCHIVE_SIZE: Final = re.compile(r"INFO: archive file size: (\S+?)\s?([KMGT]?i?B)\b")
_EXCLUDED: Final = re.compile(
    r"INFO: (?:exclude disk '(?P<disk>\w+)'|excluding (?:bind|device|volume) mount point (?P<mount>\w+))"
)
_SIZES: Final = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "KB": 2**10, "MB": 2**20, "GB": 2**30,
                 "TB": 2**40}  # fmt: skip
_RESTORED: Final = re.compile(r"(?:vzdump-(?:qemu|lxc|openvz)-|(?:^|[\s/'])(?:vm|ct)/)(\d+)[-/]")


def read_run_log(task: Task, lines: Sequence[str], read_at: datetime) -> RunLog:
    """The runs that a vzdump task did, guest by guest.

    The times in a log are the node's local ones: only their distances are used. Sample:
        INFO: starting new backup job: vzdump 104 105 --mode snapshot --storage pbs-tank --quiet 1
        INFO: Starting Backup of VM 104 (qemu)
        INFO: Backup started at 2026-11-23 02:00:03
        INFO: exclude disk 'scsi1' 'local-zfs:vm-104-disk-1' (backup=no)
        INFO: scsi0: dirty-bitmap status: OK (2.2 GiB of 64.0 GiB dirty)
        INFO: backup was done incrementally, reused 61.79 GiB (96%)
        INFO: transferred 2.21 GiB in 23 seconds (98.4 MiB/s)
        INFO: Finished Backup of VM 104 (00:00:31)
        ERROR: Backup of VM 105 failed - unable to activate storage
        TASK ERROR: job errors
    """
    storage: str | None = None
    error: str | None = None
    for line in lines:
        if found := _STORAGE.search(line):
            storage = found.group(1)
        elif found := _TASK_ERROR.search(line):
            error = found.group(1).strip()
    runs = tuple(_runs(task, lines, storage))
    if error is not None and storage is None and (unusable := _NOT_ACTIVATED.search(error)):
        storage = unusable.group(1)
    return RunLog(
        task.source, task.upid, task.node, task.started_at, read_at, runs, storage, error if not runs else None
    )


@dataclass(slots=True)
class _Draft:
    """One guest's part of a log while it is read."""

    vmid: int
    began: datetime | None = None
    ended: datetime | None = None
    duration_s: float | None = None
    reason: str | None = None
    client_error: str | None = None
    transferred: int | None = None
    reused: int | None = None
    bitmap: Bitmap | None = None
    excluded: list[str] = field(default_factory=list)
    finished: bool = False


def _runs(task: Task, lines: Iterable[str], storage: str | None) -> Iterator[BackupRun]:
    draft: _Draft | None = None
    first: datetime | None = None
    for line in lines:
        if found := _STARTING.match(line):
            if draft is not None:
                yield _run(task, draft, first, storage)
            draft = _Draft(int(found.group(1)))
        elif draft is not None:
            _take(draft, line)
            first = first or draft.began
            if draft.finished or draft.ended is not None:
                yield _run(task, draft, first, storage)
                draft = None
    if draft is not None:
        yield _run(task, draft, first, storage)


def _take(draft: _Draft, line: str) -> None:
    if found := _BEGAN.match(line):
        draft.began = _local(found.group(1))
    elif found := _FINISHED.match(line):
        draft.finished = True
        draft.duration_s = int(found.group(2)) * 3600.0 + int(found.group(3)) * 60 + int(found.group(4))
    elif found := _FAILED_AT.match(line):
        draft.ended = _local(found.group(1))
    elif found := _FAILED.search(line):
        draft.reason = found.group(2).strip()
    elif found := _CLIENT_ERROR.match(line):
        draft.client_error = found.group(1).strip()
    else:
        _take_figures(draft, line)


def _take_figures(draft: _Draft, line: str) -> None:
    if found := _BITMAP.match(line):
        status = found.group(1)
        kept: Bitmap = "kept" if status.startswith("OK") else "none" if status == "not used" else "new"
        # Several disks: one that has to be read as a whole makes the run long.
        draft.bitmap = kept if draft.bitmap in (None, "kept") else draft.bitmap
    elif found := _TRANSFERRED.match(line):
        draft.transferred = _bytes(found.group(1))
    elif found := _UPLOADED.match(line):
        draft.transferred = (draft.transferred or 0) + (_bytes(found.group(1)) or 0)
    elif found := _REUSED.match(line):
        draft.reused = (draft.reused or 0) + (_bytes(found.group(1)) or 0)
    elif (found := _ARCHIVE_SIZE.match(line)) and draft.transferred is None:
        draft.transferred = _bytes(f"{found.group(1)} {found.group(2)}")
    elif found := _EXCLUDED.match(line):
        draft.excluded.append(found.group("disk") or found.group("mount"))


def _run(task: Task, draft: _Draft, first: datetime | None, storage: str | None) -> BackupRun:
    # Where the clocks go back an hour in the night, a later guest can seem to begin before the first.
    offset = max(draft.began - first, timedelta()) if draft.began is not None and first is not None else timedelta()
    duration_s = draft.duration_s
    if duration_s is None and draft.began is not None and draft.ended is not None and draft.ended >= draft.began:
        duration_s = (draft.ended - draft.began).total_seconds()
    reason = draft.reason
    if reason is not None and "exit code" in reason and draft.client_error:
        reason = draft.client_error  # the client said why before its exit code was reported
    if reason is None and not draft.finished:
        reason = "the log ends in the middle of it"
    return BackupRun(
        source=task.source,
        upid=task.upid,
        node=task.node,
        vmid=draft.vmid,
        started_at=task.started_at + offset,
        ok=draft.finished,
        storage=storage,
        duration_s=duration_s,
        reason=None if draft.finished else _generalised(reason or "", draft.vmid),
        transferred_bytes=draft.transferred,
        reused_bytes=draft.reused,
        bitmap=draft.bitmap,
        excluded=tuple(draft.excluded),
    )


def _generalised(reason: str, vmid: int) -> str:
    """`VM 105 qmp command 'backup' failed - …` without the guest's number, so that equal reasons read equal."""
    for prefix in (f"VM {vmid} ", f"CT {vmid} "):
        reason = reason.removeprefix(prefix)
    return reason


def _local(text: str) -> datetime:
    """A time of the node without its zone: only good for distances."""
    return datetime.fromisoformat(text)


def _bytes(text: str) -> int | None:
    """`2.21 GiB` → bytes; None when it is no size."""
    number, _, unit = text.partition(" ")
    try:
        return int(float(number) * _SIZES[unit])
    except (ValueError, KeyError):
        return None


def restored_from(lines: Iterable[str]) -> int | None:
    """The number of the guest whose backup a restore read; None when its log does not tell.

    Samples:
        new volume ID is 'local-zfs:vm-904-disk-0'
        restore proxmox backup image: /usr/bin/pbs-restore --repository … vm/104/2026-11-23T02:00:03Z drive-scsi0.img
        restore vma archive: zstd -q -d -c /mnt/pve/nas/dump/vzdump-qemu-104-2026_11_23-02_00_03.vma.zst | …
        restoring 'pbs-tank:backup/ct/105/2026-11-23T02:00:03Z' now..
    """
    for line in lines:
        if found := _RESTORED.search(line):
            return int(found.group(1))
    return None
