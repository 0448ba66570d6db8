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


@pytest.mark.parametrize(
    ("scenario", "causes"), [("healthy", []), ("node-offline", [("critical", "node.offline", "node:pve/pve3")])]
)
async def test_a_lab_of_its_own_is_swept(scenario: str, causes: list[tuple[str, str, str]], tmp_path: Path) -> None:
    """As a process; tests/sweep/test_scenarios.py sweeps every scenario in its own process."""
    with lab(scenario, tmp_path) as environ:
        sweep = await sweep_of(environ)
    assert loud_causes(sweep) == causes
    gaps = [(gap.source, gap.dataset) for gap in sweep.gaps]
    assert gaps == ([("pve", "tasks")] if scenario == "node-offline" else [])


def loud_causes(sweep: Sweep) -> list[tuple[str, str, str]]:
    """Severity, check and entity of every cause that is more than a remark."""
    return [(item.severity, item.check, item.entity.key) for item in sweep.causes if item.severity != "info"]
