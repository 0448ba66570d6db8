"""What would go with a node, the whole first and then by name."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.forms import asks_leave
from nightshift.agent.builtin.story import Row, Story, bullet, cite, guest_name, joined, one_line, plural
from nightshift.agent.builtin.writers.any_node import any_node
from nightshift.agent.builtin.writers.backups import backups
from nightshift.agent.builtin.writers.binding import binding, brings_load
from nightshift.agent.builtin.writers.findings import entity_rows, graded, serious_causes
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.health import health
from nightshift.agent.builtin.writers.lists import gone_with, listing
from nightshift.agent.builtin.writers.order_notes import votes_left, without_lock
from nightshift.agent.builtin.writers.serves import drags, what_it_serves
from nightshift.agent.builtin.writers.snapshots import snapshot_gone
from nightshift.agent.builtin.writers.things import findings_line, told_of
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_bytes
from nightshift.tools.backup_states import FOUND

MOST_WRONG = 5
LOCKED = (
    "A lock keeps a guest from being backed up, started, stopped, moved or changed by PVE while it is on; what runs "
    "in it goes on, and its users notice nothing."
)
PRUNED = (
    "Only what you can do without: a backup that is pruned cannot be brought back, and its space comes back only when "
    "garbage collection has run after it. Keep the newest, and one from before any trouble."
)
UNPLUGGED = (
    "Not before what hangs on it is shut down: what loses its power loses what it has not written yet. Which node "
    "hangs on which cable I cannot see. Name the guest or node that you want to touch, and I tell what runs on it and "
    "what it is doing."
)


def safety(story: Story) -> str:
    """What speaks for or against touching a thing now: for a node what would go with it, else its state."""
    if story.question.has("@brings_load") and "impact" not in story.results:
        return brings_load(story)
    if story.question.has("@any_node"):
        return any_node(story)
    if story.question.has("@lock_means"):
        return "\n\n".join(filter(None, (LOCKED, _of_anything_else(story) if entity_rows(story) else listing(story))))
    if story.question.has("@unplugged"):
        return UNPLUGGED
    if story.question.has("@snapshot_go"):
        return snapshot_gone(story)
    if "backups" in story.results and story.question.has("PRUNE"):
        return f"{PRUNED}\n\n{backups(story)}"
    return impact(story) if story.table("impact", "if_it_fails") else binding(story) or _of_anything_else(story)


def impact(story: Story) -> str:
    """What would go with a node, the whole first: guests that stay down by name, quorum, memory, what hangs on them."""
    whole, table = story.table("impact", "keeps_quorum"), story.table("impact", "if_it_fails")
    if whole is None or table is None:
        return "The nodes could not be read, so I cannot tell what depends on it."
    told, rows = story.rows(whole)[0], story.rows(table)
    name = told.show("node")
    several = " and " in name
    down = [row for row in rows if row.get("if_it_fails") == "stays down"]
    moving = [row.show("guest") for row in rows if row.get("if_it_fails") == "restarts elsewhere"]
    unknown = [row for row in rows if row.get("if_it_fails") == "not known"]
    away = next((row for row in entity_rows(story) if row.get("online") is False), None)
    verdict = _verdict_on(told, len(rows), len(down), whole) if away is None else _is_away(story, away)
    asked = asks_leave(story.question.text) or story.question.has("@leave", "@action_verb")
    against = "" if away else _against_it(story, "Rather not now" if asked else "Wrong already, and it weighs on this")
    parts = [
        against if asked else "",
        _fates_of_named(story, rows, table),
        _room(story, told, rows),
        _comes_back(story, f"the {len(rows)} guests of {name}", moving, table) if rows else "",
        verdict,
        "" if asked else against,
    ]
    if down:
        parts.append(
            f"Stay down until {name} {'are' if several else 'is'} back{cite(table)}:\n{bullet(_reasons(down))}"
        )
    if moving:
        parts.append(f"Start again on another node{cite(table)}: {joined(moving, 12)}.")
    if unknown:
        parts.append(f"Not known yet{cite(table)}: {joined([row.show('guest') for row in unknown], 12)}.")
    dragged = story.table("impact", "goes_too")
    if dragged:
        parts.append(f"Goes with them{cite(dragged)}:\n{bullet(drags(row) for row in story.rows(dragged))}")
    unsaved = [row for row in down if not row.known("last_backup_at")]
    if unsaved:
        parts.append(f"Without any backup{cite(table)}: {joined([row.show('guest') for row in unsaved], 12)}.")
    parts.append(under_way(story, told))
    parts.append(_wrong_there(story))
    if away is None and not several and (story.question.action in ("reboot", "stop") or story.question.has("SAFE")):
        parts.append(
            f"Before you take it down on purpose, move what can be moved: `ha-manager crm-command node-maintenance "
            f"enable {name}` for guests under high availability, `qm migrate` for others. Whether to do it stays your "
            "decision."
        )
    parts.append(not_seen(story.gaps("impact", "tasks")))
    return "\n\n".join(filter(None, parts))


def _comes_back(story: Story, all_of_them: str, moving: list[str], table: Evidence) -> str:
    """`Would any of them start elsewhere?`, first."""
    if not story.question.has("@comes_back") or story.question.of_kind("guest"):
        return ""
    if not moving:
        return f"None of {all_of_them} would start again elsewhere{cite(table)}."
    start = "starts" if len(moving) == 1 else "start"
    return f"Of {all_of_them} {joined(moving, 12)} {start} again elsewhere{cite(table)}."


def _room(story: Story, told: Row, rows: list[Row]) -> str:
    """Whether the others have memory for all that runs there, whether it would start by itself or by hand."""
    room = told.number("room_bytes")
    if not story.question.has("@room") or not rows:
        return ""
    name, whole, fates = told.show("node"), told.evidence, rows[0].evidence
    who = f"all guests of {name}"
    if story.question.has("MANAGED"):
        rows = [row for row in rows if row.get("if_it_fails") == "restarts elsewhere"]
        who = f"what high availability starts elsewhere of {name}"
    if room is None or not all(row.known("memory_total_bytes") for row in rows):
        return f"Whether the other nodes have memory for the guests of {name} is not known{cite(whole)}."
    most = sum(row.number("memory_total_bytes") or 0.0 for row in rows)
    used = sum(row.number("memory_used_bytes") or 0.0 for row in rows)
    told_of = f"the others have room for {format_bytes(room)}, and its {len(rows)} guests may use {format_bytes(most)}"
    now = f", {format_bytes(used)} of it now" if used else ""
    sources = cite(whole, fates)
    if most <= room:
        return f"Yes, there is enough memory for {who}: {told_of} at the most{now}{sources}."
    if used and used <= room:
        return f"Yes for what they use now, no for all that they may use: {told_of}{now}{sources}."
    return f"No, the other nodes lack memory for {who}: {told_of}{now}{sources}."


def _is_away(story: Story, node: Row) -> str:
    """A node that is gone already: what was on it, as far as the inventory still names it."""
    away = f"{node.show('name')} is offline already{cite(node.evidence)}."
    told = [gone_with(story), away] if story.question.has("COUNT") else [away, gone_with(story)]
    return " ".join(filter(None, (*told, _quorum_now(story))))


def _quorum_now(story: Story) -> str:
    """Whether the nodes that are left have the quorum without one that is gone already."""
    whole = story.table("impact", "keeps_quorum")
    told = story.rows(whole)[0] if whole else None
    if told is None or told.get("keeps_quorum") is None:
        return ""
    votes = f"{told.show('votes_left')} votes are there, {told.show('votes_needed')} are needed"
    still = "still has its quorum" if told.get("keeps_quorum") else "has no quorum without it"
    return f"The cluster {still}{cite(whole)}: {votes}."


def _wrong_there(story: Story) -> str:
    """What is wrong with the node and with what lies on it: a pool that lacks a disk speaks against a reboot."""
    found = serious_causes(story.findings("entity"))
    table = story.table("entity", "finding", "remedy")
    lines = [graded(finding) for finding in found[:MOST_WRONG]]
    return f"Wrong there now{cite(table)}:\n{bullet(lines)}" if lines else ""


# What leaves less to lose than there was: of the whole cluster, of its storage, of the mains.
_WEIGHS = ("ceph.", "ups.", "cluster.quorum", "cluster.qdevice", "node.offline", "replication.", "ha.")


def _against_it(story: Story, head: str) -> str:
    """`Rather not now: 1 of 6 OSDs is down`: what is wrong already, there or elsewhere."""
    found = [f for f in serious_causes(story.findings("health")) if f.check.startswith(_WEIGHS)]
    titles = joined([one_line(finding.title) for finding in found], 3)
    return f"{head}: {titles}{cite(story.table('health', 'finding', 'remedy'))}." if found else ""


def _fates_of_named(story: Story, rows: list[Row], table: Evidence) -> str:
    """`What happens to web if pve1 fails?`: web first."""
    named = {entity.key for entity in story.question.of_kind("guest")}
    told = [row for row in rows if row.get("key") in named]
    fates = [
        f"{row.show('guest')} {row.show('if_it_fails')}: {one_line(row.show('because'))}{cite(table)}." for row in told
    ]
    lost = {row.get("key") for row in rows}
    others = [guest for guest in story.question.of_kind("guest") if rows and guest.key not in lost]
    fates += [f"{guest.label.split(' (')[0]} is not among them{cite(table)}." for guest in others]
    return "\n".join(fates)


def _verdict_on(told: Row, running: int, down: int, whole: Evidence) -> str:
    name = told.show("node")
    fails = "fail" if " and " in name else "fails"
    if told.get("keeps_quorum") is False:
        lost = f"If {name} {fails} now, the cluster loses its quorum{cite(whole)}"
        return f"{lost}: {votes_left(told)}. Nothing starts elsewhere then."
    quorum = f" The cluster keeps its quorum{cite(whole)}." if told.get("keeps_quorum") else ""
    if not running:
        return f"Nothing runs on {name}{cite(whole)}, so nothing stops with it.{quorum}"
    if not down:
        return f"If {name} {fails} now, all {running} running guests start again elsewhere{cite(whole)}.{quorum}"
    share = f"all {running}" if down == running else f"{down} of the {running}"
    return f"If {name} {fails} now, {share} guests that run on it stay down{cite(whole)}.{quorum}"


def _reasons(down: list[Row]) -> list[str]:
    """Guests under the reason that they share, those with a reason of their own first."""
    by_reason: dict[str, list[str]] = {}
    for row in down:
        by_reason.setdefault(row.show("because"), []).append(row.show("guest"))
    ordered = sorted(by_reason.items(), key=lambda item: len(item[1]))
    return [f"{joined(names, 20)}: {one_line(reason)}" for reason, names in ordered]


def _of_anything_else(story: Story) -> str:
    """What speaks for or against touching a thing now; no more than is known."""
    rows = entity_rows(story)
    if not rows and "health" in story.results:
        return health(story)
    if not rows:
        return "Name the guest or node that you want to touch, and I tell what runs on it and what it is doing."
    row = rows[0]
    name = row.show("name")
    if story.question.action == "unlock" or story.question.has("LOCK"):
        parts = [_lock(story, row)]
    else:
        parts = [what_it_serves(story, name), _what_lies_in_it(story)]
    parts.append(told_of(story, row))
    parts.append(under_way(story, row))
    parts.append(findings_line(story))
    if not story.question.has("LOCK"):
        parts.append("Whether to touch it now stays your decision.")
    parts.append(not_seen(story.gaps()))
    return "\n\n".join(filter(None, parts))


def _what_lies_in_it(story: Story) -> str:
    """Whose backups a datastore has, or whose disks a storage: what they lose with it."""
    if story.question.of_kind("datastore"):
        table = next((item for item in story.evidence("backups") if "covered_by" in item.columns), None)
        held = [row for row in (story.rows(table) if table else []) if row.get("backup") == FOUND]
        names = [guest_name(row, "guest") for row in held]
        return (
            f"The backups of {plural(len(names), 'guest')} lie in it{cite(table)}: {joined(names, 20)}."
            if names
            else ""
        )
    tables = [item for item in story.evidence("volumes") if item.rows and "volume" in item.columns]
    owners = dict.fromkeys(row.show("owner") for t in tables for row in story.rows(t) if row.known("owner"))
    return f"Disks of these guests lie in it{cite(*tables)}: {joined(list(owners), 20)}." if owners else ""


def _lock(story: Story, row: Row) -> str:
    """Whether it is locked at all, and what the check on locks says of taking the lock off."""
    name = guest_name(row)
    if not row.known("lock"):
        return without_lock(name, row)
    said = next((finding for finding in story.findings("entity") if finding.check == "guest.locked"), None)
    if said is None:
        return (
            f"{name} is locked ({row.show('lock')}){cite(row.evidence)}, and no check speaks against the lock: a task "
            "may hold it. Leave it on until that has ended."
        )
    return f"{name} is locked ({row.show('lock')}){cite(row.evidence)}. {one_line(said.detail)}"


def under_way(story: Story, thing: Row) -> str:
    """The tasks that run on it now; no claim of a thing to which nothing in a list of tasks points."""
    running = story.table("tasks", "task", "outcome")
    if running is None:
        return ""
    busy = story.rows(running)
    mine = [task for task in busy if _touches(task, thing)]
    if mine:
        return f"Wait: {plural(len(mine), 'task')} still running there: {_tasks(mine)}{cite(running)}."
    if busy and not _has_tasks(thing):
        return f"Whether one of the tasks that run now touches it I cannot tell: {_tasks(busy)}{cite(running)}."
    seen = " that I can see" if story.gaps("tasks") else ""
    return f"No task is running on it{seen}{cite(running)}."


def _tasks(rows: list[Row]) -> str:
    return joined([f"{row.show('task')}{' ' + row.show('about') if row.known('about') else ''}" for row in rows])


def _has_tasks(thing: Row) -> bool:
    of_a_node = {"online", "node"} & set(thing.evidence.columns)
    return thing.known("vmid") or bool(of_a_node) or thing.get("type") == "pbs datastore"


def _touches(task: Row, thing: Row) -> bool:
    """Whether a task is about it, or may be: one that saves several guests of a node does not tell which."""
    about = task.show("about") if task.known("about") else ""
    if thing.known("vmid"):
        saves_several = task.get("task") == "vzdump" and not about and task.get("node") == thing.get("node")
        on_server = re.search(rf"(?:vm|ct)/{thing.get('vmid')}$", about)  # `vault:vm/104`
        return saves_several or bool(on_server) or guest_name(thing) in (about, *about.split(", "))
    if {"online", "node"} & set(thing.evidence.columns):
        return task.get("node") == (thing.get("node") or thing.get("name"))
    return about.split(":")[0] == thing.get("name")
