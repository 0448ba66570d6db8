"""How far a trouble goes: which other things have what is found of one, and whether it is that one alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.steps.signs import in_common, words_of_trouble
from nightshift.agent.builtin.story import Story, bullet, cite, joined
from nightshift.agent.builtin.words.tokens import plain
from nightshift.agent.builtin.writers.findings import graded
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.finding import Finding
from nightshift.facts.ids import Entity

LISTED = 8
_FOR_A_REMARK = 2
"""Words in common from which a remark, which is no trouble, is meant."""
_ASKS_OF_ONE = re.compile(r"\b(?:only|just|solely|limited|confined|isolated|restricted|alone)\b")
_LEAVES_OUT = re.compile(r"\b(?:else|other|others|aside|apart from|elsewhere)\b")


def scope(story: Story) -> str:
    """`No: pve1 is not; only pve2: …`, `Yes: only pve2`; that nothing of the kind is found where nothing is."""
    table = story.table("health", "finding", "remedy")
    alike = _alike(story, story.findings("health"))
    named = [entity for entity in story.question.entities if entity.kind not in ("alert", "job")]
    lines = [graded(f) for f in alike[:LISTED]]
    if not alike:
        seen = ", as far as I can see" if story.gaps() else ""
        own = [f for f in story.findings("health") if any(_is_of(f, entity) for entity in named)]
        lines = [graded(f) for f in own[:LISTED]]
        nowhere = f"I find nothing of that kind, neither there nor elsewhere{seen}{cite(table)}."
        head = f"Whether it is of that kind I cannot tell; of {_names(named)} is found{cite(table)}" if own else nowhere
    elif named and not _ASKS_OF_ONE.search(plain(story.question.text)):
        head = _of_the_named(story, named, alike) + cite(table)
    else:
        head = _of_how_many(story, alike) + cite(table)
    return "\n\n".join(filter(None, (f"{head}:\n{bullet(lines)}" if lines else head, not_seen(story.gaps()))))


def _of_the_named(story: Story, named: Sequence[Entity], alike: Sequence[Finding]) -> str:
    hit = [entity for entity in named if any(_is_of(finding, entity) for finding in alike)]
    others = [f.entity.label for f in alike if not any(_is_of(f, entity) for entity in named)]
    elsewhere = joined(list(dict.fromkeys(others)))
    if _LEAVES_OUT.search(plain(story.question.text)):
        return f"Beside {_names(named)}: {elsewhere}" if others else f"Nowhere else: only {_names(hit)}"
    if len(hit) == len(named):
        return f"Yes: {_names(named)} too"
    if hit:
        spared = [entity for entity in named if entity not in hit]
        return f"In part: {_names(hit)} too, but of {_names(spared)} no such thing is found"
    return f"No: of {_names(named)} no such thing is found, only of {elsewhere}"


def _is_of(finding: Finding, entity: Entity) -> bool:
    """Whether it is of the thing, or of what is in it."""
    return finding.entity.key == entity.key or finding.entity.key.startswith(f"{entity.key}/")


def _names(entities: Sequence[Entity]) -> str:
    return joined([entity.label.split(" (")[0] for entity in entities])


def _of_how_many(story: Story, alike: Sequence[Finding]) -> str:
    labels = list(dict.fromkeys(f.entity.label for f in alike))
    whether = yes_or_no(len(labels) == 1) if wants_yes_or_no(story.question.text) else ""
    return f"{whether}only {labels[0]}" if len(labels) == 1 else f"{whether}it is {joined(labels)}"


def _alike(story: Story, findings: Sequence[Finding]) -> list[Finding]:
    """The findings of the check that has most of the words of the question; what alerts repeat only where no check has
    found it."""
    said = words_of_trouble(story.question.text, story.question.entities)
    if not said:  # `does vault have such problems too?`: whatever is wrong with things of its kind
        kinds = {entity.kind for entity in story.question.entities}
        return [f for f in findings if f.severity != "info" and f.cause is None and f.entity.kind in kinds]
    told = [f for f in findings if in_common(said, f) >= (_FOR_A_REMARK if f.severity == "info" else 1)]
    best = max(
        told, key=lambda f: (not f.check.startswith("alert."), f.severity != "info", in_common(said, f)), default=None
    )
    if best is None:
        return []
    return [finding for finding in findings if finding.check == best.check]
