"""Live exporters: every target has its own port, and fails the way its fault makes a real one fail."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Mapping

import numpy as np
from aiohttp import web

from nightshift_lab.exporters.exposition import Figures, render_live
from nightshift_lab.exporters.targets import ScrapeTarget, scrape_targets
from nightshift_lab.serving import HOST
from nightshift_lab.world.current import WorldHolder

_WATCH_EVERY_S = 0.5
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class ExporterListeners:
    """One application behind a port for each target.

    A target whose exporter is down has its port closed: connection refused. One whose machine is off accepts and never
    answers, so that the scrape runs into its deadline. Both open again by themselves.
    """

    def __init__(self, holder: WorldHolder, clock: Callable[[], float] = time.time) -> None:
        self._holder = holder
        self._clock = clock
        app = web.Application()
        app.router.add_get("/{path:.*}", self._scrape)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        self._sites: dict[ScrapeTarget, web.TCPSite] = {}
        self._held: dict[ScrapeTarget, socket.socket] = {}
        self._ports: dict[ScrapeTarget, int] = {}
        self._by_port: dict[int, ScrapeTarget] = {}
        self._watcher: asyncio.Task[None] | None = None

    @property
    def addresses(self) -> Mapping[ScrapeTarget, str]:
        return {target: f"{HOST}:{port}" for target, port in self._ports.items()}

    async def start(self) -> None:
        await self._runner.setup()
        for target in scrape_targets(self._holder.world):
            await self._open(target)
        await self.obey_world()
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        await self._runner.cleanup()
        self._sites.clear()
        while self._held:
            self._held.popitem()[1].close()

    async def obey_world(self) -> None:
        """Open and close ports as the world has it now."""
        world, now = self._holder.world, self._clock()
        for target in self._ports:
            refuses = target.reachability(world, now) == "refuses"
            if refuses and target in self._sites:
                await self._sites.pop(target).stop()
                self._hold(target)
            elif not refuses and target not in self._sites:
                if target in self._held:
                    self._held.pop(target).close()
                # Another process may have taken the port meanwhile: then it goes on refusing until it is free again.
                with contextlib.suppress(OSError):
                    await self._open(target)

    def _hold(self, target: ScrapeTarget) -> None:
        """Bind the port without listening: it refuses, and no other process gets it and answers in its name.

        `SO_REUSEADDR` is for what is left of its last connections; kept, others could bind the port with it as well.
        """
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            held.bind((HOST, self._ports[target]))
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        self._held[target] = held

    async def _open(self, target: ScrapeTarget) -> None:
        site = web.TCPSite(self._runner, HOST, self._ports.get(target, 0), reuse_address=True)
        await site.start()
        self._sites[target] = site
        if target not in self._ports:
            port = int(self._runner.addresses[-1][1])
            self._ports[target] = port
            self._by_port[port] = target

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_EVERY_S)
            await self.obey_world()

    async def _scrape(self, request: web.Request) -> web.Response:
        if request.transport is None:
            raise web.HTTPServiceUnavailable
        target = self._by_port[request.transport.get_extra_info("sockname")[1]]
        world, now = self._holder.world, self._clock()
        if target.reachability(world, now) != "answers":
            await asyncio.Event().wait()
        if request.path != target.metrics_path:
            raise web.HTTPNotFound
        figures = Figures(world, np.array([now]))
        await asyncio.sleep(target.takes_s(figures))
        text = render_live(target.families(figures))
        # A kept-alive connection would outlive the closing of the port.
        headers = {"Content-Type": _CONTENT_TYPE, "Connection": "close"}
        return web.Response(body=text.encode(), headers=headers)
