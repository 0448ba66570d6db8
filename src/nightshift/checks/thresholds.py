"""Every limit that a check compares with, in one frozen value. Fractions are of 1, times are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from nightshift.checks.absences import Absence, expected_away

HOUR_S = 3_600.0
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Defaults that a strict operator would accept.

    Names that end in `_s` are seconds, those with `days` are days, other floats are shares of 1. `absences` is what the
    operator expects to be away at times.
    """

    node_memory_warning: float = 0.92
    node_memory_critical: float = 0.97
    node_rootfs_warning: float = 0.85
    node_rootfs_critical: float = 0.95
    node_cpu_warning: float = 0.90  # as the others of nodes, over a quarter of an hour: a peak is nobody's concern
    node_iowait_warning: float = 0.25
    node_load_per_cpu_warning: float = 2.0
    node_swap_warning: float = 0.80
    node_pressure_memory_warning: float = 0.10
    node_pressure_io_warning: float = 0.40
    node_pressure_cpu_warning: float = 0.50
    reboot_looked_at_s: float = DAY_S
    clock_skew_warning_s: float = 1.0
    certificate_days_warning: float = 12.0  # PVE renews its own at 14 days, ACME at 30
    certificate_days_critical: float = 2.0
    node_maintenance_warning_s: float = 12 * HOUR_S
    versions_mixed_warning_s: float = 3 * DAY_S
    replication_late_s: float = HOUR_S / 2
    storage_warning: float = 0.85
    storage_critical: float = 0.95
    datastore_warning: float = 0.85
    datastore_critical: float = 0.95
    datastore_days_to_full_warning: float = 14.0
    datastore_days_to_full_critical: float = 2.0
    filesystem_warning: float = 0.90
    filesystem_critical: float = 0.97
    filesystem_unwatched_info: float = 0.80  # a remark, where nothing tells how fast it fills
    filesystem_days_to_full_warning: float = 4.0
    filesystem_days_to_full_critical: float = 1.0
    filesystem_filling_from: float = 0.60  # below this use, a trend is a guess: a copy that is under way looks the same
    guest_memory_warning: float = 0.95
    guest_cpu_warning: float = 0.80  # at every moment of an hour
    storage_days_to_full_warning: float = 4.0
    storage_days_to_full_critical: float = 1.0
    storage_filling_info: float = 0.75  # of storages and nodes' root file systems, from when slow growth is a remark …
    storage_days_to_full_info: float = 60.0  # … if at that of two weeks it is full so soon
    thin_metadata_warning: float = 0.80
    thin_metadata_critical: float = 0.95
    snapshot_age_warning_s: float = 30 * DAY_S
    snapshots_warning: int = 10  # of one guest
    agent_silent_after_s: float = 900.0  # a guest that has just started has no agent yet
    scrub_age_warning_s: float = 45 * DAY_S
    disk_reallocated_warning: int = 20
    nvme_temperature_warning: int = 75  # degrees Celsius
    nvme_temperature_critical: int = 85
    restarts_warning: int = 3
    oom_kills_warning: int = 1
    backup_age_warning_s: float = 8 * DAY_S
    backup_late_after_s: float = 4 * HOUR_S  # after the run that should have made it was due
    restore_test_age_s: float = 180 * DAY_S
    new_guest_grace_s: float = DAY_S
    gc_age_warning_s: float = 8 * DAY_S
    job_late_warning_s: float = 2 * HOUR_S  # after its time without a run
    job_off_warning_s: float = 3 * DAY_S  # since the last run of a job that was switched off
    maintenance_warning_s: float = DAY_S
    scrape_duration_warning: float = 0.80  # of the time that a scrape may take
    scrapes_missed_warning: int = 5
    alert_unattended_s: float = DAY_S
    alert_flapping_warning: int = 5  # times that it began to fire within a day
    host_cpu_warning: float = 0.95
    cpu_steal_warning: float = 0.10
    iowait_warning: float = 0.25
    load_warning: float = 2.0  # tasks that run or wait for each processor
    host_memory_available_warning: float = 0.07
    host_memory_available_critical: float = 0.03
    host_swap_warning: float = 0.80
    major_faults_warning: int = 1_000  # pages a second that are read back from disk
    network_share_warning: float = 0.95
    network_errors_warning: float = 0.01
    link_changes_warning: int = 6  # in an hour; a reboot makes four
    file_descriptors_warning: float = 0.80
    file_descriptors_critical: float = 0.95
    clock_offset_warning_s: float = 0.1
    clock_offset_critical_s: float = 5.0
    conntrack_warning: float = 0.80
    conntrack_critical: float = 0.95
    inodes_warning: float = 0.10
    inodes_critical: float = 0.03
    inodes_days_to_full_warning: float = 1.0
    disk_busy_warning: float = 0.98
    disk_latency_warning_s: float = 0.25
    disk_wear_warning: float = 0.90
    disk_wear_critical: float = 1.0
    disk_temperature_warning: int = 60  # degrees Celsius
    disk_temperature_critical: int = 75
    probe_uptime_warning: float = 0.95
    probe_duration_warning_s: float = 3.0
    ping_warning_s: float = 0.5
    certificate_warning_days: float = 12.0  # ACME renews at 30 days, PVE itself at 14
    certificate_critical_days: float = 3.0
    unit_tasks_warning: float = 0.80
    container_memory_warning: float = 0.95
    container_throttled_warning: float = 0.50
    ups_charge_warning: float = 0.80
    ups_charge_critical: float = 0.50
    ups_runtime_warning_s: float = 1_800.0
    ups_runtime_critical_s: float = 600.0
    ups_load_warning: float = 0.80
    ups_load_critical: float = 0.95
    ups_voltage_warning: float = 0.90
    ups_temperature_warning: int = 40
    ipmi_state_warning: int = 1
    ipmi_state_critical: int = 2
    rule_duration_warning: float = 0.90
    notification_errors_warning: float = 0.01
    notification_errors_critical: float = 0.50
    cardinality_growth_warning: float = 1.5
    remote_write_lag_warning_s: float = 300.0
    remote_write_lag_critical_s: float = 3_600.0
    query_load_warning: float = 0.80
    clear_margin: float = 0.02  # an open finding about a share closes only this far below its limit
    absences: tuple[Absence, ...] = ()

    def changed(self, limits: Mapping[str, float]) -> Thresholds:
        """These, with other limits, by name."""
        changes: dict[str, Any] = dict(limits)
        return replace(self, **changes) if changes else self

    def away(self, at: datetime, **names: str) -> bool:
        """Whether a thing is expected to be away at `at`: `away(now, source="pbs-attic", datastore="offsite")`.

        `names` are what is known of it, by the fields of `Selector`.
        """
        facets = {name: (value,) for name, value in names.items()}
        return expected_away(self.absences, facets, at) is not None


LIMITS: Mapping[str, type[int] | type[float]] = {
    item.name: int if item.type == "int" else float for item in fields(Thresholds) if item.type in ("int", "float")
}
"""The type of every limit by its name."""
