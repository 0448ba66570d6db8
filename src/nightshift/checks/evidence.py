"""The tables that findings carry: the few rows that a check judged, with the request they came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from nightshift.facts.cluster import cluster_entity
from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot

ROWS_SHOWN = 30

CLUSTER_STATUS = "GET /cluster/status"
RESOURCES = "GET /cluster/resources"
BACKUP_JOBS = "GET /cluster/backup"
TASKS = "GET /nodes/{node}/tasks"
DATASTORE_USAGE = "GET /status/datastore-usage"
GARBAGE_COLLECTION = "GET /admin/gc"
GROUPS = "GET /admin/datastore/{store}/groups"
TARGETS = "GET /api/v1/targets?state=active"
ALERTS = "GET /api/prometheus/grafana/api/v1/alerts"
RULES = "GET /api/prometheus/grafana/api/v1/rules"


def table(
    snapshot: Snapshot,
    source: str,
    request: str,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> Evidence:
    """A table of at most 30 rows; `total` counts them all. A column's suffix tells its unit (`used_bytes`)."""
    every = tuple(tuple(row) for row in rows)
    shown = every[:ROWS_SHOWN]
    return Evidence(
        source=source,
        kind="rows",
        request=request,
        title=title,
        taken_at=snapshot.taken_at,
        columns=tuple(columns),
        rows=shown,
        total=len(every),
        shown=len(shown),
        complete=len(shown) == len(every),
    )


def iso(moment: datetime | None) -> str | None:
    """A time as a cell of a `…_at` column."""
    return moment.isoformat() if moment is not None else None


def metric_source(snapshot: Snapshot) -> str:
    """The id of the Prometheus that the PromQL rows came from."""
    return next((status.id for status in snapshot.sources if status.kind == "prometheus"), "prometheus")


def named(entities: Iterable[Entity], most: int = 5) -> str:
    """`web (VM 104), db (CT 105) and 3 more`."""
    labels = [entity.label for entity in entities]
    shown = labels[:most]
    rest = len(labels) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else "".join(shown)


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 guest`, `3 guests`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def cluster_of(snapshot: Snapshot, source: str) -> Entity:
    """The cluster that a PVE source is, by its own name where that is known."""
    return cluster_entity(source, next((item.name for item in snapshot.clusters if item.source == source), None))
