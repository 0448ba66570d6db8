"""What the last sweep left for this one: the memory that a check may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Previous:
    """`taken_at` is when the last sweep saw the world, None when there was none.

    `open_findings` are the fingerprints of what was wrong then, so that a figure that hovers at its limit does not
    open and close a finding at every sweep. `uptimes_s` are the uptimes by entity key, so that a restart shows even
    where no history is kept.
    """

    taken_at: datetime | None = None
    open_findings: frozenset[str] = frozenset()
    uptimes_s: Mapping[str, int] = field(default_factory=dict)


NOTHING = Previous()
