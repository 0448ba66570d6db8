"""First calls about one list of the inventory, and what is found about it."""

from __future__ import annotations

from typing import Any

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.steps.calls import Call, Names
from nightshift.agent.builtin.steps.subjects import subject_of

MOST_LISTED = 500


def inspect(_names: Names, question: Question) -> tuple[Call, ...]:
    subject = subject_of(question)
    arguments: dict[str, Any] = {"kind": subject.kind, "limit": MOST_LISTED}
    guests, nodes = question.of_kind("guest"), question.of_kind("node")
    if (
        guests
        and not question.has("@setting_of_all")
        and {"vmid", "name"} & {*subject.named, *(column for column, _ in subject.lines)}
    ):
        arguments["match"] = guests[0].label.split(" (")[0]
    elif nodes and "node" in (*subject.named, *(column for column, _ in subject.lines)):
        arguments["node"] = nodes[0].label
    return (Call("inventory", arguments), Call("health"))
