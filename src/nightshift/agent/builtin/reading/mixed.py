"""A question about the systems in one message with one about anything else: `how full is tank, and will it rain?`"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.reading.clauses import CLEAR, SURE, Read, asks_itself

_NO_QUESTIONS = frozenset({"unclear", "thanks", "help", "runbook", "action"})
MOST_PIECES = 4
_CUT = re.compile(
    r"(?<=[?!;.:])\s+|,?(?<!\s)\s+(?:and|also|plus)\s+|(?<!\s)\s+\+\s+|,\s+(?=(?:whether|if|what|which|who|how|is|does|will)\b)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:two|2) (?:questions|things)(?: please)?:?|please|tell me|say|and say|by the way|btw|oh|besides|also|and|"
    r"whether|if|in one|"
    r"[,.:;\s])+",
    re.IGNORECASE,
)


def beside_what_is_beyond(text: str, read: Read) -> tuple[Question, ...]:
    """The one part that is about something here, and one that is beyond what is known; empty where it is not so."""
    pieces = [piece for part in _CUT.split(text) if part and len((piece := _LEAD.sub("", part.strip())).split()) > 1]
    if not 1 < len(pieces) <= MOST_PIECES:
        return ()
    questions = [read(piece, None) for piece in pieces]
    out = [q for q in questions if q.intent == "unclear" and q.has("BEYOND", "PROMISE", "WILL", "LATER")]
    known = [question for question in questions if question.intent not in _NO_QUESTIONS]
    sure = [q for q in known if not q.has("BEYOND", "PEOPLE", "IT") and q.score >= (SURE if q.entities else CLEAR)]
    if not out or len(sure) != 1 or len(known) != 1:
        return ()
    return (sure[0], left(out[0]))


def some_are_beyond(questions: Sequence[Question]) -> bool:
    """Whether some of several questions can be answered and the others are about what nothing here records."""
    out = [question for question in questions if question.intent == "unclear"]
    known = [question for question in questions if question.intent != "unclear"]
    clear = all(question.entities or question.score >= CLEAR for question in known)
    asks = all(
        question.has("SECRET") or (asks_itself(question.text) and question.has("BEYOND", "PEOPLE", "PROMISE"))
        for question in out
    )
    return bool(out and known) and clear and asks


def left(question: Question) -> Question:
    """One that nothing here can answer, beside one that can be: it is said that it is left."""
    return replace(question, intent="unclear", concepts=question.concepts | {"@other"})
