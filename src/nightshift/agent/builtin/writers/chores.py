"""Commands for work on what is in no inventory.

A service of a node, the error counters of a pool, a monitor of Ceph, a thin pool.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nightshift.agent.builtin.story import Story
from nightshift.agent.builtin.writers.recipes import size_of

_STARTS = frozenset({"reboot", "reset", "start", "repair", "run"})
_STOPS = frozenset({"stop", "pause", "delete"})
# What people call a service of a node, and its unit.
_UNITS: tuple[tuple[str, str], ...] = (
    (r"pvestatd|(?:statistics|status|stats?) (?:daemon|service)", "pvestatd"),
    (r"pveproxy|web ?(?:ui|gui|interface)|(?:api )?proxy (?:daemon|service) of", "pveproxy"),
    (r"pvedaemon|api daemon", "pvedaemon"),
    (r"pve-ha-lrm|local resource manager", "pve-ha-lrm"),
    (r"pve-ha-crm|cluster resource manager|ha manager", "pve-ha-crm"),
    (r"pve-cluster|pmxcfs|cluster file ?system", "pve-cluster"),
    (r"corosync", "corosync"),
    (r"pvescheduler", "pvescheduler"),
    (r"pve-firewall", "pve-firewall"),
    (r"chronyd?|ntp|time (?:sync\w*|service|daemon)", "chrony"),
    (r"postfix", "postfix"),
)


@dataclass(frozen=True, slots=True)
class _Chore:
    """Its words, the kinds of change, and the commands; `{node}` and `{pool}` as they were named."""

    said: str
    verbs: frozenset[str]
    commands: str


_CHORES: tuple[_Chore, ...] = (
    _Chore(
        r"\bmon(?:itor)?s?\b(?!ing)",
        _STARTS,
        "systemctl restart ceph-mon@<node>    # on the node of the monitor; or Ceph › Monitor › Start\nceph mon stat",
    ),
    _Chore(
        r"^(?!.*\bin\b).*\bout\b|\b(?:take|mark|set|kick|throw|pull)\b(?:(?!\bin\b)[^,;:])*\bout\b",
        frozenset({"osd"}),
        "ceph osd out {osd}    # its data is copied to the others\nceph -s    # until that is done",
    ),
    _Chore(r"\bstop\b", frozenset({"osd"}), "systemctl stop ceph-osd@{osd}    # on its node: `ceph osd find {osd}`"),
    _Chore(
        "osd",
        frozenset({"osd"}),
        "ceph osd find {osd}    # which node it is on; there:\n"
        "systemctl reset-failed ceph-osd@{osd}; systemctl start ceph-osd@{osd}\nceph osd in {osd}",
    ),
    _Chore(
        r"\b(?:nvme|ssd|hdd|disks?|drive|resilver)\b",
        frozenset({"replace"}),
        "zpool status -v    # which pool, and which disk of it\n"
        "zpool replace <pool> <old disk> /dev/disk/by-id/<new disk>",
    ),
    _Chore(
        r"\berrors?\b|\bcounters?\b",
        frozenset({"clear"}),
        "zpool status -v {pool}    # on {node}: what is wrong, and with which disk\n"
        "zpool clear {pool}    # sets its error counters to zero, and mends nothing",
    ),
    _Chore(
        r"\blvextend\b|\bthin ?pool\b|\bpve/data\b",
        frozenset({"resize", "run", "change"}),
        "vgs    # on {node}: whether the volume group has room for it\n"
        "lvextend -L {size} <vg>/<pool>\n"
        "lvextend --poolmetadatasize +1G <vg>/<pool>    # where its metadata are what is full",
    ),
)


def chore(story: Story) -> str:
    """`to do it by hand:` and the commands; empty where the order is about no such thing."""
    question = story.question
    text, verb = question.text.lower(), question.action
    if question.of_kind("guest", "disk", "job", "datastore"):
        return ""
    node = next((entity.label for entity in question.of_kind("node")), "its node")
    unit = next((unit for said, unit in _UNITS if re.search(rf"\b(?:{said})\b", text)), "")
    if unit and verb in _STARTS | _STOPS:
        return _told(
            f"systemctl {'stop' if verb in _STOPS else 'restart'} {unit}    # on {node}\nsystemctl status {unit}"
        )
    known = next((known for known in _CHORES if verb in known.verbs and re.search(known.said, text)), None)
    if known is None or (verb == "replace" and question.of_kind("pool", "node")):
        return ""
    named = next(iter(question.of_kind("pool")), None)
    where, *_, pool = named.key.split("/")[1:] if named else (node, "<pool>")
    osd = re.search(r"\bosds?(?: in| out)?[ .-]?(\d+)", text)
    number = osd[1] if osd else "<id>"
    return _told(known.commands.format(pool=pool, node=where, size=size_of(text), osd=number))


def _told(commands: str) -> str:
    return f"to do it by hand:\n\n```\n{commands}\n```"
