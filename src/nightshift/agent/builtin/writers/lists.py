"""Answers that are lists or counts: guests, nodes, storages, versions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nightshift.agent.builtin.questions.slots import NOUNS, listing_kind, of_templates
from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, guest_name, joined, one_line, plural, sentence
from nightshift.agent.builtin.writers.findings import serious_causes, with_remedy
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.evidence import Evidence

LISTED = 40
_STATES: Mapping[tuple[str, ...], str] = {
    ("LOCK",): "locked",
    ("MANAGED",): "under high availability",
    ("STOPPED", "DOWN"): "stopped",
    ("RUNNING",): "running",
}
GUESTS_NAMED = 12
_HELD_AGAINST = re.compile(
    r"\b(?:more|fewer|less|than|versus|vs|against|compar\w+|difference|minus|outnumber\w*|subtract\w*|ratio|gap)\b",
    re.IGNORECASE,
)


def _same_release(story: Story, rows: Sequence[Row]) -> str:
    """`Do all nodes run the same release?`, where that is known of all."""
    releases = dict.fromkeys(row.show("pve_version") for row in rows)
    known = len(rows) > 1 and all(row.known("pve_version") for row in rows)
    if not known or not story.question.has("SAME", "COMPARE"):
        return ""
    if len(releases) == 1:
        return f"Yes: all {len(rows)} nodes run PVE {next(iter(releases))}{cite(rows[0].evidence)}."
    told = joined([f"{row.show('name')} {row.show('pve_version')}" for row in rows])
    return f"No: {told}{cite(rows[0].evidence)}."


def versions(story: Story) -> str:
    nodes = story.table("inventory", "pve_version")
    sources = story.table("inventory", "reachable")
    lines = [f"{row.show('name')}: PVE {row.show('pve_version')}" for row in (story.rows(nodes) if nodes else [])
             if row.known("pve_version")]  # fmt: skip
    lines += [
        f"{row.show('id')} ({row.show('kind')}): {row.show('version')}"
        for row in (story.rows(sources) if sources else [])
        if row.known("version")
    ]
    body = bullet(lines) if lines else "No version could be read."
    same = _same_release(story, story.rows(nodes) if nodes else [])
    return "\n\n".join(filter(None, (same, f"Versions{cite(nodes, sources)}:\n{body}", not_seen(story.gaps()))))


def listing(story: Story) -> str:
    """A list or a count, with the other kind of guest mentioned beside it."""
    results = list(story.of("inventory"))
    if not results or not results[0].evidence:
        return "\n\n".join(filter(None, ("The inventory could not be read.", not_seen(story.gaps()))))
    if story.question.has("@went_with"):
        return "\n\n".join(filter(None, (_wrong_with_away(story) or _none_away(story), not_seen(story.gaps()))))
    kind = listing_kind(story.question)
    main = results[0].evidence[0]
    both = story.question.has("@kinds_compared") and kind not in ("vms", "containers")
    if both and len(results) > 1 and results[1].evidence:
        return _kinds_compared(story, main, results[1].evidence[0])
    if main.kind == "none":
        text = results[0].note or f"The {NOUNS[kind][1]} could not be read."
        return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
    rows = _real(story, main)
    if story.question.has("@resource_pool") and story.question.tag:  # and not those that carry a tag of that name
        rows = [row for row in rows if row.get("pool") == story.question.tag]
    unseen = [table for result in results for table in result.evidence[1:]]
    named = {entity.key.rpartition("/")[2] for entity in story.question.of_kind("storage")}
    if story.question.has("@shared") and named:
        return _is_shared(named, rows, main)
    shared = [row for row in rows if row.get("shared")] if story.question.has("@shared") else rows
    rows = [*shared, *(row for row in rows if row not in shared)]
    head = _nodes_head(story, rows) if kind == "nodes" else _count(story, kind, len(shared), certain=not unseen)
    if main.total > main.shown:  # of those that were cut it is not known whether they are templates
        head = sentence(re.sub(r"\d", r"at least \g<0>", head, count=1)).rstrip(".")
    body = "" if story.question.has("COUNT") and len(rows) > GUESTS_NAMED else _table_lines(story, kind, rows)
    text = f"{head}{cite(main)}{':' if body else '.'}\n{body}".strip()
    unknown = "\n".join(_unknown_states(story, table) for table in unseen)
    if main.total > main.shown:
        text += f"\n\n{_cut_short(main)}"
    other = _other_kind(story, kind, results[1].evidence[0]) if len(results) > 1 and results[1].evidence else ""
    return "\n\n".join(filter(None, (text, unknown, other, _wrong_with_away(story), not_seen(story.gaps()))))


def _kinds_compared(story: Story, vms: Evidence, containers: Evidence) -> str:
    """`Do I have more containers or more VMs?`"""
    counts = {"containers": len(_real(story, containers)), "VMs": len(_real(story, vms))}
    (most, many), (least, few) = sorted(counts.items(), key=lambda pair: -pair[1])
    state = _state_asked(story)
    of = f"{f' {state}' if state else ''}{_on_nodes(story)}"
    if _HELD_AGAINST.search(story.question.text):
        apart = f"{many - few} more {most} than {least}" if many > few else "as many of one as of the other"
        text = f"There are {many} {most} against {few} {least}{of}: {apart}{cite(vms, containers)}."
    else:
        both = f"{counts['VMs']} VMs and {counts['containers']} containers{of}"
        text = f"There are {both}, {many + few} together{cite(vms, containers)}."
    told = [_cut_short(table) for table in (vms, containers) if table.total > table.shown]
    return "\n\n".join(filter(None, (text, *told, not_seen(story.gaps()))))


def _cut_short(table: Evidence) -> str:
    return f"Only the first {table.shown} of {table.total} rows are counted here{cite(table)}."


def _state_asked(story: Story) -> str:
    """`stopped`: of guests, the state that the question is about; empty for all of them."""
    return next((state for concepts, state in _STATES.items() if story.question.has(*concepts)), "")


def _wrong_with_away(story: Story) -> str:
    """What is found about nodes that are offline."""
    found = serious_causes(story.findings("entity"))
    table = story.table("entity", "finding", "remedy")
    lines = [with_remedy(f) for f in found[:2]]
    return "\n\n".join(filter(None, (gone_with(story), f"Wrong there{cite(table)}:\n{bullet(lines)}" if lines else "")))


def gone_with(story: Story) -> str:
    """The guests of nodes that are offline, as far as the inventory still names them."""
    tables = [item for item in story.evidence("entity") if {"vmid", "cpu_fraction"} <= set(item.columns)]
    gone = [row for table in tables for row in story.rows(table) if row.get("status") == "unknown"]
    names = list(dict.fromkeys(map(guest_name, gone)))
    if not names:
        return ""
    counted = story.question.intent == "safety" and story.question.has("COUNT")  # not `how many nodes are on?`
    if not counted and not story.question.has("@went_with"):
        return f"Gone with it, their state unknown{cite(*tables)}: {joined(names, 20)}."
    nodes = joined(list(dict.fromkeys(row.show("node") for row in gone)))
    containers = sum(row.get("type") == "CT" for row in gone)
    kinds = f"{plural(len(gone) - containers, 'VM')} and {plural(containers, 'container')}"
    head = f"{plural(len(gone), 'guest')} went with {nodes}, {kinds}; their state is unknown{cite(*tables)}"
    return f"{head}: {joined(names, 20)}." if counted else f"{head}:\n{bullet(names)}"


def _none_away(story: Story) -> str:
    """`Which guests went down with it?` where every node is there, or nothing names those of the one that is not."""
    table = story.table("inventory", "online")
    away = [row.show("name") for row in (story.rows(table) if table else []) if row.get("online") is False]
    if away:
        return f"Which guests went with {joined(away)} I cannot tell: nothing that I read names them{cite(table)}."
    return f"None: no node is offline{cite(table)}."


def _is_shared(named: set[str], rows: Sequence[Row], table: Evidence) -> str:
    """`Is nas-media shared?`"""
    shared = {row.show("name") for row in rows if row.get("shared")}
    local, both = sorted(named - shared), sorted(named & shared)
    told = [f"{joined(both)} {'is' if len(both) == 1 else 'are'} shared by the nodes"] if both else []
    told += [f"{joined(local)} {'is' if len(local) == 1 else 'are'} not: each node has its own"] if local else []
    return f"{'No' if local else 'Yes'}: {joined(told)}{cite(table)}."


def _real(story: Story, table: Evidence) -> list[Row]:
    """The rows without templates, which can never run, unless they are what was asked for."""
    nodes = {node.label for node in story.question.of_kind("node")}
    rows = [row for row in story.rows(table) if not nodes or row.get("node") in (None, *nodes)]
    if of_templates(story.question):
        return rows
    return [row for row in rows if row.get("status") != "template"]


def _on_nodes(story: Story) -> str:
    nodes = story.question.of_kind("node")
    return f" on {joined([node.label for node in nodes])}" if nodes else ""


def _nodes_head(story: Story, rows: Sequence[Row]) -> str:
    online = sum(bool(row.get("online")) for row in rows)
    are = "is" if online == 1 else "are"
    if story.question.has("DOWN", "STOPPED"):
        away = [row.show("name") for row in rows if not row.get("online")]
        if not away:
            return sentence(f"{_word(story, False)}no node is offline, all {online} are online").rstrip(".")
        offline = f"{joined(away)} {'is' if len(away) == 1 else 'are'} offline"
        return f"{_word(story, True)}{offline}, {online} of {len(rows)} nodes {are} online"
    if story.question.has("RUNNING"):
        return f"{_word(story, online == len(rows))}{online} of {plural(len(rows), 'node')} {are} online"
    return _count(story, "nodes", len(rows))


def _word(story: Story, holds: bool) -> str:
    """`Is any node down?`, `are all nodes up?`"""
    return yes_or_no(holds) if wants_yes_or_no(story.question.text) and not story.question.has("COUNT") else ""


def _unknown_states(story: Story, table: Evidence) -> str:
    """Guests that no one can tell of are neither running nor stopped."""
    rows = story.rows(table)
    types = {row.show("type") for row in rows}
    noun = {"VM": "VM", "CT": "container"}[types.pop()] if len(types) == 1 else "guest"
    names = joined([guest_name(row) for row in rows], GUESTS_NAMED)
    nodes = list(dict.fromkeys(row.show("node") for row in rows))
    report = "does not report" if len(nodes) == 1 else "do not report"
    return (
        f"The state of {plural(table.total, noun)} is unknown, because {joined(nodes)} {report}: {names}{cite(table)}."
    )


def _count(story: Story, kind: str, count: int, certain: bool = True) -> str:
    """`9 VMs are running`; none are only "known to be" so while the state of some is unknown."""
    one, many = ("template", "templates") if of_templates(story.question) else NOUNS[kind]
    where = _on_nodes(story)
    in_pool = story.question.has("@resource_pool")
    named = one_line(story.question.tag)
    where += (f" in pool {named}" if in_pool else f" with “{named}” as tag or name") if story.question.tag else ""
    if story.question.has("TAG") and not story.question.tag:
        where += " without a tag" if story.question.has("LACK", "EXCEPT") else " with a tag"
    number = "No" if count == 0 else str(count)
    noun = one if count == 1 else many
    be = "is" if count == 1 else ("are" if certain or count else "are known to be")
    if kind in ("vms", "containers", "guests"):
        if story.question.has("@unmanaged"):
            return f"{number} {noun}{where} {be} not under high availability"
        if state := _state_asked(story):
            return f"{number} {noun}{where} {be} {state}"
    if story.question.has("@shared"):
        return f"{number} {noun}{where} {be} shared by the nodes"
    if kind == "storages" and story.question.has("STOPPED", "DOWN"):
        return f"{number} {noun}{where} {be} unreachable"
    if story.question.has("@holding"):
        return f"{number} {noun}{where} {be} set up to hold backups"
    verb = "There is" if count == 1 else "There are"
    return f"{verb} {number.lower()} {noun}{where}"


def _other_kind(story: Story, kind: str, table: Evidence) -> str:
    other = "containers" if kind == "vms" else "vms"
    text = _count(story, other, len(_real(story, table)))
    return f"Besides, {text[0].lower() + text[1:] if not text.startswith('VM') else text}{cite(table)}."


def _table_lines(story: Story, kind: str, rows: Sequence[Row]) -> str:
    lines = [_list_line(story, kind, row) for row in rows[:LISTED]]
    more = "\nThe others are in the evidence." if len(rows) > LISTED else ""
    return bullet(lines) + more


def _list_line(story: Story, kind: str, row: Row) -> str:
    if kind in ("vms", "containers", "guests"):
        said = row.get("status") == "running" or story.question.has("STOPPED", "DOWN")
        state = "" if said else f", {row.show('status')}"
        lock = f", locked ({row.show('lock')})" if row.known("lock") else ""
        managed = f", {row.show('ha_state')}" if story.question.has("MANAGED") and row.known("ha_state") else ""
        return f"{guest_name(row)} on {row.show('node')}{state}{lock}{managed}"
    if kind == "nodes":
        state = "online" if row.get("online") else "OFFLINE"
        figures = f", CPU {row.show('cpu_fraction')}, memory {row.show('memory_fraction')}" if row.get("online") else ""
        if story.question.has("UPTIME", "SINCE") and row.number("uptime_s"):
            figures = f", up for {row.show('uptime_s')}{figures}"
        return (
            f"{row.show('name')}: {state}{figures}, {row.show('running_guests')} of {row.show('guests')} guests running"
        )
    where = f" on {row.show('node')}" if row.known("node") else ""
    state = "" if row.get("active") in (None, True) else ", not reachable"
    if story.question.has("@shared") and row.known("type"):
        where = f" ({row.show('type')})" if row.get("shared") else f"{where} ({row.show('type')}, of that node alone)"
    return f"{row.show('name')}{where}: {row.show('used_fraction')} of {row.show('total_bytes')} used{state}"
