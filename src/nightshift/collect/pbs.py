"""What a sweep reads of one PBS: usage, jobs, tasks, and every group of every namespace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nightshift.collect.lanes import SlowLane
from nightshift.collect.pbs_host import read_host
from nightshift.collect.pbs_items import SNAPSHOTS, LongReads, want_snapshots
from nightshift.collect.reading import Deadline, Gathering, Probe, on, probe
from nightshift.collect.tasks import pbs_tasks
from nightshift.facts.backup_hosts import BackupHost
from nightshift.facts.backups import BackupGroup, Datastore, GcStatus, NamespaceSnapshots
from nightshift.facts.gap import Gap
from nightshift.facts.ids import datastore_key
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.snapshot import Dataset
from nightshift.facts.tasks import Task
from nightshift.sources.pages import privileges_on

if TYPE_CHECKING:
    from nightshift.sources import PbsClient

_PATIENCE = (
    "The server reads every manifest for this list: `nightshift backups` waits for it, `nightshift serve` reads on "
    "between its sweeps."
)


@dataclass(frozen=True, slots=True)
class PbsFacts:
    probe: Probe
    datastores: Dataset[Datastore]
    groups: Dataset[BackupGroup]
    snapshots: Dataset[NamespaceSnapshots]
    gc: Dataset[GcStatus]
    tasks: Dataset[Task]
    jobs: Dataset[PbsJob]
    hosts: Dataset[BackupHost]


async def collect_pbs(
    client: PbsClient, now: datetime, deadline: Deadline, tasks_back: timedelta, lane: SlowLane, long: LongReads
) -> PbsFacts:
    """Eleven requests, one more when sync jobs are hidden, and for each datastore one more and one for each of its
    namespaces; snapshots are listed hourly, in the slow lane."""
    version, datastores_answer, gc_answer, tasks, jobs, hosts = await asyncio.gather(
        probe(client, deadline),
        deadline.read("datastores", client.datastores()),
        deadline.read("gc", client.gc()),
        pbs_tasks(client, deadline, since=now - tasks_back),
        _read_jobs(client, deadline),
        read_host(client, deadline),
    )
    jobs.gaps += await _hidden_syncs(client, deadline, tasks.rows, jobs.rows)
    datastores: Gathering[Datastore] = Gathering()
    datastores.add(datastores_answer)
    gc: Gathering[GcStatus] = Gathering()
    gc.add(gc_answer)
    groups, listed, unreadable = await _read_groups(client, datastores_answer, deadline)
    turn = lane.turn(now, deadline)
    await want_snapshots(turn, client, listed, unreadable, now, long)
    await turn.run()
    return PbsFacts(
        probe=version,
        datastores=datastores.dataset(now),
        groups=groups.dataset(now),
        snapshots=_with_unread(turn.dataset(SNAPSHOTS), groups.gaps, unreadable),
        gc=gc.dataset(now),
        tasks=tasks.dataset(now),
        jobs=jobs.dataset(now),
        hosts=hosts.dataset(now),
    )


def _with_unread(
    lists: Dataset[NamespaceSnapshots], gaps: Sequence[Gap], unreadable: Mapping[str, str]
) -> Dataset[NamespaceSnapshots]:
    """The lists, with the Gaps of places that could not be looked into and of which nothing is remembered either: none
    of them is "there are no snapshots". One that takes too long says who has the patience."""
    patient = tuple(replace(gap, fix=gap.fix or _PATIENCE) if gap.kind == "timed_out" else gap for gap in lists.gaps)
    lists = replace(lists, gaps=patient)
    remembered = {item.datastore for item in lists}
    unread = {why for store, why in unreadable.items() if store not in remembered and not (store == "" and remembered)}
    missing = tuple(on(gap, SNAPSHOTS.name) for gap in gaps if gap.detail in unread)
    if not missing:
        return lists
    return replace(lists, state="partial" if lists.rows else "unavailable", gaps=(*lists.gaps, *missing))


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


async def _hidden_syncs(
    client: PbsClient, deadline: Deadline, tasks: Iterable[Task], jobs: Iterable[PbsJob]
) -> list[Gap]:
    """A Gap for each datastore whose jobs with another server PBS leaves out of its list without a word: their runs
    (`rack:main:mirror::s-1`) are there, and the token may not see the remote. Only then it costs a request."""
    listed = {job.id for job in jobs if job.kind == "sync"}
    parts = (task.worker_id.split(":") for task in tasks if task.worker_type == "syncjob")
    unlisted = {(run[0], run[1], run[2]) for run in parts if len(run) == _SYNC_PARTS and run[-1] not in listed}
    if not unlisted:
        return []
    granted = await deadline.read("pbs_jobs", client.permissions())
    if isinstance(granted, Gap):
        return [granted]
    hidden = {
        (remote, store)
        for remote, remote_store, store in unlisted
        if _REMOTE_AUDIT not in privileges_on(granted, f"/remote/{remote}/{remote_store}")
    }
    return [
        Gap(
            client.source,
            "pbs_jobs",
            "forbidden",
            f"a sync job of datastore {store} with {remote} runs, and PBS leaves it out of its list: whether it is "
            "overdue cannot be seen",
            fix=f"Grant {_REMOTE_AUDIT} on /remote to the token and to its user (role RemoteAudit).",
            hides=(datastore_key(client.source, store),),
        )
        for remote, store in sorted(hidden)
    ]


_REMOTE_AUDIT = "Remote.Audit"
_SYNC_PARTS = 5  # remote, its datastore, ours, namespace, job
_Places = list[tuple[str, str]]


async def _read_groups(
    client: PbsClient, datastores: tuple[Datastore, ...] | Gap, deadline: Deadline
) -> tuple[Gathering[BackupGroup], _Places, dict[str, str]]:
    """The groups, the namespaces (datastore, namespace) that could be listed, and why others could not, by datastore;
    the name `""` stands for all of them."""
    gathered: Gathering[BackupGroup] = Gathering()
    if isinstance(datastores, Gap):
        gathered.add(datastores, "backup_groups")
        return gathered, [], {"": datastores.detail}
    gathered.answered = not datastores
    parts = await asyncio.gather(*(_groups_of_datastore(client, datastore, deadline) for datastore in datastores))
    listed: _Places = []
    unreadable: dict[str, str] = {}
    for datastore, (namespaces, answers) in zip(datastores, parts, strict=True):
        listed += [(datastore.name, namespace) for namespace in namespaces]
        for answer in answers:
            gathered.add(answer, "backup_groups")
            if isinstance(answer, Gap) and not namespaces:
                unreadable[datastore.name] = answer.detail
    return gathered, listed, unreadable


async def _groups_of_datastore(
    client: PbsClient, datastore: Datastore, deadline: Deadline
) -> tuple[tuple[str, ...], list[tuple[BackupGroup, ...] | Gap]]:
    """The namespaces of a datastore, none when they cannot be listed, and the groups of each."""
    if datastore.error is not None:
        detail = f"datastore {datastore.name} is not available: {datastore.error}"
        return (), [Gap(client.source, "backup_groups", "unreachable", detail)]
    namespaces = await deadline.read("backup_groups", client.namespaces(datastore.name))
    if isinstance(namespaces, Gap):
        return (), [replace(namespaces, detail=f"datastore {datastore.name}: {namespaces.detail}")]
    answers = await asyncio.gather(
        *(deadline.read("backup_groups", client.groups(datastore.name, namespace)) for namespace in namespaces)
    )
    return namespaces, [
        replace(answer, detail=f"datastore {datastore.name}, namespace {namespace or '(root)'}: {answer.detail}")
        if isinstance(answer, Gap)
        else answer
        for namespace, answer in zip(namespaces, answers, strict=True)
    ]
