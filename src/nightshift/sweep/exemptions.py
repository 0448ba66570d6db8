"""Guests that the operator exempts from backups in nightshift.yaml, by excluding the finding that they have none."""

from __future__ import annotations

from nightshift.checks.absences import Absence
from nightshift.checks.policy import Policy
from nightshift.checks.registry import CHECKS
from nightshift.facts.finding import Finding
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot
from nightshift.sweep.set_aside import SettingAside

_CHECK = "backup.uncovered"


def exempt_from_backups(snapshot: Snapshot, policy: Policy, absences: tuple[Absence, ...]) -> frozenset[str]:
    """Keys of the guests whose lack of a backup job an exclusion covers."""
    if not policy.exclusions:
        return frozenset()
    aside = SettingAside(policy, absences, CHECKS, snapshot)
    return frozenset(guest.entity.key for guest in snapshot.guests if aside.why(_uncovered(guest.entity)) is not None)


def _uncovered(guest: Entity) -> Finding:
    return Finding(_CHECK, "warning", guest, "", "", "")
