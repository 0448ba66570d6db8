"""One row of the table: a question to Prometheus whose every answer is a finding.

    Row(
        id="ups.load",
        family="power",
        title="Load of UPSes",
        exporter="nut_exporter",
        metric="network_ups_tools_ups_load",
        value="max by (job, instance, ups) (min_over_time(network_ups_tools_ups_load[10m])) / 100",
        meaning="the load of a UPS at every moment of the last 10 min, as a share",
        worse="above",
        warning="ups_load_warning",
        critical="ups_load_critical",
        unit="fraction",
        labels=("ups",),
        headline="UPS {ups} is loaded to {value}",
        detail="…",
        remedy="…",
    )

How long a condition has to hold is part of the expression; over a day and more it looks every ten minutes only
(`[1d:10m]`): else every sample of a day of a whole fleet would be read at every sweep. The limit that is reached first
is part of it, too, so that Prometheus answers with what is wrong and not with every series that it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import Severity

Unit = Literal["fraction", "seconds", "days", "expiry", "celsius", "count", "bytes", "ratio", "state"]
About = Literal["machine", "disk", "pool", "target"]
InContainer = Literal["own", "host's", "nonsense"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One condition.

    `id` is the check's id, `exporter` who provides `metric`, by which the doctor sees that it is there. `value` is
    PromQL without a comparison when there are limits, with its condition when there are none; its samples must carry
    `instance` (and `job`) and are one per finding. `meaning` says what a sample's value is, with its unit.

    `worse` tells on which side of the limits trouble lies. `warning` and `critical` name fields of Thresholds; without
    them every sample is a finding of `severity`. `labels` tell two findings about one entity apart.

    `headline`, `detail` may name `{about}` (the entity), `{value}` and the series' labels. `about` says what the
    labels point to: the machine of `instance`, the disk of `serial_number` or the pool of `zpool` on it, or the target
    itself.

    `in_container` says what the figure is when the exporter runs in a container (LXC), which sees the kernel of its
    host: its `own`; the `host's`, told of the node then, once; or `nonsense`, such as the host's load for each of the
    container's processors.

    `yields_to` are checks (or `family.*`) that tell the same about the same entity, from the system's own API: their
    finding stands, this one does not. With `same_thing` their discriminator has to name the same thing.
    """

    id: str
    family: str
    title: str
    exporter: str
    metric: str
    value: str
    meaning: str
    headline: str
    detail: str
    remedy: str
    worse: Literal["above", "below"] = "above"
    warning: str | None = None
    critical: str | None = None
    severity: Severity = "warning"
    unit: Unit = "count"
    labels: tuple[str, ...] = ()
    about: About = "machine"
    in_container: InContainer = "own"
    runbook: str = "node-load.md#steps"
    yields_to: tuple[str, ...] = ()
    same_thing: bool = False

    @property
    def key(self) -> str:
        """The row's name in `Snapshot.metrics`."""
        return self.id.replace(".", "_")

    @property
    def worst(self) -> Severity:
        """The worst that it can say."""
        if self.critical is not None:
            return "critical"
        return "warning" if self.warning is not None else self.severity

    def limits(self, thresholds: Thresholds) -> tuple[float | None, float | None]:
        """The limits for a warning and for critical; None where it has none."""
        return _limit(thresholds, self.warning), _limit(thresholds, self.critical)

    def expr(self, thresholds: Thresholds) -> str:
        """The whole expression: only what reaches a limit answers."""
        known = [limit for limit in self.limits(thresholds) if limit is not None]
        if not known:
            return self.value
        if self.worse == "above":
            return f"({self.value}) >= {min(known)!r}"
        return f"({self.value}) <= {max(known)!r}"

    def severity_of(self, value: float, thresholds: Thresholds) -> Severity | None:
        """How bad a value is; None when it reaches no limit. A limit counts as reached when the value equals it."""
        warning, critical = self.limits(thresholds)
        if warning is None and critical is None:
            return self.severity
        if critical is not None and self._reaches(value, critical):
            return "critical"
        return "warning" if warning is not None and self._reaches(value, warning) else None

    def _reaches(self, value: float, limit: float) -> bool:
        return value >= limit if self.worse == "above" else value <= limit


def _limit(thresholds: Thresholds, name: str | None) -> float | None:
    return float(getattr(thresholds, name)) if name is not None else None


def lowest(series: str, window: str) -> str:
    """The lowest value within a window; the last one, where it is scraped less often than that."""
    return f"(min_over_time({series}[{window}]) or {series})"


def highest(series: str, window: str) -> str:
    """The highest value within a window; the last one, where it is scraped less often than that."""
    return f"(max_over_time({series}[{window}]) or {series})"


def at_every_probe(series: str, value: str) -> str:
    """An expression that holds when a `value` such as `max_over_time(%s) == 0` held at every probe of the last 3 min;
    of what is probed less often, of the last 11 or 21. One probe proves nothing, so there have to be two, one of them
    more than 2 min ago. Of the long windows nothing counts when the prober itself is gone since."""

    def within(window: str) -> str:
        return f"{value % f'{series}[{window}]'} and count_over_time({series}[{window}]) > 1"

    asked = "on (job, instance) last_over_time(up[11m]) == 1"
    earlier = f"count_over_time({series}[19m] offset 2m) > 0"
    return f"({within('3m')} or ({within('11m')} or {within('21m')}) and {asked}) and {earlier}"


def grown(metrics: dict[str, str], by: str, window: str, label: str) -> str:
    """An expression for several counters: each that grew within the window, with what it counts in `label`.

    Each is asked by itself: a range function drops the metric's name, and series of two metrics would clash.
    """
    return " or ".join(
        f'label_replace(sum by ({by}) (increase({metric}[{window}])) > 0, "{label}", "{meaning}", "", "")'
        for metric, meaning in metrics.items()
    )
