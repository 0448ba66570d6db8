"""The real Prometheus as a process with a state folder of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from nightshift_lab.children import Child, ChildFailed, free_port
from nightshift_lab.prometheus.binaries import Binaries
from nightshift_lab.serving import HOST

_ATTEMPTS = 3
_CONFIG = "prometheus.yml"


class PrometheusProcess:
    """`configure` gives the content of prometheus.yml for the address that Prometheus listens on."""

    def __init__(self, binaries: Binaries, state_dir: Path, configure: Callable[[str], Mapping[str, Any]]) -> None:
        self._binaries = binaries
        self._state_dir = state_dir
        self._configure = configure
        self._child: Child | None = None
        self._port = 0

    @property
    def blocks_dir(self) -> Path:
        """Where the database looks for blocks at its start."""
        return self._state_dir / "tsdb"

    @property
    def address(self) -> str:
        return f"{HOST}:{self._port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def pid(self) -> int:
        if self._child is None:
            raise ChildFailed("prometheus is not running")
        return self._child.pid

    async def start(self) -> None:
        """Returns when it is ready. Raises ChildFailed. A port that another process took meanwhile is replaced."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._start_once()
                return
            except ChildFailed as error:
                await self.stop()
                if "address already in use" not in str(error) or attempt == _ATTEMPTS:
                    raise

    async def wait_scraped(self, within_s: float) -> bool:
        """Waits until every target was tried once, so that none is merely unknown; False when that took longer."""
        asked = f"{self.url}/api/v1/targets?state=active"
        deadline = time.monotonic() + within_s
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while time.monotonic() < deadline:
                try:
                    async with session.get(asked) as response:
                        targets = (await response.json())["data"]["activeTargets"]
                except (aiohttp.ClientError, TimeoutError):
                    targets = []
                if targets and all(target["health"] != "unknown" for target in targets):
                    return True
                await asyncio.sleep(0.2)
        return False

    def spoil_configuration(self) -> None:
        """Somebody edits prometheus.yml badly and has it read again: the old configuration stays in force."""
        config = self._state_dir / _CONFIG
        config.write_text(f"{config.read_text(encoding='utf-8')}  - job_name: [unfinished\n", encoding="utf-8")
        os.kill(self.pid, signal.SIGHUP)

    async def stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.stop()

    async def _start_once(self) -> None:
        self._port = free_port()
        self.blocks_dir.mkdir(parents=True, exist_ok=True)
        config = self._state_dir / _CONFIG
        config.write_text(yaml.safe_dump(dict(self._configure(self.address)), sort_keys=False), encoding="utf-8")
        command = (
            str(self._binaries.prometheus),
            f"--config.file={config}",
            f"--storage.tsdb.path={self.blocks_dir}",
            "--storage.tsdb.retention.time=30d",
            # Blocks of one size only: else it would begin by merging the history, at our expense.
            "--storage.tsdb.min-block-duration=2h",
            "--storage.tsdb.max-block-duration=2h",
            f"--web.listen-address={self.address}",
            f"--web.external-url={self.url}",
        )
        self._child = Child("prometheus", command, self._state_dir / "prometheus.log")
        await self._child.start()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:

            async def ready() -> bool:
                try:
                    async with session.get(f"{self.url}/-/ready") as response:
                        return response.status == 200
                except (aiohttp.ClientError, TimeoutError):
                    return False

            await self._child.wait_ready(ready, within_s=30.0)
