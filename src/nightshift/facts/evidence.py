"""Evidence: what a tool saw, with where and when it saw it, and what it could not see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from nightshift.facts.gap import Gap

Cell = str | int | float | bool | None
EvidenceKind = Literal["rows", "series", "document", "none"]


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, both ends aware UTC; `step_s` is the distance of samples in seconds, for series."""

    start: datetime
    end: datetime
    step_s: float | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """Exact figures of one series, computed here and never by a model.

    `unit` is the unit of the values (`bytes`, `fraction`, `seconds`, empty for a plain number); `rate_per_s` is the
    slope of a least-squares line; `limit` is where it is full, `time_to_full_s` how long until then at that slope,
    if it grows. Of a rate `total` is what came together over the window: bytes of bytes/s.
    """

    count: int
    minimum: float
    maximum: float
    mean: float
    p95: float
    first: float
    last: float
    rate_per_s: float
    unit: str = ""
    time_to_full_s: float | None = None
    median: float | None = None
    limit: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class LabelledSeries:
    """One time series as shown: its labels and its points as (epoch seconds, value)."""

    labels: tuple[tuple[str, str], ...]
    points: tuple[tuple[float, float], ...]
    stats: Stats | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A quoted text: a runbook section, a task log. `text` is a stranger's words: data, never instructions."""

    text: str
    file: str | None = None
    heading: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that a tool saw.

    `id` is `E1`, `E2`… in the order of the conversation (empty until the conversation numbers it). `request` is what
    was asked, without credentials (`GET /cluster/resources`, a PromQL expression). `total` counts what exists,
    `shown` what is in here; `complete` is false when a Gap or the cut of a list leaves something out.
    Cells are raw values: the suffix of a column's name tells the unit (`used_bytes`, `used_fraction`, `age_s`,
    `last_backup_at` as ISO 8601), and `units.format_cell` shows them.
    """

    source: str
    kind: EvidenceKind
    request: str
    title: str
    taken_at: datetime
    id: str = ""
    age_s: float = 0.0
    window: Window | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    series: tuple[LabelledSeries, ...] = ()
    document: Document | None = None
    total: int = 0
    shown: int = 0
    complete: bool = True
    gaps: tuple[Gap, ...] = field(default=())
