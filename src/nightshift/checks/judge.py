"""Run checks over a Snapshot. What a check cannot see becomes a Gap here, once, so that no check can forget it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nightshift.checks.check import Check
from nightshift.checks.overlap import Told
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import SEVERITY_RANK, CheckResult, Finding
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, Snapshot, not_configured

_METRICS = "metrics."


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one check said, and the Gaps of the data that it had to do with.

    `result.gaps` say what could not be judged. `blind_spots` are the Gaps of all its datasets, those that were only
    partly read too: where there is one, the absence of a finding proves nothing. `waiting` are the keys of the entities
    that the slow lane has not reached: of them neither.
    """

    check: Check
    result: CheckResult
    blind_spots: tuple[Gap, ...]
    waiting: frozenset[str] = frozenset()


def dataset_named(snapshot: Snapshot, name: str) -> Dataset[object]:
    """A dataset by the name that a check gives it; a PromQL row that was not asked is not configured."""
    if name.startswith(_METRICS):
        row: Dataset[object] = snapshot.metrics.get(name.removeprefix(_METRICS), not_configured())  # type: ignore[assignment]
        return row
    dataset = getattr(snapshot, name)
    if not isinstance(dataset, Dataset):
        raise TypeError(f"{name} is no dataset")
    return dataset


def run_checks(
    checks: Iterable[Check], snapshot: Snapshot, previous: Previous, thresholds: Thresholds
) -> tuple[Judgement, ...]:
    """Every check's judgement, in the order of `checks`; what two of them say about one entity is said once."""
    return said_once(judge(check, snapshot, previous, thresholds) for check in checks)


def said_once(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """The judgements, each finding left out that a check with a better source has said already."""
    every = tuple(judgements)
    told = Told.by(finding for judgement in every for finding in judgement.result.findings)
    return tuple(_without_repeats(judgement, told) for judgement in every)


def _without_repeats(judgement: Judgement, told: Told) -> Judgement:
    found = judgement.result.findings
    kept = tuple(finding for finding in found if not told.better(judgement.check, finding))
    return judgement if len(kept) == len(found) else replace(judgement, result=replace(judgement.result, findings=kept))


def judge(check: Check, snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> Judgement:
    """Run one check, unless what it needs is missing.

    A dataset that is not configured makes it silent: a homelab without PBS has no PBS problem. An unavailable one
    gives "could not be checked".
    """
    needed = [dataset_named(snapshot, name) for name in check.datasets]
    optional = [dataset_named(snapshot, name) for name in check.also]
    if any(dataset.state == "not_configured" for dataset in needed):
        return Judgement(check, CheckResult(), ())
    blind_spots = tuple(dict.fromkeys(gap for dataset in (*needed, *optional) for gap in dataset.gaps))
    waiting = frozenset(
        key for dataset in (*needed, *optional) for progress in dataset.progress for key in progress.waiting
    )
    if any(dataset.state == "unavailable" for dataset in needed):
        return Judgement(check, CheckResult(gaps=_unjudged(check, blind_spots)), blind_spots, waiting)
    result = check.run(snapshot, previous, thresholds)
    findings = tuple(_located(finding, check, snapshot) for finding in _each_once(result.findings))
    gaps = (*result.gaps, *_unjudged(check, _gaps_of_unavailable(optional)))
    return Judgement(check, CheckResult(findings, gaps), (*blind_spots, *result.gaps), waiting)


def _each_once(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Of findings with one fingerprint the worst: two monitors that watch the same host tell the same thing twice."""
    once: dict[str, Finding] = {}
    for finding in findings:
        known = once.get(finding.fingerprint)
        if known is None or SEVERITY_RANK[finding.severity] < SEVERITY_RANK[known.severity]:
            once[finding.fingerprint] = finding
    return once.values()


def _gaps_of_unavailable(datasets: Iterable[Dataset[object]]) -> tuple[Gap, ...]:
    return tuple(gap for dataset in datasets if dataset.state == "unavailable" for gap in dataset.gaps)


def _unjudged(check: Check, gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """One Gap a source and kind: that this check could not judge, and why."""
    by_reason = {(gap.source, gap.kind): gap for gap in reversed(tuple(gaps))}
    return tuple(
        replace(gap, dataset=f"check {check.id}", detail=f"{check.title} could not be checked: {gap.detail}")
        for gap in reversed(by_reason.values())
    )


def _located(finding: Finding, check: Check, snapshot: Snapshot) -> Finding:
    """The finding with the Gaps of its data on its evidence: a table never looks more whole than it is."""
    gaps = tuple(gap for name in (*check.datasets, *check.also) for gap in dataset_named(snapshot, name).gaps)
    if not gaps:
        return finding
    evidence = tuple(
        replace(item, gaps=tuple(dict.fromkeys((*item.gaps, *(gap for gap in gaps if gap.source == item.source)))))
        for item in finding.evidence
    )
    return replace(
        finding, evidence=tuple(replace(item, complete=item.complete and not item.gaps) for item in evidence)
    )
