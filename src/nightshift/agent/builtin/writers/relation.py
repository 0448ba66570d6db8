"""Whether one thing comes of another: what is found about both, and whether one finding explains the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nightshift.agent.builtin.sentences.relation import blamed_in, is_named_in
from nightshift.agent.builtin.steps.signs import in_common, words_of_trouble
from nightshift.agent.builtin.story import Story, bullet, cite, joined, one_line
from nightshift.agent.builtin.words.tokens import plain, stem
from nightshift.agent.builtin.writers.findings import causes_of, graded
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.ids import Entity

MOST_CAUSES = 4
_OF_A_NODE = re.compile(r"\b(?:nodes?|hosts?|servers?|hypervisors?|machines?|box)\b")
_OF_SPACE = re.compile(r"\b(?:full|space|room|capacity)\b")
# As well said of what suffers as of what it comes of.
_OF_ANY_TROUBLE = frozenset(
    map(stem, ("failed", "failing", "failure", "broken", "bad", "faulty", "old", "new", "lost"))
)
_SPACE_CHECKS = ("full", "usage", "space", "fill")


def relation(story: Story) -> str:
    """`No: …` or `Yes: …` first, then what is wrong."""
    table = story.table("health", "finding", "remedy")
    findings = [finding for finding in story.findings("health", "entity") if finding.severity != "info"]
    blamed, hit, blame = blamed_in(plain(story.question.text), story.question.entities)
    if blamed:
        head = _between(story, blamed, hit, findings, table)
    elif _OF_SPACE.search(blame):
        full = [finding for finding in findings if any(sign in finding.check for sign in _SPACE_CHECKS)]
        head = _of_kind(hit, full, findings, "no place is full", table)
    elif _OF_A_NODE.search(blame):
        gone = [finding for finding in findings if finding.entity.kind == "node" and "offline" in finding.check]
        head = _of_kind(hit, gone, findings, "no node is offline", table)
    else:
        head = _of_what_is_said(story, blame, hit, findings, table)
    causes = causes_of(findings)
    lines = [f"{graded(f)}. {one_line(f.remedy)}" for f in causes[:MOST_CAUSES]]
    wrong = f"What is wrong{cite(table)}:\n{bullet(lines)}" if lines else f"Nothing else is wrong{cite(table)}."
    return "\n\n".join(filter(None, (head, wrong, not_seen(story.gaps()))))


def _between(
    story: Story, blamed: Sequence[Entity], hit: Sequence[Entity], findings: Sequence[Finding], table: Evidence | None
) -> str:
    whose, whom = (joined([entity.label.split(" (")[0] for entity in those]) for those in (blamed, hit))
    causes, effects = _about(blamed, findings), _about(hit, findings)
    if not causes:
        seen = ", as far as I can see" if story.gaps() else ""
        return f"No: nothing is wrong with {whose}{seen}{cite(table)}."
    linked = next((e for e in effects if _explains(causes, e, findings)), None)
    if linked is not None or (not hit and any(f.cause == causes[0].fingerprint for f in findings)):
        told = one_line(linked.title) if linked else "what is seen"
        return f"Yes: {one_line(causes[0].title)}, and that explains it: {told}{cite(table)}."
    if effects:
        return (
            f"No, I see no link between them, they are separate things: {one_line(effects[0].title)}; "
            f"{one_line(causes[0].title)}{cite(table)}."
        )
    about = f"nothing that I see is wrong with {whom}" if hit else "that it explains anything else I do not see"
    return f"Not that I can see: {one_line(causes[0].title)}, but {about}{cite(table)}."


def _of_kind(
    hit: Sequence[Entity], causes: Sequence[Finding], findings: Sequence[Finding], none: str, table: Evidence | None
) -> str:
    """Of what was blamed without a name: a node that died, a lack of space."""
    effects = _about(hit, findings)
    own = [
        finding
        for finding in causes
        if not hit or finding in effects or any(_explains([finding], e, findings) for e in effects)
    ]
    if causes and not hit:
        return f"Perhaps: {one_line(causes[0].title)}; that it is the reason I cannot show{cite(table)}."
    if own:
        return f"Yes: {one_line(own[0].title)}{cite(table)}."
    if causes:
        return f"No link that I can see: {one_line(causes[0].title)}, and that is something else{cite(table)}."
    return f"No: {none}{cite(table)}."


def _of_what_is_said(
    story: Story, blame: str, hit: Sequence[Entity], findings: Sequence[Finding], table: Evidence | None
) -> str:
    """`Because of the network`: by what is found that has words of it, but none that tell what suffers."""
    text = plain(story.question.text)
    suffers = words_of_trouble(text.replace(blame, " "), hit)
    said = words_of_trouble(blame, hit) - suffers - _OF_ANY_TROUBLE
    if not said:
        return ""
    effects = [finding for finding in _about(hit, findings) if in_common(suffers, finding)]
    told = [f for f in findings if in_common(said, f) and not _explains(effects, f, findings)]
    if exact := [finding for finding in told if in_common(said, finding) == len(said)]:
        return _of_kind(hit, exact, findings, "", table)
    if told:
        return f"Perhaps: {one_line(told[0].title)}; that it is the reason I cannot show{cite(table)}."
    cause = next((root for root in causes_of(findings) if any(_explains([root], e, findings) for e in effects)), None)
    if cause is not None:
        return f"No, by what is found it comes of something else: {one_line(cause.title)}{cite(table)}."
    return f"Not that I can see: I find nothing of that kind{cite(table)}."


def _about(entities: Sequence[Entity], findings: Iterable[Finding]) -> list[Finding]:
    """Findings of these things; those of an alert or a target are of that which they name."""
    keys = {entity.key for entity in entities}
    return [
        finding
        for finding in findings
        if finding.entity.key in keys or any(is_named_in(finding.title.lower(), entity) for entity in entities)
    ]


def _explains(causes: Sequence[Finding], effect: Finding, findings: Sequence[Finding]) -> bool:
    by_fingerprint = {finding.fingerprint: finding for finding in findings}
    wanted, at = {finding.fingerprint for finding in causes}, effect.cause
    while at is not None and at in by_fingerprint and at not in wanted:
        at = by_fingerprint[at].cause
    return at in wanted
