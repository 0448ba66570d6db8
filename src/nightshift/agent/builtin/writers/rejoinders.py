"""What is said back to an answer: where it is from, and what would mend what it found."""

from __future__ import annotations

from nightshift.agent.builtin.story import Story, bullet, cite, joined, one_line
from nightshift.agent.builtin.writers.findings import causes_of, with_remedy
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.evidence import Evidence

REQUESTS = 2
REMEDIES = 3
MOST_LISTED = 12
_NAMES = {
    "pve": "Proxmox VE", "pbs": "Proxmox Backup Server", "prometheus": "Prometheus", "grafana": "Grafana",
    "runbooks": "the runbooks", "nightshift": "Nightshift's own checks of what they tell",
}  # fmt: skip


def provenance(story: Story) -> str:
    """Which systems told it, by which request, and when: what one can look up again without me."""
    if not story.question.has("@provenance"):
        return ""
    by_source: dict[str, list[Evidence]] = {}
    for results in story.results.values():
        for item in (item for result in results for item in result.evidence):
            by_source.setdefault(item.source, []).append(item)
    if not by_source:
        return "I read nothing for that."
    lines = [_source(story, source, items) for source, items in by_source.items()]
    blind = "" if not story.gaps() else " What could not be read is named below."
    return f"I have it from what the systems told when I asked just now, and I guess nothing.{blind}\n{bullet(lines)}"


def _source(story: Story, source: str, items: list[Evidence]) -> str:
    name = _NAMES.get(source, source)
    named = name if name == source or source in ("runbooks", "nightshift") else f"{name} ({source})"
    requests = list(dict.fromkeys(one_line(item.request) for item in items if item.request))
    asked = f": {joined([f'`{request}`' for request in requests[:REQUESTS]])}" if requests else ""
    return f"{named}, read {story.time(max(item.taken_at for item in items))}{asked}{cite(*items)}"


def remedies(story: Story) -> str:
    """What is wrong with the thing that was told of, and what somebody has to do about it; empty when nothing is."""
    found = [f for name in ("entity", "health") for f in causes_of(story.findings(name))]
    found = [f for f in dict.fromkeys(found) if f.severity != "info" and f.remedy]
    own = [f for f in found if f.check == story.question.subject]
    lines = [with_remedy(f) for f in (*own, *(f for f in found if f not in own))][:REMEDIES]
    tables = [table for name in ("entity", "health") if (table := story.table(name, "finding", "remedy"))]
    if not lines:
        return ""
    told = f"What is wrong there, and what mends it by hand{cite(*tables[:1])}:\n{bullet(lines)}"
    book = next((item for item in story.evidence("runbooks", "document") if item.document), None)
    return f"{told}\n\nThe runbook for it: {one_line(book.title)}{cite(book)}." if book else told


def where_else(story: Story) -> str:
    """All things that have what was found on one of them; empty where that was not asked."""
    subject = story.question.subject
    if not story.question.has("@where_else") or not subject:
        return ""
    found = [f for f in story.findings("health") if f.check == subject]
    table = story.table("health", "finding", "remedy")
    if not found:
        return f"It is found nowhere now{cite(table)}."
    names = list(dict.fromkeys(f.entity.label for f in found))
    head = (
        f"Only {names[0]} is found to have that" if len(names) == 1 else f"{len(names)} have that: {joined(names, 12)}"
    )
    lines = [one_line(f.title) for f in found[:MOST_LISTED]]
    return "\n\n".join(filter(None, (f"{head}{cite(table)}.\n{bullet(lines)}", not_seen(story.gaps()))))
