"""The Proxmox VE API server: authentication, verification of parameters, permissions, refusals as PVE words them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from aiohttp import web

from nightshift_lab.access import Delays, Token
from nightshift_lab.api_server import API_PREFIX, ApiServer
from nightshift_lab.knobs import Knobs
from nightshift_lab.pve.api import Call, Data, Page, Refusal, Route
from nightshift_lab.pve.routes import routed
from nightshift_lab.tls import Certificates
from nightshift_lab.world import World
from nightshift_lab.world.current import WorldHolder

_SCHEME = "PVEAPIToken="


class PveServer(ApiServer):
    """Serves the API of a cluster, or of the stand-alone host of another `site`."""

    def __init__(
        self,
        holder: WorldHolder,
        knobs: Knobs,
        certificates: Certificates,
        tokens: tuple[Token, ...],
        delays: Delays | None = None,
        clock: Callable[[], float] = time.time,
        site: str = "",
    ) -> None:
        super().__init__(holder, knobs, certificates, tokens, delays, clock)
        self._site = site

    async def answer(self, request: web.Request) -> web.Response:
        try:
            return web.Response(body=await self._body(request), content_type="application/json")
        except Refusal as refusal:
            if refusal.status == 401:
                await asyncio.sleep(self.delays.unauthorized_s)
            return _error(refusal)

    def powered(self) -> bool:
        """A host that stands alone is gone when it is off; of a cluster some node always answers."""
        world = self._world
        return not world.cluster.standalone or world.node_up(world.cluster.nodes[0].name, self.clock())

    @property
    def _world(self) -> World:
        world = self.holder.world
        return world if not self._site or world.attic is None else world.attic

    async def _body(self, request: web.Request) -> bytes:
        path = request.raw_path.partition("?")[0]
        if not path.startswith(API_PREFIX):
            raise Refusal(404, "File not found")
        token = self._authenticated(request)
        if request.method == "GET" and request.body_exists:
            raise Refusal(501, "Unexpected content for method 'GET'")
        segments = tuple(unquote(segment) for segment in path.removeprefix(API_PREFIX).strip("/").split("/"))
        found = routed(segments) if request.method == "GET" else None
        if found is None:
            raise Refusal(501, f"Method '{request.method} /{'/'.join(segments)}' not implemented")
        route, values = found
        call = Call(self._world, self.clock(), token, values, _verified(route, request.query), self.fingerprint)
        missing = route.check.missing(token, values, call.release.major) if route.check else None
        if missing is not None:
            raise Refusal(403, f"Permission check failed ({missing})")
        if route.proxied:
            await self._reach(call)
        if not route.kept:
            return encoded(route.answer(call))
        key = (request.raw_path, token.id, self.knobs["error403"], call.world, call.statistics_at)
        return self.kept.answer(key, lambda: encoded(route.answer(call)))

    def _authenticated(self, request: web.Request) -> Token:
        header = request.headers.get("Authorization", "")
        if not header.startswith(_SCHEME):
            raise Refusal(401, "No ticket")
        token_id, _, secret = header.removeprefix(_SCHEME).partition("=")
        user, mark, name = token_id.partition("!")
        if not mark or "@" not in user:
            raise Refusal(401, "unable to parse token ID")
        token = self.token(token_id)
        if token is None:
            raise Refusal(401, f"no such token '{name}' for user '{user}'")
        if token.secret != secret:
            raise Refusal(401, "invalid token value!")
        return self.in_force(token)

    async def _reach(self, call: Call) -> None:
        """Requests for another node go through to it; one that is gone answers nothing for a while, then 595."""
        name = call.path["node"]
        try:
            online = call.world.node_up(name, call.at)
        except KeyError:
            problem = f"hostname lookup '{name}' failed - failed to get address info for: {name}"
            raise Refusal(500, problem) from None
        if not online:
            await asyncio.sleep(self.delays.node_unreachable_s)
            raise Refusal(595, "No route to host")

    async def knob_error(self, status: int, detail: str, /) -> web.Response:
        if status == 401:
            await asyncio.sleep(self.delays.unauthorized_s)
            return _error(Refusal(401, "invalid token value!"))
        if status == 403:
            return _error(Refusal(403, "Permission check failed (/, Sys.Audit)"))
        return _error(Refusal(status, f"internal error ({detail})"))


def _verified(route: Route, query: Mapping[str, str]) -> dict[str, str]:
    problems = {
        name: "property is not defined in schema and the schema does not allow additional properties"
        for name in query
        if name not in route.parameters
    }
    problems |= {name: "property is missing and it is not optional" for name in route.required if name not in query}
    if problems:
        raise Refusal(400, "Parameter verification failed.", problems)
    return dict(query)


def encoded(data: Data) -> bytes:
    body: dict[str, Data] = {"data": data.rows, "total": data.total} if isinstance(data, Page) else {"data": data}
    return json.dumps(body, ensure_ascii=False).encode()


def _error(refusal: Refusal) -> web.Response:
    """401 has no body at all; elsewhere the message repeats the reason phrase."""
    reason = refusal.reason.replace("\n", " ")
    if refusal.status == 401:
        return web.Response(status=401, reason=reason)
    body: dict[str, Data] = {"data": None, "message": f"{refusal.reason}\n"}
    if refusal.errors:
        body["errors"] = dict(refusal.errors)
    return web.Response(status=refusal.status, reason=reason, text=json.dumps(body), content_type="application/json")
