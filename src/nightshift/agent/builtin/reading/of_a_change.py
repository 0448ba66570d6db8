"""A wish for a change whose deed is not known, of a thing that is: it is declined as an order, not answered."""

from __future__ import annotations

from nightshift.agent.builtin.orders.unsaid import asks_for_a_change
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.words.tokens import plain, word_set

UNSAID = "tweak"
_KINDS = word_set("""
    GUEST VM CT NODE STORAGE DATASTORE BACKUP SNAPSHOT JOBLIST ALERT RULE RUNBOOK GC VERIFY PRUNE RETENTION REPLICATION
    MAINTENANCE MANAGED UPDATES NETIN INTERFACES MEMORY CPU DISK CERTIFICATE @attribute @subsystem @quantity
    """)


def is_unsaid_order(question: Question) -> bool:
    about_something = question.entities or question.ambiguous or question.unknown or question.has(*_KINDS)
    known = question.action or question.expr or question.intent in ("action", "health")
    return bool(about_something) and not known and asks_for_a_change(plain(question.text))
