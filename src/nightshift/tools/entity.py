"""The `entity` tool: one thing in depth, read live, with everything that is known to concern it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from pydantic import Field

from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity, alert_key
from nightshift.facts.inventory import Guest, GuestConfig, Node
from nightshift.facts.monitoring import Alert
from nightshift.facts.read import Read
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import Sweep
from nightshift.facts.tasks import Task
from nightshift.tools.alerts import ALERT_COLUMNS, RULE_COLUMNS, alert_row, rule_row
from nightshift.tools.around import around
from nightshift.tools.backup_states import BackupStates
from nightshift.tools.backups import COLUMNS as BACKUP_COLUMNS
from nightshift.tools.backups import backup_row, blind_spots
from nightshift.tools.context import ToolContext
from nightshift.tools.health import about, findings_table
from nightshift.tools.inventory import GUEST_COLUMNS, NODE_COLUMNS, TARGET_COLUMNS, guest_row, node_row, target_row
from nightshift.tools.known import known
from nightshift.tools.listings import World
from nightshift.tools.particulars import PARTICULARS, particulars
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.storage import USAGE_COLUMNS, datastore_row, storage_row
from nightshift.tools.tables import sources_of, table
from nightshift.tools.tasks import TASK_COLUMNS, concerns, task_rows, with_reasons

RESOURCES = "GET /cluster/resources"
RECENT = timedelta(hours=48)
TASKS_SHOWN = 8
GUESTS_SHOWN = 40
GUEST_LIVE_COLUMNS = (*GUEST_COLUMNS, *PARTICULARS)
NODE_LIVE_COLUMNS = (
    *NODE_COLUMNS, "load1", "load5", "load15", "iowait_fraction", "swap_used_bytes", "swap_total_bytes", "kernel",
    "cpu_model", "ha_agent",
)  # fmt: skip


class EntityArguments(Arguments):
    name: str = Field(min_length=1, max_length=200, description="name, vmid, IP, host…")


async def entity(ctx: ToolContext, arguments: EntityArguments) -> ToolResult:
    sweep = await ctx.sweep()
    found = EntityIndex.of(sweep.snapshot).resolve(arguments.name)
    now = ctx.clock()
    evidence, gaps = await _itself(ctx, sweep.snapshot, found, now)
    findings = _findings(sweep, found)
    if findings:
        evidence.append(findings_table(sweep, findings, f"Findings about {found.label}", now))
    evidence += around(sweep, found.key, findings, now)
    evidence += _alerts(sweep.snapshot, found, now)
    evidence += await _tasks(ctx, sweep, found, now)
    evidence += _evidence_of(findings)
    return ToolResult(tuple(evidence), findings, tuple(dict.fromkeys((*gaps, *_concerning(sweep, found)))))


async def _itself(
    ctx: ToolContext, snapshot: Snapshot, found: Entity, now: datetime
) -> tuple[list[Evidence], list[Gap]]:
    if found.kind == "guest":
        return await _guest(ctx, snapshot, next(g for g in snapshot.guests if g.entity.key == found.key), now)
    if found.kind == "node":
        return await _node(ctx, snapshot, next(n for n in snapshot.nodes if n.entity.key == found.key), now)
    if found.kind in ("job", "disk", "pool"):
        return list(known(snapshot, found, now)), []
    return [_from_snapshot(snapshot, found, now)], []


def _findings(sweep: Sweep, found: Entity) -> tuple[Finding, ...]:
    alert = next((alert for alert in sweep.snapshot.alerts if _key_of(alert) == found.key), None)
    return about(sweep, found.key, sweep.findings) if alert is None else _why_it_fires(sweep, alert)


def _why_it_fires(sweep: Sweep, alert: Alert) -> tuple[Finding, ...]:
    """The findings that tell of the alert and what explains them; without any, those about what it fires for, unless
    they are about backups and it is not."""
    of_it = [f for f in sweep.findings if f.entity.key in (alert.entity_key, _key_of(alert))]
    own = [f for f in of_it if f.check.startswith("alert.") and alert.name in f.title]
    if not own and alert.state == "firing":
        own = [f for f in of_it if "backup" in alert.name.lower() or not f.check.startswith("backup.")]
    by_fingerprint = {finding.fingerprint: finding for finding in sweep.findings}
    chosen: dict[str, Finding] = {}
    while own:
        chosen |= {finding.fingerprint: finding for finding in own}
        causes = (by_fingerprint.get(finding.cause or "") for finding in own)
        own = [cause for cause in causes if cause is not None and cause.fingerprint not in chosen]
    return tuple(finding for finding in sweep.findings if finding.fingerprint in chosen)


def _key_of(alert: Alert) -> str:
    return alert_key(alert.source, alert.rule_uid, alert.instance_hash)


async def _guest(ctx: ToolContext, snapshot: Snapshot, guest: Guest, now: datetime) -> tuple[list[Evidence], list[Gap]]:
    if any(n.name == guest.node and n.source == guest.source and not n.online for n in snapshot.nodes):
        # Its node is known to be away: asking it again would take seconds and tell the same.
        current: Read[Guest] = Read(guest, guest.source, RESOURCES, snapshot.taken_at)
        config: Read[GuestConfig] = Read(None, guest.source, RESOURCES, snapshot.taken_at)
    else:
        current, config = await asyncio.gather(ctx.live.guest_now(guest), ctx.live.guest_config(guest))
    row = (*guest_row(World(snapshot), current.value or guest), *particulars(snapshot, guest, config.value))
    gaps = [*current.gaps, *config.gaps]
    states = BackupStates(snapshot, await asyncio.to_thread(ctx.sweeper.matrix, await ctx.sweep()))
    state = table(
        guest.source, current.request, f"{guest.entity.label} now", GUEST_LIVE_COLUMNS, [row],
        taken_at=current.taken_at if current.value else snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip
    backup = table(
        sources_of(snapshot.backup_groups, "pbs"), "groups, jobs and vzdump tasks", f"Backups of {guest.entity.label}",
        BACKUP_COLUMNS, [backup_row(states.of(guest), now)],
        taken_at=snapshot.taken_at, now=now, gaps=blind_spots(snapshot),
    )  # fmt: skip
    return [state, backup], [*gaps, *backup.gaps]


async def _node(ctx: ToolContext, snapshot: Snapshot, node: Node, now: datetime) -> tuple[list[Evidence], list[Gap]]:
    read = await ctx.live.node_now(node) if node.online else Read(node, node.source, RESOURCES, snapshot.taken_at)
    current = read.value or node
    load: tuple[Cell, ...] = current.load or (None, None, None)
    swap = (current.swap_used_bytes, current.swap_total_bytes)
    agents = (agent for ha in snapshot.ha for agent in ha.agents if (ha.source, agent.node) == (node.source, node.name))
    agent = next((agent.state for agent in agents), None)
    further = (*swap, current.kernel, current.cpu_model, agent)
    row = (*node_row(snapshot, current), *load, current.iowait_fraction, *further)
    state = table(
        node.source, read.request, f"{node.entity.label} now", NODE_LIVE_COLUMNS, [row],
        taken_at=read.taken_at if read.value else snapshot.taken_at, now=now, gaps=read.gaps,
    )  # fmt: skip
    on_it = [g for g in snapshot.guests if (g.source, g.node) == (node.source, node.name)]
    world = World(snapshot)
    guests = table(
        node.source, RESOURCES, f"Guests on {node.name}", GUEST_COLUMNS,
        (guest_row(world, guest) for guest in on_it),
        taken_at=snapshot.guests.taken_at or snapshot.taken_at, now=now, gaps=snapshot.guests.gaps, limit=GUESTS_SHOWN,
    )  # fmt: skip
    return [state, guests], [*read.gaps, *snapshot.guests.gaps]


def _from_snapshot(snapshot: Snapshot, found: Entity, now: datetime) -> Evidence:
    """Storages, datastores, targets and alerts, as the snapshot has them."""
    columns: tuple[str, ...] = USAGE_COLUMNS
    rows: list[tuple[Cell, ...]] = []
    if found.kind == "storage":
        rows = [storage_row(item, None, now) for item in snapshot.storages if item.entity.key == found.key]
    elif found.kind == "datastore":
        rows = [datastore_row(item, now) for item in snapshot.datastores if item.entity.key == found.key]
    elif found.kind == "target":
        columns = TARGET_COLUMNS
        every = (target_row(snapshot, target) for target in snapshot.targets)
        rows = [row for row in every if row[-1] == found.key]
    elif found.kind == "alert":
        columns = ALERT_COLUMNS
        rows = [row for alert in snapshot.alerts if (row := alert_row(alert, None))[-1] == found.key]
        if not rows:
            columns = RULE_COLUMNS
            rules = (rule for rule in snapshot.alert_rules if alert_key(rule.source, rule.uid, "rule") == found.key)
            rows = [rule_row(rule) for rule in rules]
    return table(found.source, "snapshot", found.label, columns, rows, taken_at=snapshot.taken_at, now=now)


def _alerts(snapshot: Snapshot, found: Entity, now: datetime) -> list[Evidence]:
    rows = [alert_row(a, found) for a in snapshot.alerts if a.entity_key == found.key and a.state != "normal"]
    if not rows:
        return []
    source = sources_of(snapshot.alerts, "grafana")
    return [
        table(source, "GET alerts", f"Alerts about {found.label}", ALERT_COLUMNS, rows,
              taken_at=snapshot.alerts.taken_at or snapshot.taken_at, now=now, gaps=snapshot.alerts.gaps)
    ]  # fmt: skip


async def _tasks(ctx: ToolContext, sweep: Sweep, found: Entity, now: datetime) -> list[Evidence]:
    """The last tasks about it that did not go well, or run now, with the reasons."""
    snapshot = sweep.snapshot
    recent = [
        task
        for task in (*snapshot.tasks, *snapshot.pbs_tasks)
        if task.started_at >= now - RECENT and task.outcome != "ok" and _matters(task, found)
    ]
    recent.sort(key=lambda task: task.started_at, reverse=True)
    told = await with_reasons(ctx, recent[:TASKS_SHOWN])
    if not told:
        return []
    return [
        table(found.source, "tasks of the last 48 h", f"Tasks about {found.label} that did not end well", TASK_COLUMNS,
              task_rows(snapshot, told), taken_at=snapshot.tasks.taken_at or snapshot.taken_at, now=now,
              gaps=snapshot.tasks.gaps)
    ]  # fmt: skip


def _matters(task: Task, found: Entity) -> bool:
    return found.kind in ("guest", "node", "datastore") and concerns(task, found.key)


def _evidence_of(findings: tuple[Finding, ...]) -> list[Evidence]:
    return [item for finding in findings[:3] for item in finding.evidence]


def _concerning(sweep: Sweep, found: Entity) -> list[Gap]:
    """The Gaps of the sweep that may hide something about this entity: those of its own source, of metrics and alerts;
    all of them for what is only a view of something else."""
    if found.kind in ("target", "alert"):
        return list(sweep.gaps)
    return [gap for gap in sweep.gaps if gap.source == found.source or gap.source in ("prometheus", "grafana")]
