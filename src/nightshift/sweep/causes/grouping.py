"""Give every finding its cause, and put the causes in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.snapshot import Snapshot
from nightshift.sweep.causes.rule import Rule
from nightshift.sweep.causes.table import RULES
from nightshift.sweep.entities import EntityGraph

_ALERT = "alert.firing"
_FROM_OUTSIDE = ("probe.", "tls.")
_TRIED = 8


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

    Causes come known before unknown, then by the worst severity of their group, checks before mere alerts, then by how
    much they explain. Chains are told from their root: a full datastore explains the alert on the backups that failed
    because of it.
    """
    every = [_Known(finding, finding.fingerprint) for finding in findings]
    direct = _direct_causes(every, EntityGraph(snapshot))
    groups: dict[str, list[_Known]] = {}
    for item in every:
        root = _root(item.fingerprint, direct)
        cause = None if root == item.fingerprint else root
        groups.setdefault(root, []).append(_Known(replace(item.finding, cause=cause), item.fingerprint))
    ranked = sorted(groups.items(), key=lambda group: _rank(*group))
    return tuple(item.finding for root, members in ranked for item in sorted(members, key=lambda it: _order(it, root)))


def _direct_causes(every: Sequence[_Known], graph: EntityGraph) -> dict[str, str]:
    """The fingerprint of its cause by the fingerprint of each finding that a rule explains. The first rule that fits
    wins; of several causes that it offers, the worst."""
    by_check: dict[str, list[_Known]] = {}
    for item in sorted(every, key=lambda item: item.weight):
        by_check.setdefault(item.finding.check, []).append(item)
    direct: dict[str, str] = {}
    for rule in RULES:
        reached = _reached(rule, by_check, graph)
        if not reached:
            continue
        for check in sorted(rule.symptoms):
            for symptom in by_check.get(check, ()):
                if symptom.fingerprint not in direct:
                    cause = _cause_of(symptom, rule, reached, direct, graph)
                    if cause is not None:
                        direct[symptom.fingerprint] = cause
    return direct


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


def _cause_of(
    symptom: _Known, rule: Rule, reached: Mapping[str, list[_Known]], direct: Mapping[str, str], graph: EntityGraph
) -> str | None:
    # A key that many causes reach (a whole cluster) is no reason to look at all of them for every symptom.
    offered = [item for key in rule.needs(symptom.finding, graph) for item in reached.get(key, ())[:_TRIED]]
    for cause in sorted(offered, key=lambda item: item.weight):
        if _root(cause.fingerprint, direct) != symptom.fingerprint:  # else the two would explain each other
            return cause.fingerprint
    return None


def _root(fingerprint: str, direct: Mapping[str, str]) -> str:
    while (cause := direct.get(fingerprint)) is not None:
        fingerprint = cause
    return fingerprint


def _rank(root: str, members: Sequence[_Known]) -> tuple[bool, int, int, int, str]:
    head = next(item.finding for item in members if item.fingerprint == root)
    worst = min(SEVERITY_RANK[item.finding.severity] for item in members)
    return head.state == "unknown", worst, _distance(head.check), -len(members), head.title


def _distance(check: str) -> int:
    """How far from the trouble itself a check looks: a probe sees from outside that something is broken, not what; an
    alert repeats what somebody once thought worth waking up for."""
    if check == _ALERT:
        return 2
    return 1 if check.startswith(_FROM_OUTSIDE) else 0


def _order(item: _Known, root: str) -> tuple[bool, int, str]:
    return item.fingerprint != root, SEVERITY_RANK[item.finding.severity], item.finding.title
