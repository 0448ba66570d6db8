"""The `backups` tool: for every guest the verdict on its backups with the reason, its newest backup, the job that
covers it, its last failure, and what is unseen.

The verdicts are those of `nightshift backups` and of the checks. "No backup" is said only when everything that could
hold one was readable."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import Field

from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.protection.verdict import VERDICTS
from nightshift.tools.backup_states import NO_JOB, UNKNOWN, BackupState, BackupStates
from nightshift.tools.context import ToolContext
from nightshift.tools.kept_copies import kept_copies
from nightshift.tools.names import normalise
from nightshift.tools.newest_backup import left_out_of, newest_backup
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import age_s, iso, table
from nightshift.tools.tasks import with_reasons

COLUMNS = (
    "vmid", "guest", "type", "node", "backup", "last_backup_at", "age_s", "backups", "where", "covered_by",
    "next_run_at", "last_failure_at", "last_failure", "verdict", "reason", "left_out", "restore_tested_at",
    "schedule", "every_s", "key",
)  # fmt: skip
GROUP_COLUMNS = ("datastore", "namespace", "group", "last_backup_at", "age_s", "backups", "owner", "key")
HELD_COLUMNS = ("datastore", "backups_held", "guests", "groups", "backups_of_others")
VERDICT_COLUMNS = ("verdict", "guests")
GUESTS_SHOWN = 200


class BackupsArguments(Arguments):
    guest: str = Field("", description="empty: all")
    datastore: str = ""


async def backups(ctx: ToolContext, arguments: BackupsArguments) -> ToolResult:
    sweep = await ctx.sweep()
    snapshot = sweep.snapshot
    now = ctx.clock()
    if not (snapshot.configured("pve") or snapshot.configured("pbs")):
        gap = Gap("pbs", "backup_groups", "not_configured", "Neither PVE nor PBS is set up, so no backup can be seen.")
        return ToolResult((), gaps=(gap,), note=gap.detail)
    guests = _chosen(snapshot, arguments.guest)
    every = BackupStates(snapshot, await asyncio.to_thread(ctx.sweeper.matrix, sweep))
    states = [every.of(guest) for guest in guests]
    if arguments.datastore:
        _known_datastore(snapshot, arguments.datastore)
        states = [_within(state, arguments.datastore) for state in states]
    gaps = blind_spots(snapshot)
    states = await _explained(ctx, states)
    states.sort(key=lambda state: _worst_first(state, now))
    overview = table(
        _sources(snapshot), "groups of every datastore and namespace, backup jobs, vzdump tasks",
        "Backups of " + (states[0].guest.entity.label if len(states) == 1 else "every guest"),
        COLUMNS, (backup_row(state, now) for state in states),
        taken_at=snapshot.backup_groups.taken_at or snapshot.taken_at, now=now, gaps=gaps, limit=GUESTS_SHOWN,
    )  # fmt: skip
    evidence = [overview]
    if arguments.datastore:
        evidence.append(_held(snapshot, arguments.datastore, now, gaps))
        copies = kept_copies(snapshot, arguments.datastore, now)
        evidence += [copies] if copies is not None else []
    elif not arguments.guest:
        evidence.append(_verdicts(snapshot, states, now, gaps))
    if len(states) == 1 and states[0].groups:
        evidence.append(_groups_table(snapshot, states[0], now))
    if arguments.guest and not arguments.datastore:
        seen_at = snapshot.backup_groups.taken_at or snapshot.taken_at
        evidence.append(newest_backup(states[0].found, _sources(snapshot), seen_at, now))
    return ToolResult(tuple(evidence), gaps=gaps, note=_note(snapshot, states))


def _worst_first(state: BackupState, now: datetime) -> tuple[int, bool, datetime, int]:
    """By verdict; among those of one verdict what has no backup, then the oldest."""
    last = state.last_backup_at
    return (VERDICTS.index(state.found.verdict), last is not None, last or now, state.guest.vmid)


def _verdicts(snapshot: Snapshot, states: Sequence[BackupState], now: datetime, gaps: tuple[Gap, ...]) -> Evidence:
    """How many guests have each verdict, all of them counted, however many are listed."""
    found = Counter(state.found.verdict for state in states)
    return table(
        _sources(snapshot), "the verdicts of `nightshift backups`",
        "Verdicts on the backups of every guest but templates",
        VERDICT_COLUMNS, [(verdict, found[verdict]) for verdict in VERDICTS],
        taken_at=snapshot.backup_groups.taken_at or snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip


def _held(snapshot: Snapshot, datastore: str, now: datetime, gaps: tuple[Gap, ...]) -> Evidence:
    """All that a datastore holds, whosever it is: guests of here, guests that are gone, hosts."""
    groups = [group for group in snapshot.backup_groups if normalise(group.datastore) == normalise(datastore)]
    of_guests = [group for group in groups if group.guest is not None]
    guests = len({group.guest for group in of_guests})
    count = sum(group.backup_count for group in groups)
    row = (datastore, count, guests, len(groups), count - sum(group.backup_count for group in of_guests))
    return table(
        _sources(snapshot), "GET /admin/datastore/*/groups", f"What {datastore} holds", HELD_COLUMNS, [row],
        taken_at=snapshot.backup_groups.taken_at or snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip


def blind_spots(snapshot: Snapshot) -> tuple[Gap, ...]:
    """What keeps the backup picture from being whole."""
    gaps = [*snapshot.backup_groups.gaps, *snapshot.backup_jobs.gaps, *snapshot.datastores.gaps, *snapshot.guests.gaps]
    if snapshot.backup_groups.state == "not_configured":
        detail = "No backup server is set up; archives on PVE storages are not listed, so only task history is seen."
        gaps.append(Gap("pbs", "backup_groups", "not_configured", detail, "Set PBS_URL and PBS_API_TOKEN."))
    return tuple(dict.fromkeys(gaps))


def backup_row(state: BackupState, now: datetime) -> tuple[Cell, ...]:
    """`COLUMNS` of one guest."""
    guest, last, failure = state.guest, state.last_backup_at, state.last_failure
    if state.jobs:
        covered = ", ".join(job.comment or job.id for job in state.jobs)
    else:
        covered = NO_JOB if state.jobs_known else UNKNOWN
    runs = [job.next_run for job in state.jobs if job.next_run]
    rhythms = [entry.interval_s for entry in state.found.covering if entry.interval_s]
    return (
        guest.vmid,
        guest.name,
        "VM" if guest.kind == "qemu" else "CT",
        guest.node,
        state.verdict,
        iso(last),
        age_s(last, now) if last else None,
        (sum(group.backup_count for group in state.groups) if state.within else _count(state)) or None,
        _where(state),
        covered,
        iso(min(runs)) if runs else None,
        iso(failure.started_at) if failure else None,
        (failure.reason or failure.status) if failure else None,
        state.found.verdict,
        state.found.headline or None,
        left_out_of(state.found),
        iso(state.found.tested.at) if state.found.tested else None,
        ", ".join(dict.fromkeys(job.schedule for job in state.jobs if job.schedule)) or None,
        min(rhythms, default=None),
        guest.entity.key,
    )


def _count(state: BackupState) -> int:
    return sum(copy.count for copy in state.found.copies)


def _where(state: BackupState) -> str | None:
    places = dict.fromkeys(
        f"{group.datastore}/{group.namespace}" if group.namespace else group.datastore for group in state.groups
    )
    if places:
        return ", ".join(places)
    if state.within:
        return None
    others = dict.fromkeys(copy.place for copy in state.found.copies)
    return ", ".join(others) or ("task history" if state.last_backup_at else None)


def _chosen(snapshot: Snapshot, name: str) -> list[Guest]:
    if not name:
        return [guest for guest in snapshot.guests if not guest.template]
    entity = EntityIndex.of(snapshot).resolve(name, ("guest",))
    return [guest for guest in snapshot.guests if guest.entity.key == entity.key]


def _known_datastore(snapshot: Snapshot, name: str) -> None:
    names = [datastore.name for datastore in snapshot.datastores]
    if snapshot.datastores.known and normalise(name) not in map(normalise, names):
        raise ToolInputError(f"There is no datastore '{name}'.", f"Datastores: {', '.join(names) or 'none'}.")


def _within(state: BackupState, datastore: str) -> BackupState:
    """The same guest as one datastore sees it: what is elsewhere, and the task history, do not count."""
    wanted = normalise(datastore)
    groups = tuple(group for group in state.groups if normalise(group.datastore) == wanted)
    return replace(state, groups=groups, within=datastore)


async def _explained(ctx: ToolContext, states: Sequence[BackupState]) -> list[BackupState]:
    """The same, with the reasons of the last failures read from the newest of their logs."""
    failures = {state.last_failure.upid: state.last_failure for state in states if state.last_failure}
    newest = sorted(failures.values(), key=lambda task: task.started_at, reverse=True)
    told = {task.upid: task for task in await with_reasons(ctx, newest)}
    return [
        replace(state, last_failure=told[state.last_failure.upid]) if state.last_failure else state for state in states
    ]


def _groups_table(snapshot: Snapshot, state: BackupState, now: datetime) -> Evidence:
    rows = [
        (
            group.datastore,
            group.namespace or "(root)",
            f"{group.backup_type}/{group.backup_id}",
            iso(group.last_backup_at),
            age_s(group.last_backup_at, now),
            group.backup_count,
            group.owner,
            group.key,
        )
        for group in sorted(state.groups, key=lambda group: group.last_backup_at, reverse=True)
    ]
    return table(
        _sources(snapshot), "GET /admin/datastore/*/groups", f"Backup groups of {state.guest.entity.label}",
        GROUP_COLUMNS, rows, taken_at=snapshot.backup_groups.taken_at or snapshot.taken_at, now=now,
    )  # fmt: skip


def _sources(snapshot: Snapshot) -> str:
    return ",".join(source.id for source in snapshot.sources if source.kind in ("pbs", "pve")) or "pbs"


def _note(snapshot: Snapshot, states: Iterable[BackupState]) -> str:
    unclear = [state.guest.entity.label for state in states if state.verdict == UNKNOWN]
    if unclear and snapshot.backup_groups.state != "complete":
        return "Not every place for backups could be read: a guest without a backup here may have one elsewhere."
    if unclear:
        return f"It is not certain whose the backups with these ids are: {', '.join(unclear[:5])}."
    return ""
