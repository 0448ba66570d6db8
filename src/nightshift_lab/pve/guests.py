"""PVE's endpoints of guests: lists, configuration, live status, snapshots."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.backup_jobs import unused_volume, volume_name
from nightshift_lab.pve.figures import all_guest_figures, guest_figures, lock_of, pressure, tags_of
from nightshift_lab.world import GuestState
from nightshift_lab.world.backups import saved_disks
from nightshift_lab.world.nouns import DAY_S, GIB, MIB, Guest, GuestSnapshot
from nightshift_lab.world.states import disks_of, guest_state_at


def guest_state(call: Call, kind: str) -> GuestState:
    """The guest of the path, which must be on the node of the path."""
    node, vmid = call.path["node"], call.path["vmid"]
    folder = "qemu-server" if kind == "qemu" else "lxc"
    try:
        state = guest_state_at(call.world, int(vmid), call.at)
    except (KeyError, ValueError):
        state = None
    if state is None or state.guest.kind != kind or state.node != node:
        raise Refusal(500, f"Configuration file 'nodes/{node}/{folder}/{vmid}.conf' does not exist")
    return state


def qemu_list(call: Call) -> Data:
    figures = all_guest_figures(call, call.path["node"])
    return [_qemu_row(call, state, figures) for state in _listed(call, "qemu")]


def lxc_list(call: Call) -> Data:
    """Container ids come as strings here."""
    figures = all_guest_figures(call, call.path["node"])
    return [_lxc_row(call, state, figures) | {"vmid": str(state.guest.vmid)} for state in _listed(call, "lxc")]


def _listed(call: Call, kind: str) -> list[GuestState]:
    states = call.inventory.guests_on(call.path["node"])
    return [
        state for state in states if state.guest.kind == kind and call.token.may(f"/vms/{state.guest.vmid}", "VM.Audit")
    ]


Figures = Mapping[int, Mapping[str, Data]]


def _common(call: Call, state: GuestState, figures: Figures) -> dict[str, Data]:
    """A node tells of its own guests even while the cluster has no fresh statistics of it."""
    guest = state.guest
    running = bool(call.world.up(f"guest/{guest.vmid}", call.at)) if state.status == "unknown" else state.running
    row: dict[str, Data] = {
        "vmid": guest.vmid,
        "name": guest.name,
        "status": "running" if running else "stopped",
        "cpus": guest.cores,
    }
    row |= figures.get(guest.vmid, {})
    row |= tags_of(guest)
    if guest.template:
        row["template"] = 1
    lock = lock_of(call, state)
    if lock:
        row["lock"] = lock
    if running:
        row |= {"pid": 2_000 + int((state.boot_at or 0) * 7 + guest.vmid) % 3_000_000}
        row |= pressure(call, guest, call.statistics_at)
    return row


def _qemu_row(call: Call, state: GuestState, figures: Figures) -> dict[str, Data]:
    row = _common(call, state, figures)
    if state.running and call.release.major >= 9:
        row["memhost"] = min(state.guest.memory_bytes + 220_000_000, int(row["mem"]) + 310_000_000)
    return row


def _lxc_row(call: Call, state: GuestState, figures: Figures) -> dict[str, Data]:
    return _common(call, state, figures) | {"type": "lxc", "maxswap": 512 * MIB, "swap": 0}


def _alone(call: Call, state: GuestState) -> Figures:
    return {state.guest.vmid: guest_figures(call, state)}


def qemu_current(call: Call) -> Data:
    state = guest_state(call, "qemu")
    guest = state.guest
    row = _qemu_row(call, state, _alone(call, state)) | {"qmpstatus": state.qmp_status, "ha": _ha(state)}
    if guest.agent:
        row["agent"] = 1
    if state.running:
        row |= _emulator(call.release.qemu)
        row |= {"balloon": guest.memory_bytes, "freemem": guest.memory_bytes - int(row["mem"])} if guest.balloon else {}
    return row


def lxc_current(call: Call) -> Data:
    state = guest_state(call, "lxc")
    return _lxc_row(call, state, _alone(call, state)) | {"ha": _ha(state)}


def _emulator(version: str) -> dict[str, Data]:
    return {"running-machine": f"pc-q35-{version.rpartition('.')[0]}+pve0", "running-qemu": version}


def _ha(state: GuestState) -> Data:
    return {"managed": 1, "state": state.ha_state or "started"} if state.guest.ha else {"managed": 0}


def qemu_config(call: Call) -> Data:
    state = guest_state(call, "qemu")
    guest = state.guest
    config: dict[str, Data] = {
        "name": guest.name,
        "cores": guest.cores,
        "sockets": 1,
        "memory": str(guest.memory_bytes // MIB),
        "ostype": guest.ostype,
        "scsihw": "virtio-scsi-single",
        "boot": "order=scsi0",
        "net0": f"virtio={guest.mac},bridge=vmbr0,firewall=1",
        "onboot": int(guest.onboot),
        "vmgenid": f"5b1f7e5c-0000-4000-8000-{guest.vmid:012d}",
        "meta": f"creation-qemu={call.release.qemu},ctime={int(call.world.started_at - 3e7 + guest.vmid * 9_000)}",
    }
    if guest.agent:
        config["agent"] = "1"
    if guest.template:
        config["template"] = 1
    if guest.ip and guest.ostype == "l26":
        config["ipconfig0"] = f"ip={guest.ip}/24,gw=192.0.2.1"
    saved = saved_disks(call.world, guest, call.at)
    for number, disk in enumerate(disks_of(call.world, guest, call.at)):
        kept = "" if disk in saved else ",backup=0"
        volume = volume_name("qemu", guest.vmid, number)
        trims = "discard=on," if call.world.condition(f"guest/{guest.vmid}", "discard", call.at, True) else ""
        config[disk.key] = f"{disk.storage}:{volume},{trims}iothread=1{kept},size={disk.size_bytes // GIB}G,ssd=1"
    return _with_common_keys(call, state, config)


def lxc_config(call: Call) -> Data:
    state = guest_state(call, "lxc")
    guest = state.guest
    config: dict[str, Data] = {
        "hostname": guest.name,
        "arch": "amd64",
        "cores": guest.cores,
        "memory": guest.memory_bytes // MIB,
        "swap": 512,
        "ostype": guest.ostype,
        "unprivileged": 1,
        "features": "nesting=1",
        "net0": f"name=eth0,bridge=vmbr0,gw=192.0.2.1,hwaddr={guest.mac},ip={guest.ip}/24,type=veth",
        "onboot": int(guest.onboot),
    }
    config |= {bind.key: f"{bind.path},mp={bind.mountpoint}" for bind in guest.binds}
    saved = saved_disks(call.world, guest, call.at)
    for number, disk in enumerate(disks_of(call.world, guest, call.at)):
        kept = ",backup=1" if disk in saved else ""
        mount = "" if disk.key == "rootfs" else f",mp={disk.mountpoint}{kept}"
        config[disk.key] = (
            f"{disk.storage}:{volume_name('lxc', guest.vmid, number)}{mount},size={disk.size_bytes // GIB}G"
        )
    return _with_common_keys(call, state, config)


def _with_common_keys(call: Call, state: GuestState, config: dict[str, Data]) -> Data:
    guest = state.guest
    config |= tags_of(guest) | dict(guest.devices)
    if guest.notes:
        config["description"] = guest.notes + "\n"
    if guest.startup:
        config["startup"] = guest.startup
    if guest.protection:
        config["protection"] = 1
    config |= _forgotten_disks(call, guest)
    snapshots = snapshots_of(call, guest)
    if snapshots:
        config["parent"] = snapshots[-1].name
    lock = lock_of(call, state)
    if lock:
        config["lock"] = lock
    digest = hashlib.sha1(quote(repr(sorted(config.items()))).encode(), usedforsecurity=False).hexdigest()
    return config | {"digest": digest}


def _forgotten_disks(call: Call, guest: Guest) -> dict[str, Data]:
    """A disk that was detached, and one on a storage that is gone."""
    entity, rows = f"guest/{guest.vmid}", {}
    if call.world.condition(entity, "unused_disk_bytes", call.at, 0):
        rows["unused0"] = f"{disks_of(call.world, guest, call.at)[0].storage}:{unused_volume(guest)}"
    gone = call.world.condition(entity, "missing_storage", call.at, "")
    if gone:
        key, extra = ("scsi9", ",size=100G") if guest.kind == "qemu" else ("mp9", ",mp=/mnt/old,size=100G")
        rows[key] = f"{gone}:{volume_name(guest.kind, guest.vmid, 3)}{extra}"
    return rows


def snapshots_of(call: Call, guest: Guest) -> list[GuestSnapshot]:
    """Those that somebody took, oldest first."""
    taken = list(guest.snapshots)
    more = call.world.condition(f"guest/{guest.vmid}", "snapshot", call.at, None)
    if more is not None:
        name, description, at = more
        taken.append(GuestSnapshot(name, (call.world.started_at - at) / DAY_S, description))
    return sorted(taken, key=lambda snapshot: -snapshot.days_ago)


def pending(call: Call) -> Data:
    """Every key of the configuration; nothing waits for a restart."""
    config: dict[str, Data] = qemu_config(call)
    return [{"key": key, "value": value} for key, value in sorted(config.items())]


def lxc_interfaces(call: Call) -> Data:
    """What the container has; nothing while it is off."""
    state = guest_state(call, "lxc")
    if not state.running:
        return []
    guest = state.guest
    address = {"ip-address": guest.ip, "ip-address-type": "inet", "prefix": "24"}
    loopback = {"ip-address": "127.0.0.1", "ip-address-type": "inet", "prefix": "8"}
    rows: list[dict[str, Data]] = [
        {"name": "lo", "hwaddr": "00:00:00:00:00:00", "inet": "127.0.0.1/8", "ip-addresses": [loopback]},
        {"name": "eth0", "hwaddr": guest.mac.lower(), "inet": f"{guest.ip}/24", "ip-addresses": [address]},
    ]
    return [row | {"hardware-address": row["hwaddr"]} if call.release.major >= 9 else row for row in rows]


def snapshots(call: Call, kind: str) -> Data:
    """Those that somebody took, oldest first, and the entry that stands for the present."""
    state = guest_state(call, kind)
    rows: list[dict[str, Data]] = []
    for taken in snapshots_of(call, state.guest):
        row: dict[str, Data] = {
            "name": taken.name,
            "description": f"{taken.description}\n" if taken.description else "",
            "snaptime": int(call.world.started_at - taken.days_ago * DAY_S),
        }
        if kind == "qemu":
            row["vmstate"] = int(taken.with_memory)
        if rows:
            row["parent"] = rows[-1]["name"]
        rows.append(row)
    present: dict[str, Data] = {"name": "current", "description": "You are here!", "digest": "0" * 40}
    present |= {"running": int(state.running)} | ({"parent": rows[-1]["name"]} if rows else {})
    return [*rows, present]
