"""Answers from the runbooks: quoted with their place, never followed and never invented."""

from __future__ import annotations

from nightshift.agent.builtin.story import Story, cite, one_line
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.health import health
from nightshift.facts.evidence import Evidence

QUOTED_CHARS = 1500


def runbook(story: Story) -> str:
    """The best passage quoted, the others named."""
    documents = [item for item in story.evidence("runbooks", "document") if item.document]
    if not documents:
        if story.results.get("health"):
            return "Say what for: a symptom, a check or an alert. What is wrong now:\n\n" + health(story)
        return "\n\n".join(filter(None, ("No runbook fits this. I do not make one up.", not_seen(story.gaps()))))
    best, others = documents[0], documents[1:]
    asked = story.question.text.lower().startswith(("is there", "do ", "does ", "have ", "are there", "any "))
    parts = [f"{'Yes: ' if asked else 'The runbook for it: '}{_place(best)}{cite(best)}.", _quote(best)]
    if others:
        parts.append("Also: " + "; ".join(f"{_place(item)}{cite(item)}" for item in others) + ".")
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


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
