"""What a sweep reads of one PBS: usage, jobs, tasks, and every group of every namespace."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nightshift.collect.reading import Deadline, Gathering, Probe, probe
from nightshift.collect.tasks import pbs_tasks
from nightshift.facts.backups import BackupGroup, Datastore, GcStatus
from nightshift.facts.gap import Gap
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.snapshot import Dataset
from nightshift.facts.tasks import Task

if TYPE_CHECKING:
    from nightshift.sources import PbsClient


@dataclass(frozen=True, slots=True)
class PbsFacts:
    probe: Probe
    datastores: Dataset[Datastore]
    groups: Dataset[BackupGroup]
    gc: Dataset[GcStatus]
    tasks: Dataset[Task]
    jobs: Dataset[PbsJob]


async def collect_pbs(client: PbsClient, now: datetime, deadline: Deadline, tasks_back: timedelta) -> PbsFacts:
    """Seven requests, and for each datastore one more and one for each of its namespaces; snapshots are not listed here
    (PBS reads every manifest for that)."""
    version, datastores_answer, gc_answer, tasks, jobs = await asyncio.gather(
        probe(client, deadline),
        deadline.read("datastores", client.datastores()),
        deadline.read("gc", client.gc()),
        pbs_tasks(client, deadline, since=now - tasks_back),
        _read_jobs(client, deadline),
    )
    datastores: Gathering[Datastore] = Gathering()
    datastores.add(datastores_answer)
    gc: Gathering[GcStatus] = Gathering()
    gc.add(gc_answer)
    groups = await _read_groups(client, datastores_answer, deadline)
    return PbsFacts(
        version, datastores.dataset(now), groups.dataset(now), gc.dataset(now), tasks.dataset(now), jobs.dataset(now)
    )


async def _read_jobs(client: PbsClient, deadline: Deadline) -> Gathering[PbsJob]:
    """Sync, verify and prune jobs, with how their last runs went."""
    gathered: Gathering[PbsJob] = Gathering()
    answers = await asyncio.gather(
        deadline.read("pbs_jobs", client.sync_jobs()),
        deadline.read("pbs_jobs", client.verify_jobs()),
        deadline.read("pbs_jobs", client.prune_jobs()),
    )
    for answer in answers:
        gathered.add(answer)
    return gathered


async def _read_groups(
    client: PbsClient, datastores: tuple[Datastore, ...] | Gap, deadline: Deadline
) -> Gathering[BackupGroup]:
    gathered: Gathering[BackupGroup] = Gathering()
    if isinstance(datastores, Gap):
        gathered.add(datastores, "backup_groups")
        return gathered
    gathered.answered = not datastores
    parts = await asyncio.gather(*(_groups_of_datastore(client, datastore, deadline) for datastore in datastores))
    for answer in (answer for part in parts for answer in part):
        gathered.add(answer, "backup_groups")
    return gathered


async def _groups_of_datastore(
    client: PbsClient, datastore: Datastore, deadline: Deadline
) -> list[tuple[BackupGroup, ...] | Gap]:
    if datastore.error is not None:
        detail = f"datastore {datastore.name} is not available: {datastore.error}"
        return [Gap(client.source, "backup_groups", "unreachable", detail)]
    namespaces = await deadline.read("backup_groups", client.namespaces(datastore.name))
    if isinstance(namespaces, Gap):
        return [replace(namespaces, detail=f"datastore {datastore.name}: {namespaces.detail}")]
    answers = await asyncio.gather(
        *(deadline.read("backup_groups", client.groups(datastore.name, namespace)) for namespace in namespaces)
    )
    return [
        replace(answer, detail=f"datastore {datastore.name}, namespace {namespace or '(root)'}: {answer.detail}")
        if isinstance(answer, Gap)
        else answer
        for namespace, answer in zip(namespaces, answers, strict=True)
    ]
