"""Commands as questions: `qm status 912`, `df -h / in CT 105`, `what does zpool status say on pve1`.

Somebody who types a command that only reads wants to know what it would print. It is read as the question that it
answers. A command that changes something, and one that is to be `run`, stays the order that it is.
"""

from __future__ import annotations

import re

_LONGEST = 160
_ON = r"(?:on|in|at|for|of|inside|within)"
_HOST = r"(?:root@)?[a-z0-9](?:[\w.-]*\w)?"
_KIND = r"(?:the )?(?:vm|ct|lxc|container|guest|node|host|machine|server)"
_ALL = r"(?:all|every|each|both)(?: of)?(?: the| my| our)?(?: two| three| four| \d+)?(?: \w+)?"
# What is said around a command: `what does … say`, `output of …`, a prompt, a shell in a guest or on a host.
_ASKED = re.compile(
    r"^(?:what (?:does|would|do|will)|show(?: me)?|give me|print|(?:the )?(?:output|result|equivalent) of|and) ",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r" (?:say|show|print|output|report|return|give|tell)s?(?: me)?(?: now| today)?(?= |\W*$)", re.IGNORECASE
)
_PROMPT = re.compile(rf"^(?:{_HOST}:?(?:[~/]\S*)?[#$>]|(?P<host>{_HOST}):) *", re.IGNORECASE)
_PROMPT_HOST = re.compile(rf"^(?P<host>{_HOST})", re.IGNORECASE)
_EXEC = re.compile(r"^(?:pct exec|qm guest exec|lxc-attach -n) (?P<id>\d+)(?: --)? +", re.IGNORECASE)
_SSH = re.compile(rf"^ssh (?P<host>{_HOST}) +", re.IGNORECASE)
_WHERE = re.compile(
    rf" +(?:{_ON} +|@ ?)(?P<where>{_ALL}|(?:{_KIND} )?{_HOST})(?: (?:now|please|right now))?\W*$", re.IGNORECASE
)
_BARE = re.compile(rf" +(?P<where>(?:{_KIND} )?{_HOST})\W*$", re.IGNORECASE)
_EVERY = re.compile(rf"^{_ALL}$", re.IGNORECASE)

_FLAGS = r"(?: +-\S+)*"
_DEVICE = r"(?:/dev/)?(?P<what>(?:sd|hd|vd)[a-z]+|nvme\d+n\d+)"
_NAME = r"(?P<what>[\w-]+)"
_IN_UPTIME = r"(?:the )?\w+ (?:figure|number|value)s? (?:that |which |of )?(?:uptime|w)(?: prints?| shows?| gives?)?"
# The command with its arguments, and the question by where it is asked: of one thing, and of nothing in particular.
_TABLE: tuple[tuple[str, str, str], ...] = (
    (rf"(?:qm|pct) (?:status|showcmd) (?P<what>\d+){_FLAGS}", "what is the state of guest {what}", ""),
    (r"(?:qm|pct) config (?P<what>\d+)", "what are the settings of guest {what}", ""),
    (r"(?:qm|pct) (?:listsnapshot|listsnapshots|snapshots) (?P<what>\d+)", "snapshots of guest {what}", ""),
    (rf"qm list{_FLAGS}", "which VMs are on {where}", "list the VMs"),
    (rf"pct list{_FLAGS}", "which containers are on {where}", "list the containers"),
    (rf"pveversion{_FLAGS}", "proxmox version of {where}", "proxmox version of all nodes"),
    (rf"uname{_FLAGS}", "kernel version of {where}", "kernel version of all nodes"),
    (r"pvecm (?:status|nodes)|corosync-quorumtool.*", "is the cluster quorate", "is the cluster quorate"),
    (rf"pvesm status{_FLAGS}", "how full are the storages of {where}", "how full are the storages"),
    (rf"pvesm list {_NAME}", "which volumes lie on {what} on {where}", "which volumes lie on {what}"),
    (
        rf"z(?:pool|fs) (?:status|list|iostat){_FLAGS} (?P<what>[a-z][\w-]*)",
        "state of the pool {what} on {where}",
        "state of the pool {what}",
    ),
    (rf"zpool (?:status|list|iostat){_FLAGS}", "state of the pools on {where}", "state of the pools"),
    (rf"(?:zfs list|lvs|vgs|pvs){_FLAGS}", "how full are the storages of {where}", "how full are the storages"),
    (r"ceph (?:df|osd df)(?: tree)?", "how full is ceph", "how full is ceph"),
    (r"ceph osd (?:tree|stat|status)", "how many OSDs of ceph are up", "how many OSDs of ceph are up"),
    (r"ceph (?:-s|-w|status|health)(?: detail)?|pveceph status", "state of ceph", "state of ceph"),
    (
        rf"systemctl(?: list-units)?{_FLAGS} --(?:failed|state=failed){_FLAGS}|systemctl is-system-running",
        "failed services on {where}",
        "failed services on the nodes",
    ),
    (
        rf"systemctl (?:status|is-active) (?P<what>[a-z][\w-]*)(?:\.service)?{_FLAGS}",
        "state of the service {what} on {where}",
        "state of the service {what} on the nodes",
    ),
    (rf"(?:free|vmstat){_FLAGS}(?: \d+)*", "how much memory is in use on {where}", "memory of each node"),
    (rf"uptime{_FLAGS}", "uptime of {where}", "uptime of each node"),
    (
        rf"{_IN_UPTIME}|(?:cat )?/proc/loadavg",
        "load average of {where}",
        "load of each node",
    ),
    (
        rf"df{_FLAGS}(?: /| +/dev/\S+)?(?: -\S+)*",
        "root disk of {where}, how full in percent",
        "root file system of each node",
    ),
    (rf"(?:h|a|b)?top{_FLAGS}", "cpu of {where}", "cpu of each node"),
    (rf"iostat{_FLAGS}(?: \d+)*|iotop{_FLAGS}", "i/o wait of {where}", "i/o wait of each node"),
    (r"(?:nproc|lscpu)", "which processor has {where}", "which processor has each node"),
    (rf"sensors{_FLAGS}", "disk temperatures on {where}", "disk temperatures"),
    (rf"smartctl{_FLAGS} {_DEVICE}", "SMART values of disk {what} on {where}", "SMART values of disk {what}"),
    (
        rf"(?:lsblk|fdisk|blkid|nvme list){_FLAGS}",
        "which physical disks are in {where}",
        "which physical disks are there",
    ),
    (
        rf"apt(?:-get)? list{_FLAGS} --upgrad(?:e)?able|apt list{_FLAGS}|pveupdate|apt(?:-get)? -s \S+",
        "which updates wait on {where}",
        "which updates wait",
    ),
    (rf"ha-manager (?:status|config){_FLAGS}", "state of high availability", "state of high availability"),
    (rf"pvesr (?:status|list){_FLAGS}", "state of the replication jobs", "state of the replication jobs"),
    (r"amtool silence(?: query| list)?(?: \S+)*", "which silences are active", "which silences are active"),
    (r"amtool alert(?:s)?(?: query| list)?", "which alerts are firing", "which alerts are firing"),
    (
        r"(?:pbs|proxmox-backup-manager) datastore (?:list|status)",
        "how full are the datastores",
        "how full are the datastores",
    ),
    (
        rf"proxmox-backup-manager (?:garbage-collection|gc) (?:status|list)(?: {_NAME})?",
        "when did the garbage collection of {what} last run",
        "when did the garbage collection last run",
    ),
    (
        r"proxmox-backup-manager verify-job list",
        "when did the verify jobs last run",
        "when did the verify jobs last run",
    ),
    (r"proxmox-backup-manager prune-job list", "when did the prune jobs last run", "when did the prune jobs last run"),
    (r"proxmox-backup-manager sync-job list", "when did the sync jobs last run", "when did the sync jobs last run"),
    (
        r"proxmox-backup-manager task list",
        "which tasks ran on the backup server",
        "which tasks ran on the backup server",
    ),
    (r"last(?: -\S+(?: \d+)?)* reboot|last reboot", "when did {where} last reboot", "when did each node last reboot"),
    (r"timedatectl(?: \S+)?|chronyc \w+|ntpq -p", "is the clock of {where} right", "are the clocks of the nodes right"),
    (
        rf"ip{_FLAGS} (?:a|addr|link|l|address)(?: show)?|ifconfig",
        "network interfaces of {where}",
        "network interfaces",
    ),
    (r"pvesubscription get", "subscription of {where}", "subscriptions of the nodes"),
    (r"upsc(?: [\w-]+(?:@\S+)?)? (?P<what>[\w.]+\.[\w.]+)", "{what} of the ups", "{what} of the ups"),
    (r"upsc(?: [\w-]+(?:@\S+)?)?", "state of the ups", "state of the ups"),
    (
        r"pvenode cert(?:s| info)?|pvenode cert info",
        "when do the certificates of {where} end",
        "when do the certificates end",
    ),
)
_COMMANDS = tuple((re.compile(pattern, re.IGNORECASE), one, none) for pattern, one, none in _TABLE)
# Words that are also said by people: with a name they are understood without help.
_WORDS_TOO = re.compile(r"(?:uptime|free|top|last reboot|sensors)", re.IGNORECASE)


def as_question(text: str) -> str:
    """The question that a command answers; the text itself where it is none."""
    said = text.strip().strip("`").rstrip(" ?.!").replace("`", "")
    if not said or len(said) > _LONGEST or "\n" in said:
        return text
    said = _ASKED.sub("", said)
    where = ""
    prompt = _PROMPT.match(said)
    if prompt and (after := said[prompt.end() :]) and _question(after, ""):
        host = _PROMPT_HOST.match(said)
        said, where = after, host["host"] if host else ""
    for shell, kind in ((_EXEC, "guest "), (_SSH, "")):
        if match := shell.match(said):
            said, where = said[match.end() :], kind + match.group(1)
    return _question(_SAYS.sub("", said), where) or text


def _question(said: str, where: str) -> str:
    """What the command asks of `where`, or of where it says itself; empty where it is no command."""
    for at in (None, _WHERE.search(said), _BARE.search(said)):
        if where and at is not None:
            break
        command, place = (said, where) if at is None else (said[: at.start()], at["where"])
        if not command or (at is not None and not where and _WORDS_TOO.fullmatch(command)):
            continue  # `uptime of pve1` is understood as it is
        for pattern, one, none in _COMMANDS:
            if match := pattern.fullmatch(command.strip()):
                return _filled(match, one, none, place)
    return ""


def _filled(match: re.Match[str], one: str, none: str, place: str) -> str:
    host = re.sub(r"^root@", "", place)
    every = not host or bool(_EVERY.match(host))
    what = (match.groupdict().get("what") or "").strip()
    if "{where}" in one:
        one = (none or one) if every else one
    elif "{what}" in one and not what:
        one = none
    return one.format(what=what.replace(".", " "), where=host)
