"""Parts of the systems that are no things of their own: how people call them, and when a question is about one.

`Is ha ok?`, `do any certs run out soon?`, `when did gc succeed last?`: one intent, with the part as its slot.
"""

from __future__ import annotations

from collections.abc import Mapping

SUBSYSTEM_WORDS: Mapping[str, str] = {
    "QUORUM": "quorum|quorate|majority|corosync|split brain|split-brain|votes|qdevice|cluster link",
    "HA_SYSTEM": "ha manager|ha master|ha master role|crm|lrm|ha service|ha resource|fencing|failover|ha stack",
    "CEPH": (
        "health_ok|health_warn|health_err|ceph|osd|osds|rados|rbd|placement group|placement groups|ceph health|"
        "ceph mon|cephfs|backfill|rebalance|pgs"
    ),
    "CERTIFICATE": "certificate|certificates|cert|certs|tls|ssl|letsencrypt|acme|x509|pve-ssl.pem",
    "SUBSCRIPTION": (
        "subscription|subscriptions|licence|license|support contract|enterprise repository|repo|repos|repositories|"
        "apt source|package sources"
    ),
    "UNIT": (
        "systemd|daemon|daemons|pveproxy|pvedaemon|pvestatd|pvescheduler|system services|proxmox services|"
        "service on the node|service of the node|services of nodes|services on nodes"
    ),
    "CLOCK": (
        "time in sync|time correct|right time|time right|clock|clocks|ntp|chrony|time sync|time synchronisation|"
        "time synchronization|timesync|system time"
    ),
    "SCRUB": (
        "scrubs|scrubbed|scrubbing|resilver|resilvering|resilvered|zfs pools|zfs|zpools|zpool status|zfs status|"
        "zfs health|other pools|fragmented|fragmentation"
    ),
    "EXPIRED": "expired|has ended|lapsed|invalid|no longer valid",
    "ENABLED": "enabled|activated",
    "NEXT": "next|due|upcoming|next run|will run|scheduled for",
    "SILENCE": (
        "keep quiet about|kept quiet about|quiet about an alarm|quiet about an alert|suppressed|hushed|silences|"
        "silenced|silencing|muted|unmute|acked|acks|acknowledged|acknowledgement|snoozed"
    ),
    "RECEIVER": (
        "contact point|notification policy|notification route|alert route|routing of alerts|who get mailed|"
        "who is notified|who get notified|who is paged|who get paged|who receive|receiver|receivers|who is told|"
        "who is alerted|get told|who is informed|who gets informed|who gets alerted|get the mail|alertmanager"
    ),
}
"""Words of these parts alone; those that task kinds and lists share with them are in the vocabulary."""

_OF: Mapping[str, str] = {
    "QUORUM": "quorum", "MANAGED": "ha", "HA_SYSTEM": "ha", "REPLICATION": "replication", "CEPH": "ceph",
    "CERTIFICATE": "certificates", "UPDATES": "updates", "REBOOT_NEEDED": "kernels", "SUBSCRIPTION": "repositories",
    "UNIT": "services", "CLOCK": "clocks", "SCRUB": "zfs_pools", "SNAPSHOT": "guest_snapshots", "GC": "gc",
    "SYNC": "sync", "VERIFY": "verify", "PRUNE": "prune", "SILENCE": "silences", "RECEIVER": "notifications",
}  # fmt: skip
_SETS = frozenset({"WHO", "COUNT", "GUEST", "VM", "CT", "@guest"})
_JUDGED = frozenset({"FINE", "WRONG", "FAIL", "DOWN"})
_OF_SPACE = frozenset({"FULL", "FREE", "EATS", "LIES", "TOTAL", "@quantity"})
_OF_BACKUPS = frozenset({"BACKUP", "DATASTORE", "@datastore", "@storage", "RESTORE"})
# Of a run of a job the task list tells more: when exactly, how long, what its log says.
_OF_A_RUN = frozenset({"@past", "LOG", "DURATION"})


def naming(concepts: frozenset[str]) -> frozenset[str]:
    """Those of the concepts that name a part."""
    return concepts & _OF.keys()


def subsystems_in(concepts: frozenset[str]) -> tuple[str, ...]:
    """The parts that these concepts are about, in the order of the table; none where they are about something else."""
    meant = (concept for concept in _OF if concept in concepts and not _other(concept, concepts))
    return tuple(dict.fromkeys(_OF[concept] for concept in meant))


def _other(concept: str, concepts: frozenset[str]) -> bool:
    """Whether the word stands for something else here: which guests are under HA is a list, a snapshot on a datastore a
    backup."""
    if concept == "MANAGED":
        return bool(concepts & _SETS) and not concepts & _JUDGED
    if concept == "SNAPSHOT":
        return bool(concepts & (_OF_BACKUPS | {"VERIFY"}))
    if concept == "SYNC" and "CLOCK" in concepts:
        return True
    if concept == "SCRUB":
        return "@pool_state" not in concepts and bool(concepts & _OF_SPACE)
    if concept in ("GC", "SYNC"):
        return bool(concepts & _OF_A_RUN)
    if concept in ("VERIFY", "PRUNE"):
        return not concepts & {"@keeps", "@run_of_chore"} and bool(
            concepts & (_OF_A_RUN | {"@guest"}) or ("BACKUP" in concepts and "@datastore" not in concepts)
        )
    if concept == "UPDATES":
        other = {"BACKUP", "REPLICATION", "SNAPSHOT", "SLOW", "WRONG", "@past", "@guest", "@reboot_due"}
        return bool(concepts & other)
    return concept == "SILENCE" and "RULE" in concepts
