"""Guests that are off although somebody wants them on."""

from __future__ import annotations

from datetime import datetime

from nightshift.checks.check import Check
from nightshift.checks.guest_tasks import STARTS, STOPS, guest_history, pulled_down, state_and_tasks
from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.instances import entity_of_host
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.facts.units import format_age

_RUNBOOK = "guest-stopped.md#steps"
_HA_WANTS_IT_ON = ("started", "request_start", "starting")
_NODE_STARTING_S = 900  # a node that has just started is still starting its guests


def stopped(snapshot: Snapshot, previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A guest that is off although HA or its host's start order wants it on, or that ran when it was last seen.

    Judges (PVE API: /cluster/resources, …/config, /nodes/{node}/tasks?vmid=101):
        {"id": "qemu/101", "status": "stopped", "node": "pve1", "hastate": "started"}      {"onboot": 1}
        {"type": "qmshutdown", "id": "101", "user": "anna@pam", "starttime": 1795450000, "status": "OK"}
    HA overrides `onboot`: what it holds as stopped, disabled or ignored is the operator's wish. Who was shut down by
    somebody is off on purpose: that is a remark, unless a target in it is still watched or a storage that it serves is
    missed. A shutdown from inside leaves no task.
    """
    history = guest_history(snapshot)
    onboot = {(config.source, config.vmid): config.onboot for config in snapshot.guest_configs}
    unknown = {key for gap in snapshot.guest_tasks.gaps for key in gap.hides}
    unread = {key for progress in snapshot.guest_tasks.progress for key in progress.waiting}
    starting = {
        (node.source, node.name)
        for node in snapshot.nodes
        if not node.online or (node.uptime_s is not None and node.uptime_s < _NODE_STARTING_S)
    }
    watched = {target.entity_key for target in snapshot.targets if target.health == "down"} | _serving(snapshot)
    findings = []
    for guest in snapshot.guests:
        if guest.status != "stopped" or guest.template or guest.lock == "suspended":
            continue
        wish = _wish(guest, onboot.get((guest.source, guest.vmid)), previous)
        if wish is None or history.is_busy(guest) or (guest.source, guest.node) in starting:
            continue
        if guest.entity.key not in unread:
            key = guest.entity.key
            told = history.knows_node_of(guest) and key not in unknown and snapshot.guest_tasks.state != "unavailable"
            stopped_at = previous.since.get(fingerprint_of("guest.stopped", guest.entity))
            done = history.of(guest) if told else None
            findings.append(_off(snapshot, guest, wish, done, stopped_at, watched=key in watched))
    return CheckResult(tuple(findings))


def _serving(snapshot: Snapshot) -> set[str]:
    """Keys of the guests that serve a storage which does not answer."""
    missed = {(storage.source, storage.name) for storage in snapshot.storages if not storage.active}
    servers = (
        entity_of_host(snapshot.names, config.server)
        for config in snapshot.storage_configs
        if config.server and (config.source, config.name) in missed
    )
    return {server.key for server in servers if server is not None}


def _wish(guest: Guest, onboot: bool | None, previous: Previous) -> str | None:
    """Who wants it on, in words; None when nobody is known to."""
    if guest.ha_state is not None:
        return "high availability wants it on" if guest.ha_state in _HA_WANTS_IT_ON else None
    if onboot:
        return "it is to start with its host"
    key = guest.entity.key
    ran = previous.uptimes_s.get(key, 0) > 0 or fingerprint_of("guest.stopped", guest.entity) in previous.open_findings
    return "it ran when it was last seen" if ran else None


def _off(
    snapshot: Snapshot,
    guest: Guest,
    wish: str,
    done: tuple[Task, ...] | None,
    stopped_at: datetime | None,
    *,
    watched: bool,
) -> Finding:
    """`done` are its tasks, None when they are not known; `stopped_at`, when it was shut down as an earlier sweep saw,
    whose task may be out of sight by now; `watched`, whether a target in it, or a storage of it, is missed."""
    tasks = tuple(task for task in done or () if task.worker_type in (*STOPS, *STARTS))
    last = tasks[0] if tasks else None
    severity, title, why = _verdict(snapshot, guest, last, watched)
    if last is None and stopped_at is not None:
        severity, title = "warning" if watched else "info", f"{guest.entity.label} is off"
        why = f"It was shut down {format_age(stopped_at, snapshot.taken_at)}, as an earlier sweep saw."
    elif done is None:
        severity, title = "warning", f"{guest.entity.label} is off"
        why = f"Its tasks on {guest.node} cannot be read: who stopped it is not known."
    severity = severity if wish != "it ran when it was last seen" or severity == "info" else "warning"
    tool = "qm" if guest.kind == "qemu" else "pct"
    return Finding(
        check="guest.stopped",
        severity=severity,
        entity=guest.entity,
        title=title,
        detail=f"{guest.entity.label} on {guest.node} is off, and {wish}. {why}",
        remedy=f"On {guest.node}: `{tool} start {guest.vmid}`, and `journalctl --since -1d | grep -E "
        f"'\\b{guest.vmid}\\b'` for what happened. If it is to stay off: `{tool} set {guest.vmid} --onboot 0`"
        f"{', and `ha-manager set' + _sid(guest) + ' --state stopped`' if guest.ha_state else ''}.",
        since=(last.started_at if last.worker_type in STOPS else None) if last is not None else stopped_at,
        evidence=state_and_tasks(
            snapshot,
            guest,
            f"State of {guest.entity.label}",
            {"ha_state": guest.ha_state},
            tasks,
            f"Starts and stops of {guest.entity.label}",
        ),
        runbook=_RUNBOOK,
    )


def _sid(guest: Guest) -> str:
    return f" {'vm' if guest.kind == 'qemu' else 'ct'}:{guest.vmid}"


def _verdict(snapshot: Snapshot, guest: Guest, last: Task | None, watched: bool) -> tuple[Severity, str, str]:
    """Severity, title, and one sentence on how it went off."""
    label = guest.entity.label
    if last is not None and last.worker_type in STARTS and last.outcome == "failed":
        age = format_age(last.started_at, snapshot.taken_at)
        return "critical", f"{label} does not start", f"The last start ({age}) failed: {last.status}."
    if last is not None and last.worker_type in STOPS and last.outcome in ("ok", "warnings"):
        age = format_age(last.started_at, snapshot.taken_at)
        if pulled_down(last, snapshot):
            return "critical", f"{label} did not come back", f"It was shut down with its node {age}."
        severity: Severity = "warning" if watched else "info"
        return severity, f"{label} is off: {last.user} shut it down", f"{last.user} shut it down {age}."
    return (
        "critical",
        f"{label} is off, and nobody stopped it",
        "There is no task that stopped it: it crashed, or was shut down from inside.",
    )


CHECKS = (
    Check(
        "guest.stopped",
        "guests",
        "critical",
        ("guests",),
        stopped,
        "Guests that are off although they should be on",
        also=("guest_configs", "guest_tasks", "tasks", "nodes", "targets", "storages", "storage_configs"),
        says_absent=True,
    ),
)
