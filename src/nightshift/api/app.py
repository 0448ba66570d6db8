"""The application: endpoints, gate and background work around the parts of one running Nightshift."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from nightshift import __version__
from nightshift.api import problems
from nightshift.api.access import Access
from nightshift.api.background import repeat, running
from nightshift.api.health import Health
from nightshift.api.middleware import Gate, SecurityHeaders
from nightshift.api.routes import router
from nightshift.api.service import Service

PROBE_INTERVAL_S = 15.0


def create_app(
    service: Service,
    access: Access,
    *,
    sweep_interval_s: float | None = None,
    probe_interval_s: float = PROBE_INTERVAL_S,
    probe_timeout_s: float = 5.0,
) -> FastAPI:
    """The API over the parts of one running Nightshift, for those whom `access` admits.

    Sweeps every `sweep_interval_s` seconds, or only when asked if that is None. The pages that FastAPI would offer at
    `/docs` load scripts from the internet, so there are none; `/openapi.json` describes the same.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        health = Health(service, timeout_s=probe_timeout_s)
        loops = [repeat("health probes", health.probe_all, probe_interval_s)]
        if sweep_interval_s is not None:
            sweep = partial(service.sweeper.sweep, max_age_s=0.0, fresh=True)
            loops.append(repeat("the sweep", sweep, sweep_interval_s))
        async with running(*loops):
            yield {"service": service, "health": health}

    app = FastAPI(
        title="Nightshift",
        version=__version__,
        summary="What is wrong in the homelab, why, and what to do: with the evidence beside every claim.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.include_router(router)
    app.add_middleware(Gate, access=access)
    app.add_middleware(SecurityHeaders)
    return app
