"""What a conversation is about after an answer: what `why?`, `since when?` and `the second one` mean then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nightshift.agent.builtin.plan import judges_a_part
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import MOST_LISTED, Topic
from nightshift.agent.builtin.story import Story
from nightshift.agent.builtin.writers.alert_rules import is_watchdog
from nightshift.agent.builtin.writers.findings import serious_causes
from nightshift.facts.ids import Entity
from nightshift.tools.backup_states import NONE_FOUND

# The tool and the column by which the rows of an answer that lists things are its things.
_LISTS: Mapping[Intent, tuple[str, str]] = {
    "alerts": ("alerts", "alert"),
    "list": ("inventory", "vmid"),
    "rank": ("inventory", "vmid"),
    "subsystem": ("subsystem", "key"),
    "disks": ("disks", "serial"),
    "storage": ("storage", "free_bytes"),
    "restarts": ("restarts", "uptime_s"),
}
_TELLING = ("health", "entity", "subsystem", "disks", "storage")
# What is wrong stands beside what these were asked for, and is not what `since when?` means after them.
_TELL_BESIDE: frozenset[Intent] = frozenset({"alerts", "tasks"})
NO_BACKUP = "backup.uncovered"


def topic_after(story: Story) -> Topic:
    """What was asked about; and what the answer brought up: the first cause, the guests without a backup, a list."""
    topic = story.question.topic
    listed = _listed(story)
    beside = judges_a_part(story.question) or (
        story.question.intent in _TELL_BESIDE and bool(listed or not story.question.has("FAIL", "WRONG"))
    )
    listed = listed or topic.listed
    telling = [tool for tool in _TELLING if not (beside and tool == "health")]
    causes = serious_causes(story.findings(*telling))
    if causes:
        own = [finding for finding in causes if not topic.entities or finding.entity in topic.entities]
        first = (own or causes)[0]
        told = tuple(dict.fromkeys(finding.entity for finding in causes)) if story.question.intent == "health" else ()
        deed = story.question.intent == "runbook" and story.question.action  # what ails is not what it was asked for
        subject = _book(story) or ("" if deed else first.check)
        return replace(topic, implied=(first.entity,), subject=subject, listed=listed or told[:MOST_LISTED])
    unsaved = _without_backup(story)
    subject = NO_BACKUP if unsaved else _book(story) or topic.subject or _failed_work(story)
    unsaved = unsaved or _away(story) or _where_it_is_saved(story)
    return replace(topic, implied=unsaved or listed[:1], listed=listed, subject=subject)


def _book(story: Story) -> str:
    """The file of the runbook that was quoted: what is asked after it is asked of that."""
    quoted = story.evidence("runbooks", "document") if story.question.intent == "runbook" else []
    return next((item.document.file for item in quoted if item.document and item.document.file), "")


def _listed(story: Story) -> tuple[Entity, ...]:
    tool, column = _LISTS.get(story.question.intent, ("", ""))
    table = story.table(tool, column, "key") if tool else None
    if table is None:
        return ()
    by_key = {entry.entity.key: entry.entity for entry in story.index.entries}
    rows = story.rows(table)
    if tool == "alerts":
        rows = [row for row in rows if row.get("state") == "firing" and not is_watchdog(row)] or (
            [row for row in rows if not is_watchdog(row)]
        )
    found = (by_key.get(str(row.get("key"))) for row in rows)
    return tuple(entity for entity in found if entity is not None)[:MOST_LISTED]


def _where_it_is_saved(story: Story) -> tuple[Entity, ...]:
    """The datastore of the newest backup that an answer told: `how much space is left there?`"""
    table = story.table("backups", "datastore", "group") if story.question.intent == "backups" else None
    names = [row.show("datastore") for row in (story.rows(table) if table else [])[:1]]
    return tuple(store for store in story.index.all_of("datastore") if store.key.rpartition("/")[2] in names)


def _away(story: Story) -> tuple[Entity, ...]:
    """The nodes that an answer named as offline: `which node is down?`, `what ran there?`."""
    table = story.table("inventory", "online", "key")
    keys = [row.get("key") for row in (story.rows(table) if table else []) if row.get("online") is False]
    return tuple(entry.entity for entry in story.index.entries if entry.entity.key in keys)


def _without_backup(story: Story) -> tuple[Entity, ...]:
    """The first guests that an answer about backups named as having none."""
    table = story.table("backups", "covered_by")
    keys = [row.get("key") for row in (story.rows(table) if table else []) if row.get("backup") == NONE_FOUND]
    return tuple(entry.entity for entry in story.index.entries if entry.entity.key in keys[:2])


def _failed_work(story: Story) -> str:
    """`prunejob failed`: what a runbook is wanted for after tasks of which one did not end well."""
    table = story.table("tasks", "task", "outcome") if story.question.intent in ("tasks", "changes") else None
    failed = [row.show("task") for row in (story.rows(table) if table else []) if row.get("outcome") == "failed"]
    return f"{failed[0].replace('_', ' ')} failed" if failed else ""
