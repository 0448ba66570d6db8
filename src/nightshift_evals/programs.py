"""Programs of this installation as processes: each in an interpreter of its own, or forked from one that is warm.

A lab or a sweep spends most of its first seconds on imports. A run of many starts one process that makes them once,
and forks a process from it for each program: the program runs as its command line would, with arguments, environment,
folder and output of its own, and nothing of it stays behind.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from time import monotonic, sleep

STOP_S = 15.0
_WARM_UP_S = 120.0
_OURS = ("PROMETHEUS_", "GRAFANA_", "PROXMOX_", "PBS_", "OPENAI_", "NIGHTSHIFT_", "RUNBOOK_")
# What the lab, a sweep and the API load sooner or later; what is not installed is left out.
_WARM = (
    "nightshift_lab.main", "nightshift_lab.process", "nightshift_lab.grafana.server", "nightshift_lab.prometheus.side",
    "nightshift.cli.main", "nightshift.cli.check", "nightshift.cli.serve", "nightshift.cli.opening",
    "nightshift.cli.sweep_markdown", "nightshift.runtime", "nightshift.collect.live", "nightshift.collect.backup_items",
    "nightshift.collect.collector", "nightshift.sweep.sweeper", "nightshift.sweep.verdict", "nightshift.store.findings",
    "nightshift.store.restores", "nightshift.api.app", "nightshift.agent.agent", "nightshift.agent.builtin.brain",
    "nightshift.knowledge.search", "langchain.agents", "dateparser", "uvicorn", "httpcore",
    "sqlalchemy.dialects.sqlite", "anyio._backends._asyncio", "anyio.streams.tls",
    "cryptography.hazmat.backends.openssl.backend", "nightshift_evals.frozen",
)  # fmt: skip


class ProcessFailed(Exception):
    """A process did not start or ended early; the message holds the end of its output."""


@dataclass(frozen=True, slots=True)
class Command:
    """`python -m module arguments…`. What it prints goes to `output`, its errors to `errors` or there as well."""

    module: str
    arguments: tuple[str, ...]
    environ: Mapping[str, str]
    output: Path
    errors: Path | None = None
    cwd: str | None = None

    def __str__(self) -> str:
        return f"python -m {self.module} {' '.join(self.arguments)}"

    def log_tail(self) -> str:
        """The end of what it said; nothing of a program that ended before it could say anything."""
        said = self.errors or self.output
        return said.read_bytes()[-2_000:].decode("utf-8", errors="replace").strip() if said.exists() else ""


class Fresh:
    """A program in an interpreter of its own, as an operator starts it."""

    def __init__(self, command: Command) -> None:
        self.command = command
        line = [sys.executable, "-m", command.module, *command.arguments]
        with command.output.open("wb") as output, (command.errors or Path(os.devnull)).open("wb") as errors:
            # In a session of its own: Ctrl-C ends us, and we end it, after what was graded is kept.
            self._process = subprocess.Popen(
                line, env=dict(command.environ), cwd=command.cwd, start_new_session=True,
                stdout=output, stderr=errors if command.errors else subprocess.STDOUT,
            )  # fmt: skip
        self.pid = self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()


class Forked:
    """The same, forked from a process that has made the imports already."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._process: ForkServerProcess = _warm().Process(target=_become, args=(command,), daemon=True)
        self._process.start()
        if self._process.pid is None:
            raise ProcessFailed(f"{command} was not started")
        self.pid: int = self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode


Program = Fresh | Forked
Start = Callable[[Command], Program]


def warm_up() -> None:
    """Start the process that others are forked from, in the main thread: neither Ctrl-C nor a `timeout`, which signals
    the whole group, is its business. It ends with us."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        _warm()
        forkserver.ensure_running()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    # Whoever interrupts the imports interrupts this wait, and no program that is half started.
    idle = _warm().Process(target=int)
    idle.start()
    idle.join(_WARM_UP_S)


def _warm() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_WARM))
    return context


def _become(command: Command) -> None:
    """In the fork: be that program. What it prints, its exit code and its end by a signal are as ever."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setsid()
    for path, number in ((command.output, 1), (command.errors or command.output, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(command.environ)
    if command.cwd is not None:
        os.chdir(command.cwd)
    sys.argv = [command.module, *command.arguments]
    sys.path.insert(0, str(Path.cwd()))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    runpy.run_module(command.module, run_name="__main__", alter_sys=True)


def _end_with_parent() -> None:
    """Whoever asked for the fork is gone, however it ended: nobody is left to end this program."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def running(command: Command, start: Start) -> Iterator[Program]:
    """A program until the end of the block; then it is asked to end, and after a while made to."""
    program = start(command)
    try:
        yield program
    finally:
        if program.exit_code() is None:
            _signal(os.kill, program.pid, signal.SIGTERM)
        if _exit_code_within(program, STOP_S) is None:
            # With all that it started: each program leads a session of its own.
            _signal(os.killpg, program.pid, signal.SIGKILL)
            _exit_code_within(program, STOP_S)


def _signal(send: Callable[[int, int], None], pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it ended in the meantime
        send(pid, number)


def run_through(command: Command, start: Start, seconds: float) -> int | None:
    """Run a program to its end and give its exit code; None when it was ended because it took too long."""
    with running(command, start) as program:
        return _exit_code_within(program, seconds)


def wait_until(program: Program, ready: Callable[[], bool], seconds: float) -> None:
    """Raises ProcessFailed when the program ends before it is ready, or is not ready in time."""
    until = monotonic() + seconds
    while not ready():
        code = program.exit_code()
        if code is not None or monotonic() > until:
            state = f"is not ready after {seconds:g} s" if code is None else f"ended with {code}"
            raise ProcessFailed(f"{program.command} {state}:\n{program.command.log_tail()}")
        sleep(0.1)


def must_run(*programs: Program | None) -> None:
    """Raises ProcessFailed when one of these has ended, though nobody asked it to."""
    for program in programs:
        code = program.exit_code() if program is not None else None
        if program is not None and code is not None:
            raise ProcessFailed(f"{program.command} ended with {code} in the middle:\n{program.command.log_tail()}")


def _exit_code_within(program: Program, seconds: float) -> int | None:
    until = monotonic() + seconds
    while (code := program.exit_code()) is None and monotonic() < until:
        sleep(0.02)
    return code


def clean_environ(*further: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings that would lead the product elsewhere, and then these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    for one in further:
        kept |= one
    return kept
