"""Answers about what is wrong, in general and with one thing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.reading.of_all import FORETOLD, TAKEN_FOR_ALL
from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Story, bullet, cite, joined, one_line, plural, sentence
from nightshift.agent.builtin.writers.findings import began_at, causes_of, graded, serious_causes, since
from nightshift.agent.builtin.writers.gaps import blind_sources, gap_lines
from nightshift.agent.builtin.writers.links import links
from nightshift.agent.builtin.writers.power import power
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap

CAUSES_SHOWN = 10
SYMPTOMS_SHOWN = 4
_TAKEN = {
    TAKEN_FOR_ALL: "I take this for a question after how everything is.",
    FORETOLD: "What will fail, and when, cannot be told; what points to it already can.",
}


def health(story: Story) -> str:
    """Causes with what they explain, worst first. The first line tells of Gaps: a partial look is no all-clear."""
    nothing = story.nothing_set_up("health")
    if nothing is not None:
        return f"I cannot tell: {nothing.detail}. {nothing.fix or ''}".rstrip()
    if story.question.has("@links"):
        return links(story)
    findings = story.findings("health")
    table = story.table("health", "finding", "remedy")
    gaps = story.gaps()
    serious = serious_causes(findings)
    notes = [finding for finding in causes_of(findings) if finding.severity == "info"]
    unread = _read_so_far(story)
    if serious and story.question.has("@since_wrong", "@power_since"):
        return "\n\n".join(filter(None, (_since_when(story, serious, table), power(story), unread, _unchecked(gaps))))
    if serious and story.question.has("@first"):
        return _most_urgent(story, serious, findings, table)
    if serious and story.question.has("@rest"):
        return "\n\n".join(filter(None, (_the_rest(serious, findings, table), unread, _unchecked(gaps))))
    common = _in_common(story, serious, findings, table) if story.question.has("@one_cause") else ""
    taken = next((said for mark, said in _TAKEN.items() if story.question.has(mark)), "")
    parts = [taken, common, power(story), _headline(findings, serious, gaps, table, unread=bool(unread)), unread]
    parts += [cause_lines(story, number, finding, findings, table) for number, finding in _numbered(serious)]
    if len(serious) > CAUSES_SHOWN:
        parts.append(f"Further causes, less important, are in the evidence{cite(table)}.")
    if notes:
        titles = joined([one_line(finding.title) for finding in notes], 3)
        parts.append(f"Also noted, not urgent: {titles}{cite(table)}.")
    parts.append(_unchecked(gaps))
    return "\n\n".join(filter(None, parts))


def _unchecked(gaps: Sequence[Gap]) -> str:
    return "Could not be checked:\n" + bullet(gap_lines(gaps)) if gaps else ""


def _most_urgent(story: Story, serious: Sequence[Finding], findings: Sequence[Finding], table: Evidence | None) -> str:
    """`Which of those first?`: findings are sorted by severity and by what they explain, so it is the first one."""
    first, others = serious[0], serious[1:]
    head = f"First: {graded(first, since(story, first))}{cite(table)}."
    then = [graded(finding) for finding in others[:CAUSES_SHOWN]]
    after = f"After it{cite(table)}:\n{bullet(then)}" if then else ""
    return "\n\n".join(filter(None, (head, cause_lines(story, 1, first, findings, table), after)))


_APART = re.compile(r"\b(?:independent|unrelated|separate|different|distinct)\b", re.IGNORECASE)


def _in_common(story: Story, serious: Sequence[Finding], findings: Sequence[Finding], table: Evidence | None) -> str:
    """`Do they have one cause?`, `are they unrelated?`: causes are what no other finding explains, so that several are
    separate."""
    if not serious:
        return ""
    titles = joined([one_line(finding.title) for finding in serious], CAUSES_SHOWN)
    symptoms = [f for f in findings if f.cause == serious[0].fingerprint and f.severity != "info"]
    several, text = len(serious) > 1, story.question.text
    word = yes_or_no(several == bool(_APART.search(text))) if wants_yes_or_no(text) else ""
    if several:
        return sentence(f"{word}I see no common cause of these {len(serious)}{cite(table)}: {titles}")
    if symptoms:
        return sentence(f"{word}one cause explains all that I see{cite(table)}: {titles}")
    return f"It is one thing alone{cite(table)}: {titles}."


def _since_when(story: Story, serious: Sequence[Finding], table: Evidence | None) -> str:
    """`How long has it been like this?`: of each cause when it began."""
    lines = [onset(story, finding, table) for finding in serious[:CAUSES_SHOWN]]
    return bullet(lines) if lines[1:] else lines[0]


def onset(story: Story, finding: Finding, table: Evidence | None) -> str:
    """When a finding began; when it was first seen, where the data do not tell more."""
    began = began_at(story, finding)
    if began:
        return f"Since {story.time(began)}{cite(table)}: {one_line(finding.title)}."
    told = [f for f in story.findings("health", "entity") if f.cause == finding.fingerprint and f.since]
    if told:  # what it brought about tells by when it was so
        first = min(told, key=lambda symptom: symptom.since or story.now)
        told_at = story.time(first.since or story.now)
        return f"At the latest since {told_at}, by {one_line(first.title)}{cite(table)}: {one_line(finding.title)}."
    if finding.first_seen:
        seen = story.time(finding.first_seen)
        return (
            f"When it began the data do not tell; I have seen it since {seen}{cite(table)}: {one_line(finding.title)}."
        )
    return f"I cannot tell since when: {one_line(finding.title)}{cite(table)}."


def _the_rest(serious: Sequence[Finding], findings: Sequence[Finding], table: Evidence | None) -> str:
    """`Is the rest fine?`: what is found beside the causes that were named, which is no all-clear for those."""
    symptoms = [f for f in findings if f not in serious and f.severity != "info" and f.cause is not None]
    named = joined([one_line(finding.title) for finding in serious[:CAUSES_SHOWN]], CAUSES_SHOWN)
    head = f"Beside what is wrong already ({named}) no other cause is found{cite(table)}."
    told = bullet(graded(finding) for finding in symptoms[:CAUSES_SHOWN])
    return f"{head} They still explain{cite(table)}:\n{told}" if symptoms else head


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


def cause_lines(
    story: Story, number: int, finding: Finding, findings: Sequence[Finding], table: Evidence | None
) -> str:
    sources = cite(table, *numbered_evidence(story, finding))
    lines = [f"{number}. **{one_line(finding.title)}** ({finding.severity}{since(story, finding)}){sources}"]
    lines.append(f"   {sentence(one_line(finding.detail))}" if finding.detail else "")
    symptoms = [one_line(item.title) for item in findings if item.cause == finding.fingerprint]
    if symptoms:
        lines.append(f"   Explains: {joined(symptoms, SYMPTOMS_SHOWN)}.")
    lines.append(f"   Do: {sentence(one_line(finding.remedy))}" if finding.remedy else "")
    if finding.runbook:
        lines.append(f"   Runbook: {finding.runbook}")
    return "\n".join(filter(None, lines))


def numbered_evidence(story: Story, finding: Finding) -> list[Evidence]:
    """The evidence of a finding as this conversation numbered it."""
    told = {(item.title, item.request) for item in finding.evidence}
    return [
        item
        for tool in ("health", "entity")
        for item in story.evidence(tool)
        if (item.title, item.request) in told and item.id
    ]
