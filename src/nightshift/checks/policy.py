"""What the operator changes about the checks: which run, how bad their findings are, what is left out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from nightshift.checks.check import Check
from nightshift.checks.judge import Judgement, judge, said_once
from nightshift.checks.previous import Previous
from nightshift.checks.selection import Facets, Selector
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import SEVERITY_RANK, CheckResult, Finding, Severity
from nightshift.facts.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The operator's word on one check or family.

    `off`: it does not run. `severity`: all its findings are this severe. `at_most`: none is worse than this.
    `thresholds`: limits that hold for it alone, by name.
    """

    off: bool | None = None
    severity: Severity | None = None
    at_most: Severity | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def over(self, other: Adjustment) -> Adjustment:
        """This one where it says something, else `other`."""
        return Adjustment(
            other.off if self.off is None else self.off,
            self.severity or other.severity,
            self.at_most or other.at_most,
            {**other.thresholds, **self.thresholds},
        )

    def of(self, severity: Severity) -> Severity:
        """The severity that a finding of `severity` gets."""
        chosen = self.severity or severity
        if self.at_most is not None and SEVERITY_RANK[chosen] < SEVERITY_RANK[self.at_most]:
            return self.at_most
        return chosen


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Findings that the operator does not want to hear of, until `until` (aware, None for good).

    `place` is where it stands in nightshift.yaml.
    """

    selector: Selector
    reason: str | None = None
    until: datetime | None = None
    place: str = ""

    def covers(self, facets: Facets, at: datetime) -> bool:
        """Whether a finding with these facets is left out at `at`."""
        return (self.until is None or at < self.until) and self.selector.chooses(facets)

    def __str__(self) -> str:
        return f"excluded by {self.place or 'the settings'}{f': {self.reason}' if self.reason else ''}"


@dataclass(frozen=True, slots=True)
class Policy:
    """`adjustments` by check id or family; a check's own word counts more than its family's."""

    adjustments: Mapping[str, Adjustment] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()

    def adjustment(self, check: Check) -> Adjustment:
        """What holds for one check."""
        none = Adjustment()
        return self.adjustments.get(check.id, none).over(self.adjustments.get(check.family, none))

    def switched_off(self, checks: Iterable[Check]) -> tuple[str, ...]:
        """The ids of the checks that do not run."""
        return tuple(check.id for check in checks if self.adjustment(check).off)


NO_POLICY = Policy()


def judge_all(
    checks: Iterable[Check], snapshot: Snapshot, previous: Previous, thresholds: Thresholds, policy: Policy
) -> tuple[Judgement, ...]:
    """The judgements of all checks that are not switched off, with the severities that the operator wants; what two of
    them say about one entity is said once."""
    judgements = []
    for check in checks:
        adjustment = policy.adjustment(check)
        if not adjustment.off:
            limits = thresholds.changed(adjustment.thresholds)
            judgements.append(_adjusted(judge(check, snapshot, previous, limits), adjustment))
    return said_once(judgements)


def _adjusted(judgement: Judgement, adjustment: Adjustment) -> Judgement:
    if adjustment.severity is None and adjustment.at_most is None:
        return judgement
    findings = tuple(_with_severity(finding, adjustment) for finding in judgement.result.findings)
    return replace(judgement, result=CheckResult(findings, judgement.result.gaps))


def _with_severity(finding: Finding, adjustment: Adjustment) -> Finding:
    severity = adjustment.of(finding.severity)
    return finding if severity == finding.severity else replace(finding, severity=severity)
