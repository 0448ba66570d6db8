"""What `why` is asked about: not the thing as a whole, but its backups, its moves, its metrics, or that it is off."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, bullet, cite
from nightshift.agent.builtin.writers import backups
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.lines import is_as_it_should, summary_line
from nightshift.agent.builtin.writers.task_lines import task_line

SHOWN = 5
_BY = {"MEMORY": "memory_used_bytes", "CPU": "cpu_fraction", "LOAD": "cpu_fraction", "SLOW": "cpu_fraction"}


def aspects(story: Story) -> str:
    """What was read about that which was asked about; empty when nothing in particular was."""
    told = (_backups(story), _tasks(story), _stops(story), _targets(story), _uses_most(story))
    return "\n\n".join(filter(None, told))


def _backups(story: Story) -> str:
    tables = [item for item in story.evidence("backups") if "covered_by" in item.columns and item.rows]
    return "\n\n".join(backups.of_guest(story, story.rows(item)[0]) for item in tables)


def _tasks(story: Story) -> str:
    """Its tasks of the kind that was asked about, the newest first."""
    table = story.table("tasks", "task", "outcome")
    if table is None:
        return ""
    rows = story.rows(table)
    if not rows:
        return f"I see no such task in what is kept{cite(table)}."
    lines = [f"{task_line(row)}{', by ' + row.show('user') if row.known('user') else ''}" for row in rows[:SHOWN]]
    return f"Its tasks of that kind{cite(table)}:\n{bullet(lines)}"


def _stops(story: Story) -> str:
    """Who or what stopped it: the tasks of PVE around that moment."""
    lines = []
    for result in story.of("restarts"):
        table = next((item for item in result.evidence if item.title.startswith("Tasks that")), None)
        if table is None or table.kind == "none":
            continue
        if table.rows:
            lines += [f"{task_line(row)}, by {row.show('user')}{cite(table)}" for row in story.rows(table)[:SHOWN]]
        else:
            lines.append(
                f"no task of PVE that I can see stopped it{cite(table)}: it was longer ago, or it went off from inside"
            )
    return f"What is known of that:\n{bullet(lines)}" if lines else ""


def _targets(story: Story) -> str:
    """The scrape targets of the thing, those that fail first."""
    table = story.table("inventory", "job", "instance")
    if table is None:
        return ""
    rows = sorted(story.rows(table), key=is_as_it_should)
    if not rows:
        return f"Prometheus has no target that belongs to it{cite(table)}."
    return "\n".join(summary_line(row) for row in rows[:SHOWN])


def _uses_most(story: Story) -> str:
    """Of a node: the guests that use most of what is asked about."""
    column = next((column for concept, column in _BY.items() if story.question.has(concept)), "")
    table = story.table("entity", "vmid", "cpu_fraction", "memory_used_bytes")
    if not column or table is None or not story.question.of_kind("node"):
        return ""
    rows = [row for row in story.rows(table) if row.number(column)]
    rows.sort(key=lambda row: -(row.number(column) or 0.0))
    lines = [_share(row, column) for row in rows[:SHOWN]]
    return f"The guests there that use most{cite(table)}:\n{bullet(lines)}" if lines else ""


def _share(row: Row, column: str) -> str:
    of = f" of {row.show('cpus')} cores" if column == "cpu_fraction" else ""
    return f"{row.show('name')}: {row.show(column)}{of}"


def misfits(story: Story) -> list[str]:
    """The state of each thing that is not as it should be, whatever was found about it."""
    return [line for row in entity_rows(story) if not is_as_it_should(row) and (line := summary_line(row))]
