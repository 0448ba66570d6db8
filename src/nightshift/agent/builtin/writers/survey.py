"""Answers about a set of things by a figure: the most, those beyond a bound, the sum, the average, each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nightshift.agent.builtin.questions.bounds import find_memory, limit_of
from nightshift.agent.builtin.questions.slots import NOUNS
from nightshift.agent.builtin.questions.survey import GUEST_KINDS, Survey, is_least, survey_of
from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, plural
from nightshift.agent.builtin.writers.binding import placement
from nightshift.agent.builtin.writers.compared import against, apart
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.overcommit import given_of, overcommitted
from nightshift.agent.builtin.writers.promql import promql
from nightshift.agent.builtin.writers.sayings import SAYINGS, SUMS, Cells, figure
from nightshift.agent.builtin.writers.storage import storage
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_number
from nightshift.tools.render import format_value

LISTED = 15
_SERIES_UNITS = {
    "load": "", "iowait": "fraction", "swap": "bytes", "cpu": "fraction", "memory": "bytes", "disk": "bytes",
    "temperature": "celsius", "uptime": "seconds", "network_in": "bytes/s", "network_out": "bytes/s",
    "disk_read": "bytes/s", "disk_write": "bytes/s",
}  # fmt: skip


def survey(story: Story) -> str:
    if story.results.get("storage"):
        return storage(story)
    if story.question.has("@overcommit_all"):
        return "\n\n".join(filter(None, (overcommitted(story), not_seen(story.gaps()))))
    if story.question.has("@placement") and find_memory(story.question.text) and (told := placement(story)):
        return told
    asked = survey_of(story.question)
    if story.results.get("promql"):
        return _of_series(story, asked)
    tables = [item for item in story.evidence("inventory") if item.kind == "rows"]
    if not tables:
        return "\n\n".join(filter(None, ("The inventory could not be read.", not_seen(story.gaps()))))
    grouped = next((item for item in tables if "group" in item.columns), None)
    last = list(story.of("inventory"))[-1].evidence[0]  # behind it stand those of unknown state
    listed = None if "group" in last.columns else last
    parts = []
    if grouped is not None:
        each = [item for item in tables if "group" in item.columns]
        kinds = ("vms", "containers") if len(each) > 1 else (asked.kind,)
        if asked.how == "each":
            parts += [_groups(story, replace(asked, kind=k), t) for k, t in zip(kinds, each, strict=False)]
        else:
            parts.append(_whole(story, asked, grouped))
    whole = next((row for row in entity_rows(story) if row.known("cpus")), None)
    if whole is not None and grouped is not None and story.question.has("OVERCOMMIT", "COMPARE"):
        parts.insert(0, _against_what_there_is(story, asked, grouped, whole))
    if listed is not None:
        parts.append(_beyond(story, asked, listed) if story.question.bound else _ranking(story, asked, listed, parts))
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps()))))


def _column(asked: Survey, table: Evidence) -> str:
    columns = SAYINGS[asked.figure or "cpu"].columns
    return next((column for column in columns if column in table.columns), columns[0])


def _ranking(story: Story, asked: Survey, table: Evidence, told: Sequence[str]) -> str:
    """The first in a sentence, the others below it."""
    column = _column(asked, table)
    rows = [row for row in story.rows(table) if row.number(column) is not None and row.get("status") != "template"]
    if not rows:
        return f"No figures for {(asked.figure or '').replace('_', ' ')} are known{cite(table)}."
    lines = [f"{_name(row)}: {figure(row, column, asked)}" for row in rows]
    least = is_least(story.question)
    if told:
        return f"The {'lowest' if least else 'highest'} of them{cite(table)}:\n{bullet(lines)}"
    degree = ("shortest" if least else "longest") if column == "uptime_s" else ("least" if least else "most")
    if asked.figure == "largest_disk":
        degree = "smallest" if least else "biggest"
    most = SAYINGS[asked.figure or "cpu"].most.format(degree)
    head = f"{_name(rows[0])} {most}: {figure(rows[0], column, asked)}{cite(table)}."
    if story.question.place is not None:
        return _at_place(story.question.place, lines, most, table)
    vms_too = column == "disk_used_bytes" and asked.kind != "containers"
    told = _ahead(story, asked, rows, column)
    if told:
        head = f"{head} {told}"
    note = "PVE does not know how much of its disk a VM uses: only containers are compared." if vms_too else ""
    if asked.figure == "largest_disk":
        note = list(story.of("inventory"))[-1].note
    return "\n\n".join(filter(None, (head, bullet(lines[1:]), note)))


def _ahead(story: Story, asked: Survey, rows: Sequence[Row], column: str) -> str:
    """By how much the first is ahead of the one that was named beside it: `the fullest, and the gap to pve1`."""
    named = {entity.label for entity in story.question.of_kind("node")}
    other = next((row for row in rows[1:] if row.get("name") in named), None)
    if other is None or asked.kind != "nodes" or not story.question.has("COMPARE"):
        return ""
    unit = "fraction" if column.endswith("_fraction") else "bytes" if column.endswith("_bytes") else ""
    most, less = rows[0].number(column) or 0.0, other.number(column) or 0.0
    than = f"{other.show('name')} ({other.show(column)})"
    return f"That is {apart(most, less, unit)} more than {than}{cite(other.evidence)}."


def _at_place(place: int, lines: Sequence[str], most: str, table: Evidence) -> str:
    """`and the runner-up?`: the one in that place, and those before it."""
    if place >= len(lines):
        return f"The ranking has only {len(lines)}{cite(table)}:\n{bullet(lines)}"
    at = place % len(lines)
    before = f" Before it{cite(table)}: {'; '.join(lines[:at])}." if at else ""
    return f"Number {at + 1} of those by what {most}: {lines[at]}{cite(table)}.{before}"


def _beyond(story: Story, asked: Survey, table: Evidence) -> str:
    """Those beyond the bound, counted first."""
    bound = story.question.bound
    assert bound is not None
    saying = SAYINGS[asked.figure or "cpu"]
    one, many = NOUNS[asked.kind]
    column = _column(asked, table)
    count = table.total
    state = "running " if asked.is_live and asked.kind in GUEST_KINDS else ""
    amount = bound.amount.upper() if bound.dimension == "bytes" else limit_of(bound)
    limit = f"{'more' if bound.more else 'less'} than {amount}"
    verb = saying.one if count == 1 else saying.many
    text = " ".join(filter(None, (f"{count or 'No'} {state}{one if count == 1 else many}{_where(story)}", verb, limit,
                                  saying.what.replace("its", "their") if count != 1 else saying.what)))  # fmt: skip
    lines = [f"{_name(row)}: {figure(row, column, asked)}" for row in story.rows(table)[:LISTED]]
    more = "\nThe others are in the evidence." if count > len(lines) else ""
    return f"{text}{cite(table)}{':' if lines else '.'}\n{bullet(lines)}{more}".strip()


def _where(story: Story) -> str:
    nodes = story.question.of_kind("node")
    on = f" on {nodes[0].label}" if nodes else ""
    return on + (f" tagged {story.question.tag}" if story.question.tag else "")


def _whole(story: Story, asked: Survey, table: Evidence) -> str:
    """`The 7 containers on pve2 have 28 GiB of memory in total`, or on average."""
    row = next(iter(story.rows(table)), None)
    if row is None:
        return f"There are no such {NOUNS[asked.kind][1]}{_where(story)}{cite(table)}."
    one, many = NOUNS[asked.kind]
    state = "running " if asked.is_live and asked.kind in GUEST_KINDS else ""
    count = int(row.number("count") or 0)
    prefix, how = ("mean", "on average") if asked.how == "mean" else ("total", "in total")
    told = SUMS.get(asked.figure or "cpu", SUMS["memory"]).format_map(Cells(row, prefix, how, count))
    return f"{plural(count, state + one, state + many)}{_where(story)} {told}{cite(table)}."


def _against_what_there_is(story: Story, asked: Survey, table: Evidence, node: Row) -> str:
    """`18 cores are given to guests, and pve3 has 8: 2.3 times`."""
    of_cores = asked.figure == "cpus"
    told = given_of(next(iter(story.rows(table)), None), node, of_cores=of_cores)
    if told is None or not told[-1]:
        return ""
    given, has, share = told
    whether = yes_or_no(share > 1) if wants_yes_or_no(story.question.text) else ""
    what = "cores" if of_cores else "of memory"
    return (
        f"{whether}{given} {what} are given to its guests against {has} that {node.show('name')} has: "
        f"{format_number(round(share, 1))} times{cite(table, node.evidence)}."
    )


def _groups(story: Story, asked: Survey, table: Evidence) -> str:
    """Each group with its count, the largest first."""
    least = story.question.has("LEAST")
    rows = sorted(story.rows(table), key=lambda row: (1 if least else -1) * (row.number("count") or 0))
    one, many = NOUNS[asked.kind]
    members = _by_pool(story) if asked.each == "pool" else {}
    figure = SUMS.get(asked.figure or "") if story.question.quantity or story.question.has("CORES") else None

    def line(row: Row) -> str:
        number = int(row.number("count") or 0)
        running = f", {row.show('running')} running" if row.known("running") else ""
        told = f"; they {figure.format_map(Cells(row, 'total', 'in total', 2))}" if figure else ""
        named = f": {joined(members[row.show('group')], LISTED)}" if row.show("group") in members else ""
        return f"{row.show('group')}: {plural(number, one, many)}{running}{told}{named}"

    state = "stopped " if story.question.has("STOPPED", "DOWN") else ""
    if not rows:
        return f"There are no {state}{many}{_where(story)}{cite(table)}."
    head = f"{(state + many)[0].upper()}{(state + many)[1:]} by {asked.each}{cite(table)}"
    named = [row for row in rows if row.get("group") in {node.label for node in story.question.of_kind("node")}]
    if story.question.has("@guests_compared") and len(named) > 1:
        most, fewer = (named[-1], named[0]) if least else (named[0], named[-1])
        counts = against(most.number("count") or 0.0, fewer.number("count") or 0.0, "")
        head = f"{most.show('group')} has more {many} than {fewer.show('group')}: {counts}{cite(table)}"
        if most.number("count") == fewer.number("count"):
            head = f"{most.show('group')} and {fewer.show('group')} have as many {many} as each other{cite(table)}"
        rows = named
    elif story.question.has("MOST", "LEAST") and rows:
        head = f"{rows[0].show('group')} has the {'fewest' if least else 'most'} {many}{cite(table)}"
    return f"{head}:\n{bullet(line(row) for row in rows)}"


def _by_pool(story: Story) -> dict[str, list[str]]:
    """Who is in each pool of guests."""
    table = story.table("inventory", "vmid", "pool")
    found: dict[str, list[str]] = {}
    for row in story.rows(table) if table else []:
        if row.known("pool"):
            found.setdefault(row.show("pool"), []).append(row.show("name"))
    return found


def _of_series(story: Story, asked: Survey) -> str:
    """What Prometheus ranked, added up or averaged; its labels become the names of things."""
    question = story.question
    items = [item for item in story.evidence("promql") if item.rows]
    if not items and any(item.kind == "none" for item in story.evidence("promql")):
        return promql(story)
    unit = _SERIES_UNITS[question.quantity or "cpu"]
    least = question.has("LEAST")
    if question.has("DOCKER") and not question.quantity:
        unit = "bytes"
    what = "CPU" if question.quantity in ("", "cpu") else question.quantity.replace("_", " ")
    how = "at the peak" if question.has("PEAK") else "on average"
    when = f"{how} {question.span.text}" if question.span else "now"
    parts = []
    if not items:
        return f"Prometheus has no figures of {what} for that{_where(story)} {when}{cite(*story.evidence('promql'))}."
    if asked.how != "rank" and len(items[0].rows) == 1:
        value = format_value(story.rows(items[0])[0].number("value") or 0.0, unit)
        which = "in total" if asked.how == "total" else f"for each of the {NOUNS[asked.kind][1]}"
        parts.append(f"{what[0].upper()}{what[1:]}{_where(story)}, {which}, {when}: {value}{cite(items[0])}.")
        items = items[1:]
    for item in items:
        rows = sorted(story.rows(item), key=lambda row: (1 if least else -1) * (row.number("value") or 0.0))
        lines = [f"{_thing(row)}: {format_value(row.number('value') or 0.0, unit)}" for row in rows]
        parts.append(f"{'Least' if least else 'Most'} {what} {when}{cite(item)}:\n{bullet(lines)}")
    return "\n\n".join(parts)


def _thing(row: Row) -> str:
    """The entity behind the labels of a series, else the labels."""
    return next((row.show(name) for name in ("name", "entity", "id", "instance") if row.known(name)), "one series")


def _name(row: Row) -> str:
    if row.known("vmid"):
        where = f", {row.show('node')}" if row.known("node") else ""
        return f"{row.show('name')} ({row.show('type')} {row.show('vmid')}{where})"
    return f"{row.show('name')} on {row.show('node')}" if row.known("node") else row.show("name")
