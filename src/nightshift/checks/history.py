"""The last hour of a node, as checks read it: averages over minutes that are really there, and the rows to show."""

from __future__ import annotations

import math
from datetime import timedelta
from operator import attrgetter
from statistics import fmean

from nightshift.checks.evidence import table
from nightshift.facts.evidence import Evidence
from nightshift.facts.inventory import Node
from nightshift.facts.nodes import RECORDS_STALE, NodeHistory
from nightshift.facts.snapshot import Snapshot

NODE_RRD = "GET /nodes/{node}/rrddata?timeframe=hour"
_ENOUGH = 0.6  # of a window has to be there: a node that just booted has no past to judge
_STEP_MIN = 5
_SHOWN_MIN = 60


def histories(snapshot: Snapshot) -> dict[str, NodeHistory]:
    """The histories by the key of their node."""
    return {f"node:{row.source}/{row.node}": row for row in snapshot.node_history}


def recent_mean(snapshot: Snapshot, history: NodeHistory | None, field: str, minutes: int) -> float | None:
    """The mean of a figure over the last minutes, by the node's own clock, which dates its records; None when fewer
    than 60 % of them are there, or none of late."""
    if history is None or not history.points:
        return None
    latest = history.points[-1].at
    own = (item for item in snapshot.clocks if (item.source, item.node) == (history.source, history.node))
    behind = timedelta(seconds=max(-next((item.skew_s for item in own), 0.0), 0.0))
    if snapshot.taken_at - behind - latest > RECORDS_STALE:
        return None
    get = attrgetter(field)
    begin = latest - timedelta(minutes=minutes)
    values = [value for point in history.points if point.at > begin and (value := get(point)) is not None]
    values = [value for value in values if math.isfinite(value)]
    return fmean(values) if len(values) >= _ENOUGH * minutes else None


def course(snapshot: Snapshot, node: Node, history: NodeHistory | None, title: str, **columns: str) -> Evidence:
    """The last hour in steps of five minutes. `columns` maps the name of a column to the figure that it shows."""
    rows = []
    points = history.points if history else ()
    if points:
        end = points[-1].at
        for back in range(0, _SHOWN_MIN, _STEP_MIN):
            until, since = end - timedelta(minutes=back), end - timedelta(minutes=back + _STEP_MIN)
            step = [point for point in points if since < point.at <= until]
            cells = (_mean([getattr(point, field) for point in step]) for field in columns.values())
            if step:
                rows.append((until.isoformat(), *cells))
    request = NODE_RRD.format(node=node.name)
    return table(snapshot, node.source, request, title, ("until_at", *columns), rows)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return fmean(known) if known else None
