"""The server as a process, from the environment to the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from nightshift.api.server import serve
from nightshift.errors import ConfigError
from nightshift.settings import load_settings


@contextmanager
def _served(folder: Path, **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`nightshift serve` with nothing to watch, on a free port; its URL and its process."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environ = {"PATH": os.environ["PATH"], "NIGHTSHIFT_DATA_DIR": str(folder), "NIGHTSHIFT_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "nightshift.cli", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environ, **variables},
        cwd=folder,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        until = monotonic() + 40
        while not _answers(url):
            assert process.poll() is None, process.communicate()
            assert monotonic() < until, "the server did not start"
            sleep(0.05)
        yield url, process
    finally:
        process.kill()
        process.communicate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_from_start_to_end_with_nothing_to_watch(tmp_path: Path) -> None:
    with _served(tmp_path) as (url, process):
        asked = httpx.post(f"{url}/ask", json={"question": "Is anything wrong?"}, timeout=60, trust_env=False)
        answer = asked.json()
        assert asked.status_code == 200, answer
        assert answer["verdict"] != "healthy", "nothing was seen"
        kept = httpx.get(f"{url}/conversations/{answer['conversation_id']}", timeout=5, trust_env=False).json()
        assert [turn["id"] for turn in kept["turns"]] == [answer["id"]]
        unknown = httpx.get(f"{url}/conversations/01JDCQ0000000000000000000Z", timeout=5, trust_env=False)
        assert unknown.status_code == 404
        health = _health_after_a_look(url)
        assert {part["name"]: part["status"] for part in health["components"]} == {
            "prometheus": "not_configured",
            "grafana": "not_configured",
            "pve": "not_configured",
            "pbs": "not_configured",
            "store": "ok",
        }
        assert health["brain"]["kind"] == "builtin"
        process.send_signal(signal.SIGTERM)
        told, complained = process.communicate(timeout=15)
    assert (process.returncode, told) == (0, f"Nightshift's API: {url}\n")
    assert "Traceback" not in complained


def _health_after_a_look(url: str) -> dict[str, object]:
    until = monotonic() + 20
    while httpx.get(f"{url}/health?ready=1", timeout=5, trust_env=False).status_code != 200:
        assert monotonic() < until
        sleep(0.1)
    health: dict[str, object] = httpx.get(f"{url}/health", timeout=5, trust_env=False).json()
    return health


def test_with_a_key_on_all_interfaces(tmp_path: Path) -> None:
    with _served(tmp_path, NIGHTSHIFT_HOST="0.0.0.0", NIGHTSHIFT_API_KEYS="me:ask:a-long-random-text") as (url, _):
        assert httpx.get(f"{url}/findings", timeout=5, trust_env=False).status_code == 401
        headers = {"authorization": "Bearer a-long-random-text"}
        assert httpx.get(f"{url}/", headers=headers, timeout=5, trust_env=False).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_beyond_loopback_without_a_key_it_does_not_start(host: str, tmp_path: Path) -> None:
    settings = load_settings({"NIGHTSHIFT_HOST": host, "NIGHTSHIFT_DATA_DIR": str(tmp_path)})
    with pytest.raises(ConfigError) as caught:
        serve(settings)
    assert caught.value.variable == "NIGHTSHIFT_API_KEYS"


def test_a_port_in_use_is_the_operators_to_mend(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = load_settings({"NIGHTSHIFT_PORT": port, "NIGHTSHIFT_DATA_DIR": str(tmp_path)})
        with pytest.raises(ConfigError) as caught:
            serve(settings)
    assert caught.value.variable == "NIGHTSHIFT_PORT"
    assert port in str(caught.value)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_that_is_not_this_machines(host: str, tmp_path: Path) -> None:
    environ = {"NIGHTSHIFT_HOST": host, "NIGHTSHIFT_API_KEYS": "me:ask:a-long-random-text"}
    settings = load_settings({**environ, "NIGHTSHIFT_DATA_DIR": str(tmp_path)})
    with pytest.raises(ConfigError):
        serve(settings)
