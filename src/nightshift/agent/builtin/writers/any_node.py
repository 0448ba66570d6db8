"""Whether the cluster bears the loss of a node, whichever it is, or of several at once."""

from __future__ import annotations

from math import comb

from nightshift.agent.builtin.story import Row, Story, bullet, cite, plural
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.units import format_bytes


def any_node(story: Story) -> str:
    """One line for each set of nodes that may be lost together, and the verdict over all of them first."""
    losses = [_Loss(story, at) for at in range(len(story.evidence("impact"))) if _is_whole(story, at)]
    if not losses:
        return "The nodes could not be read, so I cannot tell what depends on them."
    sources = cite(*(loss.whole.evidence for loss in losses))
    lines = bullet(loss.line() for loss in losses)
    more = "" if _are_all(story, losses) else "More losses than these are possible; I looked at no more."
    parts = (f"{_verdict(story, losses)}{sources}.", lines, more, not_seen(story.gaps("impact")))
    return "\n\n".join(filter(None, parts))


def _is_whole(story: Story, at: int) -> bool:
    return "keeps_quorum" in story.evidence("impact")[at].columns


class _Loss:
    """The loss of one set of nodes: what is told of the whole, and the memory of the guests that ran there."""

    def __init__(self, story: Story, at: int) -> None:
        self.whole: Row = story.rows(story.evidence("impact")[at])[0]
        fates = story.rows(story.evidence("impact")[at + 1])
        self.used = sum(row.number("memory_used_bytes") or 0.0 for row in fates)
        self.most = sum(row.number("memory_total_bytes") or 0.0 for row in fates)
        self.room = self.whole.number("room_bytes")

    @property
    def name(self) -> str:
        return self.whole.show("node")

    @property
    def count(self) -> int:
        """How many nodes are lost together."""
        return len(self.name.split(" and "))

    @property
    def fits(self) -> bool | None:
        """Whether the others have memory for what its guests use now; None where that is not known."""
        return None if self.room is None else self.used <= self.room

    def line(self) -> str:
        told = self.whole
        keeps = told.get("keeps_quorum")
        quorum = "" if keeps is None else f": the cluster {'keeps' if keeps else 'loses'} its quorum"
        guests = int(told.number("running_guests") or 0)
        room = "" if self.room is None else f", the others have room for {format_bytes(self.room)}"
        moving = int(told.number("restart_elsewhere") or 0)
        parts = [
            f"without {self.name}{quorum}",
            f"{plural(guests, 'running guest')} gone, {moving} of them start elsewhere by high availability",
            f"they use {format_bytes(self.used)} of memory and may use {format_bytes(self.most)}{room}",
        ]
        return "; ".join(parts if guests else parts[:1])


def _are_all(story: Story, losses: list[_Loss]) -> bool:
    """Whether every set of as many nodes was looked at: their number is bounded."""
    nodes = {entry.entity for entry in story.index.entries if entry.entity.kind == "node"}
    return len(losses) >= comb(len(nodes), losses[0].count)


def _may_still_fail(losses: list[_Loss]) -> int | None:
    """How many more nodes with a vote each: what is left without one that is away already is what there is now."""
    left = {loss.whole.number("votes_left") for loss in losses}
    needed = losses[0].whole.number("votes_needed")
    known = [votes for votes in left if votes is not None]
    if needed is None or not known:
        return None
    present = max(known) + (1 if len(known) == 1 else 0)
    return max(0, int(present - needed))


def _verdict(story: Story, losses: list[_Loss]) -> str:
    quorum = [loss for loss in losses if loss.whole.get("keeps_quorum") is False]
    tight = [loss for loss in losses if loss.fits is False]
    count = losses[0].count
    if story.question.has("COUNT") and count == 1 and (left := _may_still_fail(losses)) is not None:
        needed = losses[0].whole.show("votes_needed")
        return f"{plural(left, 'more node')} may fail before the quorum is lost: {needed} votes are needed".capitalize()
    what = "any one node" if count == 1 else f"any {count} nodes at once"
    if quorum:
        which = f"the loss of {what}" if len(quorum) == len(losses) else f"every loss: without {quorum[0].name}"
        return f"No: the cluster does not bear {which}, it would have no quorum"
    if tight:
        return f"Not for memory: without {tight[0].name} the others lack room for what its guests use"
    told_room = all(loss.fits is not None for loss in losses)
    if any(loss.whole.get("keeps_quorum") is None for loss in losses):
        memory = (
            "the others have memory for what its guests use" if told_room else "nor whether the others have the memory"
        )
        return f"Whether a quorum would be left without {what} is not known; {memory}"
    if not told_room:
        return f"The cluster keeps its quorum without {what}; whether the others have the memory is not known"
    full = [loss for loss in losses if (loss.room or 0.0) < loss.most]
    but = "; for all that they may use it is too little" if full else ""
    yes = "Yes" if _are_all(story, losses) else "As far as I looked"
    return (
        f"{yes}: without {what} the cluster keeps its quorum, and the others have memory for what its guests use{but}"
    )
