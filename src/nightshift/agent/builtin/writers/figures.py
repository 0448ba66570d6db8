"""Answers with figures: series over time, rankings, comparisons, PromQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line
from nightshift.agent.builtin.words.attributes import OF_A_QUANTITY, OF_A_THING
from nightshift.agent.builtin.writers.attributes import attribute_lines
from nightshift.agent.builtin.writers.backups import backups
from nightshift.agent.builtin.writers.bounded import bounded, went
from nightshift.agent.builtin.writers.compared import against, stats_of, two_windows
from nightshift.agent.builtin.writers.disks import disks
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.lines import FORESEEABLE_S, summary_line
from nightshift.agent.builtin.writers.lookup import lookup
from nightshift.agent.builtin.writers.series import course, series_paragraph
from nightshift.agent.builtin.writers.storage import storage
from nightshift.agent.builtin.writers.survey import survey
from nightshift.agent.builtin.writers.talk import as_written
from nightshift.facts.evidence import Evidence, Stats
from nightshift.tools.metrics import HOURS
from nightshift.tools.render import format_value

_GROWS = re.compile(r"\b(?:grow\w*|grew|faster|quicker)\b", re.IGNORECASE)
TO_COMPARE = 2
DAY_S = 86_400.0


def metric(story: Story) -> str:
    """Figures of each thing asked about; a ranking or a storage answer when the plan chose those."""
    if story.results.get("storage"):
        return storage(story)
    if story.results.get("find_metrics"):
        return lookup(story)
    if story.results.get("entity") and not story.results.get("metrics"):
        return _free_memory(story) if story.question.has("FREE") else _not_measured(story)
    if not story.results.get("metrics"):
        return survey(story)
    parts = [
        series_paragraph(story, e, result.note)
        for result in story.of("metrics")
        for e in result.evidence
        if e.columns != HOURS
    ]
    parts.insert(0, two_windows(story) or bounded(story) or went(story))
    first = "" if parts[0] else _which_rise(story) or _which_is_higher(story)
    now = [_at_this_moment(story, row) for row in entity_rows(story)]
    if now:
        told = "\n".join(now)
        measured_only = story.question.quantity not in ("", *OF_A_QUANTITY)
        of_a_course = story.question.span is not None or story.question.has("OVERTIME", "PEAK", "MEAN")
        parts = [*parts, told] if of_a_course or measured_only else [told, *parts]
    return "\n\n".join(filter(None, (first, *parts, not_seen(story.gaps()))))


def _which_rise(story: Story) -> str:
    """`On which node does it climb?`: of each, whether it rises, falls or is steady."""
    courses: dict[str, list[str]] = {"rising": [], "falling": [], "steady": []}
    items = [item for item in story.evidence("metrics", "series") if item.series]
    if len(items) < TO_COMPARE or not story.question.has("TREND") or story.question.has("COMPARE"):
        return ""
    for item in items:
        points, stats = item.series[0].points, stats_of(item)
        if stats is not None:
            courses[course(stats, points[-1][0] - points[0][0])].append(_subject(story, item))
    told = [f"{word}: {joined(list(dict.fromkeys(names)))}" for word, names in courses.items() if names]
    none = "" if courses["rising"] else "None of them rises; "
    return f"{none}{'; '.join(told)}{cite(*items)}."


def _at_this_moment(story: Story, row: Row) -> str:
    """The figure that was asked for as PVE tells it, then the thing as a whole."""
    figure = OF_A_QUANTITY.get(story.question.quantity or "cpu")
    disks = [OF_A_THING["VIRTUAL_DISKS"]] if story.question.quantity == "disk" and row.known("disks") else []
    asked = attribute_lines(row, filter(None, (figure, *disks)))
    away = row.get("online") is False or row.get("status") == "unknown"
    told = asked if figure and (away or any(row.known(name) for name in figure.columns)) else ""
    return "\n".join(filter(None, (told, f"At this moment, as PVE tells it: {summary_line(row)}")))


def _not_measured(story: Story) -> str:
    """No exporter tells this figure of that thing: what is known of it all the same."""
    figure = OF_A_QUANTITY.get(story.question.quantity)
    rows = entity_rows(story)
    away = any(row.get("online") is False or row.get("status") == "unknown" for row in rows)
    if figure and (away or any(row.known(column) for row in rows for column in figure.columns)):
        now = [_at_this_moment(story, row) for row in rows]
        return "\n\n".join(filter(None, (*now, not_seen(story.gaps()))))
    quantity = story.question.quantity.replace("_", " ")
    parts = [f"I cannot tell: its {quantity} is not measured here. At this moment, as PVE tells it:"]
    parts += [summary_line(row) for row in entity_rows(story)]
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


def _free_memory(story: Story) -> str:
    """What is left of the memory, first; then the thing as a whole."""
    parts = []
    for row in entity_rows(story):
        used, total = row.number("memory_used_bytes"), row.number("memory_total_bytes")
        if used is not None and total:
            left = format_value(total - used, "bytes")
            parts.append(f"{row.show('name')} has {left} of {row.show('memory_total_bytes')} free{cite(row.evidence)}.")
        parts.append(summary_line(row))
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


def compare(story: Story) -> str:
    """Two or more things side by side."""
    if story.results.get("metrics"):
        return metric(story)
    if story.results.get("storage"):
        return storage(story)
    if story.results.get("backups"):
        return backups(story)
    if story.results.get("disks"):
        return disks(story)
    rows = entity_rows(story)
    if len(rows) < TO_COMPARE:
        names = [one_line(as_written(story.question, name)) for name in story.question.unknown]
        unknown = f"I know nothing called “{names[0]}”. " if names else ""
        return f"{unknown}I need two things that exist here to compare them."
    lines = [summary_line(row) for row in rows]
    verdicts = [
        text
        for text in (
            _more(rows, "cpus", "has more cores") if story.question.has("CORES") else "",
            _more(rows, "cpu_fraction", "uses more CPU"),
            _more(rows, "memory_used_bytes", "uses more memory"),
        )
        if text
    ]
    return "\n\n".join(filter(None, (" ".join(verdicts), bullet(lines), not_seen(story.gaps()))))


def _which_is_higher(story: Story) -> str:
    """The result of a comparison first, by the averages over the window; of what grows, how fast, and of what fills up,
    what is full first."""
    question = story.question
    found: dict[str, list[tuple[Evidence, Stats]]] = {}
    for item in story.evidence("metrics", "series"):
        told = [(item, series.stats) for series in item.series if series.stats is not None]
        found.setdefault(_subject(story, item), []).extend(told)
    known = {subject: told for subject, told in found.items() if told}
    if len({entity.key for entity in question.entities}) < TO_COMPARE:
        return ""
    if len(known) < TO_COMPARE:
        return _higher_now(story)
    units = {stats.unit for told in known.values() for _, stats in told}
    several = any(len(told) > 1 for told in known.values())
    both_ways = any(len({item.title for item, _ in told}) > 1 for told in known.values())
    if len(units) > 1 or (both_ways and not question.has("BOTH_WAYS")):
        return ""
    unit = units.pop()
    grows = unit == "bytes" and _GROWS.search(question.text) is not None
    if unit == "bytes" and question.has("PROGNOSIS") and not grows:
        return _full_first(known)
    shares = question.has("FULL", "FULL_SHARE") and all(s.limit for told in known.values() for _, s in told)
    of = _growth if grows else _share if shares else _mean
    ranked = sorted(((of([s for _, s in told]), name) for name, told in known.items()), reverse=True)
    (most, higher), (less, lower) = ranked[0], ranked[-1]
    values = against(most, less, "fraction" if shares and not grows else unit)
    source = cite(*(item for name in (higher, lower) for item, _ in known[name]))
    if grows:
        if max(map(len, known.values())) > 1:  # file systems by themselves: their sum is in no evidence
            values = " against ".join(_each_growth(known[name]) for name in (higher, lower))
        if most <= 0:
            return f"None of them grows; {higher} shrinks less than {lower}: by the day {values}{source}."
        return f"{higher} grows faster than {lower}: by the day {values}{source}."
    if several and not shares:  # in and out, or file systems: ranked by all together, and each is told
        one, other = (joined([format_value(s.mean, unit) for _, s in known[name]]) for name in (higher, lower))
        ways = ", in and out" if both_ways else ""
        return f"{higher} has more than {lower}{ways}: on average {one} against {other}{source}."
    than = f"is the highest and {lower} the lowest" if len(ranked) > TO_COMPARE else f"is higher than {lower}"
    return f"{higher} {than}: on average {values}{source}."


def _mean(every: Sequence[Stats]) -> float:
    return sum(stats.mean for stats in every)


def _share(every: Sequence[Stats]) -> float:
    return _mean(every) / (sum(stats.limit or 0.0 for stats in every) or 1.0)


def _share_now(every: Sequence[Stats]) -> float:
    return sum(stats.last for stats in every) / (sum(stats.limit or 0.0 for stats in every) or 1.0)


def _growth(every: Sequence[Stats]) -> float:
    return sum(stats.rate_per_s for stats in every) * DAY_S


def _each_growth(told: Sequence[tuple[Evidence, Stats]]) -> str:
    return joined([format_value(stats.rate_per_s * DAY_S, "bytes") for _, stats in told])


def _full_first(known: Mapping[str, Sequence[tuple[Evidence, Stats]]]) -> str:
    """`Which of them runs out of room sooner?`"""
    every = {name: [stats for _, stats in told] for name, told in known.items()}
    source = cite(*(item for told in known.values() for item, _ in told))
    if not all(stats.limit for told in every.values() for stats in told):
        return f"Which of them is full first I cannot tell: how much they hold is not known of all{source}."
    shares = {name: _share_now(told) for name, told in every.items()}
    fuller = max(shares, key=shares.__getitem__)
    now = f"the fuller one now is {fuller}, {format_value(shares[fuller], 'fraction')}"
    due = [(s.time_to_full_s, name) for name, told in every.items() for s in told if s.time_to_full_s is not None]
    left, first = min(due, default=(FORESEEABLE_S, ""))
    if left >= FORESEEABLE_S:
        return f"None of them grows in a way that would fill it soon; {now}{source}."
    when = f"first, in {format_value(left, 'seconds')} at this rate" if left else "already"
    return f"{first} is full {when}; {now}{source}."


def _higher_now(story: Story) -> str:
    """Where there is no series: by the figures of this moment, unless those of a time were asked for."""
    question, rows = story.question, entity_rows(story)
    if question.span is not None or question.has("MEAN", "PEAK", "OVERTIME"):
        return ""
    if question.quantity in ("", "cpu"):
        return _more(rows, "cpu_fraction", "uses more CPU")
    if question.quantity != "memory":
        return ""
    if question.has("FULL", "FULL_SHARE"):
        return _more(rows, "memory_fraction", "uses more of its memory")
    return _more(rows, "memory_used_bytes", "uses more memory")


def _subject(story: Story, item: Evidence) -> str:
    """What a series is about, by the name that was asked for."""
    names = [entity.label.split(" (")[0] for entity in story.question.entities]
    own = one_line(item.title).partition(" of ")[2].partition(",")[0] or one_line(item.title)
    return next((name for name in names if f"of {name}" in item.title), own)


def _more(rows: Sequence[Row], column: str, what: str) -> str:
    known = [row for row in rows if row.number(column) is not None]
    if len(known) < TO_COMPARE:
        return ""
    ordered = sorted(known, key=lambda row: -(row.number(column) or 0.0))
    first, second = ordered[0], ordered[1]
    sources = cite(first.evidence, second.evidence)
    if first.show(column) == second.show(column):
        return f"Neither {what}: both are at {first.show(column)}{sources}."
    unit = "bytes" if column.endswith("_bytes") else "fraction" if column.endswith("_fraction") else ""
    told = against(first.number(column) or 0.0, second.number(column) or 0.0, unit)
    return f"{first.show('name')} {what}: {told}{sources}."
