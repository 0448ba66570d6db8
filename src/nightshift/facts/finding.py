"""Findings: what a check holds to be wrong, with a fingerprint that stays the same from sweep to sweep."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nightshift.facts.evidence import Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity

Severity = Literal["critical", "warning", "info"]
FindingState = Literal["new", "ongoing", "resolved", "regressed", "unknown"]
AckKind = Literal["acknowledged", "snoozed", "accepted"]

SEVERITY_RANK: dict[Severity, int] = {"critical": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Ack:
    """An operator's word on a finding. `until` is None for "until it changes"."""

    kind: AckKind
    by: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    `check` is the id of the check that found it (`storage.full`), `title` one line, `detail` the facts in one or two
    sentences, `remedy` what to do next, `runbook` a `file#heading` of the starter runbooks or the operator's.
    `discriminator` tells two findings of one check about one entity apart (a file system's mount point); it is part of
    the fingerprint. `cause` is the fingerprint of the finding that explains this one, set by the sweep.
    `since` is when the fault began as far as the data tells, None when they do not; `first_seen` and `last_seen`
    are when the sweep saw it.
    """

    check: str
    severity: Severity
    entity: Entity
    title: str
    detail: str
    remedy: str
    evidence: tuple[Evidence, ...] = ()
    discriminator: str = ""
    runbook: str | None = None
    since: datetime | None = None
    state: FindingState = "new"
    cause: str | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    ack: Ack | None = None

    @property
    def fingerprint(self) -> str:
        """16 hex digits, stable across sweeps: check, entity and discriminator, nothing that varies with time."""
        identity = f"{self.check}\x00{self.entity.key}\x00{self.discriminator}"
        return hashlib.sha256(identity.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A finding as history keeps it: without evidence, with its times. `resolved_at` is None while it is open."""

    finding: Finding
    first_seen: datetime
    last_seen: datetime
    resolved_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        return self.finding.fingerprint


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check has to say: what is wrong, and what it could not judge."""

    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
