"""From results to the answer: the writer of the intent, or the question back when it was not clear."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from nightshift.agent.builtin.plan import judges_a_part, needs_name
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.story import Story, bullet, joined, one_line
from nightshift.agent.builtin.writers import (
    alert_rules,
    alerts,
    backups,
    changes,
    commands,
    consumers,
    disks,
    figures,
    health,
    impact,
    inspect,
    jobs,
    lists,
    lookup,
    promql,
    reasons,
    recovery,
    restarts,
    runbook,
    slow,
    storage,
    survey,
    talk,
    tasks,
    things,
    watched,
)
from nightshift.agent.builtin.writers.compared import compared
from nightshift.agent.builtin.writers.findings import serious_causes, wrong_now
from nightshift.agent.builtin.writers.gaps import gap_lines
from nightshift.agent.builtin.writers.moves import moved
from nightshift.agent.builtin.writers.rejoinders import provenance, where_else
from nightshift.agent.builtin.writers.subsystems.answer import subsystems

Writer = Callable[[Story], str]


def _tasks(story: Story) -> str:
    """A guest that is saved by a job has no task of its own: its newest backup tells more."""
    if story.question.has("@moved_here") and story.question.of_kind("guest"):
        return moved(story)
    table = story.table("tasks", "task", "outcome")
    without = table is not None and table.kind == "rows" and not table.rows
    if not (without and story.results.get("backups")):
        return tasks.tasks(story)
    parts = [backups.backups(story), tasks.tasks(story) if story.question.has("FAIL") else ""]
    return "\n\n".join(filter(None, parts))


_WRITERS: Mapping[Intent, Writer] = {
    "health": lambda story: where_else(story) or health.health(story),
    "explain": reasons.explain,
    "describe": things.describe,
    "list": lists.listing,
    "metric": figures.metric,
    "rank": survey.survey,
    "compare": figures.compare,
    "storage": storage.storage,
    "consumers": consumers.consumers,
    "disks": disks.disks,
    "backups": backups.backups,
    "recovery": recovery.recovery,
    "restarts": restarts.restarts,
    "slow": slow.slow,
    "backup_jobs": jobs.backup_jobs,
    "alerts": alerts.alerts,
    "inspect": inspect.inspect,
    "alert_rules": alert_rules.alert_rules,
    "tasks": _tasks,
    "changes": changes.changes,
    "runbook": runbook.runbook,
    "promql": promql.promql,
    "find_metrics": promql.find_metrics,
    "targets": watched.targets,
    "sources": watched.sources,
    "action": commands.action,
    "safety": impact.safety,
    "subsystem": subsystems,
    "lookup": lookup.lookup,
    "help": talk.help_text,
    "thanks": talk.thanks,
    "unclear": talk.unclear,
}


def write(story: Story) -> str:
    """The answer. Clear names come before everything: an answer about the wrong thing is worse than a question back."""
    question = story.question
    if needs_name(question):
        return talk.ambiguous(story) if question.ambiguous else talk.unknown(story)
    if story.errors and not story.results:
        return _refused(story)
    first = (_unknown_too(story), talk.unseen(story), provenance(story), "" if question.action else compared(story))
    text = "\n\n".join(filter(None, (*first, _WRITERS[question.intent](story))))
    return "\n\n".join(filter(None, (text, _wrong_beside(story, text))))


def _wrong_beside(story: Story, text: str) -> str:
    """What else is wrong, where one part of everything was judged."""
    if not judges_a_part(story.question):
        return ""
    found = serious_causes(story.findings("health"))
    return wrong_now(story, [finding for finding in found if finding.title not in text])


_NUMBERED = re.compile(r"\d{3,9}|(?=.*\d)(?=[a-z])[\w-]+(?: \d+)?")
_NO_NAMES = frozenset({"runbook", "promql", "find_metrics", "lookup", "unclear", "help", "thanks"})


def _unknown_too(story: Story) -> str:
    """That one of several names fits nothing: `are 104 and 500 running?`"""
    question = story.question
    numbered = [name for name in question.unknown if question.has("@beside_a_stranger") or _NUMBERED.fullmatch(name)]
    if question.intent in _NO_NAMES or question.action or not question.entities or not numbered:
        return ""
    return f"I know nothing called {joined([f'“{one_line(name)}”' for name in numbered])}."


def _refused(story: Story) -> str:
    """Every tool refused: their words are written for whoever called them, so they can be passed on, but for
    the names that they offer, which no evidence holds."""
    text = bullet(dict.fromkeys(one_line(error).partition(" Known: ")[0] for error in story.errors))
    gaps = gap_lines(story.gaps())
    return f"That could not be answered:\n{text}" + (f"\n\nNot seen:\n{bullet(gaps)}" if gaps else "")
