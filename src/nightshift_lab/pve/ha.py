"""High availability: who has the master's role, what it manages, and where it may run."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.cluster import quorate
from nightshift_lab.world import GuestState
from nightshift_lab.world.nouns import Guest


def current(call: Call) -> Data:
    inventory = call.inventory
    if call.world.cluster.standalone:
        return [
            {"id": "quorum", "type": "quorum", "node": call.world.cluster.nodes[0].name, "status": "OK", "quorate": 1}
        ]
    online = [state.node.name for state in inventory.nodes.values() if state.online]
    has_quorum = quorate(call)
    now, first = int(call.at), online[0] if online else ""
    vote = {"status": "OK" if has_quorum else "No quorum!", "quorate": int(has_quorum)}
    rows: list[Data] = [
        {"id": "quorum", "type": "quorum", "node": first, **vote},
        {"id": "master", "type": "master", "node": first, "status": f"{first} (active, now)", "timestamp": now},
    ]
    for state in inventory.nodes.values():
        managed = any(guest.guest.ha for guest in inventory.guests_on(state.node.name))
        mode = "maintenance mode" if state.maintenance else "active" if managed else "idle"
        told = f"{state.node.name} ({mode}, now)" if state.online else f"{state.node.name} (old timestamp - dead?)"
        lrm = {"id": f"lrm:{state.node.name}", "type": "lrm", "node": state.node.name, "status": told}
        rows.append(lrm | {"timestamp": now})
    if call.release.major >= 9:
        rows.append({"id": "fencing", "type": "fencing", "node": first, "status": "armed", "armed-state": "armed"})
    rows += [_service(call, state) for state in inventory.guests.values() if state.guest.ha]
    return rows


def _service(call: Call, state: GuestState) -> Data:
    sid = state.guest.sid
    row = {
        "id": f"service:{sid}",
        "type": "service",
        "sid": sid,
        "node": state.node,
        "state": state.ha_state,
        "request_state": _requested(call, state.guest),
        "crm_state": state.ha_state,
        "max_restart": 10,
        "max_relocate": 1,
        "status": f"{sid} ({state.node}, {state.ha_state})",
    }
    return row | ({"failback": 1} if call.release.major >= 9 else {})


def _requested(call: Call, guest: Guest) -> str:
    return str(call.world.condition(f"guest/{guest.vmid}", "ha_request", call.at, "started"))


def resources(call: Call) -> Data:
    groups = {vmid: group.name for group in call.world.cluster.ha_groups for vmid in group.vmids}
    rows = []
    for guest in call.world.cluster.guests:
        if guest.ha:
            row: dict[str, Data] = {
                "sid": guest.sid,
                "type": guest.sid.partition(":")[0],
                "state": _requested(call, guest),
                "max_restart": 10,
                "max_relocate": 1,
                "digest": "0" * 40,
            }
            if guest.vmid in groups and call.release.major < 9:
                row["group"] = groups[guest.vmid]
            rows.append(row)
    wanted = call.query.get("type")
    return [row for row in rows if wanted is None or row["type"] == wanted]


def groups(call: Call) -> Data:
    """Until PVE 8; then they became rules."""
    if call.release.major >= 9:
        raise Refusal(500, "cannot index groups: ha groups have been migrated to rules")
    return [
        {
            "group": group.name,
            "type": "group",
            "nodes": ",".join(group.nodes),
            "comment": group.comment,
            "digest": "0" * 40,
        }
        for group in call.world.cluster.ha_groups
    ]


def rules(call: Call) -> Data:
    """From PVE 9 on."""
    if call.release.major < 9:
        raise Refusal(501, "Method 'GET /cluster/ha/rules' not implemented")
    return [
        {
            "rule": group.name,
            "type": "node-affinity",
            "nodes": ",".join(group.nodes),
            "resources": ",".join(call.world.cluster.guest(vmid).sid for vmid in group.vmids),
            "strict": 0,
            "comment": group.comment,
            "digest": "0" * 40,
        }
        for group in call.world.cluster.ha_groups
    ]
