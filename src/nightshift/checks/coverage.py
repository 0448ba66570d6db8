"""A public collection of alert rules, rule by rule: which check of ours tells the same, or why none does.

The names are those of the homelab's core of samber/awesome-prometheus-alerts (CC-BY-4.0): what a person who knows that
collection looks for. The queries, limits and words are our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nightshift.facts.finding import Severity


@dataclass(frozen=True, slots=True)
class Covered:
    """One rule of the collection. `checks` tell the same; without any, `reason` says why that is left out."""

    name: str
    severity: Severity
    checks: tuple[str, ...] = ()
    reason: str = ""


def _by(severity: Severity, name: str, *checks: str) -> Covered:
    return Covered(name, severity, checks)


def _left_out(severity: Severity, name: str, reason: str) -> Covered:
    return Covered(name, severity, reason=reason)


_IDLE = "a machine with little to do is no fault"
_HAND = "whether it should run is not in the metrics; what should and does not shows in a probe or in its guest"

COLLECTION: Mapping[str, tuple[Covered, ...]] = {
    "Prometheus and Alertmanager": (
        _by("critical", "Prometheus target missing", "target.down"),
        _by("critical", "Prometheus all targets missing", "target.down", "target.job_gone"),
        _by("critical", "Prometheus target missing with warmup time", "target.down"),
        _by("critical", "Prometheus not connected to alertmanager", "prometheus.no_alertmanager"),
        _by("critical", "Prometheus job missing", "target.job_gone"),
        _by("critical", "Prometheus AlertManager job missing", "target.job_gone"),
        _by("warning", "Prometheus target scrape out of order", "prometheus.samples_rejected"),
        _by("critical", "Prometheus AlertManager E2E dead man switch", "alert.watchdog_missing"),
        _by("critical", "Prometheus rule evaluation failures", "prometheus.rule_failures", "alert.rule_health"),
        _by("critical", "Prometheus template text expansion failures", "prometheus.template_failures"),
        _by("critical", "Prometheus AlertManager notification failing", "alertmanager.notifications_failing"),
        _by("critical", "Prometheus target empty", "prometheus.no_targets"),
        _by("critical", "Prometheus TSDB checkpoint creation failures", "prometheus.tsdb_failures"),
        _by("critical", "Prometheus TSDB checkpoint deletion failures", "prometheus.tsdb_failures"),
        _by("critical", "Prometheus TSDB compactions failed", "prometheus.tsdb_failures"),
        _by("critical", "Prometheus TSDB head truncations failed", "prometheus.tsdb_failures"),
        _by("critical", "Prometheus TSDB reload failures", "prometheus.tsdb_failures"),
        _by("critical", "Prometheus TSDB WAL corruptions", "prometheus.wal_corruption"),
        _by("critical", "Prometheus TSDB WAL truncations failed", "prometheus.tsdb_failures"),
        _by("critical", "Prometheus error sending alerts to any AlertManager", "prometheus.notifications_failing"),
        _by("critical", "Prometheus not ingesting samples", "prometheus.not_ingesting"),
        _by("critical", "Prometheus target sync failure", "prometheus.discovery_failed"),
        _by("warning", "Prometheus too many restarts", "prometheus.restarts"),
        _by("warning", "Prometheus rule evaluation slow", "prometheus.rules_slow"),
        _by("warning", "Prometheus notifications backlog", "prometheus.notification_backlog"),
        _by("warning", "Prometheus target scraping slow", "target.slow"),
        _by("warning", "Prometheus large scrape", "prometheus.scrapes_dropped"),
        _by("warning", "Prometheus target scrape duplicate", "prometheus.samples_rejected"),
        _by("warning", "Prometheus timeseries cardinality", "prometheus.cardinality"),
        _by("warning", "Prometheus error sending alerts to AlertManager", "prometheus.notifications_failing"),
        _by("warning", "Prometheus service discovery refresh failure", "prometheus.discovery_failed"),
        _by("warning", "Prometheus rule evaluations missed", "prometheus.rules_missed"),
        _by("warning", "Prometheus high query load", "prometheus.query_load"),
        _by("warning", "Prometheus configuration reload failure", "prometheus.reload_failed"),
        _by("warning", "Prometheus AlertManager configuration reload failure", "alertmanager.reload_failed"),
        _left_out(
            "warning", "Prometheus AlertManager config not synced", "a cluster of Alertmanagers is rare in a homelab"
        ),
    ),
    "Machines (node_exporter)": (
        _by("warning", "Host high CPU load", "host.cpu"),
        _by("warning", "Host CPU steal noisy neighbor", "host.cpu_steal"),
        _by("warning", "Host CPU high iowait", "host.iowait"),
        _by("warning", "Host CPU load saturation", "host.load"),
        _left_out("info", "Host CPU is underutilized", _IDLE),
        _by("warning", "Host out of memory", "host.memory"),
        _by("warning", "Host memory under memory pressure", "host.memory_thrashing"),
        _left_out("info", "Host Memory is underutilized", _IDLE),
        _by("critical", "Host out of disk space", "filesystem.full"),
        _by("critical", "Host out of inodes", "host.inodes"),
        _by("warning", "Host disk may fill in 24 hours", "filesystem.full"),
        _by("warning", "Host inodes may fill in 24 hours", "host.inodes_filling"),
        _by("warning", "Host unusual disk IO", "host.disk_busy"),
        _by("warning", "Host disk IO saturation", "host.disk_busy"),
        _by("warning", "Host unusual network throughput in", "host.network_saturated"),
        _by("warning", "Host unusual network throughput out", "host.network_saturated"),
        _by("warning", "Host Network Bond Degraded", "host.bond_degraded"),
        _by("critical", "Host file descriptors limit critical", "host.file_descriptors"),
        _by("warning", "Host swap is filling up", "host.swap"),
        _by("warning", "Host file descriptors limit warning", "host.file_descriptors"),
        _by("critical", "Host node overtemperature alarm", "host.overheating"),
        _by("critical", "Host software RAID insufficient drives", "raid.degraded"),
        _left_out(
            "warning",
            "Host context switching high",
            "how many are many depends on the work; load and CPU tell the harm",
        ),
        _by("warning", "Host physical component too hot", "host.hot"),
        _by("warning", "Host clock skew", "host.clock_offset"),
        _by("warning", "Host clock not synchronising", "host.clock_unsynchronised"),
        _by("critical", "Host filesystem device error", "host.filesystem_error", "host.filesystem_readonly"),
        _by("warning", "Host unusual disk read latency", "host.disk_latency"),
        _by("warning", "Host unusual disk write latency", "host.disk_latency"),
        _by("warning", "Host systemd service crashed", "systemd.unit_failed"),
        _by("warning", "Host software RAID disk failure", "raid.disk_failed"),
        _by("warning", "Host OOM kill detected", "node.oom_kills"),
        _by("warning", "Host EDAC Uncorrectable Errors detected", "host.memory_errors"),
        _by("warning", "Host Network Receive Errors", "host.network_errors"),
        _by("warning", "Host Network Transmit Errors", "host.network_errors"),
        _by("warning", "Host conntrack limit", "host.conntrack"),
        _by("warning", "Host textfile collector scrape error", "host.textfile_error"),
        _by("warning", "Host systemd service crash looping", "systemd.crash_loop"),
        _by("info", "Host EDAC Correctable Errors detected", "host.memory_errors_corrected"),
        _left_out("info", "Host kernel version deviations", "guests of a homelab run whatever kernel they like"),
    ),
    "Disks (smartctl_exporter)": (
        _by("critical", "SMART critical warning", "smart.critical_warning"),
        _by("critical", "SMART device temperature critical", "smart.temperature", "smart.nvme_temperature"),
        _by("critical", "SMART device temperature over trip value", "smart.trip_temperature"),
        _by("warning", "SMART device temperature warning", "smart.temperature", "smart.nvme_temperature"),
        _by("warning", "SMART device temperature nearing trip value", "smart.temperature"),
        _by("critical", "SMART status", "smart.failed"),
        _by("critical", "SMART media errors", "smart.media_errors"),
        _by("critical", "SMART Wearout Indicator", "smart.spare", "smart.wear"),
        _by("warning", "SMART device interface speed below maximum", "smart.slow_link"),
    ),
    "Mainboards (ipmi_exporter)": (
        _by("critical", "IPMI chassis power off", "ipmi.power_off"),
        _by("warning", "IPMI collector down", "ipmi.collector_failed"),
        _by("warning", "IPMI SEL almost full", "ipmi.log_full"),
        _by("critical", "IPMI temperature sensor critical", "ipmi.sensor"),
        _by("critical", "IPMI fan speed sensor critical", "ipmi.sensor"),
        _by("critical", "IPMI fan speed zero", "ipmi.fan_stopped"),
        _by("critical", "IPMI voltage sensor critical", "ipmi.sensor"),
        _by("critical", "IPMI current sensor critical", "ipmi.sensor"),
        _by("critical", "IPMI power sensor critical", "ipmi.sensor"),
        _by("critical", "IPMI generic sensor critical", "ipmi.sensor"),
        _by("critical", "IPMI chassis drive fault", "ipmi.chassis_fault"),
        _by("critical", "IPMI chassis cooling fault", "ipmi.chassis_fault"),
        _by("warning", "IPMI temperature sensor warning", "ipmi.sensor"),
        _by("warning", "IPMI fan speed sensor warning", "ipmi.sensor"),
        _by("warning", "IPMI voltage sensor warning", "ipmi.sensor"),
        _by("warning", "IPMI current sensor warning", "ipmi.sensor"),
        _by("warning", "IPMI power sensor warning", "ipmi.sensor"),
    ),
    "Containers (cAdvisor)": (
        _by("warning", "Container killed", "container.gone", "container.restarting"),
        _by("warning", "Container absent", "container.gone"),
        _by("warning", "Container High CPU utilization", "container.cpu"),
        _by("warning", "Container high throttle rate", "container.cpu"),
        _left_out("info", "Container high low change CPU usage", "a change of load by itself is no fault"),
        _left_out("info", "Container Low CPU utilization", _IDLE),
        _by("warning", "Container High Memory usage", "container.memory", "container.oom"),
        _left_out("info", "Container Low Memory usage", _IDLE),
        _by("warning", "Container Volume usage", "container.inodes", "filesystem.full"),
        _by("warning", "Container Unhealthy", "container.unhealthy"),
    ),
    "Probes (blackbox_exporter)": (
        _by("critical", "Blackbox probe failed", "probe.failed"),
        _by("critical", "Blackbox probe HTTP failure", "probe.http_error", "probe.failed"),
        _by("info", "Blackbox probe low uptime", "probe.unsteady"),
        _by("warning", "Blackbox slow probe", "probe.slow"),
        _by("warning", "Blackbox probe slow HTTP", "probe.slow"),
        _by("warning", "Blackbox probe slow ping", "probe.slow_ping"),
        _by("critical", "Blackbox SSL certificate will expire very soon", "probe.certificate"),
        _by("critical", "Blackbox SSL certificate expired", "probe.certificate"),
        _by("warning", "Blackbox configuration reload failure", "probe.reload_failed"),
        _by("warning", "Blackbox SSL certificate will expire soon", "probe.certificate"),
    ),
    "Proxmox VE (prometheus-pve-exporter)": (
        _by("critical", "PVE node down", "node.offline"),
        _by("critical", "PVE cluster not quorate", "cluster.quorum"),
        _by("warning", "PVE VM/CT down", "guest.state"),
        _by("warning", "PVE high CPU usage", "host.cpu"),
        _by("warning", "PVE high memory usage", "node.memory", "guest.memory"),
        _by("critical", "PVE storage almost full", "storage.full"),
        _by("warning", "PVE storage filling up", "storage.full"),
        _left_out("warning", "PVE replication failed", "read from PVE's own API, where the error is told, too"),
        _by("warning", "PVE guest not backed up", "backup.uncovered"),
    ),
    "systemd (systemd_exporter)": (
        _by("warning", "Systemd unit tasks near limit", "systemd.tasks"),
        _left_out("warning", "Systemd socket high connections", "how many are many depends on the service"),
        _by("critical", "Systemd service crash looping", "systemd.crash_loop"),
        _by("warning", "Systemd unit failed", "systemd.unit_failed"),
        _left_out("warning", "Systemd unit inactive", _HAND),
        _by("warning", "Systemd socket refused connections", "systemd.socket_refused"),
        _left_out(
            "warning",
            "Systemd timer missed trigger",
            "a timer's rhythm is not in its metric; what it starts shows as a failed unit",
        ),
    ),
    "TLS (ssl_exporter)": (
        _by("critical", "SSL certificate probe failed", "tls.probe_failed"),
        _by("critical", "SSL certificate revoked", "tls.revoked"),
        _left_out("warning", "SSL certificate OCSP status unknown", "most issuers have switched OCSP off"),
        _by("warning", "SSL certificate expiry (< 7 days)", "tls.certificate"),
    ),
    "ZFS (node_exporter, zfs_exporter)": (
        _by("critical", "ZFS offline pool", "zpool.unhealthy"),
        _by("critical", "ZFS pool unhealthy", "zpool.unhealthy"),
        _by("warning", "ZFS pool out of space", "zpool.full"),
        _by("warning", "ZFS collector failed", "zpool.collector_failed"),
    ),
    "UPS (apcupsd_exporter)": (
        _by("warning", "APC UPS low battery voltage", "ups.battery_voltage"),
        _by("warning", "APC UPS high temperature", "ups.hot"),
        _by("critical", "APC UPS Battery nearly empty", "ups.charge"),
        _by("critical", "APC UPS Less than 15 Minutes of battery time remaining", "ups.runtime"),
        _by("warning", "APC UPS AC input outage", "ups.on_battery"),
        _by("warning", "APC UPS high load", "ups.load"),
    ),
}
