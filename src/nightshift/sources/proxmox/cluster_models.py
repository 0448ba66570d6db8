"""PVE's answers about a cluster as a whole on the wire: votes, high availability, replication."""

from __future__ import annotations

from pydantic import Field

from nightshift.sources.wire import Flag, Moment, Text, Whole, WireModel


class CorosyncNodeRow(WireModel):
    """`{"node": "pve1", "name": "pve1", "nodeid": "1", "quorum_votes": "1", "ring0_addr": "192.0.2.11", "ring1_addr":
    "198.51.100.11"}`; up to eight links."""

    node: Text
    quorum_votes: Whole | None = None
    ring0_addr: Text | None = None
    ring1_addr: Text | None = None
    ring2_addr: Text | None = None
    ring3_addr: Text | None = None
    ring4_addr: Text | None = None
    ring5_addr: Text | None = None
    ring6_addr: Text | None = None
    ring7_addr: Text | None = None


class QdeviceWire(WireModel):
    """`{"Model": "Net", "QNetd host": "192.0.2.5:5403", "State": "Connected", …}`; `{}` where there is none."""

    state: Text | None = Field(default=None, alias="State")


class HaStatusRow(WireModel):
    """A row of one of four types, and of a fifth from 9 on:
    `{"type": "quorum", "id": "quorum", "node": "pve1", "status": "OK", "quorate": 1}`,
    `{"type": "master", "id": "master", "node": "pve1", "status": "pve1 (active, Mon Nov 23 08:00:00 2026)"}`,
    `{"type": "lrm", "id": "lrm:pve3", "node": "pve3", "status": "pve3 (maintenance mode, Mon Nov 23 08:00:02 2026)"}`,
    `{"type": "service", "id": "service:vm:104", "sid": "vm:104", "node": "pve1", "state": "started", "request_state":
    "started"}`, `{"type": "fencing", "id": "fencing", "armed-state": "armed"}`."""

    type: str
    id: Text
    node: Text | None = None
    status: Text | None = None
    timestamp: Moment = None
    quorate: Flag | None = None
    sid: Text | None = None
    state: Text | None = None
    request_state: Text | None = None
    armed_state: Text | None = Field(default=None, alias="armed-state")


class HaRuleRow(WireModel):
    """`{"rule": "core-services", "type": "node-affinity", "nodes": "pve1:2,pve2", "resources": "ct:101,vm:104",
    "strict": 1}`; rules of type `resource-affinity` have no nodes."""

    rule: Text
    type: Text
    nodes: Text | None = None
    resources: Text | None = None
    strict: Flag = False
    disable: Flag = False


class HaGroupRow(WireModel):
    """`{"group": "core-services", "type": "group", "nodes": "pve1:2,pve2", "restricted": 1}`"""

    group: Text
    nodes: Text | None = None
    restricted: Flag = False


class HaResourceRow(WireModel):
    """`{"sid": "vm:104", "type": "vm", "state": "started", "group": "core-services"}`"""

    sid: Text
    group: Text | None = None


class ReplicationJobRow(WireModel):
    """`{"id": "102-0", "guest": 102, "source": "pve1", "target": "pve2", "schedule": "*/15", "type": "local"}`"""

    id: Text
    guest: Whole
    disable: Flag = False


class ReplicationRow(WireModel):
    """`{"id": "102-0", "guest": 102, "target": "pve2", "schedule": "*/15", "last_sync": 1763884800, "last_try":
    1763885700, "next_sync": 1763886600, "fail_count": 2, "error": "command 'zfs send …' failed: exit code 255"}`; a
    `last_sync` of 0 means never, a `pid` that it runs."""

    id: Text
    guest: Whole
    source: Text | None = None
    target: Text
    schedule: Text | None = None
    disable: Flag = False
    last_sync: Moment = None
    last_try: Moment = None
    next_sync: Moment = None
    fail_count: Whole | None = None
    error: Text | None = None
    pid: Whole | None = None
