"""Which finding explains which others, by explicit rules over the entity graph; and in what order they are told.

A wall of symptoms hides its cause. Each rule names what may explain what and how the two have to hang together; the
first rule that fits gives a finding its cause. What stays unexplained is a cause itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.snapshot import Snapshot
from nightshift.sweep.entities import EntityGraph

Related = Callable[[Finding, Finding, EntityGraph], bool]

_ALERT = "alert.firing"
_OOM_WORDS = ("oom", "out of memory", "outofmemory", "memory")


@dataclass(frozen=True, slots=True)
class Rule:
    """`causes` and `symptoms` are check ids; `related` tells whether this cause explains that symptom."""

    id: str
    meaning: str
    causes: frozenset[str]
    symptoms: frozenset[str]
    related: Related


def explain(findings: Iterable[Finding], snapshot: Snapshot) -> tuple[Finding, ...]:
    """The findings, each with the cause that explains it, ranked: a cause is followed by all that it explains.

    Causes come known before unknown, then by the worst severity of their group, checks before mere alerts, then by how
    much they explain. Chains are told from their root: a full datastore explains the alert on the backups that failed
    because of it.
    """
    graph = EntityGraph(snapshot)
    every = tuple(findings)
    direct = {symptom.fingerprint: cause for symptom in every if (cause := _cause_of(symptom, every, graph))}
    roots = {item.fingerprint: _root(item.fingerprint, direct) for item in every}
    told = [
        replace(item, cause=None if (root := roots[item.fingerprint]) == item.fingerprint else root) for item in every
    ]
    groups: dict[str, list[Finding]] = {}
    for item in told:
        groups.setdefault(item.cause or item.fingerprint, []).append(item)
    ranked = sorted(groups.items(), key=lambda group: _rank(*group))
    return tuple(item for root, members in ranked for item in sorted(members, key=lambda item: _order(item, root)))


def _cause_of(symptom: Finding, findings: Iterable[Finding], graph: EntityGraph) -> str | None:
    """The fingerprint of the finding that explains this one, by the first rule that fits."""
    for rule in RULES:
        if symptom.check not in rule.symptoms:
            continue
        for cause in sorted(findings, key=_weight):
            if _may_explain(cause, symptom, rule) and rule.related(cause, symptom, graph):
                return cause.fingerprint
    return None


def _may_explain(cause: Finding, symptom: Finding, rule: Rule) -> bool:
    # What cannot be seen now, or is a mere remark, explains nothing: that would hide what is seen under a guess.
    weighty = cause.severity != "info" and cause.state != "unknown"
    return weighty and cause.check in rule.causes and cause.fingerprint != symptom.fingerprint


def _root(fingerprint: str, direct: dict[str, str]) -> str:
    seen = {fingerprint}
    while (cause := direct.get(fingerprint)) is not None and cause not in seen:
        seen.add(cause)
        fingerprint = cause
    return fingerprint


def _weight(finding: Finding) -> tuple[int, str]:
    return SEVERITY_RANK[finding.severity], finding.fingerprint


def _rank(root: str, members: list[Finding]) -> tuple[bool, int, bool, int, str]:
    head = next((item for item in members if item.fingerprint == root), members[0])
    worst = min(SEVERITY_RANK[item.severity] for item in members)
    # An alert repeats what somebody once thought worth waking up for; a check says what is the matter.
    return head.state == "unknown", worst, head.check == _ALERT, -len(members), head.title


def _order(finding: Finding, root: str) -> tuple[bool, int, str]:
    return finding.fingerprint != root, SEVERITY_RANK[finding.severity], finding.title


def _on_the_node(cause: Finding, symptom: Finding, graph: EntityGraph) -> bool:
    return symptom.entity.key in graph.on_node(cause.entity.key)


def _same_source(cause: Finding, symptom: Finding, _graph: EntityGraph) -> bool:
    return cause.entity.source == symptom.entity.source


def _same_entity(cause: Finding, symptom: Finding, _graph: EntityGraph) -> bool:
    return cause.entity.key == symptom.entity.key


def _on_its_node(cause: Finding, symptom: Finding, _graph: EntityGraph) -> bool:
    """A storage that is gone (everywhere, or on one node) and a node of the same cluster."""
    where = cause.entity.key.split("/")[1]
    return _same_source(cause, symptom, _graph) and where in ("shared", symptom.entity.key.rpartition("/")[2])


def _in_the_datastore(cause: Finding, symptom: Finding, graph: EntityGraph) -> bool:
    """Whatever is about the datastore, the PVE storages that are it, or a single guest whose backups go there; an alert
    may say so itself, in its label."""
    storages = graph.storages_of_datastore.get(cause.entity.key, frozenset())
    if symptom.entity.key == cause.entity.key or symptom.entity.key in storages:
        return True
    names = {key.rpartition("/")[2] for key in storages}
    if symptom.check == "backup.failed":
        return symptom.discriminator in names
    if symptom.check == _ALERT:
        label = graph.alert_labels.get(symptom.discriminator, {}).get("datastore")
        return label is not None and label == cause.entity.key.rpartition("/")[2]
    if symptom.check == "backup.stale":
        return any(symptom.entity.key in graph.guests_saved_to_storage.get(key, ()) for key in storages)
    return False


def _to_the_storage(cause: Finding, symptom: Finding, graph: EntityGraph) -> bool:
    name = cause.entity.key.rpartition("/")[2]
    if symptom.check == "backup.failed":
        return _same_source(cause, symptom, graph) and symptom.discriminator == name
    return _same_entity(cause, symptom, graph)


def _killed_by_its_host(cause: Finding, symptom: Finding, graph: EntityGraph) -> bool:
    """What is about the guest itself; and what its node says of processes killed for memory."""
    if symptom.entity.key == cause.entity.key or symptom.entity.key in graph.targets_of.get(cause.entity.key, ()):
        return True
    if symptom.entity.key != graph.node_of_guest.get(cause.entity.key):
        return False
    name = graph.alert_names.get(symptom.discriminator, "").lower()
    return symptom.check == "node.oom_kills" or any(word in name for word in _OOM_WORDS)


def _of_the_target(cause: Finding, symptom: Finding, graph: EntityGraph) -> bool:
    """An alert on the instance that is down, or on its whole job."""
    labels = graph.alert_labels.get(symptom.discriminator, {})
    instance = graph.instance_of_target.get(cause.entity.key)
    if "instance" in labels:
        return labels["instance"].lower() == instance
    return labels.get("job") is not None and labels["job"] == graph.job_of_target.get(cause.entity.key)


_ANYTHING_BUT_ALERTS = frozenset(
    {
        "cluster.quorum",
        "node.offline",
        "node.statistics_stuck",
        "node.memory",
        "node.rootfs",
        "node.oom_kills",
        "storage.inactive",
        "storage.full",
        "datastore.unavailable",
        "datastore.full",
        "datastore.filling",
        "datastore.gc",
        "server.task_failed",
        "backup.failed",
        "backup.uncovered",
        "backup.stale",
        "guest.restart_loop",
        "guest.memory",
        "guest.state",
        "filesystem.full",
        "container.disk",
    }
)

RULES: tuple[Rule, ...] = (
    Rule(
        "node-offline",
        "A node that is offline takes its guests, what is scraped on them, their backups and alerts with it.",
        frozenset({"node.offline"}),
        frozenset(
            {
                "target.down",
                "backup.failed",
                "backup.stale",
                "filesystem.full",
                "container.disk",
                "guest.memory",
                "node.memory",
                _ALERT,
            }
        ),
        _on_the_node,
    ),
    Rule(
        "nodes-missing",
        "A cluster loses its quorum because nodes are offline.",
        frozenset({"node.offline"}),
        frozenset({"cluster.quorum"}),
        _same_source,
    ),
    Rule(
        "storage-gone",
        "A storage that does not answer stalls the statistics of the nodes that use it.",
        frozenset({"storage.inactive"}),
        frozenset({"node.statistics_stuck"}),
        _on_its_node,
    ),
    Rule(
        "datastore-full",
        "A datastore that is full or broken fails the backups to it; the storage in PVE is the same space.",
        frozenset({"datastore.full", "datastore.unavailable"}),
        frozenset(
            {
                "backup.failed",
                "backup.stale",
                "storage.full",
                "storage.inactive",
                "datastore.filling",
                "datastore.gc",
                "server.task_failed",
                _ALERT,
            }
        ),
        _in_the_datastore,
    ),
    Rule(
        "datastore-filling",
        "Alerts and the storage in PVE tell of the same growth.",
        frozenset({"datastore.filling"}),
        frozenset({"storage.full", _ALERT}),
        _in_the_datastore,
    ),
    Rule(
        "backup-storage",
        "Backups to a storage that is full or gone fail.",
        frozenset({"storage.inactive", "storage.full"}),
        frozenset({"backup.failed", _ALERT}),
        _to_the_storage,
    ),
    Rule(
        "restart-loop",
        "A guest that is killed again and again explains its memory, its targets, and the kills that its node counts.",
        frozenset({"guest.restart_loop"}),
        frozenset({"guest.memory", "node.oom_kills", "target.down", _ALERT}),
        _killed_by_its_host,
    ),
    Rule(
        "target-down",
        "Alerts on an instance that cannot be scraped say no more than that.",
        frozenset({"target.down"}),
        frozenset({_ALERT}),
        _of_the_target,
    ),
    Rule(
        "same-entity",
        "An alert about an entity that a finding already explains is its symptom.",
        _ANYTHING_BUT_ALERTS,
        frozenset({_ALERT}),
        _same_entity,
    ),
)
