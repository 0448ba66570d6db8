"""What the Prometheus module of Ceph's manager says: the health, each OSD and monitor, space, placement groups."""

from __future__ import annotations

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures, single
from nightshift_lab.world.ceph import GROUPS, CephState, ceph_state

JOB = "ceph"
_HEALTH = {"HEALTH_OK": 0.0, "HEALTH_WARN": 1.0, "HEALTH_ERR": 2.0}


def ceph_exporter(figures: Figures, _owner: str) -> list[Family]:
    """All families; the manager on the first node answers for the whole of Ceph."""
    states = [ceph_state(figures.world, at) for at in figures.times.tolist()]
    families = [
        _single("ceph_health_status", "Cluster health status", [_HEALTH[state.health] for state in states]),
        _single("ceph_cluster_total_bytes", "DF total_bytes", [state.total_bytes for state in states]),
        _single("ceph_cluster_total_used_bytes", "DF total_used_bytes", [state.used_bytes for state in states]),
        _single("ceph_pg_total", "PG Total Count", [GROUPS for _ in states], pool_id="2"),
    ]
    names = {"active": "active", "clean": "clean", "degraded": "degraded", "undersized": "undersized",
             "inconsistent": "inconsistent"}  # fmt: skip
    families += [
        _single(f"ceph_pg_{name}", f"PG {word}", [_groups(state, word) for state in states], pool_id="2")
        for name, word in names.items()
    ]
    return [*families, *_osds(states), *_monitors(states), _details(states)]


def _single(name: str, text: str, values: list[float] | list[int], /, **labels: str) -> Family:
    return single(name, "gauge", text, np.array(values, dtype=np.float64), **labels)


def _groups(state: CephState, word: str) -> int:
    return sum(count for name, count in state.groups if word in name.split("+"))


def _osds(states: list[CephState]) -> list[Family]:
    up = Family("ceph_osd_up", "gauge", "OSD status up")
    inside = Family("ceph_osd_in", "gauge", "OSD status in")
    used = Family("ceph_osd_stat_bytes_used", "gauge", "OSD stat bytes used")
    size = Family("ceph_osd_stat_bytes", "gauge", "OSD stat bytes")
    for index, osd in enumerate(states[0].osds if states else ()):
        rows = [state.osds[index] for state in states]
        up.add(np.array([float(row.up) for row in rows]), ceph_daemon=osd.name)
        inside.add(np.array([float(row.inside) for row in rows]), ceph_daemon=osd.name)
        used.add(np.floor([row.used_bytes for row in rows]), ceph_daemon=osd.name)
        size.add(np.array([float(row.size_bytes) for row in rows]), ceph_daemon=osd.name)
    return [up, inside, used, size]


def _monitors(states: list[CephState]) -> list[Family]:
    family = Family("ceph_mon_quorum_status", "gauge", "Monitors in quorum")
    for name in states[0].monitors if states else ():
        family.add(np.array([float(name in state.quorum) for state in states]), ceph_daemon=f"mon.{name}")
    return [family]


def _details(states: list[CephState]) -> Family:
    """A series for each health check that ever was raised; 1 while it is."""
    family = Family("ceph_health_detail", "gauge", "healthcheck status by type (0=inactive, 1=active)")
    known = {(check.code, check.severity) for state in states for check in state.checks}
    for code, severity in sorted(known):
        raised = [float(any(check.code == code for check in state.checks)) for state in states]
        family.add(np.array(raised), name=code, severity=severity)
    return family
