"""System services of nodes and backup servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nightshift_lab.world.world import World

UnitState = Literal["enabled", "disabled", "static", "masked", "not-found"]


@dataclass(frozen=True, slots=True)
class Service:
    """`since` is the first major release that lists it; `clustered`: it runs only in a cluster."""

    name: str
    description: str
    unit_state: UnitState = "enabled"
    runs: bool = True
    since: int = 0
    clustered: bool = False


PVE_SERVICES = (
    Service("chrony", "chrony, an NTP client/server"),
    Service("corosync", "Corosync Cluster Engine", clustered=True),
    Service("cron", "Regular background program processing daemon"),
    Service("ksmtuned", "Kernel Samepage Merging (KSM) Tuning Daemon"),
    Service("lxcfs", "FUSE filesystem for LXC", since=9),
    Service("postfix", "Postfix Mail Transport Agent"),
    Service("proxmox-firewall", "Proxmox nftables firewall", since=9),
    Service("pve-cluster", "The Proxmox VE cluster filesystem"),
    Service("pve-firewall", "Proxmox VE firewall"),
    Service("pve-ha-crm", "PVE Cluster HA Resource Manager Daemon"),
    Service("pve-ha-lrm", "PVE Local HA Resource Manager Daemon"),
    Service("pve-lxc-syscalld", "Proxmox VE LXC Syscall Daemon", since=9),
    Service("pvedaemon", "PVE API Daemon"),
    Service("pvefw-logger", "Proxmox VE firewall logger"),
    Service("pveproxy", "PVE API Proxy Server"),
    Service("pvescheduler", "Proxmox VE scheduler"),
    Service("pvestatd", "PVE Status Daemon"),
    Service("qmeventd", "PVE Qemu Event Daemon", since=9),
    Service("spiceproxy", "PVE SPICE Proxy Server"),
    Service("sshd", "OpenBSD Secure Shell server"),
    Service("syslog", "syslog.service", "not-found", runs=False),
    Service("systemd-journald", "Journal Service", "static"),
    Service("systemd-timesyncd", "systemd-timesyncd.service", "not-found", runs=False),
)

PBS_SERVICES = (
    Service("chrony", "chrony, an NTP client/server"),
    Service("cron", "Regular background program processing daemon"),
    Service("postfix", "Postfix Mail Transport Agent"),
    Service("proxmox-backup", "Proxmox Backup API Server"),
    Service("proxmox-backup-proxy", "Proxmox Backup API Proxy Server"),
    Service("ssh", "OpenBSD Secure Shell server"),
    Service("systemd-journald", "Journal Service", "static"),
    Service("zfs-zed", "ZFS Event Daemon (zed)"),
)


def service_state(world: World, host: str, service: Service, t: float, *, standalone: bool) -> str:
    """systemd's sub-state: `running`, `dead`, `failed`. `host` is the node or the backup server."""
    runs = service.runs and not (service.clustered and standalone)
    return str(world.condition(f"service/{host}/{service.name}", "state", t, "running" if runs else "dead"))


def active_state(sub_state: str) -> str:
    return {"running": "active", "failed": "failed"}.get(sub_state, "inactive")
