"""From what people write to the entity that they mean: names, vmids, tags, hosts and IPs, with typos.

The index is made from one Snapshot. What is ambiguous stays ambiguous: two guests that match are both named, and the
caller asks back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from rapidfuzz import fuzz

from nightshift.errors import ToolInputError
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.tools.names import DIGITS, Named, names_in, normalise, own_names, spoken_names, users_of

FUZZY_FLOOR = 82.0
FUZZY_MARGIN = 6.0
SUGGESTED_FLOOR = 60.0
SHORTEST_FUZZY = 4

_KIND_WORDS: dict[str, tuple[str, ...]] = {
    "node": ("node", "host", "server", "hypervisor"),
    "guest": ("vm", "ct", "container", "lxc", "qemu", "guest", "machine"),
    "storage": ("storage", "pool"),
    "datastore": ("datastore",),
    "alert": ("alert", "rule"),
    "target": ("target", "exporter", "instance"),
    "disk": ("disk", "drive", "ssd", "hdd", "nvme", "serial"),
    "pool": ("pool", "zpool"),
    "job": ("job",),
}
_THINGS = ("node", "guest", "storage", "datastore", "source", "cluster")


@dataclass(frozen=True, slots=True)
class EntityIndex:
    """Every entity of a Snapshot by its names. `gaps` are those of the inventory: what may be missing from here.
    `users` are those who started a task, as the systems write them: `anna@pam`; `pools` are PVE's pools of guests."""

    entries: tuple[Named, ...]
    gaps: tuple[Gap, ...] = ()
    users: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    _by_name: dict[str, tuple[Entity, ...]] = field(default_factory=dict)
    _by_tag: dict[str, tuple[Entity, ...]] = field(default_factory=dict)
    _kept: frozenset[str] = frozenset()
    _last: ClassVar[tuple[Snapshot, EntityIndex] | None] = None

    @classmethod
    def of(cls, snapshot: Snapshot) -> EntityIndex:
        """The one of the snapshot that was asked about last is kept: every tool of an answer asks about the same."""
        kept = cls._last
        if kept is None or kept[0] is not snapshot:
            kept = cls._last = (snapshot, cls._made_of(snapshot))
        return kept[1]

    @classmethod
    def _made_of(cls, snapshot: Snapshot) -> EntityIndex:
        entries = tuple(names_in(snapshot))
        gaps = [gap for dataset in _inventory(snapshot) for gap in dataset.gaps]
        by_name = _grouped((name, entry.entity) for entry in entries for name in entry.names)
        # A snapshot may be called like a thing (`web_1` of another guest): the thing is meant then.
        kept = _grouped((name, entry.entity) for entry in entries for name in entry.snapshots if name not in by_name)
        return cls(
            entries,
            tuple(dict.fromkeys(gaps)),
            users_of(snapshot),
            tuple(dict.fromkeys(guest.pool for guest in snapshot.guests if guest.pool)),
            by_name | kept,
            _grouped((tag, entry.entity) for entry in entries for tag in entry.tags),
            frozenset(kept),
        )

    def is_tag(self, name: str) -> bool:
        """Whether guests carry this tag, and nothing is called so."""
        wanted = normalise(name)
        return wanted in self._by_tag and wanted not in self._by_name

    def keeps_snapshot(self, name: str) -> bool:
        """Whether a snapshot of a guest is called so, and no thing."""
        return normalise(name) in self._kept

    def exact(self, name: str, kinds: Sequence[str] = ()) -> tuple[Entity, ...]:
        """The entities that are written exactly so, or carry this tag when none is."""
        wanted = normalise(name)
        found = _of_kinds(self._by_name.get(wanted, ()), kinds)
        return found or _of_kinds(self._by_tag.get(wanted, ()), kinds)

    def all_of(self, kind: str) -> tuple[Entity, ...]:
        """Every entity of a kind, in the order of the inventory."""
        return _of_kinds((entry.entity for entry in self.entries), (kind,))

    def node_of(self, guest: Entity) -> str:
        """The node that a guest is on; empty for anything else."""
        return next((entry.node for entry in self.entries if entry.entity == guest), "")

    def containing(self, name: str, kinds: Sequence[str] = ()) -> tuple[Entity, ...]:
        """The entities one of whose names contains every word of `name`: `assistant` → home-assistant."""
        words = set(normalise(name).split("-")) - {""}
        longest = max(words, key=len, default="")
        if len(longest) < SHORTEST_FUZZY:
            return ()
        # Most entries have not even the letters: that is told without taking their names apart.
        likely = (entry for entry in self.entries if any(longest in name for name in entry.names))
        found = (entry.entity for entry in likely if any(words <= set(n.split("-")) for n in spoken_names(entry)))
        return _of_kinds(found, kinds)

    def nearest(self, name: str, kinds: Sequence[str] = (), limit: int = 5) -> tuple[tuple[Entity, float], ...]:
        """The entities whose own name is most alike, best first, with a score of 0 to 100."""
        wanted = normalise(name)
        scored = [
            (entry.entity, max(fuzz.ratio(wanted, own) for own in own_names(entry)))
            for entry in self.entries
            if not kinds or entry.entity.kind in kinds
        ]
        return tuple(sorted(scored, key=lambda pair: (-pair[1], pair[0].label))[:limit])

    def alike(self, name: str, kinds: Sequence[str] = (), limit: int = 3) -> list[Entity]:
        """Entities whose name is so much alike that they are worth suggesting."""
        return [entity for entity, score in self.nearest(name, kinds, limit) if score >= SUGGESTED_FLOOR]

    def find(self, name: str, kinds: Sequence[str] = ()) -> tuple[Entity, ...]:
        """What `name` may mean: one entity when that is clear, several when it is not, none when nothing is close."""
        bare, named_kinds = split_kind(name)
        wanted_kinds = kinds or named_kinds
        for text in dict.fromkeys((name, bare)):
            found = self.exact(text, wanted_kinds if text == bare else kinds)
            if found:
                return prefer_things(found)
        found = self.containing(bare, wanted_kinds)
        if found:
            return prefer_things(found)
        if len(normalise(bare)) < SHORTEST_FUZZY:
            return ()
        near = self.nearest(bare, wanted_kinds)
        ranked = [(entity, score) for entity, score in near if score >= FUZZY_FLOOR and _same_number(bare, entity)]
        return tuple(entity for entity, score in ranked if score >= ranked[0][1] - FUZZY_MARGIN)

    def resolve(self, name: str, kinds: Sequence[str] = ()) -> Entity:
        """The one entity that `name` means; raises ToolInputError when there is none or more than one."""
        found = self.find(name, kinds)
        if len(found) == 1:
            return found[0]
        if found:
            raise ToolInputError(
                f"'{name}' is ambiguous: {listed(found)}.",
                "Use the vmid of a guest, `storage on node`, or the full name.",
            )
        raise ToolInputError(f"Nothing here is called '{name}'.{self._missing_note()}", self._nearest_hint(name, kinds))

    def _missing_note(self) -> str:
        if not self.gaps:
            return ""
        causes = "; ".join(dict.fromkeys(f"{gap.source}: {gap.detail}" for gap in self.gaps))
        return f" It may exist all the same: the inventory is incomplete ({causes})."

    def _nearest_hint(self, name: str, kinds: Sequence[str]) -> str | None:
        near = self.alike(name, kinds)
        return f"Nearest names: {listed(near)}." if near else "The inventory tool lists what exists."


def _same_number(name: str, entity: Entity) -> bool:
    """A typo in a number is another thing: `web2` is not `web1`. Without a number any may be meant."""
    asked = DIGITS.findall(name)
    return not asked or asked == DIGITS.findall(entity.label.split(" (")[0])


def split_kind(name: str) -> tuple[str, tuple[str, ...]]:
    """`vm 104` → (`104`, (guest,)); `web` → (`web`, ()); `pve1 node` → (`pve1`, (node,))."""
    words = name.strip().split()
    for position in (0, -1):
        if len(words) > 1:
            kinds = tuple(kind for kind, spelled in _KIND_WORDS.items() if words[position].lower() in spelled)
            if kinds:
                return " ".join(words[1:] if position == 0 else words[:-1]), kinds
    return name, ()


def prefer_things(found: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """A guest or node before the alerts, targets and jobs that speak of it; a storage before the pool that it is on."""
    for kinds in (_THINGS, ("pool", "disk")):
        things = tuple(entity for entity in found if entity.kind in kinds)
        if things:
            return things
    return found


def listed(entities: Iterable[Entity]) -> str:
    labels = list(dict.fromkeys(entity.label for entity in entities))
    return ", ".join(labels[:8]) + (f" and {len(labels) - 8} more" if len(labels) > 8 else "")


def _inventory(snapshot: Snapshot) -> tuple[Dataset[Any], ...]:
    datasets: tuple[Dataset[Any], ...] = (snapshot.nodes, snapshot.guests, snapshot.storages, snapshot.datastores)
    return tuple(dataset for dataset in datasets if dataset.state != "not_configured")


def _of_kinds(entities: Iterable[Entity], kinds: Sequence[str]) -> tuple[Entity, ...]:
    return tuple(dict.fromkeys(entity for entity in entities if not kinds or entity.kind in kinds))


def _grouped(pairs: Iterable[tuple[str, Entity]]) -> dict[str, tuple[Entity, ...]]:
    groups: dict[str, dict[Entity, None]] = {}
    for name, entity in pairs:
        if name:
            groups.setdefault(name, {})[entity] = None
    return {name: tuple(entities) for name, entities in groups.items()}
