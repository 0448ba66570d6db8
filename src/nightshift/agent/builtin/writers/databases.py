"""How large databases are, by what the exporter of PostgreSQL tells of each."""

from __future__ import annotations

import re

from nightshift.agent.builtin.story import Row, Story, bullet, cite, one_line
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.units import format_bytes

LISTED = 12


def database_sizes(story: Story) -> str:
    """The one that was named, the sum where that was asked for, the largest or the smallest; then each of them."""
    table = next(iter(story.evidence("promql", "rows")), None)
    gaps = not_seen(story.gaps())
    if table is None:
        return gaps or "Prometheus could not be asked for the sizes of databases."
    rows = sorted(
        (row for row in story.rows(table) if row.known("datname")), key=lambda row: -(row.number("value") or 0)
    )
    if not rows:
        return f"I cannot tell: Prometheus has no sizes of databases (`pg_database_size_bytes`){cite(table)}."
    text = story.question.text.lower()
    named = [row for row in rows if re.search(rf"(?<![\w-]){re.escape(row.show('datname').lower())}(?![\w-])", text)]
    ranked = story.question.has("MOST", "LEAST")  # `the largest postgres database` is not the one of that name
    own = [row for row in named if row.show("datname") != "postgres"] or ([] if ranked else named)
    whole = format_bytes(sum(row.number("value") or 0 for row in rows))
    if story.question.has("TOTAL"):
        many = f"All {len(rows)} databases" if table.shown == table.total else f"The first {table.shown} databases"
        head = f"{many} together: {whole}{cite(table)}."
    elif own:
        head = " ".join(f"The database {_line(row)}{cite(table)}." for row in own)
    elif story.question.has("LEAST"):
        head = f"The smallest database is {_line(rows[-1])}{cite(table)}."
    else:
        head = f"The largest database is {_line(rows[0])}{cite(table)}."
    if own and not story.question.has("TOTAL"):
        return "\n\n".join(filter(None, (head, gaps)))
    return "\n\n".join(filter(None, (head, bullet(map(_line, rows[:LISTED])), gaps)))


def _line(row: Row) -> str:
    """`grafana: 1.2 GiB`"""
    return f"{one_line(row.show('datname'))}: {format_bytes(row.number('value') or 0)}"
