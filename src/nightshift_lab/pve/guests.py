"""PVE's endpoints of guests: lists, configuration, live status, what the guest agent tells, recorded figures."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.cluster import volume_name
from nightshift_lab.pve.figures import guest_figures, locked_vmids, tags_of, whole
from nightshift_lab.world import GuestState
from nightshift_lab.world.nouns import GIB, MIB, Guest


def guest_state(call: Call, kind: str) -> GuestState:
    """The guest of the path, which must be on the node of the path."""
    node, vmid = call.path["node"], call.path["vmid"]
    folder = "qemu-server" if kind == "qemu" else "lxc"
    state = call.inventory.guests.get(int(vmid)) if vmid.isdigit() else None
    if state is None or state.guest.kind != kind or state.node != node:
        raise Refusal(500, f"Configuration file 'nodes/{node}/{folder}/{vmid}.conf' does not exist")
    return state


def qemu_list(call: Call) -> Data:
    return [_qemu_row(call, state) for state in _listed(call, "qemu")]


def lxc_list(call: Call) -> Data:
    """Container ids come as strings here."""
    return [_lxc_row(call, state) | {"vmid": str(state.guest.vmid)} for state in _listed(call, "lxc")]


def _listed(call: Call, kind: str) -> list[GuestState]:
    states = call.inventory.guests_on(call.path["node"])
    return [
        state for state in states if state.guest.kind == kind and call.token.may(f"/vms/{state.guest.vmid}", "VM.Audit")
    ]


def _common(call: Call, state: GuestState) -> dict[str, Data]:
    guest = state.guest
    row: dict[str, Data] = {"vmid": guest.vmid, "name": guest.name, "status": state.status, "cpus": guest.cores}
    row |= guest_figures(call, state) | tags_of(guest)
    if guest.template:
        row["template"] = 1
    if guest.vmid in locked_vmids(call):
        row["lock"] = "backup"
    if state.running:
        row["pid"] = 2_000 + int((state.boot_at or 0) * 7 + guest.vmid) % 3_000_000
    return row


def _qemu_row(call: Call, state: GuestState) -> dict[str, Data]:
    row = _common(call, state)
    if state.running:
        row["memhost"] = min(state.guest.memory_bytes + 220_000_000, int(row["mem"]) + 310_000_000)
    return row


def _lxc_row(call: Call, state: GuestState) -> dict[str, Data]:
    return _common(call, state) | {"type": "lxc", "maxswap": 512 * MIB, "swap": 0}


def qemu_current(call: Call) -> Data:
    state = guest_state(call, "qemu")
    guest = state.guest
    row = _qemu_row(call, state) | {"qmpstatus": state.status, "ha": _ha(state)}
    if guest.agent:
        row["agent"] = 1
    if state.running:
        row |= {"running-machine": "pc-q35-10.1+pve0", "running-qemu": "10.1.2"}
        row |= {"balloon": guest.memory_bytes, "freemem": guest.memory_bytes - int(row["mem"])} if guest.balloon else {}
    return row


def lxc_current(call: Call) -> Data:
    state = guest_state(call, "lxc")
    return _lxc_row(call, state) | {"ha": _ha(state)}


def _ha(state: GuestState) -> Data:
    return {"managed": 1, "state": state.ha_state or "started"} if state.guest.ha else {"managed": 0}


def qemu_config(call: Call) -> Data:
    guest = guest_state(call, "qemu").guest
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
    }
    if guest.agent:
        config["agent"] = "1"
    if guest.template:
        config["template"] = 1
    if guest.ip:
        config["ipconfig0"] = f"ip={guest.ip}/24,gw=192.0.2.1"
    for number, disk in enumerate(guest.disks):
        kept = "" if disk.backup else ",backup=0"
        volume = volume_name("qemu", guest.vmid, number)
        config[disk.key] = f"{disk.storage}:{volume},discard=on,iothread=1{kept},size={disk.size_bytes // GIB}G,ssd=1"
    return _with_common_keys(call, guest, config)


def lxc_config(call: Call) -> Data:
    guest = guest_state(call, "lxc").guest
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
    for number, disk in enumerate(guest.disks):
        mount = "" if disk.key == "rootfs" else f",mp={disk.mountpoint},backup=1"
        config[disk.key] = (
            f"{disk.storage}:{volume_name('lxc', guest.vmid, number)}{mount},size={disk.size_bytes // GIB}G"
        )
    return _with_common_keys(call, guest, config)


def _with_common_keys(call: Call, guest: Guest, config: dict[str, Data]) -> Data:
    config |= tags_of(guest)
    if guest.notes:
        config["description"] = guest.notes + "\n"
    if guest.vmid in locked_vmids(call):
        config["lock"] = "backup"
    digest = hashlib.sha1(quote(repr(sorted(config.items()))).encode(), usedforsecurity=False).hexdigest()
    return config | {"digest": digest}


def file_systems(call: Call) -> Data:
    """What the guest agent says about mounted file systems (`get-fsinfo`)."""
    state = guest_state(call, "qemu")
    guest = state.guest
    if not state.running:
        raise Refusal(500, f"VM {guest.vmid} is not running")
    if not guest.agent:
        raise Refusal(500, "No QEMU guest agent configured")
    rows = []
    for number, disk in enumerate(guest.disks):
        entity = f"fs/guest/{guest.vmid}/{disk.mountpoint}"
        letter = chr(ord("a") + number)
        rows.append(
            {
                "name": f"sd{letter}1",
                "mountpoint": disk.mountpoint,
                "type": "ext4",
                "used-bytes": whole(call.world, entity, "used_bytes", call.at),
                "total-bytes": whole(call.world, entity, "size_bytes", call.at),
                "disk": [{"bus-type": "scsi", "bus": 0, "target": 0, "unit": number, "dev": f"/dev/sd{letter}1"}],
            }
        )
    return {"result": rows}


def interfaces(call: Call) -> Data:
    """What the guest agent says about network interfaces (`network-get-interfaces`)."""
    state = guest_state(call, "qemu")
    if not state.running:
        raise Refusal(500, f"VM {state.guest.vmid} is not running")
    if not state.guest.agent:
        raise Refusal(500, "No QEMU guest agent configured")
    address = {"ip-address-type": "ipv4", "ip-address": state.guest.ip, "prefix": 24}
    loopback = {"ip-address-type": "ipv4", "ip-address": "127.0.0.1", "prefix": 8}
    return {
        "result": [
            {"name": "lo", "hardware-address": "00:00:00:00:00:00", "ip-addresses": [loopback]},
            {"name": "ens18", "hardware-address": state.guest.mac.lower(), "ip-addresses": [address]},
        ]
    }


def snapshots(call: Call, kind: str) -> Data:
    """No guest has snapshots: only the entry that stands for the present."""
    state = guest_state(call, kind)
    return [{"name": "current", "description": "You are here!", "running": int(state.running), "digest": "0" * 40}]
