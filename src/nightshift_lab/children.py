"""A child process that ends with us: its log in a file, a clean stop by signal, and no survivor when we are killed."""

from __future__ import annotations

import asyncio
import ctypes
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ChildFailed(RuntimeError):
    """A child ended or did not become ready; the message has the end of its log."""


def end_with_parent(signal_number: int = signal.SIGTERM) -> None:
    """Ask the kernel to signal this process when its parent dies (Linux; elsewhere nothing)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal_number))


def free_port() -> int:
    """A loopback port that was free a moment ago.

    It lies below those for outgoing connections, one of which could take it before the child does.
    """
    for port in SystemRandom().sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ChildFailed("no loopback port between 20,000 and 32,000 is free")


@contextmanager
def first_failure() -> Iterator[None]:
    """Of a TaskGroup within, what failed first is raised as itself."""
    try:
        yield
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures


class Child:
    """One process. `log` receives its output; `pid` is known from start on."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._command = tuple(command)
        self._log = log
        self._environ = dict(environ) if environ is not None else None
        self._process: asyncio.subprocess.Process | None = None
        self._log_file: IO[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ChildFailed(f"{self.name} is not running")
        return self._process.pid

    async def start(self) -> None:
        self._log_file = self._log.open("ab")
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._log_file,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environ,
            preexec_fn=end_with_parent,
        )

    async def wait_ready(self, ready: Callable[[], Awaitable[bool]], *, within_s: float, poll_s: float = 0.05) -> None:
        """Poll `ready` until it is true. Raises ChildFailed when the process ends or the time is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s
        while not await ready():
            if self._process is None or self._process.returncode is not None:
                raise ChildFailed(f"{self.name} ended before it was ready:\n{self.log_tail()}")
            if loop.time() > deadline:
                raise ChildFailed(f"{self.name} was not ready within {within_s:g} s:\n{self.log_tail()}")
            await asyncio.sleep(poll_s)

    async def wait(self) -> int:
        """The exit status, once the process ends."""
        if self._process is None:
            raise ChildFailed(f"{self.name} is not running")
        return await self._process.wait()

    async def stop(self, *, within_s: float = 5.0) -> None:
        """SIGTERM, wait, SIGKILL. Does nothing when it is not running."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), within_s)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._log_file is not None:
            self._log_file.close()
            self._log_file = None

    def log_tail(self, lines: int = 12) -> str:
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])
