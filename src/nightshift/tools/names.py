"""What the things of a snapshot are called: names, ids, tags, and what their notes say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from nightshift.facts.ids import Entity, alert_key, guest_key
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.model_names import model_names, processor_names

DIGITS = re.compile(r"\d+")
_SEPARATORS = re.compile(r"[\s_./:()-]+")
_MARKUP = re.compile(r"<[^>]*>|\]\([^)]*\)|https?://\S+|[^\w\s.-]")
NOTES_READ = 500
_ENCODED = "xn--"
_LATIN = 0x250
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_THIN = ("thin pool", "lvm thin pool")  # what people call a storage of that type


@dataclass(frozen=True, slots=True)
class Named:
    """An entity and every way to write it, normalised; the first is its own name. `tags` may be shared by many, `notes`
    are the words of what the operator wrote about it, `node` is where a guest is, `snapshots` are those that it
    keeps."""

    entity: Entity
    names: tuple[str, ...]
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    node: str = ""
    snapshots: tuple[str, ...] = ()


def users_of(snapshot: Snapshot) -> tuple[str, ...]:
    """People and not tokens: `nightshift@pve!ro` is one."""
    every = (task.user for task in (*snapshot.tasks, *snapshot.pbs_tasks))
    return tuple(sorted({user for user in every if user and "!" not in user}))


def spoken_names(entry: Named) -> Iterable[str]:
    """The names that people say: a part of a key (`grafana` of an alert's) names nothing, nor the place of a disk."""
    if entry.entity.kind in ("disk", "pool", "job"):
        return entry.names[:1]
    return (name for name in entry.names if name != normalise(entry.entity.key))


def own_names(entry: Named) -> tuple[str, ...]:
    """What it is called, and how that is said where it was encoded for DNS."""
    return entry.names[: 1 + len(_decoded(entry.entity.label.partition(" (")[0]))]


def normalise(name: str) -> str:
    """`Home Assistant`, `home_assistant`, `home-assistant` → `home-assistant`."""
    return _SEPARATORS.sub("-", name.strip().strip("'\"`").lower()).strip("-")


def names_in(snapshot: Snapshot) -> Iterable[Named]:
    """Every thing of the snapshot that can be named, the aliases that the operator gave among its names."""
    aliases: dict[str, list[str]] = {}
    for name, entity in snapshot.names.items():
        aliases.setdefault(entity.key, []).append(name)
    notes = {
        guest_key(config.source, config.vmid): _words(config.description)
        for config in snapshot.guest_configs
        if config.description
    }
    # A name of one word alone, such as `clean`, is said of much else.
    kept = {
        guest_key(row.source, row.vmid): tuple(normalise(one.name) for one in row.snapshots if not one.name.isalpha())
        for row in snapshot.guest_snapshots
    }
    for entry in _own_names(snapshot):
        key = entry.entity.key
        spellings = dict.fromkeys((*entry.names, *aliases.get(key, ()), entry.entity.label, key))
        names = tuple(dict.fromkeys(filter(None, map(normalise, spellings))))
        tags = tuple(map(normalise, entry.tags))
        yield Named(entry.entity, names, tags, notes.get(key, ()), entry.node, kept.get(key, ()))


def _words(description: str) -> tuple[str, ...]:
    """The words of a guest's notes, without markup; the beginning of long ones."""
    return tuple(normalise(_MARKUP.sub(" ", description)[:NOTES_READ]).split("-"))


def _own_names(snapshot: Snapshot) -> Iterable[Named]:
    for node in snapshot.nodes:
        yield Named(
            node.entity, (node.name, node.ip or "", f"node/{node.name}", *processor_names(node.cpu_model or ""))
        )
    for guest in snapshot.guests:
        yield Named(guest.entity, _guest_names(guest), guest.tags, node=guest.node)
    for storage in snapshot.storages:
        where: tuple[str, ...] = (
            (f"{storage.name} on {storage.node}", f"{storage.node}/{storage.name}") if storage.node else ()
        )
        if storage.plugin == "lvmthin":
            where += (*_THIN, *(f"{said} {at} {storage.node}" for said in _THIN for at in ("on", "of")))
        yield Named(storage.entity, (storage.name, *where))
    for datastore in snapshot.datastores:
        yield Named(datastore.entity, (datastore.name, f"datastore {datastore.name}"))
    for target in snapshot.targets:
        host = target.instance.rpartition(":")[0]
        yield Named(_target_entity(target.job, target.instance), (target.instance, host, f"{target.job}/{host}"))
    for alert in snapshot.alerts:
        key = f"alert:{alert.source}/{alert.rule_uid}/{alert.instance_hash}"
        yield Named(Entity(key, f"alert {alert.name}"), (alert.name,))
    yield from _lesser_names(snapshot)


def _lesser_names(snapshot: Snapshot) -> Iterable[Named]:
    """Rules that have no alert now, disks by serial number or place, pools and jobs."""
    told = {(alert.source, alert.rule_uid) for alert in snapshot.alerts}
    for rule in snapshot.alert_rules:
        if (rule.source, rule.uid) not in told:
            yield Named(Entity(alert_key(rule.source, rule.uid, "rule"), f"alert rule {rule.name}"), (rule.name,))
    for disk in snapshot.disks:
        short = disk.path.rpartition("/")[2]
        spoken = (
            disk.serial or disk.path,
            f"{short} on {disk.node}",
            f"{short} in {disk.node}",
            f"{disk.node} {short}",
            *model_names(disk.model or ""),
        )
        yield Named(disk.entity, spoken)
    for pool in snapshot.zfs_pools:
        yield Named(pool.entity, (pool.name, f"{pool.name} on {pool.node}", f"{pool.node} {pool.name}"))
    for thin in snapshot.thin_pools:
        name = f"{thin.group}/{thin.volume}"
        yield Named(thin.entity, (name, f"{name} on {thin.node}"))
    for job in (*snapshot.backup_jobs, *snapshot.pbs_jobs):
        yield Named(job.entity, (job.id, f"job {job.id}", job.comment or ""))
    for replication in snapshot.replication:
        yield Named(replication.entity, (replication.id, f"job {replication.id}"))


def _guest_names(guest: Guest) -> tuple[str, ...]:
    short = "vm" if guest.kind == "qemu" else "ct"
    vmid = guest.vmid
    spoken = _decoded(guest.name or "")
    return (guest.name or str(vmid), *spoken, str(vmid), f"{short} {vmid}", f"{short}{vmid}", f"{guest.kind}/{vmid}")


def _decoded(name: str) -> tuple[str, ...]:
    """`xn--kche-0ra-display` as people say it: `küche-display`, `kueche-display`, `kuche-display`; of a host name that
    was encoded for DNS (RFC 3492), else nothing."""
    if not name.lower().startswith(_ENCODED):
        return ()
    said = next(filter(None, map(_latin, _beginnings(name.lower()))), "")
    bare = "".join(letter for letter in unicodedata.normalize("NFD", said) if not unicodedata.combining(letter))
    return tuple(dict.fromkeys(filter(None, (said, said.translate(_UMLAUTS), bare))))


def _beginnings(name: str) -> Iterable[tuple[str, str]]:
    """The encoded part and what is left of the name behind it, the longest first: a suffix may have been added."""
    parts = name[len(_ENCODED) :].split("-")
    return (("-".join(parts[:at]), "".join(f"-{part}" for part in parts[at:])) for at in range(len(parts), 1, -1))


def _latin(cut: tuple[str, str]) -> str:
    """The name where its first part decodes to Latin letters; what was encoded with more behind it gives others."""
    try:
        said = cut[0].encode("ascii").decode("punycode")
    except UnicodeError:
        return ""
    return said + cut[1] if all(ord(letter) < _LATIN for letter in said) else ""


def _target_entity(job: str, instance: str) -> Entity:
    return Entity(f"target:{job}/{instance}", f"target {instance} ({job})")
