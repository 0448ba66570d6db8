"""`/cluster/resources`, and the lists of nodes: what the cluster's own statistics say of everything at once."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data
from nightshift_lab.pve.figures import all_guest_figures, cpu_fraction, lock_of, storage_sizes, tags_of, whole
from nightshift_lab.world import GuestState, NodeState, StorageState

_KINDS = ("vm", "storage", "node", "sdn")


def resources(call: Call) -> Data:
    wanted = call.query.get("type")
    if wanted is not None:
        call.required("type", _KINDS)
    inventory = call.inventory
    rows: list[Data] = []
    if wanted in {None, "vm"}:
        may_see = (
            state for state in inventory.guests.values() if call.token.may(f"/vms/{state.guest.vmid}", "VM.Audit")
        )
        figures = all_guest_figures(call)
        rows += [_guest_row(call, state, figures) for state in may_see]
    if wanted in {None, "node"}:
        rows += [_node_row(call, state) for state in inventory.nodes.values()]
    if wanted in {None, "storage"}:
        seen = ("Datastore.Audit", "Datastore.AllocateSpace")
        rows += [
            _storage_row(call, state)
            for state in inventory.storages
            if call.token.may_any(f"/storage/{state.storage.name}", seen)
        ]
    return rows


def _guest_row(call: Call, state: GuestState, figures: dict[int, dict[str, Data]]) -> Data:
    guest = state.guest
    row: dict[str, Data] = {
        "id": f"{guest.kind}/{guest.vmid}",
        "vmid": guest.vmid,
        "node": state.node,
        "type": guest.kind,
        "status": state.status if state.qmp_status in {"running", "stopped"} else state.qmp_status,
    }
    if state.status == "unknown":
        row["status"] = "unknown"
        return row
    row |= {"name": state.name, "template": int(guest.template), "maxcpu": guest.cores}
    row |= figures[guest.vmid] | tags_of(guest)
    if guest.kind == "qemu" and state.running and call.release.major >= 9:
        row["memhost"] = min(guest.memory_bytes + 220_000_000, int(row["mem"]) + 310_000_000)
    lock = lock_of(call, state)
    if lock:
        row["lock"] = lock
    pool = next((pool.name for pool in call.world.cluster.pools if guest.vmid in pool.vmids), "")
    if pool and call.token.may(f"/pool/{pool}", "Pool.Audit"):
        row["pool"] = pool
    if state.ha_state is not None:
        row["hastate"] = state.ha_state
    return row


def _node_row(call: Call, state: NodeState) -> Data:
    name = state.node.name
    row: dict[str, Data] = {
        "id": f"node/{name}",
        "node": name,
        "type": "node",
        "status": "online" if state.online else "offline",
    }
    if not state.fresh or not call.token.may(f"/nodes/{name}", "Sys.Audit"):
        return row
    return row | {"cgroup-mode": 2} | node_figures(call, state)


def node_figures(call: Call, state: NodeState) -> dict[str, Data]:
    entity, at = f"node/{state.node.name}", call.statistics_at
    return {
        "level": "",
        "cpu": cpu_fraction(call.world, entity, at),
        "maxcpu": state.node.cores,
        "mem": whole(call.world, entity, "mem_used_bytes", at),
        "maxmem": state.node.memory_bytes,
        "disk": whole(call.world, f"fs/{entity}//", "used_bytes", at),
        "maxdisk": whole(call.world, f"fs/{entity}//", "size_bytes", at),
        "uptime": int(call.at - (state.boot_at or call.at)),
    }


def _storage_row(call: Call, state: StorageState) -> Data:
    storage = state.storage
    row: dict[str, Data] = {
        "id": f"storage/{state.node}/{storage.name}",
        "storage": storage.name,
        "node": state.node,
        "type": "storage",
        "plugintype": storage.kind,
        "content": ",".join(storage.content),
        "shared": int(storage.shared),
        "status": "unknown",
    }
    sizes = storage_sizes(call, state.node, storage) if state.known else None
    if sizes is None:
        return row
    return row | {"status": "available", "disk": sizes[0], "maxdisk": sizes[1]}


def nodes(call: Call) -> Data:
    rows: list[Data] = []
    for state in call.inventory.nodes.values():
        name = state.node.name
        row: dict[str, Data] = {
            "id": f"node/{name}",
            "node": name,
            "type": "node",
            "status": "online" if state.online else "offline",
            "ssl_fingerprint": call.fingerprint,
        }
        if state.fresh and call.token.may(f"/nodes/{name}", "Sys.Audit"):
            row |= node_figures(call, state)
        rows.append(row)
    return rows
