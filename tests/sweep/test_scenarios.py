"""Every scenario of the lab at the level of snapshots: what PVE and PBS tell is found, and nothing that is forbidden.

Both run in this process and speak over HTTPS. tests/e2e/test_truths.py asks the same of the whole lab with Prometheus.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.scenario_truth import broken_promises, scenario
from tests.sweep.test_on_the_lab import loud_causes, sweep_of

from nightshift.facts.as_json import sweep_to_json
from nightshift.facts.sweep import Sweep
from nightshift_lab.access import Delays
from nightshift_lab.process import Fleet, Lab, LabOptions
from nightshift_lab.scenarios import SCENARIOS

# The only causes above a remark.
CAUSES: dict[str, list[tuple[str, str, str]]] = {
    "healthy": [],
    "datastore-full": [("critical", "datastore.full", "datastore:pbs/tank")],
    "node-offline": [("critical", "node.offline", "node:pve/pve3")],
    "container-oom-loop": [("critical", "guest.restart_loop", "guest:pve/116")],
    "guest-without-backup": [("warning", "backup.uncovered", "guest:pve/114")],
    "guest-stopped": [("critical", "guest.stopped", "guest:pve/117")],
    "guest-stopped-by-hand": [],  # a remark, as long as no target in it is missed
    "guest-locked": [("warning", "guest.locked", "guest:pve/104")],
    "guest-agent-dead": [("warning", "guest.agent", "guest:pve/109")],
    "guest-io-error": [("critical", "guest.state", "guest:pve/122")],
    "thin-pool-full-pauses-guests": [("critical", "storage.full", "storage:pve/pve3/local-lvm")],
    "zfs-degraded": [("critical", "zfs.state", "pool:pve/pve1/rpool")],
    "scrub-errors": [("warning", "zfs.errors", "pool:pve/pve2/rpool")],
    "disk-failing": [("critical", "disk.health", "disk:pve/pve1/WD-CA1L4J7K")],
    "disk-worn-out": [("warning", "disk.wear", "disk:pve/pve3/2212E6179A0C")],
    "garbage-collection-failing": [("warning", "datastore.gc", "datastore:pbs/tank")],
    "healthy-guest-off": [],
    "healthy-scrub-running": [],
    "healthy-migration": [],
}
_AT_ONCE = Delays(0.0, 0.0, 0.0)
_SOAK = bool(os.environ.get("NIGHTSHIFT_SOAK"))


async def swept(name: str, folder: Path, *, seed: int = 7, fleet: Fleet | None = None) -> Sweep:
    """A sweep in which everything had its turn. Of further systems only a scenario about them knows."""
    lab = Lab(LabOptions(name, folder, seed, prometheus=False, delays=_AT_ONCE, fleet=fleet))
    await lab.start()
    try:
        others = {source.token_env: source.token for source in lab.backends.sources}
        others["NIGHTSHIFT_CONFIG"] = str(folder / "nightshift.yaml")
        about_others = scenario(name).is_about([source.id for source in lab.backends.sources])
        return await sweep_of(lab.env | (others if about_others else {}))
    finally:
        await lab.stop()


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario_keeps_its_promises(name: str, tmp_path: Path) -> None:
    sweep = await swept(name, tmp_path)
    told = sweep_to_json(sweep, sweep.findings, sweep.snapshot.taken_at)
    assert broken_promises(name, told, monitored=False) == [], sweep.gaps  # an overloaded machine answers too late
    if name in CAUSES:
        assert loud_causes(sweep) == CAUSES[name]


FILLING = {
    "storage.full": "{kind: storage-filling, target: storage/pve3/local-lvm, start: -60d, "
    "shape: {kind: ramp, over: 92d}, with: {fraction: 107%}}",
    "node.rootfs": "{kind: disk-filling, target: node/pve1, start: -112d, with: {per_day: 0.5%}}",
    "container.disk": "{kind: disk-filling, target: guest/postgres, start: -79d, with: {per_day: 0.5%}}",
}


@pytest.mark.parametrize("check", FILLING)
async def test_what_fills_slowly_is_told_without_metrics(check: str, tmp_path: Path) -> None:
    """At 84 % and half a per cent a day, by PVE's own records, or, of a guest's file system, for want of any."""
    file = tmp_path / "fills-slowly.yaml"
    file.write_text(f"summary: it fills slowly\nfamily: single\nfaults:\n  - {FILLING[check]}\n")
    lab = Lab(LabOptions(str(file), tmp_path, 7, prometheus=False, delays=_AT_ONCE))
    await lab.start()
    try:
        sweep = await sweep_of(lab.env)
    finally:
        await lab.stop()
    assert [item.severity for item in sweep.causes if item.check == check] == ["info"], sweep.gaps
    assert loud_causes(sweep) == []


@pytest.mark.parametrize("seed", range(20) if _SOAK else (1,))
@pytest.mark.parametrize("fleet", [None, Fleet(8, 500)], ids=["homelab", "fleet"])
async def test_what_is_healthy_gives_nothing_above_a_remark(seed: int, fleet: Fleet | None, tmp_path: Path) -> None:
    sweep = await swept("healthy", tmp_path, seed=seed, fleet=fleet)
    assert [(item.check, item.title) for item in sweep.findings if item.severity != "info"] == []
    assert sweep.gaps == ()
