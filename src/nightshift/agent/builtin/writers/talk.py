"""Answers that need no look: what I can do, what I will not do, what I did not understand, and asking back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nightshift.agent.builtin.names.entities import THINGS
from nightshift.agent.builtin.plan import kind_of_unknown
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.sentences.not_here import FIRST_SAID
from nightshift.agent.builtin.story import Story, bullet, cite, joined, one_line
from nightshift.agent.builtin.words.daily_words import complained_of
from nightshift.agent.builtin.words.services import role_of
from nightshift.agent.builtin.words.tokens import plain
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.lookup import told_values
from nightshift.tools.resolve import listed

SOFTWARE_NAMED = 4
_TOLD_OF: Mapping[str, str] = {
    "guest": "its state, its load and memory over time, its backups, tasks and alerts",
    "node": "its state, its load, memory and disks, what runs there and what would go with it",
    "storage": "how full it is, when it will be, and what lies in it",
    "datastore": "how full it is, when it will be, and what is saved there",
}
SHOWN_OF_A_KIND = 8
SECRETS = (
    "I cannot tell that: passwords, tokens and keys are secrets, and I show none. Those of my own access are in my "
    "settings, those of your systems nothing that I read records."
)
READ_ONLY = "I am read-only and change nothing."


def help_text(story: Story) -> str:
    lines = [
        "what is wrong, why, and what to do: `Is anything wrong?`, `Why is … failing?`",
        "guests, nodes, storages: `Which VMs are running?`, `How is node …?`, `How full is …?`",
        "figures over time: `CPU of … over the last 24h`, or any PromQL expression",
        "backups: `When was … last backed up?`, `Which guests have no backup?`",
        "alerts, tasks, runbooks: `What alerts are firing?`, `What failed last night?`, `Is there a runbook for …?`",
    ]
    return (
        "I am Nightshift: I read Prometheus, Grafana, Proxmox VE, Proxmox Backup Server and your runbooks, and I "
        f"change nothing. Ask me about\n{bullet(lines)}\n\nFor example: {joined(suggestions(story))}. This brain is "
        "the built-in one: rules, and no language model; `nightshift --version` tells my version."
    )


def thanks(_story: Story) -> str:
    return "You are welcome."


def unclear(story: Story) -> str:
    """No guess: say that it was not understood, and three things that can be answered."""
    question = story.question
    if question.has("@misread"):
        return f"Then I misread you. Tell me the thing and what of it, for example {joined(suggestions(story))}."
    told = told_values(story)
    if told:
        return told
    for mark, first in FIRST_SAID.items():
        if question.has(mark) and not question.has("@other", "SECRET"):
            return f"{first} I can answer for example {joined(suggestions(story))}."
    of_the_future = question.has("LATER", "WILL") and question.has("FAIL", "DOWN", "WRONG", "PROPERLY")
    if question.has("PROMISE", "POWER") or (of_the_future and not question.has("BEYOND")):
        return (
            "I cannot know that: I do not predict what fails when. What points to it already is told by "
            "`Is anything wrong?` and `Are my disks healthy?`, and when something is full by `When will … be full?`."
        )
    if question.has("SECRET"):
        return "And secrets I show none." if question.has("@other") else SECRETS
    if question.has("BEYOND", "@foreign_owner", "@my_odd_noun") or (question.entities and not question.unknown):
        return _beyond(story)
    if question.unknown:
        return unknown(story)
    return (
        "I did not understand that well enough to answer it, and I do not guess. I read the state of your systems: "
        f"for example {joined(suggestions(story))}."
    )


def unseen(story: Story) -> str:
    """That nothing is seen of what is complained of; what is wrong with what is seen is told after it."""
    things = joined([f"“{thing}”" for thing in complained_of(plain(story.question.text))])
    if not story.question.has("@unseen") or not things:
        return ""
    return f"Of {things} I see nothing: I read servers, guests, storages and backups, no devices. What I see of those:"


def _beyond(story: Story) -> str:
    """What no system here records. Of a thing that was named it is said what could be asked instead."""
    if story.question.has("@other"):
        return "The other question I cannot answer: nothing that I read records it."
    text = (
        "I cannot answer that: nothing that I read records it. I know what Prometheus, Grafana, Proxmox VE, Proxmox "
        "Backup Server and the runbooks know, and nothing of what people do or of what lies inside of a service."
    )
    things = story.question.of_kind("guest", "node", "storage", "datastore")
    if not things:
        return f"{text} I can answer for example {joined(suggestions(story))}."
    kind = things[0].kind
    return f"{text} About this {kind} I can tell {_TOLD_OF[kind]}."


def suggestions(story: Story) -> list[str]:
    """Three questions that can be answered here. No names: what exists is told with evidence or not at all."""
    found = ["`Is anything wrong?`"]
    kinds = {entry.entity.kind for entry in story.index.entries}
    found += ["`When was <guest> last backed up?`"] if "guest" in kinds else []
    found += ["`How is node <name>?`"] if "node" in kinds else []
    return [*found, "`What alerts are firing?`", "`What failed last night?`"][:3]


def ambiguous(story: Story) -> str:
    """Ask back, with every meaning."""
    mention = story.question.ambiguous[0]
    sources = cite(*story.evidence("inventory"))
    first = f"{READ_ONLY} " if story.question.action else ""
    return f"{first}Which one do you mean by “{one_line(mention.text)}”? It fits {listed(mention.entities)}{sources}."


_NO_GUEST = ("DATASTORE", "STORAGE", "PHYSICAL", "JOBLIST", "ADVICE", "RULE", "ALERT", "DISK", "NODE", "TARGET")


def _may_be_away(story: Story) -> str:
    """A guest on a node that does not report has no name: the one that was asked about may be there."""
    if story.question.has(*_NO_GUEST):
        return ""
    rows = [row for row in entity_rows(story) if row.get("online") is False]
    names = joined([row.show("name") for row in rows])
    be = "is" if len(rows) == 1 else "are"
    sources = cite(*(row.evidence for row in rows))
    return f" But {names} {be} offline{sources}, and what runs there has no name now: it may be there." if rows else ""


_VOLUME = re.compile(r"(?:vm|base|subvol|basevol)-\d+-\S+")


def as_written(question: Question, name: str) -> str:
    """The name as the question has it: `PrinterOutOfPaper`."""
    at = question.text.lower().find(name)
    return question.text[at : at + len(name)] if at >= 0 else name


def _volume(name: str) -> str:
    """A disk of a guest by the name that PVE gives it: it is no guest, and what it is used for is told by storage."""
    if _VOLUME.fullmatch(name) is None:
        return ""
    return (
        f"“{one_line(name)}” is by its name a volume of a guest. I find volumes by their storage: "
        "`What takes the space of <storage>?` lists them, with the guest that each belongs to and whether it is used. "
        "Do not free it before you have seen that nothing uses it."
    )


def _those_of(story: Story, kind: str) -> str:
    """What there is of the kind that was named."""
    names = dict.fromkeys(e.entity.key.rpartition("/")[2] for e in story.index.entries if e.entity.kind == kind)
    there = joined(sorted(names), SHOWN_OF_A_KIND)
    return f" The {kind}s here are {there}{cite(*story.evidence('inventory'))}." if names else ""


def unknown(story: Story) -> str:
    """A name that fits nothing: the nearest ones, and that the inventory may be incomplete."""
    name = story.question.unknown[0]
    if volume := _volume(name):
        return f"{READ_ONLY} {volume}" if story.question.action else volume
    near = story.index.alike(name, THINGS)
    role = role_of(name)
    text = f"I know nothing called “{one_line(as_written(story.question, name))}”."
    if role is not None:
        software = joined(role.software, SOFTWARE_NAMED)
        text = f"I see no guest that looks like “{name}”: none is called, tagged or described so, nor as {software}."
    if story.question.action:
        text = f"{READ_ONLY} {text}"
    if near:
        text += f" Did you mean {listed(near)}{cite(*story.evidence('inventory'))}?"
    kind = kind_of_unknown(story.question)
    text += _those_of(story, kind) if kind and not near else _may_be_away(story)
    if story.index.gaps:
        causes = joined(list(dict.fromkeys(f"{gap.source}: {one_line(gap.detail)}" for gap in story.index.gaps)), 3)
        seen = cite(*story.evidence("inventory"))
        text += f" It may exist all the same, because the inventory is incomplete ({causes}){seen}."
    if not near:
        text += f" I can answer for example {joined(suggestions(story))}."
    return text
