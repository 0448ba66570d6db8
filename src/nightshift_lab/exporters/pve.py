"""What prometheus-pve-exporter says of the cluster, reckoned from the world, for the time before it ran.

Live samples come from the real exporter, which asks the lab's PVE. The back-filled history has to carry the very same
label sets; a test compares the two. What `DROPPED_STATES` and `DROPPED_METRICS` name is dropped by Prometheus at the
scrape, as many do to keep the number of series down.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nightshift_lab.exporters.exposition import Family, Figures, single
from nightshift_lab.pve.api import STATISTICS_EVERY_S
from nightshift_lab.pve.cluster import CONNECTED, qdevice_says
from nightshift_lab.world.backups import night_of, runs_of_night, vmids_of
from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults import Flags
from nightshift_lab.world.nouns import Guest, Node, Storage
from nightshift_lab.world.replications import standing
from nightshift_lab.world.world import World

JOB = "pve"
INSTANCE = "pve1"

# States that nothing here is ever in, by metric.
DROPPED_STATES = {
    "pve_ha_state": (
        "request_stop",
        "request_start",
        "request_start_balance",
        "recovery",
        "stopped",
        "gone",
        "migrate",
        "relocate",
        "freeze",
        "unknown",
    ),
    "pve_lock_state": (
        "clone",
        "create",
        "migrate",
        "rollback",
        "snapshot",
        "snapshot-delete",
        "suspended",
        "suspending",
    ),
    "pve_subscription_status": ("new", "invalid", "suspended"),
}
DROPPED_METRICS = (
    "pve_network_transmit_bytes",
    "pve_network_receive_bytes",
    "pve_disk_write_bytes",
    "pve_disk_read_bytes",
)
_SUBSCRIPTION_STATES = ("notfound", "active", "expired")
_HA_STATES = {
    "guest": ("started", "fence", "error"),
    "node": ("online", "maintenance", "fence"),
}
_GAUGES = {
    "pve_disk_size_bytes": "Storage size in bytes.",
    "pve_disk_usage_bytes": "Used disk space in bytes.",
    "pve_memory_size_bytes": "Number of available memory in bytes.",
    "pve_memory_usage_bytes": "Used memory in bytes.",
    "pve_cpu_usage_ratio": "CPU utilization.",
    "pve_cpu_usage_limit": "Number of available CPUs.",
    "pve_uptime_seconds": "Uptime of node or virtual guest in seconds.",
    "pve_storage_shared": "Whether or not the storage is shared among cluster nodes.",
    "pve_up": "Node/VM/CT-Status is online/running.",
    "pve_ha_state": "HA service status (for HA managed VMs).",
    "pve_lock_state": "The guest's current config lock.",
    "pve_guest_info": "VM/CT info",
    "pve_storage_info": "Storage info",
    "pve_node_info": "Node info",
    "pve_onboot_status": "Proxmox vm config onboot value",
    "pve_not_backed_up_info": "Present if guest is not covered by any backup job.",
    "pve_subscription_status": "Proxmox VE subscription status (1 if matches status)",
}
_COUNTERS = {
    "pve_network_receive_bytes_total": "netin",
    "pve_network_transmit_bytes_total": "netout",
    "pve_disk_read_bytes_total": "diskread",
    "pve_disk_written_bytes_total": "diskwrite",
}
_QDEVICE_LABELS = {"Algorithm": "algorithm", "Model": "model", "QNetd host": "qnetd_host", "State": "state"}
# A storage that a guest serves is reachable only while that guest runs.
_SERVED_BY = {"nfs": "guest/103"}


class _Families(dict[str, Family]):
    def __missing__(self, name: str) -> Family:
        self[name] = Family(name, "counter" if name in _COUNTERS else "gauge", _GAUGES.get(name, ""))
        return self[name]


def pve_families(figures: Figures) -> list[Family]:
    """All families of one scrape of the whole cluster, asked through the node pve1."""
    families = _Families()
    cluster = figures.world.cluster
    # PVE tells how things are at once, but their figures only as its statistics daemon last took them.
    statistics = figures.as_of(STATISTICS_EVERY_S)
    for node in cluster.nodes:
        _node(families, figures, statistics, node)
    for guest in cluster.guests:
        _guest(families, figures, statistics, guest)
    for storage in cluster.storages:
        for name in storage.nodes:
            _storage(families, figures, statistics, storage, name)
    _backups(families, figures)
    _replications(families, figures)
    return [*families.values(), *_cluster(figures)]


def _external_vote(cluster: str, states: NDArray[np.object_], one: Times) -> list[Family]:
    """The cluster's external vote in each of its states; nothing where there is none."""
    known = sorted(set(states) - {""})
    if not known:
        return []
    info = Family("pve_qdevice_info", "gauge", "Proxmox VE QDevice info (1 if configured)")
    for state in known:
        said = {key: value for key, value in qdevice_says(state).items() if key in _QDEVICE_LABELS}
        info.add(
            _where(states == state, one), id=cluster, **{_QDEVICE_LABELS[key]: value for key, value in said.items()}
        )
    connected = _where(states != "", (states == CONNECTED).astype(np.float64))
    help_text = "Proxmox VE QDevice is connected (1) or not (0)"
    return [single("pve_qdevice_up", "gauge", help_text, connected, id=cluster), info]


def _cluster(figures: Figures) -> list[Family]:
    cluster, one = figures.world.cluster, figures.constant(1)
    external = figures.world.conditions("cluster", "external_vote", figures.times, "")
    votes = np.sum([figures.up(f"node/{node.name}") for node in cluster.nodes], axis=0) + (external == CONNECTED)
    quorate = votes * 2 > len(cluster.nodes) + (external != "")
    info = Family("pve_cluster_info", "gauge", "Cluster info")
    for value in (1, 0):
        info.add(
            _where(quorate == bool(value), one),
            id=f"cluster/{cluster.name}",
            nodes=str(len(cluster.nodes)),
            quorate=str(value),
            version="7",
        )
    return [
        single("pve_up", "gauge", "", quorate.astype(np.float64), id=f"cluster/{cluster.name}"),
        info,
        *_external_vote(f"cluster/{cluster.name}", external, one),
        single(
            "pve_version_info",
            "gauge",
            "Proxmox VE version info",
            one,
            release=cluster.pve_version.rpartition(".")[0],
            repoid=cluster.pve_repoid,
            version=cluster.pve_version,
        ),
        single(
            "pve_subscription_info",
            "gauge",
            "Proxmox VE subscription info (1 if present)",
            one,
            id=f"node/{INSTANCE}",
            level="unknown",
        ),
        *(
            single(
                "pve_subscription_status",
                "gauge",
                "",
                figures.constant(status == "notfound"),
                id=f"node/{INSTANCE}",
                status=status,
            )
            for status in _SUBSCRIPTION_STATES
        ),
    ]


def _node(families: _Families, figures: Figures, statistics: Figures, node: Node) -> None:
    entity, key = f"node/{node.name}", f"node/{node.name}"
    up = figures.up(entity) > 0
    families["pve_up"].add(up.astype(np.float64), id=key)
    families["pve_node_info"].add(figures.constant(1), id=key, level="", name=node.name, nodeid=str(node.node_id))
    for state in _HA_STATES["node"]:
        families["pve_ha_state"].add(figures.constant(0), id=key, state=state)
    values = {
        "pve_cpu_usage_ratio": np.round(statistics.of(entity, "cpu_fraction"), 12),
        "pve_cpu_usage_limit": figures.constant(node.cores),
        "pve_memory_usage_bytes": _whole(statistics.of(entity, "mem_used_bytes")),
        "pve_memory_size_bytes": figures.constant(node.memory_bytes),
        "pve_disk_usage_bytes": _whole(statistics.of(f"fs/{entity}//", "used_bytes")),
        "pve_disk_size_bytes": _whole(statistics.of(f"fs/{entity}//", "size_bytes")),
        "pve_uptime_seconds": np.floor(figures.of(entity, "uptime_s")),
    }
    fresh = up & figures.when(entity, "statistics", "fresh", "fresh")
    for name, series in values.items():
        families[name].add(_where(fresh, series), id=key)


def _guest(families: _Families, figures: Figures, statistics: Figures, guest: Guest) -> None:
    """A guest whose node is down has no name and no figures; one that is off has zeros."""
    entity, key = f"guest/{guest.vmid}", f"{guest.kind}/{guest.vmid}"
    on = _placed(figures, guest)
    known: Flags = np.any([there & _fresh(figures, node) for node, there in on.items()], axis=0)
    running = known & (figures.up(entity) > 0)
    moves = figures.when(entity, "qmpstatus", guest.qmp_status, guest.qmp_status)
    families["pve_up"].add((running & moves).astype(np.float64), id=key)
    told = {"name": guest.name, "template": str(int(guest.template)), "tags": ";".join(guest.tags)}
    for node, there in on.items():
        info = {"id": key, "node": node, "type": guest.kind}
        families["pve_guest_info"].add(_where(known & there, figures.constant(1)), **info, **told)
        if not known.all():
            nameless = {**info, "name": "", "template": "", "tags": ""}
            families["pve_guest_info"].add(_where(~known & there, figures.constant(1)), **nameless)
    for state in _HA_STATES["guest"]:
        managed = known & guest.ha & figures.when(entity, "ha_state", state, "started")
        families["pve_ha_state"].add(managed.astype(np.float64), id=key, state=state)
    locked = (_in_backup(figures, guest) | figures.when(entity, "lock", "backup", guest.lock)) & known
    families["pve_lock_state"].add(locked.astype(np.float64), id=key, state="backup")
    root = guest.disks[0]
    used = statistics.of(f"fs/{entity}/{root.mountpoint}", "used_bytes") if guest.kind == "lxc" else figures.constant(0)
    values: dict[str, Times] = {
        "pve_cpu_usage_ratio": np.nan_to_num(np.minimum(statistics.of(entity, "cpu_fraction"), 1.0)).round(12),
        "pve_memory_usage_bytes": _whole(statistics.of(entity, "mem_used_bytes")),
        "pve_disk_usage_bytes": _whole(used),
        "pve_uptime_seconds": np.floor(figures.of(entity, "uptime_s")),
        **{name: _whole(statistics.of(entity, quantity)) for name, quantity in _COUNTERS.items()},
    }
    sizes = {
        "pve_cpu_usage_limit": guest.cores,
        "pve_memory_size_bytes": guest.memory_bytes,
        "pve_disk_size_bytes": root.size_bytes,
    }
    for name, series in values.items():
        families[name].add(_where(known, np.where(running, series, 0.0)), id=key)
    for name, size in sizes.items():
        families[name].add(_where(known, figures.constant(size)), id=key)
    if INSTANCE in on:
        onboot = _where(on[INSTANCE], figures.constant(guest.onboot))
        families["pve_onboot_status"].add(onboot, id=key, node=INSTANCE, type=guest.kind)


def _placed(figures: Figures, guest: Guest) -> dict[str, Flags]:
    """The nodes that the guest is on in that time, and when."""
    nodes = figures.world.conditions(f"guest/{guest.vmid}", "node", figures.times, guest.node)
    return {node: np.array(nodes == node, dtype=np.bool_) for node in dict.fromkeys(nodes.tolist())}


def _fresh(figures: Figures, node: str) -> Flags:
    """When the cluster has news of a node and what is on it."""
    host = f"node/{node}"
    fresh: Flags = (figures.up(host) > 0) & figures.when(host, "statistics", "fresh", "fresh")
    return fresh


def _storage(families: _Families, figures: Figures, statistics: Figures, storage: Storage, node: str) -> None:
    key = f"storage/{node}/{storage.name}"
    host = f"node/{node}"
    reachable: Flags = (figures.up(host) > 0) & figures.when(host, "statistics", "fresh", "fresh")
    reachable &= figures.when(key, "active", True, base=True)
    if storage.datastore is not None:
        reachable &= figures.when("/".join(("datastore", *storage.datastore)), "error", "", "")
    served_by = _server_of(figures.world, storage)
    if served_by is not None:
        reachable = reachable & (figures.up(served_by) > 0)
    families["pve_up"].add(reachable.astype(np.float64), id=key)
    families["pve_storage_shared"].add(figures.constant(storage.shared), id=key)
    families["pve_storage_info"].add(
        figures.constant(1),
        id=key,
        node=node,
        storage=storage.name,
        plugintype=storage.kind,
        content=",".join(sorted(storage.content)),
    )
    families["pve_disk_usage_bytes"].add(_where(reachable, _whole(statistics.of(key, "used_bytes"))), id=key)
    families["pve_disk_size_bytes"].add(_where(reachable, _whole(statistics.of(key, "total_bytes"))), id=key)


def _server_of(world: World, storage: Storage) -> str | None:
    if storage.datastore is None:
        return _SERVED_BY.get(storage.kind)
    server = next(server for server in world.servers if server.name == storage.datastore[0])
    return None if server.vmid is None else f"guest/{server.vmid}"


def _backups(families: _Families, figures: Figures) -> None:
    world = figures.world
    uncovered = {guest: _uncovered(figures, guest.vmid) for guest in world.cluster.guests}
    total = sum(uncovered.values(), np.zeros_like(figures.times))
    families["pve_not_backed_up_total"].add(total, id=f"cluster/{world.cluster.name}")
    for guest, at in uncovered.items():
        if at.any():
            families["pve_not_backed_up_info"].add(_where(at > 0, at), id=f"{guest.kind}/{guest.vmid}")


def _uncovered(figures: Figures, vmid: int) -> Times:
    """1 at the times when no job names the guest; it changes only where a fault comes or goes."""
    world, jobs = figures.world, figures.world.cluster.backup_jobs

    def at(t: float) -> float:
        return float(all(vmid not in vmids_of(world, job, t) for job in jobs))

    if not world.faults:
        return figures.constant(at(world.started_at))
    return np.array([at(t) for t in figures.times.tolist()])


def _replications(families: _Families, figures: Figures) -> None:
    world = figures.world
    for job in world.cluster.replications:
        if job.source != INSTANCE:
            continue
        told = [standing(world, job, at) for at in figures.times.tolist()]
        guest = world.cluster.guest(job.vmid)
        families["pve_replication_info"].add(
            figures.constant(1),
            id=job.id,
            type="local",
            source=f"node/{job.source}",
            target=f"node/{job.target}",
            guest=f"{guest.kind}/{guest.vmid}",
        )
        values = {
            "duration_seconds": np.array([one.duration_s for one in told]),
            "last_sync_timestamp_seconds": np.floor([one.last_sync_at for one in told]),
            "last_try_timestamp_seconds": np.floor([one.last_try_at for one in told]),
            "next_sync_timestamp_seconds": np.floor([one.next_at for one in told]),
            "failed_syncs": np.array([float(one.failures) for one in told]),
        }
        for name, series in values.items():
            families[f"pve_replication_{name}"].add(series, id=job.id)


def _in_backup(figures: Figures, guest: Guest) -> Flags:
    """Whether a backup holds the guest's lock, at each time."""
    locked = np.zeros_like(figures.times, dtype=np.bool_)
    for run in _runs(figures):
        if run[0] == guest.vmid:
            locked |= (figures.times >= run[1]) & (figures.times < run[2])
    return locked


def _runs(figures: Figures) -> Iterable[tuple[int, float, float]]:
    if figures.times.size == 0:
        return
    first, last = night_of(figures.world, float(figures.times[0])), night_of(figures.world, float(figures.times[-1]))
    for night in range(first, last + 1):
        for run in runs_of_night(figures.world, night):
            yield run.guest.vmid, run.started_at, run.ended_at


def _where(condition: Flags, values: Times) -> Times:
    return np.where(condition, values, np.nan)


def _whole(values: Times) -> Times:
    """PVE gives integers, and 0 where it knows nothing."""
    return np.where(np.isnan(values), 0.0, np.floor(values))
