"""Answers with figures: series over time, rankings, comparisons, PromQL."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.expressions import hint, in_words
from nightshift.agent.builtin.story import Row, Story, bullet, cite, one_line, plural
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.gaps import gap_lines, not_seen
from nightshift.agent.builtin.writers.lines import summary_line
from nightshift.agent.builtin.writers.series import series_paragraph
from nightshift.agent.builtin.writers.storage import storage
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import column_title, format_number
from nightshift.tools.render import format_value

SAMPLES_SHOWN = 15
METRICS_SHOWN = 12
TO_COMPARE = 2

_RANKED_SERIES_UNITS = {
    "load": "", "iowait": "fraction", "swap": "bytes", "cpu": "fraction", "memory": "bytes", "disk": "bytes",
}  # fmt: skip
_RANKED = {"cpu": "cpu_fraction", "memory": "memory_used_bytes", "disk": "disk_used_bytes", "uptime": "uptime_s"}


def metric(story: Story) -> str:
    """Figures of each thing asked about; a ranking or a storage answer when the plan chose those."""
    if story.results.get("storage"):
        return storage(story)
    if story.results.get("entity") and not story.results.get("metrics"):
        return _free_memory(story) if story.question.has("FREE") else _not_measured(story)
    if not story.results.get("metrics"):
        return rank(story)
    parts = [series_paragraph(story, e, result.note) for result in story.of("metrics") for e in result.evidence]
    now = [summary_line(row) for row in entity_rows(story)]
    if now:
        told = "\n".join(("At this moment, as PVE tells it:", *now))
        parts = [*parts, told] if story.question.span else [told, *parts]
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


def _not_measured(story: Story) -> str:
    """No exporter tells this figure of that thing: what is known of it all the same."""
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


def rank(story: Story) -> str:
    """Top consumers, most first."""
    if story.results.get("storage"):
        return storage(story)
    if story.results.get("promql"):
        return _rank_series(story)
    quantity = story.question.quantity or "cpu"
    column = _RANKED.get(quantity, "cpu_fraction")
    item = next((e for e in story.evidence("inventory") if column in e.columns), None)
    if item is None:
        return "\n\n".join(filter(None, ("The inventory could not be read.", not_seen(story.gaps()))))
    rows = [row for row in story.rows(item) if row.number(column) is not None]
    if story.question.has("LEAST"):
        rows = sorted(rows, key=lambda row: row.number(column) or 0.0)
    rows = rows[: story.question.top or 5]
    if not rows:
        return f"No figures for {quantity} are known{cite(item)}."
    first = rows[0]
    least = "least" if story.question.has("LEAST") else "most"
    what = "CPU" if quantity == "cpu" else quantity
    head = f"{_name(first)} uses the {least} {what}: {_figure(first, column)}{cite(item)}."
    if quantity == "uptime":
        longest = "shortest" if least == "least" else "longest"
        head = f"{_name(first)} has been up {longest}: {_figure(first, column)}{cite(item)}."
    others = [f"{_name(row)}: {_figure(row, column)}" for row in rows[1:]]
    notes = ""
    if quantity == "disk":
        notes = "PVE does not know how much of its disk a VM uses: only containers are compared."
    return "\n\n".join(filter(None, (head, bullet(others), notes, not_seen(story.gaps()))))


def _rank_series(story: Story) -> str:
    """A ranking that Prometheus made; its labels become the names of things."""
    item = next(iter(story.evidence("promql")), None)
    if item is None or not item.rows:
        return promql(story)
    question = story.question
    least = question.has("LEAST")
    rows = sorted(story.rows(item), key=lambda row: (1 if least else -1) * (row.number("value") or 0.0))
    quantity = question.quantity or "cpu"
    unit = _RANKED_SERIES_UNITS.get(quantity, "bytes/s")
    lines = [f"{_thing(row)}: {format_value(row.number('value') or 0.0, unit)}" for row in rows]
    how = "at the peak" if question.has("PEAK") else "on average"
    when = f"{how} {question.span.text}" if question.span else "now"
    what = "CPU" if quantity == "cpu" else quantity.replace("_", " ")
    return f"{'Least' if least else 'Most'} {what} {when}{cite(item)}:\n{bullet(lines)}"


def _thing(row: Row) -> str:
    """The entity behind the labels of a series, else the labels."""
    return next((row.show(name) for name in ("entity", "id", "instance") if row.known(name)), "one series")


def _name(row: Row) -> str:
    if row.known("vmid"):
        where = f", {row.show('node')}" if row.known("node") else ""
        return f"{row.show('name')} ({row.show('type')} {row.show('vmid')}{where})"
    return row.show("name")


def _figure(row: Row, column: str) -> str:
    text = row.show(column)
    if column == "memory_used_bytes" and row.known("memory_total_bytes"):
        return f"{text} of {row.show('memory_total_bytes')} ({row.show('memory_fraction')})"
    if column == "disk_used_bytes" and row.known("disk_total_bytes"):
        return f"{text} of {row.show('disk_total_bytes')}"
    if column == "cpu_fraction" and row.known("cpus"):
        return f"{text} of {row.show('cpus')} cores"
    return text


def compare(story: Story) -> str:
    """Two or more things side by side."""
    if story.results.get("metrics"):
        return "\n\n".join(filter(None, (_which_is_higher(story), metric(story))))
    rows = entity_rows(story)
    if len(rows) < TO_COMPARE:
        return "I need two things that exist here to compare them."
    lines = [summary_line(row) for row in rows]
    verdicts = [
        text
        for text in (
            _more(rows, "cpu_fraction", "uses more CPU"),
            _more(rows, "memory_used_bytes", "uses more memory"),
            _more(rows, "free_bytes", "has more free space"),
        )
        if text
    ]
    return "\n\n".join(filter(None, (" ".join(verdicts), bullet(lines), not_seen(story.gaps()))))


def _which_is_higher(story: Story) -> str:
    """The result of a comparison first, by the averages over the window."""
    told = [(item, item.series[0].stats) for item in story.evidence("metrics", "series") if len(item.series) == 1]
    known = [(item, stats) for item, stats in told if stats is not None]
    if len(known) < TO_COMPARE:
        return ""
    known.sort(key=lambda pair: -pair[1].mean)
    (first, most), (second, less) = known[0], known[1]
    values = f"{format_value(most.mean, most.unit)} on average against {format_value(less.mean, less.unit)}"
    higher, lower = (_subject(story, item) for item in (first, second))
    return f"{higher} is higher than {lower}: {values}{cite(first, second)}."


def _subject(story: Story, item: Evidence) -> str:
    """What a series is about, by the name that was asked for."""
    names = [entity.label.split(" (")[0] for entity in story.question.entities]
    return next((name for name in names if f"of {name}" in item.title), one_line(item.title))


def _more(rows: Sequence[Row], column: str, what: str) -> str:
    known = [row for row in rows if row.number(column) is not None]
    if len(known) < TO_COMPARE:
        return ""
    ordered = sorted(known, key=lambda row: -(row.number(column) or 0.0))
    first, second = ordered[0], ordered[1]
    sources = cite(first.evidence, second.evidence)
    if first.show(column) == second.show(column):
        return f"Neither {what}: both are at {first.show(column)}{sources}."
    return f"{first.show('name')} {what}: {first.show(column)} against {second.show(column)}{sources}."


def promql(story: Story) -> str:
    """The result of an expression: a value, a table of series, or why there is nothing."""
    expr = story.question.expr
    parts = [
        _promql_result(story, item, result.note, expr or item.request)
        for result in story.of("promql")
        for item in result.evidence
    ]
    if not parts:
        parts.append("Prometheus could not be asked.")
    parts.append(_explained(expr))
    return "\n\n".join(filter(None, parts))


def _explained(expr: str) -> str:
    """What the expression computes, in words; what is wrong with it when it is no PromQL."""
    try:
        words = in_words(expr) if expr else ""
    except ValueError as error:
        return f"As PromQL it cannot be read: {one_line(hint(str(error)))}."
    return f"In words: {one_line(words)}." if words not in ("", expr) else ""


def _promql_result(story: Story, item: Evidence, note: str, expr: str) -> str:
    asked = f"`{one_line(expr)}`"
    if item.kind == "series":
        return series_paragraph(story, item, note)
    if item.kind == "none":
        return f"{asked} could not be evaluated:\n" + bullet(gap_lines(item.gaps))
    if not item.rows:
        return f"{asked} gives no series{cite(item)}. {note}".rstrip()
    rows = story.rows(item)
    if len(rows) == 1 and set(item.columns) == {"value", "entity"}:
        return f"{asked} is {rows[0].show('value')}{cite(item)}."
    lines = [_sample(row, expr) for row in rows[:SAMPLES_SHOWN]]
    more = "\nThe others are in the evidence." if item.total > len(lines) else ""
    return f"{asked} gives {plural(item.total, 'series', 'series')}{cite(item)}:\n{bullet(lines)}{more}"


def _sample(row: Row, expr: str) -> str:
    labels = [
        f"{column_title(name)}={row.show(name)}"
        for name in row.evidence.columns
        if name not in ("value", "__name__", "entity") and row.known(name)
    ]
    value = row.number("value")
    unit = "bytes/s" if "_bytes" in expr and "rate(" in expr else ("bytes" if "_bytes" in expr else "")
    shown = format_value(value, unit) if value is not None else "–"
    if unit and value is not None and "/" in expr.replace("://", ""):
        shown = format_number(value)
    return f"{' '.join(labels) or 'value'}: {shown}"


def find_metrics(story: Story) -> str:
    item = next(iter(story.evidence("find_metrics")), None)
    if item is None:
        return "Say which quantity you mean: for example `what metrics are there about temperature?`"
    if item.kind == "none":
        return not_seen(story.gaps()) or "Prometheus could not be asked."
    names = [
        f"`{row.show('metric')}`" + (f": {row.show('help')}" if row.known("help") else "")
        for row in story.rows(item)[:METRICS_SHOWN]
    ]
    if not names:
        return f"Prometheus has no metric with such a name{cite(item)}."
    return f"{plural(item.total, 'metric')} with such a name{cite(item)}:\n{bullet(names)}"
