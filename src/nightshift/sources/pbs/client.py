"""Proxmox Backup Server: datastores, groups, snapshots, jobs and tasks, read only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from nightshift.errors import SourceFailed, SourceUnsupported, ToolInputError
from nightshift.facts.backup_hosts import BackupHost, HostPool, HostService, PendingUpdate
from nightshift.facts.backups import BackupGroup, BackupSnapshot, BackupType, Datastore, GcStatus
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.sources.connection import Connection
from nightshift.sources.endpoint import MEBIBYTE, Endpoint
from nightshift.sources.pages import Permissions, TaskPage
from nightshift.sources.pbs import host, jobs, parse
from nightshift.sources.pbs.models import (
    DatastoreRow,
    GcRow,
    GroupRow,
    HostStatusWire,
    LogLine,
    NamespaceRow,
    PackageRow,
    PbsAnswer,
    PermissionsWire,
    PruneJobRow,
    ServiceRow,
    SnapshotRow,
    SyncJobRow,
    TaskRow,
    UsageRow,
    VerifyJobRow,
    VersionWire,
    ZfsPoolRow,
)
from nightshift.sources.rows import facts_of
from nightshift.sources.transport import Transport

VERSION: Final = Endpoint("/version", PbsAnswer[VersionWire])
USAGE: Final = Endpoint("/status/datastore-usage", PbsAnswer[list[UsageRow]])
DATASTORES: Final = Endpoint("/admin/datastore", PbsAnswer[list[DatastoreRow]])
NAMESPACES: Final = Endpoint("/admin/datastore/{store}/namespace", PbsAnswer[list[NamespaceRow]])
GROUPS: Final = Endpoint("/admin/datastore/{store}/groups", PbsAnswer[list[GroupRow]])
SNAPSHOTS: Final = Endpoint(
    "/admin/datastore/{store}/snapshots", PbsAnswer[list[SnapshotRow]], 64 * MEBIBYTE, row=SnapshotRow
)
GC: Final = Endpoint("/admin/gc", PbsAnswer[list[GcRow]])
SYNC_JOBS: Final = Endpoint("/admin/sync", PbsAnswer[list[SyncJobRow]])
VERIFY_JOBS: Final = Endpoint("/admin/verify", PbsAnswer[list[VerifyJobRow]])
PRUNE_JOBS: Final = Endpoint("/admin/prune", PbsAnswer[list[PruneJobRow]])
HOST: Final = Endpoint("/nodes/{node}/status", PbsAnswer[HostStatusWire])
ZFS_POOLS: Final = Endpoint("/nodes/{node}/disks/zfs", PbsAnswer[list[ZfsPoolRow]])
SERVICES: Final = Endpoint("/nodes/{node}/services", PbsAnswer[list[ServiceRow]])
UPDATES: Final = Endpoint("/nodes/{node}/apt/update", PbsAnswer[list[PackageRow]])
TASKS: Final = Endpoint("/nodes/{node}/tasks", PbsAnswer[list[TaskRow]])
TASK_LOG: Final = Endpoint("/nodes/{node}/tasks/{upid}/log", PbsAnswer[list[LogLine]])
PERMISSIONS: Final = Endpoint("/access/permissions", PbsAnswer[PermissionsWire])

_NODE: Final = "localhost"
_MAX_NAMESPACE_CHARACTERS: Final = 256


def _utc_now() -> datetime:
    return datetime.now(UTC)


class PbsClient:
    """Every method sends one GET (datastores and long task logs two) and raises a SourceError when it fails.

    A PBS is one node, which its API calls `localhost`. ToolInputError when a datastore or UPID is not one.
    """

    def __init__(
        self,
        connection: Connection,
        transport: Transport | None = None,
        *,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.connection = connection
        self.source = connection.source
        self.transport = transport or Transport(connection)
        self._clock = clock

    async def version(self) -> str:
        """`4.2-2` (PBS API: /version)."""
        data = (await self.transport.get(VERSION)).data
        return f"{data.version}-{data.release}" if data.release else data.version

    async def datastores(self) -> tuple[Datastore, ...]:
        """Usage, estimate and maintenance of each (PBS API: /status/datastore-usage, /admin/datastore).

        Without Datastore.Audit a datastore has neither sizes nor an error.
        """
        usage, listed = await asyncio.gather(self.transport.get(USAGE), self._listed())
        now = self._clock()
        return tuple(parse.datastore(self.source, row, listed.get(row.store), now) for row in usage.data)

    async def _listed(self) -> dict[str, DatastoreRow]:
        try:
            return {row.store: row for row in (await self.transport.get(DATASTORES)).data}
        except SourceUnsupported:  # it adds maintenance and mount state; old servers live without
            return {}

    async def namespaces(self, store: str) -> tuple[str, ...]:
        """All namespaces, the root `""` first (PBS API: /admin/datastore/{store}/namespace).

        The root is there even when the token may not list it: reading it then fails aloud instead of being left out.
        """
        rows = (await self.transport.get(NAMESPACES, store=store)).data
        return ("", *sorted({row.ns for row in rows} - {""}))

    async def groups(self, store: str, namespace: str) -> tuple[BackupGroup, ...]:
        """Groups of one namespace, not of those below it (PBS API: …/groups)."""
        rows = (await self.transport.get(GROUPS, params=_namespace(namespace), store=store)).data
        return await facts_of(rows, partial(parse.group, self.source, store, namespace))

    async def snapshots(
        self,
        store: str,
        namespace: str,
        *,
        backup_type: BackupType | None = None,
        backup_id: str | None = None,
        timeout_s: float | None = None,
    ) -> tuple[BackupSnapshot, ...]:
        """Snapshots of one namespace, not of those below it, or of one group of it. PBS reads every manifest for it:
        costly when all are asked for, and more than the usual time with many thousands: `timeout_s` gives it another
        bound (PBS API: …/snapshots)."""
        params = _namespace(namespace)
        if backup_type is not None:
            params["backup-type"] = backup_type
        if backup_id is not None:
            params["backup-id"] = backup_id
        rows = (await self.transport.get(SNAPSHOTS, params=params, timeout_s=timeout_s, store=store)).data
        return await facts_of(rows, partial(parse.snapshot, self.source, store, namespace))

    async def gc(self) -> tuple[GcStatus, ...]:
        """Garbage collection of every datastore with the result of its last run (PBS API: /admin/gc)."""
        return tuple(parse.gc(self.source, row) for row in (await self.transport.get(GC)).data)

    async def sync_jobs(self) -> tuple[PbsJob, ...]:
        """Pulls and pushes (PBS API: /admin/sync). Jobs with a remote are hidden without Remote.Audit on it.

        Servers before 3.3 only know pulls, and refuse to be asked for more.
        """
        try:
            answer = await self.transport.get(SYNC_JOBS, params={"sync-direction": "all"})
        except SourceFailed as error:
            if not error.rejected:
                raise
            answer = await self.transport.get(SYNC_JOBS)
        return tuple(jobs.sync_job(self.source, row) for row in answer.data)

    async def verify_jobs(self) -> tuple[PbsJob, ...]:
        """PBS API: /admin/verify; Datastore.Audit or Datastore.Verify on the datastore."""
        rows = (await self.transport.get(VERIFY_JOBS)).data
        return tuple(jobs.verify_job(self.source, row) for row in rows)

    async def prune_jobs(self) -> tuple[PbsJob, ...]:
        """PBS API: /admin/prune; Datastore.Audit on the datastore."""
        rows = (await self.transport.get(PRUNE_JOBS)).data
        return tuple(jobs.prune_job(self.source, row) for row in rows)

    async def host(self) -> BackupHost:
        """The server as a host (PBS API: /nodes/localhost/status); Sys.Audit on /system/status."""
        return host.status(self.source, (await self.transport.get(HOST, node=_NODE)).data)

    async def services(self) -> tuple[HostService, ...]:
        """Its services (PBS API: /nodes/localhost/services); Sys.Audit on /system/services."""
        return tuple(host.service(row) for row in (await self.transport.get(SERVICES, node=_NODE)).data)

    async def pools(self) -> tuple[HostPool, ...]:
        """Its ZFS pools (PBS API: /nodes/localhost/disks/zfs); Sys.Audit on /system/disks."""
        return tuple(host.pool(self.source, row) for row in (await self.transport.get(ZFS_POOLS, node=_NODE)).data)

    async def updates(self) -> tuple[PendingUpdate, ...]:
        """Packages of which a newer version is known (PBS API: /nodes/localhost/apt/update); Sys.Audit on /."""
        return tuple(host.update(row) for row in (await self.transport.get(UPDATES, node=_NODE)).data)

    async def tasks(self, *, since: datetime, until: datetime | None = None, limit: int = 500) -> TaskPage:
        """Tasks that began in the window, running ones included (PBS API: /nodes/localhost/tasks).

        One more than `limit` is asked for, to know whether there are more; 0 would mean all of them to PBS.
        """
        params: dict[str, str | int] = {"limit": max(limit, 1) + 1, "since": int(since.timestamp())}
        if until is not None:
            params["until"] = int(until.timestamp())
        rows = (await self.transport.get(TASKS, params=params, node=_NODE)).data
        kept = rows[: max(limit, 1)]
        tasks = await facts_of(kept, partial(parse.task, self.source))
        return TaskPage(tasks, truncated=len(rows) > len(kept))

    async def task_log(self, upid: str, *, limit: int = 2000) -> tuple[str, ...]:
        """The lines of a task's log, the last `limit` of them when it is longer (PBS API: …/tasks/{upid}/log)."""
        page = await self.transport.get(TASK_LOG, params={"start": 0, "limit": limit}, node=_NODE, upid=upid)
        if page.total is not None and page.total > limit:
            tail = {"start": page.total - limit, "limit": limit}
            page = await self.transport.get(TASK_LOG, params=tail, node=_NODE, upid=upid)
        lines = tuple(line.t or "" for line in page.data)
        return () if lines == ("no content",) else lines

    async def permissions(self) -> Permissions:
        """What the token may do, by path (PBS API: /access/permissions). Each listed privilege is granted there."""
        paths = (await self.transport.get(PERMISSIONS)).data
        return {path: frozenset(privileges) for path, privileges in paths.items()}

    async def aclose(self) -> None:
        await self.transport.aclose()


def _namespace(namespace: str) -> dict[str, str | int]:
    """The `ns` parameter; leaving it out means the root, and only the root."""
    if len(namespace) > _MAX_NAMESPACE_CHARACTERS:
        raise ToolInputError("A namespace has at most 256 characters.")
    return {"ns": namespace} if namespace else {}
