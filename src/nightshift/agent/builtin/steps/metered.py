"""Reading a metric that was found by words: which expression gives it over the time that was asked for, in which unit.

`How many DNS requests were blocked in the last hour` is the increase of a counter, `how warm is it in the living room`
the present value of a gauge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.steps.calls import Call
from nightshift.facts.evidence import Evidence
from nightshift.tools.metric_queries import escape, regex_literal
from nightshift.tools.spec import ToolResult

MOST_SELECTED = 30
RATED_S = 300.0
COUNTED_S = 86_400.0
"""Over how long a counter is told where no time was asked for."""
_UNITS: Mapping[str, str] = {
    "bytes": "bytes", "seconds": "seconds", "celsius": "celsius", "ratio": "fraction", "duration": "seconds",
    "runtime": "seconds", "percent": "%", "volts": "V", "voltage": "V", "watts": "W", "mebibytes": "MiB",
    "size": "bytes",
}  # fmt: skip
_OF_THE_METRICS = ("find_metrics", "promql")
_NO_LABELS = ("__name__", "value", "entity")


def found_series(results: Mapping[str, Sequence[ToolResult]]) -> Evidence | None:
    """The series of the metric that has all the words; None where none has."""
    every = (item for result in results.get("find_metrics", ()) for item in result.evidence)
    return next((item for item in every if "value" in item.columns and item.rows), None)


def told_of(results: Mapping[str, Sequence[ToolResult]], metric: str) -> tuple[str, str]:
    """The type and the help of a metric, as its exporter gives them."""
    for result in results.get("find_metrics", ()):
        for item in result.evidence:
            if item.columns == ("metric", "type", "help"):
                found = next((row for row in item.rows if row[0] == metric), None)
                if found is not None:
                    return str(found[1] or ""), str(found[2] or "")
    return "", ""


def unit_of(metric: str, told: str) -> str:
    """The unit of its values, by the convention of names and by its help; empty when neither tells."""
    if metric.endswith(("_count", "_bucket")):
        return ""
    for part in reversed(metric.removesuffix("_total").split("_")):
        if part in _UNITS:
            return _UNITS[part]
    if "percent" in told.lower():
        return "%"
    return "seconds" if "(seconds)" in told else ""


def is_counter(metric: str, kind: str) -> bool:
    return kind == "counter" or (kind != "gauge" and metric.endswith("_total"))


def reading(question: Question, results: Mapping[str, Sequence[ToolResult]]) -> tuple[Call, ...]:
    """The call that reads the found series over a time; none where the values of now are all that is asked for."""
    series = None if question.intent in _OF_THE_METRICS else found_series(results)
    if series is None:
        return ()
    kind, _ = told_of(results, series.title)
    counter = is_counter(series.title, kind)
    # Where no label was asked for, series that ended within the time count too.
    selector = _selector(series) if _names_a_label(question, series) else series.title
    if question.span is None and not counter:
        return ()
    length_s, at = COUNTED_S, ""
    if question.span is not None:
        window = question.span.window
        length_s = max(60.0, (window.end - window.start).total_seconds())
        at = f" @ {window.end.timestamp():.0f}"
    if counter and question.has("PER_SECOND"):
        length_s = length_s if question.span is not None else RATED_S
        return (Call("promql", {"expr": f"rate({selector}[{length_s:.0f}s]{at})"}),)
    if counter:
        whole = _whole_of(series.title, results) if question.has("SHARE") else ""
        over = f"[{length_s:.0f}s]{at}"
        if whole:
            return (Call("promql", {"expr": f"sum(increase({series.title}{over})) / sum(increase({whole}{over}))"}),)
        return (Call("promql", {"expr": f"increase({selector}{over})"}),)
    asked = [over for concept, over in (("LOWEST", "min"), ("PEAK", "max")) if question.has(concept)] or ["avg"]
    return tuple(Call("promql", {"expr": f"{over}_over_time({selector}[{length_s:.0f}s]{at})"}) for over in asked)


def _whole_of(metric: str, results: Mapping[str, Sequence[ToolResult]]) -> str:
    """The counter of all where this one is of a part: `…_queries_total` for `…_queries_blocked_total`."""
    listed = (item for result in results.get("find_metrics", ()) for item in result.evidence)
    known = {str(row[0]) for item in listed if "metric" in item.columns for row in item.rows}
    parts = metric.split("_")
    without = ("_".join((*parts[:at], *parts[at + 1 :])) for at in range(len(parts)))
    return next((name for name in without if name in known), "")


def _names_a_label(question: Question, series: Evidence) -> bool:
    """Whether a word of the question stands in a label of the series: `the living room`."""
    said = set(re.findall(r"\w+", question.text.lower()))
    names = [at for at, name in enumerate(series.columns) if name not in _NO_LABELS]
    parts = {part for row in series.rows for at in names for part in re.findall(r"[a-z]\w*", str(row[at]).lower())}
    parts |= {piece for part in parts for piece in part.split("_")}
    return bool((said & parts) - {name.split("_")[0] for name in (series.title,)})


def _selector(series: Evidence) -> str:
    """A selector of the series that were found: of each label its values there."""
    if series.shown < series.total or len(series.rows) > MOST_SELECTED:
        return series.title
    matchers = []
    for at, name in enumerate(series.columns):
        values = {str(row[at]) for row in series.rows if row[at] is not None}
        if name in _NO_LABELS or not values or any(row[at] is None for row in series.rows):
            continue
        matchers.append(_matcher(name, sorted(values)))
    return f"{series.title}{{{','.join(matchers)}}}" if matchers else series.title


def _matcher(name: str, values: Iterable[str]) -> str:
    several = list(values)
    if len(several) == 1:
        return f'{name}="{escape(several[0])}"'
    return f'{name}=~"{"|".join(map(regex_literal, several))}"'
