"""What the UPSes tell: on the mains or on the battery, how full it is and how long it lasts."""

from __future__ import annotations

import re

from nightshift.agent.builtin.steps.expressions import CHARGE, FALLS, LOAD, ON_BATTERY, RUNTIME, UPS_QUERY
from nightshift.agent.builtin.story import Row, Story, cite
from nightshift.facts.units import format_duration

# `how many machines hang off the UPS?`
_ASKS_WHOM = re.compile(
    r"\b(?:which|what|how many|all|are|do|boxes|machines|nodes|hosts|servers)\b.*\b(?:hangs?|on the|behind|off|plugged|"
    r"feeds?|fed by|powers|connected|on) (?:\w+ ){0,3}(?:ups|apc)\b",
    re.IGNORECASE,
)


def power(story: Story) -> str:
    """A sentence for each UPS; empty where the question is not about power."""
    if not story.question.has("POWER"):
        return ""
    tables = [item for item in story.evidence("promql") if item.request == UPS_QUERY or "what" in item.columns]
    rows = [row for item in tables for row in story.rows(item) if row.known("what")]
    if story.gaps("promql"):
        return f"What the UPS says could not be read{cite(*story.evidence('promql'))}."
    if not rows and any(finding.check.startswith("ups.") for finding in story.findings("health")):
        return ""  # what is found wrong with one tells its state
    if not rows:
        return f"I see no UPS: Prometheus has no metric of one{cite(*story.evidence('promql'))}."
    watts = "\nWhat it draws in watts is not read here." if "watt" in story.question.text.lower() else ""
    names = dict.fromkeys(_name(row) for row in rows)
    fed = "Which machines hang on it no source tells me. " if _ASKS_WHOM.search(story.question.text) else ""
    return fed + "\n".join(_ups(name, [row for row in rows if _name(row) == name]) for name in names) + watts


def _name(row: Row) -> str:
    return row.show("ups") if row.known("ups") else row.show("instance")


def _ups(name: str, rows: list[Row]) -> str:
    told = {str(row.get("what")): row.number("value") for row in rows}
    charge, left = told.get(CHARGE), told.get(RUNTIME)
    sources = cite(rows[0].evidence)
    facts = [f"{charge:g} % charged"] if charge is not None else []
    facts += [f"falling by {falls:.2g} % each minute"] if (falls := told.get(FALLS)) else []
    facts += [f"loaded to {load:g} %"] if (load := told.get(LOAD)) is not None else []
    on_battery = told.get(ON_BATTERY)
    if on_battery is None:
        facts += [f"its battery lasts for {format_duration(left)}"] if left is not None else []
        return f"Whether UPS {name} is on the mains is not told; {' and '.join(facts)}{sources}."
    if on_battery:
        facts += [f"it lasts for another {format_duration(left)}"] if left is not None else []
        return f"UPS {name} runs on its battery, the mains are gone: {', '.join(facts)}{sources}."
    facts += [f"its battery would last for {format_duration(left)}"] if left is not None else []
    return f"UPS {name} is on the mains, not on its battery: {', '.join(facts)}{sources}."
