"""Physical disks: what was asked of them, what is wrong with which, and which one to pull."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural
from nightshift.agent.builtin.words.attributes import OF_A_DISK, Attribute, asked
from nightshift.agent.builtin.writers.attributes import value_of
from nightshift.agent.builtin.writers.disk_lost import disk_lost
from nightshift.agent.builtin.writers.findings import graded
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.which_disks import KINDS, in_order, is_ill, is_named, meant, of_the_pool, serious
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.tools.render import format_value

SHOWN = 12
NAMED = 4
_NOUNS = {"hdd": "hard disk", "ssd": "SSD", "nvme": "NVMe disk", "usb": "USB stick"}


def disks(story: Story) -> str:
    """What was asked first; then the findings, which name the disk; without any, what was looked at."""
    table = story.table("disks", "disk", "serial")
    if table is None or (not table.rows and table.gaps):
        return "\n\n".join(filter(None, ("The disks could not be read.", not_seen(story.gaps("disks")))))
    rows = meant(story, in_order(story, story.rows(table)))
    if not rows:
        return f"I see no disk that fits{cite(table)}."
    alone = _asked_alone(story, rows, table)
    if alone:
        return "\n\n".join(filter(None, (alone, not_seen(story.gaps("disks")))))
    wanted = asked(story.question.concepts, OF_A_DISK)
    parts = [_attributes(story, rows, wanted, table)] if wanted else []
    parts = [_over_a_time(story, rows, table), *parts]
    counted = "@disk_count" in story.question.concepts and (serious(story) or not story.question.has("FINE", "WRONG"))
    if counted:
        parts = [_counted(story, rows, table)]
    found = _findings(story, table, rows)
    parts.insert(0, _of_pulling(story, rows, table))
    parts.append(found or ("" if wanted or counted else _nothing_found(story, rows, table)))
    if not wanted and not counted and (not found or story.question.has("LIST", "STATE")):
        parts.append(bullet(_line(row) for row in rows[:SHOWN]))
    parts.append(not_seen(story.gaps("disks")))
    return "\n\n".join(filter(None, parts))


def _asked_alone(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """What is asked of disks that is no figure of theirs, and that no finding belongs to; empty for anything else."""
    question = story.question
    if question.has("@disk_lost"):
        return disk_lost(story, rows, table)
    if question.has("@members"):
        return _members(story, [row for row in story.rows(table) if row.known("pool")], table)
    if question.has("SPARE"):
        return _spare([row for row in rows if not any(is_named(f, row) for f in serious(story))], table)
    return _raw_size(rows, table) if question.has("@raw_size") else ""


_HOW = {"min": "lowest", "avg": "average"}


def _over_a_time(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """The temperatures of these disks within the time that was asked about."""
    item = next((item for item in story.evidence("promql", "rows") if item.rows), None)
    if item is None or story.question.span is None:
        return ""
    named = {(row.show("node"), row.show("path").rpartition("/")[2]): row.show("disk") for row in rows}
    told = []
    for row in story.rows(item):
        node, device, heat = row.show("instance").partition(":")[0], row.show("device"), row.number("value")
        disk = named.get((node, device))
        told += [f"{disk} ({device} on {node}): {heat:g} °C"] if disk and heat is not None else []
    how = _HOW.get(item.title.removeprefix("sort_desc(").partition("_over_time(")[0], "highest")
    head = f"Temperature {story.question.span.text}, the {how} of each{cite(item, table)}"
    return f"{head}:\n{bullet(told[:SHOWN])}" if told else ""


def _counted(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """How many there are, of the kind that was asked for."""
    words = set(story.question.content)
    asked_for = {noun: kinds for word, noun, kinds in KINDS if word in words}
    noun, kinds = asked_for.popitem() if len(asked_for) == 1 else ("physical disk", ())
    ill = [row for row in rows if any(is_named(finding, row) for finding in serious(story))]
    if ill and story.question.has("FINE", "WRONG", "FAIL"):
        return f"Something is wrong with {len(ill)} of {plural(table.total, 'disk')}{cite(table)}."
    found = [row for row in rows if not kinds or row.get("kind") in kinds]
    of_each = Counter(_NOUNS.get(row.show("kind"), row.show("kind")) for row in found)
    split = (
        "" if kinds or len(of_each) < 2 else f" ({joined([plural(count, kind) for kind, count in of_each.items()])})"
    )
    counted = f"{plural(len(found) if kinds else table.total, noun)}{split}"
    return f"{counted[0].upper()}{counted[1:]}{cite(table)}" + (
        f":\n{bullet(map(_line, found))}" if 0 < len(found) <= SHOWN else "."
    )


def _raw_size(rows: Sequence[Row], table: Evidence) -> str:
    """What the disks hold by themselves, before mirrors and file systems."""
    sizes = [size for row in rows if (size := row.number("size_bytes")) is not None]
    untold = f"; of {len(rows) - len(sizes)} the size is not known" if len(sizes) < len(rows) else ""
    total = format_value(sum(sizes), "bytes")
    head = f"{plural(len(sizes), 'physical disk')} hold {total} raw in all{cite(table)}{untold}"
    return f"{head}:\n{bullet(map(_line, rows[:SHOWN]))}"


def _members(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """The disks of a pool with the state of each: `which one is the other half of the mirror?`"""
    rows = of_the_pool(story.question, list(rows))
    pools: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        pools.setdefault((row.show("pool"), row.show("node")), []).append(row)
    if not pools:
        return f"Of no disk that I see it is known that a ZFS pool has it{cite(table)}."
    nodes = {node.label for node in story.question.of_kind("node")}
    pools = {place: members for place, members in pools.items() if place[1] in nodes} or pools
    ill = {place for place, members in pools.items() if any(is_ill(row) for row in members)}
    named = story.question.of_kind("pool", "node")
    meant = {place: members for place, members in pools.items() if named or place in ill or not ill}
    lines = []
    for (pool, node), members in meant.items():
        told = joined([f"{one_line(row.show('disk'))} ({row.show('path')}, serial {row.show('serial')}) {_state(row)}"
                       for row in sorted(members, key=is_ill)])  # fmt: skip
        lines.append(f"{pool} on {node} is made of {told}{cite(table)}.")
    return "\n".join(lines)


def _state(row: Row) -> str:
    return row.show("pool_state") if row.known("pool_state") else "of a state that is not told"


def _spare(rows: Sequence[Row], table: Evidence) -> str:
    """Disks on which PVE sees nothing; that somebody has no other use for them it cannot tell."""
    free = [row for row in rows if not row.known("used_for") and not row.known("pool")]
    if not free:
        return f"No: of {plural(len(rows), 'disk')} none is without use by what PVE sees of them{cite(table)}."
    head = f"Yes, by what PVE sees: {plural(len(free), 'disk')} with nothing on {'it' if len(free) == 1 else 'them'}"
    return f"{head}{cite(table)}:\n{bullet(map(_line, free))}"


_COUNTED = {
    "errors in its pool": ("read_errors", "write_errors", "checksum_errors"),
    "bad sectors": ("reallocated", "pending", "uncorrectable", "media_errors"),
}


def _any_errors(story: Story, rows: Sequence[Row], wanted: Sequence[Attribute], table: Evidence) -> str:
    """`Any bad sectors?`: yes or no over the disks that tell."""
    bound = story.question.bound
    if len(rows) > 1 and story.question.has("MOST", "LEAST") and len(wanted) == 1:
        value = value_of(rows[0], wanted[0])  # `which disk is worn most?`: they are in that order
        return f"{_name(rows[0])}: {wanted[0].noun} {value}{cite(table)}. "
    if bound is not None and story.question.has("HEAT"):
        heats = [heat for row in rows if (heat := row.number("temperature_celsius")) is not None]
        return f"{'Yes' if any(map(bound.holds, heats)) else 'No'}{cite(table)}. " if heats else ""
    columns = [column for attribute in wanted for column in _COUNTED.get(attribute.noun, ())]
    known = [row for row in rows if any(row.known(column) for column in columns)]
    if not known or not (wants_yes_or_no(story.question.text) or re.search(r"\bany\b", story.question.text.lower())):
        return ""
    ill = [row for row in known if any(row.number(column) for column in columns)]
    if ill:
        return f"Yes, on {joined([_name(row) for row in ill], NAMED)}{cite(table)}. "
    return f"No, none on the {plural(len(known), 'disk')} that tell{'s' if len(known) == 1 else ''} it{cite(table)}. "


def _attributes(story: Story, rows: Sequence[Row], wanted: Sequence[Attribute], table: Evidence) -> str:
    """`Serial of WD Red (/dev/nvme1n1 on pve1): BB22`; a line for each disk when there are several."""
    head = joined([attribute.noun for attribute in wanted])
    head = f"{head[0].upper()}{head[1:]}"
    verdict = _any_errors(story, rows, wanted, table)
    told = [(row, "; ".join(value_of(row, attribute) for attribute in wanted)) for row in rows[:SHOWN]]
    if len(told) == 1:
        row, value = told[0]
        return f"{verdict}{head} of {_name(row)}: {value}{cite(table)}."
    more = "" if table.total <= SHOWN else f"\nand {table.total - SHOWN} more."
    return (
        f"{verdict}{head} of {plural(len(rows), 'disk')}{cite(table)}:\n"
        + bullet(f"{_name(r)}: {v}" for r, v in told)
        + more
    )


def _name(row: Row) -> str:
    state = f", {row.show('pool_state')} in pool {row.show('pool')}" if is_ill(row) else ""
    return f"{one_line(row.show('disk'))} ({row.show('path')} on {row.show('node')}{state})"


def _of_pulling(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """`Can I pull 2234AB801234?`: whether that one is the disk that fails, first."""
    if story.question.has("WRONG") or not (
        story.question.has("PULL", "SAFE") and story.question.of_kind("disk") and len(rows) == 1
    ):
        return ""
    row = rows[0]
    serial = row.show("serial")
    found = serious(story)
    if any(serial in f"{finding.title} {finding.entity.label} {finding.entity.key}" for finding in found):
        return f"{_name(row)} is the disk that is wrong{cite(table)}."
    used = f"it is in pool {row.show('pool')}" if row.known("pool") else "what uses it I cannot tell"
    left = "; another disk of that pool is wrong already" if found and row.known("pool") else ""
    return f"No, not {_name(row)}: nothing is known to be wrong with it, and {used}{left}{cite(table)}."


def _where_it_is(finding: Finding, rows: Sequence[Row]) -> str:
    """What is lost with a disk that fails."""
    row = next((row for row in rows if finding.entity.kind == "disk" and row.get("key") == finding.entity.key), None)
    if row is None:
        return ""
    if row.known("pool"):
        return f" It is in pool {row.show('pool')}."
    return " It is in no pool that I can see; whether a guest or a storage uses it directly I cannot tell."


def _findings(story: Story, table: Evidence, rows: Sequence[Row]) -> str:
    found = serious(story)
    if story.question.of_kind("disk"):
        found = [finding for finding in found if any(is_named(finding, row) for row in rows)]
    beside = [row for row in story.rows(table) if row not in rows]
    found = [finding for finding in found if not any(is_named(finding, row) for row in beside)]
    if not found:
        return ""
    listed = story.table("disks", "finding", "remedy")
    lines = [f"{graded(finding)}. {one_line(finding.detail)}{_where_it_is(finding, rows)}" for finding in found[:5]]
    return f"Wrong with disks and pools{cite(table, listed)}:\n{bullet(lines)}\n\nDo: {one_line(found[0].remedy)}"


def _nothing_found(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """No finding is good news only of disks whose SMART values were read."""
    unread = [row for row in rows if not row.known("health")]
    if len(unread) == len(rows):
        whose = "this disk" if len(rows) == 1 else f"any of these {len(rows)} disks"
        return f"I cannot tell whether {whose} is well: no SMART values are known{cite(table)}."
    rest = f"; of {len(unread)} no SMART values are known, so of that I cannot tell" if unread else ""
    rest += f": {joined([_name(row) for row in unread], NAMED)}" if unread else ""
    if story.question.has("PULL"):
        return f"No disk has to be pulled: {plural(len(rows), 'disk')}, and nothing wrong{cite(table)}{rest}."
    return f"Nothing is known to be wrong with {plural(len(rows) - len(unread), 'disk')}{cite(table)}{rest}."


def _line(row: Row) -> str:
    facts = [f"{row.show('path')} on {row.show('node')}"]
    for column, text in (
        ("serial", "serial {}"),
        ("size_bytes", "{}"),
        ("pool", "in pool {}"),
        ("used_for", "used for {}"),
        ("health", "SMART {}"),
        ("wear_left_fraction", "{} of its endurance left"),
        ("temperature_celsius", "{} °C"),
    ):
        if row.known(column):
            facts.append(text.format(row.show(column)))
    return f"{one_line(row.show('disk'))}: {', '.join(facts)}"
