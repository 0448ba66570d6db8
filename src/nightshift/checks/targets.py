"""Scraping itself: targets that are slow, and whole jobs that are gone."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import TARGETS, counted, iso, metric_source, table
from nightshift.checks.metric_rows import expr_of
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, target_key
from nightshift.facts.monitoring import ScrapePool, Target, label
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
    """A scrape job of the last week that Prometheus does not have any more, or finds no target for: a configuration
    that lost a part, a discovery that fails. No target is down then, no alert fires, and nothing is measured.

    Judges (PromQL: `up` an hour to a week ago, whose job has no `up` now; Prometheus API: /api/v1/scrape_pools):
        up{job="mosquitto", instance="mqtt:9234"} 1
    """
    pools = {pool.name for pool in snapshot.scrape_pools}
    return CheckResult(
        tuple(_gone(snapshot, job, instances, configured=job in pools) for job, instances in _lost(snapshot).items())
    )


def _lost(snapshot: Snapshot) -> dict[str, list[str]]:
    """The instances that a job of the last week had, by job, where it has none now. A job that was given another name
    is not lost: its instances are there."""
    jobs: dict[str, set[str]] = {}
    for sample in snapshot.metrics.get("jobs_gone", not_configured()):
        job = label(sample.labels, "job")
        if job:
            jobs.setdefault(job, set()).add(label(sample.labels, "instance") or "")
    listed = {target.job for target in snapshot.targets}
    scraped = {target.instance for target in snapshot.targets}
    return {
        job: sorted(instances)
        for job, instances in sorted(jobs.items())
        if job not in listed and not instances <= scraped
    }


def job_empty(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A scrape job that is configured and has no target: its list of targets is empty, or every one of them is dropped.
    One that had targets within the last week is told as gone.

    Judges (Prometheus API: /api/v1/scrape_pools, /api/v1/targets):
        {"scrapePools": ["node", "docker"]}, and no active target with "scrapePool": "docker"
    """
    filled = {(target.source, target.pool or target.job) for target in snapshot.targets}
    lost = _lost(snapshot)
    return CheckResult(
        tuple(
            _empty(snapshot, pool)
            for pool in sorted(snapshot.scrape_pools, key=lambda pool: (pool.name, pool.source))
            if (pool.source, pool.name) not in filled and pool.name not in lost
        )
    )


def _empty(snapshot: Snapshot, pool: ScrapePool) -> Finding:
    return Finding(
        check="target.job_empty",
        severity="info",
        entity=Entity(target_key(pool.name, "*"), f"scrape job {pool.name}"),
        title=f"Scrape job {pool.name} has no target",
        detail="It is in the configuration of Prometheus, and its discovery finds nothing, or relabelling drops all.",
        remedy="The page /service-discovery of Prometheus shows what was found and dropped; take the job out when it "
        "is not needed.",
        evidence=(
            table(
                snapshot,
                pool.source,
                "GET /api/v1/scrape_pools",
                f"Targets of job {pool.name}",
                ("job", "targets"),
                ((pool.name, 0),),
            ),
        ),
        runbook=_RUNBOOK,
    )


def _gone(snapshot: Snapshot, job: str, instances: list[str], *, configured: bool) -> Finding:
    now = "finds no target for it now" if configured else "has no such job now"
    shown = ", ".join(instances[:3]) + (" …" if len(instances) > 3 else "")
    key = target_key(job, instances[0] if len(instances) == 1 else "*")
    return Finding(
        check="target.job_gone",
        severity="warning",
        entity=Entity(key, f"scrape job {job}"),
        title=f"Scrape job {job} has no target any more" if configured else f"Scrape job {job} is gone",
        detail=f"Prometheus scraped {counted(len(instances), 'target')} of it within the last week ({shown}), and "
        f"{now}. Nothing of it is measured, and no alert about it can fire.",
        remedy=f"Look for `job_name: {job}` in prometheus.yml and what it includes (`promtool check config`): was it "
        "lost in a change, or does its list of targets (the page /service-discovery) come up empty? If it went on "
        "purpose, accept this finding: it ends by itself after a week.",
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
        also=("targets", "scrape_pools"),
    ),
    Check(
        "target.job_empty",
        "monitoring",
        "info",
        ("scrape_pools", "targets"),
        job_empty,
        "Scrape jobs without a target",
        also=("metrics.jobs_gone",),
    ),
)
