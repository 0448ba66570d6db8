"""What Prometheus says of itself: configuration, rules, database, scrapes."""

from __future__ import annotations

from nightshift.checks.rows.row import Row, grown, highest

_BY = "job, instance"
_FAMILY = "prometheus"
_SELF = "Prometheus (its own metrics)"

_TSDB_FAILURES = {
    "prometheus_tsdb_compactions_failed_total": "compactions",
    "prometheus_tsdb_head_truncations_failed_total": "truncations of the head",
    "prometheus_tsdb_checkpoint_creations_failed_total": "creations of a checkpoint",
    "prometheus_tsdb_checkpoint_deletions_failed_total": "deletions of a checkpoint",
    "prometheus_tsdb_wal_truncations_failed_total": "truncations of the write-ahead log",
    "prometheus_tsdb_reloads_failures_total": "reloads of blocks from disk",
}
_DROPPED_SCRAPES = {
    "prometheus_target_scrapes_exceeded_sample_limit_total": "more samples than sample_limit allows",
    "prometheus_target_scrapes_exceeded_body_size_limit_total": "an answer larger than body_size_limit",
    "prometheus_target_scrape_pool_exceeded_target_limit_total": "more targets than target_limit allows",
    "prometheus_target_scrape_pool_exceeded_label_limits_total": "labels beyond their limits",
}
_REJECTED_SAMPLES = {
    "prometheus_target_scrapes_sample_out_of_order_total": "out of order",
    "prometheus_target_scrapes_sample_duplicate_timestamp_total": "twice with one time",
    "prometheus_target_scrapes_sample_out_of_bounds_total": "too old or too new",
}

_SERIES = f"max by ({_BY}) (scrape_samples_post_metric_relabeling)"
_SERIES_BEFORE = f"max by ({_BY}) (max_over_time(scrape_samples_post_metric_relabeling[12h] offset 1d))"

ROWS: tuple[Row, ...] = (
    Row(
        id="prometheus.reload_failed",
        family=_FAMILY,
        title="Configuration of Prometheus",
        exporter=_SELF,
        metric="prometheus_config_last_reload_successful",
        value=f"max by ({_BY}) ({highest('prometheus_config_last_reload_successful', '2m')}) == 0",
        meaning="0: the last reload of the configuration failed, and none has succeeded for 2 min",
        unit="state",
        headline="Prometheus {instance} runs with an old configuration",
        detail="Its last reload failed, so that it keeps what it read before. At the next restart it will not come up.",
        remedy="`promtool check config /etc/prometheus/prometheus.yml` names the line; mend it, then "
        "`systemctl reload prometheus` (or `curl -X POST http://localhost:9090/-/reload`).",
        runbook="rule-failing.md#steps",
    ),
    Row(
        id="prometheus.rule_failures",
        family=_FAMILY,
        title="Evaluation of Prometheus' rules",
        exporter=_SELF,
        metric="prometheus_rule_evaluation_failures_total",
        value=f"sum by ({_BY}, rule_group) (increase(prometheus_rule_evaluation_failures_total[15m])) > 0",
        meaning="evaluations of a rule group that failed within 15 min",
        labels=("rule_group",),
        headline="Rules of Prometheus {instance} fail: {rule_group}",
        detail="{value} evaluations failed within 15 min. An alert whose rule fails does not fire.",
        remedy="Open http://{instance}/rules: the rule in error shows its message. Usually two series "
        "match where one is "
        "expected (aggregate with `by`), or the query is too expensive.",
        runbook="rule-failing.md#steps",
    ),
    Row(
        id="prometheus.template_failures",
        family=_FAMILY,
        title="Texts of Prometheus' alerts",
        exporter=_SELF,
        metric="prometheus_template_text_expansion_failures_total",
        value=f"sum by ({_BY}) (increase(prometheus_template_text_expansion_failures_total[1h])) > 0",
        meaning="templates in annotations or labels of rules that could not be filled in within 1 h",
        headline="Texts of alerts of Prometheus {instance} cannot be filled in",
        detail="{value} templates failed within 1 h: the alert goes out with an error in place of its text.",
        remedy="`journalctl -u prometheus | grep -i 'expanding alert template'` names the rule; correct its `{{ … }}`.",
        runbook="rule-failing.md#steps",
    ),
    Row(
        id="prometheus.wal_corruption",
        family=_FAMILY,
        title="Prometheus' write-ahead log",
        exporter=_SELF,
        metric="prometheus_tsdb_wal_corruptions_total",
        value=f"sum by ({_BY}) (increase(prometheus_tsdb_wal_corruptions_total[1d])) > 0",
        meaning="corruptions of the write-ahead log within a day",
        severity="critical",
        headline="The write-ahead log of Prometheus {instance} is corrupt",
        detail="{value} corruptions within a day: what came after the damaged place is lost, and the disk "
        "may be failing.",
        remedy="Look at the disk first (`dmesg | tail -50`, `smartctl -a`), see that it is not full "
        "(`df -h /var/lib/prometheus`), then restart Prometheus: it repairs the log by cutting it.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="prometheus.tsdb_failures",
        family=_FAMILY,
        title="Housekeeping of Prometheus' database",
        exporter=_SELF,
        metric="prometheus_tsdb_compactions_failed_total",
        value=grown(_TSDB_FAILURES, _BY, "3h", "work"),
        meaning="failures of one kind of housekeeping within 3 h (compactions run every 2 h)",
        labels=("work",),
        headline="The database of Prometheus {instance} cannot be kept in order: {work} fail",
        detail="{value} {work} failed within 3 h. Memory and disk grow until one of them runs out.",
        remedy="`df -h /var/lib/prometheus` and `journalctl -u prometheus | grep -i -E 'compact|truncat|checkpoint'`: "
        "no space and a damaged block are the usual reasons; move a damaged block out of the data folder.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="prometheus.not_ingesting",
        family=_FAMILY,
        title="Samples that Prometheus takes in",
        exporter=_SELF,
        metric="prometheus_tsdb_head_samples_appended_total",
        value=f"sum by ({_BY}) (rate(prometheus_tsdb_head_samples_appended_total[10m])) <= 0 and on ({_BY}) "
        f"(sum by ({_BY}) (prometheus_target_metadata_cache_entries) > 0 or "
        f"sum by ({_BY}) (prometheus_rule_group_rules) > 0)",
        meaning="samples a second over 10 min, where none came in though there are targets or rules",
        severity="critical",
        unit="ratio",
        headline="Prometheus {instance} stores nothing",
        detail="It has targets or rules, and yet not one sample was stored in 10 min: everything that it says is old.",
        remedy="`df -h /var/lib/prometheus` and `journalctl -u prometheus -n 100`; a full disk and a clock that jumped "
        "are the usual reasons.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="prometheus.discovery_failed",
        family=_FAMILY,
        title="How Prometheus finds its targets",
        exporter=_SELF,
        metric="prometheus_sd_refresh_failures_total",
        value=grown(
            {
                "prometheus_sd_refresh_failures_total": "refreshing the list",
                "prometheus_target_sync_failed_total": "taking over the list",
            },
            _BY,
            "15m",
            "step",
        ),
        meaning="failures to find or take over targets within 15 min",
        labels=("step",),
        headline="Prometheus {instance} cannot find its targets: {step} fails",
        detail="{value} failures within 15 min. New machines are not scraped, and those that are gone stay listed.",
        remedy="`journalctl -u prometheus | grep -i discovery` names the mechanism; see that its file or API is there.",
        runbook="scrape-job-gone.md#steps",
    ),
    Row(
        id="prometheus.no_targets",
        family=_FAMILY,
        title="Scrape jobs without any target",
        exporter=_SELF,
        metric="prometheus_sd_discovered_targets",
        value=f'max by ({_BY}, config) (max_over_time(prometheus_sd_discovered_targets{{name="scrape"}}[15m])) == 0',
        meaning="0: a scrape job found no target for 15 min",
        unit="state",
        labels=("config",),
        headline="Scrape job {config} of Prometheus {instance} has no target",
        detail="For 15 min it found nothing to scrape: nothing of this job is measured.",
        remedy="See the job in prometheus.yml: a file that its `file_sd_configs` name is missing or empty, or the "
        "discovery may not ask its API. Take the job out when it is not needed any more.",
        runbook="scrape-job-gone.md#steps",
    ),
    Row(
        id="prometheus.restarts",
        family=_FAMILY,
        title="Restarts of Prometheus",
        exporter=_SELF,
        metric="process_start_time_seconds",
        value=f"max by ({_BY}) (changes(process_start_time_seconds[1h])) and on ({_BY}) "
        "(prometheus_build_info or alertmanager_build_info)",
        meaning="restarts of Prometheus or Alertmanager within 1 h",
        warning="restarts_warning",
        headline="Prometheus {instance} keeps restarting",
        detail="{value} restarts within 1 h: it is killed for memory, or something restarts it.",
        remedy="`journalctl -u prometheus -n 200` and `journalctl -k | grep -i 'out of memory'` tell why; give it more "
        "memory or scrape fewer series.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="prometheus.rules_slow",
        family=_FAMILY,
        title="Time that rules take",
        exporter=_SELF,
        metric="prometheus_rule_group_last_duration_seconds",
        value=f"max by ({_BY}, rule_group) (min_over_time(prometheus_rule_group_last_duration_seconds[5m])) / "
        f"on ({_BY}, rule_group) (max by ({_BY}, rule_group) (prometheus_rule_group_interval_seconds) > 0)",
        meaning="what a rule group takes, as a share of its interval, at every moment of the last 5 min",
        warning="rule_duration_warning",
        unit="fraction",
        labels=("rule_group",),
        headline="Rules of Prometheus {instance} take too long: {rule_group}",
        detail="The group takes {value} of its interval: evaluations are skipped, and alerts come late.",
        remedy="Split the group, or keep what its queries compute in recording rules.",
        runbook="rule-failing.md#steps",
    ),
    Row(
        id="prometheus.rules_missed",
        family=_FAMILY,
        title="Evaluations that were skipped",
        exporter=_SELF,
        metric="prometheus_rule_group_iterations_missed_total",
        value=f"sum by ({_BY}, rule_group) (increase(prometheus_rule_group_iterations_missed_total[15m])) > 0",
        meaning="evaluations of a rule group that were skipped within 15 min",
        labels=("rule_group",),
        headline="Prometheus {instance} skips evaluations of {rule_group}",
        detail="{value} were skipped within 15 min, because the ones before were not done: alerts come late.",
        remedy="Look at the group's duration on http://{instance}/rules; split it, or give the machine more CPU.",
        yields_to=("prometheus.rules_slow",),
        runbook="rule-failing.md#steps",
    ),
    Row(
        id="prometheus.scrapes_dropped",
        family=_FAMILY,
        title="Scrapes that are thrown away whole",
        exporter=_SELF,
        metric="prometheus_target_scrapes_exceeded_sample_limit_total",
        value=grown(_DROPPED_SCRAPES, _BY, "15m", "reason"),
        meaning="scrapes that were dropped within 15 min because of a limit",
        labels=("reason",),
        headline="Prometheus {instance} throws scrapes away: {reason}",
        detail="{value} scrapes within 15 min gave nothing at all: a scrape beyond its limit is dropped whole.",
        remedy="On http://{instance}/targets the error names the target; raise the limit in its job, or drop what is "
        "not needed with `metric_relabel_configs`.",
        runbook="scrape-job-gone.md#steps",
    ),
    Row(
        id="prometheus.samples_rejected",
        family=_FAMILY,
        title="Samples that Prometheus refuses",
        exporter=_SELF,
        metric="prometheus_target_scrapes_sample_out_of_order_total",
        value=grown(_REJECTED_SAMPLES, _BY, "1h", "how"),
        meaning="samples that were refused within 1 h",
        severity="info",
        labels=("how",),
        headline="Prometheus {instance} refuses samples that come {how}",
        detail="{value} within 1 h. Usually two targets claim to be one, or an exporter sends times of its own.",
        remedy="`journalctl -u prometheus | grep -i 'error on ingesting'` names the target; give each its own labels.",
        runbook="scrape-job-gone.md#steps",
    ),
    Row(
        id="prometheus.cardinality",
        family=_FAMILY,
        title="Jumps of the number of series",
        exporter=_SELF,
        metric="prometheus_tsdb_head_series",
        value=f"max by ({_BY}) (prometheus_tsdb_head_series > 20000) / on ({_BY}) "
        f"max by ({_BY}) (max_over_time(prometheus_tsdb_head_series[12h] offset 1d)) and on ({_BY}) "
        f"max by ({_BY}) (prometheus_tsdb_head_series offset 36h) > 0",
        meaning="series now, as a multiple of the most in the 12 h until a day ago, where above 20,000",
        warning="cardinality_growth_warning",
        unit="ratio",
        headline="Prometheus {instance} has {value} times the series that it had yesterday",
        detail="Memory grows with the number of series. A label with ever new values (a path, an id, a "
        "pod) is the usual "
        "reason.",
        remedy="http://{instance}/tsdb-status shows the metrics and labels with the most series; drop them with "
        "`metric_relabel_configs` in the job they come from.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="prometheus.target_cardinality",
        family=_FAMILY,
        title="Jumps of the number of series of one target",
        exporter=_SELF,
        metric="scrape_samples_post_metric_relabeling",
        value=f"{_SERIES} / on ({_BY}) ({_SERIES_BEFORE} > 0) and on ({_BY}) {_SERIES} - on ({_BY}) {_SERIES_BEFORE} "
        f"> 2000 and on ({_BY}) scrape_samples_post_metric_relabeling offset 36h",
        meaning="series that a target gives, as a multiple of the most in the 12 h until a day ago, where they are "
        "over 2,000 more",
        warning="cardinality_growth_warning",
        unit="ratio",
        about="target",
        headline="{instance} gives Prometheus {value} times the series that it gave yesterday",
        detail="Memory of Prometheus grows with the number of series. A label with ever new values (a session, a path, "
        "an id) is the usual reason.",
        remedy='`topk(10, count by (__name__) ({{job="{job}", instance="{instance}"}}))` shows the metrics with the '
        "most series; drop the label at the exporter, or the metrics with `metric_relabel_configs` in its job.",
        runbook="prometheus-tsdb.md#steps",
    ),
    Row(
        id="prometheus.query_load",
        family=_FAMILY,
        title="Queries at the same time",
        exporter=_SELF,
        metric="prometheus_engine_queries",
        value=f"max by ({_BY}) (min_over_time(prometheus_engine_queries[5m])) / on ({_BY}) "
        f"(max by ({_BY}) (prometheus_engine_queries_concurrent_max) > 0)",
        meaning="queries that run at the same time as a share of what is allowed, at every moment of the last 5 min",
        warning="query_load_warning",
        unit="fraction",
        headline="Prometheus {instance} is busy with queries",
        detail="{value} of the queries that it runs at the same time are taken: dashboards and rules wait.",
        remedy="Look for a dashboard with a long range and a short refresh, or for a query without labels.",
        runbook="prometheus-tsdb.md#steps",
    ),
)
