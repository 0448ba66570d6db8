"""What the QEMU guest agent says, and how PVE words that it says nothing."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.figures import whole
from nightshift_lab.pve.guests import guest_state
from nightshift_lab.world.nouns import Guest

_WINDOWS = {
    "id": "mswindows",
    "name": "Microsoft Windows",
    "pretty-name": "Windows 11 Pro",
    "version": "Microsoft Windows 11",
}


def _asked(call: Call) -> Guest:
    """The VM of the path, whose agent must answer."""
    state = guest_state(call, "qemu")
    if not state.running:
        raise Refusal(500, f"VM {state.guest.vmid} is not running")
    if not state.guest.agent:
        raise Refusal(500, "No QEMU guest agent configured")
    if not call.world.condition(f"guest/{state.guest.vmid}", "agent_answers", call.at, True):
        raise Refusal(500, "QEMU guest agent is not running")
    return state.guest


def file_systems(call: Call) -> Data:
    """What the guest agent says about mounted file systems (`get-fsinfo`)."""
    guest = _asked(call)
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
    guest = _asked(call)
    address = {"ip-address-type": "ipv4", "ip-address": guest.ip, "prefix": 24}
    loopback = {"ip-address-type": "ipv4", "ip-address": "127.0.0.1", "prefix": 8}
    return {
        "result": [
            {"name": "lo", "hardware-address": "00:00:00:00:00:00", "ip-addresses": [loopback]},
            {"name": "ens18", "hardware-address": guest.mac.lower(), "ip-addresses": [address]},
        ]
    }


def operating_system(call: Call) -> Data:
    """`get-osinfo`."""
    guest = _asked(call)
    if guest.ostype.startswith("win"):
        return {"result": _WINDOWS | {"kernel-release": "26100", "machine": "x86_64"}}
    return {
        "result": {
            "id": "debian",
            "name": "Debian GNU/Linux",
            "pretty-name": "Debian GNU/Linux 13 (trixie)",
            "version": "13 (trixie)",
            "version-id": "13",
            "kernel-release": "6.12.48+deb13-amd64",
            "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1",
            "machine": "x86_64",
        }
    }
