"""Answers about alert rules: when each fires, how long it waits, which cannot be evaluated and which are paused."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.sentences.alert_words import KINDS, kinds_meant, topics_meant
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural, sentence
from nightshift.agent.builtin.writers.findings import graded
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.subsystems.others import in_force_line
from nightshift.agent.builtin.writers.talk import as_written
from nightshift.facts.evidence import Evidence
from nightshift.tools.subsystems.alerting import IN_FORCE

LISTED = 20
NAMED = 12
SPELLED_OUT = 4
_SELDOM_WATCHED = frozenset({"latency", "throughput", "bandwidth", "humidity", "noise", "jitter", "voltage", "inodes"})
_PLACEHOLDER = re.compile(r"\{\{[^}]*?\$(?:labels\.(\w+)|values?)[^}]*\}\}")
_SIGNS = {">": "is above", ">=": "is at least", "<": "is below", "<=": "is at most", "==": "is", "!=": "is not"}


def alert_rules(story: Story) -> str:
    table = story.table("alert_rules", "rule", "health")
    if table is None or table.kind == "none":
        text = next(iter(story.notes("alert_rules")), "The alert rules could not be read.")
        return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
    grave = "critical" if story.question.has("SEVERE") else "warning" if story.question.has("MILD") else ""
    if " matching " in table.title or story.question.has("@covered", "@no_alarm", "@alerting_works", "@paused"):
        grave = ""  # of what was looked for none is left out
    rows = [row for row in story.rows(table) if not grave or row.get("severity") == grave]
    ill = [row for row in rows if row.get("health") in ("error", "nodata")]
    paused = [row for row in rows if row.get("paused")]
    if story.question.has("@no_alarm", "@alerting_works"):
        parts = _no_alarm(story, table, paused, ill)
    elif story.question.has("@covered"):
        parts = _covered(story, rows, table)
    elif story.question.has("@paused"):
        parts = [_paused(paused, table)]
    elif story.question.has("FAIL", "WRONG") and ill and not grave:
        parts = [_unwell(ill, table, head=plural(len(ill), "alert rule"))]
    elif not rows and grave:
        parts = [f"No alert rule is known to have the severity {grave}{cite(table)}."]
    elif not rows:
        wrong = story.question.has("FAIL", "WRONG") and not story.question.has("@of_rule")
        what = f" “{one_line(as_written(story.question, story.question.unknown[0]))}”" if story.question.unknown else ""
        parts = [
            f"There is no alert rule {'that fails to be evaluated' if wrong else f'that fits{what}'}{cite(table)}."
        ]
    elif len(rows) <= SPELLED_OUT and (story.question.has("@of_rule") or not story.question.has("COUNT")):
        parts = [*map(rule_line, rows), _firing(story)]
    else:
        names = joined([row.show("rule") for row in rows], NAMED)
        unsaid = _measured_by_none(story, rows)
        if unsaid:
            text = f"No: no alert rule speaks of {unsaid}{cite(table)}. Nearest to it: {names}."
            return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
        fires = [row.show("rule") for row in rows if row.get("state") == "firing"]
        told = f"{len(fires)} of them {'is' if len(fires) == 1 else 'are'} firing{cite(table)}: {joined(fires, NAMED)}."
        count = len(rows) if grave else table.total
        counted = plural(count, f"{grave} alert rule".strip())
        parts = [f"There {'is' if count == 1 else 'are'} {counted}{cite(table)}: {names}."]
        parts += [told if fires else f"None of them is firing{cite(table)}."] if story.question.has("ALERT") else []
        parts += [_unwell(ill, table, head=str(len(ill)))] if ill else []
        parts += [_paused(paused, table)] if paused else []
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


_OF_ALERTING = ("alert.", "alertmanager.", "grafana.", "prometheus.")
_TOLD_BY_ROWS = ("alert.firing", "alert.paused", "alert.rule_health", "alert.unattended")


def _no_alarm(story: Story, table: Evidence, paused: Sequence[Row], ill: Sequence[Row]) -> list[str]:
    """What keeps an alert from coming: rules that are paused or cannot be evaluated, silences, what is wrong with
    alerting itself."""
    force = next((item for item in story.evidence("subsystem") if item.title == IN_FORCE), None)
    broken = [f for f in story.findings("health") if f.check.startswith(_OF_ALERTING) and f.check not in _TOLD_BY_ROWS]
    listed = story.table("health", "finding", "remedy")
    lines = [_paused(paused, table)] if paused else []
    lines += [f"{row.show('rule')} cannot be evaluated: {row.show('health')}, {row.show('last_error')}{cite(table)}."
              for row in ill[:LISTED]]  # fmt: skip
    lines += [sentence(f"silence: {in_force_line(row)}{cite(force)}") for row in (story.rows(force) if force else [])]
    lines += [f"{graded(f)}{cite(listed)}. {one_line(f.detail)}" for f in broken[:LISTED]]
    firing = story.table("alerts", "alert", "state")
    fires = [row.show("alert") for row in (story.rows(firing) if firing else []) if row.get("state") == "firing"]
    now = f"Firing now{cite(firing)}: {joined(list(dict.fromkeys(fires)), NAMED)}." if fires else ""
    if story.question.has("@alerting_works"):
        guard = [row for row in (story.rows(firing) if firing else []) if is_watchdog(row)]
        proof = f"; {guard[0].show('alert')} fires, as it always should{cite(firing)}" if guard else ""
        told = f"{plural(table.total, 'rule')} {'is' if table.total == 1 else 'are'} there{cite(table)}{proof}"
        if ill or any(finding.severity != "info" for finding in broken):
            return [f"Alerting works only in part: {told}.", bullet(dict.fromkeys(lines)), now]
        return [f"Alerting works, as far as I can see: {told}, and none fails to be evaluated.", now]
    if lines:
        return [f"What keeps alerts from coming, of what I can see:\n{bullet(dict.fromkeys(lines))}", now]
    if force is None or force.gaps or not table.complete:
        return [f"Of the rules that I can see none is paused, and none fails to be evaluated{cite(table)}.", now]
    none = "No rule is paused, none fails to be evaluated, and no silence is set"
    return [
        f"{none}{cite(table)}: what should have rung has no rule, did not reach its threshold, or was not delivered.",
        now,
    ]


def _measured_by_none(story: Story, rows: Sequence[Row]) -> str:
    """The quantity that is asked for, where no rule has it: `latency`."""
    told = " ".join(f"{row.show('rule')} {row.show('query')} {row.show('summary')}" for row in rows).lower()
    said = (word for word in story.question.content if word in _SELDOM_WATCHED)
    return next((word for word in said if word not in told), "")


def _covered(story: Story, rows: Sequence[Row], table: Evidence) -> list[str]:
    """Whether a rule would tell: yes by those that are evaluated, no where there is none."""
    awake = [row for row in rows if not row.get("paused") and row.get("health") != "error"]
    if not awake:
        asleep = joined([row.show("rule") for row in rows], NAMED)
        return [f"No: no alert rule covers that{cite(table)}.", f"Paused or failing: {asleep}." if asleep else ""]
    names = joined([row.show("rule") for row in awake], NAMED)
    said = topics_meant(story.question.concepts)
    if kinds_meant(story.question.concepts) and any(topic not in KINDS for topic in said):
        near = f"Whether a rule covers just that I cannot tell; nearest to it{cite(table)}: {names}."
        return [near, *map(rule_line, awake[:SPELLED_OUT])]
    be = "covers" if len(awake) == 1 else "cover"
    return [
        f"Yes: {names} {be} that{cite(table)}. Whether its message reaches anybody I cannot see.",
        *map(rule_line, awake[:SPELLED_OUT]),
    ]


def is_watchdog(row: Row) -> bool:
    """An alert that fires for ever on purpose; its silence would be the problem."""
    name = row.show("alert").lower().replace(" ", "")
    return row.get("state") == "firing" and name in ("watchdog", "deadmansswitch", "deadmanssnitch", "heartbeat")


def rule_line(row: Row) -> str:
    """`DatastoreAlmostFull fires when its value is above 90 % for 15 min [E1]; it is inactive, …`"""
    waits = f" for {row.show('for_s')}" if row.number("for_s") else ""
    sign, _, value = row.show("threshold").partition(" ") if row.known("threshold") else ("", "", "")
    query = f"\nIts query: `{row.show('query')}`" if row.known("query") else ""
    if sign:
        when = f"when its value {_SIGNS.get(sign, sign)} {value}{waits}"
    else:
        when = f"when its query finds something{waits}"
    grade = f", its severity {row.show('severity')}" if row.known("severity") else ""
    state = "paused, so it is not evaluated" if row.get("paused") else row.show("state")
    said = " ".join(sentence(row.show(column)) for column in ("summary", "description") if row.known(column))
    said = f" It says: {_PLACEHOLDER.sub(_filled, said)}" if said else ""
    at_once = " It waits for nothing before it fires." if row.number("for_s") == 0 else ""
    return f"{row.show('rule')} fires {when}{cite(row.evidence)}; it is {state}{grade}.{at_once}{said}{query}"


def _filled(placeholder: re.Match[str]) -> str:
    """`{{ $labels.storage }}` → `<storage>`."""
    return f"<{placeholder[1] or 'value'}>"


def _firing(story: Story) -> str:
    """What of them fires now: where the value stands."""
    table = story.table("alerts", "alert", "state", "value")
    rows = [row for row in (story.rows(table) if table else []) if row.get("state") in ("firing", "pending")]
    lines = [
        f"{row.show('alert')} is {row.show('state')}{' since ' + row.show('since_at') if row.known('since_at') else ''}"
        f"{': ' + row.show('summary') if row.known('summary') else ''}"
        for row in rows[:LISTED]
    ]
    return f"Now{cite(table)}:\n{bullet(lines)}" if lines else ""


def _paused(rows: Sequence[Row], table: Evidence) -> str:
    if not rows:
        seen = f" (of the {table.shown} that I looked at, there are {table.total})" if table.total > table.shown else ""
        return f"No alert rule is paused{seen}{cite(table)}."
    names = joined([row.show("rule") for row in rows], NAMED)
    be = "is" if len(rows) == 1 else "are"
    return f"{plural(len(rows), 'alert rule')} {be} paused, so never evaluated{cite(table)}: {names}."


def _unwell(rows: Sequence[Row], table: Evidence, *, head: str) -> str:
    lines = [f"{row.show('rule')}: {row.show('health')}, {row.show('last_error')}" for row in rows[:LISTED]]
    return f"{head} cannot be evaluated{cite(table)}:\n{bullet(lines)}"
