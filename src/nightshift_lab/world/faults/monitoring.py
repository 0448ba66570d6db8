"""What befalls those who watch: exporters, Prometheus, Grafana."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Bend, Fault, Flags, parameter

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDown(Fault):
    """An exporter refuses connections; the machine that it runs on is well."""

    kind: ClassVar[str] = "target-down"
    targets: ClassVar[tuple[str, ...]] = ("target",)

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity == self.target else base


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapeJobGone(Fault):
    """A job fell out of the configuration of Prometheus: its targets are not down, they are no longer there.

    Must have begun before the lab starts: a running Prometheus keeps its configuration.
    """

    kind: ClassVar[str] = "scrape-job-gone"

    job: str = parameter("postgres", "text", "the job")

    def knowing(self, world: World) -> Self:
        if all(exporter.job != self.job for exporter, _ in world.exporters):
            raise KeyError(f"scrape job {self.job}")
        return self.bending(Bend(f"scrape-job/{self.job}", "configured", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasourceBroken(Fault):
    """Grafana cannot reach its Prometheus: its rules cannot be evaluated, although Prometheus itself is well."""

    kind: ClassVar[str] = "datasource-broken"

    error: str = parameter(
        "dial tcp: lookup prometheus.home.arpa on 192.0.2.100:53: no such host", "text", "why it cannot"
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend("grafana/prometheus", "error", self.error),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWithoutData(Fault):
    """The query of an alert rule finds nothing any more, e.g. because a metric was renamed."""

    kind: ClassVar[str] = "rule-without-data"

    rule: str = parameter("", "text", "the uid of the rule")
    query: str = parameter("", "text", "its query as it is now")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(f"rule/{self.rule}", "query", self.query),)


KINDS: tuple[type[Fault], ...] = (TargetDown, ScrapeJobGone, DatasourceBroken, RuleWithoutData)
