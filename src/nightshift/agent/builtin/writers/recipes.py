"""Commands that do by hand what was ordered: for each kind of thing and each kind of change, the one for a shell.

`{tool}` is `qm` or `pct`, `{name}` the thing, `<…>` what whoever runs it has to fill in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

GUEST: Mapping[str, str] = {
    "reboot": "{tool} reboot {vmid}",
    "reset": "{tool} stop {vmid}    # hard, like pulling the plug: nothing is saved inside\n{tool} start {vmid}",
    "stop": "{tool} shutdown {vmid}",
    "start": "{tool} start {vmid}",
    "delete": "{tool} destroy {vmid}    # destroys the guest and its disks: check the backups first",
    "migrate": "{tool} migrate {vmid} {target}{live}",
    "maintenance": "{tool} migrate {vmid} {target}{live}",
    "unlock": "{tool} unlock {vmid}    # only when no task of this guest is running",
    "resize": "{tool} {resize} {vmid} {disk} {size}",
    "snapshot": "{tool} snapshot {vmid} {snapshot_name}",
    "rollback": "{tool} listsnapshot {vmid}\n{tool} rollback {vmid} {snapshot}    # loses all since then",
    "pause": "{tool} suspend {vmid}",
    "backup": "vzdump {vmid} --storage {storage}",
    "run": "{tool} start {vmid}",
    "restore": "pvesm list {storage} --content backup --vmid {vmid}\n{restore}    # overwrites what is there now",
    "change": "{tool} set {vmid} {option}",
    "rename": "{tool} set {vmid} --{called} <name>",
    "clone": "{tool} clone {vmid} {new}",
    "upgrade": "{upgrade}",
    "trim": "{trim}",
}
_OF_FILES = re.compile(r"\b(?:files?|folders?|director(?:y|ies)|albums?|spreadsheets?|mailbox(?:es)?)\b")
_BESIDE = re.compile(
    r"\b(?:spare|new|other|another|different|free|second|temporary) (?:\w+ )?"
    r"(?:id|vmid|number|vm|ct|guest|node|host)\b|"
    r"\b(?:drill|beside|rehears\w*|test[- ]?restor\w*|try out|trial)\b|\btest (?:a |the )?restore|"
    r"\b(?:into|as) \d{3,}\b|\bwithout (?:touching|overwriting|losing|harming|stopping)\b|\bas a (?:copy|test|clone)\b"
)
_RESTORE_FILES = (
    "proxmox-file-restore list {group}/<time> / --repository <user>@<server>:{datastore}\n"
    "proxmox-file-restore extract {group}/<time> <path> <folder> --repository <user>@<server>:{datastore}"
    "    # overwrites nothing; or: storage › Backups › File Restore"
)
_RESTORE_BESIDE = "pvesm list {storage} --content backup --vmid {vmid}\n{beside}    # the old one stays as it is"


def restored(text: str) -> str:
    """How something is restored that is not the whole guest in its own place: a file of it, a copy beside it."""
    return _RESTORE_FILES if _OF_FILES.search(text) else _RESTORE_BESIDE if _BESIDE.search(text) else ""


NODE: Mapping[str, str] = {
    "reboot": "reboot    # on {name}, after its guests were migrated or shut down",
    "reset": "reboot    # on {name}, after its guests were migrated or shut down; hard only by its power button or BMC",
    "stop": "shutdown -h now    # on {name}, after its guests were migrated or shut down",
    "start": "pvenode wakeonlan {name}    # on another node; else its power button",
    "upgrade": "apt update && apt full-upgrade    # on {name}",
    "release": "pve8to9 --full    # on {name}: what stands in the way; of other releases its like\n"
    "apt update && apt full-upgrade    # on {name}, with the package sources of the new release",
    "migrate": "ha-manager crm-command node-maintenance enable {name}",
    "maintenance": "ha-manager crm-command node-maintenance {maintained} {name}",
    "replace": "zpool status -v    # on {name}: which disk it is\n"
    "zpool replace <pool> <old disk> /dev/disk/by-id/<new disk>    # on {name}",
    "renew": "pvecm updatecerts --force    # on {name}: its own certificate\n"
    "pvenode acme cert renew    # on {name}: the one by ACME, where that is set up",
    "run": "zpool list    # on {name}: its pools\nzpool scrub <pool>    # on {name}",
    "delete": "pvecm delnode {name}    # on another node, after it was switched off for good",
}
DATASTORE: Mapping[str, str] = {
    "prune": "proxmox-backup-manager prune-job list    # then run the one of {name}\n"
    "proxmox-backup-manager garbage-collection start {name}",
    "run": "proxmox-backup-manager garbage-collection start {name}",
    "verify": "proxmox-backup-manager verify {name}",
    "sync": "proxmox-backup-manager sync-job list    # then `sync-job run <id>` of the one of {name}",
    "maintenance": "proxmox-backup-manager datastore update {name} {mode}",
}
RETENTION = (
    "proxmox-backup-manager prune-job list    # the one of {name}\nproxmox-backup-manager prune-job update <id> {keep}"
)
PRUNED_TO = (
    f"{RETENTION}\n"
    "proxmox-backup-manager prune-job run <id>\n"
    "proxmox-backup-manager garbage-collection start {name}    # frees the space, a day later at the soonest"
)
GC_SCHEDULE = "proxmox-backup-manager datastore update {name} --gc-schedule <calendar event>"
BACKUPS_OF_DATASTORE = (
    "proxmox-backup-client snapshot list --repository <user>@<server>:{name}\n"
    "proxmox-backup-client snapshot forget <snapshot> --repository <user>@<server>:{name}"
)
VOLUMES_OF_STORAGE = "pvesm list {name}\npvesm free <volume>    # destroys the volume"
STORAGE: Mapping[str, str] = {
    "prune": VOLUMES_OF_STORAGE,
    "resize": "lvextend -L +<size> <vg>/<pool>    # on {node}, of a thin pool; its metadata with --poolmetadatasize",
    "delete": "pvesm remove {name}    # takes away only its definition: what is on it stays",
    "change": "pvesm set {name} --disable {off}",
    "stop": "pvesm set {name} --disable 1",
    "start": "pvesm set {name} --disable 0",
}
POOL: Mapping[str, str] = {
    "run": "zpool scrub {name}    # on {node}",
    "change": "zpool status -v {name}    # on {node}: what it needs",
    "repair": "zpool status -v {name}    # on {node}: what it needs",
    "replace": "zpool status -v {name}    # on {node}: which disk it is\n"
    "zpool replace {name} <old disk> /dev/disk/by-id/<new disk>    # on {node}",
    "start": "zpool import {name}    # on {node}",
    "upgrade": "zpool upgrade {name}    # on {node}; older systems cannot read it then",
}
DISK: Mapping[str, str] = {
    "run": "smartctl -t short {name}    # on {node}",
    "replace": "zpool replace <pool> {name} /dev/disk/by-id/<new disk>    # on {node}",
    "delete": "lsblk {name}    # on {node}: what is on it\nwipefs -a <disk>    # destroys all of it",
}
BACKUP_JOB: Mapping[str, str] = {
    "change": "pvesh set /cluster/backup/{name} {option}",
    "run": "pvesh get /cluster/backup/{name}    # its guests and options\n"
    "vzdump <vmid> … --storage <storage>    # on each node; or Datacenter › Backup › Run now",
    "stop": "pvesh set /cluster/backup/{name} --enabled 0",
    "pause": "pvesh set /cluster/backup/{name} --enabled 0",
    "start": "pvesh set /cluster/backup/{name} --enabled 1",
    "delete": "pvesh delete /cluster/backup/{name}",
}
PBS_JOB: Mapping[str, str] = dict.fromkeys(
    ("run", "start", "sync", "verify", "prune"), "proxmox-backup-manager {type}-job run {name}"
) | {
    "change": "proxmox-backup-manager {type}-job update {name} {switch}",
    "stop": "proxmox-backup-manager {type}-job update {name} {switch}",
    "pause": "proxmox-backup-manager {type}-job update {name} {switch}",
    "delete": "proxmox-backup-manager {type}-job remove {name}",
}
REPLICATION_JOB: Mapping[str, str] = {
    "run": "pvesr schedule-now {name}",
    "start": "pvesr schedule-now {name}",
    "change": "pvesr {enable} {name}",
    "stop": "pvesr disable {name}",
    "pause": "pvesr disable {name}",
    "delete": "pvesr delete {name}",
}
_SIZE = re.compile(
    r"((?<!\d)\d+(?:[.,]\d+)?|\b(?:one|two|three|four|six|eight)) ?(?:more |extra )?"
    r"(t|g|m)(?:i?b|igs?|(?:er|ig|eg)abytes?)?\b",
    re.IGNORECASE,
)
_TO_MIB = re.compile(r"\bto (\d{3,6})\b(?! ?[tgm]i?b?\b)")
_TIME = re.compile(r"\b(?:to|at) (\d{1,2})(?::(\d\d))?(?: ?(am|pm))?\b", re.IGNORECASE)
_ON_OR_OFF = re.compile(r"\b(?:on|off|enable|disable|activate|deactivate|active|inactive|pause|stop|start|resume)\b")
_COUNT = re.compile(r"\b(\d+|one|two|three|four|six|eight)\b (?:more |extra |additional )?(?:v?cpus?|cores?)\b")
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "eight": 8}
_MIB = {"t": 1024 * 1024, "g": 1024, "m": 1}
_MORE = re.compile(r"\b(?:more|another|extra|additional|add|by|increase|grow)\b(?!.*\bto \d)|\+\d")
_TO = re.compile(r"\bto \d")
_LESS = re.compile(r"\b(?:shrink|reduce|lower|decrease|cut|less|fewer|smaller|remove|drop|take (?!up\b))")
_OFF = re.compile(r"\b(?:disable|off|pause|deactivate|inactive|stop)\b")
_OUT = re.compile(
    r"\b(?:out|off|from|end|finish|exit|done|over|no more|no longer|leave|stop|disable|deactivate|remove|clear|"
    r"back|writ\w+|"
    r"read-?write)\b"
)

# `put pve1 in maintenance until the backup is over` begins one, whatever else is told.
_INTO = re.compile(r"\b(?:in|into|to|under)(?: the| a)? (?:maint\w*|read[ -]?only)\b")
_ENDED = re.compile(
    r"\b(?:end|finish|exit|leave|stop|disable|deactivate|remove|clear|no more|no longer|not)\b(?:.{0,40})"
    r"\b(?:in|into|to|under)(?: the| a)? (?:maint\w*|read[ -]?only)\b|\b(?:maint\w*|read[ -]?only)(?: mode)? off\b"
)


def size_of(text: str) -> str:
    """A size as `qm resize` takes it, `+20G`, `100G` when it shall be that in the end; what is to be filled in where
    none was named."""
    found = _SIZE.search(text)
    size = f"{_number(found[1]):g}{found[2].upper()}" if found else "<size>"
    return size if _TO.search(text) else f"+{size}"


def memory_of(text: str, now_bytes: float | None) -> str:
    """MiB to set: what was named, on top of what there is where more was wanted."""
    if now_bytes and (factor := _factor(text)):
        return f"{now_bytes / 1024**2 * factor:.0f}"
    found, mib = _SIZE.search(text), _TO_MIB.search(text)
    if found is None and mib is not None:
        return mib[1]
    if found is None:
        return "<MiB>"
    return _set(_number(found[1]) * _MIB[found[2].lower()], text, now_bytes / 1024**2 if now_bytes else None, "<MiB>")


def _set(said: float, text: str, now: float | None, unknown: str) -> str:
    """What to set: what was said, or that on top of what there is, or taken from it (`remove 2 cores`)."""
    less = is_less(text) and not _TO.search(text)
    if not less and not _MORE.search(text):
        return f"{said:.0f}"
    if now is None or (less and said >= now):
        return unknown
    return f"{now - said if less else now + said:.0f}"


def is_less(text: str) -> bool:
    """Whether something is to become smaller, and not larger: `shrink the memory of web by 2 GB`."""
    return _LESS.search(text) is not None


def _number(said: str) -> float:
    return float(_NUMBERS.get(said.lower()) or said.replace(",", "."))


def _factor(text: str) -> float:
    """By how much more, where it is said so: `double the memory`."""
    return 2.0 if re.search(r"\b(?:double|twice)\b", text) else 0.5 if re.search(r"\b(?:halve|half)\b", text) else 0.0


def has_size(text: str) -> bool:
    return _SIZE.search(text) is not None


def job_option(text: str) -> str:
    """What of a backup job is to be set: when it runs, whether it runs, or what is to be filled in."""
    moment = _TIME.search(text)
    if moment and not re.search(r"\b(?:enable|disable)\b", text):
        hour = int(moment[1]) % 12 + 12 * (moment[3].lower() == "pm") if moment[3] else int(moment[1])
        return f"--schedule {hour:02d}:{moment[2] or '00'}"
    if re.search(r"\b(?:schedule|time|when|begin|earlier|later)\b", text):
        return "--schedule <calendar event>"
    return f"--enabled {int(not is_off(text))}" if _ON_OR_OFF.search(text) else "--<option> <value>"


def cores_of(text: str, now: float | None) -> str:
    """The number of cores to set, counted on top of what there is where more were wanted."""
    if now and (factor := _factor(text)):
        return f"{now * factor:.0f}"
    found = _COUNT.search(text)
    if found is None:
        return "<number>"
    return _set(_NUMBERS.get(found[1]) or int(found[1]), text, now, "<number>")


def is_out(text: str) -> bool:
    """Whether a maintenance ends, and does not begin."""
    begins = _INTO.search(text) or text.startswith("drain ")
    return bool(_ENDED.search(text) if begins else _OUT.search(text))


def switch_of(kind: str, *, off: bool) -> str:
    """The option that switches a job of PBS: only prune jobs can be disabled, others run when they have a schedule."""
    if kind == "prune":
        return f"--disable {int(off)}"
    return "--delete schedule" if off else "--schedule <calendar event>"


# Neither how often (`every 2 hours`) nor what goes (`older than 30 days`) is what stays.
_KEPT = re.compile(
    r"\b(?<!every )(?<!each )(?<!than )(?<!past )(?<!beyond )(?<!after )(?<!in )"
    r"(\w+) (last|hour|dai|day|week|month|year)\w*"
)
_KEEP = {"dai": "daily", "day": "daily", "hour": "hourly", "week": "weekly", "month": "monthly", "year": "yearly"}
_COUNTED = {"seven": 7, "five": 5, "ten": 10, "twelve": 12, "fourteen": 14} | _NUMBERS


def kept(text: str) -> str:
    """What a prune job shall keep: `7 dailies and four weeklies`; empty where that was not said."""
    said = ((_COUNTED.get(number) or number, _KEEP.get(unit, unit)) for number, unit in _KEPT.findall(text))
    return " ".join(f"--keep-{unit} {number}" for number, unit in said if str(number).isdigit())


_CALLED = re.compile(
    r"\b(?:named|called|name it|call it) [\"“'`]?([A-Za-z][\w-]{1,39})|[\"“'`]([A-Za-z][\w-]{1,39})[\"”'`]|"
    r"\bsnapshot ([A-Za-z]\w*[-_]\w[\w-]*)|\b(?:the|to) ([A-Za-z]\w*[-_]\w[\w-]*) snapshot\b|"
    r"\bback to ([A-Za-z]\w*[-_]\w[\w-]*)"
)


def called(text: str, unknown: str) -> str:
    """What a snapshot is called in the order; what is to be filled in where it is not told."""
    found = _CALLED.search(text)
    return next(filter(None, found.groups())) if found else unknown


def is_off(text: str) -> bool:
    """Whether something is to be switched off, not on."""
    return bool(_OFF.search(text))
