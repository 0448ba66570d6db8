"""The Proxmox Backup Server API: authentication, permissions and refusals as PBS words them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from urllib.parse import unquote

from aiohttp import web

from nightshift_lab.access import Delays, Token
from nightshift_lab.endpoints import Endpoint
from nightshift_lab.knobs import Knobs, knob_middleware
from nightshift_lab.pbs.api import Call, Data, Page, Refusal
from nightshift_lab.pbs.routes import ROUTES
from nightshift_lab.serving import KeptAnswers, LabServer
from nightshift_lab.tls import Certificates
from nightshift_lab.world.current import WorldHolder

_PREFIX = "/api2/json"
_SCHEME = "PBSAPIToken="
_KEPT_FOR_S = 10.0


def encoded(data: Data) -> bytes:
    body: dict[str, Data] = {"data": data.rows, "total": data.total} if isinstance(data, Page) else {"data": data}
    return json.dumps(body, ensure_ascii=False).encode()


class PbsServer:
    """Serves one backup server's API on loopback over HTTPS. The first token is the one that `endpoint` hands out."""

    def __init__(
        self,
        holder: WorldHolder,
        knobs: Knobs,
        certificates: Certificates,
        tokens: tuple[Token, ...],
        delays: Delays | None = None,
        clock: Callable[[], float] = time.time,
        name: str = "pbs",
    ) -> None:
        self._holder = holder
        self._knobs = knobs
        self._tokens = {token.id: token for token in tokens}
        self._first = tokens[0]
        self._delays = delays or Delays()
        self._clock = clock
        self._name = name
        self._kept = KeptAnswers()
        app = web.Application(middlewares=[knob_middleware(knobs, self._knob_error)])
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = LabServer(app, knobs, certificates, self._powered)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.server.url, self._first.id, self._first.secret, self.server.fingerprint or "")

    async def start(self) -> None:
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop()

    def _powered(self) -> bool:
        return self._holder.world.server_up(self._name, self._clock())

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            return web.Response(body=self._body(request), content_type="application/json")
        except Refusal as refusal:
            return await self._refused(refusal)

    async def _refused(self, refusal: Refusal) -> web.Response:
        if refusal.status == 401:
            await asyncio.sleep(self._delays.unauthorized_s)
        if refusal.status == 403:
            await asyncio.sleep(self._delays.forbidden_s)
        return web.Response(status=refusal.status, text=refusal.text, content_type="application/json")

    def _body(self, request: web.Request) -> bytes:
        path = request.raw_path.partition("?")[0]
        if not path.startswith(_PREFIX):
            raise Refusal(404, f"Path '{path}' not found.")
        segments = tuple(unquote(segment) for segment in path.removeprefix(_PREFIX).strip("/").split("/"))
        token = self._authenticated(request)
        matches = ((route, route.match(segments)) for route in ROUTES)
        route, values = next(((route, values) for route, values in matches if values is not None), (None, {}))
        if route is None or request.method != "GET":
            raise Refusal(404, f"Path '{path}' not found.")
        unknown = [name for name in request.query if name not in route.parameters]
        if unknown:
            problems = "\n".join(f"  '{name}': schema does not allow additional properties" for name in unknown)
            raise Refusal(400, f"parameter verification errors\n\n{problems}")
        world, now = self._holder.world, self._clock()
        call = Call(
            world, world.server(self._name), now, token, values, dict(request.query), self.server.fingerprint or ""
        )
        if route.check is not None:
            where, privilege = route.check
            if not token.may(where.format_map(values), privilege):
                raise Refusal(403, "permission check failed")
        if not route.kept:
            return encoded(route.answer(call))
        key = (request.raw_path, token.id, self._knobs["error403"], world, now // _KEPT_FOR_S)
        return self._kept.answer(key, lambda: encoded(route.answer(call)))

    def _authenticated(self, request: web.Request) -> Token:
        header = request.headers.get("Authorization", "")
        if not header.startswith(_SCHEME):
            raise Refusal(401, "authentication failed - no authentication credentials provided.")
        token_id, _, secret = header.removeprefix(_SCHEME).partition(":")
        token = self._tokens.get(token_id)
        if token is None or token.secret != secret:
            raise Refusal(401, "authentication failed - invalid credentials")
        lost = self._knobs["error403"]
        return token.without(lost) if isinstance(lost, str) else token

    async def _knob_error(self, status: int, detail: str) -> web.Response:
        words = {401: "authentication failed - invalid credentials", 403: "permission check failed"}
        return await self._refused(Refusal(status, words.get(status, f"internal error ({detail})")))
