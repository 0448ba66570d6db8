"""How what nodes keep in order one by one is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from nightshift.agent.builtin.story import Row, joined, plural
from nightshift.agent.builtin.writers.subsystems.telling import Telling, age, total
from nightshift.facts.units import format_bytes, format_duration

NAMED = 3
SOON_S = 30 * 86_400.0


def _left(row: Row) -> str:
    seconds = row.number("left_s") or 0.0
    return f"ended {format_duration(-seconds)} ago" if seconds < 0 else f"ends in {format_duration(seconds)}"


def _certificates(rows: Sequence[Row], _now: datetime) -> str:
    first = f"{rows[0].show('file')} of {rows[0].show('node')} {_left(rows[0])} ({rows[0].show('ends_at')})"
    return first if len(rows) == 1 else f"{first}, the first of {plural(len(rows), 'certificate')} to end"


def _certificate_line(row: Row, _now: datetime) -> str:
    return f"{row.show('file')} of {row.show('node')} {_left(row)}, {row.show('ends_at')}"


def _ends_soon(rows: Sequence[Row], soon: bool) -> bool:
    """`Do any certs run out soon?`; without that, whether one has ended."""
    return any((row.number("left_s") or 0.0) < (SOON_S if soon else 0.0) for row in rows)


def _updates(rows: Sequence[Row], _now: datetime) -> str:
    waiting = [row for row in rows if row.number("updates")]
    only = "" if all(row.get("scope") == "all" for row in rows) else " (only PVE's own packages could be looked at)"
    if not waiting:
        return f"no updates wait on {joined([row.show('node') for row in rows])}{only}"
    told = [f"{plural(total([row], 'updates'), 'update')} on {row.show('node')}" for row in waiting]
    return f"{joined(told)} {'waits' if total(waiting, 'updates') == 1 else 'wait'}{only}"


def _updates_line(row: Row, _now: datetime) -> str:
    named = f": {row.show('packages')}" if row.known("packages") else ""
    kernel = f"; runs kernel {row.show('running_kernel')}" if row.known("running_kernel") else ""
    return f"{row.show('node')}: {row.show('updates')}{named}{kernel}"


def _wait(rows: Sequence[Row], _soon: bool) -> bool:
    return any(row.number("updates") for row in rows)


def _kernels(rows: Sequence[Row], now: datetime) -> str:
    return "; ".join(_kernel_line(row, now) for row in rows)


def _kernel_line(row: Row, _now: datetime) -> str:
    installed = f", installed {row.show('kernels')}" if row.known("kernels") else ""
    return f"{row.show('node')} runs kernel {row.show('running_kernel')}{installed}"


def _repositories(rows: Sequence[Row], _now: datetime) -> str:
    return "; ".join(f"{row.show('node')}: subscription {row.show('subscription')}" for row in rows)


def _repositories_line(row: Row, _now: datetime) -> str:
    errors = f"; cannot be read: {row.show('errors')}" if row.known("errors") else ""
    return f"{row.show('node')}: subscription {row.show('subscription')}, sources {row.show('repositories')}{errors}"


def _subscribed(rows: Sequence[Row], _soon: bool) -> bool | None:
    known = [str(row.get("subscription")).lower() for row in rows if row.known("subscription")]
    return "active" in known if known else None


def _services(rows: Sequence[Row], _now: datetime) -> str:
    ill = [row for row in rows if "failed" in (row.get("state"), row.get("active"))]
    if ill:
        named = [f"{row.show('service')} on {row.show('node')}" for row in ill]
        return f"failed: {joined(named)}"
    if len(rows) <= NAMED:
        return joined([_service_line(row, _now) for row in rows])
    running = sum(row.get("state") == "running" for row in rows)
    return f"{running} of {plural(len(rows), 'service')} of the nodes run, none has failed"


def _service_line(row: Row, _now: datetime) -> str:
    return f"{row.show('service')} on {row.show('node')}: {row.show('state')}"


def _clocks(rows: Sequence[Row], _now: datetime) -> str:
    off = [row for row in rows if abs(row.number("skew_s") or 0.0) >= 1.0]
    if not off:
        return f"the clocks of {joined([row.show('node') for row in rows])} agree with mine"
    return "; ".join(_clock_line(row, _now) for row in off)


def _agree(rows: Sequence[Row]) -> bool:
    return all(abs(row.number("skew_s") or 0.0) < 1.0 for row in rows)


def _clock_line(row: Row, _now: datetime) -> str:
    skew = row.number("skew_s") or 0.0
    word = "ahead" if skew > 0 else "behind"
    state = f"{format_duration(abs(skew))} {word}" if abs(skew) >= 1.0 else "right"
    return f"the clock of {row.show('node')} is {state}"


def _pools(rows: Sequence[Row], _now: datetime) -> str:
    return joined([f"{row.show('pool')} on {row.show('node')} is {row.show('state')}{_used(row)}" for row in rows], 8)


def _used(row: Row) -> str:
    if not (row.known("used_fraction") and row.known("total_bytes")):
        return ""
    free = f"{format_bytes((row.number('total_bytes') or 0.0) - (row.number('used_bytes') or 0.0))} free"
    free += f", {row.show('fragmented_fraction')} fragmented" if row.known("fragmented_fraction") else ""
    return f", {row.show('used_fraction')} full ({row.show('used_bytes')} of {row.show('total_bytes')}, {free})"


def _pool_line(row: Row, now: datetime) -> str:
    ill = f", {row.show('devices_not_well')}" if row.known("devices_not_well") else ""
    errors = f"; {row.show('errors')}" if row.known("errors") else ""
    return f"{row.show('pool')} on {row.show('node')}: {row.show('state')}{ill}; {_scan(row, now)}{errors}"


def _scan(row: Row, now: datetime) -> str:
    if row.get("scanning"):
        return f"running now: {row.show('scan')}"
    if row.known("scanned_at"):
        how = f": {row.show('scan').rpartition(' on ')[0] or row.show('scan')}" if row.known("scan") else ""
        return f"last scan {age(row, 'scanned_at', now)}{how}"
    return "its last scrub is not known"


def _scrubbed(rows: Sequence[Row], now: datetime) -> str:
    return "; ".join(f"{row.show('pool')} on {row.show('node')}: {_scan(row, now)}{_errors(row)}" for row in rows[:8])


def _scrubbing(rows: Sequence[Row], now: datetime) -> str:
    """What is being scrubbed at this moment, and how far it is."""
    busy = [row for row in rows if row.get("scanning")]
    if busy:
        return "; ".join(f"{row.show('pool')} on {row.show('node')}: {row.show('scan')}" for row in busy)
    return f"no pool is being scrubbed now; {_scrubbed(rows, now)}"


def _errors(row: Row) -> str:
    return f", {row.show('errors')}" if row.known("errors") else ""


TELLINGS: Mapping[str, Telling] = {
    "Certificates": Telling(
        "certificates", "No certificate is known.", _certificates, _certificate_line, _certificates, _ends_soon,
        well=lambda rows: all((row.number("left_s") or 0.0) > 0 for row in rows),
        none_of="no certificate of {who} is known",
    ),
    "Updates": Telling(
        "updates", "No node is known whose packages were read.", _updates, _updates_line, holds=_wait,
        none_of="the packages of {who} were not read", counted=lambda rows: str(total(rows, "updates")),
    ),
    "Kernels": Telling(
        "restart for an update", "No node is known whose kernels were read.", _kernels, _kernel_line,
        none_of="the kernels of {who} were not read", found=True,
        none_found="No node that was read has to be restarted for a kernel",
    ),
    "Subscriptions and repositories": Telling(
        "subscriptions", "No node is known whose subscription was read.", _repositories, _repositories_line,
        holds=_subscribed, none_of="the subscription of {who} was not read",
    ),
    "Services of the nodes": Telling(
        "services", "No service is known.", _services, _service_line,
        holds=lambda rows, _soon: all(row.get("state") in ("running", "exited") for row in rows),
        none_of="no service of {who} is known",
        well=lambda rows: all("failed" not in (row.get("state"), row.get("active")) for row in rows),
    ),
    "Clocks": Telling(
        "clocks", "No clock was read.", _clocks, _clock_line, holds=lambda rows, _soon: _agree(rows),
        none_of="the clock of {who} was not read",
        well=_agree,
    ),
    "ZFS pools": Telling(
        "ZFS pools", "There is no ZFS pool here.", _pools, _pool_line, _scrubbed, none_of="{who} has no ZFS pool",
        going=_scrubbing,
        well=lambda rows: all(row.get("state") == "ONLINE" and not row.known("devices_not_well") for row in rows),
    ),
}  # fmt: skip
