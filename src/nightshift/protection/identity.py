"""Whose backups a group of a backup server holds.

Two clusters on one datastore both have a VM 100, and a backup server knows neither by name. What decides, the
strongest first:

1. the storage configuration of PVE: who writes to this namespace, and under which user;
2. a sync job: a copy is of whom its original is;
3. the same moments: copies keep the times of their originals;
4. what people wrote: a namespace named after a cluster or host, notes that name the guest, a token named after it.

A wrong owner is worse than none: what could be two guests' stays nobody's, and a Gap says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from nightshift.facts.backups import BackupGroup, GroupSnapshots, NamespaceSnapshots
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Dataset
from nightshift.protection.places import Place, Places

_KINDS = {"qemu": "vm", "lxc": "ct"}
_Name = tuple[str, str]  # backup type, backup id
_Kept = Mapping[tuple[Place, _Name], GroupSnapshots]


@dataclass(frozen=True, slots=True)
class _Claim:
    """What was found out about a group: its guest, or the candidates between which nothing decides."""

    guest: Guest | None = None
    undecided: tuple[Guest, ...] = ()


_NOBODY = _Claim()


def attribute(
    groups: Dataset[BackupGroup],
    guests: Dataset[Guest],
    places: Places,
    snapshots: Iterable[NamespaceSnapshots] = (),
    configured: frozenset[str] = frozenset(),
) -> Dataset[BackupGroup]:
    """The groups with the key of the guest whose backups they hold, where that is certain; one Gap for a server's
    groups that could be several guests'. `configured` are the clusters whose storage configuration is wholly known: a
    group in a place that none of them writes to is not taken for theirs just because the number fits. A group without
    notes gets those of its newest snapshot: that is where PVE writes the guest's name.
    """
    by_name: dict[_Name, list[Guest]] = {}
    for guest in guests:
        by_name.setdefault((_KINDS[guest.kind], str(guest.vmid)), []).append(guest)
    kept = _kept(snapshots)
    noted = [group if group.comment else _with_notes(group, kept) for group in groups]
    claims = [_claim(group, by_name.get(_name(group), []), places, configured) for group in noted]
    claims = _by_original(noted, claims, places, by_name)
    claims = _by_moments(noted, claims, kept, by_name)
    rows = tuple(
        replace(group, guest=claim.guest.entity.key if claim.guest else None)
        for group, claim in zip(noted, claims, strict=True)
    )
    gaps = _ambiguities(noted, claims)
    if not gaps:
        return replace(groups, rows=rows)
    return replace(groups, state="partial", rows=rows, gaps=(*groups.gaps, *gaps))


def _name(group: BackupGroup) -> _Name:
    return group.backup_type, group.backup_id


def place_of(group: BackupGroup) -> Place:
    return group.source, group.datastore, group.namespace


def _claim(group: BackupGroup, candidates: list[Guest], places: Places, configured: frozenset[str]) -> _Claim:
    if not candidates:
        return _NOBODY
    writers = places.writers.get(place_of(group), ())
    if writers:
        owning = {config.source for config in writers if config.username == group.owner}
        return _among_writers(group, candidates, owning or {config.source for config in writers})
    if places.origin(place_of(group)) is not None:
        return _Claim(undecided=tuple(candidates))
    # Two clusters can call their VM 104 alike: notes and names count only where the owner does not speak against it.
    candidates = [guest for guest in candidates if not _disowned(group, guest, places, configured)]
    told = _by_words(group, candidates, places)
    if told is not None or not candidates:
        return _Claim(told)
    if len(candidates) > 1:
        return _Claim(undecided=tuple(candidates))
    # One guest has the number. Where its cluster's storages are known, and none of them writes here, that says nothing.
    return _NOBODY if candidates[0].source in configured else _Claim(candidates[0])


def _disowned(group: BackupGroup, guest: Guest, places: Places, configured: frozenset[str]) -> bool:
    """Whether a group is owned by a user that the guest's cluster does not use. Root owns what was copied by hand."""
    owner = group.owner or ""
    if guest.source not in configured or not owner or owner.startswith("root@"):
        return False
    users = {config.username for config in places.configs if config.source == guest.source and config.username}
    return bool(users) and owner not in users


def _among_writers(group: BackupGroup, candidates: list[Guest], sources: set[str]) -> _Claim:
    """Guests of the clusters that write here as this user."""
    theirs = [guest for guest in candidates if guest.source in sources]
    if len(sources) == 1 or not theirs:
        return _Claim(theirs[0]) if theirs else _NOBODY
    named = [guest for guest in theirs if _is_named(group, guest)]
    return _Claim(named[0]) if len(named) == 1 else _Claim(undecided=tuple(theirs))


def _by_words(group: BackupGroup, candidates: list[Guest], places: Places) -> Guest | None:
    """The one guest that the group's namespace, notes or owner speak for."""
    parts = {part.lower() for part in group.namespace.split("/")}
    user, _, token = (group.owner or "").lower().partition("!")
    owner = token or user.partition("@")[0]
    users = {config.source for config in places.configs if config.username and config.username == group.owner}
    tests: tuple[Callable[[Guest], bool], ...] = (
        lambda guest: guest.source.lower() in parts or guest.node.lower() in parts,
        lambda guest: _is_named(group, guest),
        lambda guest: guest.source in users,
        lambda guest: guest.source.lower() == owner,
    )
    for speaks_for in tests:
        claimed = [guest for guest in candidates if speaks_for(guest)]
        if len(claimed) == 1:
            return claimed[0]
    return None


def _is_named(group: BackupGroup, guest: Guest) -> bool:
    return bool(guest.name) and (guest.name or "").lower() == (group.comment or "").strip().lower()


def _by_original(
    groups: Iterable[BackupGroup], claims: list[_Claim], places: Places, by_name: Mapping[_Name, list[Guest]]
) -> list[_Claim]:
    """Copies get the guest of their originals; where those are gone, the guest of the cluster that wrote them."""
    known = {
        (place_of(group), _name(group)): claim.guest
        for group, claim in zip(groups, claims, strict=True)
        if claim.guest is not None
    }
    found = []
    for group, claim in zip(groups, claims, strict=True):
        origin = places.origin(place_of(group)) if claim.undecided else None
        if origin is None:
            found.append(claim)
            continue
        original = known.get((origin, _name(group)))
        sources = {config.source for config in places.writers.get(origin, ())}
        if original is not None:
            found.append(_Claim(original))
        elif sources:
            found.append(_among_writers(group, by_name.get(_name(group), []), sources))
        else:
            told = _by_words(group, list(claim.undecided), places)
            found.append(_Claim(told) if told is not None else claim)
    return found


def _by_moments(
    groups: Iterable[BackupGroup],
    claims: list[_Claim],
    kept: _Kept,
    by_name: Mapping[_Name, list[Guest]],
) -> list[_Claim]:
    """What was made at the very moments of backups that are known to be one guest's is a copy of them. Two clusters can
    begin in the same second once: at least half of the times, and two of them, have to agree; one is enough only where
    the group has no more."""
    known: dict[_Name, list[tuple[Guest, frozenset[datetime]]]] = {}
    for group, claim in zip(groups, claims, strict=True):
        if claim.guest is not None:
            known.setdefault(_name(group), []).append((claim.guest, _moments(group, kept)))
    found = []
    for group, claim in zip(groups, claims, strict=True):
        if claim.guest is not None or _name(group) not in known or _name(group) not in by_name:
            found.append(claim)
            continue
        mine = _moments(group, kept)
        needed = max(1 if len(mine) == 1 else 2, len(mine) // 2)
        same = {guest.entity.key: guest for guest, theirs in known[_name(group)] if len(mine & theirs) >= needed}
        found.append(_Claim(next(iter(same.values()))) if len(same) == 1 else claim)
    return found


def _moments(group: BackupGroup, kept: _Kept) -> frozenset[datetime]:
    known = kept.get((place_of(group), _name(group)))
    return frozenset(item.taken_at for item in known.snapshots) if known else frozenset({group.last_backup_at})


def _with_notes(group: BackupGroup, kept: _Kept) -> BackupGroup:
    known = kept.get((place_of(group), _name(group)))
    return replace(group, comment=known.snapshots[-1].comment) if known and known.snapshots else group


def _kept(lists: Iterable[NamespaceSnapshots]) -> _Kept:
    return {
        ((item.source, item.datastore, item.namespace), (group.backup_type, group.backup_id)): group
        for item in lists
        for group in item.groups
    }


def _ambiguities(groups: Iterable[BackupGroup], claims: Iterable[_Claim]) -> tuple[Gap, ...]:
    names: dict[str, list[str]] = {}
    hidden: dict[str, set[str]] = {}
    for group, claim in zip(groups, claims, strict=True):
        if claim.guest is None and len(claim.undecided) > 1:
            names.setdefault(group.source, []).append(f"{group.backup_type}/{group.backup_id}")
            hidden.setdefault(group.source, set()).update(guest.entity.key for guest in claim.undecided)
    return tuple(_ambiguity(source, found, hidden[source]) for source, found in names.items())


def _ambiguity(source: str, names: list[str], hidden: set[str]) -> Gap:
    shown = ", ".join(sorted(set(names))[:5])
    detail = f"{len(names)} backup groups ({shown}) could belong to guests of more than one cluster"
    fix = "Give each cluster its own namespace, named after its source id."
    return Gap(source, "backup_groups", "unsupported", detail, fix, hides=tuple(sorted(hidden)))
