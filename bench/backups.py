"""What the backup matrix costs with 5,000 guests of 7 snapshots each: `python -m bench.backups [--json]`.

CPU and memory of the verdicts over facts as a sweep has them (32 nodes, 5,000 guests, two jobs, a copy on a second
server, eight runs a guest), and the same in the steady sweep of a real fleet: lab servers of that size, swept until the
lists of snapshots are whole, and once more an hour later, when they are read anew; then by a second process that starts
from what the first one kept."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.lab_start import _Started
from bench.report import Figure, at_most, main, median_of
from bench.sweep_worker import BETWEEN, Clock
from nightshift.checks.metric_rows import QUERIES
from nightshift.checks.thresholds import Thresholds
from nightshift.collect.collector import Collector
from nightshift.facts.sweep import Sweep
from nightshift.protection import matrix_of
from nightshift.settings import load_settings
from nightshift.sources import Sources
from nightshift.store.database import open_database
from nightshift.store.findings import FindingStore
from nightshift.sweep.sweeper import Sweeper

_FLEET = ("--without-prometheus", "--nodes", "32", "--guests", "5000", "--snapshots", "7")
_N = 5
_ROUNDS = 6
_GOOD_FOR = timedelta(hours=1)
_LATER = timedelta(minutes=70)


def _facts() -> Any:
    """A snapshot of 5,000 guests, each saved by a job, copied to a second server, with eight known runs."""
    from nightshift.facts.backup_runs import BackupRun, GuestVolumes, JobVolume, JobVolumes, RunLog
    from nightshift.facts.backups import BackupGroup, Datastore, GroupSnapshots, KeptSnapshot, NamespaceSnapshots
    from nightshift.facts.inventory import BackupJob, Guest, GuestConfig, Node, Storage, StorageConfig
    from nightshift.facts.pbs_jobs import PbsJob
    from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus

    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    nights = [now - timedelta(hours=6, days=day) for day in range(8)]

    def complete(*rows: Any) -> Dataset[Any]:
        return Dataset("complete", rows, (), now)

    guests = [Guest("pve", 100 + n, "qemu", f"node{n % 32:02d}", f"guest-{n}", "running") for n in range(5_000)]

    def kept(vmid: int) -> tuple[KeptSnapshot, ...]:
        later = timedelta(seconds=vmid)
        return tuple(
            KeptSnapshot(at + later, 64 * 2**30 + vmid, True, verified_at=at + later, encrypted=False)
            for at in reversed(nights[:7])
        )

    places = (("pbs", "main", "fleet"), ("pbs2", "mirror", "fleet"))
    lists = [
        NamespaceSnapshots(
            *place, now, tuple(GroupSnapshots("vm", str(g.vmid), "pve@pbs!x", kept(g.vmid)) for g in guests)
        )
        for place in places
    ]
    groups = [
        BackupGroup(
            *place, "vm", str(g.vmid), nights[0] + timedelta(seconds=g.vmid), 7, "pve@pbs!x", guest=g.entity.key
        )
        for place in places
        for g in guests
    ]  # fmt: skip
    disk = (JobVolume("scsi0", "ceph:vm-1-disk-0", True, "enabled"),)
    runs = [
        RunLog("pve", f"U{at:%d}{node}", f"node{node:02d}", at, now, tuple(
            BackupRun("pve", f"U{at:%d}{node}", g.node, g.vmid, at, ok=True, storage="main", duration_s=60.0,
                      transferred_bytes=2**30, bitmap="kept") for g in guests[node::32]))
        for at in nights for node in range(32)
    ]  # fmt: skip
    return Snapshot(
        taken_at=now,
        sources=(SourceStatus("pve", "pve", True, "9.1", 5.0), SourceStatus("pbs", "pbs", True, "4.1", 5.0)),
        nodes=complete(*(Node("pve", f"node{n:02d}", True) for n in range(32))),
        guests=complete(*guests),
        guest_configs=complete(*(
            GuestConfig("pve", g.vmid, True, False, (), (("scsi0", "ceph:vm-1-disk-0,size=64G"),), None, now)
            for g in guests
        )),
        storages=complete(Storage("pve", "main", None, "pbs", True, True, ("backup",))),
        storage_configs=complete(StorageConfig("pve", "main", "pbs", ("backup",), shared=True, server="192.0.2.9",
                                               datastore="main", namespace="fleet", username="pve@pbs!x")),
        backup_jobs=complete(
            BackupJob("pve", "all", True, "02:00", "main", True, None, (), None, None, now + timedelta(hours=18)),
            BackupJob("pve", "some", True, "02:00", "main", False, tuple(range(100, 2_600)), (), None, None,
                      now + timedelta(hours=18)),
        ),
        job_volumes=complete(JobVolumes("pve", "all", now, tuple(GuestVolumes(g.vmid, disk) for g in guests))),
        datastores=complete(Datastore("pbs", "main", 10**13, 10**12, 9 * 10**12), Datastore("pbs2", "mirror", 10**13)),
        backup_groups=complete(*groups),
        backup_snapshots=complete(*lists),
        backup_runs=complete(*runs),
        tasks=complete(),
        restore_tests=complete(),
        pbs_jobs=complete(PbsJob("pbs2", "sync", "s", "mirror", "fleet", "daily", remote="pbs", remote_datastore="main",
                                 remote_namespace="fleet", direction="pull")),
    )  # fmt: skip


def _matrix_cpu() -> tuple[list[float], float]:
    """CPU seconds of the matrix, each time for a snapshot that was not seen before; verdicts made, for the record."""
    snapshot = _facts()
    samples = []
    protected = 0.0
    for _ in range(_N + 1):
        gc.collect()
        fresh = replace(snapshot)
        started = process_time()
        matrix = matrix_of(fresh)
        samples.append(process_time() - started)
        protected = float(matrix.counts["protected"])
    return samples[1:], protected


async def _until_whole(sweeper: Sweeper, clock: Clock) -> tuple[Sweep, int]:
    """The first sweep that has every list of snapshots, none older than they may be, and how many it took."""
    for rounds in range(1, _ROUNDS + 1):
        sweep = await sweeper.sweep(fresh=True)
        lists = sweep.snapshot.backup_snapshots
        if lists.state == "complete" and all(sweep.snapshot.taken_at - item.read_at < _GOOD_FOR for item in lists):
            return sweep, rounds
        clock.ahead += BETWEEN
    raise RuntimeError(f"the lists of snapshots are not whole after {_ROUNDS} sweeps: {lists.gaps}")


async def _steady(folder: Path) -> dict[str, float]:
    """Sweeps until the lists of snapshots are whole, and one an hour later: its matrix and the memory of it all."""
    sources = Sources.open(load_settings().connections)
    database = open_database(folder)
    collector = Collector(sources, queries=QUERIES, source_timeout_s=15.0, keep_in=folder)
    clock = Clock()
    sweeper = Sweeper(collector, FindingStore(database), thresholds=Thresholds(), clock=clock)
    started_s = perf_counter()
    try:
        _, rounds = await _until_whole(sweeper, clock)
        whole_after_s = perf_counter() - started_s
        clock.ahead += _LATER
        sweep, _ = await _until_whole(sweeper, clock)
        fresh = replace(sweep.snapshot)
        started = process_time()
        matrix = matrix_of(fresh)
        cpu_s = process_time() - started
    finally:
        await collector.aclose()
        await sources.aclose()
        database.close()
    lists = sweep.snapshot.backup_snapshots.rows
    return {
        "cpu_s": cpu_s,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024,
        "guests": float(len(matrix.protections)),
        "snapshots": float(sum(len(group.snapshots) for item in lists for group in item.groups)),
        "rounds": float(rounds),
        "whole_after_s": whole_after_s,
    }


def _steady_in_a_process(environ: dict[str, str], folder: str) -> dict[str, float]:
    """The same in a process of its own, so that nothing else counts as its memory."""
    command = [sys.executable, "-m", "bench.backups", "--steady", folder]
    outcome = subprocess.run(command, env=os.environ | environ, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(outcome.stdout)
    return found


def measure() -> Iterable[Figure]:
    cpu, protected = _matrix_cpu()
    yield median_of("matrix of 5,000 guests, two copies, CPU", cpu, "s", goal=at_most(2.0))
    yield median_of("guests that it calls protected", [protected], "")
    lab = _Started(*_FLEET)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-backups-") as folder:
            first = _steady_in_a_process(lab.ready["env"], folder)
            second = _steady_in_a_process(lab.ready["env"], folder)
    finally:
        lab.stop()
    cpu = [first["cpu_s"], second["cpu_s"]]
    yield median_of("matrix in the steady sweep of a fleet, CPU", cpu, "s", goal=at_most(2.0))
    yield Figure("peak memory of a process that sweeps a fleet", first["peak_mib"], "MiB", at_most(350.0))
    yield Figure("peak memory of the next process", second["peak_mib"], "MiB", at_most(350.0))
    yield Figure("guests in it", first["guests"], "")
    yield Figure("snapshots in it", first["snapshots"], "")
    yield Figure("sweeps until the lists were whole", first["rounds"], "")
    yield Figure("until then", first["whole_after_s"], "s")


if __name__ == "__main__":
    if "--steady" in sys.argv:
        print(json.dumps(asyncio.run(_steady(Path(sys.argv[-1])))))
    else:
        main("backups", measure)
