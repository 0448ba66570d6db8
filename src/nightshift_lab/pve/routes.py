"""Every endpoint that this PVE answers, with the permission that it checks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from nightshift_lab.pve import (
    agent,
    backup_jobs,
    ceph,
    cluster,
    guests,
    ha,
    hardware,
    logs,
    nodes,
    replication,
    resources,
    rrd,
    software,
    storages,
    task_rows,
)
from nightshift_lab.pve.api import Call, Data, Route
from nightshift_lab.pve.permissions import Check

_ROOT = Check("/", ("Sys.Audit",))
_CEPH = Check("/", ("Sys.Audit", "Datastore.Audit"), any_of=True)
_PCI = Check("/", ("Sys.Audit", "Sys.Modify"), any_of=True)
_NODE = Check("/nodes/{node}", ("Sys.Audit",))
_MODIFY = Check("/nodes/{node}", ("Sys.Modify",))
_GUEST = Check("/vms/{vmid}", ("VM.Audit",))
_AGENT = Check(
    "/vms/{vmid}", ("VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"), any_of=True, until_8=("VM.Monitor",)
)
_STORAGE = Check("/storage/{storage}", ("Datastore.Audit", "Datastore.AllocateSpace"), any_of=True)
_LOG = Check("/nodes/{node}", ("Sys.Syslog",))
_PAGE = ("limit", "start")
_FRAME = ("cf", "timeframe")
_JOURNAL = ("endcursor", "lastentries", "since", "startcursor", "until")
_TASKS = (*_PAGE, "errors", "since", "source", "statusfilter", "typefilter", "until", "userfilter", "vmid")
_STORAGES = ("content", "enabled", "format", "storage", "target")
_METRICS = ("history", "local-only", "node-list", "start-time")


def permissions(call: Call) -> Data:
    """What the token has: path -> privilege -> 1 where it is inherited below, too."""
    paths = set(call.token.grants) | {"/", "/vms", "/storage", "/nodes", "/access", "/pool", "/sdn", "/mapping"}
    if "path" in call.query:
        paths = {call.query["path"]}
    granted = {path: dict.fromkeys(sorted(call.token.privileges(path)), 1) for path in sorted(paths)}
    return {path: privileges for path, privileges in granted.items() if privileges}


_OF_CLUSTER: tuple[Route, ...] = (
    Route("/version", cluster.version),
    Route("/access/permissions", permissions, parameters=("path", "userid")),
    Route("/access/users/{userid}/token", cluster.tokens),
    Route("/pools", cluster.pools, parameters=("poolid", "type")),
    Route("/cluster/status", cluster.status, _ROOT),
    Route("/cluster/resources", resources.resources, parameters=("type",), kept=True),
    Route("/cluster/tasks", cluster.tasks),
    Route("/cluster/log", cluster.log, parameters=("max",)),
    Route("/cluster/options", cluster.options),
    Route("/cluster/metrics/export", cluster.metrics, _ROOT, _METRICS),
    Route("/cluster/ceph/status", ceph.ceph_status, _CEPH),
    Route("/cluster/backup", backup_jobs.backup_jobs, _ROOT),
    Route("/cluster/backup/{id}", backup_jobs.backup_job, _ROOT),
    Route("/cluster/backup/{id}/included_volumes", backup_jobs.included_volumes, _ROOT),
    Route("/cluster/backup-info/not-backed-up", backup_jobs.not_backed_up, _ROOT),
    Route("/cluster/ha/status/current", ha.current, _ROOT),
    Route("/cluster/ha/resources", ha.resources, _ROOT, ("type",)),
    Route("/cluster/ha/groups", ha.groups, _ROOT),
    Route("/cluster/ha/rules", ha.rules, _ROOT),
    Route("/cluster/replication", replication.jobs),
    Route("/cluster/config/qdevice", cluster.qdevice, _ROOT),
    Route("/cluster/config/nodes", cluster.members, _ROOT),
    Route("/cluster/config/totem", cluster.totem, _ROOT),
    Route("/storage", storages.storage_config, parameters=("type",)),
    Route("/nodes", resources.nodes, kept=True),
)

_OF_NODE: tuple[Route, ...] = (
    Route("/status", nodes.status, _NODE),
    Route("/version", nodes.version),
    Route("/time", software.clock, _NODE),
    Route("/subscription", software.subscription),
    Route("/rrddata", rrd.node_rrd, _NODE, _FRAME, ("timeframe",)),
    Route("/journal", logs.journal, _LOG, _JOURNAL),
    Route("/syslog", logs.syslog, _LOG, (*_PAGE, "service", "since", "until")),
    Route("/network", hardware.network, parameters=("type",)),
    Route("/disks/list", hardware.disks, _NODE, ("include-partitions", "skipsmart", "type")),
    Route("/disks/smart", hardware.smart, _ROOT, ("disk", "healthonly"), ("disk",)),
    Route("/disks/zfs", hardware.zfs_pools, _ROOT),
    Route("/disks/zfs/{name}", hardware.zfs_pool, _ROOT),
    Route("/disks/lvm", hardware.volume_groups, _ROOT),
    Route("/disks/lvmthin", hardware.thin_pools, _ROOT),
    Route("/hardware/pci", hardware.pci_devices, _PCI, ("pci-class-blacklist", "verbose")),
    Route("/apt/update", software.updates, _MODIFY),
    Route("/apt/versions", software.versions, _NODE),
    Route("/apt/repositories", software.repositories, _NODE),
    Route("/services", software.services, _NODE),
    Route("/services/{service}/state", software.service, _NODE),
    Route("/certificates/info", software.certificates),
    Route("/ceph/status", ceph.ceph_status, _CEPH),
    Route("/replication", replication.of_node, parameters=("guest",)),
    Route("/replication/{id}/status", replication.status),
    Route("/replication/{id}/log", replication.log, parameters=_PAGE),
    Route("/tasks", task_rows.node_tasks, parameters=_TASKS),
    Route("/tasks/{upid}/status", task_rows.task_status),
    Route("/tasks/{upid}/log", task_rows.task_log, parameters=("download", *_PAGE)),
    Route("/storage", storages.node_storages, parameters=_STORAGES),
    Route("/storage/{storage}/status", storages.storage_status, _STORAGE),
    Route("/storage/{storage}/content", storages.content, _STORAGE, ("content", "vmid")),
    Route("/storage/{storage}/content/{volume}", storages.volume),
    Route("/storage/{storage}/prunebackups", storages.prunable, _STORAGE, ("prune-backups", "type", "vmid")),
    Route("/storage/{storage}/rrddata", rrd.storage_rrd, _STORAGE, _FRAME, ("timeframe",)),
    Route("/qemu", guests.qemu_list, parameters=("full",), kept=True),
    Route("/lxc", guests.lxc_list, kept=True),
    Route("/qemu/{vmid}/config", guests.qemu_config, _GUEST, ("current", "snapshot")),
    Route("/lxc/{vmid}/config", guests.lxc_config, _GUEST, ("current", "snapshot")),
    Route("/qemu/{vmid}/pending", guests.pending, _GUEST),
    Route("/qemu/{vmid}/status/current", guests.qemu_current, _GUEST),
    Route("/lxc/{vmid}/status/current", guests.lxc_current, _GUEST),
    Route("/lxc/{vmid}/interfaces", guests.lxc_interfaces, _GUEST),
    Route("/qemu/{vmid}/agent/get-fsinfo", agent.file_systems, _AGENT),
    Route("/qemu/{vmid}/agent/get-osinfo", agent.operating_system, _AGENT),
    Route("/qemu/{vmid}/agent/network-get-interfaces", agent.interfaces, _AGENT),
    Route("/qemu/{vmid}/snapshot", partial(guests.snapshots, kind="qemu"), _GUEST),
    Route("/lxc/{vmid}/snapshot", partial(guests.snapshots, kind="lxc"), _GUEST),
    Route("/qemu/{vmid}/rrddata", partial(rrd.guest_rrd, kind="qemu"), _GUEST, _FRAME, ("timeframe",)),
    Route("/lxc/{vmid}/rrddata", partial(rrd.guest_rrd, kind="lxc"), _GUEST, _FRAME, ("timeframe",)),
)  # fmt: skip

ROUTES: tuple[Route, ...] = (*_OF_CLUSTER, *(route.of_node() for route in _OF_NODE))


def routed(segments: tuple[str, ...]) -> tuple[Route, Mapping[str, str]] | None:
    """The route of a path and the values of its {parameters}; None when there is none."""
    for route in ROUTES:
        values = route.match(segments)
        if values is not None:
            return route, values
    return None
