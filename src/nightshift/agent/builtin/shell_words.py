"""Commands that people type for what they would show: `df -h in CT 105`, `pveversion on all hosts`.

They are put into the words of a sentence before it is read; a command that stands alone, with where it would be run, is
a question by `shell`. A command that changes something is an order and stays.
"""

from __future__ import annotations

import re

_SHOWS: tuple[tuple[str, str], ...] = (
    (r"df(?: -\w+)*(?: /(?=\s|$))?", "how full is the root disk"),
    (r"free -\w+", "memory used"),
    (r"uname -\w+", "kernel"),
    (r"pveversion(?: -v)?", "pve version"),
    (r"pvecm (?:status|nodes)", "quorum"),
    (r"(?:qm|pct) status", "state of vm"),
    (r"(?:qm|pct) config", "settings of vm"),
    (r"(?:qm|pct) listsnapshot", "snapshots of"),
    (r"qm list", "list the vms"),
    (r"pct list", "list the containers"),
    (r"ceph(?: -s| status| health(?: detail)?| df| osd tree)", "ceph health"),
    (r"zpool (?:status|list)(?: -\w+)?", "zfs pool health"),
    (r"pvesm status", "how full are the storages"),
    (r"lsblk", "list the physical disks"),
    (r"smartctl -\w+", "smart values of disk"),
    (r"lscpu", "cpu model"),
    (r"nproc", "how many cores"),
    (r"systemctl --failed", "failed services of the nodes"),
    (r"apt list --upgrad\w+", "pending updates"),
    (r"amtool silence(?: query)?", "silenced alerts"),
    (r"amtool alert(?: query)?", "firing alerts"),
    (r"ha-manager status", "high availability state"),
    (r"pvesr (?:status|list)", "replication state"),
    (r"pvesr(?= (?:jobs?|runs?|syncs?)\b)", "replication"),
    (r"pvenode task list", "the last tasks"),
    (r"(?:htop|top)(?= on\b)", "what uses most cpu"),
    (r"prune-?jobs?", "prune job"),
    (r"verification-?jobs?|verifyjobs?", "verify job"),
    (r"syncjobs?", "sync job"),
    (r"garbage_collections?", "garbage collection"),
    (r"(?:qm|vz)migrate", "migration"),
    (r"(?:qm|vz)restore(?= (?:task|job)s?\b)", "restore"),
)
_ANY = re.compile(rf"(?<![\w/.-])(?:{'|'.join(f'({pattern})' for pattern, _ in _SHOWS)})(?![\w-])")


def without_commands(lowered: str) -> str:
    """The text with what a command would show in its place."""
    return _ANY.sub(lambda match: _SHOWS[(match.lastindex or 1) - 1][1], lowered)
