"""Several questions in one: `how full is tank and when was web last backed up?`

A text is cut only where a new question can begin, and only when every piece means something by itself: a sentence that
was cut wrongly would be answered twice, and wrongly both times.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nightshift.agent.builtin.discovery import subject_of
from nightshift.agent.builtin.forms import without_form
from nightshift.agent.builtin.intents import Intent
from nightshift.agent.builtin.question import ASKING_FOR_A_RUNBOOK, Question, Topic

MOST_PARTS = 3
MOST_CLAUSES = 5
FEWEST_WORDS = 3
TO_COMPARE = 2
SURE = 2.5
"""An intent that is weighed below this may be a remnant of a sentence that was cut."""

_BEGINS = (
    r"(?:what|which|when|where|who|why|how|is|are|was|were|does|do|did|has|have|can|could|will|should|show|list|tell|"
    r"give|any)\b"
)
_CUT = re.compile(
    rf"(?<=[?!;])\s+(?=\w)|(?<=\w)\.\s+(?={_BEGINS})|,?\s+(?:and|also|plus|and also)\s+(?={_BEGINS})|,\s+(?={_BEGINS})",
    re.IGNORECASE,
)

_CLAUSE = re.compile(r"(?<=[?!.;,])\s+|\s+[-–—]+\s+|\s*[()]\s*")
"""Where one clause of a sentence ends and another may begin."""
_WHOLLY_BEYOND = ("@inside", "@foreign_owner", "@long_ago", "PROMISE")
_CONDITION = re.compile(r"\W*(?:and |so |ok |but )?(?:if|suppose|supposing|assuming|imagine)\b", re.IGNORECASE)
_OF_ITS_OWN: frozenset[Intent] = frozenset({"unclear", "thanks", "help", "action", "health", "runbook"})
"""Intents that a clause has as a remnant: what is meant by it is in the rest of the sentence."""

# What is of no matter is no question: `… templates don't matter`.
_ASIDE = re.compile(r"(?<=[?.,;!])\s*\w+ (?:do(?:es)?(?: not|n'?t)) (?:matter|count)\b[.!]?", re.IGNORECASE)
Read = Callable[[str, Topic | None], Question]


def parts_of(text: str, read: Read, topic: Topic | None) -> tuple[Question, ...]:
    """The questions in `text`, in order; one when it is one. A later one may lean on the one before."""
    whole = read(text, topic)
    text = _ASIDE.sub("", text)
    pieces = [piece.strip() for piece in _CUT.split(without_form(text)) if piece and piece.strip()]
    too_short = any(len(piece.split()) < FEWEST_WORDS for piece in pieces)  # `… and why?` belongs to what it follows
    if (whole.intent == "unclear" or whole.has("PEOPLE", "BEYOND")) and not whole.has(*_WHOLLY_BEYOND):
        whole = _clause(text, read, topic) or whole
    pieces = _with_what_they_explain(pieces)
    told = whole.has("@steps") and bool(pieces) and not _ASKS.match(pieces[0])  # `films stutter, what did we note?`
    one = (
        whole.expr or whole.action or _CONDITION.match(text) or whole.has("@room") or told
    )  # a condition belongs to its end
    if not 1 < len(pieces) <= MOST_PARTS or too_short or one:
        return (whole,)
    questions: list[Question] = []
    for piece in pieces:
        questions.append(read(piece, questions[-1].topic if questions else topic))
    return tuple(questions) if _all_mean_something(questions) and _differ(questions) else (whole,)


_EXPLAINS = re.compile(r"(?:i mean|i\.e\.|namely|that is|meaning|so to speak)\b", re.IGNORECASE)
_ONLY_POINTS = re.compile(r"(?:what|how)(?: is|'s|s)? (?:its|it|the) ?(?:state|status|doing)?\W*$", re.IGNORECASE)


_ASKS = re.compile(rf"(?:\W|and |so |but |ok |hey |hi )*{_BEGINS}", re.IGNORECASE)
# What is to be done about something: about what was said before it.
_WE = r"(?:i|we|you|one)"
_REMEDY = re.compile(
    r"(?:so |and |ok |now )*(?:"
    r"what (?:are|is|would be) (?:the|my|our) (?:\w+ )?(?:steps?|fix|remedy|procedure|cure|plan)\b|"
    rf"what (?:do|should|can|must|shall|could|would) {_WE} (?:do|try|check)\b|what (?:now|next|to do)\b|"
    rf"how (?:do|can|should|would|could) {_WE} (?:\w+ )?(?:fix|repair|solve|mend|proceed|get it|get them|bring it)\b)",
    re.IGNORECASE,
)


def _with_what_they_explain(pieces: list[str]) -> list[str]:
    """`Which level is pve2 on? I mean the kernel` is one question, and `pveproxy of pve2, what's its state?` too, and
    `the agent in a VM is mute, what are the steps?`"""
    joined: list[str] = []
    for piece in pieces:
        told = joined and not _ASKS.match(joined[-1]) and _REMEDY.match(piece)
        if joined and (told or _EXPLAINS.match(piece) or _ONLY_POINTS.match(piece)):
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined


def _clause(text: str, read: Read, topic: Topic | None) -> Question | None:
    """The one clause that is a question about something here, where the rest only tells why it is asked: `My wife wants
    to put her films on tank. What is free there?`"""
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause and clause.strip()]
    if not 1 < len(clauses) <= MOST_CLAUSES:
        return None
    found: list[Question] = []
    before = topic
    for clause in clauses:
        question = read(clause, before)
        named = question.entities or question.unknown or question.ambiguous
        asks = len(clause.split()) >= FEWEST_WORDS and question.intent not in _OF_ITS_OWN
        if asks and named and not question.has("PEOPLE", "BEYOND"):
            found.append(question)
        before = question.topic if question.entities else before
    return found[0] if len(found) == 1 else None


def _all_mean_something(questions: list[Question]) -> bool:
    """Politeness between questions (`thanks!`) is no question, and neither is a piece without a clear intent, nor
    `what do I do?` without that which it is about."""
    return all(
        (question.score >= SURE or question.follows)
        and question.intent not in ("unclear", "thanks", "action")
        and not (question.intent == "compare" and (question.follows or len(question.entities) < TO_COMPARE))
        and not (question.intent == "find_metrics" and not subject_of(question))
        and not (question.intent == "runbook" and ASKING_FOR_A_RUNBOOK.issuperset(question.content))
        for question in questions
    )


def _differ(questions: list[Question]) -> bool:
    """Whether they ask for more than one thing."""
    return (
        len({(question.intent, question.entities, question.quantity, question.concepts) for question in questions}) > 1
    )
