"""The rule files of the lab's Prometheus: a few recording rules, and what a scenario has gone wrong with them."""

from __future__ import annotations

from typing import Any

from nightshift_lab.world.world import World

_RECORDED = (
    ("cluster:up:ratio", "avg(up)"),
    ("cluster:guests_up:count", 'count(pve_up{id=~"(qemu|lxc)/.+"} == 1)'),
)
# Two series of the same labels on one side: Prometheus refuses to guess which is meant.
_FAILING = ("instance:load_per_core:ratio", "node_load1 / on (instance) node_cpu_seconds_total")
_ALERTS = (
    {"alert": "PrometheusWatchdog", "expr": "vector(1)", "labels": {"severity": "none"}},
    {"alert": "JobMissing", "expr": 'absent(up{job="node"})', "for": "5m", "labels": {"severity": "critical"}},
)


def rule_groups(world: World) -> dict[str, Any]:
    """The content of the rule file."""
    recorded = [{"record": name, "expr": query} for name, query in _RECORDED]
    groups: list[dict[str, Any]] = [{"name": "homelab", "interval": "15s", "rules": recorded}]
    if troubled(world, "rule-failing"):
        name, query = _FAILING
        groups.append({"name": "load", "interval": "5s", "rules": [{"record": name, "expr": query}]})
    if troubled(world, "no-alertmanager"):
        groups.append({"name": "alerts", "interval": "15s", "rules": list(_ALERTS)})
    return {"groups": groups}


def troubled(world: World, what: str) -> bool:
    """Whether Prometheus itself has that trouble when it starts."""
    return bool(world.condition("prometheus", what, world.started_at, False))
