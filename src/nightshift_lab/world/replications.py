"""How storage replication stands: the last run that went well, the failures since."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import Replication
from nightshift_lab.world.world import World

_TAKES_S = 4.0
_RETRY_S = 300.0
_LOOK_BACK = 400


@dataclass(frozen=True, slots=True)
class Standing:
    """Times are epoch seconds. `failures` counts in a row; PVE then tries again every five minutes, at most hourly."""

    last_sync_at: float
    last_try_at: float
    next_at: float
    duration_s: float
    failures: int
    error: str


def standing(world: World, job: Replication, t: float) -> Standing:
    """Each job runs at multiples of its interval and is done a few seconds later; one that stopped stands still."""
    stopped_at = world.condition(f"replication/{job.id}", "stopped_at", t, None)
    t = t if stopped_at is None else float(stopped_at)
    slot = t - t % job.interval_s
    if slot + _TAKES_S > t:
        slot -= job.interval_s
    error = problem(world, job, slot)
    took = round(between(2.4, 6.9, world.seed, job.id, int(slot + _TAKES_S)), 6)
    if not error:
        done = slot + _TAKES_S
        return Standing(done, done, slot + job.interval_s, took, 0, "")
    good, failures = slot, 0
    while problem(world, job, good) and failures < _LOOK_BACK:
        good, failures = good - job.interval_s, failures + 1
    retry = min(_RETRY_S * failures, 3_600.0)
    return Standing(good + _TAKES_S, slot + _TAKES_S, t - t % retry + retry, took, failures, error)


def problem(world: World, job: Replication, t: float) -> str:
    """Why a run at `t` fails; empty when it does not."""
    base = ""
    if not world.up(f"node/{job.target}", t):
        address = world.cluster.node(job.target).ip
        command = f"/usr/bin/ssh -o 'BatchMode=yes' root@{address} -- pvesr prepare-local-job {job.id}"
        base = f"command '{command}' failed: exit code 255"
    return str(world.condition(f"replication/{job.id}", "error", t, base))
