"""High availability itself: guests that it gave up on, its managers, nodes in maintenance mode."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from nightshift.checks.check import Check
from nightshift.checks.evidence import cluster_of, iso, table
from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.cluster import Ha, HaAgent, HaResource
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.ids import Entity, guest_key, node_key
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_duration

HA_STATUS = "GET /cluster/ha/status/current"
_MAINTENANCE = "maintenance mode"
_AT_WORK_WITHIN = timedelta(hours=24)
_HANDS_ON = frozenset(
    {"vncshell", "spiceshell", "termproxy", "migrateall", "stopall", "startall", "qmigrate", "vzmigrate"}
)
_STATES: dict[str, tuple[Severity, str]] = {
    "error": (
        "critical",
        "High availability gave up on it after its last try failed: it does not start, restart or move it any more.",
    ),
    "fence": (
        "critical",
        "Its node is lost: high availability waits until it is surely off before it starts it elsewhere.",
    ),
    "recovery": ("critical", "Its node was fenced, and no other node could take it over so far."),
}
_DEAD = ("old timestamp - dead?", "unable to read lrm status", "lost_agent_lock", "lost_manager_lock")


def resource(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A guest under high availability that is in error or being fenced. What the operator stopped, disabled or told it
    to ignore is his intent.

    Judges (PVE API: /cluster/ha/status/current):
        {"type": "service", "sid": "ct:103", "node": "pve2", "state": "error", "request_state": "started"}
    """
    guests = {(guest.source, guest.vmid): guest.entity for guest in snapshot.guests}
    return CheckResult(
        tuple(
            _in_trouble(snapshot, item, _guest(item, guests))
            for ha in snapshot.ha
            for item in ha.resources
            if item.state in _STATES
        )
    )


def _guest(item: HaResource, guests: Mapping[tuple[str, int], Entity]) -> Entity | None:
    """The guest that a resource is, by its number alone when the token does not see it; None when its id names none."""
    if item.vmid is None:
        return None
    return guests.get((item.source, item.vmid)) or Entity(guest_key(item.source, item.vmid), item.sid)


def _in_trouble(snapshot: Snapshot, item: HaResource, guest: Entity | None) -> Finding:
    label = guest.label if guest is not None else f"resource {item.sid or 'without an id'}"
    severity, meaning = _STATES[item.state]
    where = f" on {item.node}" if item.node else ""
    remedy = (
        f"`ha-manager status`, then why it failed: `journalctl -u pve-ha-lrm -n 100`{where} and its last start task. "
        f"When that is mended: `ha-manager set {item.sid} --state disabled`, wait until it is `stopped`, then "
        f"`ha-manager set {item.sid} --state started`."
        if item.state == "error"
        else f"`ha-manager status` and `pvecm status` on a node that runs. Bring {item.node or 'its node'} back, or "
        "make sure that it is off; in recovery, see that another node has its disks and enough memory."
    )
    return Finding(
        check="ha.resource",
        severity=severity,
        entity=guest or cluster_of(snapshot, item.source),
        discriminator="" if guest is not None else item.sid,
        title=f"High availability has {label} in state {item.state}",
        detail=f"{meaning} It was wanted {item.requested or 'started'}{where}.",
        remedy=remedy,
        evidence=(
            table(
                snapshot,
                item.source,
                HA_STATUS,
                f"High availability of {label}",
                ("sid", "node", "state", "requested"),
                ((item.sid, item.node, item.state, item.requested),),
            ),
        ),
        runbook="ha.md#steps",
    )


def manager(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """The daemons of high availability: without an active manager nothing is restarted or moved, without its own daemon
    a node's guests are not. Where no guest is managed, idle or old daemons are of no concern.

    Judges (PVE API: /cluster/ha/status/current):
        {"type": "master", "node": "pve1", "status": "pve1 (old timestamp - dead?, Mon Nov 23 06:01:12 2026)"}
        {"type": "lrm", "node": "pve2", "status": "pve2 (active, Mon Nov 23 08:00:02 2026)"}
    """
    findings: list[Finding] = []
    online = {(node.source, node.name) for node in snapshot.nodes if node.online}
    for ha in snapshot.ha:
        if not ha.resources:
            continue
        if ha.master is None or ha.master.state in _DEAD:
            findings.append(_no_manager(snapshot, ha))
        if ha.armed is not None and ha.armed not in ("armed", "standby"):
            findings.append(_disarmed(snapshot, ha, ha.armed))
        findings += (
            _agent_dead(snapshot, ha, agent)
            for agent in ha.agents
            if agent.state in _DEAD and (ha.source, agent.node) in online
        )
    return CheckResult(tuple(findings))


def _agents(snapshot: Snapshot, ha: Ha) -> Evidence:
    agents = [("manager", ha.master)] if ha.master else []
    every = [*agents, *(("node", agent) for agent in ha.agents)]
    return table(
        snapshot,
        ha.source,
        HA_STATUS,
        "Daemons of high availability",
        ("what", "node", "state", "seen_at"),
        ((what, agent.node, agent.state, iso(agent.seen_at)) for what, agent in every),
    )


def _no_manager(snapshot: Snapshot, ha: Ha) -> Finding:
    state = f"its manager on {ha.master.node} says `{ha.master.state}`" if ha.master else "it has no manager"
    return Finding(
        check="ha.manager",
        severity="critical",
        entity=cluster_of(snapshot, ha.source),
        title="High availability has no active manager",
        detail=f"{len(ha.resources)} guests are under high availability, and {state}: none of them is restarted or "
        "moved when something fails.",
        remedy="`ha-manager status`; on the nodes `systemctl status pve-ha-crm` and `journalctl -u pve-ha-crm -n 50`. "
        "It needs quorum (`pvecm status`); a daemon that hangs is started anew with `systemctl restart pve-ha-crm`.",
        evidence=(_agents(snapshot, ha),),
        runbook="ha.md#steps",
    )


def _disarmed(snapshot: Snapshot, ha: Ha, armed: str) -> Finding:
    return Finding(
        check="ha.manager",
        severity="warning",
        entity=cluster_of(snapshot, ha.source),
        discriminator="fencing",
        title=f"Fencing of high availability is {armed}",
        detail=f"{len(ha.resources)} guests are under high availability, and fencing says `{armed}`: a node that "
        "fails is not fenced, and its guests are not started elsewhere.",
        remedy="`ha-manager status` shows it; arm it again when the work that it was switched off for is done.",
        evidence=(_agents(snapshot, ha),),
        runbook="ha.md#steps",
    )


def _agent_dead(snapshot: Snapshot, ha: Ha, agent: HaAgent) -> Finding:
    here = sum(1 for item in ha.resources if item.node == agent.node)
    return Finding(
        check="ha.manager",
        severity="warning",
        entity=Entity(node_key(ha.source, agent.node), agent.node),
        discriminator="lrm",
        title=f"The daemon of high availability on {agent.node} is not alive",
        detail=f"{agent.node} is online, and its pve-ha-lrm says `{agent.state}`: high availability cannot start or "
        f"stop guests there ({here} of its guests are on it).",
        remedy=f"On {agent.node}: `systemctl status pve-ha-lrm watchdog-mux` and `journalctl -u pve-ha-lrm -n 50`; "
        "then `systemctl restart pve-ha-lrm`.",
        evidence=(_agents(snapshot, ha),),
        runbook="ha.md#steps",
    )


def maintenance(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A node in maintenance mode: high availability puts nothing on it. While somebody works there that is as it should
    be; PVE does not tell since when it is, so that this goes by when it was first seen, and by signs of work: a node of
    the cluster that started within a day, different versions, a shell or migrations by hand.

    Judges (PVE API: /cluster/ha/status/current):
        {"type": "lrm", "node": "pve3", "status": "pve3 (maintenance mode, Mon Nov 23 08:00:02 2026)"}
    """
    return CheckResult(
        tuple(
            _in_maintenance(snapshot, ha, agent, previous, thresholds)
            for ha in snapshot.ha
            for agent in ha.agents
            if agent.state == _MAINTENANCE
        )
    )


def _in_maintenance(snapshot: Snapshot, ha: Ha, agent: HaAgent, previous: Previous, thresholds: Thresholds) -> Finding:
    entity = Entity(node_key(ha.source, agent.node), agent.node)
    since = previous.began(fingerprint_of("node.maintenance", entity), snapshot.taken_at)
    work = _signs_of_work(snapshot, ha.source)
    if since is not None:
        age_s = (snapshot.taken_at - since).total_seconds()
        left_on = age_s >= thresholds.node_maintenance_warning_s
        age = (
            f"It has been so for {format_duration(age_s)} at least." if age_s >= 1 else "It has been so since just now."
        )
    else:
        left_on = not work
        age = "Since when, PVE does not tell; it was so at the first look."
    return Finding(
        check="node.maintenance",
        severity="warning" if left_on else "info",
        entity=entity,
        title=f"{agent.node} is {'still ' if left_on else ''}in maintenance mode",
        detail=f"High availability moved its guests away from {agent.node} and starts none there. {age} "
        + (f"There are signs of work: {work}." if work else "Nothing else speaks of work on the cluster."),
        remedy=f"`ha-manager status`; when the work on it is done: `ha-manager crm-command node-maintenance disable "
        f"{agent.node}`.",
        evidence=(_agents(snapshot, ha),),
        since=since,
        runbook="node-maintenance.md#steps",
    )


def _signs_of_work(snapshot: Snapshot, source: str) -> str:
    """What speaks of somebody being at work on a cluster; empty when nothing does."""
    nodes = [node for node in snapshot.nodes if node.source == source and node.online]
    day_s = _AT_WORK_WITHIN.total_seconds()
    started = [node.name for node in nodes if node.uptime_s and node.uptime_s <= day_s]
    if started:
        return f"{', '.join(started)} started within a day"
    if len({node.pve_version for node in nodes if node.pve_version}) > 1:
        return "its nodes run different versions"
    hands = sorted(
        {
            task.worker_type
            for task in snapshot.tasks
            if task.source == source
            and task.worker_type in _HANDS_ON
            and snapshot.taken_at - task.started_at <= _AT_WORK_WITHIN
        }
    )
    return f"tasks {', '.join(hands)} within a day" if hands else ""


CHECKS = (
    Check(
        "ha.resource", "high availability", "critical", ("ha",), resource, "Guests under high availability",
        also=("guests",),
    ),
    Check(
        "ha.manager", "high availability", "critical", ("ha",), manager, "Daemons of high availability",
        also=("nodes", "clusters"),
    ),
    Check(
        "node.maintenance", "high availability", "warning", ("ha",), maintenance, "Maintenance mode left on",
        also=("nodes", "tasks"),
    ),
)  # fmt: skip
