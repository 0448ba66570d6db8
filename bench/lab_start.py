"""How long the lab takes to start, and how quickly its largest answers come: `python -m bench.lab_start [--json]`.

The homelab, whole, with its Prometheus and a week of history; then the homelab and the largest fleet (32 nodes, 5,000
guests, 7 and 20 snapshots a guest) without Prometheus, where what is measured is the world and its servers.
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.report import Figure, at_most, main, median_of

_SERVERS = ("--without-prometheus",)
_FLEET = (*_SERVERS, "--nodes", "32", "--guests", "5000")


class _Started:
    """A lab process from its start to its end."""

    def __init__(self, *arguments: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-lab-")
        ready = Path(self._folder.name) / "ready.json"
        began = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "nightshift_lab",
            "--ready-file",
            str(ready),
            *arguments,
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not ready.exists():
            if self._process.poll() is not None:
                raise RuntimeError(f"the lab ended with {self._process.returncode}")
            time.sleep(0.01)
        self.seconds = time.perf_counter() - began
        self.ready: dict[str, Any] = json.loads(ready.read_text())

    def get(self, prefix: str, path: str) -> float:
        """Seconds that one answer takes, whole."""
        env = self.ready["env"]
        scheme = {"PROXMOX": "PVEAPIToken", "PBS": "PBSAPIToken"}[prefix]
        headers = {"Authorization": f"{scheme}={env[f'{prefix}_API_TOKEN']}"}
        request = urllib.request.Request(f"{env[f'{prefix}_URL']}/api2/json{path}", headers=headers)
        began = time.perf_counter()
        with urllib.request.urlopen(request, context=_anybody()) as response:
            response.read()
        return time.perf_counter() - began

    def memory_mib(self) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1_024

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)
        self._folder.cleanup()


def _anybody() -> ssl.SSLContext:
    """The lab signs its own certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _start_times(n: int, *arguments: str) -> list[float]:
    seconds = []
    for _ in range(n):
        lab = _Started(*arguments)
        seconds.append(lab.seconds)
        lab.stop()
    return seconds


def measure() -> Iterable[Figure]:
    whole = _start_times(3)
    yield median_of("start of the homelab with Prometheus and a week of history", whole, "s", goal=at_most(20.0))
    yield median_of("start of the homelab without Prometheus", _start_times(3, *_SERVERS), "s", goal=at_most(10.0))
    yield median_of("start of 32 nodes and 5,000 guests", _start_times(3, *_FLEET), "s", goal=at_most(10.0))
    lab = _Started(*_FLEET)
    try:
        paths = {
            "cluster resources of 5,000 guests": ("PROXMOX", "/cluster/resources"),
            "35,000 snapshots": ("PBS", "/admin/datastore/main/snapshots?ns=fleet"),
            "5,000 groups": ("PBS", "/admin/datastore/main/groups?ns=fleet"),
            "configuration of one guest of 5,000": ("PROXMOX", "/nodes/node02/qemu/101/config"),
        }
        for name, (prefix, path) in paths.items():
            first = lab.get(prefix, path)
            yield median_of(f"{name}, first", [first], "s")
            yield median_of(f"{name}, then", [lab.get(prefix, path) for _ in range(5)], "s", goal=at_most(1.0))
        yield median_of("memory of the lab with 5,000 guests", [lab.memory_mib()], "MiB")
    finally:
        lab.stop()
    many = _Started(*_FLEET, "--snapshots", "20")
    try:
        yield median_of("start with 20 snapshots a guest", [many.seconds], "s", goal=at_most(10.0))
        yield median_of("100,000 snapshots, first", [many.get("PBS", "/admin/datastore/main/snapshots?ns=fleet")], "s")
    finally:
        many.stop()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main("lab_start", measure)
