"""What was ordered is not done: how to do it by hand, and where. Only for things that exist."""

from __future__ import annotations

import re

from nightshift.agent.builtin.story import Story, bullet, cite
from nightshift.agent.builtin.writers.chores import chore
from nightshift.agent.builtin.writers.commands_of_things import TEMPLATES, command_for, of_guest, options_of, switches
from nightshift.agent.builtin.writers.elsewhere import elsewhere, kept_elsewhere
from nightshift.agent.builtin.writers.meant import is_left_alone, things_named
from nightshift.agent.builtin.writers.order_notes import note_on, row_of, rows_of
from nightshift.agent.builtin.writers.recipes import restored
from nightshift.agent.builtin.writers.rejoinders import remedies
from nightshift.agent.builtin.writers.talk import READ_ONLY

# Without a thing of its own: for one of the kind that was named.
_ANY = {
    "VM": ("qm", "guest"), "CT": ("pct", "guest"), "NODE": ("", "node"), "DATASTORE": ("", "datastore"),
    "GC": ("", "datastore"), "PRUNE": ("", "datastore"), "VERIFY": ("", "datastore"), "SCRUB": ("", "pool"),
}  # fmt: skip


def action(story: Story) -> str:
    """Nothing is changed: the command to run by hand, for each thing that was named and exists."""
    mended = remedies(story) if story.question.follows else ""
    if mended and story.question.has("@remedy"):
        return f"{READ_ONLY} {mended}"
    told = by_hand(story)
    if told:
        text = f"{READ_ONLY} {told[0].upper()}{told[1:]}\n\nI can tell you the state of it before and after."
        return f"{text}\n\n{mended}" if mended and _is_needless(told) else text
    if mended:
        return f"{READ_ONLY} {mended}"
    return f"{READ_ONLY} {_elsewhere(story)} I can tell you the state of things before and after."


def _is_needless(told: str) -> bool:
    """Whether the thing is already as the command would make it, so that something else was meant by `switch it on`."""
    return " already" in told


def by_hand(story: Story) -> str:
    """`to do it by hand on node pve1:` and the commands; empty when there is no single right one."""
    if told := chore(story):
        return told
    if is_left_alone(story) or (story.question.action == "create" and kept_elsewhere(story)):
        return ""
    things = things_named(story)
    for kind in ("guest",) if story.question.aim.part else _MORE_SPECIFIC.get(story.question.action, ()):
        things = [entity for entity in things if entity.kind == kind] or things
    if story.question.action == "replace":  # of several pools of one name the one that lacks a disk
        ill = {finding.entity.key for finding in story.findings("health")}
        things = [entity for entity in things if entity.key in ill] or things
    if story.question.action == "unlock" and not things:  # `just unlock it`: what is locked
        locked = {row.get("key") for row in rows_of(story, "inventory", "vmid", "lock")}
        things = [guest for guest in story.index.all_of("guest") if guest.key in locked]
    blocks = dict.fromkeys(tuple(command_for(story, entity)) for entity in things)
    commands = [line for block in blocks for line in block]
    if not commands and not things:
        commands = _for_any(story)
    if not commands:
        return ""
    if any("<snapshot>" in line for line in commands):
        words = re.split(r"[\s,;:?!]+", story.question.text)
        kept = next((word for word in words if story.index.keeps_snapshot(word)), "<snapshot>")
        commands = [line.replace("<snapshot>", kept) for line in commands]
    place = story.question.place
    if place is not None and place < len(commands):
        step = f"step {place % len(commands) + 1} of {len(commands)}"
        return f"{step} by hand{_where(story)}:\n\n```\n{commands[place]}\n```"
    block = "\n".join(commands)
    notes = " ".join(note for entity in things if (note := note_on(story, entity)))
    return "\n\n".join(filter(None, (f"to do it by hand{_where(story)}:\n\n```\n{block}\n```", notes)))


# What is moved is the guest, not the node that it goes to; what is restored is not the place it comes from.
_MORE_SPECIFIC = {
    "migrate": ("guest",), "maintenance": ("guest",), "restore": ("guest",), "backup": ("guest",), "clone": ("guest",),
    "delete": ("guest", "datastore"), "change": ("job", "guest"),
    "repair": ("job", "guest"), "resize": ("guest",), "run": ("pool", "job", "guest", "datastore"),
}  # fmt: skip


def _for_any(story: Story) -> list[str]:
    """Of no thing in particular: for any of its kind."""
    verb, of_all = story.question.action, not story.question.aim.part
    for concept, (tool, kind) in _ANY.items():
        template = TEMPLATES[kind].get(verb, "") if story.question.has(concept) and (of_all or not tool) else ""
        if not template:
            continue
        if verb == "restore" and kind == "guest":
            template = restored(story.question.text.lower()) or template
        options = options_of(story, None, is_vm=tool != "pct")
        if verb != "change" or options["option"]:
            group = {"node": "its node", "group": f"{concept.lower()}/<vmid>", "datastore": "<datastore>"}
            one = group | {"tool": tool, "vmid": "<vmid>", "name": f"<{kind}>", "target": "<target node>", "live": ""}
            return template.format(**(switches(story, kind) | of_guest(options, "<vmid>") | one)).splitlines()
    return []


def _elsewhere(story: Story) -> str:
    return elsewhere(story) or "This has to be done by hand, in the PVE interface or in a shell of its node."


def _where(story: Story) -> str:
    """The node to log in to, when the inventory told where the guest is; each with its name when there are several."""
    guests = [entity for entity in things_named(story) if entity.kind == "guest"]
    rows = [row for entity in guests if (row := row_of(story, entity)) is not None]
    nodes = list(dict.fromkeys(row.show("node") for row in rows))
    if len(nodes) == 1:
        return f" on node {nodes[0]}{cite(*(row.evidence for row in rows))}"
    if nodes:
        places = bullet(f"{row.show('name')} is on node {row.show('node')}{cite(row.evidence)}" for row in rows)
        return f", each on its node:\n\n{places}\n\nThat is"
    return ""
