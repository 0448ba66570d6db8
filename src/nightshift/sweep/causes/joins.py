"""The keys by which findings hang together; every function answers from an index of the graph."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nightshift.facts.finding import Finding
from nightshift.facts.instances import host_of
from nightshift.sweep.entities import EntityGraph

_HANGS_ON = {
    "node.statistics_stuck": ("pvestatd",),
    "ha.manager": ("pve-ha-lrm", "pve-ha-crm"),
    "replication.behind": ("pvescheduler",),
    "node.clock": ("chrony", "systemd-timesyncd"),
}
_SHORT_OF = {
    "node.memory": ("memory", "disks"),
    "node.swap": ("memory", "disks"),
    "node.iowait": ("disks",),
    "node.cpu": ("processors",),
}
_WANTING = {
    "node.swap": ("memory",),
    "node.oom_kills": ("memory",),
    "node.iowait": ("disks",),
    "node.load": ("memory", "disks", "processors"),
}
_ONE_PER_CENT = math.log(1.01)
_ENOUGH_TO_COMPARE = 64 * 2**20  # of what is full to the last byte, nothing says that it is the same
_OOM_WORDS = ("oom", "out of memory", "outofmemory", "memory")


def itself(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The entity that the finding is about."""
    return (finding.entity.key,)


def its_source(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The system that it is part of: everything in one cluster, or in one backup server."""
    return (finding.entity.source,)


def its_node(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The node on which it is, runs or is measured; a node itself."""
    node = graph.node_of(finding.entity.key)
    return () if node is None else (node,)


def its_machine(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The guest or node that a target runs on; anything else itself."""
    return (graph.machine_of(finding.entity.key) or finding.entity.key,)


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


def datastore_that_was_verified(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The datastore of a task of the backup server, if the task is a verification."""
    return (finding.entity.key,) if finding.discriminator.startswith("verif") else ()


def storages_of_guest(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The storages to which a guest's backup jobs write."""
    return graph.storages_saving.get(finding.entity.key, ())


def itself_and_storages_of_guest(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """A guest, and the storages to which its backup jobs write."""
    return (finding.entity.key, *graph.storages_saving.get(finding.entity.key, ()))


def guests_of_job(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The guests that a backup job selects, whether it is enabled or not."""
    return graph.guests_of_backup_job.get(finding.entity.key, ())


def its_name(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The bare name of an entity, as labels of alerts have it: use it only for what is rare."""
    return (finding.entity.key.rpartition("/")[2],)


def datastore_in_labels(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The name of the datastore that an alert's labels give."""
    name = graph.alert_labels.get(finding.discriminator, {}).get("datastore")
    return (name,) if name else ()


def instance_and_job(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """Of a target: its instance, and its job as a whole."""
    target = graph.target(finding.entity.key)
    return () if target is None else (f"instance {target.instance.lower()}", f"job {target.job}")


def instance_or_job(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """Of an alert: the instance of its labels, else the job, when it is about the whole of it."""
    labels = graph.alert_labels.get(finding.discriminator, {})
    if "instance" in labels:
        return (f"instance {labels['instance'].lower()}",)
    return (f"job {labels['job']}",) if labels.get("job") else ()


def itself_and_kills_on_its_node(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """A guest, and the kills for want of memory that its node counts."""
    node = graph.node_of(finding.entity.key)
    return (finding.entity.key,) if node is None else (finding.entity.key, _kills(node))


def kills_counted(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The kills on a node, told by a check or by an alert whose name speaks of memory; else what it is about."""
    key = finding.entity.key
    name = graph.alert_names.get(finding.discriminator, "").lower()
    if finding.check == "node.oom_kills" or any(word in name for word in _OOM_WORDS):
        return (key, _kills(key))
    return (key,)


def nodes_of_replication(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The nodes that a replication job copies from and to."""
    return graph.nodes_of_replication.get(finding.entity.key, ())


def service_on_node(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """`pvestatd node:pve/pve1` of a service that failed: its discriminator."""
    return (f"{finding.discriminator} {finding.entity.key}",)


def service_it_hangs_on(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The services of its node without which there would be such a finding."""
    services = _HANGS_ON.get(finding.check, ())
    nodes = graph.nodes_of_replication.get(finding.entity.key, (finding.entity.key,))[:1]
    return (f"{service} {node}" for service in services for node in nodes)


def resources_short(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """What a node is short of when a check says so: `memory node:pve/pve1`."""
    return (f"{what} {finding.entity.key}" for what in _SHORT_OF[finding.check])


def resources_wanting(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """What a node in such a state may be short of. Pressure says it itself: its discriminator."""
    wanting = (finding.discriminator,) if finding.check == "node.pressure" else _WANTING[finding.check]
    return (f"{what} {finding.entity.key}" for what in wanting)


def its_instance(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The `instance` of a target, or of an alert's labels."""
    target = graph.target(finding.entity.key)
    if target is not None:
        return (f"instance {target.instance.lower()}",)
    if finding.entity.kind == "target":
        return (f"instance {finding.entity.key.partition('/')[2].lower()}",)
    instance = graph.alert_labels.get(finding.discriminator, {}).get("instance")
    return (f"instance {instance.lower()}",) if instance else ()


def its_job(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The scrape job of a target, which need not exist any more."""
    return (f"job {finding.entity.source}",)


def its_ups(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The UPS that a finding's discriminator or an alert's label names."""
    if finding.check.startswith("ups."):
        return (f"ups {finding.discriminator}",)
    name = graph.alert_labels.get(finding.discriminator, {}).get("ups")
    return (f"ups {name}",) if name else ()


_NAME_SERVER = ":53"


def names_lost(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """Names, where a probe of a name server failed and no other name server is known to answer."""
    if not finding.entity.key.endswith(_NAME_SERVER):
        return ()
    return ("names",) if graph.name_servers and graph.name_servers <= graph.silent_instances else ()


def asked_by_name(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """Names, where what was probed is written as a name and is not a name server itself."""
    instance = finding.entity.key.partition("/")[2]
    if instance.endswith(_NAME_SERVER):
        return ()
    host = host_of(instance)
    return ("names",) if any(character.isalpha() for character in host) and ":" not in host else ()


def metrics_of_source(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """Metrics, where the system that does not answer is the only Prometheus."""
    monitors = [source for source in graph.snapshot.sources if source.kind == "prometheus"]
    silent = len(monitors) == 1 and monitors[0].id == finding.entity.source
    return ("metrics",) if silent else ()


def metrics_needed(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """Metrics, where a finding cannot be checked again, or tells that somebody else does not get them either."""
    blind = finding.state == "unknown" or finding.check in ("grafana.datasource", "alert.rule_health")
    return ("metrics",) if blind else ()


def verified_datastore(finding: Finding, _graph: EntityGraph) -> Iterable[str]:
    """The datastore whose verification failed."""
    return (finding.entity.key,) if finding.discriminator.startswith("verif") else ()


def _kills(node: str) -> str:
    return f"kills {node}"


def _named(source: str, name: str) -> str:
    return f"{source}/{name}"


def _source_and_name(key: str) -> tuple[str, str]:
    """`storage:pve/shared/tank` → (`pve`, `tank`)."""
    parts = key.partition(":")[2].split("/")
    return parts[0], parts[-1]


def storages_holding(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The storages on which a guest's disks are."""
    return graph.storages_holding.get(finding.entity.key, ())


def unwell_disks_of_pool(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The disks of a pool that are not online in it, or count errors."""
    return graph.unwell_disks_of_pool.get(finding.entity.key, ())


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


def its_pool(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """A pool by its node and name."""
    node = graph.node_of(finding.entity.key)
    return () if node is None else (_pool(node, finding.entity.key.rpartition("/")[2]),)


def pool_of_storage(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The ZFS pool that a storage lies on."""
    pool = graph.pool_of_storage.get(finding.entity.key)
    return () if pool is None else (pool,)


def space_of_pool(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """What a storage on a ZFS pool has left, on its node: whatever else lies on that pool has the same left."""
    return _space(finding, graph) if finding.entity.key in graph.pool_of_storage else ()


def space_of_directory(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """What a root file system, or a storage that is a directory, uses and has left, on its node."""
    return () if finding.entity.key in graph.pool_of_storage else _space(finding, graph)


def _space(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """`used node:pve/pve1 2310`, within one per cent: figures of the same space are read one after the other, so that
    each falls into two neighbouring steps."""
    node = graph.node_of(finding.entity.key)
    space = graph.space.get(finding.entity.key)
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


def its_server(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The guest or node that serves a storage over the network, or that a watched system is."""
    server = graph.server_of(finding.entity.key)
    return () if server is None else (server,)


def node_of_its_server(finding: Finding, graph: EntityGraph) -> Iterable[str]:
    """The node on which that guest runs; a node itself."""
    server = graph.server_of(finding.entity.key)
    node = None if server is None else graph.node_of(server)
    return () if node is None else (node,)
