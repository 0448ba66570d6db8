"""What is asked of storages beside how full they are, as the first line: whether one can be reached, of what type it
is, whether there is room, how it grows, which is the largest."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.questions.bounds import find_amount
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.sentences.forms import denies, wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, cite, joined

_UNTIL_FULL = re.compile(r"\b(?:when|how long|until|full|last|run out|date|runway|left|enough)\b")
FULL = 0.9
SOON_S = 7 * 86_400.0
_ASKS_FULL = re.compile(
    r"\b(?:full|out of (?:disk )?(?:space|room)|overflow\w*|tight|burst\w*|exhausted|no (?:\w+ )?(?:space|room)|"
    r"not enough)\b"
)
_NONE_LEFT = re.compile(r"\b(?:no|not enough|without) (?:\w+ )?(?:space|room)\b")
_ASKS_ROOM = re.compile(r"\b(?:enough|room|free|left|spare)\b")
_REACHED = re.compile(r"\b(?:reachable|mounted|attached|connected)\b", re.IGNORECASE)
_ASKS_WHAT = re.compile(r"\b(?:what|which|who|why|how|won't|message|or)\b", re.IGNORECASE)
_TAKES_BACKUPS = re.compile(r"\b(?:writable|writeable|takes?|taking|accepts?|accepting)\b", re.IGNORECASE)
_AHEAD = re.compile(r"\b(?:will|going to|soon|run(?:s|ning)? out|fill(?:s|ing)? up|before|until|when)\b")


def storage_head(story: Story, rows: Sequence[Row]) -> str:
    """Empty where nothing of this was asked, or where it is not known."""
    question, known = story.question, [row for row in rows if row.known("used_fraction")]
    if not rows:
        return ""
    if question.has("STORAGE_TYPE") and question.of_kind("storage", "datastore"):
        kinds = dict.fromkeys((row.show("name"), row.show("type")) for row in rows if row.known("type"))
        return " ".join(f"{name} is of type {kind}{cite(rows[0].evidence)}." for name, kind in kinds)
    if question.has("@maintenance") and question.of_kind("datastore"):
        return _in_maintenance(question.text, rows)
    if question.has("REACH") and wants_yes_or_no(question.text):
        meant = rows if question.of_kind("storage", "datastore") else _of_type(question.text, rows)
        if meant:
            return _reachable(meant, asked=not denies(question.text, _REACHED))
    if (
        question.has("TREND", "GROWN")
        and question.of_kind("storage", "datastore")
        and not _UNTIL_FULL.search(question.text.lower())
    ):
        return _growth(rows)
    if known and question.has("SIZE") and question.has("MOST") and not question.of_kind("storage", "datastore"):
        largest = max(known, key=lambda row: row.number("total_bytes") or 0.0)
        return f"The largest is {place_name(largest)}, {largest.show('total_bytes')}{cite(largest.evidence)}."
    return _room(question, known) if known else ""


def _in_maintenance(text: str, rows: Sequence[Row]) -> str:
    """`Is tank in maintenance?`, `is it writable?`, `in what mode is it?`: what the server says of it."""
    asks_for_it = not _TAKES_BACKUPS.search(text)
    polar = not _ASKS_WHAT.search(text)
    set_so = [row for row in rows if row.get("state") not in (None, "ok")]
    if not set_so:
        none = f"no maintenance mode is set on {joined([place_name(row) for row in rows])}{cite(rows[0].evidence)}."
        if polar and (asks_for_it or not _is_full(rows)):
            return f"{yes_or_no(not asks_for_it)}{none}"
        return f"{none[0].upper()}{none[1:]}"
    told = joined([f"{place_name(row)} is {row.show('state')}" for row in set_so])
    return f"{yes_or_no(asks_for_it) if polar else ''}{told}{cite(rows[0].evidence)}."


def _is_full(rows: Sequence[Row]) -> bool:
    """Full, or not known to have room."""
    return any(
        (share := row.number("used_fraction")) is None or share >= FULL or row.get("time_to_full_s") == 0
        for row in rows
    )


def place_name(row: Row) -> str:
    if not row.known("name"):
        return f"{row.show('instance')} {row.show('mountpoint')}"
    on_node = row.known("where") and row.get("where") != "all nodes" and row.get("type") != "pbs datastore"
    return f"{row.show('name')} on {row.show('where')}" if on_node else row.show("name")


def _of_type(text: str, rows: Sequence[Row]) -> list[Row]:
    """`Is the NFS share reachable?`: the storages of that type."""
    said = set(re.findall(r"\w+", text.lower())) - {"pbs"}
    return [row for row in rows if row.show("type").lower() in said]


def _reachable(rows: Sequence[Row], *, asked: bool) -> str:
    """`asked` is false of `is any storage not reachable?`"""
    away = [row for row in rows if row.get("state") not in (None, "ok")]
    if away:
        told = [f"{place_name(row)} is {row.show('state')}" for row in away]
        return f"{yes_or_no(not asked)}{joined(told)}{cite(away[0].evidence)}."
    names = joined([place_name(row) for row in rows])
    return f"{yes_or_no(asked)}{names} {'is' if len(rows) == 1 else 'are'} reachable{cite(rows[0].evidence)}."


def _growth(rows: Sequence[Row]) -> str:
    told = []
    for row in rows:
        growth = row.number("growth_per_day_bytes")
        if growth is None:
            told.append(
                f"How {place_name(row)} grows is not known: its history is too short or not kept{cite(row.evidence)}."
            )
        elif growth > 0:
            each = row.show("growth_per_day_bytes")
            told.append(f"{place_name(row)} grows by {each} each day, by its trend{cite(row.evidence)}.")
        else:
            less = row.show("growth_per_day_bytes")
            told.append(f"{place_name(row)} does not grow: {less} each day, by its trend{cite(row.evidence)}.")
    return " ".join(told)


def _room(question: Question, rows: Sequence[Row]) -> str:
    """`Is tank full?`, `is there enough room on it?`: by the fullest that was asked about."""
    text = question.text.lower()
    if not wants_yes_or_no(text) or question.bound or find_amount(text) or _AHEAD.search(text):
        return ""
    is_full = bool(_ASKS_FULL.search(text))
    has_room = bool(_ASKS_ROOM.search(_ASKS_FULL.sub(" ", text))) and not _NONE_LEFT.search(text)
    if is_full == has_room:
        return ""
    fullest = max(rows, key=lambda row: row.number("used_fraction") or 0.0)
    full = (fullest.number("used_fraction") or 0.0) >= FULL
    soon = (left := fullest.number("time_to_full_s")) is not None and left < SOON_S
    said = f"{place_name(fullest)} is {fullest.show('used_fraction')} full, {fullest.show('free_bytes')} are free"
    said = said if len(rows) == 1 else f"the fullest, {said}"
    more = f", and it will be full in {fullest.show('time_to_full_s')}" if soon and not full else ""
    holds = (full == is_full) != denies(text, _ASKS_FULL if is_full else _ASKS_ROOM)
    return f"{yes_or_no(holds)}{said}{more}{cite(fullest.evidence)}."
