"""A Sweep: one Snapshot, what the checks made of it, and what they could not judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class StageTiming:
    """How long one stage took (`collect pve`, `checks`), in seconds, and how many requests it sent, of which
    `slow_requests` were of the slow lane.

    `cpu_s` is the processor time of the whole process meanwhile; None for stages that run at the same time as others.
    """

    stage: str
    wall_s: float
    requests: int = 0
    slow_requests: int = 0
    cpu_s: float | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A finding that nightshift.yaml takes out of the sweep, with the reason and where that stands."""

    finding: Finding
    why: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """The outcome of one sweep.

    `findings` are ranked: each cause is followed by the findings that it explains (`finding.cause` is its
    fingerprint); causes come by severity, then by how much they explain. Resolved findings are in `resolved`, not here.
    `gaps` are those of the snapshot and of the checks that could not judge. What nightshift.yaml leaves out is kept
    apart: `set_aside` are findings, `away` the Gaps of systems that are expected not to answer now, `switched_off` the
    checks that did not run.
    """

    id: str
    snapshot: Snapshot = field(repr=False)  # asyncio.run() writes out a task's result, read or not
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    started_at: datetime
    duration_s: float
    resolved: tuple[Finding, ...] = ()
    profile: tuple[StageTiming, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    away: tuple[Gap, ...] = ()
    switched_off: tuple[str, ...] = ()

    @property
    def causes(self) -> tuple[Finding, ...]:
        """Findings that nothing else explains, most important first."""
        return tuple(finding for finding in self.findings if finding.cause is None)

    def explained_by(self, cause: Finding) -> tuple[Finding, ...]:
        """The findings that `cause` explains, directly."""
        return tuple(finding for finding in self.findings if finding.cause == cause.fingerprint)
