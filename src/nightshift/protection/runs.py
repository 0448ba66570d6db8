"""What vzdump did: which runs of a guest failed and why, how often of late, and how the last one compares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median

from nightshift.facts.backup_runs import BackupRun
from nightshift.facts.inventory import BackupJob, Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.protection.verdict import Baseline, Failure

_FEWEST = 4

# The first that occurs in the reason counts.
_SENTENCES = (
    (re.compile(r"ENOSPC|[Nn]o space left", re.ASCII), "the place that it was written to was full"),
    (re.compile(r"could not activate storage|storage .* is not online|is not online"), "its storage could not be used"),
    (re.compile(r"[Nn]o route to host|[Cc]onnection refused|error trying to connect|[Cc]an't connect"),
     "the backup server did not answer"),
    (re.compile(r"permission check failed|permission denied|authentication failed|401 "),
     "the backup server refused the user"),
    (re.compile(r"can't lock file|can't acquire lock|is locked \("), "the guest or the job was locked"),
    (re.compile(r"got timeout|timed? ?out"), "something did not answer in time"),
    (re.compile(r"start failed|QEMU exited"), "the VM could not be started for it"),
    (re.compile(r"unable to find|no such (?:volume|logical volume)|does not exist"), "one of its volumes is missing"),
    (re.compile(r"[Ii]nput/output error|err -5\b|err -61\b|[Nn]o data available"), "a disk of it could not be read"),
    (re.compile(r"interrupted by signal|received interrupt|unexpected status|aborted"), "it was interrupted"),
    (re.compile(r"fingerprint|certificate"), "the certificate of the backup server is not the expected one"),
    (re.compile(r"encrypt|key"), "the encryption key could not be used"),
)  # fmt: skip
_LONG = 200
_CHUNK = re.compile(r"(?:\b[0-9a-f]{4}/)?\b[0-9a-f]{32,}[\w.]*")


def sentence(reason: str) -> str:
    """A reason in words, followed by the log's own: `its storage could not be used (could not activate …)`.

    Names of chunks are left out, so that what failed for one reason reads the same; a long text is cut around the words
    that tell it, which PBS writes last:
        inserting chunk on store 'tank' failed for 3077956e… - mkstemp "/mnt/…/.chunks/3077/3077956e….tmp" failed:
        ENOSPC: No space left on device
    """
    told = _CHUNK.sub("…", " ".join(reason.split()))
    found = next(((words, match) for pattern, words in _SENTENCES if (match := pattern.search(told))), None)
    if found is None:
        return _cut(told, 0)
    words, match = found
    return f"{words} ({_cut(told, match.end())})"


def _cut(text: str, shown: int) -> str:
    """At most `_LONG` characters of a text, those up to `shown` among them: its beginning, else what comes last."""
    if len(text) <= _LONG:
        return text
    if shown <= _LONG - 1:
        return f"{text[: _LONG - 1].rstrip()}…"
    return f"…{text[shown - _LONG + 2 : shown].lstrip()}{'…' if shown < len(text) else ''}"


@dataclass(frozen=True)
class Runs:
    """The runs of vzdump in a snapshot, asked guest by guest."""

    snapshot: Snapshot

    @cached_property
    def _read(self) -> frozenset[str]:
        return frozenset(log.upid for log in self.snapshot.backup_runs)

    @cached_property
    def _by_guest(self) -> Mapping[tuple[str, int], tuple[BackupRun, ...]]:
        """The runs of each guest by source and vmid, newest first: from logs, else from the tasks themselves."""
        found: dict[tuple[str, int], list[BackupRun]] = {}
        for log in self.snapshot.backup_runs:
            for run in log.runs:
                found.setdefault((run.source, run.vmid), []).append(run)
        for task in self.snapshot.tasks:
            if task.worker_type == "vzdump" and task.upid not in self._read:
                for run in _of_task(task):
                    found.setdefault((run.source, run.vmid), []).append(run)
        return {key: tuple(sorted(runs, key=_started, reverse=True)) for key, runs in found.items()}

    @cached_property
    def _given_up(self) -> Mapping[tuple[str, str], tuple[BackupRun, ...]]:
        """Tasks that gave up before any guest, by source and node, as runs of nobody (vmid 0)."""
        found: dict[tuple[str, str], list[BackupRun]] = {}
        for log in self.snapshot.backup_runs:
            if log.error is not None and not log.runs:
                run = BackupRun(
                    log.source, log.upid, log.node, 0, log.started_at, ok=False, storage=log.storage, reason=log.error
                )
                found.setdefault((log.source, log.node), []).append(run)
        for task in self.snapshot.tasks:
            unread = task.worker_type == "vzdump" and task.outcome == "failed" and task.upid not in self._read
            if unread and not task.worker_id and not task.failed_vmids:
                found.setdefault((task.source, task.node), []).append(_run(task, 0, ok=False))
        return {key: tuple(runs) for key, runs in found.items()}

    @cached_property
    def running(self) -> frozenset[tuple[str, str]]:
        """Nodes (source, name) on which a backup is under way."""
        tasks = self.snapshot.tasks
        return frozenset(
            (task.source, task.node) for task in tasks if task.worker_type == "vzdump" and task.outcome == "running"
        )

    @cached_property
    def storages_used(self) -> frozenset[tuple[str, str]]:
        """Storages (source, name) that some known run wrote to."""
        runs = (run for runs in self._by_guest.values() for run in runs)
        return frozenset((run.source, run.storage) for run in runs if run.storage is not None)

    @cached_property
    def known_since(self) -> Mapping[str, datetime]:
        """From when on every run of a cluster is known, guest by guest. A cluster is left out when its tasks are not
        wholly known, or when nothing was read of them."""
        tasks = self.snapshot.tasks
        if not tasks.known:
            return {}
        blind = {gap.source for gap in tasks.gaps}
        since: dict[str, datetime] = {}
        for task in tasks:
            if task.source not in blind:
                since[task.source] = min(task.started_at, since.get(task.source, task.started_at))
        for log in self.snapshot.backup_runs:
            if log.source in since:
                since[log.source] = min(log.started_at, since[log.source])
        for task in tasks:
            multi = task.worker_type == "vzdump" and not task.worker_id and task.upid not in self._read
            if multi and task.outcome != "running" and task.source in since:
                since[task.source] = max(since[task.source], task.started_at + timedelta(seconds=1))
        return since

    def of(self, guest: Guest, jobs: Iterable[BackupJob] = ()) -> tuple[BackupRun, ...]:
        """The known runs of a guest, newest first, with those of its jobs that gave up before they came to it."""
        own = self._by_guest.get((guest.source, guest.vmid), ())
        given_up = self._given_up.get((guest.source, guest.node), ())
        if not given_up:
            return own
        storages = {job.storage for job in jobs}
        missed = (run for run in given_up if run.storage is None or run.storage in storages)
        return tuple(sorted((*own, *(missed if storages else ())), key=_started, reverse=True))


def _started(run: BackupRun) -> datetime:
    return run.started_at


def _of_task(task: Task) -> Iterable[BackupRun]:
    """The runs that a task tells without its log."""
    if task.outcome == "running" or task.outcome == "unknown":
        return
    if task.worker_id.isdigit():
        yield _run(task, int(task.worker_id), ok=task.outcome in ("ok", "warnings"))
        return
    for vmid in task.failed_vmids:
        yield _run(task, vmid, ok=False)


def _run(task: Task, vmid: int, *, ok: bool) -> BackupRun:
    return BackupRun(
        task.source,
        task.upid,
        task.node,
        vmid,
        task.started_at,
        ok=ok,
        storage=task.storage,
        duration_s=task.duration_s if task.worker_id else None,
        reason=None if ok else task.reason or task.status,
    )


def last_success(runs: Iterable[BackupRun]) -> BackupRun | None:
    """The newest run that went well."""
    return next((run for run in runs if run.ok), None)


def failure_of(
    runs: tuple[BackupRun, ...], last_backup_at: datetime | None, now: datetime, lately: timedelta
) -> Failure | None:
    """The last run that failed within `lately`; it is open when neither a run nor a backup succeeded after it."""
    recent = [run for run in runs if now - run.started_at <= lately]
    last = next((run for run in recent if not run.ok), None)
    if last is None:
        return None
    good = last_success(recent)
    made_good = (good is not None and good.started_at > last.started_at) or (
        last_backup_at is not None and last_backup_at > last.started_at
    )
    return Failure(
        at=last.started_at,
        reason=sentence(last.reason or "the task history gives no reason"),
        node=last.node,
        upid=last.upid,
        storage=last.storage,
        open=not made_good,
        failed=sum(not run.ok for run in recent),
        runs=len(recent),
    )


def baseline_of(runs: Iterable[BackupRun]) -> Baseline | None:
    """The last run that went well against four before it, to the same storage; None when no duration is known."""
    good = [run for run in runs if run.ok and run.duration_s is not None]
    if not good:
        return None
    last, *others = good
    before = [run for run in others if run.storage == last.storage]
    durations = [run.duration_s for run in before if run.duration_s is not None]
    sent = [run.transferred_bytes for run in before if run.transferred_bytes is not None]
    return Baseline(
        duration_s=last.duration_s or 0.0,
        usual_duration_s=median(durations) if len(durations) >= _FEWEST else None,
        transferred_bytes=last.transferred_bytes,
        usual_transferred_bytes=int(median(sent)) if len(sent) >= _FEWEST else None,
        bitmap_lost=last.bitmap == "new" and any(run.bitmap == "kept" for run in before),
        node=last.node,
        upid=last.upid,
    )
