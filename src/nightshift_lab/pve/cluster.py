"""PVE's cluster-wide endpoints: resources, status, backup jobs, high availability, replication."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.figures import guest_figures, locked_vmids, storage_sizes, tags_of, whole
from nightshift_lab.pve.task_rows import finished_row, running_row
from nightshift_lab.world import GuestState, NodeState, StorageState
from nightshift_lab.world.backups import night_at, night_of, vmids_of
from nightshift_lab.world.node_tasks import pve_tasks
from nightshift_lab.world.nouns import DAY_S, BackupJob


def version(call: Call) -> Data:
    cluster = call.world.cluster
    return {
        "version": cluster.pve_version,
        "release": cluster.pve_version.rpartition(".")[0],
        "repoid": cluster.pve_repoid,
    }


def status(call: Call) -> Data:
    """The cluster's own row first, then its nodes; `local` is the node that answers."""
    states = list(call.inventory.nodes.values())
    votes = sum(state.online for state in states)
    rows: list[Data] = [
        {
            "type": "cluster",
            "id": "cluster",
            "name": call.world.cluster.name,
            "version": 7,
            "nodes": len(states),
            "quorate": int(votes * 2 > len(states)),
        }
    ]
    answering = next((state.node.name for state in states if state.online), "")
    rows += [
        {
            "type": "node",
            "id": f"node/{state.node.name}",
            "name": state.node.name,
            "nodeid": state.node.node_id,
            "ip": state.node.ip,
            "online": int(state.online),
            "local": int(state.node.name == answering),
            "level": "",
        }
        for state in states
    ]
    return rows


def resources(call: Call) -> Data:
    wanted = call.query.get("type")
    if wanted not in {None, "vm", "storage", "node", "sdn"}:
        problem = f"value '{wanted}' does not have a value in the enumeration 'vm, storage, node, sdn'"
        raise Refusal(400, "Parameter verification failed.", {"type": problem})
    inventory = call.inventory
    rows: list[Data] = []
    if wanted in {None, "vm"}:
        locked = locked_vmids(call)
        visible = (
            state for state in inventory.guests.values() if call.token.may(f"/vms/{state.guest.vmid}", "VM.Audit")
        )
        rows += [_guest_row(call, state, locked) for state in visible]
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


def _guest_row(call: Call, state: GuestState, locked: frozenset[int]) -> Data:
    guest = state.guest
    row: dict[str, Data] = {
        "id": f"{guest.kind}/{guest.vmid}",
        "vmid": guest.vmid,
        "node": state.node,
        "type": guest.kind,
        "status": state.status,
    }
    if state.status == "unknown":
        return row
    row |= {"name": state.name, "template": int(guest.template), "maxcpu": guest.cores}
    row |= guest_figures(call, state) | tags_of(guest)
    if guest.kind == "qemu" and state.running:
        row["memhost"] = min(guest.memory_bytes + 220_000_000, int(row["mem"]) + 310_000_000)
    if guest.vmid in locked:
        row["lock"] = "backup"
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
    if not state.online or not call.token.may(f"/nodes/{name}", "Sys.Audit"):
        return row
    at = call.statistics_at
    return row | {
        "level": "",
        "cgroup-mode": 2,
        "cpu": round(call.world.at(f"node/{name}", "cpu_fraction", at), 12),
        "maxcpu": state.node.cores,
        "mem": whole(call.world, f"node/{name}", "mem_used_bytes", at),
        "maxmem": state.node.memory_bytes,
        "disk": whole(call.world, f"fs/node/{name}//", "used_bytes", at),
        "maxdisk": whole(call.world, f"fs/node/{name}//", "size_bytes", at),
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


def tasks(call: Call) -> Data:
    """At most 25 finished tasks a node; none of others' for a token without Sys.Audit on /."""
    if not call.token.may("/", "Sys.Audit"):
        return []
    rows: list[Data] = []
    for node in call.world.cluster.nodes:
        begun = pve_tasks(call.world, node.name, call.at)
        rows += [running_row(task) for task in begun if task.running_at(call.at)]
        rows += [finished_row(task) for task in begun if not task.running_at(call.at)][:25]
    return sorted(rows, key=lambda row: int(row["starttime"]), reverse=True)


def backup_jobs(call: Call) -> Data:
    return [_job(call, job) for job in call.world.cluster.backup_jobs]


def backup_job(call: Call) -> Data:
    return _job(call, _job_named(call))


def _job_named(call: Call) -> BackupJob:
    for job in call.world.cluster.backup_jobs:
        if job.id == call.path["id"]:
            return job
    raise Refusal(500, "No such job '{}'".format(call.path["id"]))


def _job(call: Call, job: BackupJob) -> Data:
    begins_s = int(call.world.rhythm.window_start_s + job.start_offset_s)
    row: dict[str, Data] = {
        "id": job.id,
        "type": "vzdump",
        "enabled": int(job.enabled),
        "schedule": f"{begins_s // 3600 % 24:02d}:{begins_s // 60 % 60:02d}",
        "storage": job.storage,
        "mode": job.mode,
        "vmid": ",".join(str(vmid) for vmid in vmids_of(call.world, job, call.at)),
        "comment": job.comment,
        "notes-template": "{{guestname}}",
        "notification-mode": "notification-system",
        "fleecing": {"enabled": "0"},
        "prune-backups": {"keep-all": "1"},
        "repeat-missed": 0,
    }
    if job.enabled:
        tonight = night_at(call.world, night_of(call.world, call.at)) + job.start_offset_s
        row["next-run"] = int(tonight if tonight > call.at else tonight + DAY_S)
    return row


def included_volumes(call: Call) -> Data:
    """Which volumes a job saves, guest by guest, and why not the others."""
    children = []
    for vmid in vmids_of(call.world, _job_named(call), call.at):
        guest = call.world.cluster.guest(vmid)
        volumes = [
            {
                "id": disk.key,
                "name": f"{disk.storage}:{volume_name(guest.kind, vmid, number)}",
                "included": int(disk.backup),
                "reason": "in backup" if disk.backup else "backup=no",
            }
            for number, disk in enumerate(guest.disks)
        ]
        children.append({"id": vmid, "name": guest.name, "type": guest.kind, "children": volumes})
    return {"children": children}


def volume_name(kind: str, vmid: int, number: int) -> str:
    return f"{'vm' if kind == 'qemu' else 'subvol'}-{vmid}-disk-{number}"


def not_backed_up(call: Call) -> Data:
    """Guests that no job names; like PVE, whether the job is enabled plays no part."""
    covered = {vmid for job in call.world.cluster.backup_jobs for vmid in vmids_of(call.world, job, call.at)}
    return [
        {"vmid": guest.vmid, "name": guest.name, "type": guest.kind}
        for guest in call.world.cluster.guests
        if guest.vmid not in covered and call.token.may(f"/vms/{guest.vmid}", "VM.Audit")
    ]


def ha_status(call: Call) -> Data:
    inventory = call.inventory
    online = [state.node.name for state in inventory.nodes.values() if state.online]
    quorate = len(online) * 2 > len(inventory.nodes)
    now = int(call.at)
    first = online[0] if online else ""
    vote = {"status": "OK" if quorate else "No quorum!", "quorate": int(quorate)}
    rows: list[Data] = [
        {"id": "quorum", "type": "quorum", "node": first, **vote},
        {"id": "master", "type": "master", "node": first, "status": f"{first} (active, now)", "timestamp": now},
    ]
    for state in inventory.nodes.values():
        mode = "active" if any(guest.guest.ha for guest in inventory.guests_on(state.node.name)) else "idle"
        told = f"{state.node.name} ({mode}, now)" if state.online else f"{state.node.name} (old timestamp - dead?)"
        rows.append(
            {"id": f"lrm:{state.node.name}", "type": "lrm", "node": state.node.name, "status": told, "timestamp": now}
        )
    rows += [_ha_service(state) for state in inventory.guests.values() if state.guest.ha]
    return rows


def _ha_service(state: GuestState) -> Data:
    sid = f"{'vm' if state.guest.kind == 'qemu' else 'ct'}:{state.guest.vmid}"
    return {
        "id": f"service:{sid}",
        "type": "service",
        "sid": sid,
        "node": state.node,
        "state": state.ha_state,
        "request_state": "started",
        "crm_state": state.ha_state,
        "max_restart": 10,
        "max_relocate": 1,
        "failback": 1,
        "status": f"{sid} ({state.node}, {state.ha_state})",
    }


def ha_resources(call: Call) -> Data:
    return [
        {
            "sid": f"{'vm' if guest.kind == 'qemu' else 'ct'}:{guest.vmid}",
            "type": "vm" if guest.kind == "qemu" else "ct",
            "state": "started",
            "max_restart": 10,
            "max_relocate": 1,
            "digest": "0" * 40,
        }
        for guest in call.world.cluster.guests
        if guest.ha
    ]


def replication(call: Call) -> Data:
    return [
        {
            "id": job.id,
            "guest": job.vmid,
            "jobnum": job.number,
            "source": job.source,
            "target": job.target,
            "schedule": job.schedule,
            "type": "local",
        }
        for job in call.world.cluster.replications
        if call.token.may(f"/vms/{job.vmid}", "VM.Audit")
    ]


def qdevice(call: Call) -> Data:  # noqa: ARG001
    """This cluster has no external vote."""
    return {}
