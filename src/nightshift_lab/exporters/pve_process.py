"""The real prometheus-pve-exporter as a process, pointed at the lab's PVE."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import aiohttp

from nightshift_lab.children import Child, free_port
from nightshift_lab.endpoints import Endpoint
from nightshift_lab.serving import HOST


class PveExporterProcess:
    """Runs the exporter of a third party; its configuration is in the environment, as its documentation has it."""

    def __init__(self, endpoint: Endpoint, state_dir: Path) -> None:
        self._port = free_port()
        user, _, token_name = endpoint.token_id.partition("!")
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PVE_")},
            "PVE_USER": user,
            "PVE_TOKEN_NAME": token_name,
            "PVE_TOKEN_VALUE": endpoint.token_secret,
            "PVE_VERIFY_SSL": "false",
            # urllib3 warns at each request that the certificate is not verified; the lab's is self-signed on purpose.
            "PYTHONWARNINGS": "ignore",
        }
        command = (sys.executable, "-m", "pve_exporter", f"--web.listen-address={self.address}")
        self._child = Child("prometheus-pve-exporter", command, state_dir / "pve-exporter.log", environ)

    @property
    def address(self) -> str:
        return f"{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        return self._child.pid

    async def start(self) -> None:
        """Returns when it answers. Raises ChildFailed."""
        await self._child.start()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:

            async def ready() -> bool:
                try:
                    async with session.get(f"http://{self.address}/") as response:
                        return response.status == 200
                except (aiohttp.ClientError, TimeoutError):
                    return False

            await self._child.wait_ready(ready, within_s=20.0)

    async def stop(self) -> None:
        await self._child.stop()
