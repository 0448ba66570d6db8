"""How findings live from sweep to sweep: new, ongoing, resolved, regressed; and unknown when nobody could look.

Pure: what was remembered and what is found now go in, the next memory comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from nightshift.facts.finding import SEVERITY_RANK, Finding, FindingState, Remembered


@dataclass(frozen=True, slots=True)
class Lives:
    """`findings` are those of this sweep with state and times, followed by those that could not be checked again
    (state `unknown`); `resolved` are those that this sweep closed; `changed` is what the store has to keep."""

    findings: tuple[Finding, ...]
    resolved: tuple[Finding, ...]
    changed: tuple[Remembered, ...]


def advance(
    remembered: Mapping[str, Remembered],
    found: Iterable[Finding],
    judged: Callable[[Finding], bool],
    now: datetime,
) -> Lives:
    """The next state of every finding.

    `judged` tells whether this sweep could see that a remembered finding is gone. Where it could not, the finding
    becomes `unknown` and stays: missing data never resolves anything.
    """
    current = tuple(_met(finding, remembered.get(finding.fingerprint), now) for finding in found)
    present = {finding.fingerprint for finding in current}
    absent = [item for item in remembered.values() if item.fingerprint not in present and item.resolved_at is None]
    resolved = tuple(_left(item, "resolved") for item in absent if judged(item.finding))
    unknown = tuple(_left(item, "unknown") for item in absent if not judged(item.finding))
    changed = (
        *(_memory(finding, now) for finding in current),
        *(_memory(finding, finding.last_seen or now, resolved_at=now) for finding in resolved),
        *(_memory(finding, finding.last_seen or now) for finding in unknown),
    )
    return Lives((*current, *unknown), resolved, changed)


def _met(finding: Finding, before: Remembered | None, now: datetime) -> Finding:
    if before is None:
        return replace(finding, state="new", first_seen=now, last_seen=now)
    state: FindingState = "regressed" if before.resolved_at is not None else "ongoing"
    ack = before.finding.ack if _still_holds(before, finding, state, now) else None
    return replace(finding, state=state, first_seen=before.first_seen, last_seen=now, ack=ack)


def _still_holds(before: Remembered, finding: Finding, state: FindingState, now: datetime) -> bool:
    """Whether the operator's word holds for what is there now: not after its time, and an acknowledgement not when
    the thing came back or got worse. What was accepted stays so."""
    ack = before.finding.ack
    if ack is None or (ack.until is not None and ack.until <= now):
        return False
    worse = SEVERITY_RANK[finding.severity] < SEVERITY_RANK[before.finding.severity]
    return ack.kind != "acknowledged" or not (state == "regressed" or worse)


def _left(item: Remembered, state: FindingState) -> Finding:
    return replace(item.finding, state=state, first_seen=item.first_seen, last_seen=item.last_seen)


def _memory(finding: Finding, last_seen: datetime, resolved_at: datetime | None = None) -> Remembered:
    return Remembered(finding, finding.first_seen or last_seen, last_seen, resolved_at)
