"""What the operator does not want to hear of: excluded findings, and what is expected to be away. The one place where
nightshift.yaml takes something out of a sweep; all of it is kept, with the reason, and counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nightshift.checks.absences import Absence, expected_away
from nightshift.checks.check import Check
from nightshift.checks.policy import Policy
from nightshift.checks.selection import Facets
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import key_parts
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import SetAside
from nightshift.sweep.entities import EntityGraph

_AWAY_KINDS = frozenset({"unreachable", "timed_out"})
_NAMES_IN_KEYS: dict[str, tuple[str, ...]] = {
    # The parts of a key after its kind, by what they are; see facts/ids.py.
    "node": ("source", "node"),
    "guest": ("source", "vmid"),
    "storage": ("source", "node", "storage"),
    "datastore": ("source", "datastore"),
    "group": ("source", "datastore"),
    "disk": ("source", "node"),
    "target": ("job", "target"),
    "alert": ("source",),
    "job": ("source",),
    "source": ("source",),
    "cluster": ("source",),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """`findings` and `gaps` are what goes on; `aside` are the findings that were taken out, `away` the Gaps of systems
    that are expected not to answer."""

    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    aside: tuple[SetAside, ...] = ()
    away: tuple[Gap, ...] = ()


class SettingAside:
    """The operator's exclusions and expected absences at the time of one snapshot."""

    def __init__(
        self, policy: Policy, absences: tuple[Absence, ...], checks: Iterable[Check], snapshot: Snapshot
    ) -> None:
        self._policy = policy
        self._absences = absences
        self._checks = {check.id: check for check in checks}
        self._graph = EntityGraph(snapshot)
        self._now = snapshot.taken_at

    def split(self, findings: Iterable[Finding], gaps: Iterable[Gap]) -> Kept:
        """Part what counts from what does not."""
        kept: list[Finding] = []
        aside: list[SetAside] = []
        for finding in findings:
            why = self.why(finding)
            if why is None:
                kept.append(finding)
            else:
                aside.append(SetAside(finding, why))
        given = tuple(gaps)
        away = tuple(gap for gap in given if self._is_away(gap))
        return Kept(tuple(kept), tuple(gap for gap in given if gap not in away), tuple(aside), away)

    def why(self, finding: Finding) -> str | None:
        """The reason for which a finding is set aside, None when it counts."""
        if not self._policy.exclusions and not self._absences:
            return None
        facets = self._facets(finding)
        exclusion = next((item for item in self._policy.exclusions if item.covers(facets, self._now)), None)
        if exclusion is not None:
            return str(exclusion)
        check = self._checks.get(finding.check)
        if finding.state == "unknown" or (check is not None and check.says_absent):
            absence = expected_away(self._absences, facets, self._now)
            return None if absence is None else str(absence)
        return None

    def _is_away(self, gap: Gap) -> bool:
        if gap.kind not in _AWAY_KINDS:
            return False
        return expected_away(self._absences, {"source": (gap.source,)}, self._now) is not None

    def _facets(self, finding: Finding) -> Facets:
        """Everything by which an operator may name what a finding is about."""
        graph, key = self._graph, finding.entity.key
        check = self._checks.get(finding.check)
        facets: dict[str, tuple[str, ...]] = {"check": (finding.check, *((check.family,) if check else ()))}
        kind, parts = key_parts(key)
        for name, part in zip(_NAMES_IN_KEYS.get(kind, ()), parts, strict=False):
            facets[name] = (part,)
        node = graph.node_of(key)
        if node is not None:
            facets["node"] = (key_parts(node)[1][-1],)
            facets.setdefault("source", (key_parts(node)[1][0],))
        guest = graph.guest(graph.machine_of(key) or graph.guest_of_group.get(key, ""))
        if guest is not None:
            facets["guest"] = (guest.name,) if guest.name else ()
            facets["vmid"] = (str(guest.vmid),)
            facets["tag"] = guest.tags
            facets["source"] = (guest.source,)
        return facets


def expired(policy: Policy, now: datetime) -> tuple[str, ...]:
    """Sentences about exclusions that hold no more: something to tidy up."""
    ended = (item for item in policy.exclusions if item.until is not None and item.until <= now)
    return tuple(f"The exclusion at {item.place} has ended: take it out, or give it a later date." for item in ended)
