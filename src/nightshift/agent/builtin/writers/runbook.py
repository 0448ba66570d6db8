"""Answers from the runbooks: quoted with their place, never followed and never invented."""

from __future__ import annotations

from nightshift.agent.builtin.story import Story, cite, one_line
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.evidence import Evidence

QUOTED_CHARS = 1500


def runbook(story: Story) -> str:
    """The best passage quoted, the others named."""
    documents = [item for item in story.evidence("runbooks", "document") if item.document]
    if not documents:
        if story.results.get("health"):
            from nightshift.agent.builtin.writers.health import health

            return "Say what for: a symptom, a check or an alert. What is wrong now:\n\n" + health(story)
        return "No runbook fits this. I do not make one up."
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
    """The runbook's own words as a Markdown quotation, commands verbatim."""
    assert item.document is not None
    text = item.document.text.strip()
    cut = text if len(text) <= QUOTED_CHARS else text[:QUOTED_CHARS].rsplit("\n", 1)[0] + "\n…"
    return "\n".join(f"> {line}".rstrip() for line in cut.splitlines())
