"""What a sweep could see: whether the absence of a finding proves anything, and the Gaps without repetition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from nightshift.checks.judge import Judgement
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot

_CHECK = "check "
_PRIVILEGE = re.compile(r"Grant (\S+) on ")
_FOLDED_FROM = 6
_ALWAYS_SEEN = frozenset({"node.offline", "storage.inactive", "datastore.unavailable", "alert.firing"})


def could_see(snapshot: Snapshot, judgements: Iterable[Judgement]) -> Callable[[Finding], bool]:
    """A predicate: did this sweep have the data to see that the finding is gone?

    A blind spot of a sister source (another PVE cluster) does not matter for an entity of this one. A finding of a
    check that exists no more counts as seen: nobody will ever look again. What is on a node that is offline, or
    behind a target that is down, is out of sight though every request succeeded; so is what the slow lane has not
    reached yet.
    """
    kinds = {status.id: status.kind for status in snapshot.sources}
    judged = {judgement.check.id: judgement for judgement in judgements}
    hidden = hidden_entities(snapshot)
    offline = {f"{node.source}/{node.name}" for node in snapshot.nodes if not node.online}

    def matters(gap: Gap, entity: Entity) -> bool:
        source = entity.source
        sister = source in kinds and gap.source != source and kinds.get(gap.source) == kinds[source]
        elsewhere = bool(gap.hides) and entity.key not in gap.hides
        return gap.kind != "not_configured" and not sister and not elsewhere

    def saw(finding: Finding) -> bool:
        unseen = finding.entity.key in hidden or _place_of(finding.entity) in offline
        if unseen and finding.check not in _ALWAYS_SEEN:
            return False
        judgement = judged.get(finding.check)
        if judgement is None:
            return True
        if finding.entity.key in judgement.waiting:
            return False
        return not any(matters(gap, finding.entity) for gap in judgement.blind_spots)

    return saw


def _place_of(entity: Entity) -> str | None:
    """`pve/pve1` of a disk, pool or storage of one node."""
    if entity.kind not in ("disk", "pool", "storage"):
        return None
    source, node = entity.key.partition(":")[2].split("/")[:2]
    return f"{source}/{node}"


def hidden_entities(snapshot: Snapshot) -> frozenset[str]:
    """Keys of the entities that no source can tell anything about now."""
    offline = {(node.source, node.name) for node in snapshot.nodes if not node.online}
    keys = {node.entity.key for node in snapshot.nodes if not node.online}
    keys |= {
        guest.entity.key
        for guest in snapshot.guests
        if guest.status == "unknown" or (guest.source, guest.node) in offline
    }
    keys |= {target.entity_key for target in snapshot.targets if target.health == "down" and target.entity_key}
    keys |= {item.entity.key for item in snapshot.storages if not item.active}
    keys |= {item.entity.key for item in snapshot.datastores if item.error is not None}
    return frozenset(keys)


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
            datasets.setdefault(replace(gap, dataset="", hides=()), {})[gap.dataset] = None
    told = [replace(gap, dataset=_folded(names)) for gap, names in _by_privilege(datasets).items()]
    return (*told, *(_one_for_all(group) for group in checks.values()))


def _by_privilege(datasets: dict[Gap, dict[str, None]]) -> dict[Gap, dict[str, None]]:
    """What one privilege would show is one Gap, on however many nodes it is missing; that of the highest path stands
    for all, since a grant there covers what is below."""
    groups: dict[tuple[str, str], list[Gap]] = {}
    for gap in datasets:
        missing = _PRIVILEGE.match(gap.fix or "") if gap.kind == "forbidden" else None
        if missing is not None:
            groups.setdefault((gap.source, missing.group(1)), []).append(gap)
    folded = dict(datasets)
    for group in groups.values():
        first = min(group, key=lambda gap: len(gap.fix or ""))
        names = dict.fromkeys(name for gap in group for name in datasets[gap])
        if len(group) > 1:
            folded = {gap: kept for gap, kept in folded.items() if gap not in group or gap is first}
            folded[first] = names
    return folded


def _one_for_all(group: list[Gap]) -> Gap:
    names = list(dict.fromkeys(gap.dataset.removeprefix(_CHECK) for gap in group))
    if len(names) == 1:
        return group[0]
    return replace(group[0], dataset="checks", detail=f"{len(names)} checks could not be judged: {_folded(names)}.")


def _folded(names: Iterable[str]) -> str:
    """`node.oom_kills, host.* (24)`: a hundred names of few families are told by their families."""
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(name.partition(".")[0], []).append(name)
    told = (
        (f"{family}.* ({len(members)})",) if len(members) >= _FOLDED_FROM else tuple(members)
        for family, members in families.items()
    )
    return ", ".join(name for part in told for name in part)
