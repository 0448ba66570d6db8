"""Answers about what is wrong, in general and with one thing."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.story import Story, bullet, cite, joined, one_line, plural, sentence
from nightshift.agent.builtin.writers.findings import causes_of, effect_on, entity_rows
from nightshift.agent.builtin.writers.gaps import blind_sources, gap_lines, not_seen
from nightshift.agent.builtin.writers.lines import summary_line
from nightshift.agent.builtin.writers.series import series_line
from nightshift.agent.builtin.writers.task_lines import grouped
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap

CAUSES_SHOWN = 10
SYMPTOMS_SHOWN = 4


def health(story: Story) -> str:
    """Causes with what they explain, worst first. The first line tells of Gaps: a partial look is no all-clear."""
    nothing = story.nothing_set_up("health")
    if nothing is not None:
        return f"I cannot tell: {nothing.detail}. {nothing.fix or ''}".rstrip()
    findings = story.findings("health")
    table = story.table("health", "finding", "remedy")
    gaps = story.gaps()
    serious = [finding for finding in causes_of(findings) if finding.severity != "info"]
    notes = [finding for finding in causes_of(findings) if finding.severity == "info"]
    unread = _read_so_far(story)
    parts = [_asked_for(story, findings, table), _headline(findings, serious, gaps, table, unread=bool(unread)), unread]
    parts += [_cause(story, number, finding, findings, table) for number, finding in _numbered(serious)]
    if len(serious) > CAUSES_SHOWN:
        parts.append(f"Further causes, less important, are in the evidence{cite(table)}.")
    if notes:
        titles = joined([one_line(finding.title) for finding in notes], 3)
        parts.append(f"Also noted, not urgent: {titles}{cite(table)}.")
    if gaps:
        parts.append("Could not be checked:\n" + bullet(gap_lines(gaps)))
    return "\n\n".join(filter(None, parts))


# Conditions that people ask for by name: the concept, a sign of it in the check, and what there is none of.
_BY_NAME = (("UPDATES", "update", "pending updates are"), ("REBOOT_NEEDED", "reboot_needed", "need of a reboot is"))


def _asked_for(story: Story, findings: Sequence[Finding], table: Evidence | None) -> str:
    """What was asked for by name comes first, remarks too; that none is known when there is none."""
    lines = []
    for concept, sign, none in _BY_NAME:
        if story.question.has(concept):
            found = [one_line(finding.title) for finding in findings if sign in finding.check]
            told = f"{joined(found)}{cite(table)}." if found else f"No {none} known{cite(table)}."
            lines.append(told)
    return "\n".join(lines)


def _read_so_far(story: Story) -> str:
    """What has not had its turn yet: of that nothing is known, so it is no all-clear either."""
    table = story.table("health", "read_so_far")
    if table is None:
        return ""
    told = joined([f"{row.show('read_so_far')} of {row.show('of')} {row.show('what')}" for row in story.rows(table)])
    return f"Not everything has been read yet, only {told}{cite(table)}; ask again in a minute."


def _numbered(serious: Sequence[Finding]) -> list[tuple[int, Finding]]:
    return list(enumerate(serious[:CAUSES_SHOWN], start=1))


def _headline(
    findings: Sequence[Finding],
    serious: Sequence[Finding],
    gaps: Sequence[Gap],
    table: Evidence | None,
    *,
    unread: bool,
) -> str:
    if serious:
        symptoms = sum(finding.cause is not None and finding.severity != "info" for finding in findings)
        worst = sum(finding.severity == "critical" for finding in serious)
        count = "One thing is wrong" if len(serious) == 1 else f"{len(serious)} things are wrong"
        every = "critical" if len(serious) == 1 else ("both critical" if len(serious) == 2 else "all critical")
        grade = f", {worst} of them critical" if 0 < worst < len(serious) else (f", {every}" if worst else "")
        explains = f"; {'it explains' if len(serious) == 1 else 'they explain'} {plural(symptoms, 'symptom')}"
        text = f"{count}{grade}{explains if symptoms else ''}{cite(table)}."
        return f"{text} I could not look everywhere: {blind_sources(gaps)} left gaps." if gaps else text
    if gaps:
        return (
            f"I found nothing wrong, but this is not an all-clear: {blind_sources(gaps)} could not be checked "
            f"completely{cite(table)}."
        )
    if unread:
        return f"Nothing is wrong in what has been looked at: no warning and nothing critical{cite(table)}."
    return f"Nothing is wrong: no warning and nothing critical, and everything could be checked{cite(table)}."


def _cause(story: Story, number: int, finding: Finding, findings: Sequence[Finding], table: Evidence | None) -> str:
    sources = cite(table, *_numbered_evidence(story, finding))
    lines = [f"{number}. **{one_line(finding.title)}** ({finding.severity}{_since(story, finding)}){sources}"]
    lines.append(f"   {sentence(one_line(finding.detail))}" if finding.detail else "")
    symptoms = [one_line(item.title) for item in findings if item.cause == finding.fingerprint]
    if symptoms:
        lines.append(f"   Explains: {joined(symptoms, SYMPTOMS_SHOWN)}.")
    lines.append(f"   Do: {sentence(one_line(finding.remedy))}" if finding.remedy else "")
    if finding.runbook:
        lines.append(f"   Runbook: {finding.runbook}")
    return "\n".join(filter(None, lines))


def _since(story: Story, finding: Finding) -> str:
    return f", since {story.time(finding.since)}" if finding.since else ""


def _since_when(story: Story, serious: Sequence[Finding], table: Evidence | None) -> str:
    """When it began, as the first thing; when it was first seen, where the data do not tell more."""
    if not serious:
        rows = [row for row in entity_rows(story) if row.known("uptime_s")]
        return " ".join(
            f"{row.show('name')} has been up for {row.show('uptime_s')}{cite(row.evidence)}." for row in rows
        )
    first = serious[0]
    if first.since:
        return f"Since {story.time(first.since)}{cite(table)}: {one_line(first.title)}."
    if first.first_seen:
        seen = story.time(first.first_seen)
        return f"When it began the data do not tell; I have seen it since {seen}{cite(table)}: {one_line(first.title)}."
    return f"I cannot tell since when: {one_line(first.title)}{cite(table)}."


def _numbered_evidence(story: Story, finding: Finding) -> list[Evidence]:
    """The evidence of a finding as this conversation numbered it."""
    told = {(item.title, item.request) for item in finding.evidence}
    return [
        item
        for tool in ("health", "entity")
        for item in story.evidence(tool)
        if (item.title, item.request) in told and item.id
    ]


def explain(story: Story) -> str:
    """Why something is failing: what is known of it, its cause, how it looked over time, what the runbook says."""
    findings = story.findings("entity", "health")
    if not story.question.entities:
        return _explain_in_general(story)
    label = joined([one_line(entity.label) for entity in story.question.entities])
    serious = [finding for finding in causes_of(findings) if finding.severity != "info"]
    serious.sort(key=lambda finding: finding.entity not in story.question.entities)
    table = story.table("entity", "finding", "remedy") or story.table("health", "finding", "remedy")
    parts: list[str] = [_since_when(story, serious, table)] if story.question.has("SINCE") else []
    if serious:
        parts.append(_because(story, label, serious[0], findings, table))
        parts += [_cause(story, at, finding, findings, table) for at, finding in enumerate(serious[1:4], start=2)]
    else:
        parts.append(_nothing_found(story, label))
    parts += filter(None, (_state_line(story), _task_lines(story), _alert_lines(story)))
    parts += filter(None, (trend_lines(story), _runbook_line(story), not_seen(story.gaps())))
    return "\n\n".join(parts)


def _explain_in_general(story: Story) -> str:
    """A question without an entity: `why are backups failing?` — the findings and the failed tasks."""
    text = health(story)
    tasks = _task_lines(story, "tasks")
    return "\n\n".join(filter(None, (text, tasks, _runbook_line(story))))


def _because(story: Story, label: str, cause: Finding, findings: Sequence[Finding], table: Evidence | None) -> str:
    """The first cause as the answer; when it is another entity's, that is said."""
    sources = cite(table, *_numbered_evidence(story, cause))
    own = {entity.key for entity in story.question.entities}
    effect = effect_on(own, cause, findings) if cause.entity.key not in own else None
    head = f"{one_line(cause.title)} ({cause.severity}{_since(story, cause)}){sources}."
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


def _nothing_found(story: Story, label: str) -> str:
    gaps = story.gaps()
    state = story.table("entity", "status") or story.table("entity")
    but = f", though {blind_sources(gaps)} could not be read completely" if gaps else ""
    return f"I see nothing wrong with {label}{but}{cite(state)}."


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
