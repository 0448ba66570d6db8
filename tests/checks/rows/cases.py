"""What exporters say when something is wrong, and when all is well, row by row. The shapes are the exporters' own.

A series is written `metric{labels}`: values, where `5` stays, `0>50` climbs over the last hour, `0|1` changes ten
minutes ago, and `@7d …` does the same over seven days, with changes 25 minutes ago. `t-3d` is a time three days ago in
epoch seconds, `0~1` changes every ten minutes, `every 5m 0` is scraped every five minutes, and `new 5` began five
minutes ago. Every case gets its own `instance`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nightshift.facts.finding import Severity


@dataclass(frozen=True)
class Case:
    """`wrong` is found with this severity and value; neither is `well`, nor `young`, of which too little is known."""

    severity: Severity
    value: float
    wrong: dict[str, str]
    well: dict[str, str] = field(default_factory=dict)
    young: dict[str, str] = field(default_factory=dict)


_CPU = 'node_cpu_seconds_total{cpu="0",mode="%s"}'
_FS = '{device="/dev/sda1",fstype="ext4",mountpoint="/"}'
_PORT = '{device="eno1"}'
_HWMON = '{chip="platform_coretemp_0",sensor="temp1"}'
_DISK = 'smartctl_device{device="sda",interface="sat",model_name="WDC WD40EFRX",serial_number="WD-1"}'
_NVME = 'smartctl_device{device="nvme0",interface="nvme",model_name="WD Red SN700",serial_number="22-1"}'
_VIRTUAL = 'smartctl_device{device="sdb",interface="scsi",model_name="QEMU HARDDISK",serial_number="drive-scsi0"}'
_UPS = '{ups="apc"}'
_PROBE = "probe_success"
_UNIT = 'node_systemd_unit_state{name="restic.service",state="failed",type="oneshot"}'
_SERVICE = '{name="caddy.service"}'
_CONTAINER = '{id="/docker/3f1c",image="redis:7",name="redis"}'
_GROUP = '{rule_group="/etc/prometheus/rules.yml;nodes"}'
_AM = '{alertmanager="http://192.0.2.20:9093/api/v2/alerts"}'
_REMOTE = '{remote_name="cloud",url="https://metrics.example/api/push"}'


def _disk(metric: str, wrong: str, well: str, severity: Severity, value: float, **more: str) -> Case:
    return Case(severity, value, {_DISK: "1", metric: wrong, **more}, {_DISK: "1", metric: well, **more})


HOST: dict[str, Case] = {
    "host.cpu": Case(
        "warning",
        0.98,
        {_CPU % "idle": "0>72"},
        {_CPU % "idle": "0>1800"},
        {_CPU % "idle": "new 0>3600"},
    ),
    "host.cpu_steal": Case("warning", 0.2, {_CPU % "steal": "0>720"}, {_CPU % "steal": "0>36"}),
    "host.iowait": Case("warning", 0.4, {_CPU % "iowait": "0>1440"}, {_CPU % "iowait": "0>360"}),
    "host.load": Case(
        "warning",
        9.0,
        {"node_load5": "9", _CPU % "idle": "0>60"},
        {"node_load5": "1.5", _CPU % "idle": "0>60"},
    ),
    "host.memory": Case(
        "warning",
        0.05,
        {"node_memory_MemAvailable_bytes": "50", "node_memory_MemTotal_bytes": "1000"},
        {
            "node_memory_MemAvailable_bytes": "50",
            "node_memory_MemTotal_bytes": "1000",
            "node_zfs_arc_size": "400",
            "node_zfs_arc_c_min": "100",
        },
    ),
    "host.memory_thrashing": Case(
        "warning", 2000.0, {"node_vmstat_pgmajfault": "0>7200000"}, {"node_vmstat_pgmajfault": "0>3600"}
    ),
    "host.swap": Case(
        "warning",
        0.95,
        {
            "node_memory_SwapFree_bytes": "5",
            "node_memory_SwapTotal_bytes": "100",
            "node_vmstat_pswpin": "0>360000",
        },
        {"node_memory_SwapFree_bytes": "5", "node_memory_SwapTotal_bytes": "100", "node_vmstat_pswpin": "77"},
    ),
    "host.network_saturated": Case(
        "warning",
        0.99,
        {f"node_network_receive_bytes_total{_PORT}": "0>445500000000", f"node_network_speed_bytes{_PORT}": "125000000"},
        {f"node_network_receive_bytes_total{_PORT}": "0>4455000000", f"node_network_speed_bytes{_PORT}": "-125000"},
    ),
    "host.network_errors": Case(
        "warning",
        0.1,
        {
            f"node_network_receive_errs_total{_PORT}": "0>36000",
            f"node_network_receive_packets_total{_PORT}": "0>360000",
        },
        {f"node_network_receive_errs_total{_PORT}": "0>36", f"node_network_receive_packets_total{_PORT}": "0>360000"},
        {
            f"node_network_receive_errs_total{_PORT}": "new 0>36000",
            f"node_network_receive_packets_total{_PORT}": "new 0>360000",
        },
    ),
    "host.link_flapping": Case(
        "warning",
        30.0,
        {f"node_network_carrier_changes_total{_PORT}": "0>30"},
        {
            f"node_network_carrier_changes_total{_PORT}": "4",
            'node_network_carrier_changes_total{device="tap104i0"}': "0>99",
        },
    ),
    "host.link_down": Case(
        "warning",
        0.0,
        {f"node_network_carrier{_PORT}": "1|0"},
        {f"node_network_carrier{_PORT}": "0", 'node_network_carrier{device="tap104i0"}': "1|0"},
    ),
    "host.reboot_required": Case("info", 1.0, {"node_reboot_required": "1"}, {"node_reboot_required": "0"}),
    "host.bond_degraded": Case(
        "warning",
        1.0,
        {'node_bonding_slaves{master="bond0"}': "2", 'node_bonding_active{master="bond0"}': "1"},
        {'node_bonding_slaves{master="bond0"}': "2", 'node_bonding_active{master="bond0"}': "2"},
    ),
    "host.file_descriptors": Case(
        "critical",
        0.97,
        {"node_filefd_allocated": "97", "node_filefd_maximum": "100"},
        {"node_filefd_allocated": "20", "node_filefd_maximum": "100"},
    ),
    "host.overheating": Case(
        "critical",
        1.0,
        {f"node_hwmon_temp_crit_alarm_celsius{_HWMON}": "1"},
        {f"node_hwmon_temp_crit_alarm_celsius{_HWMON}": "0"},
    ),
    "host.hot": Case(
        "warning",
        95.0,
        {f"node_hwmon_temp_celsius{_HWMON}": "95", f"node_hwmon_temp_max_celsius{_HWMON}": "90"},
        {f"node_hwmon_temp_celsius{_HWMON}": "95", f"node_hwmon_temp_max_celsius{_HWMON}": "-1"},
    ),
    "host.clock_offset": Case(
        "warning", 0.4, {"node_timex_offset_seconds": "-0.4"}, {"node_timex_offset_seconds": "0.002"}
    ),
    "host.clock_unsynchronised": Case(
        "warning",
        0.0,
        {"node_timex_sync_status": "0", "node_timex_maxerror_seconds": "16"},
        {"node_timex_sync_status": "0", "node_timex_maxerror_seconds": "0.3"},
    ),
    "host.memory_errors": Case(
        "critical",
        2.0,
        {'node_edac_uncorrectable_errors_total{controller="0"}': "@1d 0|2"},
        {'node_edac_uncorrectable_errors_total{controller="0"}': "@1d 7"},
    ),
    "host.memory_errors_corrected": Case(
        "info",
        5.0,
        {'node_edac_correctable_errors_total{controller="0"}': "@1d 0|5"},
        {'node_edac_correctable_errors_total{controller="0"}': "@1d 7"},
    ),
    "host.conntrack": Case(
        "warning",
        0.9,
        {"node_nf_conntrack_entries": "90", "node_nf_conntrack_entries_limit": "100"},
        {"node_nf_conntrack_entries": "9", "node_nf_conntrack_entries_limit": "100"},
    ),
    "host.textfile_error": Case(
        "info", 1.0, {"node_textfile_scrape_error": "1"}, {"node_textfile_scrape_error": "0|1"}
    ),
}

VOLUMES: dict[str, Case] = {
    "host.inodes": Case(
        "warning",
        0.05,
        {
            f"node_filesystem_files_free{_FS}": "5",
            f"node_filesystem_files{_FS}": "100",
            f"node_filesystem_readonly{_FS}": "0",
        },
        {
            f"node_filesystem_files_free{_FS}": "0",
            f"node_filesystem_files{_FS}": "0",
            f"node_filesystem_readonly{_FS}": "0",
        },
    ),
    "host.inodes_filling": Case(
        "warning",
        0.6,
        {f"node_filesystem_files_free{_FS}": "@1d 400>150", f"node_filesystem_files{_FS}": "1000"},
        {f"node_filesystem_files_free{_FS}": "@1d 900>650", f"node_filesystem_files{_FS}": "1000"},
        {f"node_filesystem_files_free{_FS}": "400>200", f"node_filesystem_files{_FS}": "1000"},
    ),
    "host.filesystem_error": Case(
        "warning", 1.0, {f"node_filesystem_device_error{_FS}": "1"}, {f"node_filesystem_device_error{_FS}": "0"}
    ),
    "host.filesystem_readonly": Case(
        "critical", 1.0, {f"node_filesystem_readonly{_FS}": "0|1"}, {f"node_filesystem_readonly{_FS}": "@2d 1"}
    ),
    "host.disk_busy": Case(
        "warning",
        1.0,
        {'node_disk_io_time_seconds_total{device="sda"}': "0>3600"},
        {'node_disk_io_time_seconds_total{device="sda"}': "0>900"},
    ),
    "host.disk_latency": Case(
        "warning",
        0.5,
        {
            'node_disk_read_time_seconds_total{device="sda"}': "0>18000",
            'node_disk_reads_completed_total{device="sda"}': "0>36000",
        },
        {
            'node_disk_read_time_seconds_total{device="sda"}': "0>180",
            'node_disk_reads_completed_total{device="sda"}': "0>36000",
        },
        {
            'node_disk_read_time_seconds_total{device="sda"}': "new 0>18000",
            'node_disk_reads_completed_total{device="sda"}': "new 0>36000",
        },
    ),
    "zpool.unhealthy": Case(
        "critical",
        1.0,
        {
            'node_zfs_zpool_state{zpool="tank",state="degraded"}': "1",
            'node_zfs_zpool_state{zpool="tank",state="online"}': "0",
        },
        {
            'node_zfs_zpool_state{zpool="tank",state="degraded"}': "0",
            'node_zfs_zpool_state{zpool="tank",state="online"}': "1",
            'zfs_pool_health{pool="tank"}': "0",
        },
    ),
    "zpool.full": Case(
        "warning",
        0.9,
        {'zfs_pool_free_bytes{pool="tank"}': "10", 'zfs_pool_size_bytes{pool="tank"}': "100"},
        {'zfs_pool_free_bytes{pool="tank"}': "40", 'zfs_pool_size_bytes{pool="tank"}': "100"},
    ),
    "zpool.collector_failed": Case(
        "warning",
        0.0,
        {'zfs_scrape_collector_success{collector="pool"}': "0"},
        {'zfs_scrape_collector_success{collector="pool"}': "1"},
    ),
    "raid.degraded": Case(
        "critical",
        1.0,
        {'node_md_disks_required{device="md0"}': "2", 'node_md_disks{device="md0",state="active"}': "1"},
        {'node_md_disks_required{device="md0"}': "2", 'node_md_disks{device="md0",state="active"}': "2"},
    ),
    "raid.disk_failed": Case(
        "warning",
        1.0,
        {'node_md_disks{device="md0",state="failed"}': "1"},
        {'node_md_disks{device="md0",state="failed"}': "0"},
    ),
}

SMART: dict[str, Case] = {
    "smart.failed": Case(
        "critical",
        0.0,
        {_DISK: "1", 'smartctl_device_smart_status{device="sda"}': "0"},
        # Of a disk without SMART the exporter says 0 as well.
        {
            _DISK: "1",
            'smartctl_device_smart_status{device="sda"}': "1",
            _VIRTUAL: "1",
            'smartctl_device_smart_status{device="sdb"}': "0",
        },
    ),
    "smart.critical_warning": _disk('smartctl_device_critical_warning{device="sda"}', "4", "0", "critical", 4.0),
    "smart.media_errors": _disk('smartctl_device_media_errors{device="sda"}', "@7d 0|3", "@7d 9", "critical", 3.0),
    "smart.pending_sectors": _disk(
        'smartctl_device_attribute{device="sda",attribute_id="197",attribute_name="Current_Pending_Sector",'
        'attribute_value_type="raw"}', "72", "0", "warning", 72.0,
    ),
    "smart.reallocated": _disk(
        'smartctl_device_attribute{device="sda",attribute_id="5",attribute_name="Reallocated_Sector_Ct",'
        'attribute_value_type="raw"}', "@7d 0|12", "@7d 12", "warning", 12.0,
    ),
    "smart.wear": _disk('smartctl_device_percentage_used{device="sda"}', "104", "40", "critical", 1.04),
    "smart.spare": _disk(
        'smartctl_device_available_spare{device="sda"}', "5", "100", "critical", 0.05,
        **{'smartctl_device_available_spare_threshold{device="sda"}': "10"},
    ),
    "smart.temperature": _disk(
        'smartctl_device_temperature{device="sda",temperature_type="current"}', "63", "41", "warning", 63.0
    ),
    "smart.nvme_temperature": Case(
        "warning",
        78.0,
        {_NVME: "1", 'smartctl_device_temperature{device="nvme0",temperature_type="current"}': "78"},
        {_NVME: "1", 'smartctl_device_temperature{device="nvme0",temperature_type="current"}': "68"},
    ),
    "smart.failed_by_script": Case(
        "critical",
        0.0,
        {'smartmon_device_smart_healthy{disk="/dev/sda",type="sat"}': "0"},
        {'smartmon_device_smart_healthy{disk="/dev/sda",type="sat"}': "1"},
    ),
    "smart.trip_temperature": _disk(
        'smartctl_device_temperature{device="sda",temperature_type="current"}', "66", "44", "critical", 66.0,
        **{'smartctl_device_temperature{device="sda",temperature_type="drive_trip"}': "65"},
    ),
    "smart.slow_link": _disk(
        'smartctl_device_interface_speed{device="sda",speed_type="current"}', "3000", "6000", "info", 0.5,
        **{'smartctl_device_interface_speed{device="sda",speed_type="max"}': "6000"},
    ),
}  # fmt: skip

PROBES: dict[str, Case] = {
    "probe.failed": Case("critical", 0.0, {_PROBE: "1|0"}, {_PROBE: "1"}),
    "probe.http_error": Case(
        "warning", 503.0, {_PROBE: "1", "probe_http_status_code": "503"}, {_PROBE: "1", "probe_http_status_code": "401"}
    ),
    "probe.unsteady": Case("warning", 0.5, {_PROBE: "@2d 0~1"}, {_PROBE: "@2d 0|1"}, {_PROBE: "0~1"}),
    "probe.outage_over": Case("info", 1_500.0, {_PROBE: "@2d 0|1"}, {_PROBE: "@2d 1"}, {_PROBE: "0|1"}),
    "probe.slow": Case(
        "warning", 4.2, {_PROBE: "1", "probe_duration_seconds": "4.2"}, {_PROBE: "0", "probe_duration_seconds": "5"}
    ),
    "probe.slow_ping": Case(
        "warning",
        0.8,
        {_PROBE: "1", 'probe_icmp_duration_seconds{phase="rtt"}': "0.8"},
        {_PROBE: "1", 'probe_icmp_duration_seconds{phase="rtt"}': "0.02"},
    ),
    "probe.certificate": Case(
        "critical",
        2.0,
        {"probe_ssl_earliest_cert_expiry": "t+2d"},
        {"probe_ssl_earliest_cert_expiry": "t+30d"},
    ),
    "probe.reload_failed": Case(
        "warning",
        0.0,
        {"blackbox_exporter_config_last_reload_successful": "0"},
        {"blackbox_exporter_config_last_reload_successful": "1"},
    ),
    "tls.probe_failed": Case("critical", 0.0, {"ssl_probe_success": "0"}, {"ssl_probe_success": "1"}),
    "tls.revoked": Case("critical", 1.0, {"ssl_ocsp_response_status": "1"}, {"ssl_ocsp_response_status": "2"}),
    "tls.certificate": Case(
        "critical",
        -1.0,
        {'ssl_verified_cert_not_after{chain_no="0",cn="web"}': "t-1d"},
        {'ssl_verified_cert_not_after{chain_no="0",cn="web"}': "t+90d"},
    ),
}

SERVICES: dict[str, Case] = {
    "systemd.unit_failed": Case("warning", 1.0, {_UNIT: "1"}, {_UNIT: "0"}),
    "service.down": Case("critical", 0.0, {"pg_up": "1|0"}, {"pg_up": "1", "node_network_up": "0"}),
    "systemd.crash_loop": Case(
        "warning",
        15.0,
        {f"node_systemd_service_restart_total{_SERVICE}": "0>60"},
        {f"node_systemd_service_restart_total{_SERVICE}": "3"},
    ),
    "systemd.tasks": Case(
        "warning",
        0.9,
        {f"systemd_unit_tasks_current{_SERVICE}": "90", f"systemd_unit_tasks_max{_SERVICE}": "100"},
        {f"systemd_unit_tasks_current{_SERVICE}": "9", f"systemd_unit_tasks_max{_SERVICE}": "100"},
    ),
    "systemd.socket_refused": Case(
        "warning",
        15.0,
        {f"systemd_socket_refused_connections_total{_SERVICE}": "0>60"},
        {f"systemd_socket_refused_connections_total{_SERVICE}": "60"},
    ),
    "container.restarting": Case(
        "warning",
        59.0,
        {f"container_start_time_seconds{_CONTAINER}": "1000>4600"},
        {f"container_start_time_seconds{_CONTAINER}": "1000|2000"},
    ),
    "container.gone": Case(
        "info",
        600.0,
        {f"container_last_seen{_CONTAINER}": "t-10m", "up": "1"},
        {f"container_last_seen{_CONTAINER}": "t-10m", "up": "0"},
    ),
    "container.memory": Case(
        "warning",
        0.97,
        {
            f"container_memory_working_set_bytes{_CONTAINER}": "97",
            f"container_spec_memory_limit_bytes{_CONTAINER}": "100",
        },
        {
            f"container_memory_working_set_bytes{_CONTAINER}": "97",
            f"container_spec_memory_limit_bytes{_CONTAINER}": "0",
        },
    ),
    "container.oom": Case(
        "warning",
        2.0,
        {f"container_oom_events_total{_CONTAINER}": "0|2"},
        {f"container_oom_events_total{_CONTAINER}": "2"},
    ),
    "container.cpu": Case(
        "warning",
        0.8,
        {
            f"container_cpu_cfs_throttled_periods_total{_CONTAINER}": "0>2880",
            f"container_cpu_cfs_periods_total{_CONTAINER}": "0>3600",
        },
        {
            f"container_cpu_cfs_throttled_periods_total{_CONTAINER}": "0>36",
            f"container_cpu_cfs_periods_total{_CONTAINER}": "0>3600",
        },
        {
            f"container_cpu_cfs_throttled_periods_total{_CONTAINER}": "new 0>2880",
            f"container_cpu_cfs_periods_total{_CONTAINER}": "new 0>3600",
        },
    ),
    "container.unhealthy": Case(
        "warning",
        0.0,
        {f"container_health_state{_CONTAINER}": "1|0"},
        {f"container_health_state{_CONTAINER}": "0"},
    ),
    "container.inodes": Case(
        "critical",
        0.01,
        {f"container_fs_inodes_free{_CONTAINER}": "1", f"container_fs_inodes_total{_CONTAINER}": "100"},
        {f"container_fs_inodes_free{_CONTAINER}": "0", f"container_fs_inodes_total{_CONTAINER}": "0"},
    ),
}

_OB = 'network_ups_tools_ups_status{flag="OB",ups="apc"}'
HARDWARE: dict[str, Case] = {
    "ups.on_battery": Case("critical", 1.0, {_OB: "1"}, {_OB: "0"}),
    "ups.low_battery": Case(
        "critical",
        1.0,
        {'network_ups_tools_ups_status{flag="LB",ups="apc"}': "1"},
        {'network_ups_tools_ups_status{flag="LB",ups="apc"}': "0"},
    ),
    "ups.charge": Case(
        "critical",
        0.3,
        {_OB: "1", f"network_ups_tools_battery_charge{_UPS}": "30"},
        {_OB: "0", f"network_ups_tools_battery_charge{_UPS}": "30"},
    ),
    "ups.runtime": Case(
        "warning",
        900.0,
        {f"apcupsd_battery_time_on_seconds{_UPS}": "120", f"apcupsd_battery_time_left_seconds{_UPS}": "900"},
        {f"apcupsd_battery_time_on_seconds{_UPS}": "0", f"apcupsd_battery_time_left_seconds{_UPS}": "900"},
    ),
    "ups.load": Case(
        "warning", 0.85, {f"network_ups_tools_ups_load{_UPS}": "85"}, {f"apcupsd_ups_load_percent{_UPS}": "30"}
    ),
    "ups.replace_battery": Case(
        "warning",
        1.0,
        {'network_ups_tools_ups_status{flag="RB",ups="apc"}': "1"},
        {'network_ups_tools_ups_status{flag="RB",ups="apc"}': "0|1"},
    ),
    "ups.battery_voltage": Case(
        "warning",
        0.8,
        {f"apcupsd_battery_volts{_UPS}": "9.6", f"apcupsd_battery_nominal_volts{_UPS}": "12"},
        {f"apcupsd_battery_volts{_UPS}": "13.6", f"apcupsd_battery_nominal_volts{_UPS}": "12"},
    ),
    "ups.hot": Case(
        "warning",
        45.0,
        {f"apcupsd_internal_temperature_celsius{_UPS}": "45"},
        {f"apcupsd_internal_temperature_celsius{_UPS}": "30"},
    ),
    "ipmi.sensor": Case(
        "critical",
        2.0,
        {'ipmi_temperature_state{id="4",name="CPU Temp",type="Temperature"}': "2"},
        {'ipmi_temperature_state{id="4",name="CPU Temp",type="Temperature"}': "0"},
    ),
    "ipmi.fan_stopped": Case(
        "critical",
        0.0,
        {'ipmi_fan_speed_rpm{id="41",name="FAN1"}': "900|0"},
        {'ipmi_fan_speed_rpm{id="41",name="FAN1"}': "0"},
    ),
    "ipmi.chassis_fault": Case(
        "critical",
        1.0,
        {"ipmi_chassis_drive_fault_state": "0", "ipmi_chassis_cooling_fault_state": "1"},
        {"ipmi_chassis_drive_fault_state": "1", "ipmi_chassis_cooling_fault_state": "1"},
    ),
    "ipmi.power_off": Case("warning", 0.0, {"ipmi_chassis_power_state": "0"}, {"ipmi_chassis_power_state": "1"}),
    "ipmi.collector_failed": Case("info", 0.0, {'ipmi_up{collector="ipmi"}': "0"}, {'ipmi_up{collector="ipmi"}': "1"}),
    "ipmi.log_full": Case("info", 100.0, {"ipmi_sel_free_space_bytes": "100"}, {"ipmi_sel_free_space_bytes": "9000"}),
}

PROMETHEUS: dict[str, Case] = {
    "prometheus.reload_failed": Case(
        "warning",
        0.0,
        {"prometheus_config_last_reload_successful": "0"},
        {"prometheus_config_last_reload_successful": "1"},
    ),
    "prometheus.rule_failures": Case(
        "warning",
        15.0,
        {f"prometheus_rule_evaluation_failures_total{_GROUP}": "0>60"},
        {f"prometheus_rule_evaluation_failures_total{_GROUP}": "60"},
    ),
    "prometheus.template_failures": Case(
        "warning",
        60.0,
        {"prometheus_template_text_expansion_failures_total": "0>60"},
        {"prometheus_template_text_expansion_failures_total": "0"},
    ),
    "prometheus.wal_corruption": Case(
        "critical",
        1.0,
        {"prometheus_tsdb_wal_corruptions_total": "@1d 0|1"},
        {"prometheus_tsdb_wal_corruptions_total": "@1d 0"},
    ),
    "prometheus.tsdb_failures": Case(
        "warning",
        60.0,
        {"prometheus_tsdb_compactions_failed_total": "0>60"},
        {"prometheus_tsdb_compactions_failed_total": "0"},
    ),
    "prometheus.not_ingesting": Case(
        "critical",
        0.0,
        {
            "prometheus_tsdb_head_samples_appended_total": "5",
            'prometheus_target_metadata_cache_entries{scrape_job="n"}': "9",
        },
        {
            "prometheus_tsdb_head_samples_appended_total": "5",
            'prometheus_target_metadata_cache_entries{scrape_job="n"}': "0",
        },
    ),
    "prometheus.discovery_failed": Case(
        "warning",
        15.0,
        {'prometheus_sd_refresh_failures_total{mechanism="http"}': "0>60"},
        {'prometheus_sd_refresh_failures_total{mechanism="http"}': "60"},
    ),
    "prometheus.no_targets": Case(
        "warning",
        0.0,
        {'prometheus_sd_discovered_targets{config="cadvisor",name="scrape"}': "0"},
        {'prometheus_sd_discovered_targets{config="config-0",name="notify"}': "0"},
    ),
    "prometheus.restarts": Case(
        "warning",
        59.0,
        {"process_start_time_seconds": "1000>4600", 'prometheus_build_info{version="2.42.0"}': "1"},
        {"process_start_time_seconds": "1000>4600"},
    ),
    "prometheus.rules_slow": Case(
        "warning",
        0.95,
        {
            f"prometheus_rule_group_last_duration_seconds{_GROUP}": "57",
            f"prometheus_rule_group_interval_seconds{_GROUP}": "60",
        },
        {
            f"prometheus_rule_group_last_duration_seconds{_GROUP}": "0.1",
            f"prometheus_rule_group_interval_seconds{_GROUP}": "60",
        },
    ),
    "prometheus.rules_missed": Case(
        "warning",
        15.0,
        {f"prometheus_rule_group_iterations_missed_total{_GROUP}": "0>60"},
        {f"prometheus_rule_group_iterations_missed_total{_GROUP}": "60"},
    ),
    "prometheus.notifications_failing": Case(
        "critical",
        1.0,
        {
            f"prometheus_notifications_errors_total{_AM}": "0>60",
            f"prometheus_notifications_sent_total{_AM}": "0>60",
        },
        {f"prometheus_notifications_errors_total{_AM}": "0|1", f"prometheus_notifications_sent_total{_AM}": "0|1"},
    ),
    "prometheus.notification_backlog": Case(
        "warning",
        3.0,
        {"prometheus_notifications_queue_length": "3"},
        {"prometheus_notifications_queue_length": "0|3"},
    ),
    "prometheus.scrapes_dropped": Case(
        "warning",
        15.0,
        {"prometheus_target_scrapes_exceeded_sample_limit_total": "0>60"},
        {"prometheus_target_scrapes_exceeded_sample_limit_total": "60"},
    ),
    "prometheus.samples_rejected": Case(
        "info",
        60.0,
        {"prometheus_target_scrapes_sample_out_of_order_total": "0>60"},
        {"prometheus_target_scrapes_sample_out_of_order_total": "60"},
    ),
    "prometheus.target_cardinality": Case(
        "warning",
        5.0,
        {"scrape_samples_post_metric_relabeling": "@2d 1500|7500"},
        {"scrape_samples_post_metric_relabeling": "@2d 500|2400"},
        {"scrape_samples_post_metric_relabeling": "1500|7500"},
    ),
    "prometheus.cardinality": Case(
        "warning",
        3.0,
        {"prometheus_tsdb_head_series": "@2d 30000|90000"},
        {"prometheus_tsdb_head_series": "@2d 1000|3000"},
        {"prometheus_tsdb_head_series": "@1d 30000|90000"},
    ),
    "prometheus.remote_write_behind": Case(
        "warning",
        600.0,
        {
            "prometheus_remote_storage_highest_timestamp_in_seconds": "10000",
            f"prometheus_remote_storage_queue_highest_sent_timestamp_seconds{_REMOTE}": "9400",
        },
        {
            "prometheus_remote_storage_highest_timestamp_in_seconds": "10000",
            f"prometheus_remote_storage_queue_highest_sent_timestamp_seconds{_REMOTE}": "9995",
        },
    ),
    "prometheus.remote_write_unanswered": Case(
        "warning",
        500.0,
        {f"prometheus_remote_storage_samples_retried_total{_REMOTE}": "500"},
        {
            f"prometheus_remote_storage_samples_retried_total{_REMOTE}": "500",
            f"prometheus_remote_storage_queue_highest_sent_timestamp_seconds{_REMOTE}": "t-0m",
        },
    ),
    "prometheus.remote_write_failing": Case(
        "warning",
        15.0,
        {f"prometheus_remote_storage_samples_failed_total{_REMOTE}": "0>60"},
        {f"prometheus_remote_storage_samples_failed_total{_REMOTE}": "0"},
    ),
    "prometheus.query_load": Case(
        "warning",
        0.9,
        {"prometheus_engine_queries": "18", "prometheus_engine_queries_concurrent_max": "20"},
        {"prometheus_engine_queries": "1", "prometheus_engine_queries_concurrent_max": "20"},
    ),
    "alertmanager.reload_failed": Case(
        "warning",
        0.0,
        {"alertmanager_config_last_reload_successful": "0"},
        {"alertmanager_config_last_reload_successful": "1"},
    ),
    "alertmanager.notifications_failing": Case(
        "critical",
        1.0,
        {
            'alertmanager_notifications_failed_total{integration="email"}': "0>60",
            'alertmanager_notifications_total{integration="email"}': "0>60",
        },
        {
            'alertmanager_notifications_failed_total{integration="email"}': "0|1",
            'alertmanager_notifications_total{integration="email"}': "0|1",
        },
    ),
}

BORDERS: list[tuple[str, str, dict[str, str], bool]] = [
    ("probe.failed", "four-minutes-away", {_PROBE: "every 4m 1|0", "up": "every 4m 1"}, True),
    ("probe.failed", "ten-minutes-once", {_PROBE: "every 10m 1|0", "up": "every 10m 1"}, False),
    ("probe.failed", "ten-minutes-away", {_PROBE: "every 10m 0", "up": "every 10m 1"}, True),
    ("probe.failed", "prober-gone", {_PROBE: "every 5m 0", "up": "every 5m 1|0"}, False),
    ("probe.failed", "five-minutes-well", {_PROBE: "every 5m 1", "up": "every 5m 1"}, False),
    ("tls.probe_failed", "four-minutes-away", {"ssl_probe_success": "every 4m 1|0", "up": "every 4m 1"}, True),
    (
        "probe.http_error",
        "four-minutes",
        {_PROBE: "every 4m 1", "probe_http_status_code": "every 4m 200|503", "up": "every 4m 1"},
        True,
    ),
    (
        "prometheus.reload_failed",
        "three-minutes",
        {"prometheus_config_last_reload_successful": "every 3m 0"},
        True,
    ),
    (
        "host.filesystem_error",
        "a-file-server-away",
        {'node_filesystem_device_error{device="nas:/media",fstype="nfs4",mountpoint="/media"}': "1"},
        True,
    ),
    (
        "host.filesystem_error",
        "what-only-the-user-may-see",
        {'node_filesystem_device_error{device="gvfsd",fstype="fuse.gvfsd-fuse",mountpoint="/run/user"}': "1"},
        False,
    ),
    ("ups.on_battery", "two-minutes", {'network_ups_tools_ups_status{ups="apc",flag="OB"}': "every 2m 0|1"}, True),
]
"""What is scraped more rarely than every minute, and other borders: whether the row finds it."""

CASES: dict[str, Case] = HOST | VOLUMES | SMART | PROBES | SERVICES | HARDWARE | PROMETHEUS
