"""Which disks are meant: by kind, size, place and pool, by a bound on a figure, in the order that was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.names.devices import devices_in
from nightshift.agent.builtin.questions.bounds import find_amount
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.story import Row, Story
from nightshift.facts.finding import Finding

ABOUT = 0.12
"""Makers count in powers of ten: `the 8 TB drive` has 7.28 TiB."""
KINDS = (
    ("ssds", "SSD", ("ssd", "nvme")), ("ssd", "SSD", ("ssd", "nvme")), ("nvmes", "NVMe disk", ("nvme",)),
    ("hdds", "hard disk", ("hdd",)), ("nvme", "NVMe disk", ("nvme",)), ("hdd", "hard disk", ("hdd",)),
    ("spinning", "hard disk", ("hdd",)), ("rotating", "hard disk", ("hdd",)),
)  # fmt: skip
_SORTED_BY = {
    "HEAT": "temperature_celsius",
    "WEAR": "wear_left_fraction",
    "POWER_ON": "power_on_s",
    "FULL": "size_bytes",
}


def meant(story: Story, rows: list[Row]) -> list[Row]:
    """`the second one`: of the list that was told before."""
    devices = devices_in(story.question.text)
    keys = {disk.key for disk in story.question.of_kind("disk")} if len(devices) < 2 else frozenset()
    rows = [row for row in rows if row.get("key") in keys] or rows
    said = find_amount(story.question.text)
    told = devices - {name for found in serious(story) for name in devices_in(f"{found.title} {found.detail}")}
    rows = [row for row in rows if str(row.get("path")).rpartition("/")[2] in devices] or ([] if told else rows)
    ill = [row for row in rows if any(is_named(finding, row) for finding in serious(story))]
    if ill and _THE_OTHERS.search(story.question.text.lower()):
        rows = [row for row in rows if row not in ill] or rows
    elif ill and _THE_ILL_ONE.search(story.question.text.lower()):
        rows = ill
    of_size = [row for row in rows if said and abs((row.number("size_bytes") or 0.0) / said[1] - 1) < ABOUT]
    rows = _beyond(story.question, of_size or rows)
    rows = of_the_pool(story.question, rows)
    place = story.question.place
    return rows if place is None else rows[place:][:1]


def _beyond(question: Question, rows: list[Row]) -> list[Row]:
    """`Any drive over 50 degrees?`: those, else all."""
    bound = question.bound
    if bound is not None and bound.dimension == "seconds" and question.has("POWER_ON"):
        return [row for row in rows if (hours := row.number("power_on_s")) is not None and bound.holds(hours)]
    if bound is None or bound.dimension not in ("celsius", "count") or not question.has("HEAT"):
        return rows
    return [
        row for row in rows if (heat := row.number("temperature_celsius")) is not None and bound.holds(heat)
    ] or rows


def of_the_pool(question: Question, rows: list[Row]) -> list[Row]:
    """`rpool on pve2`: the disks of that one, though pve1 has a pool of that name too."""
    pools = {tuple(pool.key.split("/")[1:]) for pool in question.of_kind("pool")}
    return [row for row in rows if (row.get("node"), row.get("pool")) in pools] or rows


_A_DISK = r"(?:disks?|drives?|ssds?|hdds?|nvmes?|ones?)\b"
_THE_ILL_ONE = re.compile(
    rf"\b(?:dying|dead|bad|broken|fault(?:ed|y)|fail(?:ing|ed)|defective|sick|ill|damaged|degraded|hot|cooking|worn)"
    rf"(?: \w+)? {_A_DISK}|\b(?:that|this|it|its)\b(?: \w+)?(?: {_A_DISK}|\W*$)"
)
_THE_OTHERS = re.compile(rf"\b(?:other|others|remaining|second|2nd)(?: \w+)? {_A_DISK}|\brest of the {_A_DISK}")


def serious(story: Story) -> list[Finding]:
    """What is wrong with disks, beside what is only told."""
    return [finding for finding in story.findings("disks") if finding.severity != "info"]


def in_order(story: Story, rows: Sequence[Row]) -> list[Row]:
    """The highest first where the most or the least of something is asked for; of wear what is left counts."""
    column = next((column for concept, column in _SORTED_BY.items() if story.question.has(concept)), "")
    if not column or not story.question.has("MOST", "LEAST"):
        return list(rows)
    most = story.question.has("MOST") != (column == "wear_left_fraction")
    known = [row for row in rows if row.number(column) is not None]
    known.sort(key=lambda row: row.number(column) or 0.0, reverse=most)
    return [*known, *(row for row in rows if row.number(column) is None)]


def is_ill(row: Row) -> bool:
    """Whether its pool does without it, or is about to."""
    return row.known("pool_state") and row.get("pool_state") != "ONLINE"


def is_named(finding: Finding, row: Row) -> bool:
    text = f"{finding.title} {finding.detail}"
    return finding.entity.key == row.get("key") or (row.known("serial") and row.show("serial") in text)
