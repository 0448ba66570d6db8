"""Whether one guest could run elsewhere, have more memory where it is, and what a failover would lose of it."""

from __future__ import annotations

import re
from datetime import datetime

from nightshift.agent.builtin.questions.bounds import find_memory
from nightshift.agent.builtin.sentences.losses import OF_A_GUEST
from nightshift.agent.builtin.story import Row, Story, bullet, cite, guest_name, one_line
from nightshift.agent.builtin.writers.findings import entity_rows, serious_causes
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.lines import notes_line, summary_line
from nightshift.agent.builtin.writers.serves import what_it_serves
from nightshift.agent.builtin.writers.things import findings_line
from nightshift.facts.finding import Finding
from nightshift.facts.units import format_bytes, format_duration, format_percent

NEARLY_ALL = 0.9
"""Of a node's memory: what is beyond is left to the node itself."""
_PASSED_THROUGH = re.compile(r"\bpass(?:ed|es)?[ -]?(?:through|thru)\b", re.IGNORECASE)


def binding(story: Story) -> str:
    """Empty where nothing of it is asked, or the guest is not known to the tools."""
    table = story.table("impact", "bound_by", "copied_to")
    rows = entity_rows(story)
    guest = next((row for row in rows if row.known("vmid")), None)
    if table is None or guest is None or not story.question.has(*OF_A_GUEST):
        return ""
    bound = story.rows(table)[0]
    nodes = [row for row in rows if "online" in row.evidence.columns]
    others = [node for node in nodes if not _is_home(guest, node)]
    closed = [f for f in story.findings("entity") if f.check == "node.maintenance" and not _is_of_home(guest, f)]
    heads = [f"Not now: {one_line(finding.title)}{cite(guest.evidence)}." for finding in closed[:1]]
    if story.question.has("@may_go"):
        heads += [_may_go(guest), what_it_serves(story, guest.show("name"))]
    if story.question.has("@more_memory"):
        heads += [_takes(story, node, cite(node.evidence, guest.evidence), guest) for node in (others or nodes)[:1]]
    if story.question.has("@by_itself") and not closed:
        heads.append(_by_itself(guest, bound))
    if story.question.has("@lost_since"):
        heads.append(_lost_since(story, guest, bound))
    if story.question.has("@may_move"):
        moves = [] if closed else [_may_move(guest, bound)]
        heads += [*moves, *(_has_room(guest, node) for node in others)]
        heads += [_is_older(home, node) for home in nodes if _is_home(guest, home) for node in others]
    parts = [" ".join(filter(None, heads)), summary_line(guest), findings_line(story), not_seen(story.gaps())]
    return "\n\n".join(filter(None, parts))


def brings_load(story: Story) -> str:
    """Whether a node can take more: what is wrong there speaks against it, before what memory is free."""
    parts = []
    for row in entity_rows(story):
        found = serious_causes(story.findings("entity"))
        used, total = row.number("memory_used_bytes"), row.number("memory_total_bytes")
        name, source = row.show("name"), cite(row.evidence)
        room = (
            f"{name} has {format_bytes(total - used)} of {format_bytes(total)} of memory free, and CPU "
            f"{row.show('cpu_fraction')} in use{source}"
            if used is not None and total
            else f"what {name} has free is not known{source}"
        )
        if row.get("online") is False:
            parts.append(f"No: {name} is offline{source}.")
        elif found:
            parts.append(f"Rather not now, {one_line(found[0].title)}: {room}.")
        elif find_memory(story.question.text):
            parts.append(_takes(story, row, source))
        else:
            parts.append(f"Nothing that I see speaks against it: {room}. How much they will use I do not know.")
    return "\n\n".join(filter(None, (*parts, findings_line(story), not_seen(story.gaps()))))


def placement(story: Story) -> str:
    """Which nodes have memory for a new guest of the size that was named, the roomiest first, as they are listed."""
    table = story.table("inventory", "memory_used_bytes", "memory_total_bytes")
    lines = [_takes(story, row, cite(row.evidence)) for row in (story.rows(table) if table else [])]
    return f"By memory, of each node:\n{bullet(lines)}\n\nWhere its disk fits I did not reckon." if lines else ""


def _may_go(guest: Row) -> str:
    """What its owner wrote about it, first: whether it is needed nobody else knows."""
    name, source = guest_name(guest), cite(guest.evidence)
    notes = f"the notes of {name} say: “{guest.show('notes')}”" if guest.known("notes") else f"{name} has no notes"
    guarded = " It is protected from deletion." if guest.get("protected") else ""
    runs = "It runs" if guest.get("status") == "running" else f"It is {guest.show('status')}"
    return f"Whether it is still needed I cannot tell; {notes}{source}.{guarded} {runs} on {guest.show('node')}."


def _is_of_home(guest: Row, finding: Finding) -> bool:
    return finding.entity.label == guest.show("node")


def _is_home(guest: Row, node: Row) -> bool:
    return guest.get("node") == node.get("name")


def _takes(story: Story, node: Row, sources: str, guest: Row | None = None) -> str:
    """Whether a node has memory for a new guest, or for more of one that it has. Counted from what it uses now: what
    its other guests may still take is their own affair."""
    used, total = node.number("memory_used_bytes"), node.number("memory_total_bytes")
    name, wanted = node.show("name"), find_memory(story.question.text)
    if used is None or not total:
        return f"Whether {name} has memory to spare is not known{sources}."
    free = f"{format_bytes(total - used)} of its {format_bytes(total)} free"
    has = f"{name} has {free}, {format_percent(used / total)} is used"
    if wanted is None:
        return f"{has}{sources}; say how much more, and I tell whether it fits."
    fits, tight = used + wanted <= total * NEARLY_ALL, used + wanted <= total
    verdict, enough = ("Yes", "enough") if fits else ("Hardly", "just enough") if tight else ("No", "too little")
    what = f"what {guest_name(guest)} shall have more" if guest else "one such guest"
    return f"{verdict}: {has}; that is {enough} for {what}{sources}."


def _may_move(guest: Row, bound: Row) -> str:
    name, home, source = guest_name(guest), bound.show("runs_on"), cite(bound.evidence)
    if bound.get("bound_by") is None:
        return f"Whether something binds {name} to {home} is not known: its configuration has not been read{source}."
    if bound.known("devices"):
        return (
            f"Not without care: {name} is bound to {home} by devices or folders that are passed through to it from "
            f"there ({bound.show('devices')}), such as a USB stick or a PCI card, and that no other node has{source}."
        )
    if _PASSED_THROUGH.search(str(guest.get("notes") or "")):  # disks that are passed through are in no configuration
        return (
            f"Not without care: no setting binds {name} to {home}, but its owner wrote of something that is passed "
            f"through, which only {home} would have{source}.{notes_line(guest)}"
        )
    disks = str(bound.get("disks_of_one_node") or "")
    if rules := one_line(str(bound.get("bound_by")).removeprefix(disks).removeprefix(", ")):
        return f"No: high availability allows {name} on {home} alone ({rules}){source}."
    if disks:
        return (
            f"Yes, but slowly: disks of {name} lie on {home} alone ({bound.show('disks_of_one_node')}) and are copied "
            f"with it; no device binds it there{source}."
        )
    return f"Yes: nothing binds {name} to {home}, neither a device nor a disk that only {home} has{source}."


def _by_itself(guest: Row, bound: Row) -> str:
    """Whether high availability would start it on another node."""
    name, home, source = guest_name(guest), bound.show("runs_on"), cite(bound.evidence)
    if bound.get("under_ha") is False:
        return f"No: {name} is not under high availability; it stays down until {home} is back, or by hand{source}."
    if not bound.known("under_ha") or bound.get("bound_by") is None:
        return f"Whether {name} would start elsewhere by itself is not known{source}."
    if bound.known("bound_by"):
        return f"No: {name} is under high availability, but bound to {home}: {bound.show('bound_by')}{source}."
    return f"Yes: {name} is under high availability, and nothing binds it to {home}{source}."


def _has_room(guest: Row, node: Row) -> str:
    """Whether the node that it shall go to is there and has the memory."""
    name, source = node.show("name"), cite(node.evidence)
    if node.get("online") is False:
        return f"{name} is offline{source}."
    used, total, size = (
        node.number("memory_used_bytes"), node.number("memory_total_bytes"), guest.number("memory_total_bytes"),
    )  # fmt: skip
    if used is None or total is None or size is None:
        return f"Whether {name} has memory for it is not known{source}."
    enough = "enough" if size <= total * NEARLY_ALL - used else "too little"
    return f"{name} has {format_bytes(total - used)} of memory free, {enough} for its {format_bytes(size)}{source}."


def _is_older(home: Row, node: Row) -> str:
    """A live migration to an older release of PVE is not supported."""
    here, there = (_release(row) for row in (home, node))
    if not (here and there) or there >= here:
        return ""
    return (
        f"But {node.show('name')} runs an older PVE, {node.show('pve_version')} against {home.show('pve_version')}"
        f"{cite(node.evidence, home.evidence)}: a live migration from newer to older is not supported."
    )


def _release(row: Row) -> tuple[int, ...]:
    """`8.4.14` as numbers, its first two: within a minor release all can be migrated."""
    return tuple(int(part) for part in str(row.get("pve_version") or "").split(".")[:2] if part.isdigit())


def _lost_since(story: Story, guest: Row, bound: Row) -> str:
    name, source = guest_name(guest), cite(bound.evidence)
    if bound.known("copied_at"):
        copied = datetime.fromisoformat(str(bound.get("copied_at")))
        age = format_duration((story.now - copied).total_seconds())
        return (
            f"What {name} wrote in the last {age} would be lost: it was copied to {bound.show('copied_to')} last at "
            f"{bound.show('copied_at')}{source}."
        )
    if bound.known("copied_to"):
        return (
            f"All of {name}: it is to be copied to {bound.show('copied_to')}, and no copy has ever succeeded{source}."
        )
    if bound.known("disks_of_one_node"):
        return (
            f"All of {name}: its disks lie on {bound.show('runs_on')} alone and are not replicated{source}; what is "
            "left is its last backup."
        )
    return f"Nothing of its disks: no disk of {name} lies on {bound.show('runs_on')} alone{source}."
