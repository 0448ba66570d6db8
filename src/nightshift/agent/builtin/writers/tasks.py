"""Answers about tasks: what ran, what failed and why, what changed."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.questions.question import TASK_KINDS
from nightshift.agent.builtin.steps.work import of_warnings
from nightshift.agent.builtin.story import Row, Story, bullet, cite, one_line, plural
from nightshift.agent.builtin.writers.changes import since_then
from nightshift.agent.builtin.writers.gaps import blind_sources, not_seen
from nightshift.agent.builtin.writers.subsystems.answer import subsystems
from nightshift.agent.builtin.writers.task_aspects import after_boot, aspect, by_length, cancelled, of_user
from nightshift.agent.builtin.writers.task_lines import BEFORE, LISTED, full_line, grouped, task_line, when_of
from nightshift.agent.builtin.writers.task_log import task_log
from nightshift.agent.builtin.writers.two_runs import two_runs
from nightshift.facts.evidence import Evidence


def tasks(story: Story) -> str:
    """The failed ones when failures are asked for, the running ones, or all with a count of each outcome."""
    table = story.table("tasks", "task", "outcome")
    if table is None or table.kind == "none":
        text = next(iter(story.notes("tasks")), "The task lists could not be read.")
        return "\n\n".join(filter(None, (text, not_seen(story.gaps("tasks")))))
    question = story.question
    if question.has("@runs_compared") and question.before:
        return "\n\n".join(filter(None, (two_runs(story), not_seen(story.gaps("tasks")))))
    if question.has("@several_kinds"):
        scrubs = subsystems(story) if "subsystem" in story.results else ""
        return "\n\n".join(filter(None, (_each_kind(story), scrubs, not_seen(story.gaps("tasks")))))
    if question.has("@log") and table.rows:
        return "\n\n".join(filter(None, (task_log(story, table), not_seen(story.gaps("tasks")))))
    special = _special(story, table)
    if special:
        parts = [special]
    elif question.has("@task_now"):
        parts = [_running(story, table)]
    elif question.has("FAIL", "WRONG"):
        parts = [_failed(story, table), since_then(story)]
    elif question.has("LAST", "DURATION"):
        parts = [_last(story, table)]
    elif question.has("RUNNING") and question.span is None:
        parts = [_running(story, table)]
    else:
        parts = [_all(story, table), "" if table.rows else since_then(story)]
    parts.insert(0, _found_about(story))
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps("tasks")))))


def _each_kind(story: Story) -> str:
    """`How are gc, prune and verify of tank?`: the newest task of each kind, and the failed ones before it."""
    lines = []
    for item in story.evidence("tasks"):
        rows = sorted(story.rows(item), key=lambda row: str(row.get("started_at")), reverse=True)
        bad = [row for row in rows[1:] if row.get("outcome") in ("failed", "unknown")]
        newest = full_line(rows[0]) if rows else f"no task {when_of(story, item)}"
        before = f"; {plural(len(bad), 'task')} before it failed" if bad else ""
        lines.append(f"{one_line(item.title)}: {newest}{before}{cite(item)}")
    ended = [row for item in story.evidence("tasks") for row in story.rows(item)[:1]]
    well = all(row.get("outcome") in ("ok", "running") for row in ended)
    head = "The newest of each kind ended well:" if well and ended else "The newest of each kind:"
    return f"{head}\n{bullet(lines)}"


def _special(story: Story, table: Evidence) -> str:
    """One side of the tasks, where that is what was asked for; empty where it is not."""
    question, what, when = story.question, f"{_kind(story)} task".strip(), when_of(story, table)
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


def _last(story: Story, table: Evidence) -> str:
    """The newest one first, and those before it."""
    rows = sorted(story.rows(table), key=lambda row: str(row.get("started_at")), reverse=True)
    if not rows:
        return f"{_none(story)} ran {when_of(story, table)}{cite(table)}."
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
    when = when_of(story, table)
    ended = "ended with warnings" if of_warnings(story.question) else "failed"
    if not table.rows:
        return f"{_none(story)} {ended} {when}{cite(table)}."
    head = f"{table.total} {_what(story)}{'s' if table.total > 1 else ''} {ended} {when}{cite(table)}:"
    return f"{head}\n{bullet(_lines(story, table, story.rows(table)))}"


def failed_lines(story: Story) -> str:
    """The failed tasks as a paragraph of another answer, empty when there are none."""
    table = story.table("tasks", "task", "outcome")
    failed = [row for row in story.rows(table) if row.get("outcome") == "failed"] if table is not None else []
    if table is None or not failed:
        return ""
    return f"Failed backup tasks{cite(table)}:\n{bullet(_lines(story, table, failed))}"


def _lines(story: Story, table: Evidence, rows: Sequence[Row]) -> list[str]:
    lines = _bad_lines(story, rows)
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
    when = when_of(story, table)
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
