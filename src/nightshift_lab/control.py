"""The control endpoint: faults and knobs over HTTP on loopback, for the command line and for tests."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from nightshift_lab.knobs import KNOBS, Knobs, KnobUnknown
from nightshift_lab.serving import HOST
from nightshift_lab.world.current import WorldHolder


class ControlServer:
    """`GET /state`, `POST /faults {"name", "active"}`, `POST /knobs {"backend", "knob", "value"}`.

    Wrong input is answered with 422 and `{"error": what is wrong and what there is}`.
    """

    def __init__(self, scenario: str, holder: WorldHolder, knobs: Mapping[str, Knobs]) -> None:
        self._scenario = scenario
        self._holder = holder
        self._knobs = knobs
        app = web.Application()
        app.router.add_get("/state", self._state)
        app.router.add_post("/faults", self._checked(self._fault))
        app.router.add_post("/knobs", self._checked(self._knob))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        self.url = ""

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _state(self, _request: web.Request) -> web.Response:
        world = self._holder.world
        return web.json_response(
            {
                "scenario": self._scenario,
                "seed": world.seed,
                "started_at": world.started_at,
                "faults": list(self._holder.active_faults(time.time())),
                "known_faults": list(self._holder.known_faults),
                "knobs": {backend: knobs.turned() for backend, knobs in self._knobs.items()},
                "known_knobs": list(KNOBS),
                "closed": [backend for backend, knobs in self._knobs.items() if knobs.closed],
            }
        )

    def _checked(
        self, change: Callable[[Mapping[str, object]], Awaitable[None]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            try:
                body = await request.json()
            except json.JSONDecodeError:
                return web.json_response({"error": "the body is not JSON"}, status=422)
            if not isinstance(body, dict):
                return web.json_response({"error": "the body is not a JSON object"}, status=422)
            try:
                await change(body)
            except KnobUnknown as error:
                return web.json_response({"error": str(error)}, status=422)
            return await self._state(request)

        return answer

    async def _fault(self, body: Mapping[str, object]) -> None:
        name, active = body.get("name"), body.get("active")
        known = self._holder.known_faults
        if name not in known:
            raise KnobUnknown(f"unknown fault {name!r}; there are: {', '.join(known)}")
        if not isinstance(active, bool):
            raise KnobUnknown("active must be true or false")
        self._holder.switch(str(name), active=active)

    async def _knob(self, body: Mapping[str, object]) -> None:
        backend = str(body.get("backend"))
        if backend not in self._knobs:
            raise KnobUnknown(f"unknown backend {backend!r}; there are: {', '.join(self._knobs)}")
        await self._knobs[backend].turn(str(body.get("knob")), body.get("value"))
