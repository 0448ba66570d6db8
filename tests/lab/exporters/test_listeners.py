"""The port of an exporter that is down refuses, is nobody else's, and answers again when the exporter is up."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from nightshift_lab.exporters.listeners import ExporterListeners
from nightshift_lab.scenarios import build_scenario
from nightshift_lab.serving import HOST
from nightshift_lab.world.current import WorldHolder

NOW = 1_795_469_123.0


async def test_the_port_of_an_exporter_that_is_down_is_held() -> None:
    down, healthy = (build_scenario(name, seed=7, started_at=NOW) for name in ("target-down", "healthy"))
    holder = WorldHolder(healthy)
    listeners = ExporterListeners(holder, clock=lambda: NOW)
    await listeners.start()
    try:
        address = next(at for target, at in listeners.addresses.items() if target.instance == "postgres:9187")
        async with httpx.AsyncClient(base_url=f"http://{address}") as client:
            assert (await client.get("/metrics")).status_code == 200

            holder.world = down
            await listeners.obey_world()
            with pytest.raises(httpx.ConnectError):
                await client.get("/metrics")
            for reuse in (False, True):
                with pytest.raises(OSError, match="in use"):
                    await asyncio.start_server(_answer, HOST, int(address.partition(":")[2]), reuse_address=reuse)

            holder.world = healthy
            await listeners.obey_world()
            assert (await client.get("/metrics")).status_code == 200
    finally:
        await listeners.stop()


async def _answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
