"""Which rows of a list are meant, in which order, and what they come to: any figure, any bound, any group."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Cell

Row = tuple[Cell, ...]
Figure = Literal[
    "name", "cpu", "memory", "disk", "uptime", "cpus", "memory_size", "disk_size", "memory_share", "disk_share",
    "memory_free", "disk_free", "guests", "largest_disk",
]  # fmt: skip
Group = Literal["", "all", "node", "tag", "status", "type", "pool"]

# The columns of a figure in the different lists; of two columns the second is taken from the first.
_COLUMNS: Mapping[str, tuple[str | tuple[str, str], ...]] = {
    "cpu": ("cpu_fraction",),
    "memory": ("memory_used_bytes",),
    "disk": ("disk_used_bytes", "used_bytes", "rootfs_used_bytes"),
    "uptime": ("uptime_s",),
    "cpus": ("cpus",),
    "memory_size": ("memory_total_bytes",),
    "disk_size": ("disk_total_bytes", "total_bytes", "rootfs_total_bytes"),
    "memory_share": ("memory_fraction",),
    "disk_share": ("used_fraction",),
    "memory_free": (("memory_total_bytes", "memory_used_bytes"),),
    "disk_free": (
        ("disk_total_bytes", "disk_used_bytes"),
        ("total_bytes", "used_bytes"),
        ("rootfs_total_bytes", "rootfs_used_bytes"),
    ),
    "guests": ("guests",),
    "largest_disk": ("largest_disk_bytes",),
}
_BOUND = re.compile(r"\s*(\w+)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda figure, bound: figure < bound,
    "<=": lambda figure, bound: figure <= bound,
    ">": lambda figure, bound: figure > bound,
    ">=": lambda figure, bound: figure >= bound,
}
_COUNTED = ("cpus", "guests", "running_guests")
_WITHOUT = "(none)"


def figure_of(columns: Sequence[str], figure: str) -> Callable[[Row], float | None]:
    """How a figure is read from a row; None where it is not known. Raises ToolInputError when there is none here."""
    for column in _COLUMNS.get(figure, ()):
        names = (column,) if isinstance(column, str) else column
        if set(names) <= set(columns):
            places = [columns.index(name) for name in names]
            return partial(_difference, places)
    known = ", ".join(_figures_in(columns)) or "none"
    raise ToolInputError(f"This list has no figure {figure}.", f"Figures: {known}.")


def _difference(places: Sequence[int], row: Row) -> float | None:
    """The first cell without the others."""
    known = [float(cell) for at in places if isinstance(cell := row[at], int | float)]
    if len(known) < len(places):
        return None
    return known[0] - sum(known[1:])


def _figures_in(columns: Sequence[str]) -> list[str]:
    return [
        figure
        for figure, wanted in _COLUMNS.items()
        if any(set((one,) if isinstance(one, str) else one) <= set(columns) for one in wanted)
    ]


def bounded(columns: Sequence[str], rows: Iterable[Row], where: str) -> list[Row]:
    """The rows whose figure keeps the bound: `memory_share > 0.8`. One that is not known does not keep it."""
    if not where:
        return list(rows)
    match = _BOUND.fullmatch(where)
    if match is None:
        raise ToolInputError(f"'{where}' is no bound.", "Write for example `memory_share > 0.8`.")
    name, operator, bound = match.groups()
    figure, holds = figure_of(columns, name), _COMPARE[operator]
    return [row for row in rows if (value := figure(row)) is not None and holds(value, float(bound))]


def ordered(columns: Sequence[str], rows: list[Row], figure: Figure, *, ascending: bool = False) -> list[Row]:
    """By name; by a figure the highest first, or the lowest. What is not known comes last."""
    if figure == "name":
        label = columns.index("name") if "name" in columns else 0
        return sorted(rows, key=lambda row: (str(row[label] or ""), str(row[0])))
    read = figure_of(columns, figure)

    def place(row: Row) -> tuple[bool, float]:
        value = read(row)
        return value is None, (value if ascending else -value) if value is not None else 0.0

    return sorted(rows, key=place)


def totals(columns: Sequence[str], rows: Iterable[Row], by: Group) -> tuple[tuple[str, ...], list[Row]]:
    """Columns and rows of what each group comes to: how many, sums of sizes, averages over those that are known.

    A guest with several tags is in the group of each.
    """
    sums = [name for name in columns if name.endswith("_bytes") or name in _COUNTED]
    means = [name for name in columns if name.endswith(("_bytes", "cpu_fraction", "memory_fraction", "uptime_s"))]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        for name in _groups_of(columns, row, by):
            groups.setdefault(name, []).append(row)
    made = ("group", "count", "running", *(f"total_{name}" for name in sums), *(f"mean_{name}" for name in means))
    found = [
        (
            name,
            len(members),
            _running(columns, members),
            *(_sum(columns, members, column) for column in sums),
            *(_mean(columns, members, column) for column in means),
        )
        for name, members in groups.items()
    ]
    return made, sorted(found, key=lambda row: str(row[0]))


def _groups_of(columns: Sequence[str], row: Row, by: Group) -> Sequence[str]:
    if by == "all":
        return ("all",)
    column = {"tag": "tags"}.get(by, by)
    if column not in columns:
        raise ToolInputError(f"This list cannot be grouped by {by}.", "Group by all.")
    cell = str(row[columns.index(column)] or "")
    return (cell.split() if by == "tag" else [cell]) if cell else (_WITHOUT,)


def _running(columns: Sequence[str], rows: Sequence[Row]) -> int | None:
    if "status" not in columns:
        return None
    return sum(row[columns.index("status")] == "running" for row in rows)


def _known(columns: Sequence[str], rows: Sequence[Row], column: str) -> list[float]:
    at = columns.index(column)
    return [float(cell) for row in rows if isinstance(cell := row[at], int | float)]


def _sum(columns: Sequence[str], rows: Sequence[Row], column: str) -> float | None:
    known = _known(columns, rows, column)
    return sum(known) if known else None


def _mean(columns: Sequence[str], rows: Sequence[Row], column: str) -> float | None:
    known = _known(columns, rows, column)
    return sum(known) / len(known) if known else None
