"""Grafana's answers on the wire. Fields are those that Nightshift reads."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue, RootModel

from nightshift.sources.wire import Flag, Moment, Text, WireModel


class HealthWire(WireModel):
    """`{"commit": "087143285", "database": "ok", "version": "12.2.1"}`; the version can be hidden by a setting."""

    database: str
    version: str | None = None


class AlertRow(WireModel):
    """`{"labels": {"alertname": "DiskFilling", "__alert_rule_uid__": "aaaa"}, "annotations": {}, "state": "Alerting
    (NoData)", "activeAt": "0001-01-01T00:00:00Z", "value": "1.1e+00"}`; `state` is a word and perhaps a reason."""

    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] | None = None
    state: str
    active_at: Moment = Field(default=None, alias="activeAt")
    value: Text | None = None


class AlertsData(WireModel):
    alerts: list[AlertRow] | None = None


class AlertsWire(WireModel):
    """`{"status": "success", "data": {"alerts": […]}}` with every state, Normal included."""

    status: Literal["success"]
    data: AlertsData


class RuleRow(WireModel):
    """`{"name": "DiskFilling", "uid": "aaaa", "query": "…", "state": "inactive", "health": "error", "lastError": "…",
    "duration": 300, "type": "alerting", "lastEvaluation": "…", "alerts": […]}`; `uid` and `isPaused` since 11."""

    name: str
    type: str = "alerting"
    query: str = ""
    state: str | None = None
    health: str = "unknown"
    last_error: str | None = Field(default=None, alias="lastError")
    last_evaluation: Moment = Field(default=None, alias="lastEvaluation")
    duration: float | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    uid: str | None = None
    is_paused: Flag | None = Field(default=None, alias="isPaused")
    queried_datasource_uids: list[str] | None = Field(default=None, alias="queriedDatasourceUIDs")
    alerts: list[AlertRow] | None = None


class RuleGroupRow(WireModel):
    """`{"name": "node", "file": "SRE", "rules": […]}`; `file` is the title of the folder."""

    name: str
    file: str
    rules: list[RuleRow] = Field(default_factory=list)


class RulesData(WireModel):
    groups: list[RuleGroupRow] | None = None


class RulesWire(WireModel):
    """`{"status": "success", "data": {"groups": […]}}`"""

    status: Literal["success"]
    data: RulesData


class NotificationStatus(WireModel):
    """`{"state": "suppressed", "silencedBy": ["0c2e…"], "inhibitedBy": []}`"""

    state: str
    silenced_by: list[str] = Field(default_factory=list, alias="silencedBy")


class NotificationRow(WireModel):
    """An alert in the alertmanager: `{"labels": {"alertname": "DatasourceError", "rulename": "QueueTooLong", …},
    "fingerprint": "1111111111111111", "status": {…}}`."""

    labels: dict[str, str]
    fingerprint: str | None = None
    status: NotificationStatus


class NotificationsWire(RootModel[list[NotificationRow]]):
    """The list itself, without an envelope."""


class MatcherRow(WireModel):
    """`{"isEqual": true, "isRegex": false, "name": "alertname", "value": "TargetDown"}`"""

    name: str
    value: str
    is_regex: Flag = Field(default=False, alias="isRegex")
    is_equal: Flag = Field(default=True, alias="isEqual")


class SilenceStatus(WireModel):
    """`{"state": "active"}`, else `pending` or `expired`."""

    state: str


class SilenceRow(WireModel):
    """`{"id": "0c2e…", "status": {"state": "active"}, "comment": "new disk", "createdBy": "anna", "startsAt": …,
    "endsAt": "2026-11-30T08:00:00.000Z", "matchers": […]}`"""

    status: SilenceStatus
    comment: str | None = None
    created_by: str | None = Field(default=None, alias="createdBy")
    starts_at: Moment = Field(default=None, alias="startsAt")
    ends_at: Moment = Field(default=None, alias="endsAt")
    matchers: list[MatcherRow] = Field(default_factory=list)


class SilencesWire(RootModel[list[SilenceRow]]):
    """The list itself, without an envelope."""


class QueryStep(WireModel):
    """One step of a rule: `{"refId": "A", "datasourceUid": "prom", "model": {"expr": "up"}}`, or an expression with
    `"type": "threshold"` and its conditions."""

    ref_id: str = Field(default="", alias="refId")
    datasource_uid: str = Field(default="", alias="datasourceUid")
    model: dict[str, JsonValue] | None = None


class ProvisionedRule(WireModel):
    """`{"uid": "aaaa", "title": "DiskFilling", "folderUID": "l3KqBxCMz", "ruleGroup": "node", "condition": "C", "data":
    […], "for": "5m", "isPaused": false, "labels": {…}}`"""

    uid: str
    title: str
    folder_uid: str = Field(default="", alias="folderUID")
    rule_group: str = Field(default="", alias="ruleGroup")
    data: list[QueryStep] = Field(default_factory=list)
    pending_period: str | None = Field(default=None, alias="for")
    is_paused: Flag = Field(default=False, alias="isPaused")
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    record: JsonValue = None


class ProvisionedRulesWire(RootModel[list[ProvisionedRule]]):
    """The list itself, without an envelope."""


class DataSourceRow(WireModel):
    """`{"uid": "prom", "name": "Prometheus", "type": "prometheus", "url": "http://localhost:9090", …}`"""

    uid: str
    name: str
    type: str


class DataSourcesWire(RootModel[list[DataSourceRow]]):
    """The list itself, without an envelope."""


class FrontendSource(WireModel):
    """`{"uid": "prom", "type": "prometheus", "url": "/api/datasources/proxy/uid/prom", …}`; Grafana's own have a name
    like `-- Mixed --`, and old versions do not tell the uid."""

    uid: str | None = None
    type: str = ""


class FrontendSettingsWire(WireModel):
    """`{"defaultDatasource": "Prometheus", "datasources": {"Prometheus": {…}, "-- Grafana --": {…}}, …}`"""

    datasources: dict[str, FrontendSource] = Field(default_factory=dict)


class DataSourceHealthWire(WireModel):
    """`{"status": "OK", "message": "Successfully queried the Prometheus API."}`; unwell: HTTP 400 and `ERROR`."""

    status: str
    message: str | None = None


class AnnotationRow(WireModel):
    """`{"alertName": "Disk full", "newState": "Alerting", "prevState": "Pending", "text": "Disk full
    {instance=web:9100} - Alerting", "time": 1764108000000, …}`; what people wrote has no state."""

    alert_name: str = Field(default="", alias="alertName")
    new_state: str = Field(default="", alias="newState")
    text: str = ""
    time: int


class AnnotationsWire(RootModel[list[AnnotationRow]]):
    """The list itself, without an envelope."""


class UserWire(WireModel):
    """`{"login": "sa-1-nightshift", "orgId": 1, "isGrafanaAdmin": false}`"""

    login: str = ""
    name: str = ""
    is_grafana_admin: Flag = Field(default=False, alias="isGrafanaAdmin")
    org_id: int | None = Field(default=None, alias="orgId")


class OrganisationWire(WireModel):
    """`{"id": 1, "name": "Main Org."}`"""

    id: int
    name: str = ""


class MembershipRow(WireModel):
    """`{"orgId": 1, "name": "Main Org.", "role": "Viewer"}`"""

    org_id: int = Field(alias="orgId")
    role: str


class MembershipsWire(RootModel[list[MembershipRow]]):
    """The list itself, without an envelope."""
