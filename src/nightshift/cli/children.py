"""Processes that end with their parent, whatever ends it: Ctrl-C, SIGTERM, a closed terminal, an error."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

_GRACE_S = 8.0
_POLL_S = 0.05
_TAIL_BYTES = 4000
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """A process in a group of its own. `log` holds what it wrote."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def last_words(self) -> str:
        """The end of what it wrote: why it ended, if it ended by itself."""
        with suppress(OSError):
            return self.log.read_bytes()[-_TAIL_BYTES:].decode("utf-8", errors="replace").strip()
        return ""


@dataclass(slots=True)
class Children:
    """Starts processes and ends all of them at the end of its block: SIGTERM, and SIGKILL for what stays."""

    folder: Path
    started: list[Child] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str], cwd: Path | None = None) -> Child:
        """Start a process whose output goes to a log in `folder`. OSError when the program cannot be run."""
        log = self.folder / f"{name}.log"
        # A signal between the start and the note of it would leave a process that nobody knows of.
        with log.open("wb") as output, _interrupts_later():
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environ),
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - no other thread runs when the demo starts a process
            )
            child = Child(name, process, log)
            self.started.append(child)
        return child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _interrupts_ignored():
            _end_all(self.started)


def _end_all(children: Sequence[Child]) -> None:
    for child in reversed(children):
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_S
    while time.monotonic() < deadline and any(child.running or _group_lives(child) for child in children):
        time.sleep(_POLL_S)
    for child in children:
        _signal_group(child, signal.SIGKILL)
        child.process.wait()


def _signal_group(child: Child, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)


def _group_lives(child: Child) -> bool:
    """Whether any process of the group is left; the leader may have gone before those that it started."""
    try:
        os.killpg(child.process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _end_with_parent() -> None:
    """In the child, on Linux: be told to end when the parent is killed and can no longer tell."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Inside the block, SIGTERM and a closed terminal do what Ctrl-C does; Ctrl-C works even if it was ignored."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGINT)

    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """An interrupt inside the block takes effect at its end."""
    noted: list[int] = []
    kept = signal.signal(signal.SIGINT, lambda number, _frame: noted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)
        if noted:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)
