"""A question that no intent fits, and that can be meant of everything: `is the patient breathing?`, `sum it up for me`.

Whoever does not know what is wrong has no word for it. What is not understood, and asks for nothing in particular, is
taken for a question after the state of all, and the answer says that it was; what asks for something that is unknown
here (`how long do I boil an egg?`) is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.reading.clauses import SURE
from nightshift.agent.builtin.reading.found import Found
from nightshift.agent.builtin.words.tokens import said_among, word_set

TAKEN_FOR_ALL = "@taken_for_all"
FORETOLD = "@foretold"
_TROUBLE = word_set("WRONG DOWN FAIL SLOW FULL STOPPED ALERT")
_PARTICULAR = word_set("""
    GUEST VM CT NODE STORAGE DATASTORE BACKUP DISK MEMORY CPU HEAT VERSION FIRMWARE MODEL DEVICES COUNT AMOUNT TAG
    DURATION RUNNING LOG NETIN NETOUT TARGET METRIC HA_SYSTEM RUNBOOK RESTORE SNAPSHOT TASK JOBLIST @quantity @subsystem
    @runs
    """)
_NOT_MEANT = word_set("""
    BEYOND SECRET PROMISE @misread @foreign_owner @my_odd_noun @entity @ambiguous @other @stranger
    """)
_WHAT_TO_DO = word_set("""
    RUNBOOK WRONG ANYTHING LIST AGAIN WHY NEXT IT STATE PROPERLY FINE MOST FAIL DOWN SLOW FINISHED SINCE WHO
    """)
_SAID_OF_ANYTHING = frozenset({"migrate", "rollback", "upgrade", "start", "verify"})
_OF_A_PART: frozenset[Intent] = frozenset({"restarts", "backups", "storage", "consumers", "disks", "rank"})
_A_FEW = 2
_JUDGED = word_set("WRONG FINE STATE ANYTHING")
_AHEAD, _FAILS = word_set("LATER WILL"), word_set("FAIL DOWN WRONG PROPERLY")
_ASKING = frozenset({"which", "what", "how", "many", "much", "why", "who", "when"})
_REACH = 3
_MANY = 3
_I = re.compile(r"\b(?:i|we|me|us|im|am|everybody|nobody|somebody)\b")
_YOU = re.compile(r"\byour?\b")
_OR = re.compile(r" or ")
_OF_SOMEBODY = re.compile(
    r"\W*(?:did|does|do|will|can|could|would) "
    r"(?!(?:i|we|it|you|this|that|(?:any|some|every)(?:thing|one|body))\b)\w+ "
)
_ASKS_FOR_A_WORK = re.compile(
    r"\W*(?:please )?(?:give|write|make|convert|solve|correct|tell|show|draft|find|list|explain|compose) "
)

_OF_ANY_SYSTEM = word_set("LIST RUNNING STATE NODE SEVERAL EXISTS AGAIN NOT ANYTHING GREET CHECK")

# Fitted to how 1,330 vague questions and 1,371 that have no answer look, and rounded.
_BIAS = 0.6
_WEIGHTS: Mapping[str, float] = {
    "or": 1.2, "trouble": 1.0, "first person": 0.8, "it": 0.7, "worry": 0.7, "state": 0.5, "you": -0.4,
    "of somebody": -0.4, "strange word": -0.8, "two strange words": -0.4, "many strange words": -0.5,
    "asks for a strange word": -0.4, "ahead": -0.7, "no word known": -0.8, "asks for a work": -1.2,
    "begins by what": -1.3, "particular": -1.3,
}  # fmt: skip


def of_everything(question: Question) -> Question:
    """How all of it is, where nothing that was said tells more: `please check my servers`, `how is the patient?`"""
    said, strange = said_among(question.concepts), question.has("@stranger", "@entity", "@ambiguous", "@action")
    state = "STATE" in said and question.intent == "describe" and not question.unknown
    judged = "WRONG" in said and said & {"IT", "ANYTHING"} and not question.has("@my_odd_noun")
    allowed = _OF_ANY_SYSTEM | ({"WRONG", "IT"} if judged else {"ADVICE", "SAFE"} if "STATE" in said else set())
    vague = bool(said - {"LIST", "AGAIN", "GREET"}) and not strange and said <= allowed
    if vague and (state or (question.intent == "unclear" and (judged or not question.has("@weak_unknown")))):
        return replace(question, intent="health", unknown=())
    return question


def taken_for_all(question: Question, found: Found, *, after_trouble: bool = False) -> Question:
    """As a question after the state of everything, where it can be one; itself otherwise. It is more likely one
    `after_trouble` that was told."""
    named = question.entities or question.ambiguous or question.expr or question.follows or question.tag
    of_a_server = question.has("NODE") and question.has(*_TROUBLE, "HAPPENED") and found.strange <= _A_FEW
    if named or (question.has(*_NOT_MEANT) and not (of_a_server and question.has("BEYOND", "@my_odd_noun"))):
        return question
    mark = TAKEN_FOR_ALL
    if question.intent != "unclear":
        meant = _is_of_nothing(question, found)
    elif question.has(*_AHEAD) and question.has(*_FAILS):
        mark = FORETOLD
        meant = found.strange <= 1 and _is_of_us(question, found) and not question.has("POWER", *_PARTICULAR)
    else:
        meant = of_a_server or _BIAS + after_trouble + sum(_WEIGHTS[one] for one in _marks(question, found)) > 0
    if not meant:
        return question
    return replace(question, intent="health", action="", unknown=(), concepts=question.concepts | {mark})


def _is_of_us(question: Question, found: Found) -> bool:
    """`What will bite me this weekend?`: what fails nobody can tell, but what points to it already can be told."""
    return question.has("ANYTHING") or bool(_I.search(found.lowered))


def tells_of_trouble(question: Question) -> bool:
    """Whether what is not understood tells of what went wrong in a life that nothing here records: what is asked at
    its end may be after everything: `the till is slow and the camera black, what is going on in that box?`"""
    elsewhere = question.entities or question.ambiguous or question.follows or question.has("@stranger")
    return question.intent == "unclear" and not elsewhere and question.has(*_TROUBLE, "NOT", "HAPPENED", "FINISHED")


def asks_after_all(asked: Question, told: Question) -> bool:
    """Whether the last question of a text is after everything. Where somebody's own things were told of, or what is to
    come, it has to be said in its own words: `our auditor comes on Thursday; is there any fault?`"""
    why = asked.intent == "explain" and asked.has("WRONG") and not (asked.entities or asked.unknown)
    judges = asked.has(*_TROUBLE, "FINE", "STATE") and not asked.has(*_AHEAD)
    return (why or asked.intent == "health") and (judges or not told.has("@my_odd_noun", *_AHEAD))


def _is_of_nothing(question: Question, found: Found) -> bool:
    """Whether an intent was found in a word or two, and nothing that it could be about: `what do I do, something is
    wrong`, `still kicking?`, `kindly revert with status`."""
    said = said_among(question.concepts)
    of_a_state = question.intent in ("describe", "action") and said & {"STATE", "FINE"} and found.strange <= _A_FEW
    about_the_unknown = question.unknown or (found.strange and not (said & _TROUBLE or of_a_state))
    if about_the_unknown or said & _PARTICULAR - {"RUNBOOK", "RUNNING"}:
        return False
    if question.intent == "describe":
        return True
    if question.intent in _OF_A_PART:  # found in a word that said something else
        return question.score <= SURE and bool(said & (_TROUBLE - {"FULL"} | {"ANYTHING"}))
    if question.intent == "runbook":
        return bool(said & _TROUBLE) and said <= _WHAT_TO_DO  # without trouble it is after the runbook of the cause
    if question.intent in ("help", "thanks"):
        return bool(said & (_TROUBLE | {"CHECK"}))
    return question.action in _SAID_OF_ANYTHING and bool(said & _JUDGED)


def _marks(question: Question, found: Found) -> list[str]:
    words, lowered = [token.text for token in found.words], found.lowered
    strange = {at for mention in found.mentions if not mention.entities for at in mention.positions}
    there = {
        "trouble": question.has(*_TROUBLE),
        "or": bool(_OR.search(lowered)),
        "first person": bool(_I.search(lowered)),
        "it": question.has("IT"),
        "worry": question.has("SAFE"),
        "state": question.has("STATE", "FINE"),
        "you": bool(_YOU.search(lowered)),
        "of somebody": bool(_OF_SOMEBODY.match(lowered)),
        "strange word": found.strange > 0,
        "two strange words": found.strange > 1,
        "many strange words": found.strange >= _MANY,
        "asks for a strange word": any(
            word in _ASKING and strange & set(range(at + 1, at + 1 + _REACH)) for at, word in enumerate(words)
        ),
        "ahead": question.has(*_AHEAD),
        "no word known": len(strange) == len(words),
        "asks for a work": bool(_ASKS_FOR_A_WORK.match(lowered)),
        "begins by what": bool(words) and words[0] in _ASKING and not question.has("SINCE"),
        "particular": question.has(*_PARTICULAR),
    }
    return [mark for mark, is_there in there.items() if is_there]
