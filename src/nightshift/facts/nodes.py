"""What PVE tells node by node beyond its figures of the moment: their course, services, software, certificates, clock.

Frozen, no I/O. Shares are of 1, sizes bytes, times aware UTC. None means that the node did not say, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nightshift.facts.gap import Gap

RECORDS_STALE = timedelta(minutes=10)
"""A node writes a point a minute: one whose last is older has stopped."""


@dataclass(frozen=True, slots=True)
class NodePoint:
    """A node's averages over one step of its records. Pressure (PSI) is the share of time that work waited; PVE has
    it, and the size of the ZFS cache, from 9 on."""

    at: datetime
    cpu: float | None = None
    iowait: float | None = None
    load: float | None = None
    memory_used_bytes: float | None = None
    memory_total_bytes: float | None = None
    swap_used_bytes: float | None = None
    swap_total_bytes: float | None = None
    arc_bytes: float | None = None
    pressure_cpu_some: float | None = None
    pressure_io_some: float | None = None
    pressure_io_full: float | None = None
    pressure_memory_some: float | None = None
    pressure_memory_full: float | None = None


@dataclass(frozen=True, slots=True)
class NodeHistory:
    """The last hour of a node, a point a minute, oldest first (PVE API: /nodes/{node}/rrddata?timeframe=hour)."""

    source: str
    node: str
    points: tuple[NodePoint, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A system service of a node (PVE API: /nodes/{node}/services), in systemd's words: `state` is its sub-state
    (`running`, `dead`, `failed`), `active` and `unit` are None before PVE 7."""

    source: str
    node: str
    name: str
    state: str
    active: str | None = None
    unit: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class NodeClock:
    """How far a node's clock is ahead of ours (PVE API: /nodes/{node}/time), in seconds.

    PVE tells whole seconds, and the answer takes its time: the truth is between the two bounds. Negative: behind.
    """

    source: str
    node: str
    ahead_at_least_s: float
    ahead_at_most_s: float
    timezone: str | None
    read_at: datetime

    @property
    def skew_s(self) -> float:
        """The least that the clocks surely differ by, with its sign; 0 while they may agree."""
        if self.ahead_at_least_s > 0:
            return self.ahead_at_least_s
        return min(self.ahead_at_most_s, 0.0)


@dataclass(frozen=True, slots=True)
class Update:
    """A package that could be upgraded."""

    package: str
    installed: str | None
    available: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class NodeSoftware:
    """The packages of a node (PVE API: /nodes/{node}/apt/versions, /nodes/{node}/apt/update).

    `whole` tells whether `updates` are of all packages, which takes a privilege to modify (Sys.Modify); else they are
    of PVE's own only. `kernels` are the versions of the installed kernels.
    """

    source: str
    node: str
    running_kernel: str | None
    kernels: tuple[str, ...]
    updates: tuple[Update, ...]
    whole: bool
    read_at: datetime


@dataclass(frozen=True, slots=True)
class NodeRepositories:
    """Where a node gets its packages from (PVE API: /nodes/{node}/apt/repositories, /nodes/{node}/subscription).

    `standard` are the handles of Proxmox' own repositories that are switched on (`enterprise`, `no-subscription`,
    `ceph-squid-no-subscription`), None where the server does not tell. `errors` are files that cannot be read.
    `subscription` is `active`, `notfound`, `expired`…, None when it was not told.
    """

    source: str
    node: str
    standard: tuple[str, ...] | None
    errors: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    subscription: str | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of a node (PVE API: /nodes/{node}/certificates/info). `file` is its name without the folder."""

    file: str
    subject: str | None
    issuer: str | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class NodeCertificates:
    source: str
    node: str
    certificates: tuple[Certificate, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class BootJournal:
    """What a node's journal says around its last boot (PVE API: /nodes/{node}/journal; Sys.Syslog), oldest first; the
    Gap when it may not be read."""

    source: str
    node: str
    booted_at: datetime
    lines: tuple[str, ...]
    gap: Gap | None = None
