"""Faults: composable changes of the world, each with its onset and its end.

A fault overrides only what it changes; every surface (APIs, exporters, history, task logs) is derived from the world
with its faults, so that they agree. Times are epoch seconds, vectorised. A new fault is a subclass and a row in
`scenarios.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nightshift_lab.world.curves import Times
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import DAY_S

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Nothing is wrong: the base of all faults. `starts_at` and `ends_at` bound it; the past stays as it was.

    `site` names the cluster that it is about: empty for the homelab's own, else `attic`.
    """

    name: str
    starts_at: float
    ends_at: float = math.inf
    site: str = ""

    def active(self, t: Times) -> Flags:
        return (t >= self.starts_at) & (t < self.ends_at)

    def active_at(self, t: float) -> bool:
        return self.starts_at <= t < self.ends_at

    def ended(self, at: float) -> Self:
        """The same fault, over at `at`."""
        return replace(self, ends_at=at)

    def up(self, entity: str, t: Times, base: Flags) -> Flags:  # noqa: ARG002
        """Whether a node, guest or target runs and answers."""
        return base

    def boots(self, entity: str, t: Times, base: Times) -> Times:  # noqa: ARG002
        """When it last booted."""
        return base

    def signal(self, entity: str, quantity: str, t: Times, base: Times, size: float) -> Times:  # noqa: ARG002
        """The figure as the fault bends it. `size` is the entity's limit in the same unit, NaN when it has none."""
        return base

    def condition(self, entity: str, name: str, t: float, base: Any) -> Any:  # noqa: ARG002
        """A condition (tables in `conditions.py`) of an entity at `t`, as the fault bends it."""
        return base

    def backup_error(self, datastore: str, t: float) -> str | None:  # noqa: ARG002
        """Why a backup that reaches this datastore (`server/name`) at `t` fails; None when it does not."""
        return None

    def unprotected(self, vmid: int) -> bool:  # noqa: ARG002
        """Whether the guest is in no backup job and has never been backed up."""
        return False

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:  # noqa: ARG002
        """(time, line) that it makes a node's journal say within [since, until)."""
        return ()

    def restarts(self, since: float, until: float) -> tuple[tuple[float, int], ...]:  # noqa: ARG002
        """(time, vmid) of guests that high availability starts again within [since, until)."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOffline(Fault):
    """A node is gone: with it its guests, its exporters and its view of every storage."""

    node: str
    entities: frozenset[str] = field(repr=False)

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity in self.entities else base

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        return np.where(t >= self.ends_at, self.ends_at, base) if entity in self.entities else base


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreFull(Fault):
    """A datastore runs full: a ramp up to `full_at`, then it stays at `full_fraction` and backups to it fail."""

    datastore: str
    full_at: float
    full_fraction: float = 0.98

    def signal(self, entity: str, quantity: str, t: Times, base: Times, size: float) -> Times:
        if entity != f"datastore/{self.datastore}" or quantity not in {"used_bytes", "available_bytes"}:
            return base
        progress = np.clip((t - self.starts_at) / max(self.full_at - self.starts_at, 1.0), 0.0, 1.0)
        if quantity == "available_bytes":
            return np.where(self.active(t) & (progress >= 1.0), 40_960.0 + np.floor(t / 60.0) % 7 * 4_096.0, base)
        full = self.full_fraction * size
        return np.where(self.active(t), base + (full - base) * progress, base)

    def backup_error(self, datastore: str, t: float) -> str | None:
        full = datastore == self.datastore and self.active_at(t) and t >= self.full_at
        return "ENOSPC: No space left on device" if full else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFilling(Fault):
    """A file system grows by `bytes_per_day` until it is full."""

    filesystem: str
    bytes_per_day: float

    def signal(self, entity: str, quantity: str, t: Times, base: Times, size: float) -> Times:
        if entity != self.filesystem or quantity != "used_bytes":
            return base
        grown = self.bytes_per_day / DAY_S * (np.minimum(t, self.ends_at) - self.starts_at)
        return np.where(self.active(t), np.minimum(base + np.maximum(grown, 0.0), size), base)


@dataclass(frozen=True, slots=True, kw_only=True)
class OomLoop(Fault):
    """A container grows to its memory limit, is killed and started again, over and over."""

    vmid: int
    node: str
    period_s: float = 420.0
    down_s: float = 8.0

    def _age(self, t: Times) -> Times:
        return (t - self.starts_at) % self.period_s

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        if entity != f"guest/{self.vmid}":
            return base
        return base & ~(self.active(t) & (t >= self.starts_at + self.period_s) & (self._age(t) < self.down_s))

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        if entity != f"guest/{self.vmid}":
            return base
        bounded = np.minimum(t, self.ends_at)
        cycles = np.floor((bounded - self.starts_at) / self.period_s)
        last = self.starts_at + cycles * self.period_s + self.down_s
        return np.where(cycles >= 1, np.where(t < last, last - self.period_s, last), base)

    def signal(self, entity: str, quantity: str, t: Times, base: Times, size: float) -> Times:
        active = self.active(t)
        kills = np.maximum(np.floor((np.minimum(t, self.ends_at) - self.starts_at) / self.period_s), 0.0)
        if quantity == "oom_kills_total" and entity in {f"node/{self.node}", f"guest/{self.vmid}"}:
            return base + kills
        if entity == f"guest/{self.vmid}" and quantity == "mem_used_bytes":
            rise = np.sqrt(np.clip(self._age(t) / self.period_s, 0.0, 1.0))
            return np.where(active, np.minimum(base * 0.45 + (size * 0.998 - base * 0.45) * rise, size), base)
        if entity == f"guest/{self.vmid}" and quantity == "cpu_fraction":
            return np.where(active, np.minimum(base + 0.35, 0.95), base)
        return base

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        """The kernel names the container's control group and its victim; high availability then starts it again."""
        if node != self.node:
            return ()
        group = f"/lxc/{self.vmid}"
        lines: list[tuple[float, str]] = []
        for at, vmid in self.restarts(since, until):
            killed_at = at - self.down_s
            process = int(killed_at) % 3_000_000
            victim = f"oom_memcg={group},task_memcg={group}/ns,task=java,pid={process},uid=100000"
            lines += [
                (killed_at, "kernel: java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"),
                (killed_at, f"kernel: oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),{victim}"),
                (killed_at, f"kernel: Memory cgroup out of memory: Killed process {process} (java) total-vm:5312880kB"),
                (at - 2, f"pve-ha-lrm[1903]: starting service ct:{vmid}"),
                (at, f"pve-ha-lrm[1903]: service status ct:{vmid} started"),
            ]
        return tuple(lines)

    def restarts(self, since: float, until: float) -> tuple[tuple[float, int], ...]:
        first = max(1, math.ceil((since - self.starts_at - self.down_s) / self.period_s))
        last = (min(until, self.ends_at) - self.starts_at - self.down_s) / self.period_s
        cycles = range(first, math.floor(last) + 1)
        return tuple((self.starts_at + n * self.period_s + self.down_s, self.vmid) for n in cycles)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestUnprotected(Fault):
    """A guest was never put into a backup job. Its end puts nothing right retroactively."""

    vmid: int

    def unprotected(self, vmid: int) -> bool:
        return vmid == self.vmid


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDown(Fault):
    """An exporter refuses connections; the guest it runs on is well."""

    job: str
    instance: str

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity == f"target/{self.job}/{self.instance}" else base


def jitter(seed: int, name: str, spread_s: float) -> float:
    """A small, seed-dependent shift of an onset, so that faults do not start on the full minute."""
    return between(-spread_s, spread_s, seed, "onset", name)
