"""Everything that is known about one thing: entities of any kind, disks, and findings by fingerprint or words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding, Remembered
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.context import ToolContext
from nightshift.tools.entity import EntityArguments, entity
from nightshift.tools.known import known
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import ToolResult
from nightshift.tools.tables import iso, table

HISTORY_COLUMNS = ("fingerprint", "check", "severity", "title", "first_seen_at", "last_seen_at", "resolved_at", "ack")
_SHORTEST_FINGERPRINT = 4


async def show(ctx: ToolContext, name: str, history: Mapping[str, Remembered]) -> ToolResult:
    """What is known about `name`. Raises ToolInputError when it names nothing, or more than one thing.

    A finding is looked for first by its fingerprint (four digits are enough), then entities by name, then disks by
    serial number or path, then findings by words of their title.
    """
    sweep = await ctx.sweep()
    found = _by_fingerprint(sweep.findings, history, name)
    if found:
        return _finding(ctx, found, history)
    disk = _disk(sweep.snapshot, name)
    if disk is not None:
        return _disk_result(ctx, sweep.snapshot, sweep.findings, disk, history)
    try:
        named = EntityIndex.of(sweep.snapshot).resolve(name)
    except ToolInputError:
        told = _by_words(sweep.findings, name)
        if len(told) != 1:
            raise
        return _finding(ctx, told[0], history)
    result = await entity(ctx, EntityArguments(name=named.key))
    more = known(sweep.snapshot, named, ctx.clock())
    past = _history(ctx.clock(), named.label, history, (named.key,))
    return ToolResult((*result.evidence, *more, *past), result.findings, result.gaps, result.note)


def _by_fingerprint(findings: Iterable[Finding], history: Mapping[str, Remembered], text: str) -> Finding | None:
    wanted = text.strip().lower()
    if len(wanted) < _SHORTEST_FINGERPRINT:
        return None
    present = [finding for finding in findings if finding.fingerprint.startswith(wanted)]
    past = [item.finding for item in history.values() if item.fingerprint.startswith(wanted)]
    return next(iter((*present, *past)), None)


def _by_words(findings: Iterable[Finding], text: str) -> Sequence[Finding]:
    words = text.lower().split()
    return [item for item in findings if words and all(word in f"{item.check} {item.title}".lower() for word in words)]


def _finding(ctx: ToolContext, finding: Finding, history: Mapping[str, Remembered]) -> ToolResult:
    past = _history(ctx.clock(), finding.entity.label, history, (finding.entity.key,))
    return ToolResult((*finding.evidence, *past), (finding,))


def _disk(snapshot: Snapshot, name: str) -> Entity | None:
    wanted = name.strip().lower()
    for disk in snapshot.disks:
        names = (disk.serial, disk.path, f"{disk.node}:{disk.path}", disk.entity.key)
        if wanted in {text.lower() for text in names if text}:
            return disk.entity
    return None


def _disk_result(
    ctx: ToolContext,
    snapshot: Snapshot,
    findings: Iterable[Finding],
    disk: Entity,
    history: Mapping[str, Remembered],
) -> ToolResult:
    own = tuple(finding for finding in findings if finding.entity.key == disk.key)
    now = ctx.clock()
    evidence = (*known(snapshot, disk, now), *(item for finding in own for item in finding.evidence))
    return ToolResult((*evidence, *_history(now, disk.label, history, (disk.key,))), own, snapshot.disks.gaps)


def _history(now: datetime, label: str, history: Mapping[str, Remembered], keys: Sequence[str]) -> tuple[Evidence, ...]:
    """What was wrong with it before, newest first."""
    past = sorted(
        (item for item in history.values() if item.finding.entity.key in keys),
        key=lambda item: item.last_seen,
        reverse=True,
    )
    if not past:
        return ()
    rows = (
        (
            item.fingerprint,
            item.finding.check,
            item.finding.severity,
            item.finding.title,
            iso(item.first_seen),
            iso(item.last_seen),
            iso(item.resolved_at),
            f"{item.finding.ack.kind} by {item.finding.ack.by}" if item.finding.ack else None,
        )
        for item in past
    )
    return (
        table(
            "store",
            "history of findings",
            f"Findings of {label} over time",
            HISTORY_COLUMNS,
            rows,
            taken_at=now,
            now=now,
        ),
    )
