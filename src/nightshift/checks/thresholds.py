"""Every limit that a check compares with, in one frozen value. Fractions are of 1, times are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from nightshift.checks.absences import Absence, expected_away

HOUR_S = 3_600.0
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Defaults that a strict operator would accept.

    Names that end in `_s` are seconds, those with `days` are days, other floats are shares of 1. `absences` is what the
    operator expects to be away at times.
    """

    node_memory_warning: float = 0.92
    node_memory_critical: float = 0.97
    node_rootfs_warning: float = 0.85
    node_rootfs_critical: float = 0.95
    storage_warning: float = 0.85
    storage_critical: float = 0.95
    datastore_warning: float = 0.85
    datastore_critical: float = 0.95
    datastore_days_to_full_warning: float = 14.0
    datastore_days_to_full_critical: float = 2.0
    filesystem_warning: float = 0.90
    filesystem_critical: float = 0.97
    filesystem_days_to_full_warning: float = 4.0
    filesystem_days_to_full_critical: float = 1.0
    filesystem_filling_from: float = 0.60  # below this use, a trend is a guess: a copy that is under way looks the same
    guest_memory_warning: float = 0.95
    restarts_warning: int = 3
    oom_kills_warning: int = 1
    backup_age_warning_s: float = 8 * DAY_S
    new_guest_grace_s: float = DAY_S
    gc_age_warning_s: float = 8 * DAY_S
    clear_margin: float = 0.02  # an open finding about a share closes only this far below its limit
    absences: tuple[Absence, ...] = ()

    def changed(self, limits: Mapping[str, float]) -> Thresholds:
        """These, with other limits, by name."""
        changes: dict[str, Any] = dict(limits)
        return replace(self, **changes) if changes else self

    def away(self, at: datetime, **names: str) -> bool:
        """Whether a thing is expected to be away at `at`: `away(now, source="pbs-attic", datastore="offsite")`.

        `names` are what is known of it, by the fields of `Selector`.
        """
        facets = {name: (value,) for name, value in names.items()}
        return expected_away(self.absences, facets, at) is not None


LIMITS: Mapping[str, type[int] | type[float]] = {
    item.name: int if item.type == "int" else float for item in fields(Thresholds) if item.type in ("int", "float")
}
"""The type of every limit by its name."""
