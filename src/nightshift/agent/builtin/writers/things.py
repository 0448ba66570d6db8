"""Answers about one thing in depth: a node, a guest, a storage."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.questions.slots import lists_facets
from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural
from nightshift.agent.builtin.words.attributes import OF_A_THING, asked
from nightshift.agent.builtin.writers.attributes import attribute_lines, whether
from nightshift.agent.builtin.writers.findings import (
    around_lines,
    causes_of,
    effect_on,
    entity_rows,
    graded,
    seen_since,
    serious_causes,
    since,
    when_ago,
)
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.lines import is_as_it_should, notes_line, summary_line
from nightshift.agent.builtin.writers.lists import listing, versions
from nightshift.agent.builtin.writers.settings import settings_head
from nightshift.facts.evidence import Cell
from nightshift.tools.render import format_value


def describe(story: Story) -> str:
    """One thing: its state first, what is wrong with it, then the figures."""
    rows = entity_rows(story)
    if not rows:
        return versions(story) if story.question.has("VERSION") else listing(story)
    agents = [row for row in rows if row.known("ha_agent")]
    if story.question.has("@maintenance") and len(agents) > 1:
        return "\n\n".join(filter(None, (_which_rest(story, agents), findings_line(story), not_seen(story.gaps()))))
    parts = [_one(story, row) for row in rows]
    if len(rows) == 1 and parts[0]:
        parts[0] = f"{verdict_on_health(story, rows[0])}{parts[0]}"
    if not story.question.has("VERSION", "WHERE", "UPTIME", "TAG", *OF_A_THING):
        parts.append(findings_line(story))
    parts.append(not_seen(story.gaps()))
    return "\n\n".join(filter(None, parts))


def _one(story: Story, row: Row) -> str:
    question = story.question
    head = settings_head(question, row)
    if head:
        return head
    if question.has("@maintenance") and "online" in row.evidence.columns and row.known("ha_agent"):
        return _maintenance(row)
    wanted = asked(question.concepts, OF_A_THING)
    if lists_facets(question.text) and not question.has("@settings"):
        return "\n".join(
            filter(None, (f"{_away_since(story, row)}{told_of(story, row)}", attribute_lines(row, wanted)))
        )
    if wanted and (row.known("vmid") or "online" in row.evidence.columns):
        return f"{whether(question.text, row, wanted)}{attribute_lines(row, wanted)}"
    if question.has("VERSION") and row.known("pve_version"):
        kernel = f", kernel {row.show('kernel')}" if row.known("kernel") else ""
        return f"{row.show('name')} runs PVE {row.show('pve_version')}{kernel}{cite(row.evidence)}."
    if question.has("WHERE") and row.known("vmid"):
        return f"{row.show('name')} runs on {row.show('node')} ({row.show('status')}){cite(row.evidence)}."
    amiss = question.has("WRONG", "STOPPED", "DOWN") and not question.has("@uptime_of_one")
    if question.has("UPTIME", "SINCE") and row.number("uptime_s") and not amiss:
        return f"{row.show('name')} has been up for {row.show('uptime_s')}{cite(row.evidence)}."
    scraped = [item for item in story.evidence("metrics", "series") if question.has("@uptime_of_one") and item.series]
    if len(scraped) == 1 and (stats := scraped[0].series[0].stats):  # PVE kept it to itself
        return f"{row.show('name')} has been up for {format_value(stats.last, stats.unit)}{cite(*scraped)}."
    return verdict_on_state(question, row) + _away_since(story, row) + told_of(story, row)


def _which_rest(story: Story, rows: Sequence[Row]) -> str:
    """Which of several nodes are in maintenance."""
    resting = [row for row in rows if "maintenance" in row.show("ha_agent")]
    word = yes_or_no(bool(resting)) if wants_yes_or_no(story.question.text) else ""
    told = joined([row.show("name") for row in resting]) if resting else f"none of {len(rows)} nodes"
    return f"{word}{told} {'are' if len(resting) > 1 else 'is'} in maintenance{cite(*(row.evidence for row in rows))}."


def _maintenance(row: Row) -> str:
    """Whether high availability has the node in maintenance."""
    state = row.show("ha_agent")
    verdict = yes_or_no("maintenance" in state)
    return f"{verdict}the agent of high availability on {row.show('name')} is {state}{cite(row.evidence)}."


_OF_THE_STATE = ("FINE", "RUNNING", "STATE", "WRONG", "DOWN", "FAIL", "STOPPED", "REACH", "SLOW", "WHY", "SECRET")


def told_of(story: Story, row: Row) -> str:
    """Its state; of a guest that runs its notes too, unless its state is asked for, of which they know nothing; of a
    node what runs there."""
    judged = story.question.has(*_OF_THE_STATE)
    notes = notes_line(row) if row.get("status") == "running" and not judged else ""
    return summary_line(row) + notes + guests_on(story, row)


def _away_since(story: Story, row: Row) -> str:
    """Of a node that is away since when, as the first thing."""
    if row.get("online") is not False or not _ASKS_SINCE.search(story.question.text):
        return ""
    first = seen_since(story, str(row.get("key")))
    return f"Since {when_ago(story, first)}: " if first else ""


_ASKS_SINCE = re.compile(r"\b(?:since|how long|when|last|until|heartbeat|hours|minutes|days)\b", re.IGNORECASE)
HEADED = 3
# `can web run on pve2?` is asked of what may be, not of what is.
_MAY = re.compile(r"^\W*(?:can|could|may|might|should)\b", re.IGNORECASE)
_UP = {"running": True, "stopped": False, "paused": False}


def verdict_on_state(question: Question, row: Row) -> str:
    """`Is nas up?`: yes or no, before the state itself; empty when that was not asked or is not known."""
    up = row.get("online") if "online" in row.evidence.columns else _UP.get(str(row.get("status")))
    runs, rests = question.has("RUNNING"), question.has("STOPPED", "DOWN")
    if runs == rests or question.has("FINE") or not wants_yes_or_no(question.text) or not isinstance(up, bool):
        return ""
    if runs and _MAY.search(question.text):
        return ""
    places = _places(question)
    if row.get("name") in places:
        return ""
    if runs and places:
        return yes_or_no(up and row.get("node") in places)
    return yes_or_no(up == runs)


def _places(question: Question) -> list[str]:
    """The nodes that are named as the place of a guest: `is web running on pve2?`"""
    named = [node.label for node in question.of_kind("node")] if question.of_kind("guest") else []
    text = question.text.lower()
    return [name for name in named if re.search(rf"\bon (?:node |host )?{re.escape(name.lower())}\b", text)]


def verdict_on_health(story: Story, row: Row) -> str:
    """`Is nas ok?`: no with what is wrong, yes only over what was looked at whole; empty when that was not asked."""
    if not story.question.has("FINE") or not wants_yes_or_no(story.question.text):
        return ""
    serious = serious_causes(story.findings("entity"))
    if serious:
        table = story.table("entity", "finding", "remedy")
        serious.sort(key=lambda finding: finding.check.startswith(("backup.", "copies.", "restores.")))
        return f"No: {joined([one_line(finding.title) for finding in serious], HEADED)}{cite(table)}.\n\n"
    if not _is_well(row) or story.gaps():
        return ""
    return "Yes, by itself, but not all around it is well: " if story.table("entity", "where", "finding") else "Yes: "


_WELL: Mapping[str, tuple[Cell, ...]] = {
    "enabled": (True,), "health": ("ONLINE", "PASSED", "OK"), "last_run_state": ("OK",), "failures": (0,),
}  # fmt: skip


def _is_well(row: Row) -> bool:
    """Whether its state says that it is; a job, a disk or a pool has to tell that by a column of its own."""
    if not row.evidence.request.startswith("dataset "):
        return is_as_it_should(row)
    told = [column for column in _WELL if column in row.evidence.columns]
    ran = "last_sync_at" not in row.evidence.columns or row.known("last_sync_at")
    return bool(told) and ran and all(row.get(column) in _WELL[column] for column in told)


def guests_on(story: Story, row: Row) -> str:
    """For a node: what runs there."""
    if "online" not in row.evidence.columns:
        return ""
    table = next(
        (
            item
            for result in story.of("entity")
            if row.evidence in result.evidence
            for item in result.evidence
            if "vmid" in item.columns and "cpu_fraction" in item.columns
        ),
        None,
    )
    if table is None:
        return ""
    guests = [guest for guest in story.rows(table) if guest.get("status") != "template"]
    running = sum(guest.get("status") == "running" for guest in guests)
    unknown = sum(guest.get("status") == "unknown" for guest in guests)
    if not guests:
        return f" It has no guests{cite(table)}."
    if unknown == len(guests):
        return f" The state of its {plural(unknown, 'guest')} is unknown{cite(table)}."
    count = (
        f"All {running} of its guests run" if running == len(guests) else f"{running} of its {len(guests)} guests run"
    )
    return f" {count}{f'; the state of {unknown} is unknown' if unknown else ''}{cite(table)}."


def _remarks(story: Story) -> str:
    """What is worth knowing of the thing itself and is not urgent: an old snapshot."""
    own = {entity.key for entity in story.question.entities}
    told = [one_line(f.title) for f in story.findings("entity") if f.severity == "info" and f.entity.key in own]
    return (
        f"Also noted, not urgent: {joined(told, 3)}{cite(story.table('entity', 'finding', 'remedy'))}." if told else ""
    )


def findings_line(story: Story) -> str:
    findings = [finding for finding in story.findings("entity") if finding.severity != "info"]
    table = story.table("entity", "finding", "remedy")
    remarks = _remarks(story)
    if not findings:
        near = around_lines(story)
        itself = "it itself" if near else "it"
        none = f"No warnings about {itself}{' in what could be read' if story.gaps() else ''}."
        return "\n\n".join(filter(None, (none, near, remarks)))
    lines = []
    own = {entity.key for entity in story.question.entities}
    for finding in causes_of(findings)[:3]:
        remedy = f" Do: {one_line(finding.remedy)}" if finding.remedy else ""
        effect = effect_on(own, finding, findings) if finding.entity.key not in own else None
        because = f"{one_line(effect.title)}, because: " if effect else ""
        lines.append(f"{because}{graded(finding, since(story, finding))}.{remedy}")
    return "\n\n".join(filter(None, (f"Wrong with it{cite(table)}:\n{bullet(lines)}", around_lines(story), remarks)))
