"""The backup matrix as people read it: a table, the whole of one guest, Markdown, and the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import click

from nightshift.cli.markup import cell as markdown_cell
from nightshift.cli.markup import literal
from nightshift.cli.screen import paragraph, printable, styled, table
from nightshift.errors import ToolInputError
from nightshift.facts.inventory import Guest, guests_in_words
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_bytes, format_time
from nightshift.protection import Matrix, Protection
from nightshift.protection.change import Change
from nightshift.protection.verdict import VERDICTS, Copy
from nightshift.tools.resolve import EntityIndex

_COLORS = {"unprotected": "red", "unknown": "magenta", "at risk": "yellow", "protected": "green", "excluded": "cyan"}
COLUMNS = ("verdict", "guest", "last backup", "where", "reason")
_TOLD_BELOW = ("unprotected", "unknown", "at risk")
_GUESTS_NAMED = 12
_BLIND_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of the matrix is shown."""

    protections: tuple[Protection, ...]

    @classmethod
    def of(cls, snapshot: Snapshot, matrix: Matrix, *, verdicts: Iterable[str] = (), guest: str | None = None,
           datastore: str | None = None, node: str | None = None) -> Chosen:  # fmt: skip
        """By verdict, guest, datastore and node; the worst first. Raises click.UsageError for a name of nothing."""
        wanted = frozenset(verdict.replace("-", " ") for verdict in verdicts)
        items = [item for item in matrix.protections if not wanted or item.verdict in wanted]
        if guest:
            key = guest_named(snapshot, guest).entity.key
            items = [item for item in items if item.entity.key == key]
        if datastore:
            known = {name for item in matrix.protections for copy in item.copies for name in _names(copy)}
            if datastore not in known:
                raise click.UsageError(f"--datastore: no backup is in {datastore}. Known: {', '.join(sorted(known))}")
            items = [item for item in items if any(datastore in _names(copy) for copy in item.copies)]
        if node:
            nodes = {item.guest.node for item in matrix.protections if item.guest is not None}
            if node not in nodes:
                raise click.UsageError(f"--node: no guest is on {node}. Nodes: {', '.join(sorted(nodes))}")
            items = [item for item in items if item.guest is not None and item.guest.node == node]
        items.sort(key=lambda item: VERDICTS.index(item.verdict))
        return cls(tuple(items))


def _names(copy: Copy) -> tuple[str, ...]:
    """A copy's place, and the datastore or storage that it is in."""
    return copy.place, copy.container.rpartition("/")[2]


def guest_named(snapshot: Snapshot, name: str) -> Guest:
    """The guest of that name, vmid or `source/vmid`. Raises click.UsageError when it is none, or several."""
    source, _, number = name.partition("/")
    exact = [guest for guest in snapshot.guests if (guest.source, str(guest.vmid)) == (source, number)]
    if exact:
        return exact[0]
    try:
        entity = EntityIndex.of(snapshot).resolve(name, ("guest",))
    except ToolInputError as error:
        raise click.UsageError(str(error)) from error
    return next(guest for guest in snapshot.guests if guest.entity.key == entity.key)


def matrix_lines(matrix: Matrix, chosen: Chosen, zone: tzinfo) -> Iterator[str]:
    """The summary, the table, what belongs to nobody, and last what could not be seen."""
    yield styled(summary(matrix, zone), bold=True)
    if chosen.protections:
        yield ""
        rows = [_row(item, matrix) for item in chosen.protections]
        below = [item.verdict in _TOLD_BELOW for item in chosen.protections]
        cut = [(*row[:-1], "") if told else row for row, told in zip(rows, below, strict=True)]
        head, *lines = table(COLUMNS, cut).split("\n")
        yield head
        told_last = ""
        for item, line in zip(chosen.protections, lines, strict=True):
            yield line.replace(item.verdict, styled(item.verdict, fg=_COLORS[item.verdict]), 1)
            if item.verdict in _TOLD_BELOW:  # whole, where the table might have cut it
                yield paragraph(item.headline if item.headline != told_last else "As above.", indent="      ")
            told_last = item.headline
    yield from _orphan_lines(matrix)
    yield from _blind_lines(matrix)


def summary(matrix: Matrix, zone: tzinfo) -> str:
    """`2 unprotected, 1 at risk, 43 protected · 43 guests, 2 templates and 1 host · 2026-11-23 08:00 CET`."""
    counted = ", ".join(f"{count} {verdict}" for verdict, count in matrix.counts.items() if count)
    of = f" · {_of_whom(matrix)}" if counted else ""
    return f"{counted or 'No guest could be seen'}{of} · {format_time(matrix.taken_at, zone)}"


def _of_whom(matrix: Matrix) -> str:
    guests = [item.guest for item in matrix.protections if item.guest is not None]
    hosts = len(matrix.protections) - len(guests)
    if matrix.unlisted:
        return "not all guests could be listed"
    words = guests_in_words(guests)
    return f"{words.replace(' and', ',')} and {hosts} host{'' if hosts == 1 else 's'}" if hosts else words


def _row(item: Protection, matrix: Matrix) -> tuple[str, ...]:
    last = format_age(item.last_at, matrix.taken_at) if item.last_at else "never seen"
    return item.verdict, _label(item, matrix), last, _where(item), item.headline


def _label(item: Protection, matrix: Matrix) -> str:
    """The guest's name; with its cluster where there are several, since they may call theirs alike."""
    if item.guest is None or len(matrix.clusters) < 2:
        return item.entity.label
    return f"{item.guest.source}: {item.entity.label}"


def _where(item: Protection) -> str:
    return ", ".join(f"{copy.place} ×{copy.count}{_mark(copy)}" for copy in item.copies) or "–"


def _mark(copy: Copy) -> str:
    """`✓` verified, `✗` failed verification; nothing where nobody looked."""
    return "" if copy.verified is None else " ✓" if copy.verified else " ✗"


def _orphan_lines(matrix: Matrix) -> Iterator[str]:
    mine = [orphan for orphan in matrix.orphans if not orphan.foreign]
    foreign = len(matrix.orphans) - len(mine)
    if not matrix.orphans:
        return
    yield ""
    if mine:
        size = sum(orphan.size_bytes or 0 for orphan in mine)
        held = f", {format_bytes(size)} before deduplication" if size else ""
        names = ", ".join(
            _orphan_name(orphan.group.backup_type, orphan.group.backup_id, orphan.name) for orphan in mine[:8]
        )
        rest = f" and {len(mine) - 8} more" if len(mine) > 8 else ""
        yield paragraph(f"Of guests that are gone: {_groups(len(mine))}{held}: {names}{rest}.")
    if foreign:
        yield paragraph(f"Of clusters that are not watched here: {_groups(foreign)}.")


def _groups(count: int) -> str:
    return f"{count} group{'' if count == 1 else 's'}"


def _orphan_name(kind: str, number: str, name: str | None) -> str:
    return f"{kind}/{number} ({name})" if name else f"{kind}/{number}"


def _blind_lines(matrix: Matrix) -> Iterator[str]:
    told = {(gap.source, gap.detail): gap.fix for gap in reversed(matrix.blind)}
    if not told:
        return
    yield ""
    yield styled("Not seen:", bold=True)
    every = list(reversed(told.items()))
    for (source, detail), fix in every[:_BLIND_SHOWN]:
        yield paragraph(f"{source}: {detail}{f' → {fix}' if fix else ''}", indent="  ")
    if len(every) > _BLIND_SHOWN:
        yield f"  … and {len(every) - _BLIND_SHOWN} more"


def guest_lines(matrix: Matrix, chosen: Chosen, zone: tzinfo) -> Iterator[str]:
    """All that is known of a guest's backups."""
    for item in chosen.protections:
        yield styled(printable(f"{item.entity.label}: {item.verdict}"), fg=_COLORS[item.verdict], bold=True)
        for reason in item.reasons:
            yield paragraph(reason.text, indent="  ", first="" if reason.weight == "remark" else "! ")
        for entry in item.covering:
            next_run = f", next run {format_time(entry.job.next_run, zone)}" if entry.job.next_run else ""
            name = entry.job.comment or entry.job.id
            yield paragraph(f"Job {name} to {entry.job.storage or '?'}: {entry.state}{next_run}", indent="  ")
        for copy in item.copies:
            yield from _copy_lines(copy, zone)
        if item.tested is not None:
            yield paragraph(f"Restore tried {format_age(item.tested.at, matrix.taken_at)} ({item.tested.kind}, by "
                            f"{item.tested.by}). {item.tested.note}".rstrip(), indent="  ")  # fmt: skip
        for detail in dict.fromkeys(gap.detail for gap in item.blind):
            yield paragraph(f"Not seen: {detail}", indent="  ")


def _copy_lines(copy: Copy, zone: tzinfo) -> Iterator[str]:
    checked = {None: "not verified", True: "verified", False: "failed verification"}[copy.verified]
    size = f", {format_bytes(copy.size_bytes)}" if copy.size_bytes is not None else ""
    oldest = f", the oldest of {format_time(copy.oldest_at, zone)}" if copy.oldest_at and copy.count > 1 else ""
    encrypted = ", encrypted" if copy.encrypted else ""
    keep = f", prune job keeps {copy.keep}" if copy.keep else ""
    away = f", cannot be read now: {copy.offline}" if copy.offline else ""
    yield paragraph(
        f"{copy.place}: {format_time(copy.newest_at, zone)}{size}, {checked}{encrypted}; {copy.count} "
        f"kept{oldest}{keep}; "
        f"lies: {copy.domain}{away}",
        indent="  ",
    )


def markdown_lines(matrix: Matrix, chosen: Chosen, zone: tzinfo) -> Iterator[str]:
    """The matrix as a Markdown table."""
    yield f"**{literal(summary(matrix, zone))}**"
    yield ""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{' --- |' * len(COLUMNS)}"
    for item in chosen.protections:
        yield f"| {' | '.join(markdown_cell(value) for value in _row(item, matrix))} |"
    if matrix.blind:
        yield ""
        yield "Not seen:"
        yield ""
        for gap in matrix.blind:
            yield f"- {literal(f'{gap.source}: {gap.detail}')}"


def plan_lines(changes: tuple[Change, ...], matrix: Matrix) -> Iterator[str]:
    """The changes, numbered, with their commands."""
    if matrix.unlisted:
        yield "This is no whole plan: not all guests could be listed."
        yield from _blind_lines(matrix)
        yield ""
    elif not changes:
        yield "Nothing has to change: every guest that could be seen is protected, or left out on purpose."
    if not changes:
        return
    yield styled("Read before you run: Nightshift runs none of this.", bold=True)
    for number, change in enumerate(changes, 1):
        yield ""
        yield styled(paragraph(change.what, first=f"{number}. "), bold=True)
        yield paragraph(change.why, indent="   ")
        names = [entity.label for entity in change.mends]
        rest = f" and {len(names) - _GUESTS_NAMED} more" if len(names) > _GUESTS_NAMED else ""
        yield paragraph(f"For {', '.join(names[:_GUESTS_NAMED])}{rest}.", indent="   ")
        if change.commands:
            yield printable(f"   On {change.where}:")
        for command in change.commands:
            yield printable(f"     {command}")


def plan_to_json(changes: tuple[Change, ...]) -> dict[str, Any]:
    """The plan as JSON values."""
    return {
        "schema": 1,
        "changes": [
            {
                "what": change.what,
                "why": change.why,
                "mends": [{"key": entity.key, "label": entity.label} for entity in change.mends],
                "where": change.where,
                "commands": list(change.commands),
            }
            for change in changes
        ],
    }
