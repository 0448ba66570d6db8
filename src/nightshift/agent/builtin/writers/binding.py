"""Whether one guest could run elsewhere, have more memory where it is, and what a failover would lose of it."""

from __future__ import annotations

from datetime import datetime

from nightshift.agent.builtin.losses import OF_A_GUEST, more_bytes
from nightshift.agent.builtin.story import Row, Story, cite, guest_name
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.lines import summary_line
from nightshift.agent.builtin.writers.things import findings_line
from nightshift.facts.units import format_bytes, format_duration, format_percent

NEARLY_ALL = 0.9
"""Of a node's memory: what is beyond is left to the node itself."""


def binding(story: Story) -> str:
    """Empty where nothing of it is asked, or the guest is not known to the tools."""
    table = story.table("impact", "bound_by", "copied_to")
    rows = entity_rows(story)
    guest = next((row for row in rows if row.known("vmid")), None)
    if table is None or guest is None or not story.question.has(*OF_A_GUEST):
        return ""
    bound = story.rows(table)[0]
    nodes = [row for row in rows if "online" in row.evidence.columns]
    heads = []
    if story.question.has("@more_memory"):
        heads += [_more_memory(story, guest, node) for node in nodes[:1]]
    if story.question.has("@lost_since"):
        heads.append(_lost_since(story, guest, bound))
    if story.question.has("@may_move"):
        heads += [_may_move(guest, bound), *(_has_room(guest, node) for node in nodes if not _is_home(guest, node))]
    parts = [" ".join(filter(None, heads)), summary_line(guest), findings_line(story), not_seen(story.gaps())]
    return "\n\n".join(filter(None, parts))


def _is_home(guest: Row, node: Row) -> bool:
    return guest.get("node") == node.get("name")


def _more_memory(story: Story, guest: Row, node: Row) -> str:
    """Counted from what the node uses now: what its other guests may still take is their own affair."""
    used, total, wanted = (
        node.number("memory_used_bytes"),
        node.number("memory_total_bytes"),
        more_bytes(story.question.text),
    )
    name, sources = node.show("name"), cite(node.evidence, guest.evidence)
    if used is None or not total:
        return f"Whether {name} has memory to spare is not known{sources}."
    free = f"{format_bytes(total - used)} of its {format_bytes(total)} free"
    has = f"{name} has {free}, {format_percent(used / total)} is used"
    if wanted is None:
        return f"{has}{sources}; say how much more, and I tell whether it fits."
    fits, tight = used + wanted <= total * NEARLY_ALL, used + wanted <= total
    verdict, enough = ("Yes", "enough") if fits else ("Hardly", "just enough") if tight else ("No", "too little")
    return f"{verdict}: {has}; that is {enough} for what {guest_name(guest)} shall have more{sources}."


def _may_move(guest: Row, bound: Row) -> str:
    name, home, source = guest_name(guest), bound.show("runs_on"), cite(bound.evidence)
    if bound.get("bound_by") is None:
        return f"Whether something binds {name} to {home} is not known: its configuration has not been read{source}."
    if bound.known("devices"):
        return (
            f"Not without care: {name} is bound to {home} by devices or folders that are passed through to it from "
            f"there ({bound.show('devices')}), such as a USB stick or a PCI card, and that no other node has{source}."
        )
    if bound.known("disks_of_one_node"):
        return (
            f"Yes, but slowly: disks of {name} lie on {home} alone ({bound.show('disks_of_one_node')}) and are copied "
            f"with it; no device binds it there{source}."
        )
    if bound.known("bound_by"):
        return f"No: high availability allows {name} on {home} alone ({bound.show('bound_by')}){source}."
    return f"Yes: nothing binds {name} to {home}, neither a device nor a disk that only {home} has{source}."


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
