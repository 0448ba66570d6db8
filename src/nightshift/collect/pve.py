"""What a sweep reads of one PVE cluster. The requests depend on the number of nodes, never on that of guests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from nightshift.collect.backup_items import (
    ARCHIVES,
    LOGS,
    RESTORES,
    VOLUMES,
    want_archives,
    want_history,
    want_logs,
    want_volumes,
    with_histories,
)
from nightshift.collect.guest_items import (
    CONFIGS,
    FILE_SYSTEMS,
    SNAPSHOTS,
    TASKS,
    renounced_before_9,
    want_configs,
    want_details,
)
from nightshift.collect.hardware import SMART, ZFS_STATUS, HardwareLists, in_local_time, read_hardware, want_hardware
from nightshift.collect.lanes import Kind, SlowLane, Turn
from nightshift.collect.pve_cluster import ClusterFacts, cluster_facts, read_replication, want_cluster
from nightshift.collect.pve_nodes import CLOCKS, SPACE, NodeFacts, node_facts, read_nodes, want_nodes, want_space
from nightshift.collect.reading import Deadline, Gathering, Probe, on, probe
from nightshift.collect.tasks import pve_tasks, with_reasons
from nightshift.facts.backup_runs import JobVolumes, RestoreTest, RunLog, StorageArchives
from nightshift.facts.gap import Gap
from nightshift.facts.guest_items import GuestFileSystems, GuestSnapshots, GuestTasks
from nightshift.facts.hardware import SmartReport, SpaceHistory, ZfsStatus
from nightshift.facts.inventory import BackupJob, Cluster, Guest, GuestConfig, Node, NotBackedUp, Storage, StorageConfig
from nightshift.facts.snapshot import Dataset
from nightshift.facts.tasks import Task

if TYPE_CHECKING:
    from nightshift.sources import ClusterStatus, ProxmoxClient, Resources

Row = TypeVar("Row")
Item = TypeVar("Item")

_SHARE_OF_CONFIGS = 0.5  # of a sweep's slow reads: the other half shows what they tell there is to read


@dataclass(frozen=True, slots=True)
class PveFacts:
    probe: Probe
    clusters: Dataset[Cluster]
    nodes: Dataset[Node]
    guests: Dataset[Guest]
    guest_configs: Dataset[GuestConfig]
    storages: Dataset[Storage]
    space_history: Dataset[SpaceHistory]
    backup_jobs: Dataset[BackupJob]
    not_backed_up: Dataset[NotBackedUp]
    storage_configs: Dataset[StorageConfig]
    job_volumes: Dataset[JobVolumes]
    storage_archives: Dataset[StorageArchives]
    backup_runs: Dataset[RunLog]
    restores: Dataset[RestoreTest]
    tasks: Dataset[Task]
    hardware: HardwareLists
    smart: Dataset[SmartReport]
    zfs_status: Dataset[ZfsStatus]
    guest_filesystems: Dataset[GuestFileSystems]
    guest_snapshots: Dataset[GuestSnapshots]
    guest_tasks: Dataset[GuestTasks]
    together: ClusterFacts
    nodewise: NodeFacts


async def collect_pve(
    client: ProxmoxClient,
    now: datetime,
    deadline: Deadline,
    tasks_back: timedelta,
    lane: SlowLane,
    *,
    with_servers: bool = False,
) -> PveFacts:
    """Eight requests, seven or eight for each online node, eight task logs at most, and a share of the slow lane.

    `with_servers` says that no backup server is watched: then its contents are read through PVE, as far as the token is
    shown them.
    """
    (version, status, resources), (jobs, uncovered, configured), (ha, replicated) = await asyncio.gather(
        asyncio.gather(
            probe(client, deadline),
            deadline.read("clusters", client.cluster_status()),
            deadline.read("guests", client.resources()),
        ),
        asyncio.gather(
            deadline.read("backup_jobs", client.backup_jobs()),
            deadline.read("not_backed_up", client.not_backed_up()),
            deadline.read("storage_configs", client.storage_configs()),
        ),
        asyncio.gather(
            deadline.read("ha", client.ha_status()),
            deadline.read("replication", client.replicated_vmids()),
        ),
    )
    nodes = _known_nodes(client.source, status, resources)
    unseen = tuple(answer for answer in (status, resources) if isinstance(answer, Gap))
    guests = () if isinstance(resources, Gap) else resources.guests
    turn = lane.turn(now, deadline, nodes=len(nodes))
    want_cluster(turn, client, None if isinstance(status, Gap) else status.cluster, now)
    want_nodes(turn, client, nodes, now)
    want_configs(turn, client, guests, now)
    want_volumes(turn, client, () if isinstance(jobs, Gap) else jobs, now)
    want_history(turn, client, nodes, now)
    set_up = () if isinstance(configured, Gap) else configured
    want_archives(turn, client, set_up, nodes, now, with_servers=with_servers)
    want_space(turn, client, set_up, nodes, with_servers=with_servers)
    storages = () if isinstance(resources, Gap) else resources.storages
    (detailed, node_gaps), tasks, hardware, courses, replication, _ = await asyncio.gather(
        _with_statuses(client, nodes, deadline),
        _read_tasks(client, nodes, unseen, now - tasks_back, deadline),
        read_hardware(client, nodes, unseen, storages, now, deadline),
        read_nodes(client, nodes, deadline),
        read_replication(client, replicated, guests, nodes, deadline),
        turn.run(share=_SHARE_OF_CONFIGS),
    )
    want_logs(turn, client, tasks.rows, len(guests), now)
    want_hardware(turn, client, hardware, now)
    want_details(turn, client, guests, turn.dataset(CONFIGS), now)
    await turn.run()
    explained = await with_reasons(client, tasks.rows, deadline, turn.dataset(LOGS))
    tasks = Gathering(explained.rows, tasks.gaps + explained.gaps, tasks.answered)
    configs = _slow(turn, CONFIGS, resources)
    return PveFacts(
        probe=version,
        clusters=_clusters(status, version).dataset(now),
        nodes=_nodes(detailed, node_gaps, status, resources).dataset(now),
        guests=_part(resources, guests, "guests").dataset(now),
        guest_configs=configs,
        storages=_part(resources, storages, "storages").dataset(now),
        space_history=_slow(turn, SPACE, configured),
        backup_jobs=_part(jobs, () if isinstance(jobs, Gap) else jobs, "backup_jobs").dataset(now),
        not_backed_up=_part(uncovered, () if isinstance(uncovered, Gap) else uncovered, "not_backed_up").dataset(now),
        storage_configs=_part(configured, () if isinstance(configured, Gap) else configured, "storage_configs").dataset(
            now
        ),
        job_volumes=_slow(turn, VOLUMES, jobs),
        storage_archives=_slow(turn, ARCHIVES, configured),
        backup_runs=with_histories(_slow(turn, LOGS, resources), LOGS, turn, client.source),
        restores=with_histories(_slow(turn, RESTORES, resources), RESTORES, turn, client.source),
        tasks=tasks.dataset(now),
        hardware=hardware,
        smart=_behind(turn, SMART, hardware.disks),
        zfs_status=in_local_time(_behind(turn, ZFS_STATUS, hardware.zfs_pools), turn.dataset(CLOCKS)),
        guest_filesystems=renounced_before_9(_behind(turn, FILE_SYSTEMS, configs), version, guests),
        guest_snapshots=_slow(turn, SNAPSHOTS, resources),
        guest_tasks=_behind(turn, TASKS, configs),
        together=cluster_facts(turn, status if isinstance(status, Gap) else status.cluster, ha, replication),
        nodewise=node_facts(turn, nodes, unseen, courses),
    )


def _part(answer: object, rows: Iterable[Row], dataset: str) -> Gathering[Row]:
    """The rows that one answer holds for a dataset, or its Gap."""
    gathered: Gathering[Row] = Gathering()
    gathered.add(answer if isinstance(answer, Gap) else rows, dataset)
    return gathered


def _clusters(status: ClusterStatus | Gap, version: Probe) -> Gathering[Cluster]:
    rows = () if isinstance(status, Gap) else (replace(status.cluster, version=version.version),)
    return _part(status, rows, "clusters")


def _known_nodes(source: str, status: ClusterStatus | Gap, resources: Resources | Gap) -> tuple[Node, ...]:
    """The nodes from both lists. `/cluster/status` knows who is online, `/cluster/resources` the figures; either may
    be missing."""
    by_name = {} if isinstance(resources, Gap) else {node.name: node for node in resources.nodes}
    if not isinstance(status, Gap):
        for member in status.nodes:
            known = by_name.get(member.name) or Node(source=source, name=member.name, online=member.online)
            by_name[member.name] = replace(known, online=member.online, ip=member.ip or known.ip)
    return tuple(by_name[name] for name in sorted(by_name))


def _nodes(
    rows: Iterable[Node], gaps: Iterable[Gap], status: ClusterStatus | Gap, resources: Resources | Gap
) -> Gathering[Node]:
    gathered: Gathering[Node] = Gathering()
    for answer in (status, resources):
        gathered.add(on(answer, "nodes") if isinstance(answer, Gap) else ())
    gathered.rows += rows
    gathered.gaps += gaps
    return gathered


async def _with_statuses(
    client: ProxmoxClient, nodes: tuple[Node, ...], deadline: Deadline
) -> tuple[tuple[Node, ...], tuple[Gap, ...]]:
    """The nodes, those online completed from `/nodes/{node}/status`; one that does not answer keeps its figures of
    `/cluster/resources` and leaves a Gap."""
    online = [node for node in nodes if node.online]
    answers = await asyncio.gather(*(deadline.read("nodes", client.node_status(node.name)) for node in online))
    detailed = {
        node.name: answer.over(node)
        for node, answer in zip(online, answers, strict=True)
        if not isinstance(answer, Gap)
    }
    gaps = tuple(
        replace(answer, detail=f"status of node {node.name}: {answer.detail}")
        for node, answer in zip(online, answers, strict=True)
        if isinstance(answer, Gap)
    )
    return tuple(detailed.get(node.name, node) for node in nodes), gaps


async def _read_tasks(
    client: ProxmoxClient,
    nodes: tuple[Node, ...],
    unseen: tuple[Gap, ...],
    since: datetime,
    deadline: Deadline,
) -> Gathering[Task]:
    """Tasks of all nodes; without any list of nodes, nobody can be asked."""
    if not nodes:
        return Gathering(gaps=[on(gap, "tasks") for gap in unseen])
    return await pve_tasks(client, [(node.name, node.online) for node in nodes], deadline, since=since)


def _behind(turn: Turn, kind: Kind[Row], items: Dataset[Item]) -> Dataset[Row]:
    """What was read of listed items: never more complete than their list."""
    found = turn.dataset(kind)
    if items.state == "complete":
        return found
    gaps = (*(on(gap, kind.name) for gap in items.gaps), *found.gaps)
    return replace(found, state="unavailable" if items.state == "unavailable" else "partial", gaps=gaps)


def _slow(turn: Turn, kind: Kind[Row], items: object) -> Dataset[Row]:
    """What the slow lane has of a kind; when the list of the items could not be read, its Gap."""
    if isinstance(items, Gap):
        return Dataset("unavailable", (), (on(items, kind.name),), turn.now)
    return turn.dataset(kind)
