"""The Proxmox Backup Server API: authentication, permissions and refusals as PBS words them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from urllib.parse import unquote

from aiohttp import web

from nightshift_lab.access import Delays, Token
from nightshift_lab.api_server import API_PREFIX, ApiServer
from nightshift_lab.knobs import Knobs
from nightshift_lab.pbs.api import Call, Data, Page, Refusal
from nightshift_lab.pbs.routes import ROUTES
from nightshift_lab.tls import Certificates
from nightshift_lab.world.current import WorldHolder

_SCHEME = "PBSAPIToken="
_KEPT_FOR_S = 10.0


def encoded(data: Data) -> bytes:
    body: dict[str, Data] = {"data": data.rows, "total": data.total} if isinstance(data, Page) else {"data": data}
    return json.dumps(body, ensure_ascii=False).encode()


class PbsServer(ApiServer):
    """Serves the API of one backup server."""

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
        super().__init__(holder, knobs, certificates, tokens, delays, clock)
        self._name = name

    def powered(self) -> bool:
        return self.holder.world.server_up(self._name, self.clock())

    async def answer(self, request: web.Request) -> web.Response:
        try:
            return web.Response(body=self._body(request), content_type="application/json")
        except Refusal as refusal:
            return await self._refused(refusal)

    async def _refused(self, refusal: Refusal) -> web.Response:
        if refusal.status == 401:
            await asyncio.sleep(self.delays.unauthorized_s)
        if refusal.status == 403:
            await asyncio.sleep(self.delays.forbidden_s)
        return web.Response(status=refusal.status, text=refusal.text, content_type="application/json")

    def _body(self, request: web.Request) -> bytes:
        path = request.raw_path.partition("?")[0]
        if not path.startswith(API_PREFIX):
            raise Refusal(404, f"Path '{path}' not found.")
        segments = tuple(unquote(segment) for segment in path.removeprefix(API_PREFIX).strip("/").split("/"))
        token = self._authenticated(request)
        matches = ((route, route.match(segments)) for route in ROUTES)
        route, values = next(((route, values) for route, values in matches if values is not None), (None, {}))
        if route is None or request.method != "GET":
            raise Refusal(404, f"Path '{path}' not found.")
        unknown = [name for name in request.query if name not in route.parameters]
        if unknown:
            problems = "\n".join(f"  '{name}': schema does not allow additional properties" for name in unknown)
            raise Refusal(400, f"parameter verification errors\n\n{problems}")
        world, now = self.holder.world, self.clock()
        call = Call(world, world.server(self._name), now, token, values, dict(request.query), self.fingerprint)
        if route.check is not None:
            where, privilege = route.check
            if not token.may(where.format_map(values), privilege):
                raise Refusal(403, "permission check failed")
        if not route.kept:
            return encoded(route.answer(call))
        key = (request.raw_path, token.id, self.knobs["error403"], world, now // _KEPT_FOR_S)
        return self.kept.answer(key, lambda: encoded(route.answer(call)))

    def _authenticated(self, request: web.Request) -> Token:
        header = request.headers.get("Authorization", "")
        if not header.startswith(_SCHEME):
            raise Refusal(401, "authentication failed - no authentication credentials provided.")
        token_id, _, secret = header.removeprefix(_SCHEME).partition(":")
        token = self.token(token_id)
        if token is None or token.secret != secret:
            raise Refusal(401, "authentication failed - invalid credentials")
        return self.in_force(token)

    async def knob_error(self, status: int, detail: str, /) -> web.Response:
        words = {401: "authentication failed - invalid credentials", 403: "permission check failed"}
        return await self._refused(Refusal(status, words.get(status, f"internal error ({detail})")))
