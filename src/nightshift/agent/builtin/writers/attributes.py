"""One attribute of one thing: its value first, or that nobody read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nightshift.agent.builtin.sentences.forms import is_polar, yes_or_no
from nightshift.agent.builtin.story import Row, cite, guest_name
from nightshift.agent.builtin.words.attributes import COLUMN, Attribute
from nightshift.tools.render import format_value

_OF_TOTAL = re.compile(r"\{(\w+_used_bytes)\} of \{(\w+_total_bytes)\}")


def attribute_lines(row: Row, attributes: Iterable[Attribute], name: str = "") -> str:
    """`Kernel of pve2: 6.8.12-4-pve [E1].`, a line for each attribute."""
    subject = name or subject_of(row)
    lines = [
        f"{_head(attribute)} of {subject}: {value_of(row, attribute)}{cite(row.evidence)}." for attribute in attributes
    ]
    return "\n".join(lines)


_MAY_BE_DELETED = re.compile(r"\b(?:lets?|allows?|can|could|able|possible)\b.*\b(?:delet|remov|destroy)\w*")
_HAS_OR_NOT = frozenset({"high availability", "passed-through devices", "pool", "notes", "tags"})
# What somebody wrote confirms nothing but that it is there: `is its disk empty, as the notes say?`
_ANY_NOTES = re.compile(
    r"\b(?:has|have|having|got|any|there|with|without)\b(?:\W+\w+){0,4}\W+(?:notes?|comments?|descriptions?)\b"
)


def whether(text: str, row: Row, attributes: Sequence[Attribute]) -> str:
    """Yes or no before an attribute that somebody has or has not: `is web part of HA?`, `is nas protected?`"""
    if len(attributes) != 1 or not is_polar(text):
        return ""
    attribute = attributes[0]
    value = row.get(attribute.columns[0]) if attribute.columns else None
    if any(attribute.so) and isinstance(value, bool):
        return yes_or_no(value != bool(_MAY_BE_DELETED.search(text.lower())))
    if attribute.noun == "notes" and not _ANY_NOTES.search(text.lower()):
        return ""
    told = bool(attribute.columns) and attribute.columns[0] in row.evidence.columns
    return yes_or_no(value not in (None, "")) if told and attribute.noun in _HAS_OR_NOT else ""


def subject_of(row: Row) -> str:
    return guest_name(row) if row.known("vmid") else row.show("name")


def _head(attribute: Attribute) -> str:
    return f"{attribute.noun[0].upper()}{attribute.noun[1:]}"


def value_of(row: Row, attribute: Attribute) -> str:
    """The value in words; why there is none, when there is none."""
    for say in attribute.says:
        if any(attribute.so) and isinstance(row.get(attribute.columns[0]), bool):
            return attribute.so[0] if row.get(attribute.columns[0]) else attribute.so[1]
        if all(row.known(column) for column in COLUMN.findall(say)):
            return COLUMN.sub(lambda match: row.show(match[1]), _with_share(row, say))
    if not any(column in row.evidence.columns for column in attribute.columns):
        return "not read, I do not look at that"
    if row.get("status") == "unknown" or row.get("online") is False:
        return "not known, its node does not report"
    return attribute.none or "not told by what I read"


def _with_share(row: Row, say: str) -> str:
    """`{used} of {total}` with the share behind it."""
    match = _OF_TOTAL.search(say)
    if match is None:
        return say
    used, total = row.number(match[1]), row.number(match[2])
    return f"{say} ({format_value(used / total, 'fraction')})" if used is not None and total else say
