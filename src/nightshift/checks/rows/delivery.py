"""What leaves Prometheus: alerts on their way to people, and samples on their way to another store."""

from __future__ import annotations

from nightshift.checks.rows.row import Row, highest

_BY = "job, instance"
_FAMILY = "prometheus"
_SELF = "Prometheus (its own metrics)"
_NOT_DELIVERED = (
    f"(sum by ({_BY}, integration) (increase({{__name__=~"
    '"alertmanager_notifications_failed_total|grafana_alerting_notifications_failed_total"}[1h])) > 1.5)'
)

ROWS: tuple[Row, ...] = (
    Row(
        id="prometheus.notifications_failing",
        family=_FAMILY,
        title="Alerts on their way to Alertmanager",
        exporter=_SELF,
        metric="prometheus_notifications_errors_total",
        value=f"sum by ({_BY}, alertmanager) (rate(prometheus_notifications_errors_total[15m])) / on ({_BY}, "
        f"alertmanager) (sum by ({_BY}, alertmanager) (rate(prometheus_notifications_sent_total[15m])) > 0) "
        f"and on ({_BY}, alertmanager) sum by ({_BY}, alertmanager) "
        "(increase(prometheus_notifications_errors_total[15m])) > 2.5",
        meaning="share of notifications to an Alertmanager that failed within 15 min, where three or more did",
        warning="notification_errors_warning",
        critical="notification_errors_critical",
        unit="fraction",
        labels=("alertmanager",),
        headline="Prometheus {instance} cannot deliver alerts to {alertmanager}",
        detail="{value} of its notifications fail: alerts that fire reach nobody.",
        remedy="`curl -sS {alertmanager}` from Prometheus' machine; see `alertmanagers` in prometheus.yml and "
        "`systemctl status prometheus-alertmanager`.",
        runbook="alertmanager.md#steps",
    ),
    Row(
        id="prometheus.notification_backlog",
        family=_FAMILY,
        title="Alerts that wait to be sent",
        exporter=_SELF,
        metric="prometheus_notifications_queue_length",
        value=f"max by ({_BY}) (min_over_time(prometheus_notifications_queue_length[10m])) > 0",
        meaning="notifications that waited at every moment of the last 10 min",
        headline="Alerts wait in Prometheus {instance}",
        detail="At least {value} notifications have been waiting for 10 min: Alertmanager is slow or away.",
        remedy="See `systemctl status prometheus-alertmanager` and the log of Prometheus for `Alertmanager`.",
        yields_to=("prometheus.notifications_failing",),
        runbook="alertmanager.md#steps",
    ),
    Row(
        id="prometheus.remote_write_behind",
        family=_FAMILY,
        title="Lag of remote write",
        exporter=_SELF,
        metric="prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
        value=f"max by ({_BY}, remote_name) (max by ({_BY}) "
        "(max_over_time(prometheus_remote_storage_highest_timestamp_in_seconds[5m])) "
        f"- on ({_BY}) group_right () max by ({_BY}, remote_name) "
        "(max_over_time(prometheus_remote_storage_queue_highest_sent_timestamp_seconds[5m]) > 0))",
        meaning="seconds between the newest sample and the newest that the remote end has",
        warning="remote_write_lag_warning_s",
        critical="remote_write_lag_critical_s",
        unit="seconds",
        labels=("remote_name",),
        headline="Remote write of Prometheus {instance} to {remote_name} is {value} behind",
        detail="What is older than two hours when it is sent at last may be lost: the write-ahead log is cut by then.",
        remedy="`journalctl -u prometheus | grep -i remote` tells the error; see the remote end, then `max_shards`.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="prometheus.remote_write_unanswered",
        family=_FAMILY,
        title="Remote write that has delivered nothing yet",
        exporter=_SELF,
        metric="prometheus_remote_storage_samples_retried_total",
        value=f"max by ({_BY}, remote_name) (prometheus_remote_storage_samples_retried_total > 0) unless on "
        f"({_BY}, remote_name) prometheus_remote_storage_queue_highest_sent_timestamp_seconds > 0",
        meaning="samples that were sent again, where the remote end has taken none since Prometheus started",
        labels=("remote_name",),
        headline="Remote write of Prometheus {instance} to {remote_name} has delivered nothing since it started",
        detail="{value} samples were sent again, and none was taken. What is older than two hours when it is sent at "
        "last may be lost.",
        remedy="`journalctl -u prometheus | grep -i remote` tells the error: the remote end is away, or its address is "
        "wrong.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="prometheus.remote_write_failing",
        family=_FAMILY,
        title="Samples that remote write loses",
        exporter=_SELF,
        metric="prometheus_remote_storage_samples_failed_total",
        value=f"sum by ({_BY}, remote_name) (increase(prometheus_remote_storage_samples_failed_total[15m])) > 0",
        meaning="samples that the remote end refused for good within 15 min",
        labels=("remote_name",),
        headline="Remote write of Prometheus {instance} to {remote_name} loses samples",
        detail="{value} samples within 15 min were refused and are not sent again.",
        remedy="`journalctl -u prometheus | grep -i 'non-recoverable'` tells why: a limit or a login of "
        "the remote end.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="alertmanager.reload_failed",
        family=_FAMILY,
        title="Configuration of Alertmanager",
        exporter="Alertmanager",
        metric="alertmanager_config_last_reload_successful",
        value=f"max by ({_BY}) ({highest('alertmanager_config_last_reload_successful', '2m')}) == 0",
        meaning="0: the last reload of the configuration failed, and none has succeeded for 2 min",
        unit="state",
        headline="Alertmanager {instance} runs with an old configuration",
        detail="Its last reload failed: receivers and routes are those of before.",
        remedy="`amtool check-config /etc/prometheus/alertmanager.yml` names the line; then "
        "`systemctl reload prometheus-alertmanager`.",
        runbook="alertmanager.md#steps",
    ),
    Row(
        id="alertmanager.notifications_failing",
        family=_FAMILY,
        title="Notifications of Alertmanager and Grafana",
        exporter="Alertmanager",
        metric="alertmanager_notifications_total",
        value=f"{_NOT_DELIVERED} / on ({_BY}, integration) (sum by ({_BY}, integration) (increase({{__name__=~"
        '"alertmanager_notifications_total|grafana_alerting_notifications_total"}[1h])) > 0)',
        meaning="share of notifications by one integration (mail, telegram, …) that failed within 1 h, where two or "
        "more did",
        warning="notification_errors_warning",
        critical="notification_errors_critical",
        unit="fraction",
        labels=("integration",),
        headline="Notifications by {integration} fail ({instance})",
        detail="{value} of them fail: an alert that fires does not reach you by {integration}.",
        remedy="The log of Alertmanager (`journalctl -u prometheus-alertmanager`) or Grafana says what the receiver "
        "answered: a token that ran out, an address that changed.",
        runbook="alertmanager.md#steps",
    ),
)
