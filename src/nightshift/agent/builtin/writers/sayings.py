"""How a figure of things is told: `uses the most memory`, `have 28 GiB in total`, `45 % of 8 cores`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nightshift.agent.builtin.questions.survey import Survey
from nightshift.agent.builtin.story import Row
from nightshift.facts.units import format_bytes


@dataclass(frozen=True, slots=True)
class _Saying:
    """How a figure is told: `has` and `has many` with the figure behind it, and what of it is meant."""

    columns: tuple[str, ...]
    most: str
    one: str
    many: str
    what: str


SAYINGS: Mapping[str, _Saying] = {
    "cpu": _Saying(("cpu_fraction",), "uses the {} CPU", "uses", "use", "of its CPU"),
    "memory": _Saying(("memory_used_bytes",), "uses the {} memory", "uses", "use", "of memory"),
    "disk": _Saying(("disk_used_bytes", "rootfs_used_bytes"), "uses the {} disk", "uses", "use", "of disk"),
    "uptime": _Saying(("uptime_s",), "has been up {}", "has been up for", "have been up for", ""),
    "cpus": _Saying(("cpus",), "has the {} cores", "has", "have", "cores"),
    "memory_size": _Saying(("memory_total_bytes",), "has the {} memory assigned", "has", "have", "of memory"),
    "disk_size": _Saying(
        ("disk_total_bytes", "total_bytes", "rootfs_total_bytes"), "has the {} disk", "has", "have", "of disk"
    ),
    "memory_share": _Saying(("memory_fraction",), "uses the {} of its memory", "uses", "use", "of the memory"),
    "disk_share": _Saying(("used_fraction",), "is the {} full", "is", "are", "full"),
    "memory_free": _Saying(("memory_used_bytes",), "has the {} memory free", "has", "have", "of memory free"),
    "disk_free": _Saying(("used_bytes", "disk_used_bytes"), "has the {} space free", "has", "have", "of space free"),
    "largest_disk": _Saying(("largest_disk_bytes",), "has the {} virtual disk", "has", "have", "of disk"),
    "guests": _Saying(("guests",), "has the {} guests", "has", "have", "guests"),
}
# What many come to, in total or on average; CPU and uptime do not add up.
SUMS: Mapping[str, str] = {
    "cpu": "{use} {mean_cpu_fraction} of their CPU on average",
    "uptime": "{have} been up for {mean_uptime_s} on average",
    "cpus": "{have} {cpus} cores {how}",
    "guests": "{have} {guests} guests {how}",
    "memory": "{use} {memory_used_bytes} of {memory_total_bytes} of memory {how}",
    "memory_size": "{have} {memory_total_bytes} of memory {how}, {memory_used_bytes} of it in use",
    "memory_free": "{use} {memory_used_bytes} of {memory_total_bytes} of memory {how}",
    "memory_share": "{use} {memory_used_bytes} of {memory_total_bytes} of memory {how}",
    "disk": "{use} {disk_used_bytes} of disk {how}, as far as PVE knows",
    "disk_size": "{have} {disk_total_bytes} of disk {how}",
}


class Cells(dict[str, str]):
    """The cells of a row of totals as a sentence wants them: `{cpus}` is their sum or their mean."""

    def __init__(self, row: Row, prefix: str, how: str, count: int) -> None:
        super().__init__(how=how, have="has" if count == 1 else "have", use="uses" if count == 1 else "use")
        self._row = row
        self._prefix = prefix

    def __missing__(self, name: str) -> str:
        return self._row.show(name if name.startswith("mean_") else f"{self._prefix}_{name}")


def figure(row: Row, column: str, asked: Survey) -> str:
    """The figure of one row with what it is a part of."""
    text = row.show(column)
    if asked.figure == "largest_disk":
        return f"{text} ({row.show('largest_disk')})"
    if asked.figure in ("memory_free", "disk_free"):
        total = column.replace("used", "total")
        left, whole = (row.number(total) or 0.0) - (row.number(column) or 0.0), row.show(total)
        return f"{format_bytes(left)} of {whole}"
    if column in ("memory_used_bytes", "memory_fraction") and row.known("memory_total_bytes"):
        return f"{row.show('memory_used_bytes')} of {row.show('memory_total_bytes')} ({row.show('memory_fraction')})"
    if column == "disk_used_bytes" and row.known("disk_total_bytes"):
        return f"{text} of {row.show('disk_total_bytes')}"
    if column == "cpu_fraction" and row.known("cpus"):
        return f"{text} of {row.show('cpus')} cores"
    if column == "used_fraction":
        return f"{text} of {row.show('total_bytes')}"
    return text
