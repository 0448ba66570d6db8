"""Give every finding its cause, and put the causes in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.snapshot import Snapshot
from nightshift.sweep.causes.onset import began_not_before, clearly_later, earliest, shown_at
from nightshift.sweep.causes.rule import Rule
from nightshift.sweep.causes.table import RULES
from nightshift.sweep.entities import EntityGraph

_ALERTS = ("alert.firing", "alert.flapping")
_FROM_OUTSIDE = ("probe.", "tls.", "ceph.")
_RUNS_OUT = ("storage.full", "node.rootfs", "container.disk", "guest.filesystem")
_TRIED = 8
_LATELY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Known:
    """A finding with its fingerprint, which costs a hash each time it is asked for."""

    finding: Finding
    fingerprint: str

    @property
    def weight(self) -> tuple[int, str]:
        return SEVERITY_RANK[self.finding.severity], self.fingerprint


def explain(findings: Iterable[Finding], snapshot: Snapshot) -> tuple[Finding, ...]:
    """The findings, each with the cause that explains it, ranked: a cause is followed by all that it explains.

    Causes come known before unknown, then by the worst severity of their group, remarks on what happened lately or
    runs out before those on how things are, checks before mere alerts, then by how much they explain. Chains are told
    from their root: a full datastore explains the alert on the backups that failed because of it.
    """
    every = [_Known(finding, finding.fingerprint) for finding in findings]
    explained = _explained(every, EntityGraph(snapshot))
    groups: dict[str, list[_Known]] = {}
    for item in every:
        root = explained.chain(item.fingerprint)[-1]
        cause = None if root == item.fingerprint else root
        groups.setdefault(root, []).append(_Known(replace(item.finding, cause=cause), item.fingerprint))
    ranked = sorted(groups.items(), key=lambda group: _rank(group[0], group[1], snapshot.taken_at))
    return tuple(item.finding for root, members in ranked for item in sorted(members, key=lambda it: _order(it, root)))


def _explained(every: Sequence[_Known], graph: EntityGraph) -> _Explained:
    """What the rules explain. The first rule that fits wins; of several causes that it offers, the worst."""
    by_check: dict[str, list[_Known]] = {}
    for item in sorted(every, key=lambda item: item.weight):
        by_check.setdefault(item.finding.check, []).append(item)
    found = _Explained(every, graph)
    for rule in RULES:
        reached = _reached(rule, by_check, graph)
        if not reached:
            continue
        for check in sorted(rule.symptoms):
            for symptom in by_check.get(check, ()):
                if symptom.fingerprint not in found.direct:
                    found.explain(symptom, rule, reached)
    return found


def _reached(rule: Rule, by_check: Mapping[str, list[_Known]], graph: EntityGraph) -> dict[str, list[_Known]]:
    """The causes of a rule by every key in their reach."""
    reached: dict[str, list[_Known]] = {}
    for check in sorted(rule.causes):
        for item in by_check.get(check, ()):
            # What cannot be seen now, or is a mere remark, explains nothing: that would hide facts under a guess.
            if item.finding.severity != "info" and item.finding.state != "unknown":
                for key in rule.reach(item.finding, graph):
                    reached.setdefault(key, []).append(item)
    return reached


class _Explained:
    """What is explained so far: `direct` is the fingerprint of its cause by that of each finding."""

    def __init__(self, every: Iterable[_Known], graph: EntityGraph) -> None:
        self.direct: dict[str, str] = {}
        self._graph = graph
        self._began: dict[str, datetime | None] = {}
        self._shown: dict[str, datetime | None] = {}  # of a finding and all that it explains
        for item in every:
            self._began[item.fingerprint] = began_not_before(item.finding, graph)
            self._shown[item.fingerprint] = shown_at(item.finding)

    def explain(self, symptom: _Known, rule: Rule, reached: Mapping[str, list[_Known]]) -> None:
        """Find the cause that a rule offers, if it does. A key that many causes reach (a whole cluster) is no reason to
        look at all of them for every symptom."""
        offered = [item for key in rule.needs(symptom.finding, self._graph) for item in reached.get(key, ())[:_TRIED]]
        shown = self._shown[symptom.fingerprint]
        for cause in sorted(offered, key=lambda item: item.weight):
            chain = self.chain(cause.fingerprint)
            if symptom.fingerprint == chain[-1]:  # else the two would explain each other
                continue
            if any(clearly_later(self._began[it], shown) for it in chain):
                continue
            self.direct[symptom.fingerprint] = cause.fingerprint
            for it in chain:
                self._shown[it] = earliest(self._shown[it], shown)
            return

    def chain(self, fingerprint: str) -> list[str]:
        """A finding, its cause, the cause of that, to the root."""
        chain = [fingerprint]
        while (cause := self.direct.get(chain[-1])) is not None:
            chain.append(cause)
        return chain


def _rank(root: str, members: Sequence[_Known], now: datetime) -> tuple[bool, int, bool, int, int, str]:
    head = next(item.finding for item in members if item.fingerprint == root)
    worst = min(SEVERITY_RANK[item.finding.severity] for item in members)
    standing = worst == SEVERITY_RANK["info"] and (head.since is None or now - head.since > _LATELY)
    standing = standing and head.check not in _RUNS_OUT
    return head.state == "unknown", worst, standing, _distance(head.check), -len(members), head.title


def _distance(check: str) -> int:
    """How far from the trouble itself a check looks: a probe sees from outside that something is broken, not what, and
    Ceph sums up; an alert repeats what somebody once thought worth waking up for."""
    if check in _ALERTS:
        return 2
    return 1 if check.startswith(_FROM_OUTSIDE) else 0


def _order(item: _Known, root: str) -> tuple[bool, int, str]:
    return item.fingerprint != root, SEVERITY_RANK[item.finding.severity], item.finding.title
