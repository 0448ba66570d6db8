"""The whole way from two real servers to ranked findings: the lab's PVE and PBS over HTTPS, without its Prometheus."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nightshift.checks.metric_rows import QUERIES
from nightshift.checks.thresholds import Thresholds
from nightshift.collect.collector import Collector
from nightshift.facts.sweep import Sweep
from nightshift.settings import load_settings
from nightshift.sources import Sources
from nightshift.sweep.sweeper import Sweeper

CAUSES = [
    ("healthy", []),
    ("datastore-full", [("critical", "datastore.full", "datastore:pbs/tank")]),
    ("node-offline", [("critical", "node.offline", "node:pve/pve3")]),
    ("container-oom-loop", [("critical", "guest.restart_loop", "guest:pve/116")]),
    ("guest-without-backup", [("warning", "backup.uncovered", "guest:pve/114")]),
    ("guest-stopped", [("critical", "guest.stopped", "guest:pve/117")]),
    ("guest-stopped-by-hand", []),  # a remark, as long as no target in it is missed
    ("guest-locked", [("warning", "guest.locked", "guest:pve/104")]),
    ("guest-agent-dead", [("warning", "guest.agent", "guest:pve/109")]),
    ("guest-io-error", [("critical", "guest.state", "guest:pve/122")]),
    ("thin-pool-full-pauses-guests", [("critical", "storage.full", "storage:pve/pve3/local-lvm")]),
    ("zfs-degraded", [("critical", "zfs.state", "pool:pve/pve1/rpool")]),
    ("scrub-errors", [("warning", "zfs.errors", "pool:pve/pve2/rpool")]),
    ("disk-failing", [("critical", "disk.health", "disk:pve/pve1/WD-CA1L4J7K")]),
    ("disk-worn-out", [("warning", "disk.wear", "disk:pve/pve3/2212E6179A0C")]),
    ("garbage-collection-failing", [("warning", "datastore.gc", "datastore:pbs/tank")]),
    ("verification-failed", [("critical", "backup.corrupt", "guest:pve/104")]),
    ("healthy-guest-off", []),
    ("healthy-scrub-running", []),
    ("healthy-migration", []),
]


@contextmanager
def lab(scenario: str, folder: Path, *further: str) -> Iterator[dict[str, str]]:
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "nightshift_lab", "--scenario", scenario, "--without-prometheus", *further]
    with (folder / "lab.log").open("w") as log:
        process = subprocess.Popen([*command, "--ready-file", str(ready)], stdout=log, stderr=log)
    try:
        deadline_s = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None, (folder / "lab.log").read_text()
            assert time.monotonic() < deadline_s, "the lab did not get ready"
            time.sleep(0.05)
        yield json.loads(ready.read_text())["env"]
    finally:
        process.terminate()
        process.wait(20)


MOST_SWEEPS = 8


async def sweep_of(environ: dict[str, str]) -> Sweep:
    """A sweep by which the slow lane has read everything once."""
    sources = Sources.open(load_settings(environ=environ).connections)
    try:
        collector = Collector(sources, queries=QUERIES)
        sweeper = Sweeper(collector, None, thresholds=Thresholds(), clock=lambda: datetime.now(UTC))
        sweep = await sweeper.sweep()
        for _ in range(MOST_SWEEPS - 1):
            if sweep.snapshot.progress:
                sweep = await sweeper.sweep(fresh=True)
        return sweep
    finally:
        await sources.aclose()


@pytest.mark.parametrize(("scenario", "causes"), CAUSES, ids=[scenario for scenario, _ in CAUSES])
async def test_every_fault_is_the_only_cause(scenario: str, causes: list[tuple[str, str, str]], tmp_path: Path) -> None:
    with lab(scenario, tmp_path) as environ:
        sweep = await sweep_of(environ)
    told = [
        (finding.severity, finding.check, finding.entity.key) for finding in sweep.causes if finding.severity != "info"
    ]
    assert told == causes
    gaps = [(gap.source, gap.dataset) for gap in sweep.gaps]
    assert gaps == ([("pve", "tasks")] if scenario == "node-offline" else [])
