"""PVE's answers about one node on the wire: records, services, clock, packages, repositories, certificates."""

from __future__ import annotations

from pydantic import Field

from nightshift.sources.wire import Flag, Moment, Text, Whole, WireModel


class RrdPoint(WireModel):
    """`{"time": 1763884800, "cpu": 0.12, "iowait": 0.004, "loadavg": 0.8, "memused": 1.7e10, "memtotal": 6.7e10,
    "arcsize": 8.6e9, "pressureiosome": 1.2, …}`. What was not measured has no key; pressures are percent, and there
    are none before 9."""

    time: Moment
    cpu: float | None = None
    iowait: float | None = None
    loadavg: float | None = None
    memused: float | None = None
    memtotal: float | None = None
    swapused: float | None = None
    swaptotal: float | None = None
    arcsize: float | None = None
    rootused: float | None = None
    roottotal: float | None = None
    pressurecpusome: float | None = None
    pressureiosome: float | None = None
    pressureiofull: float | None = None
    pressurememorysome: float | None = None
    pressurememoryfull: float | None = None


class SpacePoint(WireModel):
    """`{"time": 1763884800, "used": 5.1e11, "total": 8.5e11}` of a storage."""

    time: Moment
    used: float | None = None
    total: float | None = None


class ServiceRow(WireModel):
    """`{"service": "pveproxy", "name": "pveproxy", "desc": "PVE API Proxy Server", "state": "running", "active-state":
    "active", "unit-state": "enabled"}`"""

    service: Text
    desc: Text | None = None
    state: Text | None = None
    active_state: Text | None = Field(default=None, alias="active-state")
    unit_state: Text | None = Field(default=None, alias="unit-state")


class TimeWire(WireModel):
    """`{"time": 1763884800, "localtime": 1763888400, "timezone": "Europe/Berlin"}`"""

    time: Whole
    timezone: Text | None = None


class UpdateRow(WireModel):
    """`{"Package": "openssl", "OldVersion": "3.5.4-1~deb13u1", "Version": "3.5.4-1~deb13u2", "Origin": "Debian"}`"""

    package: Text = Field(alias="Package")
    version: Text | None = Field(default=None, alias="Version")
    old_version: Text | None = Field(default=None, alias="OldVersion")
    origin: Text | None = Field(default=None, alias="Origin")


class PackageRow(UpdateRow):
    """`{"Package": "pve-manager", "OldVersion": "9.1.4", "Version": "9.1.6", "Origin": "Proxmox", "CurrentState":
    "Installed"}`; `proxmox-ve` also tells the `RunningKernel`."""

    current_state: Text | None = Field(default=None, alias="CurrentState")
    running_kernel: Text | None = Field(default=None, alias="RunningKernel")


class RepositoryErrorWire(WireModel):
    path: Text | None = None
    error: Text


class RepositoryInfoWire(WireModel):
    """`{"path": "…/pve-enterprise.sources", "index": "0", "kind": "warning", "message": "…"}`"""

    kind: Text | None = None
    message: Text | None = None


class StandardRepositoryWire(WireModel):
    """`{"handle": "no-subscription", "name": "No-Subscription", "status": 1}`; without status it is not configured."""

    handle: Text
    status: Flag | None = None


class RepositoriesWire(WireModel):
    """`{"errors": [{"path": "/etc/apt/sources.list.d/x.list", "error": "…"}], "files": […], "infos": […],
    "standard-repos": [{"handle": "enterprise", "name": "Enterprise", "status": 1}]}`"""

    errors: list[RepositoryErrorWire] = Field(default_factory=list)
    infos: list[RepositoryInfoWire] = Field(default_factory=list)
    standard_repos: list[StandardRepositoryWire] | None = Field(default=None, alias="standard-repos")


class SubscriptionWire(WireModel):
    """`{"status": "notfound", "message": "There is no subscription key"}`"""

    status: Text | None = None


class CertificateRow(WireModel):
    """`{"filename": "pve-ssl.pem", "subject": "/OU=PVE Cluster Node/…", "issuer": "/CN=Proxmox Virtual Environment/…",
    "notafter": 1826956800, "notbefore": 1763884800}`"""

    filename: Text
    subject: Text | None = None
    issuer: Text | None = None
    notafter: Moment = None
