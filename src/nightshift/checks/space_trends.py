"""How fast storages and root file systems fill: from PVE's figures in Prometheus, and from PVE's own records."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nightshift.checks.samples import guest_of_exporter_id
from nightshift.checks.thresholds import DAY_S, Thresholds
from nightshift.checks.trends import is_passing_burst, steady_days_to_full
from nightshift.facts.finding import Severity
from nightshift.facts.monitoring import Labels, label
from nightshift.facts.snapshot import Snapshot, not_configured

ROWS = ("metrics.pve_space_slope_6h", "metrics.pve_space_slope_24h", "metrics.pve_space_used_6h_ago")
FILLING_FROM = 0.60  # below this use, a trend is a guess: a copy that is under way looks the same


@dataclass(frozen=True, slots=True)
class SpaceTrend:
    """Growth in bytes a second over 6 and 24 hours, and what was used 6 hours ago."""

    slope_6h: float
    slope_24h: float
    used_6h_ago: float

    def days_to_full(self, used: int, total: int) -> float | None:
        """At the slower of both growths: what grew only for an hour is not yet a trend. None when it does not grow."""
        slope = min(self.slope_6h, self.slope_24h)
        if slope <= 0 or used <= self.used_6h_ago or used < total * FILLING_FROM:
            return None
        if is_passing_burst(used - self.used_6h_ago, self.slope_24h, used / total):
            return None
        return max(total - used, 0) / slope / DAY_S


def space_trends(snapshot: Snapshot) -> dict[str, SpaceTrend]:
    """Trends by the key of the guest or storage that they are about, as far as that is certain."""
    slopes_6h = _by_id(snapshot, "pve_space_slope_6h")
    slopes_24h = _by_id(snapshot, "pve_space_slope_24h")
    before = _by_id(snapshot, "pve_space_used_6h_ago")
    return {
        key: SpaceTrend(slopes_6h[key], slopes_24h[key], before[key])
        for key in slopes_6h
        if key in slopes_24h and key in before
    }


def soon(days: float | None, warning: float, critical: float) -> Severity | None:
    """The severity of a number of days that are left."""
    if days is None or days >= warning:
        return None
    return "critical" if days < critical else "warning"


def daily_lows(snapshot: Snapshot, key: str) -> tuple[float | None, ...]:
    """The lowest share of each day that PVE's own records tell of a storage or root file system."""
    return next((row.lows for row in snapshot.space_history if row.key == key), ())


def slow_days(snapshot: Snapshot, key: str, share: float, limit: float, thresholds: Thresholds) -> float | None:
    """Days until a storage or root file system is full at its growth of two weeks, where that is worth a remark: it is
    well filled, below its critical `limit`, and full before long."""
    if not thresholds.storage_filling_info <= share < limit:
        return None
    days = steady_days_to_full(daily_lows(snapshot, key), share)
    return days if days is not None and days < thresholds.storage_days_to_full_info else None


def _by_id(snapshot: Snapshot, row_id: str) -> dict[str, float]:
    storages = _storage_keys(snapshot)
    values: dict[str, float] = {}
    for sample in snapshot.metrics.get(row_id, not_configured()):
        key = _key_of(snapshot, sample.labels, storages)
        if key is not None and math.isfinite(sample.value):
            values[key] = max(sample.value, values.get(key, -math.inf))
    return values


def _key_of(snapshot: Snapshot, labels: Labels, storages: dict[str, str | None]) -> str | None:
    guest = guest_of_exporter_id(snapshot, labels)
    return guest.key if guest is not None else storages.get((label(labels, "id") or "").lower())


def _storage_keys(snapshot: Snapshot) -> dict[str, str | None]:
    """`storage/pve3/local-lvm` → the storage's key. None where two clusters have such a storage."""
    nodes = [(node.source, node.name) for node in snapshot.nodes]
    keys: dict[str, str | None] = {}
    for storage in snapshot.storages:
        names = [storage.node] if storage.node else [name for source, name in nodes if source == storage.source]
        for node in names:
            exported = f"storage/{node}/{storage.name}".lower()
            known = keys.setdefault(exported, storage.entity.key)
            if known != storage.entity.key and not storage.shared:
                keys[exported] = None
    return keys
