"""Commands as questions: `qm status 912`, `df -h / in CT 105`, `what does zpool status say on pve1`.

Somebody who types a command that only reads wants to know what it would print. A command that stands alone is read as
the question that it answers; one that is quoted in a sentence gives way to words for what it shows. A command that
changes something, and one that is to be `run`, stays the order that it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
_PROMPT = re.compile(rf"^({_HOST})(?::?(?:[~/]\S*)?[#$>]|:) *", re.IGNORECASE)
_EXEC = re.compile(r"^(?:pct exec|qm guest exec|lxc-attach -n) (\d+)(?: --)? +", re.IGNORECASE)
_SSH = re.compile(rf"^ssh ({_HOST}) +", re.IGNORECASE)
_WHERE = re.compile(
    rf" +(?:{_ON} +|@ ?)(?P<where>{_ALL}|(?:{_KIND} )?{_HOST})(?: (?:now|please|right now))?\W*$", re.IGNORECASE
)
_BARE = re.compile(rf" +(?P<where>(?:{_KIND} )?{_HOST})\W*$", re.IGNORECASE)
_EVERY = re.compile(rf"^{_ALL}$", re.IGNORECASE)

_FLAGS = r"(?: +-\S+)*"
_DEVICE = r"(?:/dev/)?(?P<what>(?:sd|hd|vd)[a-z]+|nvme\d+n\d+)"
_NAME = r"(?P<what>[\w-]+)"
_IN_UPTIME = r"(?:the )?\w+ (?:figure|number|value)s? (?:that |which |of )?(?:uptime|w)(?: prints?| shows?| gives?)?"


@dataclass(frozen=True, slots=True)
class _Command:
    """A command that only looks, and what it asks: alone, or in the words of a sentence.

    `alone` is the whole command with its arguments; `of_one` the question by where it is asked, `of_all` the one for
    nothing in particular (left out where they are the same). `within` is as much of it as a sentence quotes, and
    `shows` the words in its place.
    """

    alone: str = ""
    of_one: str = ""
    of_all: str = ""
    within: str = ""
    shows: str = ""


_TABLE: tuple[_Command, ...] = (
    _Command(
        rf"(?:qm|pct) (?:status|showcmd) (?P<what>\d+){_FLAGS}", "what is the state of guest {what}", "",
        r"(?:qm|pct) status", "state of vm",
    ),
    _Command(
        r"(?:qm|pct) config (?P<what>\d+)", "what are the settings of guest {what}", "",
        r"(?:qm|pct) config", "settings of vm",
    ),
    _Command(
        r"(?:qm|pct) (?:listsnapshot|listsnapshots|snapshots) (?P<what>\d+)", "snapshots of guest {what}", "",
        r"(?:qm|pct) listsnapshot", "snapshots of",
    ),
    _Command(rf"qm list{_FLAGS}", "which VMs are on {where}", "list the VMs", r"qm list", "list the vms"),
    _Command(
        rf"pct list{_FLAGS}", "which containers are on {where}", "list the containers",
        r"pct list", "list the containers",
    ),
    _Command(
        rf"pveversion{_FLAGS}", "proxmox version of {where}", "proxmox version of all nodes",
        r"pveversion(?: -v)?", "pve version",
    ),
    _Command(
        rf"uname{_FLAGS}", "kernel version of {where}", "kernel version of all nodes",
        r"uname -\w+", "kernel",
    ),
    _Command(
        r"pvecm (?:status|nodes)|corosync-quorumtool.*", "is the cluster quorate", "",
        r"pvecm (?:status|nodes)", "quorum",
    ),
    _Command(
        rf"pvesm status{_FLAGS}", "how full are the storages of {where}", "how full are the storages",
        r"pvesm status", "how full are the storages",
    ),
    _Command(rf"pvesm list {_NAME}", "which volumes lie on {what} on {where}", "which volumes lie on {what}"),
    _Command(
        rf"z(?:pool|fs) (?:status|list|iostat){_FLAGS} (?P<what>[a-z][\w-]*)",
        "state of the pool {what} on {where}", "state of the pool {what}",
    ),
    _Command(
        rf"zpool (?:status|list|iostat){_FLAGS}", "state of the pools on {where}", "state of the pools",
        r"zpool (?:status|list)(?: -\w+)?", "zfs pool health",
    ),
    _Command(
        rf"(?:zfs list|lvs|vgs|pvs){_FLAGS}", "how full are the storages of {where}", "how full are the storages"
    ),
    _Command(r"ceph (?:df|osd df)(?: tree)?", "how full is ceph", "", r"ceph df", "ceph health"),
    _Command(
        r"ceph osd (?:tree|stat|status)", "how many OSDs of ceph are up", "",
        r"ceph osd tree", "ceph health",
    ),
    _Command(
        r"ceph (?:-s|-w|status|health)(?: detail)?|pveceph status", "state of ceph", "",
        r"ceph(?: -s| status| health(?: detail)?)", "ceph health",
    ),
    _Command(
        rf"systemctl(?: list-units)?{_FLAGS} --(?:failed|state=failed){_FLAGS}|systemctl is-system-running",
        "failed services on {where}", "failed services on the nodes",
        r"systemctl --failed", "failed services of the nodes",
    ),
    _Command(
        rf"systemctl (?:status|is-active) (?P<what>[a-z][\w-]*)(?:\.service)?{_FLAGS}",
        "state of the service {what} on {where}", "state of the service {what} on the nodes",
    ),
    _Command(
        rf"(?:free|vmstat){_FLAGS}(?: \d+)*", "how much memory is in use on {where}", "memory of each node",
        r"free -\w+", "memory used",
    ),
    _Command(rf"uptime{_FLAGS}", "uptime of {where}", "uptime of each node"),
    _Command(rf"{_IN_UPTIME}|(?:cat )?/proc/loadavg", "load average of {where}", "load of each node"),
    _Command(
        rf"df{_FLAGS}(?: /| +/dev/\S+)?(?: -\S+)*",
        "root disk of {where}, how full in percent", "root file system of each node",
        r"df(?: -\w+)*(?: /(?=\s|$))?", "how full is the root disk",
    ),
    _Command(
        rf"(?:h|a|b)?top{_FLAGS}", "cpu of {where}", "cpu of each node",
        r"(?:htop|top)(?= on\b)", "what uses most cpu",
    ),
    _Command(rf"iostat{_FLAGS}(?: \d+)*|iotop{_FLAGS}", "i/o wait of {where}", "i/o wait of each node"),
    _Command(r"nproc", "which processor has {where}", "which processor has each node", r"nproc", "how many cores"),
    _Command(r"lscpu", "which processor has {where}", "which processor has each node", r"lscpu", "cpu model"),
    _Command(rf"sensors{_FLAGS}", "disk temperatures on {where}", "disk temperatures"),
    _Command(
        rf"smartctl{_FLAGS} {_DEVICE}", "SMART values of disk {what} on {where}", "SMART values of disk {what}",
        r"smartctl -\w+", "smart values of disk",
    ),
    _Command(
        rf"(?:lsblk|fdisk|blkid|nvme list){_FLAGS}",
        "which physical disks are in {where}", "which physical disks are there",
        r"lsblk", "list the physical disks",
    ),
    _Command(
        rf"apt(?:-get)? list{_FLAGS} --upgrad(?:e)?able|apt list{_FLAGS}|pveupdate|apt(?:-get)? -s \S+",
        "which updates wait on {where}", "which updates wait",
        r"apt list --upgrad\w+", "pending updates",
    ),
    _Command(
        rf"ha-manager (?:status|config){_FLAGS}", "state of high availability", "",
        r"ha-manager status", "high availability state",
    ),
    _Command(
        rf"pvesr (?:status|list){_FLAGS}", "state of the replication jobs", "",
        r"pvesr (?:status|list)", "replication state",
    ),
    _Command(
        r"amtool silence(?: query| list)?(?: \S+)*", "which silences are active", "",
        r"amtool silence(?: query)?", "silenced alerts",
    ),
    _Command(
        r"amtool alert(?:s)?(?: query| list)?", "which alerts are firing", "",
        r"amtool alert(?: query)?", "firing alerts",
    ),
    _Command(r"(?:pbs|proxmox-backup-manager) datastore (?:list|status)", "how full are the datastores"),
    _Command(
        rf"proxmox-backup-manager (?:garbage-collection|gc) (?:status|list)(?: {_NAME})?",
        "when did the garbage collection of {what} last run", "when did the garbage collection last run",
    ),
    _Command(r"proxmox-backup-manager verify-job list", "when did the verify jobs last run"),
    _Command(r"proxmox-backup-manager prune-job list", "when did the prune jobs last run"),
    _Command(r"proxmox-backup-manager sync-job list", "when did the sync jobs last run"),
    _Command(r"proxmox-backup-manager task list", "which tasks ran on the backup server"),
    _Command(r"last(?: -\S+(?: \d+)?)* reboot", "when did {where} last reboot", "when did each node last reboot"),
    _Command(
        r"timedatectl(?: \S+)?|chronyc \w+|ntpq -p",
        "is the clock of {where} right", "are the clocks of the nodes right",
    ),
    _Command(
        rf"ip{_FLAGS} (?:link|l)(?: show)?|ifconfig", "network interfaces of {where}", "network interfaces"
    ),
    _Command(rf"ip{_FLAGS} (?:a|addr|address)(?: show)?", "ip of {where}", "ip addresses of the nodes"),
    _Command(r"pvesubscription get", "subscription of {where}", "subscriptions of the nodes"),
    _Command(r"upsc(?: [\w-]+(?:@\S+)?)? (?P<what>[\w.]+\.[\w.]+)", "{what} of the ups"),
    _Command(r"upsc(?: [\w-]+(?:@\S+)?)?", "state of the ups"),
    _Command(
        r"pvenode cert(?:s| info)?", "when do the certificates of {where} end", "when do the certificates end"
    ),
    # What is only met within a sentence: names of tasks and jobs as commands and logs spell them.
    _Command(within=r"pvenode task list", shows="the last tasks"),
    _Command(within=r"pvesr(?= (?:jobs?|runs?|syncs?)\b)", shows="replication"),
    _Command(within=r"prune-?jobs?", shows="prune job"),
    _Command(within=r"verification-?jobs?|verifyjobs?", shows="verify job"),
    _Command(within=r"syncjobs?", shows="sync job"),
    _Command(within=r"garbage_collections?", shows="garbage collection"),
    _Command(within=r"(?:qm|vz)migrate", shows="migration"),
    _Command(within=r"(?:qm|vz)restore(?= (?:task|job)s?\b)", shows="restore"),
)  # fmt: skip
_ALONE = tuple((re.compile(row.alone, re.IGNORECASE), row) for row in _TABLE if row.alone)
_QUOTED = tuple(row for row in _TABLE if row.within)
_ANY_QUOTED = re.compile(rf"(?<![\w/.-])(?:{'|'.join(f'({row.within})' for row in _QUOTED)})(?![\w-])")
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
        said, where = after, prompt[1]
    for shell, kind in ((_EXEC, "guest "), (_SSH, "")):
        if match := shell.match(said):
            said, where = said[match.end() :], kind + match[1]
    return _question(_SAYS.sub("", said), where) or text


def without_commands(lowered: str) -> str:
    """The sentence with what a command would show in its place: `why is df -h in ct 105 so high`."""
    return _ANY_QUOTED.sub(lambda match: _QUOTED[(match.lastindex or 1) - 1].shows, lowered)


def _question(said: str, where: str) -> str:
    """What the command asks of `where`, or of where it says itself; empty where it is no command."""
    for at in (None, _WHERE.search(said), _BARE.search(said)):
        if where and at is not None:
            break
        command, place = (said, where) if at is None else (said[: at.start()], at["where"])
        if not command or (at is not None and _WORDS_TOO.fullmatch(command)):
            continue  # `uptime of pve1` is understood as it is
        for pattern, row in _ALONE:
            if match := pattern.fullmatch(command.strip()):
                return _filled(match, row, place)
    return ""


def _filled(match: re.Match[str], row: _Command, place: str) -> str:
    host = re.sub(r"^root@", "", place)
    every = not host or bool(_EVERY.match(host))
    what = (match.groupdict().get("what") or "").strip()
    in_general = every if "{where}" in row.of_one else not what
    asked = row.of_all if in_general and row.of_all else row.of_one
    return asked.format(what=what.replace(".", " "), where=host)
