"""Shares against their limits, with the memory that keeps a figure at its limit from flapping."""

from __future__ import annotations

from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import Finding, Severity
from nightshift.facts.ids import Entity


def level(share: float, warning: float, critical: float) -> Severity | None:
    """The severity of a share of 1; a limit counts as reached when the share equals it."""
    if share >= critical:
        return "critical"
    return "warning" if share >= warning else None


def worst(*severities: Severity | None) -> Severity | None:
    """The worst of several judgements; None when there is none."""
    return min((item for item in severities if item), key=("critical", "warning", "info").index, default=None)


def level_with_memory(
    share: float,
    limits: tuple[float, float],
    identity: tuple[str, Entity, str],
    previous: Previous,
    thresholds: Thresholds,
) -> Severity | None:
    """As `level`, but what is told already, and not as a mere remark, stays a warning until the share is `clear_margin`
    below its limit.

    `limits` are (warning, critical), `identity` the check, entity and discriminator of the finding in question.
    """
    severity = level(share, *limits)
    if severity is not None or share < limits[0] - thresholds.clear_margin:
        return severity
    return "warning" if fingerprint_of(*identity) in previous.open_findings - previous.remarks else None


def fingerprint_of(check: str, entity: Entity, discriminator: str = "") -> str:
    """The fingerprint that a finding of this check about this entity would have."""
    return Finding(check, "info", entity, "", "", "", discriminator=discriminator).fingerprint
