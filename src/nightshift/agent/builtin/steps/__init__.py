"""The first calls of each intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.steps import alerting, figures, inspect, subsystems, things, work
from nightshift.agent.builtin.steps.calls import Call, Names
from nightshift.agent.builtin.steps.metrics import find_metrics, lookup


def _nothing(_names: Names, _question: Question) -> tuple[Call, ...]:
    return ()


def unclear(names: Names, question: Question) -> tuple[Call, ...]:
    """What no intent fits may still be measured: `how warm is it in the living room?`"""
    return () if question.has(*_NO_MEASURE) or question.action else lookup(names, question)


_NO_MEASURE = ("SECRET", "ADVICE", "WILL", "LATER", "PROMISE", "@long_ago", "@inside")
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
    "alerts": alerting.alerts,
    "inspect": inspect.inspect,
    "alert_rules": alerting.alert_rules,
    "tasks": work.tasks,
    "changes": work.changes,
    "runbook": work.runbook,
    "promql": figures.promql,
    "find_metrics": find_metrics,
    "targets": things.targets,
    "sources": things.sources,
    "action": things.action,
    "safety": things.safety,
    "subsystem": subsystems.subsystem,
    "help": _nothing,
    "thanks": _nothing,
    "lookup": lookup,
    "unclear": unclear,
}
