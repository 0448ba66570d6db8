"""Commands for something of a guest, and for everything on a node: a snapshot, a lock, its place in a job, its tags.

What is not known is left open in angle brackets: a command that was guessed would be run all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nightshift.agent.builtin.orders.aims import Aim
from nightshift.agent.builtin.story import Row
from nightshift.agent.builtin.writers.recipes import GUEST

_RULE = "pvesh create /nodes/{home}/{path}/firewall/rules --type in --action ACCEPT --dport <port> --proto tcp"
# Something of it, by the part and by whether it is taken away.
_TAKEN = {
    "lock": GUEST["unlock"],
    "snapshot": "{tool} listsnapshot {vmid}\n{tool} delsnapshot {vmid} {snapshot}",
    "backup": "pvesm list {storage} --content backup --vmid {vmid}\n"
    "pvesm free <volume>    # takes that backup away; seen from the backup server that is\n"
    "proxmox-backup-client snapshot forget {group}/<time> --repository <user>@<server>:{datastore}",
    "disk": "{unlink}",
    "media": "qm set {vmid} --{cdrom} none,media=cdrom",
    "job": "{job_out}",
    "replication": "pvesr list    # shows the id of its job\npvesr delete {vmid}-<number>",
    "tag": "{tags}",
    "ha": "ha-manager remove {kind}:{vmid}",
    "autostart": "{tool} set {vmid} --onboot 0",
    "protection": "{tool} set {vmid} --protection 0",
    "memory": "{tool} set {vmid} --memory {memory}",
    "cpu": "{tool} set {vmid} --cores {cores}",
    "firewall": "pvesh set /nodes/{home}/{path}/firewall/options --enable 0",
    "device": "{tool} config {vmid}    # shows it as usb<n>, hostpci<n> or dev<n>\n{tool} set {vmid} --delete <device>",
    "port": _RULE.replace("ACCEPT", "DROP"),
}
_GIVEN = {
    "snapshot": GUEST["snapshot"],
    "backup": GUEST["backup"],
    "disk": GUEST["resize"],
    "media": "qm set {vmid} --{cdrom} <storage>:iso/<file>,media=cdrom",
    "job": "{job_in}",
    "replication": "pvesr create-local-job {vmid}-<number> {target}",
    "tag": "{tags}",
    "ha": "ha-manager add {kind}:{vmid}",
    "autostart": "{tool} set {vmid} --onboot 1",
    "protection": "{tool} set {vmid} --protection 1",
    "memory": "{tool} set {vmid} --memory {memory}",
    "cpu": "{tool} set {vmid} --cores {cores}",
    "name": GUEST["rename"],
    "firewall": "pvesh set /nodes/{home}/{path}/firewall/options --enable 1",
    "dns": "{tool} set {vmid} --nameserver <address>    # in a VM only with cloud-init",
    "device": "{tool} set {vmid} --{dev}",
    "port": _RULE,
    "swap": "pct set {vmid} --swap <MiB>    # of a container: that of a VM is set up inside of it",
    "balloon": "qm set {vmid} --balloon <MiB>    # of a VM: a container has only `pct set {vmid} --memory <MiB>`",
    "priority": "{tool} set {vmid} --cpuunits <weight>    # 100 is usual; who has less gives way to the others",
    "address": "{tool} set {vmid} --{net}",
    "note": "{tool} set {vmid} --description <text>    # in place of what is there now",
}
_INSIDE = "{enter}    # or by SSH; there: top    # shows what takes it, and then: kill <pid>"
_PARTICULAR: Mapping[tuple[str, str], str] = {
    ("unlock", "disk"): "",
    ("unlock", "backup"): GUEST["unlock"],
    ("unlock", "snapshot"): GUEST["unlock"],
    ("unlock", "task"): GUEST["unlock"],
    ("migrate", "disk"): "{move}",
    ("rollback", "disk"): "",
    ("restore", "disk"): GUEST["restore"],
    ("restore", "snapshot"): GUEST["rollback"],
    ("verify", "backup"): "proxmox-backup-manager verify {datastore}",
    ("run", "replication"): "pvesr schedule-now {vmid}-<number>",
    ("reboot", "replication"): "pvesr schedule-now {vmid}-<number>",
    ("start", "replication"): "pvesr schedule-now {vmid}-<number>",
    ("create", "disk"): "{tool} set {vmid} --{bus}<number> <storage>:<GiB>",
    ("change", "lock"): GUEST["unlock"],
    ("repair", "lock"): GUEST["unlock"],
    ("change", "snapshot"): "",
    ("pause", "replication"): "pvesr list    # shows the id of its job\npvesr disable {vmid}-<number>",
    ("pause", "job"): "{job_out}",
    ("stop", "cpu"): _INSIDE,
    ("stop", "memory"): _INSIDE,
    ("stop", "snapshot"): "{tasks}",
    ("stop", "disk"): "{tasks}",
    ("prune", "disk"): "",
    ("start", "backup"): GUEST["backup"],
    ("stop", "backup"): "{tasks}",
    ("stop", "task"): "{tasks}",
    ("delete", "task"): "{tasks}",
    ("stop", "replication"): "pvesr disable {vmid}-<number>",
    ("repair", "ha"): "ha-manager set {kind}:{vmid} --state disabled\nha-manager set {kind}:{vmid} --state started",
}
ALL_ON_NODE: Mapping[str, str] = {
    "stop": "pvenode stopall    # on {name}",
    "reboot": "pvenode stopall && pvenode startall    # on {name}",
    "start": "pvenode startall    # on {name}",
    "migrate": "pvenode migrateall <target node>    # on {name}",
}
# What exists is switched by these, and neither made nor taken away.
_SWITCHING = re.compile(r"\b(?:enable|disable|deactivate|turn|switch|off)\b")
_NO_DISK = ("unused", "efidisk", "tpmstate")


@dataclass(frozen=True, slots=True)
class Known:
    """What the tools told of a guest and of what its commands need; `said` are the words of the order."""

    vmid: str
    is_vm: bool
    row: Row | None = None
    disks: Mapping[str, str] = field(default_factory=dict)
    jobs: Sequence[Row] = ()
    groups: Sequence[Row] = ()
    said: tuple[str, ...] = ()


def template_of(verb: str, aim: Aim, text: str) -> str:
    """Empty when there is no one right command for this of a guest; `text` is the order."""
    if (verb, aim.part) == ("change", "replication") and _SWITCHING.search(text):
        able = "disable" if aim.taken else "enable"
        return f"pvesr list    # shows the id of its job\npvesr {able} {{vmid}}-<number>"
    particular = _PARTICULAR.get((verb, aim.part))
    if particular is not None:
        return particular
    if verb in ("pause", "repair") or (verb == "tweak" and aim.part not in ("tag", "port", "device", "note")):
        return ""
    taken = aim.taken or verb in ("delete", "stop", "prune")
    return (_TAKEN if taken and aim.part not in ("swap", "balloon", "priority") else _GIVEN).get(aim.part, "")


def values(aim: Aim, known: Known) -> dict[str, str]:
    """What stands in the templates beside what all commands for guests have."""
    tool, vmid = ("qm" if known.is_vm else "pct"), known.vmid
    group = known.groups[0] if known.groups else None
    slot = aim.slot or first_slot(known)
    return {
        "home": known.row.show("node") if known.row is not None else "<node>",
        "path": f"{'qemu' if known.is_vm else 'lxc'}/{vmid}",
        "kind": "vm" if known.is_vm else "ct",
        "dev": "usb0 host=<vendor>:<product>    # `lsusb` on its node" if known.is_vm else "dev0 /dev/<device>",
        "net": f"{'ipconfig0 ' if known.is_vm else 'net0 name=eth0,bridge=<bridge>,'}ip=<address>/24,gw=<gateway>"
        f"{'    # with cloud-init; else set it inside of it' if known.is_vm else ''}",
        "enter": f"{'qm terminal' if known.is_vm else 'pct enter'} {vmid}",
        "move": f"{tool} {'disk move' if known.is_vm else 'move-volume'} {vmid} {slot or '<disk>'} <storage>",
        "unlink": _unlink(aim, known),
        "bus": "scsi" if known.is_vm else "mp",
        "cdrom": next((key for key, value in known.disks.items() if "media=cdrom" in value), "<ide2>"),
        "tags": _tags(aim, known),
        "job_out": job_lists(known, taken=True),
        "job_in": job_lists(known, taken=False),
        "group": str(group.get("group")) if group else f"{'vm' if known.is_vm else 'ct'}/{vmid}",
        "datastore": str(group.get("datastore")) if group else "<datastore>",
        "tasks": f"pvenode task list --vmid {vmid} --source active\n"
        "pvesh delete /nodes/<node>/tasks/<UPID>    # stops the task of that UPID",
    }


def first_slot(known: Known) -> str:
    """The disk that is meant when none is named: the only one that can grow, the root file system of a container."""
    if not known.is_vm:
        return "rootfs"
    grow = [key for key, value in known.disks.items() if "media=cdrom" not in value and not key.startswith(_NO_DISK)]
    return grow[0] if len(grow) == 1 else ""


def _unlink(aim: Aim, known: Known) -> str:
    unused = [key for key in known.disks if key.startswith("unused")]
    slot = aim.slot or (unused[0] if len(unused) == 1 and "unused" in known.said else "<disk>")
    command = f"qm disk unlink {known.vmid} --idlist {slot}" if known.is_vm else f"pct set {known.vmid} --delete {slot}"
    if slot.startswith("unused"):
        return f"{command}    # of an unused disk this deletes the data"
    return f"{command}    # it stays in its storage as an unused disk"


def _tags(aim: Aim, known: Known) -> str:
    """The list of tags as it shall be: PVE sets them all at once."""
    tool = "qm" if known.is_vm else "pct"
    has = str(known.row.get("tags") or "").split() if known.row is not None else []
    gone = [tag for tag in has if tag in known.said]
    if not aim.taken:
        return f"{tool} set {known.vmid} --tags '{';'.join((*has, '<tag>'))}'"
    left = [tag for tag in has if tag not in gone]
    return f"{tool} set {known.vmid} --tags '{';'.join(left)}'" if left else f"{tool} set {known.vmid} --delete tags"


def job_lists(known: Known, *, taken: bool) -> str:
    """The job's list of guests as it shall be."""
    lines = []
    for job in known.jobs:
        told = str(job.get("guests") or "")
        if told.startswith("pool") or not job.get("enabled"):
            continue
        every = told.startswith("all")
        listed = [
            number.strip() for number in told.removeprefix("all").removeprefix(" except ").split(",") if number.strip()
        ]
        out = known.vmid in listed if every else known.vmid not in listed
        if out == taken:
            continue
        now = [number for number in listed if number != known.vmid] if known.vmid in listed else [*listed, known.vmid]
        called = f"    # {job.show('comment')}" if job.known("comment") else ""
        lines.append(f"pvesh set /cluster/backup/{job.show('id')} {_listed(now, every=every)}{called}")
        if not taken:
            break
    return "\n".join(lines)


def _listed(vmids: Sequence[str], *, every: bool) -> str:
    if vmids:
        return f"--{'exclude' if every else 'vmid'} {','.join(vmids)}"
    return "--delete exclude" if every else "--enabled 0"
