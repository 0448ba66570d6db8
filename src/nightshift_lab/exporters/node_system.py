"""What a node_exporter says of the system: boot, clock, kernel, load, units, and of packages what a script tells it."""

from __future__ import annotations

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures, single
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import Guest, Node
from nightshift_lab.world.packages import packages_of

# Prometheus keeps only these two of a unit's states.
_UNIT_STATES = ("active", "failed")
_NODE_UNITS = ("chrony", "corosync", "pve-firewall", "pveproxy", "pvestatd")
_GUEST_UNITS = ("ssh",)


def system(figures: Figures, owner: str, machine: Node | Guest) -> list[Family]:
    boot = figures.of(owner, "boot_time_s")
    ripple = 2e-5 * np.sin(figures.times / 1_700.0 + between(0.0, 6.28, owner, "clock"))
    offset = figures.bent(owner, "clock_offset_s", ripple)
    synchronized = figures.bent(owner, "clock_synchronized", figures.constant(1))
    gauges = [
        single("node_boot_time_seconds", "gauge", "Node boot time, in unixtime.", boot),
        single("node_time_seconds", "gauge", "System time in seconds since epoch (1970).", figures.times.copy()),
        single(
            "node_timex_offset_seconds",
            "gauge",
            "Time offset in between local system and reference clock.",
            np.round(offset, 9),
        ),
        single(
            "node_timex_sync_status",
            "gauge",
            "Is clock synchronized to a reliable server (1 = yes, 0 = no).",
            synchronized,
        ),
        _uname(figures, owner, machine),
        single(
            "node_exporter_build_info",
            "gauge",
            "The version that node_exporter was built from.",
            figures.constant(1),
            branch="HEAD",
            goversion="go1.24.1",
            version="1.9.1",
        ),
        single(
            "node_vmstat_oom_kill",
            "untyped",
            "/proc/vmstat information field oom_kill.",
            figures.of(owner, "oom_kills_total"),
        ),
    ]
    loads = [
        single(f"node_{load}", "gauge", f"{minutes}m load average.", np.round(figures.of(owner, load), 2))
        for load, minutes in (("load1", 1), ("load5", 5), ("load15", 15))
    ]
    return [*gauges, *loads]


def _uname(figures: Figures, owner: str, machine: Node | Guest) -> Family:
    """Another series for each kernel that ran."""
    family = Family("node_uname_info", "gauge", "Labeled system information as provided by the uname system call.")
    usual = figures.world.cluster.kernel if isinstance(machine, Node) else "6.12.48+deb13-amd64"
    ran = figures.world.conditions(owner, "kernel", figures.times, usual)
    for release in dict.fromkeys(ran.tolist()):
        family.add(
            np.where(ran == release, figures.constant(1), np.nan),
            domainname="(none)",
            machine="x86_64",
            nodename=machine.name,
            release=release,
            sysname="Linux",
            version=f"#1 SMP PREEMPT_DYNAMIC {release}",
        )
    return family


def packages(figures: Figures, node: str) -> list[Family]:
    """What a script in the textfile folder tells of updates: as blind as apt itself when a repository fails."""
    world, entity = figures.world, f"node/{node}"
    waiting = sum(package.candidate is not None for package in packages_of(world.cluster.release.major))
    counts = np.array(world.conditions(entity, "updates", figures.times, waiting), dtype=np.float64)
    blind = ~figures.when(entity, "repository", "", "")
    restart = ~figures.when(entity, "kernel", world.cluster.kernel, world.cluster.kernel)
    return [
        single(
            "apt_upgrades_pending",
            "gauge",
            "Apt packages pending updates by origin.",
            np.where(blind, 0.0, counts),
            arch="all",
            origin="Proxmox",
        ),
        single("node_reboot_required", "gauge", "Node reboot is required for software updates.", restart.astype(float)),
    ]


def units(figures: Figures, owner: str) -> Family:
    family = Family("node_systemd_unit_state", "gauge", "Systemd unit")
    machine = owner.partition("/")[2]
    for unit in _NODE_UNITS if owner.startswith("node/") else _GUEST_UNITS:
        failed = figures.when(f"service/{machine}/{unit}", "state", "failed", "running").astype(np.float64)
        for state in _UNIT_STATES:
            values = {"active": 1.0 - failed, "failed": failed}.get(state, figures.constant(0))
            family.add(values, name=f"{unit}.service", state=state, type="notify")
    return family
