"""Answers about tasks: what ran, what failed and why, what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from nightshift.agent.builtin.question import TASK_KINDS
from nightshift.agent.builtin.steps.work import of_warnings
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural
from nightshift.agent.builtin.writers.findings import causes_of
from nightshift.agent.builtin.writers.gaps import blind_sources, not_seen
from nightshift.agent.builtin.writers.subsystems.answer import subsystems
from nightshift.agent.builtin.writers.task_aspects import (
    after_boot,
    aspect,
    by_length,
    cancelled,
    changing,
    deeds,
    of_user,
)
from nightshift.agent.builtin.writers.task_lines import full_line, grouped, task_line
from nightshift.agent.builtin.writers.task_log import task_log
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.units import format_duration

LISTED = 15
BEFORE = 4


def tasks(story: Story) -> str:
    """The failed ones when failures are asked for, the running ones, or all with a count of each outcome."""
    table = story.table("tasks", "task", "outcome")
    if table is None or table.kind == "none":
        text = next(iter(story.notes("tasks")), "The task lists could not be read.")
        return "\n\n".join(filter(None, (text, not_seen(story.gaps("tasks")))))
    question = story.question
    if question.has("@several_kinds"):
        scrubs = subsystems(story) if "subsystem" in story.results else ""
        return "\n\n".join(filter(None, (_each_kind(story), scrubs, not_seen(story.gaps("tasks")))))
    if question.has("@log"):
        return "\n\n".join(filter(None, (task_log(story, table), not_seen(story.gaps("tasks")))))
    special = _special(story, table)
    if special:
        parts = [special]
    elif question.has("@task_now"):
        parts = [_running(story, table)]
    elif question.has("FAIL", "WRONG"):
        parts = [_failed(story, table), _since_then(story)]
    elif question.has("LAST", "DURATION"):
        parts = [_last(story, table)]
    elif question.has("RUNNING") and question.span is None:
        parts = [_running(story, table)]
    else:
        parts = [_all(story, table)]
    parts.insert(0, _found_about(story))
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps("tasks")))))


def _each_kind(story: Story) -> str:
    """`How are gc, prune and verify of tank?`: the newest task of each kind, and the failed ones before it."""
    lines = []
    for item in story.evidence("tasks"):
        rows = sorted(story.rows(item), key=lambda row: str(row.get("started_at")), reverse=True)
        bad = [row for row in rows[1:] if row.get("outcome") in ("failed", "unknown")]
        newest = full_line(rows[0]) if rows else f"no task {_when(story, item)}"
        before = f"; {plural(len(bad), 'task')} before it failed" if bad else ""
        lines.append(f"{one_line(item.title)}: {newest}{before}{cite(item)}")
    ended = [row for item in story.evidence("tasks") for row in story.rows(item)[:1]]
    well = all(row.get("outcome") in ("ok", "running") for row in ended)
    head = "The newest of each kind ended well:" if well and ended else "The newest of each kind:"
    return f"{head}\n{bullet(lines)}"


def _special(story: Story, table: Evidence) -> str:
    """One side of the tasks, where that is what was asked for; empty where it is not."""
    question, what, when = story.question, f"{_kind(story)} task".strip(), _when(story, table)
    if question.has("@aspect"):
        return aspect(story, table, what)
    if question.has("AFTER_BOOT"):
        return after_boot(story, table, what)
    if question.has("@longest", "@task_bound"):
        return by_length(story, table, what, when)
    if question.has("@cancelled"):
        return cancelled(story, table, what, when)
    if question.user:
        return of_user(story, table, f"{'failed ' if question.has('FAIL') else ''}{what}", when)
    return ""


def _when(story: Story, table: Evidence | None) -> str:
    """The time that was asked for; else how far back was looked."""
    if story.when or table is None or table.window is None:
        return story.when or "in the last 24 h"
    return f"in the last {format_duration((table.window.end - table.window.start).total_seconds())}"


def _last(story: Story, table: Evidence) -> str:
    """The newest one first, and those before it."""
    rows = sorted(story.rows(table), key=lambda row: str(row.get("started_at")), reverse=True)
    if not rows:
        return f"{_none(story)} ran {_when(story, table)}{cite(table)}."
    text = f"The last {_what(story)}{cite(table)}: {full_line(rows[0])}."
    before = [full_line(row) for row in rows[1:BEFORE]]
    return f"{text}\n\nBefore it:\n{bullet(before)}" if before else text


_SIGNS = {"replication": "replicat", "gc": "garbage", "verify": "verif", "prune": "prun", "sync": "sync"}


def _found_about(story: Story) -> str:
    """`Is replication working?`: what is found wrong with it, whenever it last ran."""
    sign = _SIGNS.get(_kind(story), "")
    table = story.table("health", "finding", "remedy")
    found = [f for f in story.findings("health") if sign and f.severity != "info" and sign in f.title.lower()]
    lines = [f"{one_line(f.title)}. {one_line(f.detail)}" for f in found]
    return f"Wrong with it{cite(table)}:\n{bullet(lines)}" if lines else ""


def _kind(story: Story) -> str:
    return next((name for concept, name in TASK_KINDS.items() if story.question.has(concept)), "")


def _what(story: Story) -> str:
    return f"{_kind(story)} task".strip()


def _none(story: Story) -> str:
    """`No backup task`, or no such claim when part of the tasks could not be read."""
    blind = blind_sources(story.gaps("tasks"))
    if blind:
        return f"Not all tasks of {blind} could be read; of those that I see no {_what(story)}"
    about = next(iter(story.question.of_kind("guest", "node", "datastore")), None)
    of = (
        f" {'on' if about.kind == 'node' else 'of'} {about.label.removeprefix('datastore ').split(' (')[0]}"
        if about
        else ""
    )
    return f"No {_what(story)}{of}"


def _failed(story: Story, table: Evidence) -> str:
    when = _when(story, table)
    ended = "ended with warnings" if of_warnings(story.question) else "failed"
    if not table.rows:
        return f"{_none(story)} {ended} {when}{cite(table)}."
    head = f"{table.total} {_what(story)}{'s' if table.total > 1 else ''} {ended} {when}{cite(table)}:"
    return f"{head}\n{bullet(_lines(story, table))}"


def failed_lines(story: Story) -> str:
    """The failed tasks as a paragraph of another answer, empty when there are none."""
    table = story.table("tasks", "task", "outcome")
    if table is None or not table.rows:
        return ""
    return f"Failed backup tasks{cite(table)}:\n{bullet(_lines(story, table))}"


def _lines(story: Story, table: Evidence) -> list[str]:
    lines = _bad_lines(story, story.rows(table))
    return [*lines[:LISTED], "and more"] if len(lines) > LISTED or table.total > table.shown else lines


def _bad_lines(story: Story, rows: Sequence[Row]) -> list[str]:
    """What ended badly: each of few where that was asked of each, else what is alike together."""
    in_full = story.question.has("ASKS_WHO", "DURATION") and len(rows) <= BEFORE
    return [full_line(row) for row in rows] if in_full else grouped(rows)


def _running(story: Story, table: Evidence) -> str:
    what = _what(story)
    if not table.rows:
        return f"{_none(story)} is running now{cite(table)}."
    head = f"{plural(table.total, what)} {'is' if table.total == 1 else 'are'} running now{cite(table)}:"
    lines = [
        f"{row.show('task')}{' of ' + row.show('about') if row.known('about') else ''} on {row.show('node')}, "
        f"since {row.show('started_at')}"
        for row in story.rows(table)[:LISTED]
    ]
    return f"{head}\n{bullet(lines)}"


def _all(story: Story, table: Evidence) -> str:
    when = _when(story, table)
    if not table.rows:
        return f"{_none(story)} ran {when}{cite(table)}."
    rows = story.rows(table)
    head = f"{plural(table.total, _what(story))} ran {when}{cite(table)}."
    bad = [row for row in rows if row.get("outcome") in ("failed", "warnings", "unknown")]
    of_each = full_line if len(rows) <= BEFORE or story.question.has("ASKS_WHO") else task_line
    lines = (_bad_lines(story, bad) if bad else list(map(of_each, rows)))[:LISTED]
    well = [row for row in rows if row not in bad] if bad and len(rows) <= BEFORE else []
    rest = ""
    if well and not story.question.has("FAIL", "WRONG"):  # `did pruning go through on both?`
        rest = f"\nThe others:\n{bullet(map(task_line, well))}"
    looked_at = f"Of the newest {table.shown}, which are all that I looked at, " if table.total > table.shown else ""
    if looked_at:
        title = f"{looked_at}{len(bad) or 'none'} ended badly{':' if bad else '; the newest:'}"
    else:
        title = f"{len(bad)} did not end well:" if bad else "All of them ended well or still run; the newest:"
    return f"{head} {title}\n{bullet(lines)}{rest}"


def _since_then(story: Story) -> str:
    """What else began to be wrong in the window: not everything that breaks is a task."""
    table = story.table("health", "finding", "remedy")
    span = story.question.span
    if table is None:
        return ""
    findings = [finding for finding in causes_of(story.findings("health")) if finding.severity != "info"]
    if not findings:
        return ""
    began = [finding for finding in findings if span and _between(finding, span.window.start, span.window.end)]
    if began:
        lines = [f"{one_line(f.title)}, since {story.time(f.since)}" for f in began[:LISTED] if f.since]
        if len(began) > LISTED:
            lines.append("and more, in the evidence")
        return f"Not a task, but it began then{cite(table)}:\n{bullet(lines)}"
    titles = joined([one_line(finding.title) for finding in findings], 3)
    return f"Wrong at this moment{cite(table)}: {titles}."


def _between(finding: Finding, start: datetime, end: datetime) -> bool:
    return finding.since is not None and start <= finding.since <= end


def changes(story: Story) -> str:
    """What is known to have changed: tasks by kind, alerts and findings that began. It is not everything."""
    table = story.table("tasks", "task", "outcome")
    when = _when(story, table)
    parts = []
    if table is not None and table.rows:
        rows = changing(story.rows(table))
        counts = Counter(row.show("task") for row in rows)
        kinds = joined([f"{count} × {kind}" for kind, count in counts.most_common(8)], 8)
        of = f", the newest {table.shown} of {table.total}" if table.total > table.shown else ""
        failed = [row for row in rows if row.get("outcome") == "failed"]
        untold = any(row.get("outcome") == "unknown" for row in rows)
        none = "" if failed or of or untold else "; none of them failed"
        parts.append(f"Tasks {when}{of}{cite(table)}: {kinds}{none}.")
        touched = deeds(rows)
        if story.question.has("@by_hand") and not touched:
            parts.insert(0, f"Nobody, as far as the tasks tell: there is only routine {when}{cite(table)}.")
        if failed:
            parts.append("Failed:\n" + bullet(grouped(failed)[:LISTED]))
        if touched:
            few = [full_line(row) for row in touched] if len(touched) <= BEFORE else grouped(touched)
            parts.append("Not routine:\n" + bullet(few[:LISTED]))
    elif table is not None and table.kind != "none":
        parts.append(f"No task ran {when}{cite(table)}.")
    span = story.question.span
    findings = [
        finding
        for finding in causes_of(story.findings("health"))
        if finding.severity != "info" and (span is None or _between(finding, span.window.start, span.window.end))
    ]
    if findings:
        health = story.table("health", "finding", "remedy")
        parts.append(f"Began to be wrong{cite(health)}:\n" + bullet(one_line(finding.title) for finding in findings))
    parts += [_started_then(story), _new_alerts(story)]
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
