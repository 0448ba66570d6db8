"""Answers from the runbooks: quoted with their place, never followed and never invented."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.steps.signs import tells_no_steps
from nightshift.agent.builtin.story import Story, bullet, cite, one_line
from nightshift.agent.builtin.words.tokens import plain, stem, tokens
from nightshift.agent.builtin.writers.commands import by_hand
from nightshift.agent.builtin.writers.elsewhere import elsewhere
from nightshift.agent.builtin.writers.findings import serious_causes, with_remedy
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.health import health
from nightshift.agent.builtin.writers.strangers import speaks_to_the_reader
from nightshift.facts.evidence import Evidence

QUOTED_CHARS = 3000
REMEDIES = 3
SURELY_CALLED_SO = 2
_USUAL = re.compile(r"\b(?:(?:sun|mon|satur)day|daily|weekly|monthly|by default)\b", re.IGNORECASE)


# `Do we have a guide for it?`, but not `do I have to start the guests by hand?`
_WHETHER = re.compile(
    r"(?:is|are) there\b|any\b|(?:do|have|has) (?:we|you|i) (?:have |got |have got )?(?:an?|any|some\w*|our)\b",
    re.IGNORECASE,
)
_BEWARE = (
    "Beware: this text gives orders to whoever reads it out, or would erase a whole system. I quote it and follow none "
    "of it; look who wrote it before you do."
)


def runbook(story: Story) -> str:
    """What is found about the thing and its remedy, the command for a deed, the best passage quoted, others named."""
    documents = [item for item in story.evidence("runbooks", "document") if item.document]
    told = _by_hand(story)
    is_mended = not told or story.question.action in ("start", "change", "prune")  # then what is wrong bears on it
    known = [told, _remedies(story) if is_mended else ""]
    if not documents and not any(known):
        if story.results.get("health"):
            return "Say what for: a symptom, a check or an alert. What is wrong now:\n\n" + health(story)
        return "\n\n".join(filter(None, (_none_fits(story), not_seen(story.gaps("runbooks")))))
    return "\n\n".join(filter(None, (*known, *_passages(story, documents), not_seen(story.gaps()))))


def _none_fits(story: Story) -> str:
    question = story.question
    if question.unknown and not question.entities and not question.subject:
        return (
            "No runbook fits this, and I do not make one up. I can only answer what is about your systems: nothing "
            f"that I read knows “{one_line(question.unknown[0])}”."
        )
    return "No runbook fits this. I do not make one up."


def _passages(story: Story, documents: Sequence[Evidence]) -> list[str]:
    if not documents:
        return ["No runbook fits this."]
    documents = sorted(documents, key=lambda item: -_said_in_title(story, item))
    best = next((item for item in documents if _is_wanted(documents, item)), documents[0])
    if "by default" in story.question.text.lower():
        best = next((item for item in documents if item.document and _USUAL.search(item.document.text)), best)
    others = [item for item in documents if item is not best]
    parts = [
        f"{'Yes: ' if _WHETHER.match(story.question.text) else 'The runbook for it: '}{_place(best)}{cite(best)}.",
        _quote(best),
    ]
    if best.document and speaks_to_the_reader(best.document.text):
        parts.append(_BEWARE)
    if others:
        parts.append("Also: " + "; ".join(f"{_place(item)}{cite(item)}" for item in others) + ".")
    return parts


def _said_in_title(story: Story, item: Evidence) -> int:
    """How many words of the question are in the title of the runbook: of two that fit, it is the one so called."""
    said = {stem(word) for word in story.question.content}
    title = {token.stem for token in tokens(plain(item.title.split(" › ", maxsplit=1)[0]))}
    told = len(said & title)
    return told if told >= SURELY_CALLED_SO and story.question.has("@how", "RUNBOOK") else 0


def _is_wanted(documents: Sequence[Evidence], item: Evidence) -> bool:
    """Whether it is the one to quote: the steps of the runbook that fits best, where that is told how to confirm it."""
    best = documents[0].document
    return bool(
        best and item.document and item.document.file == best.file and not tells_no_steps(item.document.heading)
    )


def _remedies(story: Story) -> str:
    """What is wrong with the thing now, and what the finding says to do."""
    found = [f for f in serious_causes(story.findings("entity")) if f.remedy]
    table = story.table("entity", "finding", "remedy")
    lines = [with_remedy(f) for f in found[:REMEDIES]]
    return f"Wrong with it now{cite(table)}:\n{bullet(lines)}" if lines else ""


def _by_hand(story: Story) -> str:
    """How to do what it is asked how to do, where that is a matter of a command or of a menu."""
    if not story.question.action:
        return ""
    told = by_hand(story)
    return f"I am read-only; {told}" if told else elsewhere(story)


def _place(item: Evidence) -> str:
    assert item.document is not None
    return f"{one_line(item.title)} ({item.document.file}:{item.document.line or 1})"


def _quote(item: Evidence) -> str:
    """The runbook's own words as a Markdown quotation: steps stay steps, commands stay verbatim."""
    assert item.document is not None
    lines = item.document.text.strip().splitlines()
    shown = _whole_blocks(lines)
    quoted = [f"> {line}".rstrip() for line in lines[:shown]]
    if shown < len(lines):
        quoted += [">", f"> … and more in {item.document.file}"]
    return "\n".join(quoted)


def _whole_blocks(lines: list[str]) -> int:
    """How many lines may be quoted: about QUOTED_CHARS, and never the half of a step or of a command."""
    length, whole, fenced = 0, 0, False
    for number, line in enumerate(lines):
        length += len(line) + 1
        begins_block = not fenced and bool(line.strip()) and not line.startswith((" ", "\t"))
        if begins_block and number:
            whole = number
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if length > QUOTED_CHARS and whole:
            return whole
    return len(lines)
