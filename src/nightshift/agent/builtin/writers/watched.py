"""Answers about what watches and is watched: scrape targets, probes, the systems that are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from nightshift.agent.builtin.steps.expressions import LAST_ANSWERED
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, plural
from nightshift.agent.builtin.writers.elsewhere import GRANT
from nightshift.agent.builtin.writers.findings import graded, serious_causes
from nightshift.agent.builtin.writers.gaps import blind_sources, not_seen
from nightshift.agent.builtin.writers.lines import summary_line
from nightshift.facts.units import format_duration
from nightshift.tools.names import normalise

LISTED = 40
PROBES_SHOWN = 6
TARGETS_NAMED = 12
_NO_PAGE = frozenset({"https", "http", "home", "www", "com", "example", "the", "page"})
_OF_RIGHTS = re.compile(r"\b(?:rights?|privileges?|permissions?|tokens?|grant|need)\b", re.IGNORECASE)


def targets(story: Story) -> str:
    """Scrape targets: which are down, how many are up; while Prometheus does not know, what it saw last."""
    if story.question.has("@probe_times"):
        return _probe_times(story)
    if story.question.has("PROBES"):
        return _probes(story)
    table = story.table("inventory", "job", "instance")
    if table is None or table.kind == "none":
        note = next(iter(story.notes("inventory")), "The scrape targets could not be read.")
        return "\n\n".join(filter(None, (note, not_seen(story.gaps("inventory")))))
    rows = _targets_asked_about(story, story.rows(table))
    listed = len(rows) <= LISTED and (story.question.entities or len(rows) < table.total)
    if not rows and story.question.entities:
        names = joined([entity.label.split(" (")[0] for entity in story.question.entities])
        return f"No scrape target is known to be {names}{cite(table)}."
    down = [row for row in rows if row.get("health") == "down"]
    unknown = [row for row in rows if row.get("health") not in ("up", "down")]
    answered = _answered(story)
    lines = [
        f"{row.show('instance')} (job {row.show('job')}): {row.show('last_error')}"
        f"{answered.get(row.show('instance'), '')}"
        for row in down[:LISTED]
    ]
    if down:
        head = f"{len(down)} of {len(rows)} scrape targets {'is' if len(down) == 1 else 'are'} down{cite(table)}:"
    elif rows and not unknown:
        head = f"All {len(rows)} scrape targets are up{cite(table)}." if not story.question.entities else ""
    else:
        head = f"Prometheus does not know the state of its targets yet, it has just started{cite(table)}."
        head += _failed_last(story)
    flaps = _flapped(story, {row.show("instance") for row in rows})
    jobs = Counter(row.show("job") for row in rows)
    each = f"By job{cite(table)}: {', '.join(f'{job} {count}' for job, count in jobs.most_common())}."
    if listed:
        each = "\n".join(summary_line(row) for row in rows if row not in down)
    state = f"{head}\n{bullet(lines)}".strip()
    only_down = down and story.question.has("DOWN", "FAIL", "WRONG", "WHY")
    told = (state,) if only_down else (each, state) if down else (state, each)
    return "\n\n".join(filter(None, (*told, flaps, not_seen(story.gaps("inventory")))))


def _answered(story: Story) -> dict[str, str]:
    """Of what does not answer now, when it last did."""
    items = [item for item in story.evidence("promql", "rows") if item.title == LAST_ANSWERED]
    return {
        row.show("instance"): f"; it last answered {format_duration(row.number('value') or 0.0)} ago{cite(item)}"
        for item in items
        for row in story.rows(item)
    }


def _flapped(story: Story, instances: set[str]) -> str:
    """Which came and went within the time that was asked about."""
    item = next((item for item in story.evidence("promql", "rows") if item.title.startswith("changes(up")), None)
    if item is None:
        return ""
    rows = [row for row in story.rows(item) if row.show("instance") in instances]
    when = story.question.span.text if story.question.span else "in the last day"
    lines = [f"{row.show('instance')} (job {row.show('job')}): {row.show('value')} changes" for row in rows[:LISTED]]
    head = f"{len(rows) or 'None'} of them changed between up and down {when}{cite(item)}"
    return f"{head}:\n{bullet(lines)}" if lines else f"{head}."


def _probes(story: Story) -> str:
    """Which of the web pages and ports that are probed from outside do not answer."""
    table = story.table("promql", "value")
    if table is None or not table.rows:
        return not_seen(story.gaps()) or f"Prometheus has no probes of pages or ports{cite(table)}."
    rows = story.rows(table)
    failed = [row for row in rows if not row.number("value")]
    be = "fails" if len(failed) == 1 else "fail"
    head = f"{len(failed) or 'None'} of {plural(len(rows), 'probe')} {be if failed else 'fails'}{cite(table)}"
    lines = [row.show("instance") for row in failed[:LISTED]]
    return "\n\n".join(filter(None, (f"{head}:\n{bullet(lines)}" if failed else f"{head}.", not_seen(story.gaps()))))


def _probe_times(story: Story) -> str:
    """Which of the pages that are probed takes longest to answer."""
    table = story.table("promql", "value")
    if table is None or not table.rows:
        return not_seen(story.gaps()) or f"I cannot tell: Prometheus has no probes of pages{cite(table)}."
    least = re.search(r"\b(?:fastest|quickest)\b", story.question.text.lower())
    rows = sorted(story.rows(table), key=lambda row: (row.number("value") or 0.0) * (1 if least else -1))
    said = {word for word in re.split(r"[^a-z0-9]+", story.question.text.lower()) if len(word) > 2} - _NO_PAGE
    named = [row for row in rows if said & set(re.split(r"[^a-z0-9]+", row.show("instance").lower()))]
    lines = [
        f"{row.show('instance')}: {(row.number('value') or 0.0) * 1000:.0f} ms"
        for row in (named or rows)[:PROBES_SHOWN]
    ]
    if named:
        told = f"To be answered takes, on average over 15 min{cite(table)}:"
        return "\n\n".join(filter(None, (f"{told}\n{bullet(lines)}", not_seen(story.gaps()))))
    head = f"The {'fastest' if least else 'slowest'} of {plural(len(rows), 'probe')}, on average over 15 min"
    told = f"{head}: {lines[0]}{cite(table)}."
    return "\n\n".join(filter(None, (told, bullet(lines[1:]), not_seen(story.gaps()))))


def _targets_asked_about(story: Story, rows: Sequence[Row]) -> list[Row]:
    """Those of the things that were named, or of a job (`which hosts run a node exporter?`); all, when none was."""
    names = [normalise(entity.label.split(" (")[0].removeprefix("target ")) for entity in story.question.entities]
    if not names:
        jobs = set(re.findall(r"\b([\w-]+) ?(?:_?exporters?|jobs?|targets?)\b", story.question.text.lower()))
        return [row for row in rows if row.show("job") in jobs] or list(rows)
    return [
        row for row in rows if any(name in normalise(f"{row.show('instance')} {row.show('job')}") for name in names)
    ]


def _failed_last(story: Story) -> str:
    """The targets whose last scrape failed, by the series that Prometheus keeps of it."""
    table = next(iter(story.evidence("promql", "rows")), None)
    if table is None:
        return ""
    if not table.rows:
        return f" The last scrapes that it remembers went well{cite(table)}."
    names = joined([f"{row.show('instance')} (job {row.show('job')})" for row in story.rows(table)], TARGETS_NAMED)
    return f" By the last scrapes that it remembers, down: {names}{cite(table)}."


def sources(story: Story) -> str:
    """The watched systems, and what keeps one from being seen."""
    table = story.table("inventory", "reachable")
    if table is None:
        return "No system is set up yet."
    lines = []
    for row in story.rows(table):
        version = f" {row.show('version')}" if row.known("version") else ""
        state = "reachable" if row.get("reachable") else f"NOT reachable: {row.show('problem')}"
        lines.append(f"{row.show('id')} ({row.show('kind')}{version}): {state}")
    seen = sum(bool(row.get("reachable")) for row in story.rows(table))
    head = f"I watch {plural(table.total, 'system')}, {seen} of them reachable{cite(table)}:"
    if seen == table.total > 1:
        head = f"All {table.total} systems that I watch answer{cite(table)}:"
    gaps, swept = story.gaps(), story.evidence("health")[:1]
    told = f"{head}\n{bullet(lines)}"
    if gaps:
        blind = f"I do not see everything: {blind_sources(gaps)} left gaps{cite(table, *swept)}."
        lacks = any(gap.kind == "forbidden" for gap in gaps) and _OF_RIGHTS.search(story.question.text)
        parts = [blind, not_seen(gaps), GRANT if lacks else "", _how_it_is(story), told]
    else:
        whole = f"No check lacked anything that it asked for{cite(*swept)}." if swept else ""
        parts = [_how_it_is(story), told, whole]
    return "\n\n".join(filter(None, parts))


def _how_it_is(story: Story) -> str:
    """`Is all well, or can you not see?`: what was found as well."""
    table = story.table("health", "finding", "remedy")
    if table is None or not story.question.has("FINE", "WRONG", "ANYTHING"):
        return ""
    found = serious_causes(story.findings("health"))
    if not found:
        return f"In what could be checked nothing is wrong{cite(table)}."
    return f"Wrong in what could be checked{cite(table)}:\n{bullet(map(graded, found))}"
