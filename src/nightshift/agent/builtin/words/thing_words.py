"""What is asked of one guest, node, disk or storage beside its figures: whether it is in maintenance, on which storage
its disks lie, when it was made, in which pool it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nightshift.agent.builtin.words.tokens import Token, word_set

THING_WORDS: Mapping[str, str] = {
    "GUEST": (
        "source code|source code page|web page|webpage|code page|photo page|document page|every page|all page|page of|"
        "page do not|page does not|page did not|page would not|page will not|inventory"
    ),
    "LIST": "inventory",
    "LACK": "overdue",
    "MAINTENANCE": (
        "in maintenance|maintenance mode|maintenance flag|under maintenance|drained|out of service|"
        "taken out of service|out of rotation|read only|read-only|readonly|writable|take write|accept write|"
        "accept backup|accept new backup|take backup|still accept|take new backup|mode|maintenance message|"
        "maintenance note|write protected|write-protected"
    ),
    "PROTECTION": (
        "delete guard|guard against deleting|deletion lock|let me delete|let me remove|let me destroy|prevent deletion|"
        "keep from deletion|just like that|stop me from deleting|safe from deletion"
    ),
    "DISK_OPTIONS": "discard|ssd emulation|iothread|io thread|cache mode|trim|emulated as ssd",
    "WHICH_POOL": "what pool|which pool|in a pool|resource pool|pool membership|which resource pool",
    "DISK_ERRORS": "cksum|checksums|bad checksums|data errors",
    "POWER_ON": "how many hours|hours of service|hours in service|hours have|running hours",
    "AUTOSTART": "starts when|comes up when|boot when",
    "UNIT": (
        "which system service|what system service|os service|host service|postfix|qmeventd|spiceproxy|pve-firewall|"
        "pve-cluster|pve-ha-crm|pve-ha-lrm|watchdog-mux|lxcfs|ksmtuned|zfs-zed|smartd|smartmontools|sshd|"
        "systemd-timesyncd|proxmox-firewall"
    ),
    "GC": "chunks bad|broken chunk|dedup|dedup factor|deduplication|bad chunks|damaged chunks|corrupt chunk|chunk",
    "GROWN": "how fast|shrinks|shrank",
    "SNAPSHOT": "snap|rollback points|roll back point|checkpoint",
    "ASSIGNED": "allotment|allotted|allowance|granted|sized properly|sized right|sized well|rightsized|right-sized",
    "UPDATES": (
        "patch status|behind on update|behind on patches|backlog|patch state|unapplied patch|patched up|packages wait|"
        "waiting package|outstanding package|package outstanding|outstanding update|package to install|"
        "wait for installation|package pending|pending package"
    ),
    "SAME": "identical|uniform|same release|same version|same pve|in step|alike",
    "CORES": "processor thread|threads|cpu thread|logical cpu|hyperthread",
    "PROGNOSIS": (
        "runway|at this rate|at this pace|at the present pace|at present pace|at today growth|at current growth"
    ),
    "REACH": "locked out|lock me out|lock us out",
    "FULL": "taken",
    "RAW_SIZE": "raw disk|raw capacity|raw storage|raw space|raw disk space|gross capacity|raw tb|raw terabyte",
    "PHYSICAL": "spinny|spinning|spinner|spinning disk|rotating|platter",
    "CARRIES": "carries|holds|contains|houses",
}
_WHOLE = frozenset(
    {"total", "whole", "altogether", "entire", "overall", "together", "sum", "combined", "many", "much", "all"}
)
_OF_NODES = frozenset({"cluster", "homelab", "lab", "fleet"})
_FIGURES = frozenset({"ram", "memory", "core", "cores", "cpus", "threads"})


def of_words(words: Sequence[Token]) -> Iterator[str]:
    """`How much RAM has the whole cluster?`: of its nodes together."""
    texts = {token.text for token in words}
    if "hours" in texts:
        yield "@hours"
    if texts & _OF_NODES and texts & _WHOLE and texts & _FIGURES:
        yield from ("NODE", "TOTAL")


def combined(concepts: frozenset[str]) -> Iterator[str]:
    """What several of these words mean together."""
    if concepts & {"@action", "@how", "RUNBOOK", "WHY"}:
        return
    yield from _of_guests(concepts)
    yield from _of_parts(concepts)
    if "WHICH_POOL" in concepts and not concepts & {"@guest", "@disk", "PHYSICAL"}:
        yield from ("SCRUB", "@pool_state")  # `which pools do I have?`
    not_of_now = concepts & {"IF", "FAIL", "RESTORE", "@past"}  # what was taken last night no mode of now tells
    if "MAINTENANCE" in concepts and concepts & {"@node", "@datastore"} and not not_of_now:
        yield "@maintenance"
    if {"MAINTENANCE", "NODE"} <= concepts and not concepts & {"@node", "@guest", "@datastore", "IF", "FAIL"}:
        yield from ("@maintenance", "@of_each_node")
    if "VIRTUAL_DISKS" in concepts and concepts & {"MOST", "LEAST"} and "@guest" not in concepts:
        yield from ("@biggest_disk", "DISK", "WHO")
    of_nodes = "NODE" in concepts and not concepts & {"@node", "@guest", "GUEST", "VM", "CT", "MOST", "LEAST"}
    of_each = concepts & {"SEVERAL", "@each"} and not concepts & {"SAME", "COMPARE", "SLOW", "RUNBOOK", "DOWN"}
    if {"@node", "CORES", "COUNT"} <= concepts and not concepts & {"@guest", "GUEST", "VM", "CT", "ASSIGNED", "TOTAL"}:
        yield "@settings"  # `pve1 and pve2: the number of logical cpus`
    if of_nodes and "CORES" in concepts and not concepts & {"@unknown", "RULE", "METRIC"}:
        yield "@many"  # `how many threads has each of the nodes?`
    if of_nodes and "PVE_RELEASE" in concepts and of_each:
        yield "@release_of_all"
    if of_nodes and concepts & {"PROCESSOR_MODEL", "KERNEL", "ADDRESS"} and "METRIC" not in concepts:
        yield "@of_each_node"
    if "UNIT" in concepts and concepts & {"RUNNING", "STOPPED", "DOWN", "FINE", "STATE"} and "@node" in concepts:
        yield "@subsystem"


_OF_ONE = word_set("@guest @node GUEST VM CT METRIC @storage ALERT")


def _of_parts(concepts: frozenset[str]) -> Iterator[str]:
    """Of disks and network ports."""
    if "@hours" in concepts and concepts & {"@disk", "PHYSICAL", "DISK"} and "@past" not in concepts:
        yield from ("POWER_ON", "@disk_attribute")
    if "RAW_SIZE" in concepts and not concepts & {"CEPH", "@storage", "@datastore"}:
        yield "@raw_size"
    if "INTERFACES" in concepts and not concepts & _OF_ONE:
        yield "@of_each_node"  # `is the direct cable between the nodes up?`


def _of_guests(concepts: frozenset[str]) -> Iterator[str]:
    if "@guest" not in concepts or concepts & {"BACKUP", "METRIC", "SNAPSHOT"}:
        return
    asks_which = concepts & {"WHO", "LIST", "WHERE", "CARRIES", "STORAGE"}
    of_disks = "DISK" in concepts or "VIRTUAL_DISKS" in concepts
    space = concepts & {"FREE", "PROGNOSIS", "IN_USE", "OVERTIME", "PEAK", "MEAN", "TREND", "DISKREAD", "DISKWRITE"}
    full = "FULL" in concepts and not concepts & {"SIZE"}
    if {"MEMORY", "ASSIGNED"} <= concepts and concepts & {"IN_USE", "COMPARE"} and "OVERTIME" not in concepts:
        yield from ("MEMORY_BOTH", "@settings", "@attribute")
    if "DISK_OPTIONS" in concepts or (of_disks and "STORAGE" in concepts and asks_which and not space and not full):
        yield from ("VIRTUAL_DISKS", "@settings", "@attribute")
    if {"DISK", "SIZE"} <= concepts and not concepts & {"GUEST", "@bound", "MOST", "LEAST", "@action", *space}:
        yield from ("VIRTUAL_DISKS", "@settings", "@attribute")  # `mail: disk size?`
    if "CREATED" in concepts and "@when" in concepts and not concepts & {"TASK", "FAIL", "ALERT"}:
        yield from ("CREATION", "@attribute")
    if "WHICH_POOL" in concepts and not concepts & {"FULL", "@disk", "PHYSICAL"}:
        yield from ("POOL_OF_GUEST", "@attribute")
