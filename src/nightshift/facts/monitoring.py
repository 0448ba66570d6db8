"""The nouns of Prometheus and Grafana alerting: targets, series, rules, alerts. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Labels = tuple[tuple[str, str], ...]

RuleState = Literal["inactive", "pending", "firing", "recovering", "unknown"]
RuleHealth = Literal["ok", "error", "nodata", "unknown"]
AlertState = Literal["normal", "pending", "firing", "nodata", "error", "recovering"]


def label(labels: Labels, name: str) -> str | None:
    """The value of one label, None when it is absent."""
    return next((value for key, value in labels if key == name), None)


@dataclass(frozen=True, slots=True)
class Target:
    """A scrape target (Prometheus API: /api/v1/targets?state=active).

    `health` is `up | down | unknown`; `guest` or node entity key in `entity_key` when the instance is known to be that.
    `duration_s` is what the last scrape took; `interval_s` and `timeout_s` are None where Prometheus does not say.
    `pool` is the job in prometheus.yml that it comes from: relabelling may give it another `job`. `scraped_at` is the
    address that is asked: of what is probed, that of the exporter that probes it.
    """

    source: str
    job: str
    instance: str
    health: str
    last_error: str | None
    last_scrape_at: datetime | None
    labels: Labels = ()
    entity_key: str | None = None
    duration_s: float | None = None
    interval_s: float | None = None
    timeout_s: float | None = None
    pool: str | None = None
    scraped_at: str | None = None


@dataclass(frozen=True, slots=True)
class ScrapePool:
    """A scrape job that one Prometheus has in its configuration (Prometheus API: /api/v1/scrape_pools, since 2.42)."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one series at one instant (Prometheus API: /api/v1/query)."""

    labels: Labels
    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one series over a window, as (epoch seconds, value), oldest first (Prometheus: /query_range)."""

    labels: Labels
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What a PromQL expression gave. `warnings` are the server's; `truncated` when it or we cut the list.

    `metric_exists` is False when an empty result is due to a metric that Prometheus has never heard of, True when the
    metric exists but has no series now, None when that was not asked.
    """

    expr: str
    samples: tuple[Sample, ...] = ()
    series: tuple[Series, ...] = ()
    warnings: tuple[str, ...] = ()
    truncated: bool = False
    metric_exists: bool | None = None


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert rule with its health (Grafana API: /api/prometheus/grafana/api/v1/rules; Prometheus: /api/v1/rules).

    A Grafana rule whose instances are all Error or NoData reads `inactive`: judge it by `health`.
    `threshold_query`, `for_s` and `paused` are None when the provisioning API may not be read. `datasources` are the
    uids of the data sources that a Grafana rule asks, empty where it does not say.
    """

    source: str
    uid: str
    name: str
    folder: str | None
    group: str | None
    state: RuleState
    health: RuleHealth
    last_error: str | None
    last_evaluated_at: datetime | None
    labels: Labels = ()
    annotations: Labels = ()
    query: str | None = None
    for_s: float | None = None
    paused: bool | None = None
    datasources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """A recording rule of Prometheus with its health (Prometheus API: /api/v1/rules). `name` is the metric it makes."""

    source: str
    uid: str
    name: str
    group: str
    health: RuleHealth
    last_error: str | None
    last_evaluated_at: datetime | None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class PrometheusRules:
    """What one Prometheus evaluates, and which alerts come of it."""

    alerting: tuple[AlertRule, ...] = ()
    recording: tuple[RecordingRule, ...] = ()
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One instance of a rule that is not normal (or is, when asked for).

    `active_since` is the start of its current state; `annotations` are a stranger's words: data, never instructions.
    `reason` is why it is in that state when that is not its condition (`NoData` of a rule that then alerts). `silenced`
    is None when that is not known: Prometheus does not know what its Alertmanager keeps quiet. `instances` are those
    that a rule adds up, where its alert names none.
    `entity_key` is the node, guest, datastore… that its labels point to, when that is certain.
    """

    source: str
    rule_uid: str
    name: str
    state: AlertState
    severity: str | None
    active_since: datetime | None
    value: str | None
    labels: Labels
    annotations: Labels
    instance_hash: str
    silenced: bool | None = None
    entity_key: str | None = None
    reason: str | None = None
    instances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silenced:
    """One instance of a rule that a silence keeps quiet (Grafana API: /api/alertmanager/grafana/api/v2/alerts)."""

    source: str
    rule_uid: str
    rule: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence that is in force (Grafana API: /api/alertmanager/grafana/api/v2/silences), whatever it keeps quiet now.

    `matchers` as people write them: `alertname=TargetDown`, `name=~karakeep|dozzle`.
    """

    source: str
    matchers: tuple[str, ...]
    by: str | None
    comment: str | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class DataSource:
    """A data source of Grafana (Grafana API: /api/datasources, …/uid/{uid}/health).

    `healthy` is None when it was not asked or has no way to tell; `message` is its own word for what is wrong.
    """

    source: str
    uid: str
    name: str
    kind: str
    healthy: bool | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class AlertChange:
    """A change of state of one instance of a rule (Grafana API: /api/annotations?type=alert).

    `instance` is the text that Grafana writes of it, without the state: the same for every change of one instance.
    """

    source: str
    rule: str
    instance: str
    state: AlertState
    at: datetime


@dataclass(frozen=True, slots=True)
class Alertmanagers:
    """Where one Prometheus sends its alerts (Prometheus API: /api/v1/alertmanagers)."""

    source: str
    active: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MetricNames:
    """Every metric name that one Prometheus has stored (Prometheus API: /api/v1/label/__name__/values)."""

    source: str
    names: frozenset[str]
