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
from nightshift_lab.pbs import datastores, node
from nightshift_lab.pbs.api import Call, Data, Page, Refusal, Route
from nightshift_lab.serving import LabServer
from nightshift_lab.tls import Certificates
from nightshift_lab.world.current import WorldHolder

_PREFIX = "/api2/json"
_SCHEME = "PBSAPIToken="
_TASK_FILTERS = (
    "errors",
    "limit",
    "running",
    "since",
    "start",
    "statusfilter",
    "store",
    "typefilter",
    "until",
    "userfilter",
)


def permissions(call: Call) -> Data:
    """path -> privilege -> true where it is inherited below, too."""
    paths = {call.query["path"]} if "path" in call.query else set(call.token.grants)
    granted = {path: dict.fromkeys(sorted(call.token.privileges(path)), True) for path in sorted(paths)}
    return {path: privileges for path, privileges in granted.items() if privileges}


ROUTES: tuple[Route, ...] = (
    Route("/version", datastores.version),
    Route("/ping", lambda _: {"pong": True}),
    Route("/access/permissions", permissions, parameters=("auth-id", "path")),
    Route("/status/datastore-usage", datastores.usage),
    Route("/admin/datastore", datastores.datastores),
    Route("/admin/datastore/{store}/status", datastores.status, parameters=("verbose",)),
    Route("/admin/datastore/{store}/namespace", datastores.namespaces, parameters=("max-depth", "parent")),
    Route("/admin/datastore/{store}/groups", datastores.groups, parameters=("ns",)),
    Route("/admin/datastore/{store}/snapshots", datastores.snapshots, parameters=("backup-id", "backup-type", "ns")),
    Route("/admin/datastore/{store}/gc", datastores.gc_of_datastore, ("/datastore/{store}", "Datastore.Audit")),
    Route("/admin/gc", datastores.gc_all),
    Route("/admin/prune", datastores.prune_jobs, parameters=("store",)),
    Route("/admin/verify", datastores.verify_jobs, parameters=("store",)),
    Route("/admin/sync", datastores.sync_jobs, parameters=("store", "sync-direction")),
    Route("/nodes", node.nodes),
    Route("/nodes/{node}/status", node.status, ("/system/status", "Sys.Audit")),
    Route("/nodes/{node}/subscription", node.subscription),
    Route("/nodes/{node}/tasks", node.tasks, parameters=_TASK_FILTERS),
    Route("/nodes/{node}/tasks/{upid}/status", node.task_status),
    Route("/nodes/{node}/tasks/{upid}/log", node.task_log, parameters=("download", "limit", "start", "test-status")),
)


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
        app = web.Application(middlewares=[knob_middleware(knobs, self._knob_error)])
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = LabServer(app, knobs, certificates)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.server.url, self._first.id, self._first.secret, self.server.fingerprint or "")

    async def start(self) -> None:
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop()

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            data = self._data(request)
        except Refusal as refusal:
            return await self._refused(refusal)
        body: dict[str, Data] = {"data": data.rows, "total": data.total} if isinstance(data, Page) else {"data": data}
        return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="application/json")

    async def _refused(self, refusal: Refusal) -> web.Response:
        if refusal.status == 401:
            await asyncio.sleep(self._delays.unauthorized_s)
        if refusal.status == 403:
            await asyncio.sleep(self._delays.forbidden_s)
        return web.Response(status=refusal.status, text=refusal.text, content_type="application/json")

    def _data(self, request: web.Request) -> Data:
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
        server = next(server for server in self._holder.world.servers if server.name == self._name)
        fingerprint = self.server.fingerprint or ""
        call = Call(self._holder.world, server, self._clock(), token, values, dict(request.query), fingerprint)
        if route.check is not None:
            where, privilege = route.check
            if not token.may(where.format_map(values), privilege):
                raise Refusal(403, "permission check failed")
        return route.answer(call)

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
