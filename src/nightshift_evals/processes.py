"""The lab and the product as processes: started, waited for, ended by their pids."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx

LAB_START_S = 90.0
SCRAPED_S = 45.0
PRODUCT_START_S = 60.0
CHECK_S = 60.0
ROUNDS = 8
STOP_S = 15.0
_OURS = ("PROMETHEUS_", "GRAFANA_", "PROXMOX_", "PBS_", "OPENAI_", "NIGHTSHIFT_", "RUNBOOK_")


class ProcessFailed(Exception):
    """A process did not start or ended early; the message holds the end of its output."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A running lab: what the product needs to reach its systems, and the control address."""

    scenario: str
    environ: Mapping[str, str]
    control_url: str
    pids: tuple[int, ...]

    def set_fault(self, name: str, *, active: bool) -> None:
        """Switch a fault while the lab runs."""
        self._control("/faults", {"name": name, "active": active})

    def set_knob(self, backend: str, knob: str, value: object) -> None:
        """Switch how a backend fails: `hang`, `error500`, …; None is its default value, False puts it right."""
        self._control("/knobs", {"backend": backend, "knob": knob, "value": value})

    def _control(self, path: str, body: Mapping[str, object]) -> None:
        httpx.post(self.control_url + path, json=body, timeout=20, trust_env=False).raise_for_status()


@dataclass(frozen=True, slots=True)
class Product:
    """A running Nightshift, spoken to over HTTP."""

    url: str
    pid: int

    def ask(self, question: str, *, conversation_id: str | None = None, fresh: bool = False) -> dict[str, Any]:
        """One answer. Raises httpx.HTTPError when there is none."""
        body: dict[str, Any] = {"question": question, "fresh": fresh}
        if conversation_id:
            body["conversation_id"] = conversation_id
        return self._json(httpx.post(f"{self.url}/ask", json=body, timeout=130, trust_env=False))

    def findings(self, *, fresh: bool = False) -> dict[str, Any]:
        """The current sweep."""
        params = {"fresh": "true"} if fresh else {}
        return self._json(httpx.get(f"{self.url}/findings", params=params, timeout=40, trust_env=False))

    @staticmethod
    def _json(response: httpx.Response) -> dict[str, Any]:
        data: dict[str, Any] = response.raise_for_status().json()
        return data


@contextmanager
def running_lab(
    scenario: str, *, seed: int = 1, folder: Path | None = None, options: Sequence[str] = ()
) -> Iterator[Lab]:
    """The lab in a scenario (a name or a file), from ready to ended. `options` are further ones of its command line."""
    with tempfile.TemporaryDirectory(prefix="nightshift-evals-lab-") as made:
        state = folder or Path(made)
        ready = state / "ready.json"
        command = [sys.executable, "-m", "nightshift_lab", "--scenario", scenario, "--seed", str(seed)]
        command += ["--state-dir", str(state / "state"), "--ready-file", str(ready), "--end-with-parent", *options]
        with _running(command, _clean_environ(), state / "lab.log") as process:
            _wait(process, ready.exists, LAB_START_S, state / "lab.log")
            told = json.loads(ready.read_text(encoding="utf-8"))
            prometheus = told["env"].get("PROMETHEUS_URL")
            if prometheus:
                _wait(process, lambda: _all_scraped(prometheus), SCRAPED_S, state / "lab.log")
            yield Lab(scenario, told["env"], told["control_url"], tuple(told.get("pids", {}).values()))


@contextmanager
def running_product(lab: Lab, extra: Mapping[str, str] | None = None) -> Iterator[Product]:
    """Nightshift's API over the lab's systems, with a data folder of its own; `extra` are further variables."""
    with tempfile.TemporaryDirectory(prefix="nightshift-evals-data-") as data:
        port = free_port()
        environ = {**_clean_environ(), **lab.environ, **(extra or {})}
        environ |= {"NIGHTSHIFT_DATA_DIR": data, "NIGHTSHIFT_PORT": str(port), "NIGHTSHIFT_TIMEZONE": "UTC"}
        url, log = f"http://127.0.0.1:{port}", Path(data) / "api.log"
        with _running([sys.executable, "-m", "nightshift.cli", "serve"], environ, log, cwd=data) as process:
            _wait(process, lambda: _looked_around(url), PRODUCT_START_S, log)
            yield Product(url, process.pid)


def check(lab: Lab, data: Path) -> dict[str, Any]:
    """One sweep by `nightshift check --json` with a data folder. Raises ProcessFailed when it prints none."""
    environ = {**_clean_environ(), **lab.environ, "NIGHTSHIFT_DATA_DIR": str(data), "NIGHTSHIFT_TIMEZONE": "UTC"}
    command = [sys.executable, "-m", "nightshift.cli", "check", "--json", "--quiet"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=environ, cwd=data, timeout=CHECK_S, check=False
        )
        sweep: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as error:
        raise ProcessFailed(f"nightshift check gave no sweep in {lab.scenario}: {error}") from error
    return sweep


def settled(sweep: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Sweep until everything had its turn: what is read item by item, a little at every sweep, needs a few rounds."""
    for _ in range(ROUNDS):
        found = sweep()
        if not found["progress"]:
            break
    return found


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _all_scraped(prometheus_url: str) -> bool:
    """Whether Prometheus has tried every target once: before that it cannot tell which of them is down.

    The lab is ready: when Prometheus does not answer now, then that is the scenario.
    """
    try:
        answer = httpx.get(f"{prometheus_url}/api/v1/targets?state=active", timeout=10, trust_env=False)
        targets = answer.raise_for_status().json()["data"]["activeTargets"]
    except httpx.HTTPError:
        return True
    return bool(targets) and all(target["health"] != "unknown" for target in targets)


def _looked_around(url: str) -> bool:
    """Ready to be asked: it answers, and it has swept once."""
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/findings", timeout=30, trust_env=False).status_code == httpx.codes.OK
    return False


def _clean_environ() -> dict[str, str]:
    """This process's environment without settings that would lead the product elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


@contextmanager
def _running(
    command: list[str], environ: Mapping[str, str], log: Path, cwd: str | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    # In a session of its own: Ctrl-C ends us, and we end it, after what was graded is kept.
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=dict(environ), stdout=output, stderr=subprocess.STDOUT, cwd=cwd, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float, log: Path) -> None:
    until = monotonic() + seconds
    while not ready():
        ended = process.poll() is not None
        if ended or monotonic() > until:
            words = log.read_bytes()[-2_000:].decode("utf-8", errors="replace").strip()
            state = f"ended with {process.returncode}" if ended else f"is not ready after {seconds:g} s"
            raise ProcessFailed(f"{' '.join(map(str, process.args))} {state}:\n{words}")  # type: ignore[arg-type]
        sleep(0.1)
