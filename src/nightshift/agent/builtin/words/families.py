"""Families of questions that are told by several words together: what a guest was given, what is kept of it in
backups, who lies on a storage, which storages are shared.

Their words are here too, since no other question has them. What a family is about decides: its pseudo-concept weighs
more than any single word of the question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nightshift.agent.builtin.words.tokens import Token, said_among, word_set

_RELEASE = (
    "pve version|proxmox version|proxmox release|pve release|software level|release of proxmox|version of proxmox|"
    "version of pve|which proxmox|what proxmox|proxmox ve version|pve-manager|manager version"
)
_ALL_THERE = "all nodes there|all node there|nodes all there|nodes present"
_REDUNDANT = (
    "redundancy|redundant|lose another disk|lose another ssd|lose another drive|still mirrored|still whole|"
    "mirror intact|raid intact|mirror whole|lose one more disk|lose one more ssd|survive another disk"
)
_ELSEWHERE = (
    "off-site|offsite|off site|somewhere else|other site|second site|remote copy|another place|second backup server|"
    "other backup server|replicated elsewhere|synced elsewhere|outside the house|3-2-1"
)
WORDS: Mapping[str, str] = {
    "VERSION": _RELEASE,
    "PVE_RELEASE": _RELEASE,
    "VIRTUAL_DISKS": "virtual drive|vdisk|virtual volume|virtual hard disk|virtual hard drive",
    "AUTOSTART": (
        "come up by itself|come up alone|come up on its own|come up automatically|start on its own|start up by itself|"
        "start up on its own|starts automatically|automatic start|automatically started|come back by itself|"
        "come back on its own|come back automatically|boot automatically|boot by itself|boot on its own|"
        "start with the host|start with the node|come up with the host|come up with the node|set to start|"
        "set to be started|boot flag|auto start|auto-start|boot with the node|boot with the host|autoboot|auto boot"
    ),
    "BOOT_ORDER": (
        "boots first|started first|starts last|boots last|startup position|start-up position|position in the boot|"
        "position in boot|which in line|boot order|boot sequence|boot position|start order|startup order|"
        "start-up order|start sequence|startup sequence|order of start|order of boot|order at boot|position at boot|"
        "start position|startup delay|boot delay|start delay"
    ),
    "WHERE": "live where|run where",
    "NODE": _ALL_THERE,
    "RUNNING": _ALL_THERE,
    "FINE": f"{_REDUNDANT}|go through|gone through|come through|came through",
    "SCRUB": f"{_REDUNDANT}|all pools|my pools|the pools|pools and their|pool health|health of the pools",
    "FULL": "burst|brimming|tight|cramped|packed|stuffed|chock full",
    "FAIL": "fried|toasted|roasted|over and over|again and again|repeatedly|time and again|every time",
    "PULL": (
        "order a replacement|buy a replacement|replacement for|spare for|a replacement disk|a replacement drive|"
        "order a spare|new disk for|new drive for"
    ),
    "RUNBOOK": (
        "supposed to do about|supposed to do with|what shall i do|what must i do|what should we do|what shall we do|"
        "what am i supposed|how 2 fix|get healthy again|how to mend"
    ),
    "ASSIGNED": "did we give|did i give|do we give|did it get|gets to use|may use at most",
    "STORAGE_TYPE": (
        "kind of storage|type of storage|storage type|sort of storage|what kind of datastore|which protocol|nfs or|"
        "is it nfs|of what type|what type is|what kind is"
    ),
    "REACH": "accessible|mounted on|mounted everywhere|available on|connected on|online on",
    "GROWN": "grow in|did it grow|growth of|growing by|growth rate",
    "LIES": "lies on|lie in|stored on|disk images|image lie|volumes on",
    "BACKUP_TICK": "backup tick|backup flag|tick missing|ticked for backup|backup checkbox|backup box ticked",
    "IN_PART": (
        "whole thing|everything in it|all of it|complete|completely|entirely|in full|all its disks|every disk|as well"
    ),
    "EXCLUDED": "exempt|left out of|leaves out|skipped|not included|exclude",
    "SYNC": _ELSEWHERE,
    "REPLICATION": "copied over|copied across|copied to the other node|copied every|gets copied|mirrored to|replica",
    "NOTES": "note|comment|description|described|remarks",
    "PROTECTION": (
        "protected against deletion|protected against removal|protected from removal|protected from being deleted|"
        "protected against being deleted|delete protected|deletion protected|protected from deletion|"
        "deletion protection|protection flag|delete protection|protection mode|protection on|deleted by accident|"
        "deleted by mistake|by accident|by mistake|accidentally|guard on it|guarded"
    ),
    "UNIT": (
        "services fail|service are fail|failed services|service which fail|service that fail|services not running|"
        "services down|unit fail|failed unit|services on the host|services of the host"
    ),
    "MIRROR": "mirrors|raid|raid1|raid array",
    "RESTORE_TEST": (
        "restore drill|restore tested|tested a restore|tried a restore|restore ever tested|ever tested|"
        "rehearsed a restore|restore rehearsal|tried restoring|tested restoring|restore tried|practised a restore"
    ),
    "SPARE": (
        "spare disk|spare drive|spare ssd|free disk|free drive|unused drive|unassigned disk|empty disk|empty drive|"
        "unused physical disk|disk that nobody uses|disk without use"
    ),
    "PHYSICAL": "spare disk|spare drive|spare ssd|free drive|unused drive|unassigned disk|empty disk|empty drive",
    "MEMBER": "in the cluster|part of the cluster|member of the cluster|joined the cluster|cluster member",
    "RESTORE": "file restore|one file|individual files|a file from|some files from|single files",
    "JOBLIST": "job select|pool job|jobs back up|job that back up|job saves|jobs that save|job protect",
    "SIZE": "how many gigs|how many gig|how many gigs of",
    "INTENDED": (
        "is it on purpose|meant to be|should be off|should be down|should be running|should be on|on purpose|intended|"
        "intentional|intentionally|deliberate|deliberately|want it that way|by design|is that right|is that normal|"
        "suppose to be|supposed to run|meant to run"
    ),
    "BACKUP": (
        "saved state|restore point|recovery point|last saved state|versions saved|versions kept|version do we have|"
        "version do i have|version are there|generations"
    ),
    "ABLE": "would you trust|trust it|can i trust|could i trust|trust them|rely on it|count on it|any good",
    "OLDEST": "far back|go back how far|earliest|first backup|furthest back|farthest back|oldest restore point",
    "KEEPS": (
        "dailies|weekly|monthly|yearly|hourly|keep-daily|keep-weekly|keep-monthly|supposed to keep|configured to keep|"
        "set to keep|told to keep|meant to keep|keep at most|keep-last|how many generations"
    ),
    "LOSE": (
        "would i lose|would we lose|do i lose|do we lose|would be lost|be lost|will be lost|is lost|never get back|"
        "not get back|would be gone|gone forever|gone for good|lost for good|lost forever|not come back|"
        "never come back|lose of|lose from|data loss|lose if"
    ),
    "EATS": (
        "take the most space|take the most room|take most of the space|need the most space|use the most space|"
        "space hog|fat one|the fattest|fattest|biggest on|largest on|most space on|eat the most|takes up most|"
        "biggest chunk|biggest consumer|largest consumer|top consumer|consumers of space|consumer on|consumer in|"
        "biggest users|largest users|heaviest users|top users"
    ),
}
_OF_NOW = frozenset({"IN_USE", "OVERTIME", "PEAK", "MEAN", "TREND", "@past", "FREE", "MOST", "LEAST", "SWAP", "SLOW"})
_OF_DISKS = word_set("PULL WEAR HEAT SERIAL BAD_SECTORS SMART POWER_ON MODEL DISK_SIZE SEVERAL DISK_ERRORS")
_OF_NO_NODE = word_set("@entity GUEST VM CT IF SAFE REBOOT @unknown")
_SHARED = frozenset({"shared"})
_BY_ALL = frozenset({"every", "all", "each", "both", "several", "everywhere", "multiple"})
_HOSTS = frozenset({"node", "nodes", "host", "hosts", "hypervisors", "servers", "machines"})
_CAN_USE = frozenset(
    {"together", "use", "see", "seen", "reach", "access", "accessible", "available", "common", "share"}
)


def of_words(words: Sequence[Token]) -> Iterator[str]:
    """What is in the words themselves and in no phrase: `shared storages`, `can all nodes use`."""
    texts = {token.text for token in words}
    if texts & _SHARED or (texts & _BY_ALL and texts & _HOSTS and texts & _CAN_USE):
        yield "SHARED"
    if texts & {"which", "who", "what"} and texts & {"bigger", "larger", "fuller", "busier"} and "than" not in texts:
        yield from ("MOST", "FULL" if "fuller" in texts else "SIZE")


def combined(concepts: frozenset[str]) -> frozenset[str]:
    """The families that these concepts are of, and what they ask for in them."""
    if concepts & {"@action", "@how", "WHY"}:
        return frozenset()
    return frozenset(
        (
            *_of_settings(concepts),
            *_of_all_guests(concepts),
            *_of_backups(concepts),
            *_of_restores(concepts),
            *_of_storages(concepts),
            *_of_uptime(concepts),
            *_of_pools(concepts),
        )
    )


def _of_settings(concepts: frozenset[str]) -> Iterator[str]:
    """`Which disks has web, and how large?`, `does it come up by itself?`, `how much memory did I give it?`"""
    if "@node" in concepts and {"PVE_RELEASE", "KERNEL"} <= concepts and "@guest" not in concepts:
        yield "@settings"
    of_many = "SEVERAL" in concepts and concepts & {"GUEST", "VM", "CT"}
    compared = "COMPARE" in concepts and "BOOT_ORDER" not in concepts
    if "@guest" not in concepts or of_many or compared or concepts & {"BACKUP", "@bound", "DATASTORE", "LOSE"}:
        return
    asked = set()
    if ("MEMORY" in concepts and concepts & {"CORES", "ASSIGNED", "SIZE"}) and not concepts & _OF_NOW:
        asked.add("MEMORY_SIZE")
    several = (
        "SEVERAL" in concepts and concepts & {"DISK", "PHYSICAL"} and ("SIZE" in concepts or "FULL" not in concepts)
    )
    if ("VIRTUAL_DISKS" in concepts or several) and not concepts & _OF_NOW:
        asked.add("VIRTUAL_DISKS")
    if concepts & {"AUTOSTART", "BOOT_ORDER"} or "INTENDED" in concepts:
        asked.add("AUTOSTART")
    if asked:
        yield from (*asked, "@settings")


def _of_all_guests(concepts: frozenset[str]) -> Iterator[str]:
    """`Which guests were not backed up last night?`, `which are excluded?`, `which storages hold backups?`"""
    ends = concepts & {"FAIL", "FINE", "FINISHED"} or ("RUNNING" in concepts and not concepts & {"NEXT", "@when"})
    if {"BACKUP", "WILL"} <= concepts and ends:
        yield "@backups_ahead"  # `will tonight's backups succeed?`
    if "@guest" in concepts or "BACKUP" not in concepts:
        return
    of_guests = concepts & {"GUEST", "VM", "CT", "WHO", "COUNT"} and not concepts & {"TASK", "FAIL", "@datastore"}
    of_one_run = concepts & {"DURATION", "MOST", "LEAST", "SIZE"}
    if (
        (of_guests or {"WHO", "NOT", "@datastore"} <= concepts)
        and "@past" in concepts
        and concepts & {"LACK", "WHO", "GUEST"}
        and not of_one_run
    ):
        yield "@saved_since"
    if "EXCLUDED" in concepts:
        yield "@excluded"
    if "STORAGE" in concepts and concepts & {"WHO", "LIST"} and not concepts & {"DATASTORE", "FULL", "FREE", "MOST"}:
        yield "@holding"


def _of_restores(concepts: frozenset[str]) -> Iterator[str]:
    """`When was the last restore test?`, `was a restore of web ever tested?`"""
    if "RESTORE_TEST" in concepts and not concepts & {"RUNBOOK", "@steps"}:
        yield from ("@restore_test", "BACKUP")


def _of_backups(concepts: frozenset[str]) -> Iterator[str]:
    """`How many copies of web are kept?`, `how far back do they go?`, `what would I lose?`, `what does vault keep?`"""
    if {"SNAPSHOT", "@datastore"} <= concepts and not concepts & {"PRUNE", "GC", "VERIFY", "SYNC"}:
        yield "BACKUP"  # what PBS calls a snapshot
    of_one = "@guest" in concepts
    if of_one and "OLDEST" in concepts and not concepts & {"SNAPSHOT", "TASK", "ALERT"}:
        yield from ("@kept", "BACKUP")
    if of_one and {"BACKUP", "COUNT"} <= concepts and not concepts & {"FAIL", "TASK", "RUNNING", "@past"}:
        yield "@kept"
    if "LOSE" in concepts:
        yield "@loss"
    if of_one and {"COUNT", "VERSION"} <= concepts:
        yield from ("@kept", "BACKUP")  # `how many old versions of web are kept?`
    if (
        ({"@guest", "IN_PART"} <= concepts and not concepts & {"ALERT", "@alert", "TAG"})
        or "BACKUP_TICK" in concepts
        or ({"@guest", "BACKUP"} <= concepts and "DISK" in concepts)
    ):
        yield from ("@left_out", "BACKUP")
    if not of_one and "BACKUP" in concepts and "DISK" in concepts and concepts & {"EXCLUDED", "LACK"}:
        yield from ("@left_out", "@excluded")
    if not of_one and "KEEPS" in concepts and concepts & {"PRUNE", "@datastore"}:
        yield from ("@keeps", "PRUNE", "@subsystem")


def _of_pools(concepts: frozenset[str]) -> Iterator[str]:
    """`Is rpool on pve2 in order, and how full?`: of the pool, and not of its disks one by one."""
    if "MIRROR" in concepts and not concepts & {"PULL", "IF", "RUNBOOK", "METRIC", "@disk_attribute", "@guest"}:
        yield from ("SCRUB", "@pool_state")
        if not concepts & {"WRONG", "FAIL", "DOWN"}:
            yield "FINE"  # `is the mirror whole?`, and not `is there a problem with the mirror?`
    whose = "WHO" in concepts and "NODE" not in concepts
    if {"SCRUB", "FREE"} <= concepts and not concepts & {"@guest", "@storage", "EATS", "GUEST", "RUNBOOK"}:
        yield "@pool_state"  # `free space on the zfs pools`
    of_disks = concepts & _OF_DISKS - ({"SEVERAL"} if "NODE" in concepts else set())  # `rpool on both nodes`
    if "@pool" in concepts and not (whose or of_disks or concepts & {"RUNBOOK", "EATS", "LIES", "@storage"}):
        yield from ("SCRUB", "@pool_state")


def _of_uptime(concepts: frozenset[str]) -> Iterator[str]:
    """`Since when is web running?`, `is any node down?`"""
    one = concepts & {"@guest", "@node"}
    if "MEMBER" in concepts and concepts & {"@node", "NODE"}:
        yield "QUORUM"
    if one and "SINCE" in concepts and concepts & {"RUNNING", "UPTIME"} and not concepts & {"STOPPED", "DOWN", "WRONG"}:
        yield "@since_up"
    of_nodes = "NODE" in concepts and not concepts & _OF_NO_NODE
    if (
        of_nodes
        and concepts & {"DOWN", "RUNNING", "STOPPED"}
        and not concepts & {"UNIT", "TASK", "MOST", "LEAST", "@past", "VERSION", "SAME", "MAINTENANCE"}
    ):
        yield "@nodes_up"
        if "@each" in concepts:
            yield "@each_up"


def _of_storages(concepts: frozenset[str]) -> Iterator[str]:
    """`Who takes the most space on local-zfs?`, `guests with disks on local-lvm`, `which storages are shared?`"""
    of_guests = concepts & {"WHO", "GUEST", "VM", "CT"} and not concepts & {"FREE", "PROGNOSIS", "RUNBOOK", "@guest"}
    of_two = "@two" in concepts and not concepts & {"EATS", "GUEST", "VM", "CT"}  # `which of the two is fuller?`
    how_full = "FULL" in concepts and (of_two or not concepts & {"MOST", "EATS", "WHO"})
    bare = said_among(concepts) <= {"WHO", "LIST", "GUEST", "VM", "CT", "SEVERAL", "LIES", "WHERE", "AGAIN", "COUNT"}
    if "@storage" in concepts and of_guests and not how_full and (bare or concepts & {"MOST", "EATS", "DISK"}):
        yield "@lies_on"
    if "STORAGE_TYPE" in concepts and concepts & {"@storage", "@datastore"}:
        yield "@storage_type"
    if {"WHO", "MOST", "DISK"} <= concepts and not concepts & {"@storage", "@datastore", "@node", "DATASTORE", "FREE"}:
        yield "@biggest_disk"
    if "SHARED" in concepts and concepts & {"STORAGE", "DATASTORE", "@storage"}:
        yield "@shared"
