"""What a sweep could see: whether the absence of a finding proves anything, and the Gaps without repetition."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from nightshift.checks.judge import Judgement
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Snapshot

_CHECK = "check "


def could_see(snapshot: Snapshot, judgements: Iterable[Judgement]) -> Callable[[Finding], bool]:
    """A predicate: did this sweep have the data to see that the finding is gone?

    A blind spot of a sister source (another PVE cluster) does not matter for an entity of this one. A finding of a
    check that exists no more counts as seen: nobody will ever look again.
    """
    kinds = {status.id: status.kind for status in snapshot.sources}
    blind = {judgement.check.id: judgement.blind_spots for judgement in judgements}

    def matters(gap: Gap, source: str) -> bool:
        sister = source in kinds and gap.source != source and kinds.get(gap.source) == kinds[source]
        return gap.kind != "not_configured" and not sister

    def saw(finding: Finding) -> bool:
        return not any(matters(gap, finding.entity.source) for gap in blind.get(finding.check, ()))

    return saw


def merged(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """The same unknowns in fewer words: one Gap for all datasets that one failure hides, one for all checks.

    Twelve requests that were refused for the same reason are one thing to mend.
    """
    datasets: dict[Gap, dict[str, None]] = {}
    checks: dict[tuple[str, str], list[Gap]] = {}
    for gap in gaps:
        if gap.dataset.startswith(_CHECK):
            checks.setdefault((gap.source, gap.kind), []).append(gap)
        else:
            datasets.setdefault(replace(gap, dataset=""), {})[gap.dataset] = None
    told = [replace(gap, dataset=", ".join(names)) for gap, names in datasets.items()]
    return (*told, *(_one_for_all(group) for group in checks.values()))


def _one_for_all(group: list[Gap]) -> Gap:
    names = list(dict.fromkeys(gap.dataset.removeprefix(_CHECK) for gap in group))
    if len(names) == 1:
        return group[0]
    return replace(group[0], dataset="checks", detail=f"{len(names)} checks could not be judged: {', '.join(names)}.")
