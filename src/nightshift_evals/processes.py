"""The lab and the product as processes: started, waited for, ended by their pids."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import SystemRandom
from typing import Any

import httpx

from nightshift_evals.programs import (
    Command,
    Fresh,
    ProcessFailed,
    Program,
    Start,
    clean_environ,
    run_through,
    running,
    wait_until,
)

LAB_START_S = 120.0
SCRAPED_S = 60.0
PRODUCT_START_S = 90.0
CHECK_S = 90.0
ANSWER_S = 130.0
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Lab:
    """A running lab: what the product needs to reach its systems, and the control address.

    `further` are the ids of systems beside the first of their kind; the product is told of them only by
    `with_further_systems`.
    """

    scenario: str
    environ: Mapping[str, str]
    control_url: str
    pids: tuple[int, ...]
    further: frozenset[str] = frozenset()
    further_environ: Mapping[str, str] = field(default_factory=dict)
    program: Program | None = field(default=None, repr=False)

    def with_further_systems(self) -> Lab:
        """The same lab, with its second site and second backup server, which nightshift.yaml names."""
        return replace(self, environ={**self.environ, **self.further_environ})

    def set_knob(self, backend: str, knob: str, value: object) -> None:
        """Switch how a backend fails: `hang`, `error500`, …; None is its default value, False puts it right."""
        self._control("/knobs", {"backend": backend, "knob": knob, "value": value})

    def _control(self, path: str, body: Mapping[str, object]) -> None:
        httpx.post(self.control_url + path, json=body, timeout=20, trust_env=False).raise_for_status()


@dataclass(frozen=True, slots=True)
class Product:
    """A running Nightshift, spoken to over HTTP. An answer may take `answer_s` seconds."""

    url: str
    pid: int
    answer_s: float = ANSWER_S
    program: Program | None = field(default=None, repr=False)

    def ask(self, question: str, *, conversation_id: str | None = None, fresh: bool = False) -> dict[str, Any]:
        """One answer. Raises httpx.HTTPError when there is none, ValueError when it is no JSON."""
        body: dict[str, Any] = {"question": question, "fresh": fresh}
        if conversation_id:
            body["conversation_id"] = conversation_id
        return self._json(httpx.post(f"{self.url}/ask", json=body, timeout=self.answer_s, trust_env=False))

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
    scenario: str, *, seed: int = 1, folder: Path | None = None, options: Sequence[str] = (), start: Start = Fresh
) -> Iterator[Lab]:
    """The lab in a scenario (a name or a file), from ready to ended. `options` are further ones of its command line."""
    with tempfile.TemporaryDirectory(prefix="nightshift-evals-lab-") as made:
        state = folder or Path(made)
        ready = state / "ready.json"
        where = ("--state-dir", str(state / "state"), "--ready-file", str(ready), "--end-with-parent")
        arguments = ("--scenario", scenario, "--seed", str(seed), *where, *options)
        command = Command("nightshift_lab", arguments, clean_environ(), state / "lab.log")
        with running(command, start) as program:
            wait_until(program, ready.exists, LAB_START_S)
            told = json.loads(ready.read_text(encoding="utf-8"))
            prometheus = told["env"].get("PROMETHEUS_URL")
            if prometheus:
                wait_until(program, lambda: _all_scraped(prometheus), SCRAPED_S)
            further = {one["token_env"]: one["token"] for one in told["sources"]}
            further["NIGHTSHIFT_CONFIG"] = str(state / "state" / "nightshift.yaml")
            ids = frozenset(one["id"] for one in told["sources"])
            pids = tuple(told.get("pids", {}).values())
            yield Lab(scenario, told["env"], told["control_url"], pids, ids, further, program)


@contextmanager
def running_product(
    lab: Lab, extra: Mapping[str, str] | None = None, *, start: Start = Fresh, answer_s: float = ANSWER_S
) -> Iterator[Product]:
    """Nightshift's API over the lab's systems, with a data folder of its own; `extra` are further variables."""
    with tempfile.TemporaryDirectory(prefix="nightshift-evals-data-") as data:
        port = free_port()
        own = {"NIGHTSHIFT_DATA_DIR": data, "NIGHTSHIFT_PORT": str(port), "NIGHTSHIFT_TIMEZONE": "UTC"}
        environ = clean_environ(lab.environ, extra or {}, own)
        url = f"http://127.0.0.1:{port}"
        command = Command("nightshift.cli", ("serve",), environ, Path(data) / "api.log", cwd=data)
        with running(command, start) as program:
            wait_until(program, lambda: _looked_around(url), PRODUCT_START_S)
            yield Product(url, program.pid, answer_s, program)


def check(lab: Lab, data: Path, *, start: Start = Fresh) -> dict[str, Any]:
    """One sweep by `nightshift check --json` with a data folder. Raises ProcessFailed when it prints none."""
    environ = clean_environ(lab.environ, {"NIGHTSHIFT_DATA_DIR": str(data), "NIGHTSHIFT_TIMEZONE": "UTC"})
    with tempfile.TemporaryDirectory(prefix="nightshift-evals-check-") as made:
        output, errors = Path(made) / "sweep.json", Path(made) / "errors.log"
        command = Command("nightshift.cli", ("check", "--json", "--quiet"), environ, output, errors, cwd=str(data))
        code = run_through(command, start, CHECK_S)
        try:
            sweep: dict[str, Any] = json.loads(output.read_bytes())
        except ValueError as error:
            state = "took too long" if code is None else f"ended with {code}"
            raise ProcessFailed(f"{command} in {lab.scenario} {state}:\n{command.log_tail()}") from error
    return sweep


def settled(sweep: Callable[[], dict[str, Any]], again: Callable[[], dict[str, Any]] | None = None) -> dict[str, Any]:
    """Sweep until everything had its turn: what is read item by item, a little at every sweep, needs a few rounds.

    `again` are the rounds after the first, where they are made in another way.
    """
    found = sweep()
    for _ in range(ROUNDS - 1):
        if not found["progress"]:
            break
        found = (again or sweep)()
    return found


def free_port() -> int:
    """A loopback port that nobody listens on at this moment, below those that outgoing connections are given."""
    for port in SystemRandom().sample(range(20_000, 32_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise ProcessFailed("no loopback port between 20,000 and 32,000 is free")


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
