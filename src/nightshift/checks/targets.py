"""Scraping itself: targets that are slow, and whole jobs that are gone."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import TARGETS, counted, iso, metric_source, table
from nightshift.checks.metric_rows import expr_of
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, target_key
from nightshift.facts.monitoring import Target, label
from nightshift.facts.snapshot import Snapshot, not_configured
from nightshift.facts.units import format_duration

_RUNBOOK = "scrape-job-gone.md#steps"


def slow(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A target that takes nearly as long to answer as it may: the next hiccup makes a hole in its graphs. And one that
    counts as up though it was last asked many intervals ago: Prometheus does not keep up.

    Judges (Prometheus API: /api/v1/targets):
        {"labels": {"instance": "pve", "job": "pve"}, "health": "up", "lastScrapeDuration": 9.2,
         "scrapeInterval": "1m", "scrapeTimeout": "10s", "lastScrape": "2026-11-23T21:40:03.1Z"}
    """
    findings = []
    for target in snapshot.targets:
        if target.health != "up":
            continue
        limit_s = min(item for item in (target.timeout_s, target.interval_s, float("inf")) if item)
        took_s = target.duration_s
        if took_s is not None and took_s >= thresholds.scrape_duration_warning * limit_s:
            findings.append(_slow(snapshot, target, took_s, limit_s))
        age_s = (snapshot.taken_at - target.last_scrape_at).total_seconds() if target.last_scrape_at else 0.0
        if target.interval_s and age_s > max(thresholds.scrapes_missed_warning * target.interval_s, _AT_LEAST_S):
            findings.append(_late(snapshot, target, age_s, target.interval_s))
    return CheckResult(tuple(findings))


# Our clock and Prometheus' may differ.
_AT_LEAST_S = 120.0


def _slow(snapshot: Snapshot, target: Target, took_s: float, limit_s: float) -> Finding:
    return _finding(
        snapshot,
        target,
        "slow",
        f"Scrapes of {target.instance} (job {target.job}) take nearly too long",
        f"The last took {format_duration(took_s)} of the {format_duration(limit_s)} that it may. Beyond "
        f"that the target "
        "counts as down, and its figures are lost.",
        "Give its job a longer `scrape_timeout` and `scrape_interval`, or let the exporter collect less.",
    )


def _late(snapshot: Snapshot, target: Target, age_s: float, interval_s: float) -> Finding:
    return _finding(
        snapshot,
        target,
        "late",
        f"Prometheus has not scraped {target.instance} (job {target.job}) for {format_duration(age_s)}",
        f"It should every {format_duration(interval_s)}, and still counts the target as up: Prometheus "
        f"does not keep up, or "
        "its clock jumped.",
        "`journalctl -u prometheus -n 100`, and look at its load and its disk; `timedatectl` on both machines.",
    )


def _finding(snapshot: Snapshot, target: Target, what: str, title: str, detail: str, remedy: str) -> Finding:
    return Finding(
        check="target.slow",
        severity="warning",
        entity=Entity(target_key(target.job, target.instance), f"target {target.job}/{target.instance}"),
        title=title,
        detail=detail,
        remedy=remedy,
        discriminator=what,
        evidence=(
            table(
                snapshot,
                target.source,
                TARGETS,
                f"Target {target.instance}",
                ("job", "instance", "health", "last_scrape_at", "duration_s", "interval_s", "timeout_s"),
                (
                    (
                        target.job,
                        target.instance,
                        target.health,
                        iso(target.last_scrape_at),
                        target.duration_s,
                        target.interval_s,
                        target.timeout_s,
                    ),
                ),
            ),
        ),
        runbook=_RUNBOOK,
    )


def job_gone(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A scrape job of the last week that Prometheus does not have any more: a configuration that lost a part. No target
    is down then, no alert fires, and nothing is measured.

    Judges (PromQL: `up` an hour to a week ago, whose job has no `up` now):
        up{job="mosquitto", instance="mqtt:9234"} 1
    """
    jobs: dict[str, set[str]] = {}
    for sample in snapshot.metrics.get("jobs_gone", not_configured()):
        job = label(sample.labels, "job")
        if job:
            jobs.setdefault(job, set()).add(label(sample.labels, "instance") or "")
    listed = {target.job for target in snapshot.targets}
    return CheckResult(
        tuple(_gone(snapshot, job, sorted(instances)) for job, instances in sorted(jobs.items()) if job not in listed)
    )


def _gone(snapshot: Snapshot, job: str, instances: list[str]) -> Finding:
    shown = ", ".join(instances[:3]) + (" …" if len(instances) > 3 else "")
    key = target_key(job, instances[0] if len(instances) == 1 else "*")
    return Finding(
        check="target.job_gone",
        severity="warning",
        entity=Entity(key, f"scrape job {job}"),
        title=f"Scrape job {job} is gone",
        detail=f"Prometheus scraped {counted(len(instances), 'target')} of it within the last week ({shown}), and has "
        "no such job now. Nothing of it is measured, and no alert about it can fire.",
        remedy=f"Look for `job_name: {job}` in prometheus.yml and what it includes (`promtool check config`): was it "
        "lost in a change? If it went on purpose, accept this finding: it ends by itself after a week.",
        evidence=(
            table(
                snapshot,
                metric_source(snapshot),
                expr_of("jobs_gone"),
                f"Targets that job {job} had",
                ("job", "instance"),
                ((job, instance) for instance in instances),
            ),
        ),
        runbook=_RUNBOOK,
    )


CHECKS = (
    Check("target.slow", "monitoring", "warning", ("targets",), slow, "Slow and late scrapes"),
    Check(
        "target.job_gone",
        "monitoring",
        "warning",
        ("metrics.jobs_gone",),
        job_gone,
        "Scrape jobs that are gone",
        also=("targets",),
    ),
)
