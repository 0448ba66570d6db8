"""Prometheus' answers on the wire, and those of Thanos, Mimir and VictoriaMetrics, which add their own words."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from pydantic import Field, JsonValue

from nightshift.sources.wire import Flag, Moment, Text, WireModel

Data = TypeVar("Data")


class PrometheusAnswer(WireModel, Generic[Data]):
    """`{"status": "success", "data": …, "warnings": […], "infos": […]}`, or `{"status": "error", "errorType":
    "bad_data", "error": …}`. VictoriaMetrics adds `isPartial`, Thanos says in a warning what it could not ask."""

    status: Literal["success", "error"]
    data: Data | None = None
    error_type: str | None = Field(default=None, alias="errorType")
    error: str | None = None
    warnings: list[str] | None = None
    infos: list[str] | None = None
    is_partial: Flag = Field(default=False, alias="isPartial")


class SeriesRow(WireModel):
    """`{"metric": {"__name__": "up"}, "value": [1435781451.781, "1"]}`, or `values` in a matrix; a native histogram has
    `histogram` or `histograms` instead."""

    metric: dict[str, str] = Field(default_factory=dict)
    value: tuple[float, float] | None = None
    values: list[tuple[float, float]] | None = None
    histogram: JsonValue = None
    histograms: JsonValue = None


class VectorWire(WireModel):
    result_type: Literal["vector", "matrix"] = Field(alias="resultType")
    result: list[SeriesRow]


class ScalarWire(WireModel):
    """`{"resultType": "scalar", "result": [1767436620, "42"]}`; values are strings, NaN and ±Inf among them."""

    result_type: Literal["scalar"] = Field(alias="resultType")
    result: tuple[float, float]


class StringWire(WireModel):
    """`{"resultType": "string", "result": [1767436620, "text"]}`"""

    result_type: Literal["string"] = Field(alias="resultType")
    result: tuple[float, str]


QueryWire = VectorWire | ScalarWire | StringWire


class BuildInfoWire(WireModel):
    """`{"version": "3.7.3", "revision": "0a41f…", …}`"""

    version: Text


class MetadataRow(WireModel):
    """`{"type": "gauge", "help": "Number of tokens in the ring", "unit": ""}`"""

    type: str
    help: str = ""
    unit: str = ""


class TargetRow(WireModel):
    """`{"labels": {"instance": "pve1:9100", "job": "node"}, "health": "down", "lastError": "connection refused",
    "lastScrape": "2026-01-02T13:36:40.200Z", …}`; never scraped: the year 1."""

    labels: dict[str, str] = Field(default_factory=dict)
    health: str = "unknown"
    last_error: str | None = Field(default=None, alias="lastError")
    last_scrape: Moment = Field(default=None, alias="lastScrape")
    scrape_url: str | None = Field(default=None, alias="scrapeUrl")
    scrape_pool: str | None = Field(default=None, alias="scrapePool")
    last_scrape_duration: float | None = Field(default=None, alias="lastScrapeDuration")
    scrape_interval: str | None = Field(default=None, alias="scrapeInterval")
    scrape_timeout: str | None = Field(default=None, alias="scrapeTimeout")


class TargetsWire(WireModel):
    active_targets: list[TargetRow] = Field(alias="activeTargets")


class ScrapePoolsWire(WireModel):
    """`{"scrapePools": ["alertmanager", "node"]}`; null when no job is configured."""

    scrape_pools: list[str] | None = Field(default=None, alias="scrapePools")


class AlertmanagerRow(WireModel):
    """`{"url": "http://192.0.2.20:9093/api/v2/alerts"}`"""

    url: str


class AlertmanagersWire(WireModel):
    """`{"activeAlertmanagers": […], "droppedAlertmanagers": […]}`"""

    active: list[AlertmanagerRow] | None = Field(default=None, alias="activeAlertmanagers")


class AlertRow(WireModel):
    """`{"labels": {"alertname": "Watchdog"}, "state": "firing", "activeAt": "…", "value": "1e+00"}`"""

    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    state: str
    active_at: Moment = Field(default=None, alias="activeAt")
    value: Text | None = None


class RuleRow(WireModel):
    """A rule of the type `alerting` or `recording`. `health` is `ok | err | unknown`."""

    type: str
    name: str
    query: str = ""
    duration: float | None = None
    state: str | None = None
    health: str = "unknown"
    last_error: str | None = Field(default=None, alias="lastError")
    last_evaluation: Moment = Field(default=None, alias="lastEvaluation")
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    alerts: list[AlertRow] | None = None


class RuleGroupRow(WireModel):
    """`{"name": "example", "file": "/rules.yaml", "interval": 60, "rules": […]}`"""

    name: str
    file: str = ""
    rules: list[RuleRow] = Field(default_factory=list)


class RulesWire(WireModel):
    groups: list[RuleGroupRow]
