"""What is held against each other, in one sentence: by how much, and how many times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nightshift.agent.builtin.names.devices import devices_in
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, cite, one_line
from nightshift.agent.builtin.times.spans import TimeSpan
from nightshift.facts.evidence import Evidence, Stats
from nightshift.facts.units import format_number, from_epoch
from nightshift.tools.metrics import HOURS
from nightshift.tools.render import format_value

TO_COMPARE = 2
_SHARE_ASKED = re.compile(r"\bpercent\w*|\bper cent\b|%|\bpct\b|\bshare\b|\bfull(?:er|est)\b", re.IGNORECASE)
_ROOM = re.compile(r"\b(?:room|headroom|space|spare|free)\b", re.IGNORECASE)
LATE_SHARE = 0.1
"""Of a window whose first sample comes later than this share of it, a part was not kept."""
TIMES_FLOOR = 1.2
# Of which figure it is, the first that the question asks for: its concepts, its columns, and what is said of it.
_FIGURES: Sequence[tuple[frozenset[str], tuple[str, ...], str, str]] = (
    (frozenset({"BACKUP", "@kept"}), ("backups",), "", "has more backups"),
    (frozenset({"WEAR"}), ("wear_left_fraction",), "fraction", "has more endurance left"),
    (frozenset({"POWER_ON"}), ("power_on_s",), "seconds", "has run longer"),
    (frozenset({"GROWN"}), ("growth_per_day_bytes",), "bytes", "grows more by the day"),
    (frozenset({"HEAT"}), ("temperature_celsius",), "celsius", "is hotter"),
    (frozenset({"CORES", "CPU"}), ("cpus",), "", "has more cores"),
    (frozenset({"FREE"}), ("free_bytes",), "bytes", "has more space left"),
    (frozenset({"FULL"}), ("used_fraction",), "fraction", "is fuller"),
    (frozenset({"SIZE", "STORAGE", "DATASTORE"}), ("total_bytes",), "bytes", "is larger"),
    (frozenset({"MEMORY"}), ("memory_total_bytes",), "bytes", "has more memory assigned"),
    (frozenset({"UPTIME"}), ("uptime_s",), "seconds", "has been up longer"),
    (frozenset({"DISK"}), ("disk_total_bytes", "rootfs_total_bytes"), "bytes", "has more disk"),
)


def compared(story: Story) -> str:
    """`vault has more space left than tank: 3.67 TiB against 1.32 TiB, 2.35 TiB more`; empty where nothing is."""
    question = story.question
    rivals = question.has("COMPARE") or _are_rivals(question)
    if not rivals or story.results.get("metrics"):
        return ""
    room = question.intent == "compare" and question.of_kind("node") and _ROOM.search(question.text)
    if room or (question.has("FREE") and question.has("MEMORY")):
        return _of_free_memory(story)
    if question.has("BACKUP") and question.has("LAST", "NEWER") and not question.has("COUNT", "@kept"):
        return _of_newest(story)
    if question.has("FREE", "FULL") and _SHARE_ASKED.search(question.text):
        return _of_column(story, ("used_fraction",), "fraction", "is fuller", opposite=question.has("FREE"))
    for concepts, columns, unit, what in _FIGURES:
        if question.has(*concepts):
            told = _of_column(story, columns, unit, what)
            if told:
                return told
    return ""


def _are_rivals(question: Question) -> bool:
    """Whether a figure of two things of one kind is asked for: `free space of tank and vault`; that `are tank and vault
    full?` wants a yes or a no for each is no comparison."""
    if wants_yes_or_no(question.text):
        return False
    kinds = {entity.kind for entity in question.entities}
    return (len(question.entities) == TO_COMPARE and len(kinds) == 1) or len(devices_in(question.text)) == TO_COMPARE


def _of_free_memory(story: Story) -> str:
    """`pve1 has more memory free than pve2: 34.2 GiB against 30.3 GiB, 3.9 GiB more`."""
    known = [
        (row, total - used)
        for row in _rows(story, ("memory_total_bytes",))
        if (total := row.number("memory_total_bytes")) is not None
        and (used := row.number("memory_used_bytes")) is not None
    ]
    if len(known) < TO_COMPARE:
        return ""
    (first, most), (second, less) = max(known, key=lambda pair: pair[1]), min(known, key=lambda pair: pair[1])
    one, other = _names(first, second)
    free = against(most, less, "bytes")
    return f"{one} has more memory free than {other}: {free}{cite(first.evidence, second.evidence)}."


def _of_newest(story: Story) -> str:
    """`mail has the newer backup: 2026-11-26 03:46 UTC against 02:46 UTC`."""
    rows = [row for row in _rows(story, ("last_backup_at", "verdict")) if row.known("last_backup_at")]
    if len(rows) < TO_COMPARE:
        return ""
    rows.sort(key=lambda row: str(row.get("last_backup_at")))
    new, old = rows[-1], rows[0]
    one, _ = _names(new, old)
    times = f"{new.show('last_backup_at')} against {old.show('last_backup_at')}"
    return f"{one} has the newer backup: {times}{cite(new.evidence, old.evidence)}."


def _of_column(story: Story, columns: Sequence[str], unit: str, what: str, *, opposite: bool = False) -> str:
    """`opposite` where more of what was asked for is less of the column: of free space, the share that is used."""
    known = [
        (row, float(value))
        for row in _rows(story, columns)
        for column in columns
        if (value := row.number(column)) is not None
    ]
    if len(known) < TO_COMPARE or (len(known) > TO_COMPARE and story.question.of_kind("disk")):
        return ""
    known.sort(key=lambda pair: -pair[1])
    (first, most), (second, less) = known[0], known[-1]
    source = cite(first.evidence, second.evidence)
    one, other = _names(first, second)
    if most == less:
        return f"{one} and {other} are equal: both {format_value(most, unit)}{source}."
    whether = ""
    entities = story.question.entities
    if entities and wants_yes_or_no(story.question.text) and not story.question.has("LEAST", "@rather"):
        is_first = first.get("key") == entities[0].key or one == entities[0].label.split(" (")[0]
        whether = yes_or_no(is_first != opposite)
    return f"{whether}{one} {what} than {other}: {against(most, less, unit)}{source}."


def against(most: float, less: float, unit: str) -> str:
    """`3.67 TiB against 1.32 TiB, 2.35 TiB more, 2.8 times`."""
    told = less > 0 and most / less >= TIMES_FLOOR and unit != "fraction"
    ratio = f", {format_number(round(most / less, 1))} times" if told else ""
    return f"{format_value(most, unit)} against {format_value(less, unit)}, {apart(most, less, unit)} more{ratio}"


def apart(most: float, less: float, unit: str) -> str:
    """`8 points`, `2.35 TiB`."""
    if unit == "fraction":
        return f"{format_number(round((most - less) * 100, 1))} points"
    return format_value(most - less, unit)


def _rows(story: Story, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of what was named, each thing once; of disks all of the table."""
    names = {
        entity.label.split(" (")[0].rpartition(" on ")[0] or entity.label.split(" (")[0]
        for entity in story.question.entities
    }
    names |= {entity.key for entity in story.question.entities}
    devices = devices_in(story.question.text)
    keys = {disk.key for disk in story.question.of_kind("disk")}
    seen: set[str] = set()
    for tool in ("storage", "backups", "disks", "entity", "inventory"):
        for item in story.evidence(tool, "rows"):
            if not set(columns) & set(item.columns):
                continue
            for row in story.rows(item):
                key = str(row.get("key") or row.get("name") or row.get("guest"))
                if tool == "disks":
                    mine = (
                        row.get("key") in keys
                        if keys
                        else not devices or str(row.get("path")).rpartition("/")[2] in devices
                    )
                else:
                    mine = bool({row.get("key"), row.get("name"), row.get("guest")} & names)
                if mine and key not in seen:
                    seen.add(key)
                    yield row


def _names(*rows: Row) -> list[str]:
    """What tells the rows apart: where they are only where they are called alike."""
    names = [row.show("name") if row.known("name") else row.show("guest") for row in rows]
    if all(row.known("path") and row.known("node") for row in rows):
        return [f"{row.show('path')} on {row.show('node')}" for row in rows]
    if len(set(names)) == len(names):
        return names
    return [f"{name} on {row.show('where')}" for name, row in zip(names, rows, strict=True)]


def two_windows(story: Story) -> str:
    """One thing in two times: which is higher, by how much; that it cannot be said where a time was not kept."""
    earlier = story.question.before
    if earlier is None or story.question.span is None:
        return ""
    of_each: dict[str, list[Evidence]] = {}
    for item in story.evidence("metrics"):
        if item.window is not None and item.kind in ("series", "rows") and item.columns != HOURS:
            # A node's CPU is a share of all of its cores, whoever measured it.
            alike = item.title.partition(", share")[0] if story.question.of_kind("node") else item.title
            of_each.setdefault(alike, []).append(item)
    told = [_of_one(story, earlier, items) for items in of_each.values() if len(items) >= TO_COMPARE]
    return "\n\n".join(dict.fromkeys("\n\n".join(told).split("\n\n")))


def _of_one(story: Story, earlier: TimeSpan, items: list[Evidence]) -> str:
    items.sort(key=lambda item: item.window.end.timestamp() if item.window else 0.0)
    old, new = items[0], items[-1]
    then, now = stats_of(old), stats_of(new)
    missing = _not_kept(story, old)
    if then is None or now is None:
        which = earlier.text if then is None or story.question.span is None else story.question.span.text
        item = old if then is None else new
        return (
            f"I cannot compare that: Prometheus has no data of {which} ({_bounds(story, item)}){cite(item)}, it does "
            "not go that far back."
        )
    return "\n\n".join(filter(None, (_difference(story, new, old, now, then), missing)))


def _difference(story: Story, new: Evidence, old: Evidence, now: Stats, then: Stats) -> str:
    """`CPU of pve1 is higher now than 24 hours ago: 13.1 % on average against 9.9 %, a difference of 3.2 points`."""
    span, before = story.question.span, story.question.before
    later, earlier = span.text if span else "now", before.text if before else "then"
    about, source = one_line(new.title).split(",")[0], cite(new, old)
    shown, other = format_value(now.mean, now.unit), format_value(then.mean, then.unit)
    if shown == other:
        return f"{about} is the same {later} as {earlier}: {shown} on average{source}."
    most, least = max(now.mean, then.mean), min(now.mean, then.mean)
    share = f", {format_number(round((most / least - 1) * 100))} %" if least > 0 and now.unit != "fraction" else ""
    which = "higher" if now.mean > then.mean else "lower"
    return (
        f"{about} is {which} {later} than {earlier}: {shown} on average against {other}, "
        f"a difference of {apart(most, least, now.unit)}{share}{source}."
    )


def stats_of(item: Evidence) -> Stats | None:
    """The figures of a single series; None where there are several, or none."""
    return item.series[0].stats if item.kind == "series" and len(item.series) == 1 else None


def _bounds(story: Story, item: Evidence) -> str:
    return story.bounds(item.window) if item.window else ""


def _not_kept(story: Story, item: Evidence) -> str:
    """That the history begins within the window: its average is of less than was asked for."""
    if item.kind != "series" or not item.window or not item.series or not item.series[0].points:
        return ""
    begins = from_epoch(item.series[0].points[0][0])
    length = item.window.end - item.window.start
    if begins - item.window.start <= length * LATE_SHARE:
        return ""
    return (
        f"Prometheus has no data of it before {story.time(begins)}{cite(item)}: the earlier figure is of a part of "
        "that time only."
    )
