"""An answer for the terminal: the text, then everything that it cites, then what could not be seen."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import tzinfo

from nightshift.agent.answer import Answer
from nightshift.cli import screen
from nightshift.cli.screen import printable, styled
from nightshift.facts.evidence import Evidence, LabelledSeries, Stats
from nightshift.facts.gap import Gap
from nightshift.facts.units import column_title, format_cell, format_duration, format_time

MAX_ROWS = 8
MAX_SERIES = 5
MAX_DOCUMENT_LINES = 8
NOT_SAID = "–"
_TICKS = "▁▂▃▄▅▆▇█"
_SPARK_WIDTH = 40
_UNIT_COLUMNS = {"bytes": "value_bytes", "fraction": "value_fraction", "seconds": "value_s"}
_VERDICTS = {"healthy": "green", "problem": "red", "unknown": "yellow"}


def answer_lines(answer: Answer, zone: tzinfo) -> Iterator[str]:
    """The lines to print, without control characters from strangers."""
    color = _VERDICTS.get(answer.verdict)
    for number, text in enumerate(printable(answer.text, keep_lines=True).strip().splitlines()):
        yield styled(text, fg=color, bold=True) if number == 0 and color else text
    for claim in answer.grounding.unverified:
        yield styled(f"Not found in the evidence: {printable(claim.text)}", fg="yellow")
    cited = frozenset(re.findall(r"\bE\d+\b", answer.text))
    if answer.evidence:
        yield ""
        yield styled("Evidence", bold=True)
    for evidence in answer.evidence:
        if evidence.id in cited or not cited:
            yield from evidence_lines(evidence, zone)
    uncited = [evidence for evidence in answer.evidence if cited and evidence.id not in cited]
    if uncited:
        titles = "; ".join(f"{evidence.id} {evidence.title}" for evidence in uncited)
        yield styled(printable(f"Also looked at: {titles}"), dim=True)
    yield from gap_lines(answer.gaps)
    yield ""
    yield styled(_footer(answer), dim=True)


def evidence_lines(evidence: Evidence, zone: tzinfo, *, most_rows: int = MAX_ROWS) -> Iterator[str]:
    """One piece of evidence: where it is from, then its rows, series or text, cut to what a screen holds."""
    yield styled(f"{evidence.id}  {printable(evidence.title)}", bold=True)
    age = "now" if evidence.age_s < 1 else f"{format_duration(evidence.age_s)} old"
    yield styled(f"  {evidence.source} · {printable(evidence.request)} · {age}", dim=True)
    if evidence.window is not None:
        window = evidence.window
        yield styled(f"  {format_time(window.start, zone)} to {format_time(window.end, zone)}", dim=True)
    if evidence.rows:
        yield _rows_table(evidence, zone, most_rows)
    for series in evidence.series[:MAX_SERIES]:
        yield from _series_lines(series)
    if evidence.document is not None:
        yield from _document_lines(evidence)
    hidden = max(evidence.total, len(evidence.rows), len(evidence.series)) - _visible(evidence, most_rows)
    if hidden > 0 and evidence.document is None:
        yield styled(f"  … {hidden} more (--json prints what was read)", dim=True)


def _rows_table(evidence: Evidence, zone: tzinfo, most_rows: int) -> str:
    """The first rows; what says nothing to a reader (keys, empty columns) is left out."""
    rows = [
        [format_cell(column, cell, zone) for column, cell in zip(evidence.columns, row, strict=True)]
        for row in evidence.rows[:most_rows]
    ]
    shown = [
        number
        for number, column in enumerate(evidence.columns)
        if column != "key" and any(row[number] != NOT_SAID for row in rows)
    ]
    cells = [[row[number] for number in shown] for row in rows]
    return screen.table([column_title(evidence.columns[number]) for number in shown], cells)


def _visible(evidence: Evidence, most_rows: int) -> int:
    return min(len(evidence.rows), most_rows) + min(len(evidence.series), MAX_SERIES)


def _series_lines(series: LabelledSeries) -> Iterator[str]:
    labels = ", ".join(f"{name}={value}" for name, value in series.labels if name != "__name__")
    spark = _sparkline([value for _, value in series.points])
    yield f"  {spark}  {printable(labels)}".rstrip()
    if series.stats is not None:
        yield f"  {_stats_text(series.stats)}"


def _sparkline(values: list[float]) -> str:
    """The course of a series in one line of text; the highest of each stretch counts, so that no peak is lost."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return ""
    size = max(1, -(-len(known) // _SPARK_WIDTH))
    peaks = [max(known[at : at + size]) for at in range(0, len(known), size)]
    low, high = min(peaks), max(peaks)
    scale = (len(_TICKS) - 1) / (high - low) if high > low else 0
    return "".join(_TICKS[round((peak - low) * scale)] for peak in peaks)


def _stats_text(stats: Stats) -> str:
    column = _UNIT_COLUMNS.get(stats.unit, "value")
    figures = (("now", stats.last), ("min", stats.minimum), ("mean", stats.mean), ("p95", stats.p95),
               ("max", stats.maximum))  # fmt: skip
    text = " · ".join(f"{name} {format_cell(column, value)}" for name, value in figures)
    if stats.time_to_full_s is not None:
        text += f" · full in {format_duration(stats.time_to_full_s)}"
    return text


def _document_lines(evidence: Evidence) -> Iterator[str]:
    document = evidence.document
    assert document is not None
    where = ":".join(str(part) for part in (document.file, document.line) if part is not None)
    heading = f"{where}  {document.heading or ''}".strip()
    if heading:
        yield f"  {printable(heading)}"
    lines = printable(document.text, keep_lines=True).strip().splitlines()
    for text in lines[:MAX_DOCUMENT_LINES]:
        yield f"  │ {text}"
    if len(lines) > MAX_DOCUMENT_LINES:
        yield styled(f"  … {len(lines) - MAX_DOCUMENT_LINES} more lines", dim=True)


def gap_lines(gaps: tuple[Gap, ...]) -> Iterator[str]:
    """What could not be seen and what would help, one line each; what is not set up is no fault and comes last."""
    faults = [gap for gap in gaps if gap.kind != "not_configured"]
    absent = [gap for gap in gaps if gap.kind == "not_configured"]
    if faults:
        yield ""
        yield styled("Could not be seen", fg="yellow", bold=True)
    for gap in faults:
        text = f"  {gap.source}, {gap.dataset}: {gap.kind.replace('_', ' ')}. {gap.detail} {gap.fix or ''}"
        yield printable(text).rstrip()
    if absent:
        yield styled(f"Not set up: {', '.join(dict.fromkeys(printable(_absent(gap)) for gap in absent))}", dim=True)


def _absent(gap: Gap) -> str:
    """A system that is not set up; of one that is, what it is not set up to tell."""
    return f"{gap.detail} ({gap.source})" if gap.hides else gap.source


def _footer(answer: Answer) -> str:
    brain = f"{answer.brain.kind} brain {answer.brain.name}" if answer.brain.kind == "model" else "built-in brain"
    parts = [brain, format_duration(answer.duration_s), f"conversation {answer.conversation_id}"]
    if answer.brain.fell_back_because:
        parts.insert(1, f"because: {printable(answer.brain.fell_back_because)}")
    return " · ".join(parts)
