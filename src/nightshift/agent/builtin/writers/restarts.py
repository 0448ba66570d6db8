"""When something last restarted, and why, as far as that can be known from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, one_line, plural, sentence
from nightshift.agent.builtin.writers.attributes import subject_of as _name
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.task_lines import task_line
from nightshift.facts.evidence import Evidence
from nightshift.tools.spec import ToolResult

SHOWN = 12
_TOGETHER = timedelta(minutes=30)
_BY_HAND = "`last -x -n 10 reboot shutdown` and `journalctl -b -1 -e` on {name} show how the boot before ended."


def restarts(story: Story) -> str:
    """Of each thing that was named; of everything that started in the window, when nothing was."""
    results = list(story.of("restarts"))
    parts = [_of_one(story, result) if story.question.entities else _of_all(story, result) for result in results]
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps())))) or "Uptimes could not be read."


def _of_one(story: Story, result: ToolResult) -> str:
    rows = story.rows(result.evidence[0])
    if not rows:
        return ""
    row = rows[0]
    parts = [_who_stopped(story, result, row), _when(story, row)]
    if _in_question(story, row):
        parts += _causes(story, result, row)
    else:
        parts.append(_task_lines(story, result))
    return "\n\n".join(filter(None, parts))


def _started(row: Row, column: str = "started_at") -> datetime | None:
    return datetime.fromisoformat(str(row.get(column))) if row.known(column) else None


def _in_question(story: Story, row: Row) -> bool:
    """Whether its last start is the one that is asked about: in the window, or any when no time was named."""
    span, started = story.question.span, _started(row)
    if started is None:
        return False
    return span is None or span.window.start <= started <= span.window.end


def _when(story: Story, row: Row) -> str:
    name, source, span, started = _name(row), cite(row.evidence), story.question.span, _started(row)
    if started is None:
        return f"{name} is {row.show('status')}, so when it last started is not known{source}."
    since = f"{row.show('started_at')}, {row.show('uptime_s')} ago"
    if span is None:
        return f"{name} last started at {since}{source}."
    if started < span.window.start:
        return f"No restart of {name} {story.when}: it has been up since {since}{source}."
    if started <= span.window.end:
        return f"{name} restarted {story.when}: it is up since {since}{source}."
    return (
        f"{name} last started at {since}{source}, after {story.when}: whether it restarted in that time as well, its "
        "uptime no longer tells."
    )


_STOPS = ("qmstop", "qmshutdown", "vzstop", "vzshutdown", "hastop")


def _who_stopped(story: Story, result: ToolResult, row: Row) -> str:
    """Whose task stopped a guest that is off; that none tells, where that was asked."""
    if row.get("status") != "stopped":
        return ""
    table = _tasks(result)
    stops = [task for task in (story.rows(table) if table else []) if task.show("task").startswith(_STOPS)]
    if stops:
        last = max(stops, key=lambda task: str(task.get("started_at")))
        return f"{last.show('user')} stopped {_name(row)}{cite(table)}: {task_line(last)}."
    return f"Who stopped {_name(row)} no task that is still kept tells." if story.question.has("@who_did") else ""


def _causes(story: Story, result: ToolResult, row: Row) -> list[str]:
    """What is known of why, the surest first; what cannot be known."""
    told = [_finding_lines(result), _with_its_node(row), _task_lines(story, result), _journal_line(story, result)]
    known = [text for text in told if text]
    if row.get("type") == "node":
        return [*known, _BY_HAND.format(name=row.show("name"))]
    tasks = _tasks(result)
    if not known and tasks is not None and tasks.kind != "none":
        known.append(
            f"No task of PVE around that moment started, stopped or moved it{cite(tasks)}: it did so by itself or from "
            f"inside, and why is only in its own logs (`journalctl -b -1 -e` in it)."
        )
    if row.get("type") == "VM":
        known.append("PVE counts from the start of the VM's process: a reboot from inside the VM is not seen here.")
    return known


def _finding_lines(result: ToolResult) -> str:
    table = next((item for item in result.evidence if {"finding", "remedy"} <= set(item.columns)), None)
    lines = [f"{one_line(f.title)}. {sentence(one_line(f.detail))}" for f in result.findings[:3]]
    return f"Found about it{cite(table)}:\n{bullet(lines)}" if lines else ""


def _with_its_node(row: Row) -> str:
    """A guest that started soon after its node restarted with it."""
    started, node = _started(row), _started(row, "node_started_at")
    if row.get("type") == "node" or started is None or node is None or not node <= started <= node + _TOGETHER:
        return ""
    return (
        f"It started with its node: {row.show('node')} is up since {row.show('node_started_at')}{cite(row.evidence)}."
    )


def _tasks(result: ToolResult) -> Evidence | None:
    return next((item for item in result.evidence if item.title.startswith("Tasks that")), None)


def _task_lines(story: Story, result: ToolResult) -> str:
    table = _tasks(result)
    if table is None or not table.rows:
        return ""
    rows = story.rows(table)
    lines = [f"{task_line(row)}, by {row.show('user')}" for row in rows[:SHOWN]]
    moved = any("migrat" in row.show("task") for row in rows)
    note = "\nA VM that moved to another node counts as started there: that is no restart." if moved else ""
    return f"Tasks of that time{cite(table)}:\n{bullet(lines)}{note}"


def _journal_line(story: Story, result: ToolResult) -> str:
    """The journal's word, unless a finding has given it already."""
    table = next((item for item in result.evidence if "why" in item.columns), None)
    if table is None or not table.rows or result.findings:
        return ""
    return f"{story.rows(table)[0].show('why').rstrip('.')}{cite(table)}."


def _of_all(story: Story, result: ToolResult) -> str:
    table = result.evidence[0]
    when = story.when or "in the last 24 h"
    rows = story.rows(table)
    if story.question.has("NODE") and not story.question.has("GUEST", "VM", "CT"):
        return _of_nodes(story, result, [row for row in rows if row.get("type") == "node"])
    if not rows:
        head = f"Nothing that runs now started {when}{cite(table)}."
        return "\n\n".join(filter(None, (head, _task_lines(story, result))))
    head = f"{plural(table.total, 'thing')} that {_runs(table.total)} now started {when}{cite(table)}:"
    lines = [f"{_name(row)} on {row.show('node')}, up since {row.show('started_at')}" for row in _nodes_first(rows)]
    more = ["and more, in the evidence"] if table.total > SHOWN else []
    text = f"{head}\n{bullet((*lines[:SHOWN], *more))}"
    return "\n\n".join(filter(None, (text, _finding_lines(result), _task_lines(story, result))))


def _of_nodes(story: Story, result: ToolResult, rows: Sequence[Row]) -> str:
    """Of the nodes alone, where they were asked for: that a guest started is no restart of one."""
    table, when = result.evidence[0], story.when or "in the last 24 h"
    whether = yes_or_no(bool(rows)) if wants_yes_or_no(story.question.text) else ""
    if not rows:
        return f"{whether}{'no' if whether else 'No'} node that is up now started {when}{cite(table)}."
    lines = [f"{_name(row)}, up since {row.show('started_at')}" for row in rows[:SHOWN]]
    head = f"{whether}{plural(len(rows), 'node')} started {when}{cite(table)}:\n{bullet(lines)}"
    return "\n\n".join(filter(None, (head, _finding_lines(result), _task_lines(story, result))))


def _runs(count: int) -> str:
    return "runs" if count == 1 else "run"


def _nodes_first(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.get("type") != "node")
