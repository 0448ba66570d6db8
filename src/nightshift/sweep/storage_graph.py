"""What storages lie on, whose space they share, and who serves them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nightshift.checks.guest_disks import disks_of
from nightshift.facts.ids import key_parts, pool_key, storage_key
from nightshift.facts.snapshot import Snapshot


@dataclass(frozen=True)
class StorageGraph:
    """Questions about storages, each answered from an index that is built once."""

    snapshot: Snapshot

    @cached_property
    def pool_of_storage(self) -> dict[str, str]:
        """The key of the ZFS or thin pool that a storage of a node lies on, by storage key: by its configuration, or
        because the node has no other."""
        datasets = {(item.source, item.name): item.pool for item in self.snapshot.storage_configs}
        pools: dict[tuple[str, str], list[str]] = {}
        for pool in self.snapshot.zfs_pools:
            pools.setdefault((pool.source, pool.node), []).append(pool.name)
        found: dict[str, str] = {}
        for storage in self.snapshot.storages:
            known = datasets.get((storage.source, storage.name))
            if storage.plugin == "zfspool" and storage.node is not None:
                here = pools.get((storage.source, storage.node), [])
                dataset = known or (here[0] if len(here) == 1 else "")
                if dataset:
                    found[storage.entity.key] = pool_key(storage.source, storage.node, dataset.partition("/")[0])
            elif storage.plugin == "lvmthin" and storage.node is not None and known:
                found[storage.entity.key] = pool_key(storage.source, storage.node, known)
        return found

    @cached_property
    def storages_on_pool(self) -> dict[str, tuple[str, ...]]:
        """Keys of the storages that lie on a ZFS or thin pool, by pool key."""
        found: dict[str, list[str]] = {}
        for storage, pool in self.pool_of_storage.items():
            found.setdefault(pool, []).append(storage)
        return {pool: tuple(storages) for pool, storages in found.items()}

    @cached_property
    def storages_at_target(self) -> dict[str, tuple[str, ...]]:
        """Keys of the storages that a replication job copies to, by the key of the job."""
        names: dict[tuple[str, int], set[str]] = {
            (config.source, config.vmid): {disk.storage for disk in disks_of(config)}
            for config in self.snapshot.guest_configs
        }
        return {
            job.entity.key: tuple(
                storage_key(job.source, job.target, name) for name in sorted(names.get((job.source, job.vmid), ()))
            )
            for job in self.snapshot.replication
        }

    def address_of_storage(self, storage: str) -> str | None:
        """The address of what serves a storage over the network, as it was set up."""
        _, parts = key_parts(storage)
        return self._addresses.get((parts[0], parts[-1]))

    @cached_property
    def _addresses(self) -> dict[tuple[str, str], str]:
        return {
            (config.source, config.name): config.server.lower()
            for config in self.snapshot.storage_configs
            if config.server
        }

    def unread_nodes(self, storage: str) -> tuple[str, ...]:
        """Keys of the nodes of its cluster that are offline and hold guests whose configuration was never read; none
        of a storage that no other machine serves."""
        return self._unread_nodes.get(key_parts(storage)[1][0], ()) if self.address_of_storage(storage) else ()

    @cached_property
    def _unread_nodes(self) -> dict[str, tuple[str, ...]]:
        read = {(config.source, config.vmid) for config in self.snapshot.guest_configs}
        unread = {
            (guest.source, guest.node) for guest in self.snapshot.guests if (guest.source, guest.vmid) not in read
        }
        found: dict[str, list[str]] = {}
        for node in self.snapshot.nodes:
            if not node.online and (node.source, node.name) in unread:
                found.setdefault(node.source, []).append(node.entity.key)
        return {source: tuple(keys) for source, keys in found.items()}

    def is_only_backup_server(self, key: str) -> bool:
        """Whether this is the one backup server that is watched, or a storage of PVE that must be it."""
        servers = [source.id for source in self.snapshot.sources if source.kind == "pbs"]
        if len(servers) != 1:
            return False
        kind, parts = key_parts(key)
        return key in self._server_storages if kind == "storage" else parts[0] == servers[0]

    @cached_property
    def _server_storages(self) -> frozenset[str]:
        return frozenset(storage.entity.key for storage in self.snapshot.storages if storage.plugin == "pbs")

    @cached_property
    def disks_of_osds(self) -> frozenset[str]:
        """Keys of the disks that are OSDs of Ceph."""
        return frozenset(disk.entity.key for disk in self.snapshot.disks if "osd" in (disk.used_for or "").lower())

    @cached_property
    def clusters_without_osds(self) -> frozenset[str]:
        """Ids of the clusters some of whose OSDs do not run."""
        return frozenset(status.source for status in self.snapshot.ceph if status.osds_down)

    @cached_property
    def space(self) -> dict[str, tuple[int, int]]:
        """Used and free bytes of storages that one node has for itself, and of nodes' root file systems, by key."""
        found = {
            storage.entity.key: (storage.used_bytes, storage.total_bytes - storage.used_bytes)
            for storage in self.snapshot.storages
            if storage.node is not None and storage.used_bytes is not None and storage.total_bytes is not None
        }
        return found | {
            node.entity.key: (node.rootfs_used_bytes, node.rootfs_total_bytes - node.rootfs_used_bytes)
            for node in self.snapshot.nodes
            if node.rootfs_used_bytes is not None and node.rootfs_total_bytes is not None
        }
