"""Ceph's own status as PVE passes it on, with the maps of monitors and managers that PVE adds."""

from __future__ import annotations

from datetime import UTC, datetime

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.world.ceph import COPIES, GROUPS, CephState, ceph_state, fsid
from nightshift_lab.world.nouns import DAY_S


def ceph_status(call: Call) -> Data:
    """`ceph status`, where there is Ceph; without a quorum of monitors it does not answer."""
    if not call.world.cluster.ceph:
        raise Refusal(500, "binary not installed: /usr/bin/ceph-mon")
    state = ceph_state(call.world, call.at)
    if len(state.quorum) * 2 <= len(state.monitors):
        raise Refusal(500, "got timeout")
    ranks = [rank for rank, name in enumerate(state.monitors) if name in state.quorum]
    return {
        "fsid": fsid(call.world),
        "health": {"status": state.health, "checks": _checks(state), "mutes": []},
        "election_epoch": 42,
        "quorum": ranks,
        "quorum_names": list(state.quorum),
        "quorum_age": int(call.at - call.world.started_at + 6 * DAY_S),
        "monmap": _monitors(call, state),
        "osdmap": {
            "epoch": 1_893,
            "num_osds": len(state.osds),
            "num_up_osds": sum(osd.up for osd in state.osds),
            "osd_up_since": int(call.world.started_at - 6 * DAY_S),
            "num_in_osds": sum(osd.inside for osd in state.osds),
            "osd_in_since": int(call.world.started_at - 96 * DAY_S),
            "num_remapped_pgs": 0,
        },
        "pgmap": _groups(state),
        "fsmap": {"epoch": 1, "btime": _stamp(call.world.started_at - 96 * DAY_S), "by_rank": [], "up:standby": 0},
        "mgrmap": _managers(state),
        "servicemap": {"epoch": 311, "modified": _stamp(call.at), "services": {}},
        "progress_events": {},
    }


def _checks(state: CephState) -> dict[str, Data]:
    return {
        check.code: {
            "severity": check.severity,
            "summary": {"message": check.message, "count": check.count},
            "muted": False,
        }
        for check in state.checks
    }


def _monitors(call: Call, state: CephState) -> dict[str, Data]:
    mons = [
        {"rank": rank, "name": name, "addr": f"{call.world.cluster.node(name).ip}:6789/0", "priority": 0, "weight": 0}
        for rank, name in enumerate(state.monitors)
    ]
    return {
        "epoch": 3,
        "fsid": fsid(call.world),
        "min_mon_release_name": "squid",
        "num_mons": len(mons),
        "mons": mons,
        "quorum": [rank for rank, name in enumerate(state.monitors) if name in state.quorum],
    }


def _groups(state: CephState) -> dict[str, Data]:
    used, total = state.used_bytes, state.total_bytes
    data = used // COPIES
    row: dict[str, Data] = {
        "pgs_by_state": [{"state_name": name, "count": count} for name, count in state.groups],
        "num_pgs": GROUPS,
        "num_pools": 2,
        "num_objects": state.objects,
        "data_bytes": data,
        "bytes_used": used,
        "bytes_avail": total - used,
        "bytes_total": total,
        "read_bytes_sec": 1_204_881,
        "write_bytes_sec": 3_911_520,
        "read_op_per_sec": 61,
        "write_op_per_sec": 184,
    }
    if state.degraded_fraction:
        objects = state.objects * COPIES
        degraded = int(objects * state.degraded_fraction)
        row |= {"degraded_objects": degraded, "degraded_total": objects, "degraded_ratio": state.degraded_fraction}
    return row


def _managers(state: CephState) -> dict[str, Data]:
    active, *others = state.managers
    standbys = [{"gid": 64_100 + number, "name": name} for number, name in enumerate(others)]
    return {"available": True, "active_name": active, "num_standbys": len(standbys), "standbys": standbys,
            "modules": ["iostat", "nfs", "prometheus", "restful"]}  # fmt: skip


def _stamp(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000+0000")
