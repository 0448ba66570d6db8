"""Answers about alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from nightshift.agent.builtin.names.name_forms import alert_name
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural
from nightshift.agent.builtin.writers.alert_history import before_now
from nightshift.agent.builtin.writers.alert_rules import is_watchdog, rule_line
from nightshift.agent.builtin.writers.findings import graded, serious_causes
from nightshift.agent.builtin.writers.gaps import not_seen

LISTED = 20
FOUND = 5


def alerts(story: Story) -> str:
    """Firing ones first; pending, no-data and error instances are said apart."""
    if story.question.of_kind("alert") and story.table("alert_rules", "rule", "threshold"):
        return named_alerts(story)
    table = story.table("alerts", "alert", "state")
    if table is None or table.kind == "none":
        text = next(iter(story.notes("alerts")), "The alerts could not be read.")
        return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
    every = story.rows(table)
    watchdogs = [row for row in every if is_watchdog(row)]
    meant, rows = _meant(story, every)
    firing = [row for row in rows if row.get("state") == "firing" and row not in watchdogs]
    others = [row for row in rows if row.get("state") != "firing"]
    things = () if story.question.has("EXCEPT") else story.question.entities
    about = joined([entity.label.split(" (")[0] for entity in things]) or _topic(story)
    suffix = f" about {about}" if about else ""
    before = before_now(story, suffix)
    suffix += " now" if before else ""
    suffix += (
        f" in that time ({story.question.span.text}), of those that still do"
        if story.question.span and not before
        else ""
    )
    if story.question.has("PENDING"):
        counted = plural(len(others), f"{meant}alert")
        head = f"{counted} {'are' if len(others) > 1 else 'is'} pending{suffix}"
        parts = [f"{head[0].upper()}{head[1:]}{cite(table)}.\n{bullet(_lines(story, others))}".strip()]
    elif firing:
        rules = {row.get("alert") for row in firing}
        of = f" of {plural(len(rules), 'rule')}" if len(rules) < len(firing) else ""
        head = f"{plural(len(firing), f'{meant}alert')}{of} {'is' if len(firing) == 1 else 'are'} firing{suffix}"
        grades = Counter(row.show("severity") for row in firing if row.known("severity"))
        if story.question.has("COUNT") and len(grades) > 1:
            head += f", {joined([f'{count} {grade}' for grade, count in grades.most_common()])}"
        parts = [f"{head}{cite(table)}:\n{bullet(_lines(story, firing))}"]
    else:
        seen = "" if not story.gaps() else " that I can see"
        parts = [f"No {meant}alert is firing{suffix}{seen}{cite(table)}."]
    if firing and story.question.has("OLDEST"):
        parts = [f"The first of those that fire is {alert_line(firing[0])}{cite(table)}.", *parts]
    if before:
        parts = [before, *parts]
    if meant:
        left_out = [row for row in every if row.get("state") == "firing" and row not in (*rows, *watchdogs)]
        parts.append(_of_other_severity(story, left_out))
    if others and not story.question.has("PENDING"):
        parts.append(f"Not firing, but not normal either{cite(table)}:\n{bullet(_lines(story, others))}")
    if watchdogs and rows == every:
        names = joined([row.show("alert") for row in watchdogs])
        beside = "fires as well" if firing else "alone fires"
        parts.append(f"{names} {beside}, as it always should: it proves that alerting works{cite(table)}.")
    parts.append(_behind_them(story) if firing else _found_all_the_same(story))
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


def _behind_them(story: Story) -> str:
    """What the sweep found that is no alert itself: it explains why they fire, or stands beside them."""
    every = story.findings("health")
    found = [f for f in serious_causes(every) if not f.check.startswith("alert.")]
    if not found:
        return ""
    rung = {f.fingerprint for f in every if f.check.startswith("alert.") and f.cause in {c.fingerprint for c in found}}
    of_them = f", which {'explains' if len(found) == 1 else 'explain'} {plural(len(rung), 'alert')}" if rung else ""
    head = f"Found behind or beside them{of_them}{cite(story.table('health', 'finding', 'remedy'))}"
    return f"{head}:\n{bullet([graded(cause) for cause in found[:FOUND]])}"


def _found_all_the_same(story: Story) -> str:
    """What is found that no alert names, of the thing that was asked about or of all: no alert is no all-clear."""
    every = story.findings("health")
    found = serious_causes(every)
    if not found:
        return ""
    lines = []
    for cause in found[:FOUND]:
        rung = [f.title for f in every if f.cause == cause.fingerprint and f.check.startswith("alert.")]
        lines.append(
            graded(cause) + (f"; it explains: {joined([one_line(title) for title in rung], 3)}" if rung else "")
        )
    about = " about it" if story.question.entities else ""
    return f"Found{about} all the same{cite(story.table('health', 'finding', 'remedy'))}:\n{bullet(lines)}"


def _topic(story: Story) -> str:
    """What the alerts were narrowed to, as the table tells it: `Active alerts matching 'zfs'`."""
    told = next((item.title for item in story.evidence("alerts")), "")
    return told.partition(" matching ")[2].strip("'")


def named_alerts(story: Story) -> str:
    """Of alerts that were named: whether each fires, since when, how grave, whether silenced, and its rule."""
    rules = {row.show("rule"): row for item in story.evidence("alert_rules") for row in story.rows(item)}
    told = [row for item in story.evidence("alerts") if "state" in item.columns for row in story.rows(item)]
    parts = []
    for entity in story.question.of_kind("alert"):
        name = alert_name(entity.label)
        mine, rule = [row for row in told if row.get("alert") == name], rules.get(name)
        parts.append(_state_of(story, name, mine, rule))
        if rule is not None:
            parts.append(rule_line(rule))
    return "\n\n".join(filter(None, (*dict.fromkeys(parts), not_seen(story.gaps()))))


def _state_of(story: Story, name: str, rows: Sequence[Row], rule: Row | None) -> str:
    table = next(iter(story.evidence("alerts")), None)
    firing = [row for row in rows if row.get("state") == "firing"]
    if as_it_should := next(filter(None, map(as_it_always_should, firing)), ""):
        return as_it_should
    if len(shown := firing or rows) == 1:
        return f"{name} {_in_words(shown[0])}{cite(shown[0].evidence)}."
    if shown:
        what = "fires" if firing else "is not firing, but not normal either,"
        return f"{name} {what} for {len(shown)} things{cite(shown[0].evidence)}:\n{bullet(map(alert_line, shown))}"
    grade = f" Its severity is {rule.show('severity')}{cite(rule.evidence)}." if rule and rule.known("severity") else ""
    if table is None or table.kind == "none":
        return f"Whether {name} fires could not be read.{grade}"
    over = " now; what fired before and has ended I do not see here" if story.question.span else ""
    return f"{name} is not firing{over or ' now'}{cite(table)}.{grade}"


def _in_words(row: Row) -> str:
    about = f", on {row.show('entity')}" if row.known("entity") else ""
    since = f" since {row.show('since_at')}" if row.known("since_at") else ""
    grade = f", its severity {row.show('severity')}" if row.known("severity") else ""
    known = row.get("silenced")
    silenced = ", and silenced" if known else ", not silenced" if known is False else ""
    summary = f": {row.show('summary')}" if row.known("summary") else ""
    return f"is {row.show('state')}{since}{grade}{about}{silenced}{summary}"


def _of_other_severity(story: Story, rows: Sequence[Row]) -> str:
    """`page` and `error` are as grave as `critical` where people call it so, and no severity tells nothing."""
    if not rows:
        return ""
    head = f"With another severity, or none, {plural(len(rows), 'alert')} {'is' if len(rows) == 1 else 'are'} firing"
    return f"{head}{cite(rows[0].evidence)}:\n{bullet(_lines(story, rows))}"


def _meant(story: Story, rows: Sequence[Row]) -> tuple[str, list[Row]]:
    """Which of the alerts are asked about, and in a word how they are told apart; in the order that was asked for."""
    question, chosen, word = story.question, list(rows), ""
    if question.has("SEVERE") != question.has("MILD") and not question.of_kind("alert"):
        word = "critical" if question.has("SEVERE") else "warning"
        chosen = [row for row in chosen if str(row.get("severity")).lower() == word]
    if question.has("PENDING"):
        chosen = [row for row in chosen if row.get("state") == "pending"]
    if question.span is not None and not story.table("alerts", "began_at"):
        began = [(row, row.get("since_at")) for row in chosen]
        end = question.span.window.end
        chosen = [row for row, at in began if at and datetime.fromisoformat(str(at)) <= end]
    if question.has("MOST", "LAST", "OLDEST"):  # `firing the longest`, `the newest alert`
        oldest_first = question.has("MOST", "OLDEST")
        chosen = sorted((row for row in chosen if row.known("since_at")), key=lambda row: str(row.get("since_at")))
        chosen = chosen if oldest_first else chosen[::-1]
    return f"{word} " if word else "", chosen


def _lines(story: Story, rows: Sequence[Row]) -> list[str]:
    """A line for each; one for all of a rule when there are too many to list."""
    if len(rows) <= LISTED or story.question.has("MOST", "LAST", "OLDEST"):
        return [alert_line(row) for row in rows[:LISTED]]
    by_rule: dict[str, list[Row]] = {}
    for row in rows:
        by_rule.setdefault(row.show("alert"), []).append(row)
    return [alert_line(of[0]) if len(of) == 1 else _together(name, of) for name, of in list(by_rule.items())[:LISTED]]


def _together(name: str, rows: Sequence[Row]) -> str:
    severity = f" ({rows[0].show('severity')})" if rows[0].known("severity") else ""
    first = min((row for row in rows if row.known("since_at")), key=lambda row: str(row.get("since_at")), default=None)
    since = f", the first since {first.show('since_at')}" if first else ""
    things = joined([row.show("entity") for row in rows if row.known("entity")], 5)
    return f"{name}{severity} for {len(rows)} things{since}{': ' if things else ''}{things}"


def as_it_always_should(row: Row) -> str:
    """That a watchdog fires on purpose; empty for any other alert."""
    if not is_watchdog(row):
        return ""
    return (
        f"{row.show('alert')} fires, as it always should, since {row.show('since_at')}{cite(row.evidence)}: it proves "
        "that alerting works, and is nothing to worry about. Its silence would be the problem."
    )


def alert_line(row: Row) -> str:
    severity = f" ({row.show('severity')})" if row.known("severity") else ""
    state = "" if row.get("state") == "firing" else f" {row.show('state')}"
    about = f" on {row.show('entity')}" if row.known("entity") else ""
    since = f", since {row.show('since_at')}" if row.known("since_at") else ""
    silenced = ", silenced" if row.get("silenced") else ""
    summary = f": {row.show('summary')}" if row.known("summary") else ""
    return f"{row.show('alert')}{severity}{state}{about}{since}{silenced}{summary}"
