"""Every endpoint that this PVE answers, with the permission that it checks."""

from __future__ import annotations

from functools import partial

from nightshift_lab.pve import cluster, guests, nodes, rrd, storages, task_rows
from nightshift_lab.pve.api import Call, Data, Route
from nightshift_lab.pve.permissions import Check

_ROOT = Check("/", ("Sys.Audit",))
_NODE = Check("/nodes/{node}", ("Sys.Audit",))
_GUEST = Check("/vms/{vmid}", ("VM.Audit",))
_AGENT = Check("/vms/{vmid}", ("VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"), any_of=True)
_STORAGE = Check("/storage/{storage}", ("Datastore.Audit", "Datastore.AllocateSpace"), any_of=True)
_LOG = Check("/nodes/{node}", ("Sys.Syslog",))
_TASK_FILTERS = (
    "errors",
    "limit",
    "since",
    "source",
    "start",
    "statusfilter",
    "typefilter",
    "until",
    "userfilter",
    "vmid",
)


def permissions(call: Call) -> Data:
    """What the token has: path -> privilege -> 1 where it is inherited below, too."""
    paths = set(call.token.grants) | {"/", "/vms", "/storage", "/nodes", "/access", "/pool", "/sdn", "/mapping"}
    if "path" in call.query:
        paths = {call.query["path"]}
    granted = {path: dict.fromkeys(sorted(call.token.privileges(path)), 1) for path in sorted(paths)}
    return {path: privileges for path, privileges in granted.items() if privileges}


ROUTES: tuple[Route, ...] = (
    Route("/version", cluster.version),
    Route("/access/permissions", permissions, parameters=("path", "userid")),
    Route("/cluster/status", cluster.status, _ROOT),
    Route("/cluster/resources", cluster.resources, parameters=("type",)),
    Route("/cluster/tasks", cluster.tasks),
    Route("/cluster/backup", cluster.backup_jobs, _ROOT),
    Route("/cluster/backup/{id}", cluster.backup_job, _ROOT),
    Route("/cluster/backup/{id}/included_volumes", cluster.included_volumes, _ROOT),
    Route("/cluster/backup-info/not-backed-up", cluster.not_backed_up, _ROOT),
    Route("/cluster/ha/status/current", cluster.ha_status, _ROOT),
    Route("/cluster/ha/resources", cluster.ha_resources, _ROOT, parameters=("type",)),
    Route("/cluster/replication", cluster.replication),
    Route("/cluster/config/qdevice", cluster.qdevice, _ROOT),
    Route("/storage", storages.storage_config, parameters=("type",)),
    Route("/nodes", nodes.nodes),
    Route("/nodes/{node}/status", nodes.status, _NODE, proxied=True),
    Route("/nodes/{node}/version", nodes.version, proxied=True),
    Route("/nodes/{node}/subscription", nodes.subscription, proxied=True),
    Route("/nodes/{node}/rrddata", rrd.node_rrd, _NODE, ("cf", "timeframe"), ("timeframe",), proxied=True),
    Route(
        "/nodes/{node}/journal",
        nodes.journal,
        _LOG,
        ("endcursor", "lastentries", "since", "startcursor", "until"),
        proxied=True,
    ),
    Route("/nodes/{node}/replication", nodes.replication, parameters=("guest",), proxied=True),
    Route("/nodes/{node}/replication/{id}/status", nodes.replication_status, proxied=True),
    Route("/nodes/{node}/tasks", task_rows.node_tasks, parameters=_TASK_FILTERS, proxied=True),
    Route("/nodes/{node}/tasks/{upid}/status", task_rows.task_status, proxied=True),
    Route(
        "/nodes/{node}/tasks/{upid}/log", task_rows.task_log, parameters=("download", "limit", "start"), proxied=True
    ),
    Route(
        "/nodes/{node}/storage",
        storages.node_storages,
        parameters=("content", "enabled", "format", "storage", "target"),
        proxied=True,
    ),
    Route("/nodes/{node}/storage/{storage}/status", storages.storage_status, _STORAGE, proxied=True),
    Route("/nodes/{node}/storage/{storage}/content", storages.content, _STORAGE, ("content", "vmid"), proxied=True),
    Route(
        "/nodes/{node}/storage/{storage}/rrddata",
        rrd.storage_rrd,
        _STORAGE,
        ("cf", "timeframe"),
        ("timeframe",),
        proxied=True,
    ),
    Route("/nodes/{node}/qemu", guests.qemu_list, parameters=("full",), proxied=True),
    Route("/nodes/{node}/lxc", guests.lxc_list, proxied=True),
    Route("/nodes/{node}/qemu/{vmid}/config", guests.qemu_config, _GUEST, ("current", "snapshot"), proxied=True),
    Route("/nodes/{node}/lxc/{vmid}/config", guests.lxc_config, _GUEST, ("current", "snapshot"), proxied=True),
    Route("/nodes/{node}/qemu/{vmid}/status/current", guests.qemu_current, _GUEST, proxied=True),
    Route("/nodes/{node}/lxc/{vmid}/status/current", guests.lxc_current, _GUEST, proxied=True),
    Route("/nodes/{node}/qemu/{vmid}/agent/get-fsinfo", guests.file_systems, _AGENT, proxied=True),
    Route("/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces", guests.interfaces, _AGENT, proxied=True),
    Route("/nodes/{node}/qemu/{vmid}/snapshot", partial(guests.snapshots, kind="qemu"), _GUEST, proxied=True),
    Route("/nodes/{node}/lxc/{vmid}/snapshot", partial(guests.snapshots, kind="lxc"), _GUEST, proxied=True),
    Route(
        "/nodes/{node}/qemu/{vmid}/rrddata",
        partial(rrd.guest_rrd, kind="qemu"),
        _GUEST,
        ("cf", "timeframe"),
        ("timeframe",),
        proxied=True,
    ),
    Route(
        "/nodes/{node}/lxc/{vmid}/rrddata",
        partial(rrd.guest_rrd, kind="lxc"),
        _GUEST,
        ("cf", "timeframe"),
        ("timeframe",),
        proxied=True,
    ),
)
