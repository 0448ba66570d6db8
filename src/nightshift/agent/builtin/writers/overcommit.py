"""Whether more is given to the guests that run than their nodes have."""

from __future__ import annotations

from nightshift.agent.builtin.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, plural
from nightshift.facts.units import format_number


def overcommitted(story: Story) -> str:
    """`No: …`, then for each node what its running guests have been given against what it has."""
    given, nodes = story.table("inventory", "group", "total_cpus"), story.table("inventory", "pve_version", "cpus")
    if given is None or nodes is None:
        return "What nodes have, and what was given of it to guests, could not be read."
    of_cores = story.question.has("CORES", "CPU")
    sums = {row.show("group"): row for row in story.rows(given)}
    lines: list[str] = []
    untold: list[str] = []
    beyond, away = [], []
    for node in story.rows(nodes):
        if node.get("online") is False:  # nothing runs there
            away.append(node.show("name"))
            continue
        share, text = _against(sums.get(node.show("name")), node, of_cores=of_cores)
        (lines if text else untold).append(text or node.show("name"))
        beyond += [node.show("name")] if share > 1 else []
    if not lines:
        return f"What nodes have, and what was given of it to guests, is not known{cite(given, nodes)}."
    what, be = ("cores", "are") if of_cores else ("memory", "is")
    known = bool(beyond) or not untold
    word = yes_or_no(bool(beyond)) if known and wants_yes_or_no(story.question.text) else ""
    has = "it has" if len(beyond) == 1 else "they have"
    told = f"more {what} {be} given to the running guests of {joined(beyond)} than {has}"
    which = "on no node" if known else f"on none of the {plural(len(lines), 'node')} that I have figures of"
    none = f"{which} more {what} {be} given to the running guests than it has"
    head = f"{word}{told if beyond else none}{cite(given, nodes)}"
    missing = f"Of {joined(untold)} it is not known." if untold else ""
    offline = f"{joined(away)} {'is' if len(away) == 1 else 'are'} offline{cite(nodes)}." if away else ""
    return "\n\n".join(filter(None, (f"{head[0].upper()}{head[1:]}:\n{bullet(lines)}", missing, offline)))


def _against(group: Row | None, node: Row, *, of_cores: bool) -> tuple[float, str]:
    """`pve3: 18 cores of 8, 2.3 times`"""
    column, there = ("total_cpus", "cpus") if of_cores else ("total_memory_total_bytes", "memory_total_bytes")
    given, has = group.number(column) if group else 0.0, node.number(there)
    if given is None or not has:
        return 0.0, ""
    told = group.show(column) if group else "nothing"
    times = f", {format_number(round(given / has, 2))} times" if of_cores else ""
    return given / has, f"{node.show('name')}: {told} of {node.show(there)}{times}"
