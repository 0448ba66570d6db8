"""The keys by which findings on storages, datastores, pools and disks hang together."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from nightshift.facts.finding import Finding
from nightshift.sweep.entities import EntityGraph

_ONE_PER_CENT = math.log(1.01)
_ENOUGH_TO_COMPARE = 64 * 2**20  # of what is full to the last byte, nothing says that it is the same
_WORD = re.compile(r"[a-z0-9]+")
_NO_SPACE = re.compile(r"no space left|enospc|not enough space|quota exceeded", re.IGNORECASE)


def nodes_using(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The nodes that a storage is configured on: one, or all of its cluster."""
    return graph.nodes_using(finding.entity.key)


def storage_name(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """`pve/local` of a storage, whichever node tells of it: what a backup job calls it."""
    return (_named(finding.entity.source, finding.entity.key.rpartition("/")[2]),)


def written_to(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """`pve/local`, where a backup run that is found failed wrote to: its discriminator."""
    return (_named(finding.entity.source, finding.discriminator),)


def storages_of_datastore(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The PVE storages that are a datastore, by name (`pve/pbs-tank`)."""
    keys = graph.storages_of_datastore.get(finding.entity.key, ())
    return (_named(*_source_and_name(key)) for key in keys)


def its_datastores(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The datastore itself, or those that a PVE storage is."""
    return (finding.entity.key, *graph.datastores_of_storage.get(finding.entity.key, ()))


def datastores_of_guest(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The datastores to which a guest's backup jobs write."""
    storages = graph.storages_saving.get(finding.entity.key, ())
    return (key for storage in storages for key in graph.datastores_of_storage.get(storage, ()))


def storages_of_guest(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The storages to which a guest's backup jobs write."""
    return graph.storages_saving.get(finding.entity.key, ())


def itself_and_storages_of_guest(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """A guest, and the storages to which its backup jobs write."""
    return (finding.entity.key, *graph.storages_saving.get(finding.entity.key, ()))


def datastore_in_labels(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The name of the datastore that an alert's labels give. While PVE cannot be read, a storage is known by its name
    alone: the one datastore whose name is a word of it (`pbs-tank`) is what it is."""
    labels = graph.alert_labels.get(finding.discriminator, {})
    if name := labels.get("datastore"):
        return (name,)
    if finding.entity.kind != "alert":
        return ()
    words = set(_WORD.findall(labels.get("storage", "").lower()))
    named = {item.name for item in graph.snapshot.datastores if item.name.lower() in words}
    return named if len(named) == 1 else ()


def verified_datastore(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The datastore whose verification failed."""
    return (finding.entity.key,) if finding.discriminator.startswith("verif") else ()


def _named(source: str, name: str) -> str:
    return f"{source}/{name}"


def _source_and_name(key: str) -> tuple[str, str]:
    """`storage:pve/shared/tank` → (`pve`, `tank`)."""
    parts = key.partition(":")[2].split("/")
    return parts[0], parts[-1]


def storages_holding(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The storages on which a guest's disks are."""
    return graph.storages_holding.get(finding.entity.key, ())


def itself_and_storages_holding(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """A storage itself, or those on which a guest's disks are."""
    return (finding.entity.key, *storages_holding(finding, graph))


def unwell_disks_of_pool(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The disks of a pool that are not online in it, or count errors."""
    return graph.unwell_disks_of_pool.get(finding.entity.key, ())


def ceph_of_its_osd(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The cluster of a disk that is an OSD of its Ceph."""
    return (finding.entity.source,) if finding.entity.key in graph.places.disks_of_osds else ()


def ceph_without_osds(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The cluster, where OSDs of its Ceph do not run."""
    return (finding.entity.source,) if finding.entity.source in graph.places.clusters_without_osds else ()


def its_device(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """A disk by its node and device name (`sda`), as exporters label it."""
    path = graph.path_of_disk.get(finding.entity.key)
    node = graph.node_of(finding.entity.key)
    return () if path is None or node is None else (_device(node, path),)


def device_in_labels(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The whole disk that an alert on a node names in its label `device`; a partition is no disk."""
    device = graph.alert_labels.get(finding.discriminator, {}).get("device")
    node = graph.node_of(finding.entity.key)
    return () if not device or node is None else (_device(node, device),)


def device_named(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The disk that a finding about a node tells apart by its path."""
    node = graph.node_of(finding.entity.key)
    return () if node is None else (_device(node, finding.discriminator),)


def its_pool(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """A pool by its node and name."""
    node = graph.node_of(finding.entity.key)
    return () if node is None else (_pool(node, finding.entity.key.rpartition("/")[2]),)


def pool_of_storage(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The ZFS pool that a storage lies on."""
    pool = graph.places.pool_of_storage.get(finding.entity.key)
    return () if pool is None else (pool,)


def space_of_pool(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """What a storage on a ZFS pool has left, on its node: whatever else lies on that pool has the same left."""
    return _space(finding, graph) if finding.entity.key in graph.places.pool_of_storage else ()


def space_of_directory(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """What a root file system, or a storage that is a directory, uses and has left, on its node."""
    return () if finding.entity.key in graph.places.pool_of_storage else _space(finding, graph)


def _space(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """`used node:pve/pve1 2310`, within one per cent: figures of the same space are read one after the other, so that
    each falls into two neighbouring steps."""
    node = graph.node_of(finding.entity.key)
    space = graph.places.space.get(finding.entity.key)
    if node is None or space is None:
        return ()
    return (
        f"{what} {node} {step + near}"
        for what, size in zip(("used", "free"), space, strict=True)
        if size >= _ENOUGH_TO_COMPARE
        for step in (math.floor(math.log(size) / _ONE_PER_CENT),)
        for near in (0, 1)
    )


def pool_in_labels(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The pool that an alert on a node names in its labels."""
    labels = graph.alert_labels.get(finding.discriminator, {})
    name = labels.get("zpool") or labels.get("pool")
    node = graph.node_of(finding.entity.key)
    return () if not name or node is None else (_pool(node, name),)


def _device(node: str, path: str) -> str:
    return f"device {node} {path.rpartition('/')[2]}"


def _pool(node: str, name: str) -> str:
    return f"pool {node} {name}"


def datastore_not_emptied(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The datastore in which nothing is pruned or collected any more, unless the want of space is why."""
    collects = finding.check == "datastore.gc" and finding.discriminator != "bad-chunks"
    prunes = finding.discriminator.startswith("prune")
    return (finding.entity.key,) if (collects or prunes) and not _NO_SPACE.search(finding.detail) else ()


def datastore_with_bad_chunks(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The datastore in which garbage collection found damaged chunks."""
    return (finding.entity.key,) if finding.discriminator == "bad-chunks" else ()


def storages_on_pool(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The storages that lie on a ZFS or thin pool."""
    return graph.places.storages_on_pool.get(finding.entity.key, ())


def storages_at_target(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The storages of the other node that a replication job copies to: they bear the names of the guest's own."""
    return graph.places.storages_at_target.get(finding.entity.key, ())


def its_address(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The address of the machine that serves a storage."""
    address = graph.places.address_of_storage(finding.entity.key)
    return (f"address {finding.entity.source} {address}",) if address else ()


def nodes_that_may_hide_its_server(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The nodes that are offline with guests whose addresses were never read, of a storage whose server is unknown."""
    return () if graph.server_of(finding.entity.key) else graph.places.unread_nodes(finding.entity.key)


def only_backup_server(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The backup server, where only one is watched: of a storage that is one, or of the server itself."""
    return ("backup server",) if graph.places.is_only_backup_server(finding.entity.key) else ()
