"""What checks want to know from Prometheus, one row a question: the figures that several checks judge are here, the
conditions of the exporters are in `rows/`.

Collect answers all rows in a few batched queries and puts them into `Snapshot.metrics` by row id. A row without
samples means that no exporter provides it, which is no fault. Ranges are short and only over what a check needs:
they are evaluated at every sweep. What is said of a whole range asks for a sample at its begin (`offset`): a minute of
data would do for `min_over_time` over an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nightshift.checks.rows.table import ROWS as EXPORTER_ROWS
from nightshift.checks.thresholds import Thresholds

# Not disks of their own: memory, images, and what another machine serves (it is judged there).
_NO_DISK = "tmpfs|ramfs|devtmpfs|overlay|squashfs|iso9660|erofs|autofs|efivarfs|vfat|nfs.*|cifs|fuse.*|9p|virtiofs"
_FILESYSTEM = f'fstype!~"{_NO_DISK}",mountpoint!~"/(boot|run|var/lib/docker|var/lib/containers)(/.*)?"'
_GUESTS = 'id=~"(qemu|lxc)/.*"'
_SPACE = 'id=~"(storage|lxc)/.*"'
_NOT_EMPTY = f"and max by (id) (pve_disk_usage_bytes{{{_SPACE}}} / (pve_disk_size_bytes > 0)) > 0.5"


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One question to Prometheus: `meaning` says what a sample's value is, with its unit."""

    id: str
    expr: str
    meaning: str


_WATCHDOG = 'alertname=~"(?i)watchdog|dead.?man.*|always.?firing",alertstate="firing"'

ROWS: tuple[MetricRow, ...] = (
    MetricRow(
        "jobs_gone",
        "(up offset 1h or max_over_time(up[7d:3h])) unless on (job) up",
        "a target of the last week whose whole job is gone; whether it was up",
    ),
    MetricRow(
        "up_recently",
        "max_over_time(up[2m]) == 1 and up == 0",
        "1 for a target that does not answer now and did within the last 2 min",
    ),
    MetricRow(
        "watchdogs_gone",
        f"max by (alertname) (ALERTS{{{_WATCHDOG}}} offset 1h or ALERTS{{{_WATCHDOG}}} offset 1d) unless "
        f"on (alertname) "
        'ALERTS{alertstate="firing"}',
        "1 for a watchdog that fired within the last day and does not now",
    ),
    MetricRow(
        "pages_in_error",
        "max by (job, instance) (probe_http_status_code == 500 or probe_http_status_code == 503)",
        "the status of a page that is reached and cannot do its work",
    ),
    MetricRow("filesystem_size", f"node_filesystem_size_bytes{{{_FILESYSTEM}}}", "size of a file system, bytes"),
    MetricRow(
        "filesystem_available",
        f"node_filesystem_avail_bytes{{{_FILESYSTEM}}}",
        "what ordinary users may still write, bytes",
    ),
    MetricRow(
        "filesystem_slope_6h",
        f"deriv(node_filesystem_avail_bytes{{{_FILESYSTEM}}}[6h])",
        "change of the available bytes over the last 6 h, bytes a second (least squares)",
    ),
    MetricRow(
        "filesystem_slope_24h",
        f"deriv(node_filesystem_avail_bytes{{{_FILESYSTEM}}}[24h])",
        "change of the available bytes over the last 24 h, bytes a second (least squares)",
    ),
    MetricRow(
        "filesystem_available_6h_ago",
        f"node_filesystem_avail_bytes{{{_FILESYSTEM}}} offset 6h",
        "available bytes 6 h ago: without it the history is too short for a trend",
    ),
    MetricRow(
        "guest_restarts_1h",
        f"max by (id) (resets(pve_uptime_seconds{{{_GUESTS}}}[1h])) > 0",
        "how often a guest's uptime began anew in the last hour",
    ),
    MetricRow(
        "guest_memory_peak_1h",
        f"max by (id) (max_over_time(pve_memory_usage_bytes{{{_GUESTS}}}[1h]) / pve_memory_size_bytes) > 0.9",
        "the highest share of its memory that a guest used in the last hour, where above 0.9",
    ),
    MetricRow(
        "guest_memory_floor_30m",
        f"max by (id) (min_over_time(pve_memory_usage_bytes{{{_GUESTS}}}[30m]) / pve_memory_size_bytes) > 0.9 "
        f"and on (id) pve_memory_usage_bytes{{{_GUESTS}}} offset 30m",
        "the share of its memory that a guest used at every moment of the last 30 min, where above 0.9",
    ),
    MetricRow(
        "guest_cpu_floor_1h",
        f"max by (id) (min_over_time(pve_cpu_usage_ratio{{{_GUESTS}}}[1h])) > 0.6 "
        f"and on (id) pve_cpu_usage_ratio{{{_GUESTS}}} offset 1h",
        "the share of its processors that a guest used at every moment of the last hour, where above 0.6",
    ),
    MetricRow(
        "pve_space_slope_6h",
        f"max by (id) (deriv(pve_disk_usage_bytes{{{_SPACE}}}[6h])) {_NOT_EMPTY}",
        "change of what is used of a storage or a container's root disk over 6 h, bytes a second, where over half full",
    ),
    MetricRow(
        "pve_space_slope_24h",
        f"max by (id) (deriv(pve_disk_usage_bytes{{{_SPACE}}}[24h])) {_NOT_EMPTY}",
        "the same over 24 h",
    ),
    MetricRow(
        "pve_space_used_6h_ago",
        f"max by (id) (pve_disk_usage_bytes{{{_SPACE}}} offset 6h) {_NOT_EMPTY}",
        "what was used 6 h ago, bytes: without it the history is too short for a trend",
    ),
    MetricRow(
        "memory_available_30m",
        "max_over_time(node_memory_MemAvailable_bytes[30m]) / node_memory_MemTotal_bytes < 0.1 "
        "and node_memory_MemAvailable_bytes offset 30m",
        "the most memory that was free to use within the last 30 min, as a share, where below 0.1",
    ),
    MetricRow(
        "arc_reclaimable",
        "clamp_min(node_zfs_arc_size - node_zfs_arc_c_min, 0)",
        "what the ZFS cache can give back, bytes",
    ),
    MetricRow(
        "oom_kills_1h", "increase(node_vmstat_oom_kill[1h]) > 0.5", "processes that the kernel killed for memory in 1 h"
    ),
)


def queries_for(thresholds: Thresholds) -> dict[str, str]:
    """Every question to Prometheus by its id: the rows above, and the conditions of the exporters with their limits."""
    return {row.id: row.expr for row in ROWS} | {row.key: row.expr(thresholds) for row in EXPORTER_ROWS}


QUERIES: Mapping[str, str] = queries_for(Thresholds())
"""The questions with the default limits."""


def expr_of(row_id: str) -> str:
    """The expression of a row, for the evidence of a finding."""
    return QUERIES[row_id]
