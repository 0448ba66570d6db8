"""The configuration of the lab's Prometheus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nightshift_lab.exporters import pve
from nightshift_lab.exporters.targets import ScrapeTarget, jobs_of

SELF_JOB = "prometheus"
SELF_INSTANCE = "prometheus:9090"
_SELF_METRICS = (
    "prometheus_build_info",
    "prometheus_config_last_reload_successful",
    "prometheus_notifications_alertmanagers_discovered",
    "prometheus_notifications_dropped_total",
    "prometheus_notifications_errors_total",
    "prometheus_remote_storage_highest_timestamp_in_seconds",
    "prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
    "prometheus_remote_storage_samples_(dropped|failed|retried)_total",
    "prometheus_remote_storage_samples_pending",
    "prometheus_remote_storage_shards(_desired|_max)?",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_rule_evaluations_total",
    "prometheus_rule_group_iterations_missed_total",
    "prometheus_target_scrapes_(exceeded_sample_limit|sample_duplicate_timestamp|sample_out_of_order)_total",
    "prometheus_tsdb_(compactions_failed|reloads_failures|wal_corruptions|wal_truncations_failed)_total",
    "prometheus_tsdb_head_series",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything listens (`host:port`). `targets` are the simulated exporters; `pve` is the API's own address."""

    prometheus: str
    targets: Mapping[ScrapeTarget, str]
    pve_exporter: str
    pve: str


def configuration(
    addresses: Addresses,
    scrape_interval_s: float,
    without_jobs: frozenset[str] = frozenset(),
    *,
    rule_files: Sequence[str] = (),
    remote_write: str = "",
) -> dict[str, Any]:
    """The content of prometheus.yml. Instances are named as a homelab names them, whatever port they have here.

    `remote_write` is the address of a store that samples are sent to; none where it is left out.
    """
    jobs = [job for job in jobs_of(addresses.targets) if job not in without_jobs]
    interval = f"{scrape_interval_s * 1_000:.0f}ms"
    return {
        **({"remote_write": [{"url": remote_write, "name": "long-term"}]} if remote_write else {}),
        "rule_files": list(rule_files),
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "external_labels": {"site": "homelab"}},
        "scrape_configs": [
            _self_job(addresses.prometheus),
            _pve_job(addresses),
            *(_job(job, addresses.targets) for job in jobs),
        ],
    }


def _self_job(address: str) -> dict[str, Any]:
    return {
        "job_name": SELF_JOB,
        "static_configs": [{"targets": [address], "labels": {"instance": SELF_INSTANCE}}],
        "metric_relabel_configs": [
            {"source_labels": ["__name__"], "regex": "|".join(_SELF_METRICS), "action": "keep"},
        ],
    }


def _pve_job(addresses: Addresses) -> dict[str, Any]:
    """The relabelling that the exporter's documentation gives: the target is a parameter, the exporter the address."""
    return {
        "job_name": pve.JOB,
        "metrics_path": "/pve",
        "params": {"module": ["default"], "cluster": ["1"], "node": ["1"]},
        "static_configs": [{"targets": [addresses.pve], "labels": {"instance": pve.INSTANCE}}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"target_label": "__address__", "replacement": addresses.pve_exporter},
        ],
        "metric_relabel_configs": [
            {"source_labels": ["__name__"], "regex": "|".join(pve.DROPPED_METRICS), "action": "drop"},
            *(_drop_states(metric, states) for metric, states in pve.DROPPED_STATES.items()),
        ],
    }


def _drop_states(metric: str, states: Sequence[str]) -> dict[str, Any]:
    label = "status" if metric.endswith("_status") else "state"
    return {"source_labels": ["__name__", label], "regex": f"{metric};({'|'.join(states)})", "action": "drop"}


def _job(job: str, targets: Mapping[ScrapeTarget, str]) -> dict[str, Any]:
    own = {target: address for target, address in targets.items() if target.job == job}
    return {
        "job_name": job,
        "metrics_path": next(iter(own)).metrics_path,
        "static_configs": [
            {"targets": [address], "labels": {"instance": target.instance}} for target, address in own.items()
        ],
    }
