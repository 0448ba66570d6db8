"""Attributes that people ask for one by one: `which kernel`, `what IP`, `how many cores`, `is the agent on`.

An attribute is a concept with its words, and the columns of an answer's rows in which its value stands. A question for
one is answered by that value alone; a value that nobody read is said to be not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nightshift.agent.builtin.words.tokens import said_among

COLUMN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """`says` are ways to say its value, the best first, each from the columns in its braces: `{used_bytes} of
    {total_bytes}`. `none` is the value where the source tells, and has nothing, `so` what a yes and a no mean."""

    noun: str
    says: tuple[str, ...]
    none: str = ""
    so: tuple[str, str] = ("", "")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that its value may stand in."""
        return tuple(dict.fromkeys(column for say in self.says for column in COLUMN.findall(say)))


# What one guest or one node has; in the words of the columns of the `entity` tool.
OF_A_THING: Mapping[str, Attribute] = {
    "ADDRESS": Attribute("address", ("{ips}", "{ip}")),
    "KERNEL": Attribute("kernel", ("{kernel}",)),
    "OPERATING_SYSTEM": Attribute(
        "operating system", ("{os}", "Proxmox VE {pve_version}, kernel {kernel}", "Proxmox VE {pve_version}")
    ),
    "CORES": Attribute("cores", ("{cpus}",)),
    "MEMORY_BOTH": Attribute(
        "memory",
        (
            "{memory_total_bytes} assigned, {memory_used_bytes} of it used now ({memory_fraction})",
            "{memory_total_bytes} assigned",
        ),
    ),
    "MEMORY_SIZE": Attribute("memory", ("{memory_total_bytes}",)),
    "PVE_RELEASE": Attribute("Proxmox VE release", ("{pve_version}",)),
    "PROCESSOR_MODEL": Attribute("processor", ("{cpu_model}", "{cpu_type}")),
    "AGENT": Attribute(
        "guest agent", ("{agent}; it answers: {agent_answers}", "{agent}; whether it answers was not asked")
    ),
    "VIRTUAL_DISKS": Attribute("disks", ("{disks}",)),
    "ROOT_DISK": Attribute(
        "root file system",
        (
            "{rootfs_used_bytes} of {rootfs_total_bytes}",
            "{disk_used_bytes} of {disk_total_bytes}",
            "{disk_total_bytes} in size, how much of it is used PVE does not tell",
        ),
    ),
    "INTERFACES": Attribute("network interfaces", ("{networks}",)),
    "AUTOSTART": Attribute("start at boot", ("{onboot}, {startup}", "{onboot}")),
    "MANAGED": Attribute("high availability", ("{ha_state}",), none="not managed"),
    "POOL_OF_GUEST": Attribute("pool", ("{pool}",), none="none"),
    "NOTES": Attribute("notes", ("“{notes}”",), none="none"),
    "PROTECTION": Attribute(
        "protection from deletion", ("{protected}",), so=("on, it cannot be deleted", "off, not protected")
    ),
    "DEVICES": Attribute("passed-through devices", ("{devices}",), none="none"),
    "UNPRIVILEGED": Attribute("privileges", ("{unprivileged}",), so=("unprivileged", "privileged, not unprivileged")),
    "CREATION": Attribute("creation", ("{created_at}",)),
    "GUEST_KIND": Attribute("type", ("{type}",)),
    "VMID": Attribute("VMID", ("{vmid}",)),
    "TAG": Attribute("tags", ("{tags}",), none="none"),
    "FIRMWARE": Attribute("firmware", ("{firmware}",)),
    "SERIAL": Attribute("serial", ()),
}
# What is known of a physical disk, in the columns of the `disks` tool.
OF_A_DISK: Mapping[str, Attribute] = {
    "SERIAL": Attribute("serial", ("{serial}",)),
    "MODEL": Attribute("model", ("{disk}",)),
    "HEAT": Attribute("temperature", ("{temperature_celsius} °C",)),
    "WEAR": Attribute("endurance left", ("{wear_left_fraction}",)),
    "POWER_ON": Attribute("power-on time", ("{power_on_s}",)),
    "SMART": Attribute("SMART health", ("{health}",)),
    "DISK_ERRORS": Attribute(
        "errors in its pool",
        (
            "{read_errors} read, {write_errors} write, {checksum_errors} checksum; {pending} pending sectors",
            "{read_errors} read, {write_errors} write, {checksum_errors} checksum",
            "in no pool that counts them; {reallocated} sectors reallocated, {pending} pending",
        ),
    ),
    "BAD_SECTORS": Attribute(
        "bad sectors",
        (
            "{reallocated} reallocated, {pending} pending, {uncorrectable} uncorrectable",
            "{reallocated} reallocated, {pending} pending",
            "{pending} pending",
            "{media_errors} media errors, {spare_left_fraction} of the spare left",
        ),
    ),
    "DISK_SIZE": Attribute("size", ("{size_bytes}",)),
    "FIRMWARE": Attribute("firmware", ()),
}
# What is known of one guest's newest backup, in the columns of the `backups` tool.
OF_A_BACKUP: Mapping[str, Attribute] = {
    "BACKUP_SIZE": Attribute(
        "size", ("{size_bytes}, of which the last run sent {transferred_bytes}", "{size_bytes}")
    ),
    "BACKUP_DURATION": Attribute("duration", ("{duration_s}",)),
    "BACKUP_SPEED": Attribute("speed", ("not told; {transferred_bytes} were sent in {duration_s}",)),
    "ENCRYPTED": Attribute("encryption", ("{encrypted}",), so=("yes, encrypted", "no, not encrypted")),
    "VERIFIED": Attribute("verification", ("{verified}, {verified_at}", "{verified}")),
}  # fmt: skip
# The figures of this moment, by quantity.
OF_A_QUANTITY: Mapping[str, Attribute] = {
    "cpu": Attribute("CPU", ("{cpu_fraction} of {cpus} cores", "{cpu_fraction}")),
    "memory": Attribute("memory", ("{memory_used_bytes} of {memory_total_bytes}", "{memory_total_bytes} assigned")),
    "disk": OF_A_THING["ROOT_DISK"],
    "load": Attribute("load", ("{load1}, {load5}, {load15}",)),
    "iowait": Attribute("I/O wait", ("{iowait_fraction}",)),
    "swap": Attribute("swap", ("{swap_used_bytes} of {swap_total_bytes}",)),
    "uptime": Attribute("uptime", ("{uptime_s}",)),
}
WORDS: Mapping[str, str] = {
    "KERNEL": "kernel|uname|uname -r",
    "OPERATING_SYSTEM": "os type|operating system|os|distribution|distro|ostype|what system|which system|linux version",
    "PROCESSOR_MODEL": (
        "cpu model|processor model|model of cpu|type of cpu|what cpu|which cpu|kind of cpu|cpu type|emulated cpu|"
        "what processor|which processor|processor type|kind of processor|type of processor|sort of cpu|"
        "sort of processor|cpu brand|brand of cpu|processor brand|make of cpu|cpu generation|cpu name|processor name|"
        "name of cpu|name of processor|ryzen|xeon|epyc|intel|amd|which chip|what chip|chip"
    ),
    "DEVICES": (
        "usb|usb thing|dongle|zigbee stick|stick|passthrough|passthru|pass through|passed-through|hand through|"
        "handed into|plugged into|pci|gpu|graphics card|video card|hostpci|bind mounts|host device"
    ),
    "UNPRIVILEGED": "privileged|unprivileged",
    "CREATION": "creation date|date of creation|creation time|have we had|did we have|birthday",
    "AGENT": "agent|guest agent|qemu agent|qemu guest agent|qga",
    "VIRTUAL_DISKS": "virtual disk|disk layout",
    "ROOT_DISK": (
        "os partition|os disk|os drive|system partition|system drive|root volume|root disk|root|rootfs|root fs|"
        "root filesystem|root file system|root partition|system disk"
    ),
    "INTERFACES": (
        "vmbr|vmbr0|vmbr1|network port|lan port|direct cable|10 gig|10gig|10g|10gbe|link speed|port link|link state|"
        "vlan|vlan tag|mac|mac address|network card|nic|vnic|network interface|network adapter|net0"
    ),
    "POOL_OF_GUEST": "resource pool",
    "VMID": "vmid|id|vm id|number of vm|vm number|ct number|container number|which number do|what number do",
    "SERIAL": "serial|serial number|s/n",
    "MODEL": "model|brand|manufacturer|vendor",
    "WEAR": "wear|wearout|worn|endurance|life left|lifetime",
    "POWER_ON": "powered on hour|operating hour|hours of operation|how old are the disk",
    "BAD_SECTORS": (
        "bad sector|pending sector|reallocated|reallocated sector|remapped|relocated sector|spare sector|bad block|"
        "defective sector|broken sector|uncorrectable"
    ),
    "DISK_ERRORS": "write errors|read errors|checksum errors|error counter|io error|media error|errors counted",
    "FIRMWARE": "firmware|bios version|uefi version|bios|uefi|seabios|ovmf",
    "HEAT": "disk temperature|drive temperature|temp|thermal|cpu temperature",
    "SMART": "smart|smart value|smart status",
    "NEXT": "next backup|next backup run|next backup job|backup due",
    "SIZE": "size|how many gib|big|large|disk size|size of disk|disk capacity|size of its disk",
    "FULL": "fuller|fit|fits",
    # No intent weighs it: who asks for a severity does not say `severe`, and asks for no thing of that name.
    "SEVERITY": "severity|critical|warning|how serious|priority",
    "ENABLED": "switched on",
    "OLDEST": "oldest|very first|eldest|longest ago|most outdated",
    "PROVEN": "proven|readable|proven readable|passed its check|passed the check|passed check|proved",
    "BACKUP_SPEED": "how fast was|mb/s|transfer rate|megabyte per second",
    "ENCRYPTED": "encrypt|encryption|unencrypted",
    "VERIFIED": "verified|verification|checked for errors",
}


# Attributes that a question is about even where its other words speak for something else: tags and addresses are also
# what lists are cut by, file systems what storage is about.
_DECIDING = OF_A_THING.keys() - {"TAG", "ROOT_DISK", "MANAGED", "VMID", "PVE_RELEASE"}


def combined(concepts: frozenset[str]) -> frozenset[str]:
    """The attributes that are in several words together, and `@attribute` and the like where a question is for one."""
    return frozenset((*_of_a_thing(concepts), *_of_disks(concepts), *_of_jobs(concepts), *_of_a_backup(concepts)))


def _of_a_thing(concepts: frozenset[str]) -> Iterator[str]:
    one_guest = "@guest" in concepts and "GUEST" not in concepts
    disks = one_guest and {"DISK", "SEVERAL"} <= concepts
    kind = one_guest and {"VM", "CT"} <= concepts
    if disks:
        yield "VIRTUAL_DISKS"
    if kind:
        yield "GUEST_KIND"
    if "ROOT_DISK" in concepts and concepts & {"@node", "@guest"}:
        yield "@root_disk"
    of_all = concepts & {"DEVICES", "PROTECTION", "NOTES", "AGENT", "FIRMWARE", "UNPRIVILEGED", "INTERFACES", "ADDRESS"}
    if _of_many(concepts) and of_all and "@guest" not in concepts:
        yield "@of_settings"
    if "BOOT_ORDER" in concepts and concepts & {"WHO", "LIST", "GUEST"} and "@guest" not in concepts:
        yield "@of_settings"
    if "NOTES" in concepts and concepts & {"DOWN", "FAIL", "WRONG", "SLOW", "NOT"} and "STOPPED" not in concepts:
        yield "RUNBOOK"  # `what do the notes say for when the proxy is dead?`
    of_one = concepts & {"@guest", "@node"} and "@action" not in concepts and not _of_many(concepts)
    handed_out = {"@node", "CORES"} <= concepts and concepts & {"TOTAL", "ASSIGNED"}  # to the guests on it
    if handed_out:
        yield from ("@many", "TOTAL")
    if (
        of_one
        and not handed_out
        and not concepts & {"REBOOT_NEEDED", "UPDATES", "@steps"}
        and (disks or kind or concepts & _DECIDING)
    ):
        yield "@attribute"
    said = said_among(concepts)
    if (
        (_of_many(concepts) or "CT" in concepts)
        and "@node" in concepts
        and said <= {*KINDS_OF_GUESTS, "SEVERAL", "WHERE", "LIST"}
    ):
        yield "@guests_of_node"


def _of_disks(concepts: frozenset[str]) -> Iterator[str]:
    if not concepts & {"@disk", "@pool", "PHYSICAL", "DISK", "BAD_SECTORS"} or concepts & {
        "@guest",
        "@storage",
        "GUEST",
        "VM",
    }:
        return
    sized = "SIZE" in concepts and concepts & {"@disk", "@node", "PHYSICAL"}
    if sized:
        yield "DISK_SIZE"
    told = concepts & OF_A_DISK.keys()
    if "METRIC" not in concepts and (sized or told):
        yield "@disk_attribute"
    if {"COUNT", "SEVERAL"} <= concepts and concepts & {"@node", "PHYSICAL", "FINE"} and not told:
        yield "@disk_count"
    if {"SEVERAL", "@node"} <= concepts and not concepts & {"FULL", "EATS", "DISKREAD", "DISKWRITE"}:
        yield "@disks_of_node"


def _of_jobs(concepts: frozenset[str]) -> Iterator[str]:
    if "JOBLIST" in concepts and concepts & {"@storage", "@datastore"} and not concepts & {"FAIL", "@past", "FULL"}:
        yield "@jobs_to"
    if {"JOBLIST", "LACK"} <= concepts and concepts & {"GUEST", "VM", "CT", "WHO"}:
        yield from ("@in_no_job", "BACKUP")  # `guests without a backup job`
    if {"WHEN_DOES", "BACKUP"} <= concepts and not concepts & {"@guest", "@datastore", "FINISHED"}:
        yield "@when_next"
    if "WHEN_DOES" in concepts and concepts & {"@job", "BACKUP", "TASK"}:
        yield "NEXT"
    if {"NEXT", "@runs", "@guest"} <= concepts and not concepts & {"TASK", "SNAPSHOT", "REPLICATION"}:
        yield "BACKUP"  # `next backup of the mail machine`
    if "TASK" in concepts and concepts & {"STOPPED", "ENABLED"} and not concepts & {"@guest", "@node", "@past"}:
        yield "@job_state"


def _of_a_backup(concepts: frozenset[str]) -> Iterator[str]:
    """`How big is the backup of nas?`, `the oldest backup in tank`, `are all backups in vault verified?`"""
    of_a_place = {"BACKUP", "@datastore"} <= concepts and "@guest" not in concepts
    if of_a_place and "@bound" in concepts:
        yield from ("OLDEST", "@copies_there")  # `are there backups older than six months in tank?`
    if {"WHO", "IN_USE", "@datastore"} <= concepts:
        yield "BACKUP"  # `who uses vault?`
    if (
        of_a_place
        and "@action" not in concepts
        and concepts & {"OLDEST", "VERIFIED", "MOST", "LEAST", "PROVEN"}
        and "FREE" not in concepts
    ):
        yield "@copies_there"
    of_copies = concepts & {"BACKUP", "VERIFIED"} or {"DATASTORE", "LAST"} <= concepts
    if "@guest" not in concepts or not of_copies or "@action" in concepts:
        return
    if "BACKUP" not in concepts:
        yield "BACKUP"  # `verify state of web`, `backup target and last run of web`
    if {"FULL", "IN_USE"} <= concepts:
        yield from ("BACKUP_SIZE", "@backup_attribute")  # `how much space do its backups take?`
    wanted = {"SIZE": "BACKUP_SIZE", "DURATION": "BACKUP_DURATION"}
    yield from (attribute for concept, attribute in wanted.items() if concept in concepts)
    if concepts & {"SIZE", "DURATION", "ENCRYPTED", "VERIFIED", "BACKUP_SPEED"}:
        yield "@backup_attribute"


KINDS_OF_GUESTS = frozenset({"GUEST", "VM", "CT"})


def _of_many(concepts: frozenset[str]) -> bool:
    """`Which guests on pve2 have the agent?`"""
    return "SEVERAL" in concepts and bool(concepts & KINDS_OF_GUESTS)


def asked(concepts: Iterable[str], catalogue: Mapping[str, Attribute]) -> list[Attribute]:
    """The attributes of a catalogue that these concepts ask for, in its order."""
    wanted = frozenset(concepts)
    return [attribute for concept, attribute in catalogue.items() if concept in wanted]
