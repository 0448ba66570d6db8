"""The servers as an operator runs them: refused when unsafe, ended cleanly, nothing left."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.e2e.conftest import Cli, environ_for, wait_until

from nightshift_evals.processes import Lab, free_port

pytestmark = pytest.mark.parametrize("lab", ["healthy"], indirect=True, scope="session")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_api_ends_cleanly(lab: Lab, number: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    environ = environ_for(lab.environ, {"NIGHTSHIFT_DATA_DIR": str(tmp_path), "NIGHTSHIFT_PORT": str(port)})
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "nightshift.cli", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
        cwd=tmp_path,
    )
    try:
        wait_until(lambda: _status(f"{url}/health?ready=1") == 200, "the API did not become ready", 60)
        process.send_signal(number)
        told, complained = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode in (0, 130 if number == signal.SIGINT else 0)
    assert told == f"Nightshift's API: {url}\n"
    assert "Traceback" not in complained
    assert _status(f"{url}/health") == 0


def _status(url: str) -> int:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code
    except httpx.TransportError:
        return 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_beyond_loopback_it_wants_a_key(cli: Cli, host: str) -> None:
    done = cli("serve", NIGHTSHIFT_HOST=host)
    assert done.returncode != 0
    assert "NIGHTSHIFT_API_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_told(cli: Cli) -> None:

    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = cli("serve", NIGHTSHIFT_PORT=str(taken.getsockname()[1]))
    assert done.returncode != 0
    assert "NIGHTSHIFT_PORT" in done.stderr
    assert "Traceback" not in done.stderr
