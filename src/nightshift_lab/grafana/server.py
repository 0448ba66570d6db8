"""The Grafana of the lab over HTTP: alerting, data sources, and the account of the token."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from nightshift_lab.grafana import wire
from nightshift_lab.grafana.access import (
    Role,
    ServiceAccount,
    forbidden,
    may_read_provisioning,
    permissions,
    unauthorized,
)
from nightshift_lab.grafana.evaluation import Evaluator, WorldAilments
from nightshift_lab.grafana.rule import AlertRule
from nightshift_lab.grafana.rules import FOLDERS, RULES
from nightshift_lab.knobs import Knobs, knob_middleware
from nightshift_lab.serving import LabServer
from nightshift_lab.world.current import WorldHolder
from nightshift_lab.world.hashing import hex_digits

VERSION = "12.3.0"
_COMMIT = "20051fb1fc604fc54aae76356da1c14612af41d0"
_DATASOURCE_PREFIX = f"/api/datasources/proxy/uid/{wire.DATASOURCE_UID}"
_OLD_DATASOURCE_PREFIX = "/api/datasources/proxy/1"
_MATCHER = re.compile(r'\s*(?P<label>[a-zA-Z_][\w]*)\s*(?P<operator>=~|!~|!=|=)\s*"?(?P<value>.*?)"?\s*')
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
        evaluation_interval_s: float = 10.0,
    ) -> None:
        self._knobs = knobs
        self._version = version
        self._prometheus_url = prometheus_url
        token = f"glsa_{hex_digits(32, holder.world.seed, 'grafana')}_{hex_digits(8, holder.world.seed, 'checksum')}"
        self._account = ServiceAccount(2, "nightshift", role, token)
        self.evaluator = Evaluator(
            rules, prometheus_url, interval_s=evaluation_interval_s, ailments=WorldAilments(holder)
        )
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(middlewares=[knob_middleware(knobs, _knob_error), self._authenticate])
        self._route(app)
        self._server = LabServer(app, knobs)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def env(self) -> dict[str, str]:
        return {"GRAFANA_URL": self.url, "GRAFANA_SERVICE_ACCOUNT_TOKEN": self._account.token}

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
        }
        for path, (handler, action) in routes.items():
            app.router.add_get(path, self._guarded(handler, action))
        for prefix in (_DATASOURCE_PREFIX, _OLD_DATASOURCE_PREFIX):
            proxied = self._guarded(self._proxied, "datasources:query")
            app.router.add_get(f"{prefix}/{{path:api/v1/.*}}", proxied)
            app.router.add_post(f"{prefix}/{{path:api/v1/.*}}", proxied)
        app.router.add_route("*", "/{path:.*}", _not_found)

    @property
    def _granted(self) -> dict[str, list[str]]:
        lost = self._knobs["error403"]
        return permissions(self._account.role, lost if isinstance(lost, str) else None)

    def _guarded(self, handler: Handler, action: str | None) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if action is not None and action not in self._granted:
                return forbidden(action)
            return await handler(request)

        return guarded

    @web.middleware
    async def _authenticate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """`/api/health` answers everyone."""
        if request.path == "/api/health":
            return await handler(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() != self._account.token:
            return unauthorized(presented=bool(token))
        request[_ACCOUNT] = self._account
        return await handler(request)

    async def _health(self, request: web.Request) -> web.Response:  # noqa: ARG002
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

    async def _org(self, request: web.Request) -> web.Response:  # noqa: ARG002
        address = {"address1": "", "address2": "", "city": "", "zipCode": "", "state": "", "country": ""}
        return web.json_response({"id": 1, "name": "Main Org.", "address": address})

    async def _permissions(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.json_response(self._granted)

    async def _frontend_settings(self, request: web.Request) -> web.Response:  # noqa: ARG002
        source = {"id": 1, "uid": wire.DATASOURCE_UID, "name": "Prometheus", "type": "prometheus", "isDefault": True}
        build = {"version": self._version, "commit": _COMMIT, "edition": "Open Source", "env": "production"}
        body = {"defaultDatasource": "Prometheus", "datasources": {"Prometheus": source}, "buildInfo": build}
        return web.json_response(body)

    async def _folders(self, request: web.Request) -> web.Response:  # noqa: ARG002
        rows = [{"id": number, "uid": folder.uid, "title": folder.title} for number, folder in enumerate(FOLDERS, 1)]
        return web.json_response(rows)

    async def _rules(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.json_response(wire.rule_groups(self.evaluator.statuses, self.evaluator.interval_s))

    async def _alerts(self, request: web.Request) -> web.Response:
        internal = request.query.get("includeInternalLabels", "").lower() in {"1", "true"}
        return web.json_response(wire.alerts(self.evaluator.statuses, internal_labels=internal))

    async def _notifications(self, request: web.Request) -> web.Response:
        matchers = [_MATCHER.fullmatch(text) for text in request.query.getall("filter", [])]
        if not all(matchers):
            return web.json_response({"message": "bad matcher format", "traceID": ""}, status=400)
        rows = wire.notifications(self.evaluator.statuses, time.time(), self.url)
        for matcher in matchers:
            rows = [row for row in rows if matcher is not None and _fits(matcher, row["labels"])]
        return web.json_response(rows)

    async def _provisioned(self, request: web.Request) -> web.Response:  # noqa: ARG002
        if not may_read_provisioning(self._granted, self._version):
            return forbidden("alert.provisioning:read")
        rules = [status.rule for status in self.evaluator.statuses]
        return web.json_response([wire.provisioned(rule, number) for number, rule in enumerate(rules, 1)])

    async def _datasources(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.json_response([self._datasource_row()])

    async def _datasource(self, request: web.Request) -> web.Response:  # noqa: ARG002
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
        if self._session is None:
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


def _fits(matcher: re.Match[str], labels: Mapping[str, str]) -> bool:
    value = labels.get(matcher["label"], "")
    if "~" in matcher["operator"]:
        found = re.fullmatch(matcher["value"], value) is not None
    else:
        found = value == matcher["value"]
    return found != matcher["operator"].startswith("!")


async def _not_found(request: web.Request) -> web.Response:  # noqa: ARG001
    return web.json_response({"message": "Not found", "traceID": ""}, status=404)


async def _knob_error(status: int, detail: str) -> web.Response:  # noqa: ARG001
    if status == 401:
        return unauthorized(presented=True)
    if status == 403:
        return forbidden("alert.rules:read")
    return web.json_response({"message": "Internal server error", "traceID": ""}, status=status)
