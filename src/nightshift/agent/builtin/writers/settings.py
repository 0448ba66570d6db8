"""Answers about how a guest is set up: whether it starts at boot and in which place, whether it is meant to be off,
whether its agent is on. A yes or a no where that was asked, the value behind it."""

from __future__ import annotations

import re

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, cite, guest_name
from nightshift.agent.builtin.writers.lines import summary_line

_NOT_ASKED = "whether it answers was not asked"
_ANSWERS = re.compile(r"\b(?:answer|respond|repl(?:y|ies)|alive|work|running|reach)", re.IGNORECASE)
_RETURNS = re.compile(r"\b(?:come|comes|get|gets|go|be|start|starts) (?:\w+ )?(?:back|up|again|by|on)\b", re.IGNORECASE)
_AT_BOOT = re.compile(r"\b(?:boot|reboot|restart|power|host|node|outage)", re.IGNORECASE)
_SHOULD = re.compile(r"\b(?:should|ought|supposed|meant|intended|expected)\b", re.IGNORECASE)
_ORDER = re.compile(r"\border=(\d+)")


def settings_head(question: Question, row: Row) -> str:
    """The first line about one guest; empty where nothing of this was asked, or where it was not read."""
    if not row.known("vmid"):
        return ""
    if question.has("AUTOSTART") and row.known("onboot"):
        if question.has("INTENDED") and row.get("status") in ("running", "stopped"):
            return _as_intended(question, row)
        return _place(row) if question.has("BOOT_ORDER") else _at_boot(question, row)
    if question.has("AGENT") and row.known("agent") and wants_yes_or_no(question.text):
        on = bool(row.get("agent"))
        if on and _ANSWERS.search(question.text):
            if not row.known("agent_answers"):
                unasked = f"Whether the guest agent of {guest_name(row)} answers was not asked"
                return f"{unasked}; it is enabled{cite(row.evidence)}."
            responds = bool(row.get("agent_answers"))
            said = "answers" if responds else "does not answer"
            return f"{yes_or_no(responds)}the guest agent of {guest_name(row)} {said}{cite(row.evidence)}."
        answers = f"it answers: {row.show('agent_answers')}" if row.known("agent_answers") else _NOT_ASKED
        state = f"has the guest agent enabled; {answers}" if on else "does not have the guest agent enabled"
        return f"{yes_or_no(on)}{guest_name(row)} {state}{cite(row.evidence)}."
    return ""


def _at_boot(question: Question, row: Row) -> str:
    on = bool(row.get("onboot"))
    if not wants_yes_or_no(question.text):
        return ""
    if row.get("status") == "stopped" and _RETURNS.search(question.text) and not _AT_BOOT.search(question.text):
        return _returns(row, on=on)
    denied = question.has("NOT", "STOPPED")
    order = f", {_order(row)}" if on and row.known("startup") else ""
    by_hand = "" if on else ": after a reboot of its node somebody has to start it"
    said = f"{guest_name(row)} is {'' if on else 'not '}set to start at boot{order}{by_hand}"
    return f"{yes_or_no(on != denied)}{said}{cite(row.evidence)}."


def _returns(row: Row, *, on: bool) -> str:
    """`Will it come back by itself?` of a guest that is off: it starts with its node, and not by waiting."""
    boot = "at boot of its node alone" if on else "not even at boot of its node"
    told = f"{guest_name(row)} is stopped, and by its settings it starts {boot}: until somebody starts it, it stays off"
    return f"{yes_or_no(False)}{told}{cite(row.evidence)}."


def _order(row: Row) -> str:
    """`order=4,up=30` → `at position 4 of the boot order (order=4,up=30)`."""
    startup = row.show("startup")
    order = _ORDER.search(startup)
    return f"at position {order[1]} of the boot order ({startup})" if order else f"startup {startup}"


def _place(row: Row) -> str:
    """Of those with an order the lowest start first; those without one come after them."""
    if not row.get("onboot"):
        return (
            f"{guest_name(row)} is not set to start at boot, so it has no place in the boot order{cite(row.evidence)}."
        )
    if not row.known("startup"):
        return (
            f"{guest_name(row)} starts at boot without a place of its own: after all that have one{cite(row.evidence)}."
        )
    return f"{guest_name(row)} starts {_order(row)}{cite(row.evidence)}."


def _as_intended(question: Question, row: Row) -> str:
    """Whether its state fits what it is set to, or what it is said to be meant to."""
    runs, on = row.get("status") == "running", bool(row.get("onboot"))
    said = "it is set to start at boot" if on else "it is not set to start at boot"
    fits = "" if runs and not on else yes_or_no(runs == on)
    if runs == on and question.has("STOPPED", "DOWN"):
        fits = yes_or_no(not on)
    elif not runs and question.has("RUNNING"):
        fits = yes_or_no(on) if not on or _SHOULD.search(question.text) else ""
    told = summary_line(row).removesuffix(f"{cite(row.evidence)}.")
    return f"{fits}{'by' if fits else 'By'} its settings {said}, and {told}{cite(row.evidence)}."
