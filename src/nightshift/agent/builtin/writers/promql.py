"""Answers about PromQL: what an expression gives and what it computes, and which metrics there are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.questions.discovery import asks_for_meaning
from nightshift.agent.builtin.questions.queries import is_metric_name
from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.steps.metered import told_of, unit_of
from nightshift.agent.builtin.story import Row, Story, bullet, cite, one_line, plural
from nightshift.agent.builtin.writers.expressions import hint, in_words
from nightshift.agent.builtin.writers.gaps import gap_lines, not_seen
from nightshift.agent.builtin.writers.lookup import in_unit
from nightshift.agent.builtin.writers.series import series_paragraph
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import column_title, format_number
from nightshift.tools.render import format_value

SAMPLES_SHOWN = 15
_PARTS = re.compile(r"[:/.@]+")
METRICS_SHOWN = 12


def promql(story: Story) -> str:
    """The result of an expression: a value, a table of series, or why there is nothing."""
    expr = story.question.expr
    unread = _unread(expr)
    if unread:
        return unread
    parts = [
        _promql_result(story, item, result.note, expr or item.request)
        for result in story.of("promql")
        for item in result.evidence
    ]
    if not parts:
        parts.append("Prometheus could not be asked.")
    meaning = _meaning(story)
    parts = [meaning, *parts] if asks_for_meaning(story.question) else [*parts, meaning]
    parts += [_labels(story), _explained(expr)]
    return "\n\n".join(filter(None, parts))


def _unread(expr: str) -> str:
    """What is wrong with an expression that is no PromQL; empty when it is."""
    try:
        in_words(expr or "1")
    except ValueError as error:
        return f"`{one_line(expr)}` cannot be read as PromQL: {one_line(hint(str(error)))}."
    return ""


def _labels(story: Story) -> str:
    """The labels of the series, when they are what was asked for."""
    if not story.question.has("TAG"):
        return ""
    tables = [item for item in story.evidence("promql", "rows") if item.rows]
    names = [name for item in tables for name in item.columns if name not in ("__name__", "value", "entity")]
    return f"Its labels{cite(*tables)}: {', '.join(map(one_line, names)) or 'none'}." if tables else ""


def _explained(expr: str) -> str:
    """What the expression computes, in words."""
    words = in_words(expr) if expr else ""
    return f"In words: {one_line(words)}." if words not in ("", expr) else ""


def _promql_result(story: Story, item: Evidence, note: str, expr: str) -> str:
    asked = f"`{one_line(expr)}`"
    if item.kind == "series":
        return series_paragraph(story, item, note)
    if item.kind == "none":
        return f"{asked} could not be evaluated:\n" + bullet(gap_lines(item.gaps))
    if not item.rows:
        return f"{asked} gives no series{cite(item)}. {note}".rstrip()
    rows = _of_the_things(story, story.rows(item))
    if len(rows) == 1 and is_metric_name(expr):
        unit = unit_of(expr, told_of(story.results, expr)[1])
        return f"{asked} of {_place_of(rows[0])} is {in_unit(rows[0].number('value') or 0.0, unit)}{cite(item)}."
    if len(rows) == 1 and set(item.columns) == {"value", "entity"}:
        return f"{asked} is {rows[0].show('value')}{cite(item)}."
    lines = [_sample(row, expr) for row in rows[:SAMPLES_SHOWN]]
    more = "\nThe others are in the evidence." if item.total > len(lines) else ""
    return f"{asked} gives {plural(item.total, 'series', 'series')}{cite(item)}:\n{bullet(lines)}{more}"


def _of_the_things(story: Story, rows: Sequence[Row]) -> Sequence[Row]:
    """The series of the things that were named; all of them where none was, or none of them has any."""
    names = {entity.label.split(" (")[0].lower() for entity in story.question.entities}
    ids = {entity.key.rpartition("/")[2] for entity in story.question.of_kind("guest", "node")}

    def is_of_one(row: Row) -> bool:
        labels = [str(row.get(name)) for name in row.evidence.columns if name not in ("value", "__name__")]
        return any(names & set(_PARTS.split(label.lower())) or ids & {label.rpartition("/")[2]} for label in labels)

    return [row for row in rows if is_of_one(row)] or rows if names else rows


def _place_of(row: Row) -> str:
    return next((row.show(name) for name in ("instance", "id", "entity") if row.known(name)), "one series")


def _sample(row: Row, expr: str) -> str:
    at = row.evidence.columns.index("__name__") if row.evidence.columns[:1] == ("__name__",) else None
    of_several = at is not None and len({cells[at] for cells in row.evidence.rows}) > 1
    own = () if of_several else ("__name__",)
    labels = [
        f"{name if name == '__name__' else column_title(name)}={row.show(name)}"
        for name in row.evidence.columns
        if name not in ("value", "entity", *own) and row.known(name)
    ]
    value = row.number("value")
    unit = "bytes/s" if "_bytes" in expr and "rate(" in expr else ("bytes" if "_bytes" in expr else "")
    shown = format_value(value, unit) if value is not None else "–"
    if unit and value is not None and "/" in expr.replace("://", ""):
        shown = format_number(value)
    return f"{' '.join(labels) or 'value'}: {shown}"


def find_metrics(story: Story) -> str:
    """The metrics whose names, or whose help texts, have the words; those with some of them only when none has all."""
    item = next(iter(story.evidence("find_metrics")), None)
    if item is None:
        return promql(story) if story.results.get("promql") else _which_metric()
    if item.kind == "none":
        return not_seen(story.gaps()) or "Prometheus could not be asked."
    names = [
        f"`{row.show('metric')}`" + (f": {row.show('help')}" if row.known("help") else "")
        for row in story.rows(item)[:METRICS_SHOWN]
    ]
    note = next(iter(story.notes("find_metrics")), "")
    # What is near may be what is meant under another name: then nothing is denied.
    whether = yes_or_no(bool(names)) if wants_yes_or_no(story.question.text) and not note else ""
    if wants_yes_or_no(story.question.text) and "dashboard" in story.question.text.lower():
        whether = "Whether there is a dashboard I do not read. "
    if not names:
        return f"{whether}Prometheus has no metric with such a name{cite(item)}."
    alike, _, about = item.title.partition(" of ")
    such = " with such a name" if alike != "Metrics" else ""
    of = f"{' and' if such else ''} with series about {one_line(about)}" if about else ""
    head = "The nearest, since none has all of these words" if note else f"{plural(item.total, 'metric')}{such}{of}"
    return f"{whether}{head}{cite(item)}:\n{bullet(names)}"


def _meaning(story: Story) -> str:
    """What a metric is, as its exporter tells it."""
    item = next((item for item in story.evidence("find_metrics") if item.rows), None)
    row = next((row for row in story.rows(item) if row.get("metric") == story.question.expr), None) if item else None
    if row is None or not row.known("help"):
        return ""
    kind = f" is a {row.show('type')}" if row.known("type") and row.show("type") != "unknown" else ""
    return f"`{one_line(story.question.expr)}`{kind}: {row.show('help').rstrip('.')}{cite(row.evidence)}."


def _which_metric() -> str:
    return "Say which quantity you mean: for example `what metrics are there about temperature?`"
