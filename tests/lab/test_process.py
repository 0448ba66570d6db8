"""The lab as a process: ready file, commands, messages, and an end that leaves nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from nightshift_lab.main import main
from nightshift_lab.scenarios import FAULTS, SCENARIOS

Process = asyncio.subprocess.Process
StartLab = Callable[..., Awaitable[tuple[Process, dict[str, Any]]]]


@pytest.fixture
async def start_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StartLab]:
    """Start `python -m nightshift_lab` and wait for its ready file."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    processes: list[Process] = []

    async def start(*arguments: str, within_s: float = 20.0) -> tuple[Process, dict[str, Any]]:
        ready = tmp_path / f"ready-{len(processes)}.json"
        command = (sys.executable, "-m", "nightshift_lab", "--ready-file", str(ready), *arguments)
        output = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=asyncio.subprocess.STDOUT)
        processes.append(process)
        deadline = time.monotonic() + within_s
        while not ready.exists():
            if process.returncode is not None or time.monotonic() > deadline:
                process.kill()
                raise AssertionError((await process.communicate())[0].decode())
            await asyncio.sleep(0.05)
        return process, json.loads(ready.read_text())

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _run(*arguments: str) -> tuple[int, str]:
    command = (sys.executable, "-m", "nightshift_lab", *arguments)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode or 0, output.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_starts_answers_and_ends_cleanly(number: signal.Signals, start_lab: StartLab, tmp_path: Path) -> None:
    process, ready = await start_lab("--scenario", "node-offline", "--without-prometheus", "--seed", "11")
    assert (ready["scenario"], ready["seed"]) == ("node-offline", 11)
    assert ready["pids"] == {"lab": process.pid}
    assert set(ready["env"]) == {f"{p}_{n}" for p in ("PROXMOX", "PBS") for n in ("URL", "API_TOKEN", "FINGERPRINT")}
    assert _private(tmp_path / "ready-0.json")
    async with httpx.AsyncClient(verify=False) as client:
        headers = {"Authorization": f"PVEAPIToken={ready['env']['PROXMOX_API_TOKEN']}"}
        answer = await client.get(f"{ready['env']['PROXMOX_URL']}/api2/json/cluster/status", headers=headers)
        assert [row.get("online") for row in answer.json()["data"]] == [None, 1, 1, 0]
    process.send_signal(number)
    output, _ = await asyncio.wait_for(process.communicate(), 5)
    assert process.returncode == 0
    assert output.decode().startswith("Simulated homelab is ready: node-offline")
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_fault_and_knob_commands_find_the_running_lab(start_lab: StartLab) -> None:
    _, ready = await start_lab("--without-prometheus")
    assert await _run("fault", "datastore-full", "on") == (0, "active faults: datastore-full\n")
    assert await _run("fault", "datastore-full", "off") == (0, "active faults: none\n")
    assert await _run("knob", "pve", "slow", "250") == (0, "pve: {'slow': 250.0}\n")
    assert await _run("knob", "pve", "slow", "off") == (0, "pve: as usual\n")
    status, words = await _run("fault", "meteor", "on", "--control-url", ready["control_url"])
    assert status == 1
    assert f"there are: {', '.join(FAULTS)}" in words


async def test_it_ends_with_its_parent_when_asked_to(start_lab: StartLab, tmp_path: Path) -> None:
    ready = tmp_path / "tied.json"
    script = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-m', 'nightshift_lab', '--without-prometheus', '--end-with-parent',"
        f" '--ready-file', {str(ready)!r}])\n"
        "time.sleep(60)\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.DEVNULL)
    for _ in range(200):
        if ready.exists():
            break
        await asyncio.sleep(0.05)
    pid = json.loads(ready.read_text())["pids"]["lab"]
    parent.kill()
    await parent.wait()
    for _ in range(100):
        if not ready.exists():
            break
        await asyncio.sleep(0.05)
    assert not ready.exists()
    for _ in range(100):
        if _gone(pid):
            return
        await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("the lab outlived its parent")


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_no_child_survives_the_lab(number: signal.Signals, start_lab: StartLab, tmp_path: Path) -> None:
    process, ready = await start_lab("--without-history", "--state-dir", str(tmp_path / "state"), within_s=60)
    assert set(ready["pids"]) == {"lab", "prometheus", "pve_exporter"}
    assert {"PROMETHEUS_URL", "GRAFANA_URL", "GRAFANA_SERVICE_ACCOUNT_TOKEN"} <= set(ready["env"])
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{ready['env']['PROMETHEUS_URL']}/api/v1/query", params={"query": "1"})
        assert answer.json()["status"] == "success"
        token = ready["env"]["GRAFANA_SERVICE_ACCOUNT_TOKEN"]
        url = f"{ready['env']['GRAFANA_URL']}/api/prometheus/grafana/api/v1/rules"
        rules = await client.get(url, headers={"Authorization": f"Bearer {token}"})
        assert rules.json()["status"] == "success"
    process.send_signal(number)
    await asyncio.wait_for(process.wait(), 10)
    for _ in range(100):
        if all(_gone(pid) for pid in ready["pids"].values()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("a child outlived the lab")


def _gone(pid: int) -> bool:
    """Whether the process ended (it may wait to be collected)."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def _private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0


def test_a_wrong_scenario_is_told_those_that_exist() -> None:
    result = CliRunner().invoke(main, ["--scenario", "volcano"])
    assert result.exit_code == 2
    assert f"unknown scenario 'volcano'; there are: {', '.join(SCENARIOS)}" in " ".join(result.output.split())


def test_list_names_everything() -> None:
    result = CliRunner().invoke(main, ["list"])
    assert result.exit_code == 0
    assert all(name in result.output for name in (*SCENARIOS, *FAULTS, "expired_certificate"))


def test_without_a_running_lab_the_commands_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = CliRunner().invoke(main, ["fault", "node-offline", "on"])
    assert (result.exit_code, result.output) == (
        1,
        "Error: no lab is running (start one: nightshift-lab --scenario healthy)\n",
    )


def test_without_prometheus_on_the_machine_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("NIGHTSHIFT_PROMETHEUS_BIN", str(tmp_path))
    result = CliRunner().invoke(main, ["--state-dir", str(tmp_path / "state")])
    assert result.exit_code == 1
    assert "there are no prometheus and promtool in that folder" in result.output
