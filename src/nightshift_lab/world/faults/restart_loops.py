"""Guests that do not stay up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Fault, Flags, Reading, parameter
from nightshift_lab.world.faults.guests import GuestFault


@dataclass(frozen=True, slots=True, kw_only=True)
class OomLoop(GuestFault):
    """A container grows to its memory limit, is killed by the kernel and started again, over and over.

    The victim's memory, uptime and processor show it, the host's counter of killed processes, the host's journal, and a
    start task each time.
    """

    kind: ClassVar[str] = "oom-loop"

    period_s: float = parameter(420.0, "duration", "from one kill to the next")
    down_s: float = parameter(8.0, "duration", "how long it is off each time")
    process: str = parameter("java", "text", "the process that the kernel kills")

    def _age(self, t: Times) -> Times:
        return (t - self.starts_at) % self.period_s

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        if entity != self.target:
            return base
        return base & ~(self.active(t) & (t >= self.starts_at + self.period_s) & (self._age(t) < self.down_s))

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        if entity != self.target:
            return base
        bounded = np.minimum(t, self.ends_at)
        cycles = np.floor((bounded - self.starts_at) / self.period_s)
        last = self.starts_at + cycles * self.period_s + self.down_s
        return np.where(cycles >= 1, np.where(t < last, last - self.period_s, last), base)

    def signal(self, read: Reading) -> Times:
        active = self.active(read.t)
        kills = np.maximum(np.floor((np.minimum(read.t, self.ends_at) - self.starts_at) / self.period_s), 0.0)
        if read.quantity == "oom_kills_total" and read.entity in {f"node/{self.node}", self.target}:
            return read.base + kills
        if read.entity == self.target and read.quantity == "mem_used_bytes":
            rise = np.sqrt(np.clip(self._age(read.t) / self.period_s, 0.0, 1.0))
            return np.where(
                active,
                np.minimum(read.base * 0.45 + (read.size * 0.998 - read.base * 0.45) * rise, read.size),
                read.base,
            )
        if read.entity == self.target and read.quantity == "cpu_fraction":
            return np.where(active, np.minimum(read.base + 0.35, 0.95), read.base)
        return read.base

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        """The kernel names the container's control group and its victim; high availability then starts it again."""
        if node != self.node:
            return ()
        group = f"/lxc/{self.vmid}"
        lines: list[tuple[float, str]] = []
        for at, vmid in self.restarts(since, until):
            killed_at = at - self.down_s
            number, name = int(killed_at) % 3_000_000, self.process
            killed = f"Killed process {number} ({name}) total-vm:5312880kB"
            victim = f"oom_memcg={group},task_memcg={group}/ns,task={name},pid={number},uid=100000"
            invoked = f"{name} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
            lines += [
                (killed_at, f"kernel: {invoked}"),
                (killed_at, f"kernel: oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),{victim}"),
                (killed_at, f"kernel: Memory cgroup out of memory: {killed}"),
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
class CrashLoop(GuestFault):
    """A guest under high availability ends by itself shortly after each start, and is started again, over and over."""

    kind: ClassVar[str] = "crash-loop"

    period_s: float = parameter(260.0, "duration", "from one crash to the next")
    down_s: float = parameter(14.0, "duration", "how long it is off each time")

    def _age(self, t: Times) -> Times:
        return (t - self.starts_at) % self.period_s

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~(self.active(t) & (self._age(t) < self.down_s)) if entity == self.target else base

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        if entity != self.target:
            return base
        cycles = np.floor((np.minimum(t, self.ends_at) - self.starts_at - self.down_s) / self.period_s)
        return np.where(cycles >= 0, self.starts_at + cycles * self.period_s + self.down_s, base)

    def restarts(self, since: float, until: float) -> tuple[tuple[float, int], ...]:
        first = max(0, math.ceil((since - self.starts_at - self.down_s) / self.period_s))
        last = (min(until, self.ends_at) - self.starts_at - self.down_s) / self.period_s
        return tuple(
            (self.starts_at + number * self.period_s + self.down_s, self.vmid)
            for number in range(first, math.floor(last) + 1)
        )

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        if node != self.node:
            return ()
        sid = f"{'vm' if self.vm else 'ct'}:{self.vmid}"
        lines: list[tuple[float, str]] = []
        for at, _ in self.restarts(since, until):
            lines += [
                (at - self.down_s, f"pve-ha-lrm[1903]: service '{sid}' stopped unexpectedly"),
                (at - 2, f"pve-ha-lrm[1903]: starting service {sid}"),
                (at, f"pve-ha-lrm[1903]: service status {sid} started"),
            ]
        return tuple(lines)


KINDS: tuple[type[Fault], ...] = (OomLoop, CrashLoop)
