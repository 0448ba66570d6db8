"""A tool call as the planner makes it, and the names by which the tools find things again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nightshift.facts.evidence import Cell
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import ToolResult

MOST_ENTITIES = 3
Results = Mapping[str, Sequence[ToolResult]]
"""What the first calls gave, by tool."""


def cells_of(results: Results, tool: str, *columns: str) -> list[tuple[Cell, ...]]:
    """These cells of every row of the tables of a tool that have all these columns."""
    tables = [e for result in results.get(tool, ()) for e in result.evidence if set(columns) <= set(e.columns)]
    return [tuple(row[table.columns.index(name)] for name in columns) for table in tables for row in table.rows]


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """How to write an entity so that the tools find it again."""

    index: EntityIndex

    def name_of(self, entity: Entity) -> str:
        """Its name when that is certain, else its key."""
        short = entity.label.split(" (")[0]
        return short if self.index.find(short) == (entity,) else entity.key

    def know(self, entity: Entity) -> bool:
        """Whether the tools find it: a finding may be about something that is in no inventory, such as a cluster."""
        return any(entry.entity == entity for entry in self.index.entries)
