"""Which storage of PVE is which datastore of a backup server, who writes to which namespace, what a sync job copies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from nightshift.facts.backups import Datastore, NamespaceSnapshots
from nightshift.facts.ids import datastore_key
from nightshift.facts.inventory import Storage, StorageConfig
from nightshift.facts.pbs_jobs import PbsJob, depth_below

Place = tuple[str, str, str]
"""Backup server, datastore, namespace."""

_SAME_SIZE = 0.001  # PVE and PBS read the same file system a moment apart
_CHAIN = 4  # copies of copies of copies: nobody has more


@dataclass(frozen=True)
class Places:
    """Questions about places, each answered from an index that is built once."""

    configs: tuple[StorageConfig, ...]
    datastores: tuple[Datastore, ...]
    storages: tuple[Storage, ...]
    jobs: tuple[PbsJob, ...]

    @classmethod
    def of(
        cls,
        configs: Iterable[StorageConfig],
        datastores: Iterable[Datastore],
        storages: Iterable[Storage],
        jobs: Iterable[PbsJob],
        lists: Iterable[NamespaceSnapshots],
    ) -> Places:
        """`lists` tell what datastores a server has that does not answer now: a storage is still the same then."""
        there = {(item.source, item.name): item for item in datastores}
        for item in lists:
            there.setdefault((item.source, item.datastore), Datastore(item.source, item.datastore))
        syncs = tuple(job for job in jobs if job.kind == "sync")
        return cls(tuple(configs), tuple(there.values()), tuple(storages), syncs)

    @cached_property
    def config(self) -> Mapping[tuple[str, str], StorageConfig]:
        """Storages as configured, by source and name."""
        return {(item.source, item.name): item for item in self.configs}

    @cached_property
    def servers(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The watched backup servers that a PVE storage (source, name) can be: one, unless two of them have a datastore
        of that name and size; none when its server is not watched."""
        by_name: dict[str, list[Datastore]] = {}
        for datastore in self.datastores:
            by_name.setdefault(datastore.name, []).append(datastore)
        sizes = {(item.source, item.name): item.total_bytes for item in self.storages if item.total_bytes}
        found = {}
        for config in self.configs:
            if config.plugin == "pbs" and config.datastore is not None:
                stores = by_name.get(config.datastore, [])
                found[config.source, config.name] = _meant(stores, sizes.get((config.source, config.name)))
        return found

    @cached_property
    def _written(self) -> Mapping[tuple[str, str], frozenset[Place]]:
        return {
            name: frozenset((server, config.datastore, config.namespace) for server in self.servers.get(name, ()))
            for name, config in self.config.items()
            if config.datastore is not None
        }

    def places_of(self, source: str, storage: str) -> frozenset[Place]:
        """The namespaces of watched backup servers that a PVE storage writes to."""
        return self._written.get((source, storage), frozenset())

    @cached_property
    def _containers(self) -> Mapping[tuple[str, str], frozenset[tuple[str, str]]]:
        return {
            name: frozenset((datastore_key(server, store), namespace) for server, store, namespace in places)
            for name, places in self._written.items()
        }

    def containers_of(self, source: str, storage: str) -> frozenset[tuple[str, str]]:
        """The same as keys of datastores with the namespace in them."""
        return self._containers.get((source, storage), frozenset())

    @cached_property
    def writers(self) -> Mapping[Place, tuple[StorageConfig, ...]]:
        """The storages of PVE that write to a place."""
        found: dict[Place, list[StorageConfig]] = {}
        for config in self.configs:
            for place in self.places_of(config.source, config.name):
                found.setdefault(place, []).append(config)
        return {place: tuple(items) for place, items in found.items()}

    def origin(self, place: Place) -> Place | None:
        """Where the backups of a place were copied from by a sync job, through several if need be; None when they were
        made there."""
        if place not in self._origins:
            self._origins[place] = self._first_origin(place)
        return self._origins[place]

    @cached_property
    def _origins(self) -> dict[Place, Place | None]:
        """What was found so far: places are few, and asked about for every group."""
        return {}

    def _first_origin(self, place: Place) -> Place | None:
        current = place
        for _ in range(_CHAIN):
            before = self._copied_from(current)
            if before is None or before == place:
                break
            current = before
        return current if current != place else None

    def _copied_from(self, place: Place) -> Place | None:
        for job in self.jobs:
            for source, target in self._ends(job):
                below = depth_below(target[2], place[2])
                reached = below is not None and (job.max_depth is None or below <= job.max_depth)
                if target[:2] == place[:2] and reached:
                    rest = place[2][len(target[2]) :].strip("/")
                    return source[0], source[1], "/".join(part for part in (source[2], rest) if part)
        return None

    def _ends(self, job: PbsJob) -> Iterable[tuple[Place, Place]]:
        """From where to where a sync job copies, as far as both ends are watched."""
        here = (job.source, job.datastore, job.namespace)
        name = job.remote_datastore or ""
        if job.remote is None:
            others = [job.source]
        else:
            having = [item.source for item in self.datastores if item.name == name and item.source != job.source]
            others = [job.remote] if job.remote in having else having
        if len(others) != 1:
            return
        there = (others[0], name, job.remote_namespace)
        yield (here, there) if job.direction == "push" else (there, here)

    def crosses(self, place: Place) -> bool:
        """Whether a place holds copies from another backup server."""
        origin = self.origin(place)
        return origin is not None and origin[0] != place[0]


def _meant(stores: list[Datastore], size_bytes: int | None) -> frozenset[str]:
    if len(stores) > 1 and size_bytes is not None:
        same = [
            item
            for item in stores
            if item.total_bytes and abs(item.total_bytes - size_bytes) <= _SAME_SIZE * item.total_bytes
        ]
        stores = same or stores
    return frozenset(item.source for item in stores)
