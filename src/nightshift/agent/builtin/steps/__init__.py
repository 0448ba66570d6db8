"""The first calls of each intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nightshift.agent.builtin.calls import Call, Names
from nightshift.agent.builtin.intents import Intent
from nightshift.agent.builtin.question import Question
from nightshift.agent.builtin.steps import figures, inspect, subsystems, things, work


def _nothing(_names: Names, _question: Question) -> tuple[Call, ...]:
    return ()


FIRST: Mapping[Intent, Callable[[Names, Question], tuple[Call, ...]]] = {
    "health": things.health,
    "explain": things.explain,
    "describe": things.describe,
    "list": things.listing,
    "metric": figures.metric,
    "rank": figures.rank,
    "compare": figures.compare,
    "storage": figures.storage,
    "consumers": figures.consumers,
    "disks": figures.disks,
    "backups": work.backups,
    "recovery": work.recovery,
    "restarts": things.restarts,
    "slow": things.slow,
    "backup_jobs": work.backup_jobs,
    "alerts": work.alerts,
    "inspect": inspect.inspect,
    "alert_rules": work.alert_rules,
    "tasks": work.tasks,
    "changes": work.changes,
    "runbook": work.runbook,
    "promql": figures.promql,
    "find_metrics": figures.find_metrics,
    "targets": things.targets,
    "sources": things.sources,
    "action": things.action,
    "safety": things.safety,
    "subsystem": subsystems.subsystem,
    "help": _nothing,
    "thanks": _nothing,
    "unclear": _nothing,
}
