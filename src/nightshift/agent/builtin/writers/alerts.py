"""Answers about alerts and their rules."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, plural
from nightshift.agent.builtin.writers.gaps import not_seen

LISTED = 20
SPELLED_OUT = 3


def alerts(story: Story) -> str:
    """Firing ones first; pending, no-data and error instances are said apart."""
    table = story.table("alerts", "alert", "state")
    if table is None or table.kind == "none":
        text = next(iter(story.notes("alerts")), "The alerts could not be read.")
        return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
    rows = story.rows(table)
    watchdogs = [row for row in rows if _is_watchdog(row)]
    firing = [row for row in rows if row.get("state") == "firing" and row not in watchdogs]
    others = [row for row in rows if row.get("state") != "firing"]
    about = joined([entity.label.removeprefix("alert ").split(" (")[0] for entity in story.question.entities])
    suffix = f" about {about}" if about else ""
    named = _named(story, rows)
    if named and (story.question.has("SEVERITY") or not firing):
        parts = [named]
        parts += [bullet(map(_line, firing[:LISTED]))] if firing else []
    elif story.question.has("PENDING"):
        parts = [f"{plural(len(others), 'alert')} {'is' if len(others) == 1 else 'are'} pending{suffix}{cite(table)}."]
        parts[0] = f"{parts[0][0].upper()}{parts[0][1:]}"
    elif firing:
        head = f"{plural(len(firing), 'alert')} {'is' if len(firing) == 1 else 'are'} firing{suffix}{cite(table)}:"
        parts = [f"{head}\n{bullet(map(_line, firing[:LISTED]))}"]
    else:
        seen = "" if not story.gaps() else " that I can see"
        parts = [f"No alert is firing{suffix}{seen}{cite(table)}."]
    if others:
        parts.append(f"Not firing, but not normal either{cite(table)}:\n{bullet(map(_line, others[:LISTED]))}")
    if watchdogs:
        names = joined([row.show("alert") for row in watchdogs])
        beside = "fires as well" if firing else "alone fires"
        parts.append(f"{names} {beside}, as it always should: it proves that alerting works{cite(table)}.")
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


def _named(story: Story, rows: Sequence[Row]) -> str:
    """The state and severity of the alerts that were named."""
    names = {entity.label.removeprefix("alert ") for entity in story.question.of_kind("alert")}
    lines = [
        f"{row.show('alert')} is {row.show('state')}, its severity {row.show('severity')}{cite(row.evidence)}."
        for row in rows
        if row.get("alert") in names
    ]
    return "\n".join(lines)


def _is_watchdog(row: Row) -> bool:
    """An alert that fires for ever on purpose; its silence would be the problem."""
    name = row.show("alert").lower().replace(" ", "")
    return row.get("state") == "firing" and name in ("watchdog", "deadmansswitch", "deadmanssnitch", "heartbeat")


def _line(row: Row) -> str:
    severity = f" ({row.show('severity')})" if row.known("severity") else ""
    state = "" if row.get("state") == "firing" else f" {row.show('state')}"
    about = f" on {row.show('entity')}" if row.known("entity") else ""
    since = f", since {row.show('since_at')}" if row.known("since_at") else ""
    silenced = ", silenced" if row.get("silenced") else ""
    summary = f": {row.show('summary')}" if row.known("summary") else ""
    return f"{row.show('alert')}{severity}{state}{about}{since}{silenced}{summary}"


def _rule(row: Row) -> str:
    """What a rule looks at and for how long, which is what it means."""
    lasts = f" for {row.show('for_s')}" if row.known("for_s") and row.number("for_s") else ""
    head = f"{row.show('rule')} is {row.show('state')} and fires when this holds{lasts}{cite(row.evidence)}"
    return f"{head}: `{row.show('query')}`."


def alert_rules(story: Story) -> str:
    table = story.table("alert_rules", "rule", "health")
    if table is None or table.kind == "none":
        text = next(iter(story.notes("alert_rules")), "The alert rules could not be read.")
        return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
    rows = story.rows(table)
    ill = [row for row in rows if row.get("health") in ("error", "nodata")]
    names = joined([row.show("rule") for row in rows], 12)
    parts = [f"There {'is' if table.total == 1 else 'are'} {plural(table.total, 'alert rule')}{cite(table)}: {names}."]
    if not rows:
        parts = [f"No alert rule fits{cite(table)}."]
    if len(rows) <= SPELLED_OUT:
        parts += [_rule(row) for row in rows if row.known("query")]
    if ill:
        lines = [f"{row.show('rule')}: {row.show('health')}, {row.show('last_error')}" for row in ill[:LISTED]]
        parts.append(f"{len(ill)} cannot be evaluated{cite(table)}:\n{bullet(lines)}")
    paused = [row.show("rule") for row in rows if row.get("paused")]
    if paused:
        parts.append(f"Paused: {joined(paused)}{cite(table)}.")
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))
