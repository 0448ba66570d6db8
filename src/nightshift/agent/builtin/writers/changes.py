"""What changed over a time: tasks, findings that came then, guests that started then, alerts that are new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line
from nightshift.agent.builtin.writers.findings import serious_causes, wrong_now
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.task_aspects import changing, deeds
from nightshift.agent.builtin.writers.task_lines import BEFORE, LISTED, full_line, grouped, when_of
from nightshift.facts.finding import Finding


def since_then(story: Story) -> str:
    """What else began to be wrong in the window: not everything that breaks is a task."""
    table = story.table("health", "finding", "remedy")
    span = story.question.span
    if table is None:
        return ""
    findings = serious_causes(story.findings("health"))
    if not findings:
        return ""
    began = [finding for finding in findings if span and _between(finding, span.window.start, span.window.end)]
    if began:
        lines = [f"{one_line(f.title)}, since {story.time(f.since)}" for f in began[:LISTED] if f.since]
        if len(began) > LISTED:
            lines.append("and more, in the evidence")
        return f"Not a task, but it began then{cite(table)}:\n{bullet(lines)}"
    return wrong_now(story, findings)


def _between(finding: Finding, start: datetime, end: datetime) -> bool:
    return finding.since is not None and start <= finding.since <= end


def changes(story: Story) -> str:
    """What is known to have changed: tasks by kind, alerts and findings that began. It is not everything."""
    table = story.table("tasks", "task", "outcome")
    when = when_of(story, table)
    parts: list[str] = []
    routine = ""
    if table is not None and table.rows:
        rows = changing(story.rows(table))
        counts = Counter(row.show("task") for row in rows)
        kinds = joined([f"{count} × {kind}" for kind, count in counts.most_common(8)], 8)
        of = f", the newest {table.shown} of {table.total}" if table.total > table.shown else ""
        failed = [row for row in rows if row.get("outcome") == "failed"]
        untold = any(row.get("outcome") == "unknown" for row in rows)
        none = "" if failed or of or untold else "; none of them failed"
        routine = f"Tasks {when}{of}{cite(table)}: {kinds}{none}."
        moved = story.table("restarts", "task", "outcome")  # not cut to the newest, which routine fills
        touched = list({full_line(row): row for row in deeds([*rows, *(story.rows(moved) if moved else ())])}.values())
        if story.question.has("@by_hand") and not touched:
            parts.append(f"Nobody, as far as the tasks tell: there is only routine {when}{of}{cite(table)}.")
        if failed:
            parts.append("Failed:\n" + bullet(grouped(failed)[:LISTED]))
        if touched:
            few = [full_line(row) for row in touched] if len(touched) <= BEFORE else grouped(touched)
            parts.append(f"Not routine{cite(table, moved)}:\n" + bullet(few[:LISTED]))
    elif table is not None and table.kind != "none":
        seen = " that I can see" if story.gaps("tasks") else ""
        routine = f"No task{seen} ran {when}{cite(table)}."
    span = story.question.span
    findings = [
        finding
        for finding in serious_causes(story.findings("health"))
        if span is None or _between(finding, span.window.start, span.window.end)
    ]
    if findings:
        health = story.table("health", "finding", "remedy")
        parts.append(f"Began to be wrong{cite(health)}:\n" + bullet(one_line(finding.title) for finding in findings))
    parts += filter(None, (_started_then(story), _new_alerts(story)))
    if story.question.has("@edited"):
        parts.insert(0, "Who edited a configuration, and when, I cannot tell: PVE keeps no history of that.")
    elif not parts and table is not None and table.rows:
        seen = " in what I could see" if story.gaps() or table.total > table.shown else ""
        parts.append(f"Nothing out of the ordinary {when}{seen}: only routine ran, and nothing began to be wrong.")
    parts.append(routine)
    parts.append("I see tasks, alerts and findings; changes made inside a guest leave no trace here.")
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


def _started_then(story: Story) -> str:
    """What started in the window, nodes first: a restart is no task."""
    table, span = story.table("restarts", "started_at", "node_started_at"), story.question.span
    if table is None or span is None:
        return ""
    known = [row for row in story.rows(table) if row.known("started_at")]
    then = [
        row
        for row in known
        if span.window.start <= datetime.fromisoformat(str(row.get("started_at"))) <= span.window.end
    ]
    then.sort(key=lambda row: (row.known("vmid"), str(row.get("started_at"))))
    lines = [f"{row.show('name') if row.known('name') else row.show('vmid')}, {row.show('started_at')}" for row in then]
    more = [f"and {len(lines) - LISTED} more, in the evidence"] if len(lines) > LISTED else []
    return f"Started then{cite(table)}:\n{bullet((*lines[:LISTED], *more))}" if lines else ""


def _new_alerts(story: Story) -> str:
    table = story.table("alerts", "alert", "since_at")
    span = story.question.span
    if table is None or span is None:
        return ""
    start, end = span.window.start, span.window.end
    began = [
        row
        for row in story.rows(table)
        if row.known("since_at") and start <= datetime.fromisoformat(str(row.get("since_at"))) <= end
    ]
    if not began:
        return ""
    by_alert: dict[str, list[Row]] = {}
    for row in sorted(began, key=lambda row: str(row.get("since_at"))):
        by_alert.setdefault(f"{row.show('alert')} ({row.show('state')})", []).append(row)
    lines = [_same_alert(name, rows) for name, rows in by_alert.items()]
    more = [f"and {len(lines) - LISTED} more, in the evidence"] if len(lines) > LISTED else []
    return f"Alerts that began then{cite(table)}:\n{bullet((*lines[:LISTED], *more))}"


def _same_alert(name: str, rows: Sequence[Row]) -> str:
    """One line for an alert, however many things it fires for."""
    if len(rows) == 1:
        about = f" for {one_line(rows[0].show('entity'))}" if rows[0].known("entity") else ""
        return f"{name}{about}, since {rows[0].show('since_at')}"
    return f"{name} for {len(rows)} things, the first since {rows[0].show('since_at')}"
