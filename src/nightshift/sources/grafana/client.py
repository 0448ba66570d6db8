"""Grafana alerting: rules, alerts and who the token is, read only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from nightshift.errors import SourceError, SourceFailed, SourceForbidden, SourceUnauthorized, SourceUnsupported
from nightshift.facts.monitoring import Alert, AlertChange, AlertRule, DataSource, Silence, Silenced
from nightshift.sources.connection import Connection
from nightshift.sources.endpoint import MEBIBYTE, Endpoint
from nightshift.sources.grafana import parse
from nightshift.sources.grafana.models import (
    AlertsWire,
    AnnotationsWire,
    DataSourceHealthWire,
    DataSourcesWire,
    FrontendSettingsWire,
    HealthWire,
    MembershipsWire,
    NotificationsWire,
    OrganisationWire,
    ProvisionedRulesWire,
    RulesWire,
    SilencesWire,
    UserWire,
)
from nightshift.sources.transport import Transport

HEALTH: Final = Endpoint("/api/health", HealthWire)
ALERTS: Final = Endpoint("/api/prometheus/grafana/api/v1/alerts", AlertsWire, 32 * MEBIBYTE)
RULES: Final = Endpoint("/api/prometheus/grafana/api/v1/rules", RulesWire, 32 * MEBIBYTE)
NOTIFICATIONS: Final = Endpoint("/api/alertmanager/grafana/api/v2/alerts", NotificationsWire, 32 * MEBIBYTE)
SILENCES: Final = Endpoint("/api/alertmanager/grafana/api/v2/silences", SilencesWire)
PROVISIONED_RULES: Final = Endpoint("/api/v1/provisioning/alert-rules", ProvisionedRulesWire, 32 * MEBIBYTE)
DATASOURCES: Final = Endpoint("/api/datasources", DataSourcesWire)
FRONTEND_SETTINGS: Final = Endpoint("/api/frontend/settings", FrontendSettingsWire)
DATASOURCE_HEALTH: Final = Endpoint("/api/datasources/uid/{uid}/health", DataSourceHealthWire)
ANNOTATIONS: Final = Endpoint("/api/annotations", AnnotationsWire)
USER: Final = Endpoint("/api/user", UserWire)
ORGANISATION: Final = Endpoint("/api/org", OrganisationWire)
MEMBERSHIPS: Final = Endpoint("/api/user/orgs", MembershipsWire)


@dataclass(frozen=True, slots=True)
class GrafanaViewer:
    """Who the token is. `org_role` is `Viewer | Editor | Admin | None`, None where Grafana does not tell."""

    login: str
    org_role: str | None
    is_admin: bool


class GrafanaClient:
    """Every method raises a SourceError when what it is about cannot be read."""

    def __init__(self, connection: Connection, transport: Transport | None = None) -> None:
        self.connection = connection
        self.source = connection.source
        self.transport = transport or Transport(connection)

    async def version(self) -> str:
        """`12.2.1`, `unknown` where it is hidden (Grafana API: /api/health). This does not check the token."""
        return (await self.transport.get(HEALTH)).version or "unknown"

    async def alerts(self) -> tuple[Alert, ...]:
        """Every instance that is not Normal (Grafana API: /api/prometheus/grafana/api/v1/alerts). Whether it is
        silenced is told elsewhere (`silenced`)."""
        answer = await self.transport.get(ALERTS, params={"includeInternalLabels": "true"})
        rows = answer.data.alerts or []
        is_old = any(parse.RULE_UID not in row.labels for row in rows)
        known = await self.rules() if is_old else ()
        return parse.alerts(self.source, rows, known)

    async def silenced(self) -> tuple[Silenced, ...]:
        """The alerts that a silence keeps quiet (Grafana API: /api/alertmanager/grafana/api/v2/alerts)."""
        params = {"active": "true", "silenced": "true", "inhibited": "true"}
        return parse.silenced(self.source, (await self.transport.get(NOTIFICATIONS, params=params)).root)

    async def silences(self) -> tuple[Silence, ...]:
        """The silences in force, with who made them (Grafana API: /api/alertmanager/grafana/api/v2/silences)."""
        return parse.silences(self.source, (await self.transport.get(SILENCES)).root)

    async def rules(self) -> tuple[AlertRule, ...]:
        """Alerting rules with state and health (Grafana API: /api/prometheus/grafana/api/v1/rules).

        A rule whose instances are all Error or NoData reads inactive: judge by health.
        """
        answer = await self.transport.get(RULES)
        return parse.rules(self.source, answer.data.groups or [])

    async def provisioned_rules(self) -> tuple[AlertRule, ...]:
        """Rules with query, pending period and pause, and their state (Grafana API: /api/v1/provisioning/alert-rules).

        Raises SourceForbidden for a Viewer of Grafana 9 and 10, which is normal.
        """
        defined, evaluated = await asyncio.gather(self.transport.get(PROVISIONED_RULES), self.rules())
        return parse.provisioned_rules(self.source, defined.root, evaluated)

    async def datasources(self) -> tuple[DataSource, ...]:
        """The data sources (Grafana API: /api/datasources; where only an administrator may list them, those that every
        page is told of: /api/frontend/settings)."""
        try:
            rows = (await self.transport.get(DATASOURCES)).root
        except SourceForbidden:
            found = await self._told_to_pages()
            if not found:
                raise
            return found
        return tuple(parse.datasource(self.source, row) for row in rows)

    async def with_health(self, item: DataSource) -> DataSource:
        """A data source with its own word on how it is (Grafana API: /api/datasources/uid/{uid}/health); as it was when
        its kind cannot tell. Raises SourceForbidden where the token may not ask."""
        try:
            answer = await self.transport.get(DATASOURCE_HEALTH, uid=item.uid)
        except SourceUnsupported:
            return item
        except SourceFailed as error:
            return replace(item, healthy=False, message=error.detail)
        return replace(item, healthy=answer.status.upper() == "OK", message=answer.message)

    async def alert_changes(self, *, since: datetime, until: datetime, limit: int = 1000) -> tuple[AlertChange, ...]:
        """Changes of state of alerts in a span of time, the newest `limit` (Grafana API: /api/annotations?type=alert).

        Grafana takes no notice of `from` without `to`: it would tell the newest of all times.
        """
        span = {"from": int(since.timestamp() * 1000), "to": int(until.timestamp() * 1000)}
        params: dict[str, str | int] = {"type": "alert", **span, "limit": limit}
        return parse.changes(self.source, (await self.transport.get(ANNOTATIONS, params=params)).root)

    async def viewer(self) -> GrafanaViewer:
        """Whose token this is (Grafana API: /api/user, /api/user/orgs). Raises SourceUnauthorized for a wrong token.

        To old versions a service account is not a user: the token is then checked with /api/org.
        """
        try:
            user = await self.transport.get(USER)
        except (SourceUnsupported, SourceForbidden):
            await self.transport.get(ORGANISATION)
            return GrafanaViewer(login="service account", org_role=None, is_admin=False)
        return GrafanaViewer(user.login or user.name, await self._role(user.org_id), user.is_grafana_admin)

    async def aclose(self) -> None:
        await self.transport.aclose()

    async def _told_to_pages(self) -> tuple[DataSource, ...]:
        try:
            settings = await self.transport.get(FRONTEND_SETTINGS)
        except SourceError:
            return ()  # the first refusal says what is missing
        return parse.frontend_datasources(self.source, settings)

    async def _role(self, org_id: int | None) -> str | None:
        try:
            memberships = (await self.transport.get(MEMBERSHIPS)).root
        except (SourceForbidden, SourceUnsupported, SourceUnauthorized, SourceFailed):
            return None  # a service account is a member of nothing
        roles = {row.org_id: row.role for row in memberships}
        return roles.get(org_id) if org_id is not None else next(iter(roles.values()), None)
