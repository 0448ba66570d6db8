"""Whether more is given to the guests that run than their nodes have."""

from __future__ import annotations

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
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
    beyond: list[str] = []
    away: list[str] = []
    for node in story.rows(nodes):
        name = node.show("name")
        if node.get("online") is False:  # nothing runs there
            away.append(name)
        elif (told := given_of(sums.get(name), node, of_cores=of_cores)) is None:
            untold.append(name)
        else:
            much, there, share = told
            times = f", {format_number(round(share, 2))} times" if of_cores else ""
            lines.append(f"{name}: {much} of {there}{times}")
            beyond += [name] if share > 1 else []
    if not lines:
        return f"What nodes have, and what was given of it to guests, is not known{cite(given, nodes)}."
    what, be = ("cores", "are") if of_cores else ("memory", "is")
    known = bool(beyond) or not untold
    word = yes_or_no(bool(beyond)) if known and wants_yes_or_no(story.question.text) else ""
    has = "it has" if len(beyond) == 1 else "they have"
    some = f"more {what} {be} given to the running guests of {joined(beyond)} than {has}"
    which = "on no node" if known else f"on none of the {plural(len(lines), 'node')} that I have figures of"
    none = f"{which} more {what} {be} given to the running guests than it has"
    head = f"{word}{some if beyond else none}{cite(given, nodes)}"
    missing = f"Of {joined(untold)} it is not known." if untold else ""
    offline = f"{joined(away)} {'is' if len(away) == 1 else 'are'} offline{cite(nodes)}." if away else ""
    return "\n\n".join(filter(None, (f"{head[0].upper()}{head[1:]}:\n{bullet(lines)}", missing, offline)))


def given_of(group: Row | None, node: Row, *, of_cores: bool) -> tuple[str, str, float] | None:
    """What was given to the guests of a node, what it has, and how many times that is; None where it is not known."""
    column, there = ("total_cpus", "cpus") if of_cores else ("total_memory_total_bytes", "memory_total_bytes")
    given, has = group.number(column) if group else 0.0, node.number(there)
    if given is None or not has:
        return None
    return group.show(column) if group else "nothing", node.show(there), given / has
