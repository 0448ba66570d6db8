"""The result of one bounded read: a value, or the Gaps that explain why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from nightshift.facts.gap import Gap

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Read(Generic[Value]):
    """What a live read gave.

    `value` is None only when nothing could be read, and then `gaps` says why. A value with gaps is partial. `request`
    is what was asked, without credentials.
    """

    value: Value | None
    source: str
    request: str
    taken_at: datetime
    gaps: tuple[Gap, ...] = ()

    @property
    def complete(self) -> bool:
        return self.value is not None and not self.gaps
