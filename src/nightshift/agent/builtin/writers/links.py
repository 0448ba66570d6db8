"""Answers about network ports: which loses its link, or loses packets."""

from __future__ import annotations

from nightshift.agent.builtin.story import Story, bullet, cite, one_line, sentence
from nightshift.agent.builtin.writers.findings import causes_of, graded, since
from nightshift.agent.builtin.writers.gaps import not_seen

SHOWN = 6
_OF_PORTS = ("host.link", "host.network", "host.bond", "node.network")


def links(story: Story) -> str:
    """The ports that are found bad; else how often a link changed, which a restart does too."""
    table = story.table("health", "finding", "remedy")
    every = [f for f in story.findings("health") if f.severity != "info"]
    found = [f for f in every if f.check.startswith(_OF_PORTS)]
    changed = _changed(story)
    if found:
        first = next(iter(causes_of(found)), found[0])
        text = f"{graded(first, since(story, first))}{cite(table)}. {sentence(one_line(first.detail))}"
        others = [graded(f) for f in found if f is not first]
        more = f"Also{cite(table)}:\n{bullet(others)}" if others else ""
        do = f"Do: {sentence(one_line(first.remedy))}" if first.remedy else ""
        return "\n\n".join(filter(None, (text, more, do, changed, not_seen(story.gaps()))))
    wrong = [graded(f) for f in causes_of(every)[:SHOWN]]
    told = f"No port is found to lose its link or packets{cite(table)}."
    beside = f"What is wrong{cite(table)}:\n{bullet(wrong)}" if wrong else ""
    return "\n\n".join(filter(None, (told, changed, beside, not_seen(story.gaps()))))


def _changed(story: Story) -> str:
    """How often the link of each port changed in the last day, as far as Prometheus counts it."""
    table = next(iter(story.evidence("promql", "rows")), None)
    if table is None:
        return "How often a link changed was not to be read from Prometheus."
    rows = story.rows(table)
    if not rows:
        none = f"Prometheus tells of no change of a link in the last 24 h{cite(table)}"
        return f"{none}; it counts them where node_exporter runs."
    lines = [
        f"{row.show('device')} of {row.show('instance')}: {row.number('value') or 0:.0f} times" for row in rows[:SHOWN]
    ]
    return f"Changes of a link in the last 24 h{cite(table)}; a restart of the node makes some too:\n{bullet(lines)}"
