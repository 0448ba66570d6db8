"""Proxmox VE: one cluster or stand-alone host, read only."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from nightshift.errors import SourceFailed
from nightshift.facts.backup_runs import JobVolumes, PveArchive
from nightshift.facts.guest_items import GuestFileSystems, GuestSnapshots, GuestTasks
from nightshift.facts.inventory import BackupJob, Guest, GuestConfig, NotBackedUp, Storage, StorageConfig
from nightshift.facts.volumes import Volume
from nightshift.sources.connection import Connection
from nightshift.sources.endpoint import MEBIBYTE, Endpoint
from nightshift.sources.pages import Permissions, TaskPage
from nightshift.sources.proxmox import backups, configs, parse
from nightshift.sources.proxmox.answers import ClusterStatus, NodeStatus, Resources
from nightshift.sources.proxmox.cluster_reads import ClusterReads
from nightshift.sources.proxmox.guest_items import file_systems, snapshots
from nightshift.sources.proxmox.hardware import PveHardware
from nightshift.sources.proxmox.models import (
    BackupJobRow,
    ClusterStatusRow,
    ContentRow,
    FileSystemsWire,
    GuestConfigWire,
    GuestCurrentWire,
    IncludedVolumesWire,
    LogLine,
    NodeStatusWire,
    NotBackedUpRow,
    PermissionsWire,
    PveAnswer,
    ResourceRow,
    SnapshotRow,
    StorageConfigRow,
    StorageStatusWire,
    TaskRow,
    VersionWire,
)
from nightshift.sources.proxmox.node_reads import NodeReads
from nightshift.sources.rows import facts_of, made_of
from nightshift.sources.transport import Transport

VERSION: Final = Endpoint("/version", PveAnswer[VersionWire])
CLUSTER_STATUS: Final = Endpoint("/cluster/status", PveAnswer[list[ClusterStatusRow]])
RESOURCES: Final = Endpoint("/cluster/resources", PveAnswer[list[ResourceRow]], 32 * MEBIBYTE)
NODE_STATUS: Final = Endpoint("/nodes/{node}/status", PveAnswer[NodeStatusWire])
TASKS: Final = Endpoint("/nodes/{node}/tasks", PveAnswer[list[TaskRow]])
TASK_LOG: Final = Endpoint("/nodes/{node}/tasks/{upid}/log", PveAnswer[list[LogLine]])
BACKUP_JOBS: Final = Endpoint("/cluster/backup", PveAnswer[list[BackupJobRow]])
NOT_BACKED_UP: Final = Endpoint("/cluster/backup-info/not-backed-up", PveAnswer[list[NotBackedUpRow]])
GUEST_CONFIG: Final = Endpoint("/nodes/{node}/{kind}/{vmid}/config", PveAnswer[GuestConfigWire])
GUEST_CURRENT: Final = Endpoint("/nodes/{node}/{kind}/{vmid}/status/current", PveAnswer[GuestCurrentWire])
GUEST_SNAPSHOTS: Final = Endpoint("/nodes/{node}/{kind}/{vmid}/snapshot", PveAnswer[list[SnapshotRow]])
AGENT_FILE_SYSTEMS: Final = Endpoint("/nodes/{node}/qemu/{vmid}/agent/get-fsinfo", PveAnswer[FileSystemsWire])
STORAGE_STATUS: Final = Endpoint("/nodes/{node}/storage/{storage}/status", PveAnswer[StorageStatusWire])
STORAGE_CONFIGS: Final = Endpoint("/storage", PveAnswer[list[StorageConfigRow]])
STORAGE_CONTENT: Final = Endpoint("/nodes/{node}/storage/{storage}/content", PveAnswer[list[ContentRow]], 32 * MEBIBYTE)
INCLUDED_VOLUMES: Final = Endpoint(
    "/cluster/backup/{job}/included_volumes", PveAnswer[IncludedVolumesWire], 32 * MEBIBYTE
)
PERMISSIONS: Final = Endpoint("/access/permissions", PveAnswer[PermissionsWire])

AGENT_TIMEOUT_S: Final = 5.0
"""PVE itself waits 3 seconds for an agent before it calls it dead."""


class ProxmoxClient(ClusterReads, NodeReads):
    """Every method sends one GET (a long task log two) and raises a SourceError when it fails.

    ToolInputError when a node, storage or UPID is not one: those may come from a question.
    """

    def __init__(self, connection: Connection, transport: Transport | None = None) -> None:
        self.connection = connection
        self.source = connection.source
        self.transport = transport or Transport(connection)
        self.hardware = PveHardware(self.source, self.transport)

    async def version(self) -> str:
        """`9.1-1` (PVE API: /version)."""
        return (await self.transport.get(VERSION)).data.version

    async def cluster_status(self) -> ClusterStatus:
        """Quorum and members (PVE API: /cluster/status; Sys.Audit on /)."""
        return parse.cluster_status(self.source, (await self.transport.get(CLUSTER_STATUS)).data)

    async def resources(self) -> Resources:
        """Nodes, guests and storages with their figures (PVE API: /cluster/resources).

        The token sees only what it may audit: an empty list can mean a missing privilege.
        """
        rows = (await self.transport.get(RESOURCES)).data
        return await made_of(rows, partial(parse.resources, self.source))

    async def node_status(self, node: str) -> NodeStatus:
        """PVE API: /nodes/{node}/status; Sys.Audit on /nodes/{node}."""
        return parse.node_status((await self.transport.get(NODE_STATUS, node=node)).data)

    async def tasks(
        self,
        node: str,
        *,
        since: datetime,
        until: datetime | None = None,
        limit: int = 500,
        kind: str | None = None,
    ) -> TaskPage:
        """Tasks that began in the window, running ones included (PVE API: /nodes/{node}/tasks?source=all); with
        `kind` (`vzdump`, `qmrestore`) only those of that type.

        One more than `limit` is asked for, to know whether there are more; `limit` 0 would mean none to PVE.
        """
        params: dict[str, str | int] = {"source": "all", "limit": max(limit, 1) + 1, "since": int(since.timestamp())}
        if kind is not None:
            params["typefilter"] = kind
        if until is not None:
            params["until"] = int(until.timestamp())
        rows = (await self.transport.get(TASKS, params=params, node=node)).data
        kept = rows[: max(limit, 1)]
        tasks = await facts_of(kept, partial(parse.task, self.source))
        return TaskPage(tasks, truncated=len(rows) > len(kept))

    async def task_log(self, node: str, upid: str, *, limit: int = 2000) -> tuple[str, ...]:
        """The lines of a task's log, the last `limit` of them when it is longer (PVE API: …/tasks/{upid}/log)."""
        page = await self.transport.get(TASK_LOG, params={"start": 0, "limit": limit}, node=node, upid=upid)
        if page.total is not None and page.total > limit:
            tail = {"start": page.total - limit, "limit": limit}
            page = await self.transport.get(TASK_LOG, params=tail, node=node, upid=upid)
        lines = tuple(line.t or "" for line in page.data)
        return () if lines == ("no content",) else lines

    async def backup_jobs(self) -> tuple[BackupJob, ...]:
        """PVE API: /cluster/backup; Sys.Audit on /."""
        rows = (await self.transport.get(BACKUP_JOBS)).data
        return tuple(configs.backup_job(self.source, row) for row in rows)

    async def not_backed_up(self) -> tuple[NotBackedUp, ...]:
        """Guests in no job, disabled jobs counted as cover (PVE API: /cluster/backup-info/not-backed-up)."""
        rows = (await self.transport.get(NOT_BACKED_UP)).data
        return tuple(parse.not_backed_up(self.source, row) for row in rows)

    async def guest_config(self, guest: Guest, *, read_at: datetime) -> GuestConfig:
        """PVE API: /nodes/{node}/{qemu,lxc}/{vmid}/config; VM.Audit. `read_at` is when the caller reads it."""
        answer = await self.transport.get(GUEST_CONFIG, node=guest.node, kind=guest.kind, vmid=guest.vmid)
        return configs.guest_config(guest, answer.data, read_at)

    async def guest_current(self, guest: Guest) -> Guest:
        """`guest` as it is now (PVE API: …/status/current; VM.Audit)."""
        answer = await self.transport.get(GUEST_CURRENT, node=guest.node, kind=guest.kind, vmid=guest.vmid)
        return parse.guest_current(guest, answer.data)

    async def guest_snapshots(self, guest: Guest, *, read_at: datetime) -> GuestSnapshots:
        """The snapshots that somebody took (PVE API: …/snapshot; VM.Audit)."""
        answer = await self.transport.get(GUEST_SNAPSHOTS, node=guest.node, kind=guest.kind, vmid=guest.vmid)
        return snapshots(guest, answer.data, read_at)

    async def guest_file_systems(self, guest: Guest, *, read_at: datetime) -> GuestFileSystems:
        """What the agent in a VM says of its file systems, or that there is no answer from it.

        PVE API: …/agent/get-fsinfo; VM.Monitor before PVE 9, VM.GuestAgent.Audit from then on.
        """
        try:
            answer = await self.transport.get(
                AGENT_FILE_SYSTEMS, timeout_s=AGENT_TIMEOUT_S, node=guest.node, vmid=guest.vmid
            )
        except SourceFailed as error:
            if "guest agent is not running" in error.detail.lower():
                return GuestFileSystems(guest.source, guest.vmid, False, (), read_at)
            if "is not running" in error.detail.lower() or "no qemu guest agent" in error.detail.lower():
                return GuestFileSystems(guest.source, guest.vmid, None, (), read_at)
            raise
        return file_systems(guest, answer.data, read_at)

    async def guest_tasks(self, guest: Guest, *, read_at: datetime, limit: int = 20) -> GuestTasks:
        """The last tasks of one guest on its node, newest first (PVE API: /nodes/{node}/tasks?vmid=…)."""
        params: dict[str, str | int] = {"source": "all", "limit": limit, "vmid": guest.vmid}
        rows = (await self.transport.get(TASKS, params=params, node=guest.node)).data
        tasks = sorted((parse.task(self.source, row) for row in rows), key=lambda task: task.started_at, reverse=True)
        return GuestTasks(guest.source, guest.vmid, tuple(tasks), read_at)

    async def storage_status(self, node: str, storage: str) -> Storage:
        """A storage as one node sees it now (PVE API: /nodes/{node}/storage/{storage}/status; Datastore.Audit)."""
        answer = await self.transport.get(STORAGE_STATUS, node=node, storage=storage)
        return parse.storage_status(self.source, node, storage, answer.data)

    async def storage_configs(self) -> tuple[StorageConfig, ...]:
        """Storages as they are set up (PVE API: /storage). Those without Datastore.Audit are left out, silently."""
        rows = (await self.transport.get(STORAGE_CONFIGS)).data
        return tuple(backups.storage_config(self.source, row) for row in rows)

    async def storage_archives(self, node: str, storage: str, *, shared: bool) -> tuple[PveArchive, ...]:
        """The backups in a storage (PVE API: /nodes/{node}/storage/{storage}/content).

        Without Datastore.AllocateSpace and VM.Backup, or Datastore.Allocate, PVE leaves backups out and says nothing.
        """
        answer = await self.transport.get(STORAGE_CONTENT, params={"content": "backup"}, node=node, storage=storage)
        return backups.archives(self.source, storage, None if shared else node, answer.data)

    async def volumes(self, node: str, storage: str) -> tuple[Volume, ...]:
        """Everything in a storage as a node sees it (PVE API: /nodes/{node}/storage/{storage}/content).

        Volumes of guests without VM.Audit, and backups without more than that, are left out, silently.
        """
        rows = (await self.transport.get(STORAGE_CONTENT, node=node, storage=storage)).data
        return tuple(
            Volume(self.source, node, storage, row.volid, backups.is_disk(row.volid), row.size, row.used, row.vmid)
            for row in rows
        )

    async def job_volumes(self, job_id: str, *, read_at: datetime) -> JobVolumes:
        """What a backup job saves, by volume (PVE API: /cluster/backup/{id}/included_volumes; Sys.Audit on /)."""
        answer = await self.transport.get(INCLUDED_VOLUMES, job=job_id)
        return backups.job_volumes(self.source, job_id, answer.data, read_at)

    async def permissions(self) -> Permissions:
        """What the token may do, by path (PVE API: /access/permissions). Each listed privilege is granted there."""
        paths = (await self.transport.get(PERMISSIONS)).data
        return {path: frozenset(privileges) for path, privileges in paths.items()}

    async def aclose(self) -> None:
        await self.transport.aclose()
