"""Answers to `why`: the cause that was found, what the question says of the thing, and its state."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no
from nightshift.agent.builtin.steps.signs import fits, in_common, words_of_trouble
from nightshift.agent.builtin.story import Story, bullet, cite, joined, one_line, sentence
from nightshift.agent.builtin.writers.alerts import as_it_always_should
from nightshift.agent.builtin.writers.aspects import aspects, misfits
from nightshift.agent.builtin.writers.findings import (
    around_lines,
    causes_of,
    effect_on,
    entity_rows,
    graded,
    serious_causes,
    since,
)
from nightshift.agent.builtin.writers.gaps import blind_sources, not_seen
from nightshift.agent.builtin.writers.health import SYMPTOMS_SHOWN, cause_lines, health, numbered_evidence, onset
from nightshift.agent.builtin.writers.lines import summary_line
from nightshift.agent.builtin.writers.premise import false_premise
from nightshift.agent.builtin.writers.relation import relation
from nightshift.agent.builtin.writers.scope import scope
from nightshift.agent.builtin.writers.series import series_line
from nightshift.agent.builtin.writers.task_lines import grouped
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding


def _since_when(story: Story, serious: Sequence[Finding], table: Evidence | None) -> str:
    """When it began, as the first thing; when it was first seen, where the data do not tell more."""
    firing = [row for row in entity_rows(story) if "alert" in row.evidence.columns and row.known("since_at")]
    if firing:
        told = [f"{row.show('alert')} is {row.show('state')} since {row.show('since_at')}" for row in firing]
        return f"{joined(told)}{cite(*(row.evidence for row in firing))}."
    if not serious and story.question.has("@since_wrong"):
        return ""  # nothing is found that could have begun
    up = [row for row in entity_rows(story) if row.number("uptime_s")]
    if not serious or (up and story.question.has("@since_up")):
        return " ".join(f"{row.show('name')} has been up for {row.show('uptime_s')}{cite(row.evidence)}." for row in up)
    return onset(story, serious[0], table)


def explain(story: Story) -> str:
    """Why something is failing: what is known of it, its cause, how it looked over time, what the runbook says."""
    if story.question.has("@scope"):
        return scope(story)
    if story.question.has("@relation"):
        return relation(story)
    if not story.question.entities:
        return _explain_in_general(story)
    findings = _findings(story)
    label = joined([one_line(entity.label) for entity in story.question.entities])
    serious = serious_causes(findings)
    serious.sort(key=lambda finding: finding.entity not in story.question.entities)
    table = story.table("entity", "finding", "remedy") or story.table("health", "finding", "remedy")
    if story.question.has("SINCE"):
        serious = _by_words(story, serious, findings)
    parts: list[str] = [_since_when(story, serious, table)] if story.question.has("SINCE") else [false_premise(story)]
    parts += [as_it_always_should(row) for row in entity_rows(story) if "alert" in row.evidence.columns]
    asked, amiss = aspects(story), misfits(story)
    fitting = [finding for finding in serious if fits(story.question, finding)]
    others = [finding for finding in serious if finding not in fitting[:1]]
    if fitting:
        parts += [_because(story, label, fitting[0], findings, table), asked]
    elif asked or amiss:
        parts += ["\n".join(amiss), asked, around_lines(story)]
    elif serious:
        parts.append(_state_line(story))
    elif near := around_lines(story):
        parts.append(f"I see nothing wrong with {label} itself, but with what is around it.\n\n{near}")
    else:
        parts += [_nothing_found(story, label), _elsewhere(story)]
    begin = 2 if fitting else 1
    listed = [cause_lines(story, at, f, findings, table) for at, f in enumerate(others[:3], start=begin)]
    parts += ["What else is wrong with it:", *listed] if listed and not fitting else listed
    state = "" if (amiss and not fitting) or (serious and not fitting and not asked) else _state_line(story)
    parts = [*filter(None, (*parts, state, _task_lines(story), _alert_lines(story)))]
    parts += filter(None, (trend_lines(story), _runbook_line(story), not_seen(story.gaps())))
    return "\n\n".join(parts)


def _by_words(story: Story, serious: Sequence[Finding], findings: Sequence[Finding]) -> list[Finding]:
    """What the words of the question tell of first, be it by what it explains: `since when has its certificate …`."""
    said = words_of_trouble(story.question.text, story.question.entities)

    def common(cause: Finding) -> int:
        return max(in_common(said, f) for f in (cause, *(f for f in findings if f.cause == cause.fingerprint)))

    return sorted(serious, key=lambda cause: (-common(cause), not fits(story.question, cause)))


def _findings(story: Story) -> tuple[Finding, ...]:
    """What is found about the things asked about: told of them, or among all that is found, with what belongs to it."""
    every, asked = story.findings("health"), {entity.key for entity in story.question.entities}
    direct = [finding for finding in every if finding.entity.key in asked]
    own, causes = {finding.fingerprint for finding in direct}, {finding.cause for finding in direct}
    beside = (finding for finding in every if finding.fingerprint in causes or finding.cause in own)
    told = (*story.findings("entity"), *direct, *beside)
    return tuple({finding.fingerprint: finding for finding in told}.values())


def _explain_in_general(story: Story) -> str:
    """A question without an entity: `why are backups failing?` — the findings and the failed tasks."""
    text = health(story)
    tasks = _task_lines(story, "tasks")
    return "\n\n".join(filter(None, (text, tasks, _runbook_line(story))))


def _because(story: Story, label: str, cause: Finding, findings: Sequence[Finding], table: Evidence | None) -> str:
    """The first cause as the answer; when it is another entity's, that is said."""
    sources = cite(table, *numbered_evidence(story, cause))
    own = {entity.key for entity in story.question.entities}
    if story.question.of_kind("alert"):  # what is found about that which it fires for is found about it
        own |= {finding.entity.key for finding in findings}
    effect = effect_on(own, cause, findings) if cause.entity.key not in own else None
    head = f"{graded(cause, since(story, cause))}{sources}."
    if cause.entity.key not in own:
        named = cause.entity.label.split(" (")[0].lower() in cause.title.lower()
        of = "" if named else f", about {cause.entity.label}"
        told = f"{one_line(effect.title)}. The cause" if effect else f"What I see is not in {label} itself"
        head = f"{told}{of}: {head}"
    lines = [head]
    if cause.detail:
        lines.append(sentence(one_line(cause.detail)))
    symptoms = [one_line(f.title) for f in findings if f.cause == cause.fingerprint and f is not effect]
    if symptoms:
        lines.append(f"It {'also ' if effect else ''}explains: {joined(symptoms, SYMPTOMS_SHOWN)}.")
    if cause.remedy:
        lines.append(f"Do: {sentence(one_line(cause.remedy))}")
    return "\n".join(lines)


# `is nothing wrong with tank?`: no would say that something is.
_DENIES = re.compile(r"\b(?:nothing|no (?:\w+ )?(?:problem|trouble|fault|error|warning|issue)s?)\b", re.IGNORECASE)


def _nothing_found(story: Story, label: str) -> str:
    gaps = story.gaps()
    state = story.table("entity", "status") or story.table("entity")
    but = f", though {blind_sources(gaps)} could not be read completely" if gaps else ""
    asked = wants_yes_or_no(story.question.text) and not _DENIES.search(story.question.text)
    no = "No: " if asked and not gaps and not story.question.has("FINE") else ""
    return f"{no}I see nothing wrong with {label}{but}{cite(state)}."


def _elsewhere(story: Story) -> str:
    """What is wrong with other things, where the one that was asked about is well: it may depend on them."""
    found = [finding for finding in causes_of(story.findings("health")) if finding.severity == "critical"]
    table = story.table("health", "finding", "remedy")
    return f"Wrong elsewhere{cite(table)}:\n{bullet(one_line(f.title) for f in found[:3])}" if found else ""


def _state_line(story: Story) -> str:
    """The state of each guest or node asked about, in a line."""
    lines = [summary_line(row) for row in entity_rows(story)]
    return "\n".join(filter(None, lines))


def _task_lines(story: Story, tool: str = "entity") -> str:
    table = story.table(tool, "task", "outcome")
    if table is None or not table.rows:
        return ""
    lines = grouped(story.rows(table))[:SYMPTOMS_SHOWN]
    return f"Tasks that did not end well{cite(table)}:\n" + bullet(lines)


def _alert_lines(story: Story) -> str:
    table = story.table("entity", "alert", "rule_uid")
    if table is None or not table.rows or story.question.of_kind("alert"):
        return ""
    names = [
        f"{row.show('alert')} ({row.show('state')}{', since ' + row.show('since_at') if row.known('since_at') else ''})"
        for row in story.rows(table)
    ]
    return f"Alerts about it: {joined(names, 4)}{cite(table)}."


def trend_lines(story: Story) -> str:
    """What the metric behind the finding did."""
    lines = [
        f"{one_line(item.title)}, {story.bounds(item.window)}: {series_line(story, item, series)}{cite(item)}."
        for item in story.evidence("metrics", "series")
        for series in item.series[:3]
        if series.stats and item.window
    ]
    return "\n".join(lines)


def _runbook_line(story: Story) -> str:
    documents = [item for item in story.evidence("runbooks", "document") if item.document]
    if not documents:
        return ""
    first = documents[0]
    assert first.document is not None
    return f"Runbook: {one_line(first.title)}, {first.document.file}:{first.document.line or 1}{cite(first)}."
