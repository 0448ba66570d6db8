"""How long a sweep takes, cold and steady, from a homelab to 32 nodes and 5,000 guests, with 20 ms to every answer.

Each size is a lab of its own (PVE and PBS; no Prometheus, which is the same few requests for all) and a process of its
own that sweeps: first with nothing kept, then again and again, five minutes of its clock apart, while the slow lane
reads on. `python -m bench.sweep --only 8x500` measures one size, `--profile` prints where the time goes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

from bench.report import Figure, Report, at_most, median_of
from nightshift_evals.processes import running_lab

SIZES = ((1, 15), (3, 50), (8, 500), (32, 5000))
LATENCY_S = 0.020
STEADY_SWEEPS = 5
ABREAST = 6  # connections to one host, see sources/transport.py
LONGEST_CHAIN = 6  # cluster resources → tasks → logs of backups → a first and a second turn of the slow lane


@contextmanager
def lab_of(nodes: int, guests: int) -> Iterator[Mapping[str, str]]:
    """The variables that lead to a lab of so many nodes and guests."""
    with tempfile.TemporaryDirectory(prefix="nightshift-bench-") as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "nightshift_lab", "--without-prometheus", "--nodes", str(nodes)]
        command += ["--guests", str(guests), "--latency-ms", f"{LATENCY_S * 1000:g}", "--ready-file", str(ready)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            until = monotonic() + 120
            while not ready.exists():
                if process.poll() is not None or monotonic() > until:
                    raise RuntimeError("the lab did not start")
                sleep(0.05)
            yield json.loads(ready.read_text())["env"]
        finally:
            process.terminate()
            process.wait(30)


def sweeps_of(environ: Mapping[str, str]) -> dict[str, Any]:
    """What a process that sweeps tells of itself; see sweep_worker.py."""
    command = [sys.executable, "-m", "bench.sweep_worker", str(STEADY_SWEEPS)]
    done = subprocess.run(command, env=_clean(environ), capture_output=True, text=True, check=True, timeout=300)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def figures_of(nodes: int, guests: int, *, profile: bool) -> Iterable[Figure]:
    """Cold and steady sweeps of one size against their goals."""
    with lab_of(nodes, guests) as environ:
        told = sweeps_of(environ)
    size = f"{nodes} nodes, {guests:,} guests"
    cold, steady = told["sweeps"][0], told["sweeps"][1:]
    wall_s = [sweep["wall_s"] for sweep in steady]
    cpu_s = sorted(sweep["cpu_s"] for sweep in steady)[len(steady) // 2]
    fast = max(sweep["fast_requests"] for sweep in told["sweeps"])
    allowed = 25 + 10 * nodes + 6 * told["datastores"] + told["namespaces"] + told["backup_jobs"]
    busiest = max(max(sweep["requests_by_source"].values()) for sweep in steady)
    bound_s = 1.5 * (max(LONGEST_CHAIN, busiest / ABREAST) * LATENCY_S + cpu_s)
    yield Figure(f"{size}: cold", cold["wall_s"], "s")
    yield median_of(f"{size}: steady", wall_s, "s", goal=at_most(min(bound_s, 4.0) if guests >= 5000 else bound_s))
    yield Figure(f"{size}: processor of a cold sweep", cold["cpu_s"], "s")
    yield Figure(f"{size}: processor of a steady sweep", cpu_s, "s")
    yield Figure(f"{size}: requests of the fast lane", fast, "requests", at_most(allowed))
    yield Figure(f"{size}: requests of the slow lane, cold", cold["slow_requests"], "requests")
    yield Figure(f"{size}: requests of the slow lane, steady", max(it["slow_requests"] for it in steady), "requests")
    yield Figure(f"{size}: peak memory", told["peak_mib"], "MiB", at_most(350.0) if guests >= 5000 else None)
    if profile:
        print(f"{size}\n{json.dumps(steady[-1], indent=2)}\n{json.dumps(told['stages'], indent=2)}", file=sys.stderr)


def whole_process() -> Iterable[Figure]:
    """`nightshift check` as an operator calls it, on the homelab with Prometheus and Grafana: the second call on."""
    with running_lab("healthy") as lab, tempfile.TemporaryDirectory(prefix="nightshift-bench-") as data:
        environ = _clean({**lab.environ, "NIGHTSHIFT_DATA_DIR": data})
        call = partial(_check, environ, data)
        yield Figure("nightshift check, first call on a homelab", _timed(call), "s")
        yield median_of("nightshift check on a homelab", [_timed(call) for _ in range(5)], "s", goal=at_most(2.0))


def _check(environ: Mapping[str, str], folder: str) -> None:
    command = [sys.executable, "-m", "nightshift.cli", "check", "--json", "--quiet"]
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode > 3:
        raise RuntimeError(done.stderr)


def _timed(call: Callable[[], None]) -> float:
    started_s = perf_counter()
    call()
    return perf_counter() - started_s


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **environ, "NIGHTSHIFT_TIMEZONE": "UTC", "NIGHTSHIFT_BRAIN": "builtin"}


def measure(only: str | None, *, profile: bool) -> Iterable[Figure]:
    for nodes, guests in SIZES:
        if only in (None, f"{nodes}x{guests}"):
            yield from figures_of(nodes, guests, profile=profile)
    if only in (None, "check"):
        yield from whole_process()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.sweep", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--only", metavar="SIZE", help="1x15, 3x50, 8x500, 32x5000 or check")
    parser.add_argument("--profile", action="store_true", help="print requests by endpoint and stages on stderr")
    arguments = parser.parse_args()
    report = Report("sweep", tuple(measure(arguments.only, profile=arguments.profile)))
    print(report.to_text(as_json=arguments.json))
    sys.exit(report.exit_code)


if __name__ == "__main__":
    main()
