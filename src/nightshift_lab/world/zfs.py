"""ZFS pools of the nodes: how full, in which state, and when they were scrubbed.

Debian scrubs every pool on the second Sunday of the month, 24 minutes after midnight.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nightshift_lab.world.hardware import ZfsPool
from nightshift_lab.world.nouns import GIB
from nightshift_lab.world.world import World

_RECORD_KIB = 64
_DEGRADED = "Sufficient replicas exist for the pool to continue functioning in a\ndegraded state."
_REMOVED = (
    f"One or more devices has been removed by the administrator.\n{_DEGRADED}",
    "Online the device using zpool online' or replace the device with\n'zpool replace'.",
)
_FAULTED = (
    f"One or more devices are faulted in response to persistent errors.\n{_DEGRADED}",
    "Replace the faulted device, or use 'zpool clear' to mark the device\nrepaired.",
)
_MENDED = "An\nattempt was made to correct the error.  Applications are unaffected."
_CLEAR = "clear the errors\nusing 'zpool clear' or replace the device with 'zpool replace'."
_CHECKSUMS = (
    f"One or more devices has experienced an unrecoverable error.  {_MENDED}",
    f"Determine if the device needs to be replaced, and {_CLEAR}",
)
_SUSPENDED = (
    "One or more devices are faulted in response to IO failures.",
    "Make sure the affected devices are connected, then run 'zpool clear'.",
)


def pool_state(world: World, node: str, pool: ZfsPool, t: float) -> str:
    """`ONLINE`, or what a fault says; one member that is not makes the pool DEGRADED."""
    members = {member_state(world, node, pool, serial, t) for serial in pool.serials}
    base = "ONLINE" if members == {"ONLINE"} else "DEGRADED" if pool.layout else "SUSPENDED"
    return str(world.condition(f"pool/{node}/{pool.name}", "state", t, base))


def member_state(world: World, node: str, pool: ZfsPool, serial: str, t: float) -> str:
    present = world.condition(f"disk/{node}/{serial}", "present", t, True)
    return str(world.condition(f"pool/{node}/{pool.name}", f"member:{serial}", t, "ONLINE" if present else "REMOVED"))


def pool_used_bytes(world: World, node: str, pool: ZfsPool, t: float) -> float:
    """What lies on it: the storage of the same pool and the system itself."""
    if pool.storage is None:
        return pool.size_bytes * 0.4
    used = world.at(f"storage/{node}/{pool.storage}", "used_bytes", t)
    return min(pool.base_bytes + used * 1.004, float(pool.size_bytes))


def verdict(world: World, node: str, pool: ZfsPool, t: float) -> tuple[str, str]:
    """(status, action) as `zpool status` words them; both empty while all is well."""
    state = pool_state(world, node, pool, t)
    members = {member_state(world, node, pool, serial, t) for serial in pool.serials}
    if state == "SUSPENDED":
        return _SUSPENDED
    if state != "ONLINE":
        return _REMOVED if members & {"REMOVED", "UNAVAIL"} else _FAULTED
    errors = sum(int(world.condition(f"pool/{node}/{pool.name}", name, t, 0)) for name in ("read", "write", "cksum"))
    return _CHECKSUMS if errors else ("", "")


def scan(world: World, node: str, pool: ZfsPool, t: float) -> str:
    """The line about the last scrub, or about the one that runs."""
    begun_at = last_scrub_at(float(world.condition(f"pool/{node}/{pool.name}", "scrubbed_until", t, t)))
    if world.condition(f"pool/{node}/{pool.name}", "scrub", t, "") == "running":
        begun_at = max(begun_at, t - pool.scrub_lasts_s * 0.6)
    done = (t - begun_at) / pool.scrub_lasts_s
    if done < 1.0:
        used = pool_used_bytes(world, node, pool, t) / GIB
        left = int(pool.scrub_lasts_s * (1 - done))
        progress = f"{used * done:.0f}G / {used:.0f}G scanned at {used / pool.scrub_lasts_s:.2f}G/s"
        return (
            f"scrub in progress since {_ctime(begun_at)}\n{progress}, {used * done * 0.97:.0f}G issued\n"
            f"0B repaired, {done * 100:.2f}% done, {_clock(left)} to go"
        )
    mended = int(world.condition(f"pool/{node}/{pool.name}", "cksum", t, 0)) * _RECORD_KIB
    ended_at = begun_at + pool.scrub_lasts_s
    found_at = world.condition(f"pool/{node}/{pool.name}", "scrubbed_at", t, 0.0)
    return (
        f"scrub repaired {f'{mended / 1024:.2f}M' if mended else '0B'} in {_clock(int(pool.scrub_lasts_s))}"
        f" with 0 errors on {_ctime(max(ended_at, float(found_at)))}"
    )


def last_scrub_at(t: float) -> float:
    """When the last scrub began, 00:24 on a second Sunday (epoch s)."""
    now = datetime.fromtimestamp(t, UTC)
    for month in (now.replace(day=1), now.replace(day=1) - timedelta(days=1)):
        first = month.replace(day=1, hour=0, minute=24, second=0, microsecond=0)
        sunday = first + timedelta(days=(6 - first.weekday()) % 7 + 7)
        if sunday <= now:
            return sunday.timestamp()
    raise AssertionError("every month has a second Sunday")


def _ctime(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%a %b %e %H:%M:%S %Y")


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
