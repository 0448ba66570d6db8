"""Every endpoint that this backup server answers, with the privilege that it checks by itself."""

from __future__ import annotations

from nightshift_lab.pbs import contents, datastores, hardware, jobs, node, task_rows
from nightshift_lab.pbs.api import Call, Data, Route

_AUDIT = ("/system/status", "Sys.Audit")
_DISKS = ("/system/disks", "Sys.Audit")
_LOG = ("/system/log", "Sys.Audit")
_APT = ("/", "Sys.Audit")
_STORE = ("/datastore/{store}", "Datastore.Audit")
_PAGE = ("limit", "start")
_FRAME = ("cf", "timeframe")
_ONE = ("backup-id", "backup-time", "backup-type", "ns")
_TASKS = (*_PAGE, "errors", "running", "since", "statusfilter", "store", "typefilter", "until", "userfilter")


def permissions(call: Call) -> Data:
    """path -> privilege -> true where it is inherited below, too."""
    paths = {call.query["path"]} if "path" in call.query else set(call.token.grants)
    granted = {path: dict.fromkeys(sorted(call.token.privileges(path)), True) for path in sorted(paths)}
    return {path: privileges for path, privileges in granted.items() if privileges}


_STORES: tuple[Route, ...] = (
    Route("/admin/datastore", datastores.datastores),
    Route("/admin/datastore/{store}/status", datastores.status, parameters=("verbose",)),
    Route("/admin/datastore/{store}/namespace", datastores.namespaces, parameters=("max-depth", "parent")),
    Route("/admin/datastore/{store}/groups", contents.groups, parameters=("ns",), kept=True),
    Route(
        "/admin/datastore/{store}/snapshots", contents.snapshots, None, ("backup-id", "backup-type", "ns"), kept=True
    ),
    Route("/admin/datastore/{store}/notes", contents.notes, parameters=_ONE),
    Route("/admin/datastore/{store}/group-notes", contents.group_notes, parameters=_ONE),
    Route("/admin/datastore/{store}/protected", contents.protected, parameters=_ONE),
    Route("/admin/datastore/{store}/gc", jobs.gc_of_datastore, _STORE),
    Route("/admin/datastore/{store}/rrd", node.datastore_rrd, _STORE, _FRAME),
    Route("/admin/datastore/{store}/active-operations", datastores.active_operations, _STORE),
    Route("/status/datastore-usage", datastores.usage),
)

_JOBS: tuple[Route, ...] = (
    Route("/admin/gc", jobs.gc_all),
    Route("/admin/gc/{store}", jobs.gc_list_of_datastore, _STORE),
    Route("/admin/prune", jobs.prune_jobs, parameters=("store",)),
    Route("/admin/verify", jobs.verify_jobs, parameters=("store",)),
    Route("/admin/sync", jobs.sync_jobs, parameters=("store", "sync-direction")),
    Route("/admin/traffic-control", jobs.none, _APT),
    Route("/config/datastore", datastores.configurations),
    Route("/config/datastore/{name}", datastores.configuration, ("/datastore/{name}", "Datastore.Audit")),
    Route("/config/prune", jobs.prune_configs),
    Route("/config/verify", jobs.verify_configs),
    Route("/config/sync", jobs.sync_configs, parameters=("sync-direction",)),
    Route("/config/remote", jobs.remotes),
    Route("/tape/backup", jobs.none),
    Route("/tape/media/list", jobs.none, parameters=("pool", "update-status", "update-status-changer")),
)

_HOST: tuple[Route, ...] = (
    Route("/nodes", node.nodes),
    Route("/nodes/{node}/status", node.status, _AUDIT),
    Route("/nodes/{node}/rrd", node.host_rrd, _AUDIT, _FRAME),
    Route("/nodes/{node}/subscription", node.subscription),
    Route("/nodes/{node}/identity", node.identity),
    Route("/nodes/{node}/services", node.services, ("/system/services", "Sys.Audit")),
    Route("/nodes/{node}/apt/update", node.updates, _APT),
    Route("/nodes/{node}/apt/versions", node.versions, _APT),
    Route("/nodes/{node}/certificates/info", node.certificates, ("/system/certificates", "Sys.Modify")),
    Route("/nodes/{node}/journal", node.journal, _LOG, ("endcursor", "lastentries", "since", "startcursor", "until")),
    Route("/nodes/{node}/syslog", node.syslog, _LOG, (*_PAGE, "service", "since", "until")),
    Route("/nodes/{node}/disks/list", hardware.disks, _DISKS, ("include-partitions", "skipsmart", "usage-type")),
    Route("/nodes/{node}/disks/smart", hardware.smart, _DISKS, ("disk", "healthonly")),
    Route("/nodes/{node}/disks/zfs", hardware.zfs_pools, _DISKS),
    Route("/nodes/{node}/disks/zfs/{name}", hardware.zfs_pool, _DISKS),
    Route("/nodes/{node}/disks/directory", hardware.directories, _DISKS),
    Route("/nodes/{node}/tasks", task_rows.tasks, parameters=_TASKS),
    Route("/nodes/{node}/tasks/{upid}/status", task_rows.task_status),
    Route("/nodes/{node}/tasks/{upid}/log", task_rows.task_log, None, (*_PAGE, "download", "test-status")),
)

ROUTES: tuple[Route, ...] = (
    Route("/version", datastores.version),
    Route("/ping", lambda _: {"pong": True}),
    Route("/access/permissions", permissions, parameters=("auth-id", "path")),
    *_STORES,
    *_JOBS,
    *_HOST,
)
