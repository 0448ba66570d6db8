"""Runbooks to begin with: an empty one with all its parts, or a draft from a finding and its evidence.

What systems say (names, alerts, logs) is strangers' text: it is put into the draft so that it stays text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

import yaml

from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.units import column_title, format_cell, format_number, format_time

ROWS = 10
_ADVICE = "Make it hold for the next time: take out what belongs to this one alone, and write down what helped."
_PARTS = {
    "Symptoms": "- What people notice, in their words and in those of the error messages.",
    "How to confirm": "The commands that tell this from its look-alikes, and what they print:\n\n```\n```",
    "Steps": "1. One step a number, the harmless ones first.",
    "How to verify": "- What must be true again, and the command that shows it.",
    "When to stop": "- What must not be done, and whom to ask when the steps do not help.",
}


def file_name(title: str) -> str:
    """`The NAS doesn't wake up` → `the-nas-doesnt-wake-up.md`."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return f"{'-'.join(words)[:80].strip('-') or 'runbook'}.md"


def begun(title: str, alerts: Sequence[str] = (), checks: Sequence[str] = ()) -> str:
    """A runbook to be filled in."""
    title = one_line(title)
    about = {"title": title, "alerts": list(alerts), "checks": list(checks), "tags": [], "symptoms": []}
    parts = (f"## {heading}\n\n{text}\n" for heading, text in _PARTS.items())
    return f"{_front(about)}\n# {title}\n\n" + "\n".join(parts)


def drafted(finding: Finding, explained: Iterable[Finding], taken_at: datetime, zone: tzinfo) -> str:
    """A draft from a finding, what it brought about, and the evidence of both."""
    consequences = tuple(explained)
    title = one_line(finding.title)
    about = {
        "title": title,
        "alerts": sorted({item.entity.label for item in consequences if item.entity.kind == "alert"}),
        "checks": list(dict.fromkeys((finding.check, *(item.check for item in consequences)))),
        "entities": [finding.entity.label],
        "symptoms": list(dict.fromkeys(one_line(item.title) for item in (finding, *consequences))),
    }
    lines = [
        _front(about),
        f"# {_text(title)}",
        "",
        f"Drafted by Nightshift from what was wrong at {format_time(taken_at, zone)}. {_ADVICE}",
        "",
        "## Symptoms",
        "",
        f"- {_text(finding.detail)}",
        *(f"- {_text(item.title)}" for item in consequences),
        "",
        "## How to confirm",
        "",
        *_evidence(finding.evidence, zone),
        "## Steps",
        "",
        f"1. {_text(finding.remedy)}",
        *((f"2. The runbook for it so far: {_text(finding.runbook)}.",) if finding.runbook else ()),
        "",
        "## How to verify",
        "",
        f"- `nightshift check --only {finding.check}` finds nothing any more.",
        "",
        "## When to stop",
        "",
        _PARTS["When to stop"],
    ]
    return "\n".join(lines) + "\n"


def _front(about: Mapping[str, object]) -> str:
    return f"---\n{yaml.safe_dump(dict(about), sort_keys=False, allow_unicode=True, width=110)}---\n"


def _evidence(evidence: Sequence[Evidence], zone: tzinfo) -> Iterator[str]:
    for item in evidence:
        yield f"{_text(item.title)} ({_text(item.source)}, {format_time(item.taken_at, zone)}):"
        yield ""
        yield from ("```", *item.request.replace("```", "'''").splitlines(), "```", "")
        if item.rows:
            yield from _table(item, zone)
        for series in item.series:
            if series.stats:
                stats, unit = series.stats, series.stats.unit
                figures = (("min", stats.minimum), ("mean", stats.mean), ("max", stats.maximum), ("last", stats.last))
                shown = ", ".join(f"{name} {_quantity(value, unit, zone)}" for name, value in figures)
                yield from (f"- {_text(', '.join(f'{name}={value}' for name, value in series.labels))}: {shown}", "")
        if item.document:
            yield from (f"> {_text(line)}".rstrip() for line in item.document.text.splitlines()[:ROWS])
            yield ""


def _table(item: Evidence, zone: tzinfo) -> Iterator[str]:
    yield f"| {' | '.join(_text(column_title(column)) for column in item.columns)} |"
    yield f"|{' --- |' * len(item.columns)}"
    for row in item.rows[:ROWS]:
        cells = (_text(format_cell(column, value, zone)) for column, value in zip(item.columns, row, strict=True))
        yield f"| {' | '.join(cells)} |"
    if item.total > min(ROWS, len(item.rows)):
        yield f"\n{item.total} in all."
    yield ""


def _quantity(value: float, unit: str, zone: tzinfo) -> str:
    suffix = {"bytes": "_bytes", "fraction": "_fraction", "seconds": "_s"}.get(unit)
    return format_cell(suffix, value, zone) if suffix else f"{format_number(value)} {unit}".rstrip()


def one_line(text: str) -> str:
    """Text without line breaks and control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _text(text: str) -> str:
    """Strangers' words as Markdown that shows them and does nothing else."""
    return re.sub(r"([\\`*_|<>\[\]#])", r"\\\1", one_line(text))
