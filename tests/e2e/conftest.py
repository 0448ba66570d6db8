"""One lab and one product a scenario, shared by all tests of that scenario; ended, and looked after, at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from nightshift_evals.processes import Lab, Product, running_lab, running_product
from nightshift_evals.systems import Systems
from nightshift_evals.truth import Lookup

Cli = Callable[..., subprocess.CompletedProcess[str]]

BACKENDS = {"PROXMOX": "pve", "PBS": "pbs", "PROMETHEUS": "prometheus", "GRAFANA": "grafana"}
"""What the lab calls the systems that the product's variables name."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests of one scenario stay on one worker, which must be known before the workers look at the items."""
    if _is_ours(item):
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.timeout(240))
        item.add_marker(pytest.mark.xdist_group(f"lab-{_scenario(item)}"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one scenario stay together, so that no lab is started twice."""
    items.sort(key=lambda item: (_is_ours(item), _scenario(item), str(item.path) if _is_ours(item) else ""))


def _is_ours(item: pytest.Item) -> bool:
    return Path(__file__).parent in item.path.parents


def _scenario(item: pytest.Item) -> str:
    parameters = getattr(item, "callspec", None)
    return str(parameters.params.get("lab", "")) if parameters and _is_ours(item) else ""


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The lab in the scenario that is this fixture's parameter. Leaves no process and no port behind."""
    with running_lab(request.param, folder=tmp_path_factory.mktemp(request.param)) as running:
        ports = {name: _port(running.environ[f"{name}_URL"]) for name in BACKENDS}
        # A scenario may have a system that is down, and the lab says which.
        state = httpx.get(f"{running.control_url}/state", timeout=10, trust_env=False).raise_for_status().json()
        down = {name for name, backend in BACKENDS.items() if backend in state["closed"]}
        assert {name for name, port in ports.items() if not _is_open(port)} == down
        yield running
    wait_until(lambda: not [pid for pid in running.pids if _lives(pid)], "a process of the lab is left")
    wait_until(lambda: not [name for name, port in ports.items() if _is_open(port)], "a port of the lab is left open")


@pytest.fixture(scope="session")
def product(lab: Lab) -> Iterator[Product]:
    """Nightshift's API over the lab, with the built-in brain."""
    with running_product(lab, {"NIGHTSHIFT_BRAIN": "builtin"}) as running:
        yield running


@pytest.fixture(scope="session")
def truth(lab: Lab) -> Iterator[Lookup]:
    """The lab's systems, read directly."""
    with Systems(lab.environ) as systems:
        yield Lookup(systems)


@pytest.fixture
def cli(lab: Lab, tmp_path: Path) -> Cli:
    """Runs `nightshift …` against the lab."""

    def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        environ = environ_for(
            lab.environ, {"NIGHTSHIFT_DATA_DIR": str(tmp_path), "NIGHTSHIFT_BRAIN": "builtin", **extra}
        )
        return subprocess.run(
            [sys.executable, "-m", "nightshift.cli", *arguments],
            capture_output=True,
            text=True,
            env=environ,
            cwd=tmp_path,
            timeout=90,
        )

    return run


def environ_for(*further: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    merged: dict[str, str] = {**kept, "NIGHTSHIFT_TIMEZONE": "UTC"}
    for one in further:
        merged |= one
    return merged


def wait_until(condition: Callable[[], Any], otherwise: str, seconds: float = 10.0) -> None:
    until = monotonic() + seconds
    while not condition():
        assert monotonic() < until, otherwise
        sleep(0.05)


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def _is_open(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
