"""High availability: who has the master's role, what it manages, and where it may run."""

from __future__ import annotations

import time
from dataclasses import replace

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.cluster import quorate
from nightshift_lab.world import GuestState
from nightshift_lab.world.nouns import Guest, HaGroup

_DEAD_FOR_S = 900


def current(call: Call) -> Data:
    inventory = call.inventory
    if call.world.cluster.standalone:
        return [
            {"id": "quorum", "type": "quorum", "node": call.world.cluster.nodes[0].name, "status": "OK", "quorate": 1}
        ]
    online = [state.node.name for state in inventory.nodes.values() if state.online]
    has_quorum = quorate(call)
    first = online[0] if online else ""
    able = [name for name in online if not _failed(call, name, "pve-ha-crm")]
    master = able[0] if able else first
    vote = {"status": "OK" if has_quorum else "No quorum!", "quorate": int(has_quorum)}
    rows: list[Data] = [
        {"id": "quorum", "type": "quorum", "node": first, **vote},
        {"id": "master", "type": "master", "node": master} | _daemon(call, master, "active", alive=bool(able)),
    ]
    for state in inventory.nodes.values():
        name = state.node.name
        managed = any(guest.guest.ha for guest in inventory.guests_on(name))
        mode = "maintenance mode" if state.maintenance else "active" if managed else "idle"
        alive = state.online and not _failed(call, name, "pve-ha-lrm")
        rows.append({"id": f"lrm:{name}", "type": "lrm", "node": name} | _daemon(call, name, mode, alive=alive))
    if call.release.major >= 9:
        rows.append({"id": "fencing", "type": "fencing", "node": first, "status": "armed", "armed-state": "armed"})
    rows += [_service(call, state) for state in inventory.guests.values() if state.guest.ha]
    return rows


def _failed(call: Call, node: str, service: str) -> bool:
    return bool(call.world.condition(f"service/{node}/{service}", "state", call.at, "running") == "failed")


def _daemon(call: Call, node: str, mode: str, *, alive: bool) -> dict[str, Data]:
    """What a daemon wrote last: it does so every ten seconds, and is taken for dead after two minutes."""
    seen_at = int(call.at - call.at % 10) - (0 if alive else _DEAD_FOR_S)
    when = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(seen_at))
    return {"status": f"{node} ({mode if alive else 'old timestamp - dead?'}, {when})", "timestamp": seen_at}


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


def _groups(call: Call) -> list[tuple[HaGroup, bool]]:
    """Where guests may run, and whether nowhere else; a guest is bound by one group only."""
    bound = {
        guest.vmid: HaGroup(f"only-{guest.name}", tuple(str(nodes).split(",")), (guest.vmid,))
        for guest in call.world.cluster.guests
        if guest.ha and (nodes := call.world.condition(f"guest/{guest.vmid}", "ha_nodes", call.at, ""))
    }
    usual = (
        replace(group, vmids=tuple(vmid for vmid in group.vmids if vmid not in bound))
        for group in call.world.cluster.ha_groups
    )
    return [*((group, False) for group in usual), *((group, True) for group in bound.values())]


def resources(call: Call) -> Data:
    groups = {vmid: group.name for group, _ in _groups(call) for vmid in group.vmids}
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
            "restricted": int(restricted),
            "comment": group.comment,
            "digest": "0" * 40,
        }
        for group, restricted in _groups(call)
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
            "strict": int(strict),
            "comment": group.comment,
            "digest": "0" * 40,
        }
        for group, strict in _groups(call)
        if group.vmids
    ]
