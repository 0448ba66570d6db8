"""Metrics that rules ask for and that no Prometheus has ever stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from nightshift.checks.promql import needed_metrics
from nightshift.facts.monitoring import AlertRule
from nightshift.facts.snapshot import Snapshot

_UNITS = ("_total", "_bytes", "_seconds", "_ratio", "_percent", "_celsius")
_LIKE_PROMETHEUS = ("prometheus", "grafana-amazonprometheus-datasource", "victoriametrics-metrics-datasource")


@dataclass(frozen=True)
class UnknownMetrics:
    """`known` are all stored names; None while they cannot be told for certain: then nothing is unknown.

    `readable` are the data sources of Grafana that are a Prometheus, by source id and uid; None when they are unknown.
    """

    known: frozenset[str] | None
    readable: frozenset[tuple[str, str]] | None

    @classmethod
    def of(cls, snapshot: Snapshot) -> UnknownMetrics:
        """What is stored, when every Prometheus told all of it, and Grafana asks none that is not watched here."""
        names, sources = snapshot.metric_names, snapshot.grafana_datasources
        if names.state != "complete" or not any(item.names for item in names):
            return cls(None, None)
        readable = None
        if sources.known:
            readable = frozenset((item.source, item.uid) for item in sources if item.kind in _LIKE_PROMETHEUS)
            if len({uid for _, uid in readable}) > len(names):  # one of them may hold what ours do not
                return cls(None, None)
        return cls(frozenset().union(*(item.names for item in names)), readable)

    def renamed(self, names: tuple[str, ...]) -> dict[str, str]:
        """Of these names those that are stored with another unit at their end: exporters add and change it."""
        return {name: self._by_stem[_stem(name)] for name in names if _stem(name) in self._by_stem}

    def may_come(self, names: tuple[str, ...]) -> bool:
        """Whether all of these may be metrics that exist only in trouble: their exporter is there (`pve_…`), and has
        them under no other name."""
        if self.renamed(names):
            return False
        return all(name.partition("_")[0] in self._families for name in names)

    def in_rule(self, rule: AlertRule) -> tuple[str, ...]:
        """The names that a rule cannot do without and that nobody has stored, sorted."""
        if self.known is None or not rule.query:
            return ()
        if self.readable is not None and any((rule.source, uid) not in self.readable for uid in rule.datasources):
            return ()
        needed = needed_metrics(rule.query)
        return tuple(sorted(needed - self.known)) if needed else ()

    @cached_property
    def _by_stem(self) -> Mapping[str, str]:
        return {_stem(name): name for name in sorted(self.known or ())}

    @cached_property
    def _families(self) -> frozenset[str]:
        return frozenset(name.partition("_")[0] for name in self.known or ())


def _stem(name: str) -> str:
    """`node_cpu_seconds_total` → `node_cpu`."""
    while name.endswith(_UNITS):
        name = name.rpartition("_")[0]
    return name
