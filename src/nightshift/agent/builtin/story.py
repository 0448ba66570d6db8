"""What a writer has in hand: the question, what the tools returned, and how to show a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from nightshift.agent.builtin.questions.question import Question
from nightshift.facts.evidence import Cell, Evidence, Window
from nightshift.facts.finding import Finding
from nightshift.facts.gap import EVERYTHING, Gap
from nightshift.facts.units import format_cell, format_time
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import ToolResult


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an Evidence table, by column name."""

    evidence: Evidence
    cells: tuple[Cell, ...]
    zone: tzinfo

    def get(self, column: str) -> Cell:
        """The raw cell; None when there is no such column."""
        if column not in self.evidence.columns:
            return None
        return self.cells[self.evidence.columns.index(column)]

    def number(self, column: str) -> float | None:
        cell = self.get(column)
        return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None

    def show(self, column: str) -> str:
        """The cell as people read it, in its unit; `–` when unknown."""
        return one_line(format_cell(column, self.get(column), self.zone))

    def known(self, column: str) -> bool:
        return self.get(column) not in (None, "")


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that an answer is written from. `errors` are the messages of tools that refused their arguments."""

    question: Question
    results: Mapping[str, Sequence[ToolResult]]
    index: EntityIndex
    now: datetime
    zone: tzinfo
    errors: tuple[str, ...] = field(default=())

    def of(self, tool: str) -> Iterator[ToolResult]:
        yield from self.results.get(tool, ())

    def evidence(self, tool: str, kind: str | None = None) -> list[Evidence]:
        return [e for result in self.of(tool) for e in result.evidence if kind is None or e.kind == kind]

    def rows(self, evidence: Evidence) -> list[Row]:
        return [Row(evidence, cells, self.zone) for cells in evidence.rows]

    def table(self, tool: str, *columns: str) -> Evidence | None:
        """The first table of a tool that has all these columns, empty ones included."""
        return next((e for e in self.evidence(tool) if set(columns) <= set(e.columns)), None)

    def findings(self, *tools: str) -> tuple[Finding, ...]:
        every = (finding for tool in tools for result in self.of(tool) for finding in result.findings)
        return tuple({finding.fingerprint: finding for finding in every}.values())

    def gaps(self, *tools: str) -> tuple[Gap, ...]:
        """What the tools (all, if none is named) could not see, without what is merely not set up."""
        wanted = tools or tuple(self.results)
        every = (gap for tool in wanted for result in self.of(tool) for gap in result.gaps)
        return tuple(gap for gap in dict.fromkeys(every) if gap.is_blind_spot)

    def nothing_set_up(self, tool: str) -> Gap | None:
        """The Gap of a tool that had no system at all to look at."""
        every = (gap for result in self.of(tool) for gap in result.gaps)
        return next((gap for gap in every if gap.dataset == EVERYTHING), None)

    def notes(self, tool: str) -> list[str]:
        return [result.note for result in self.of(tool) if result.note]

    def time(self, moment: datetime) -> str:
        return format_time(moment, self.zone)

    @property
    def when(self) -> str:
        """The window of the question in words, with its bounds: `last night (2026-… to …)`."""
        span = self.question.span
        said = re.sub(r"^(?:of|for) (?=the )", "in ", span.text) if span else ""
        return f"{said} ({self.bounds(span.window)})" if span else ""

    @property
    def is_long_over(self) -> bool:
        """Whether the time that is asked about ended days ago, so that the present is no answer."""
        span = self.question.span
        return span is not None and span.window.end < self.now - timedelta(days=2)

    def bounds(self, window: Window) -> str:
        """`2026-11-23 21:45 to 22:45 CET`; the second date only when it is another one."""
        start, end = window.start.astimezone(self.zone), window.end.astimezone(self.zone)
        last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{start:%Y-%m-%d %H:%M} to {last} {end.tzname() or ''}".rstrip()


def guest_name(row: Row, column: str = "name") -> str:
    """`web (VM 104)`, `VM 104` while the name is not known."""
    number = f"{row.show('type')} {row.show('vmid')}"
    return f"{row.show(column)} ({number})" if row.known(column) else number


def cite(*evidence: Evidence | None) -> str:
    """` [E1]`, ` [E1, E3]`, or nothing when the evidence has no number."""
    ids = list(dict.fromkeys(item.id for item in evidence if item is not None and item.id))
    return f" [{', '.join(ids)}]" if ids else ""


def one_line(text: str) -> str:
    """A stranger's text that cannot break out of its line, nor pass for a citation."""
    return " ".join(text.split()).replace("[E", "(E")


_NOISE = re.compile(r'"/[^"]{20,}"|\b[0-9a-f]{32,}\b')


def short_reason(text: str) -> str:
    """An error text without checksums and long paths: what is left reads the same for every guest that it hit."""
    return one_line(re.sub(r"(?: for)?(?: …)+", " …", _NOISE.sub("…", text)))


def bullet(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def joined(words: Sequence[str], limit: int = 6) -> str:
    """`a, b and c`; what is beyond the limit is not named."""
    if len(words) > limit:
        return f"{', '.join(words[:limit])} and others"
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 VM`, `3 VMs`, `no VM`."""
    if count == 0:
        return f"no {one}"
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"


def sentence(text: str) -> str:
    """With a full stop and a capital letter, unless it begins with what looks like a name: `pve2`, `home-assistant`."""
    text = text.strip()
    if not text:
        return ""
    if text.split()[0].rstrip(",.:;").isalpha():
        text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?:…" else text + "."
