"""Every tool that an agent may call, in the order in which a model should think of them."""

from __future__ import annotations

from nightshift.tools.alerts import AlertRulesArguments, AlertsArguments, alert_rules, alerts
from nightshift.tools.backups import BackupsArguments, backups
from nightshift.tools.disks import DisksArguments, disks
from nightshift.tools.entity import EntityArguments, entity
from nightshift.tools.find_metrics import FindMetricsArguments, find_metrics
from nightshift.tools.health import HealthArguments, health
from nightshift.tools.impact import ImpactArguments, impact
from nightshift.tools.inventory import InventoryArguments, inventory
from nightshift.tools.metrics import (
    MetricsArguments,
    PromqlArguments,
    metrics,
    promql,
)
from nightshift.tools.restarts import RestartsArguments, restarts
from nightshift.tools.runbooks import RunbooksArguments, runbooks
from nightshift.tools.spec import Arguments, ToolResult, ToolSpec
from nightshift.tools.storage import StorageArguments, storage
from nightshift.tools.subsystems.subsystem import SubsystemArguments, subsystem
from nightshift.tools.tasks import TaskLogArguments, TasksArguments, task_log, tasks
from nightshift.tools.volumes import VolumesArguments, volumes

__all__ = ["TOOLS", "Arguments", "ToolResult", "ToolSpec", "tool"]

TOOLS: tuple[ToolSpec, ...] = (
    ToolSpec(
        "health",
        "What is wrong now: findings by cause, remedies, what could not be checked.",
        HealthArguments,
        health,
    ),
    ToolSpec(
        "entity",
        "One guest, node, storage, target… in depth: live state, findings, alerts, backups, failed tasks.",
        EntityArguments,
        entity,
    ),
    ToolSpec(
        "impact",
        "What happens if a node fails: which guests restart elsewhere or stay down, quorum, memory, what goes too.",
        ImpactArguments,
        impact,
    ),
    ToolSpec(
        "restarts",
        "Since when a guest or node runs, and what is known of why it restarted; empty name: all that did.",
        RestartsArguments,
        restarts,
    ),
    ToolSpec("inventory", "Lists with current figures: counts, states, top-n.", InventoryArguments, inventory),
    ToolSpec(
        "metrics",
        "A quantity of one guest, node or storage over time, with exact statistics.",
        MetricsArguments,
        metrics,
    ),
    ToolSpec(
        "storage",
        "Fill level and time to full of storages, backup datastores, file systems.",
        StorageArguments,
        storage,
    ),
    ToolSpec("disks", "Disks of the nodes: SMART, pool, serial; which one to pull.", DisksArguments, disks),
    ToolSpec("volumes", "What takes the space of a PVE storage, by volume.", VolumesArguments, volumes),
    ToolSpec(
        "backups", "Per guest: newest backup, covering job, last failure, blind spots.", BackupsArguments, backups
    ),
    ToolSpec(
        "subsystem",
        "One part of the systems: what was read of it, when it last ran or ends, what is wrong with it.",
        SubsystemArguments,
        subsystem,
    ),
    ToolSpec("alerts", "Alerts firing or pending in Grafana and Prometheus.", AlertsArguments, alerts),
    ToolSpec("alert_rules", "Alert rules with query and health.", AlertRulesArguments, alert_rules),
    ToolSpec("tasks", "Tasks of PVE and PBS with reasons of failures.", TasksArguments, tasks),
    ToolSpec("task_log", "The log of one task from the tasks list.", TaskLogArguments, task_log),
    ToolSpec("runbooks", "Search the operator's runbooks.", RunbooksArguments, runbooks),
    ToolSpec("promql", "Run a PromQL expression.", PromqlArguments, promql),
    ToolSpec("find_metrics", "Find metric names by words.", FindMetricsArguments, find_metrics),
)


def tool(name: str) -> ToolSpec:
    """The tool of that name; KeyError when there is none."""
    return {spec.name: spec for spec in TOOLS}[name]
