"""The Grafana of the lab over HTTP: alerting, data sources, and the account of the token."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from nightshift_lab.grafana import wire
from nightshift_lab.grafana.access import (
    Role,
    ServiceAccount,
    accounts,
    forbidden,
    may_read_provisioning,
    permissions,
    unauthorized,
)
from nightshift_lab.grafana.annotations import annotation_rows, usual_notes, wanted_annotations
from nightshift_lab.grafana.evaluation import PAST, Evaluator, Past, WorldAilments
from nightshift_lab.grafana.rule import AlertRule
from nightshift_lab.grafana.rules import FOLDERS, RULES
from nightshift_lab.grafana.silences import Matcher, Silence, suppressed, usual_silences
from nightshift_lab.knobs import Knobs, knob_middleware
from nightshift_lab.serving import LabServer
from nightshift_lab.world.current import WorldHolder

VERSION = "12.3.0"
_COMMIT = "20051fb1fc604fc54aae76356da1c14612af41d0"
_DATASOURCE_PREFIX = f"/api/datasources/proxy/uid/{wire.DATASOURCE_UID}"
_OLD_DATASOURCE_PREFIX = "/api/datasources/proxy/1"
_ACCOUNT = web.RequestKey("account", ServiceAccount)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class GrafanaServer:
    """Serves on loopback over plain HTTP. `prometheus_url` is what the rules are evaluated on and the data source.

    `version` below 11 refuses provisioned rules to a Viewer, as those versions do.
    """

    def __init__(
        self,
        holder: WorldHolder,
        knobs: Knobs,
        prometheus_url: str,
        *,
        role: Role = "Viewer",
        version: str = VERSION,
        rules: Iterable[AlertRule] = RULES,
        silences: Iterable[Silence] | None = None,
        evaluation_interval_s: float = 10.0,
        past: Past = PAST,
    ) -> None:
        self._knobs = knobs
        self._version = version
        self._prometheus_url = prometheus_url
        self._role: Role = role
        self._accounts = accounts(holder.world.seed)
        self._ailments = WorldAilments(holder)
        self.evaluator = Evaluator(
            rules, prometheus_url, interval_s=evaluation_interval_s, ailments=self._ailments, past=past
        )
        started_at = holder.world.started_at
        self._silences = usual_silences(holder.world.seed, started_at) if silences is None else tuple(silences)
        self._notes = usual_notes(started_at)
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(middlewares=[knob_middleware(knobs, _knob_error), self._authenticate])
        self._route(app)
        self._server = LabServer(app, knobs)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def env(self) -> dict[str, str]:
        return {"GRAFANA_URL": self.url, "GRAFANA_SERVICE_ACCOUNT_TOKEN": self.tokens[self._role]}

    @property
    def tokens(self) -> dict[Role, str]:
        """The token of each role; `env` has the one of the server's `role`."""
        return {role: account.token for role, account in self._accounts.items()}

    async def start(self) -> None:
        """Returns when the rules' states are reckoned from the past and the server listens."""
        self._session = aiohttp.ClientSession(auto_decompress=True)
        await self.evaluator.start()
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()
        await self.evaluator.stop()
        if self._session is not None:
            await self._session.close()

    def _route(self, app: web.Application) -> None:
        prometheus = "/api/prometheus/grafana/api/v1"
        routes: Mapping[str, tuple[Handler, str | None]] = {
            "/api/health": (self._health, None),
            "/api/user": (self._user, None),
            "/api/org": (self._org, "orgs:read"),
            "/api/access-control/user/permissions": (self._permissions, None),
            "/api/frontend/settings": (self._frontend_settings, None),
            "/api/folders": (self._folders, "folders:read"),
            f"{prometheus}/rules": (self._rules, "alert.rules:read"),
            f"{prometheus}/alerts": (self._alerts, "alert.instances:read"),
            "/api/alertmanager/grafana/api/v2/alerts": (self._notifications, "alert.instances:read"),
            "/api/v1/provisioning/alert-rules": (self._provisioned, None),
            "/api/datasources": (self._datasources, "datasources:read"),
            f"/api/datasources/uid/{wire.DATASOURCE_UID}": (self._datasource, "datasources:read"),
            f"/api/datasources/uid/{wire.DATASOURCE_UID}/health": (self._datasource_health, "datasources:query"),
            "/api/alertmanager/grafana/api/v2/silences": (self._all_silences, "alert.silences:read"),
            "/api/alertmanager/grafana/api/v2/silence/{id}": (self._one_silence, "alert.silences:read"),
            "/api/annotations": (self._annotations, "annotations:read"),
        }
        for path, (handler, action) in routes.items():
            app.router.add_get(path, self._guarded(handler, action))
        for prefix in (_DATASOURCE_PREFIX, _OLD_DATASOURCE_PREFIX):
            proxied = self._guarded(self._proxied, "datasources:query")
            app.router.add_get(f"{prefix}/{{path:api/v1/.*}}", proxied)
            app.router.add_post(f"{prefix}/{{path:api/v1/.*}}", proxied)
        app.router.add_route("*", "/{path:.*}", _not_found)

    def _granted(self, request: web.Request) -> dict[str, list[str]]:
        lost = self._knobs["error403"]
        return permissions(request[_ACCOUNT].role, lost if isinstance(lost, str) else None)

    def _guarded(self, handler: Handler, action: str | None) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if action is not None and action not in self._granted(request):
                return forbidden(action)
            return await handler(request)

        return guarded

    @web.middleware
    async def _authenticate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """`/api/health` answers everyone."""
        if request.path == "/api/health":
            return await handler(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        account = next((known for known in self._accounts.values() if known.token == token.strip()), None)
        if scheme.lower() != "bearer" or account is None:
            return unauthorized(presented=bool(token))
        request[_ACCOUNT] = account
        return await handler(request)

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"commit": _COMMIT, "database": "ok", "version": self._version})

    async def _user(self, request: web.Request) -> web.Response:
        """A service account is not a user: Grafana fills in what fits."""
        account = request[_ACCOUNT]
        body = {
            "id": 0,
            "uid": f"service-account:{account.id}",
            "email": account.login,
            "name": account.name,
            "login": account.login,
            "theme": "",
            "orgId": 1,
            "isGrafanaAdmin": False,
            "isDisabled": False,
            "isExternal": False,
            "isExternallySynced": False,
            "isGrafanaAdminExternallySynced": False,
            "authLabels": None,
            "updatedAt": "0001-01-01T00:00:00Z",
            "createdAt": "0001-01-01T00:00:00Z",
            "avatarUrl": "",
        }
        return web.json_response(body)

    async def _org(self, _request: web.Request) -> web.Response:
        address = {"address1": "", "address2": "", "city": "", "zipCode": "", "state": "", "country": ""}
        return web.json_response({"id": 1, "name": "Main Org.", "address": address})

    async def _permissions(self, request: web.Request) -> web.Response:
        return web.json_response(self._granted(request))

    async def _frontend_settings(self, _request: web.Request) -> web.Response:
        source = {"id": 1, "uid": wire.DATASOURCE_UID, "name": "Prometheus", "type": "prometheus", "isDefault": True}
        build = {"version": self._version, "commit": _COMMIT, "edition": "Open Source", "env": "production"}
        own = {"type": "datasource", "uid": "grafana", "name": "-- Grafana --"}
        known = {"Prometheus": source, "-- Grafana --": own}
        body = {"defaultDatasource": "Prometheus", "datasources": known, "buildInfo": build}
        return web.json_response(body)

    async def _folders(self, _request: web.Request) -> web.Response:
        rows = [{"id": number, "uid": folder.uid, "title": folder.title} for number, folder in enumerate(FOLDERS, 1)]
        return web.json_response(rows)

    async def _rules(self, _request: web.Request) -> web.Response:
        return web.json_response(wire.rule_groups(self.evaluator.statuses, self.evaluator.interval_s))

    async def _alerts(self, request: web.Request) -> web.Response:
        internal = request.query.get("includeInternalLabels", "").lower() in {"1", "true"}
        return web.json_response(wire.alerts(self.evaluator.statuses, internal_labels=internal))

    async def _notifications(self, request: web.Request) -> web.Response:
        try:
            matchers = [Matcher.parse(text) for text in request.query.getall("filter", [])]
        except ValueError as error:
            return web.json_response({"message": str(error), "traceID": ""}, status=400)
        now = time.time()
        rows = suppressed(wire.notifications(self.evaluator.statuses, now, self.url), self._silences, now)
        for state, kind in (("suppressed", "silenced"), ("active", "active")):
            if request.query.get(kind, "").lower() == "false":
                rows = [row for row in rows if row["status"]["state"] != state]
        rows = [row for row in rows if all(matcher.fits(row["labels"]) for matcher in matchers)]
        return web.json_response(rows)

    async def _provisioned(self, request: web.Request) -> web.Response:
        if not may_read_provisioning(self._granted(request), self._version):
            return forbidden("alert.provisioning:read")
        rules = [status.rule for status in self.evaluator.statuses]
        return web.json_response([wire.provisioned(rule, number) for number, rule in enumerate(rules, 1)])

    async def _all_silences(self, _request: web.Request) -> web.Response:
        now = time.time()
        return web.json_response([silence.row(now) for silence in self._silences])

    async def _one_silence(self, request: web.Request) -> web.Response:
        found = next((silence for silence in self._silences if silence.id == request.match_info["id"]), None)
        if found is None:
            return web.json_response({"message": "silence not found", "traceID": ""}, status=404)
        return web.json_response(found.row(time.time()))

    async def _annotations(self, request: web.Request) -> web.Response:
        try:
            wanted = wanted_annotations(request.query)
        except ValueError:
            return web.json_response({"message": "bad request data", "traceID": ""}, status=400)
        return web.json_response(annotation_rows(self.evaluator.statuses, self._notes, wanted))

    async def _datasource_health(self, _request: web.Request) -> web.Response:
        if error := self._ailments.error_at(time.time()):
            body = {"message": f'Post "http://prometheus.home.arpa:9090/api/v1/query": {error}', "status": "ERROR"}
            return web.json_response(body, status=400)
        return web.json_response({"message": "Successfully queried the Prometheus API.", "status": "OK"})

    async def _datasources(self, _request: web.Request) -> web.Response:
        return web.json_response([self._datasource_row()])

    async def _datasource(self, _request: web.Request) -> web.Response:
        return web.json_response(self._datasource_row())

    def _datasource_row(self) -> dict[str, Any]:
        return {
            "id": 1,
            "uid": wire.DATASOURCE_UID,
            "orgId": 1,
            "name": "Prometheus",
            "type": "prometheus",
            "typeName": "Prometheus",
            "typeLogoUrl": "public/app/plugins/datasource/prometheus/img/prometheus_logo.svg",
            "access": "proxy",
            "url": self._prometheus_url,
            "user": "",
            "database": "",
            "basicAuth": False,
            "isDefault": True,
            "jsonData": {"httpMethod": "POST", "timeInterval": "10s"},
            "readOnly": True,
        }

    async def _proxied(self, request: web.Request) -> web.StreamResponse:
        if self._session is None or self._ailments.error_at(time.time()):
            return web.json_response({"message": "Bad Gateway"}, status=502)
        url = f"{self._prometheus_url}/{request.match_info['path']}"
        body = await request.read() if request.can_read_body else None
        headers = {"Content-Type": request.content_type} if body else {}
        try:
            async with self._session.request(
                request.method, url, params=request.query, data=body, headers=headers
            ) as answer:
                return web.Response(
                    status=answer.status, body=await answer.read(), headers={"Content-Type": "application/json"}
                )
        except (aiohttp.ClientError, TimeoutError):
            return web.json_response({"message": "Bad Gateway", "traceID": ""}, status=502)


async def _not_found(_request: web.Request) -> web.Response:
    return web.json_response({"message": "Not found", "traceID": ""}, status=404)


async def _knob_error(status: int, _detail: str) -> web.Response:
    if status == 401:
        return unauthorized(presented=True)
    if status == 403:
        return forbidden("alert.rules:read")
    return web.json_response({"message": "Internal server error", "traceID": ""}, status=status)
