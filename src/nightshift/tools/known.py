"""Everything that a snapshot holds about one entity, whatever it is: a table for each dataset that has rows of it.

A dataset that somebody adds shows here without another word: rows are told by their own fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.ids import Entity, key_parts
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.tools.tables import iso, table

_TOLD_ELSEWHERE = frozenset({"tasks", "pbs_tasks", "guest_tasks", "alerts", "alert_rules", "targets", "backup_groups"})
_SAID_BY_THE_TITLE = frozenset({"source", "vmid", "node", "kind"})
_MOST_ROWS = 20
_LONGEST = 120


def known(snapshot: Snapshot, entity: Entity, now: datetime) -> tuple[Evidence, ...]:
    """One table a dataset, in the order of the snapshot; what the entity's own page tells anyway is left out."""
    return tuple(_tables(snapshot, entity, now))


def _tables(snapshot: Snapshot, entity: Entity, now: datetime) -> Iterator[Evidence]:
    for item in fields(snapshot):
        dataset = getattr(snapshot, item.name)
        if not isinstance(dataset, Dataset) or item.name in _TOLD_ELSEWHERE:
            continue
        rows = [row for row in dataset if is_dataclass(row) and _concerns(row, entity)]
        if rows:
            yield _table(item.name, rows, snapshot, entity, now, dataset)


def _table(
    name: str, rows: list[Any], snapshot: Snapshot, entity: Entity, now: datetime, dataset: Dataset[Any]
) -> Evidence:
    columns = [item.name for item in fields(rows[0]) if item.name not in _SAID_BY_THE_TITLE]
    taken_at = dataset.taken_at or snapshot.taken_at
    title = f"{name.replace('_', ' ').capitalize()} of {entity.label}"
    cells = ([_cell(getattr(row, column)) for column in columns] for row in rows)
    return table(entity.source, f"dataset {name}", title, columns, cells, taken_at=taken_at, now=now, limit=_MOST_ROWS)


def _concerns(row: object, entity: Entity) -> bool:
    own = getattr(row, "entity", None)
    if isinstance(own, Entity) and own.key == entity.key:
        return True
    kind, parts = key_parts(entity.key)
    if getattr(row, "source", None) != parts[0]:
        return False
    names = {"guest": ("vmid",), "node": ("node",), "datastore": ("datastore",), "storage": ("node", "storage")}
    wanted = names.get(kind)
    if kind == "node" and hasattr(row, "vmid"):  # what is about a guest is told of the guest
        return False
    if wanted is None or (isinstance(own, Entity) and kind != "node"):
        return False
    return all(str(getattr(row, name, None)) == part for name, part in zip(wanted, parts[1:], strict=False))


def _cell(value: object) -> Cell:
    """A value as one cell: times as ISO 8601, several in one line, cut where it is long."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return iso(value)
    text = ", ".join(map(_words, value)) if isinstance(value, tuple | frozenset) else _words(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ": ".join(map(_words, value))
    if is_dataclass(value) and not isinstance(value, type):
        return " ".join(_plain(getattr(value, item.name) for item in fields(value)))
    return str(value)


def _plain(values: Iterable[object]) -> Iterator[str]:
    return (iso(value) or "" if isinstance(value, datetime) else str(value) for value in values if value is not None)
