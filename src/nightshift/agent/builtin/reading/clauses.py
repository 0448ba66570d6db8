"""Which clause of a text is the question: the others tell why it is asked, and what it is about.

`pve1 has no space soon. What runs on it?` asks for guests, `movies hang every few minutes - can you find the reason`
why something is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from nightshift.agent.builtin.questions.bounds import find_amount
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question, Topic
from nightshift.agent.builtin.sentences.forms import is_polar
from nightshift.agent.builtin.words.services import SYSTEMS
from nightshift.agent.builtin.words.tokens import said_among

Read = Callable[[str, Topic | None], Question]
BEGINS = (
    r"(?:what|which|when|where|who|whose|why|how|is|are|was|were|does|do|did|has|have|can|could|will|would|should|show|"
    r"list|tell|give|any)\b"
)
MOST_CLAUSES = 5
FEWEST_WORDS = 3
SURE = 2.5
"""An intent that is weighed below this may be a remnant of a sentence that was cut."""
MANY = 3
CLEAR = 4.0

_CLAUSE = re.compile(r"(?<=[?!.;,:])\s+|\s+[-–—]+\s+|\s*[()]\s*")
"""Where one clause of a sentence ends and another may begin."""
_STATEMENT = re.compile(r"(?<=[.!;:])\s+|\s+[-–—]+\s+")
_BEGINS = re.compile(rf"(?:(?:from|since|at|in|on|for|by) )?{BEGINS}", re.IGNORECASE)
_CONDITION = re.compile(
    r"\W*(?:and |so |ok |but )?(?:if|suppose|supposing|assuming|imagine|when|once)\b", re.IGNORECASE
)
_ASKS = re.compile(
    rf"(?:(?:and|so|but|ok|then|well),? )*{BEGINS}|anything\b|something\b|everything\b|.*\?$", re.IGNORECASE
)
_OF_ITS_OWN: frozenset[Intent] = frozenset({"unclear", "thanks", "help", "action", "health", "runbook"})
"""Intents that a clause has as a remnant: what is meant by it is in the rest of the sentence."""
_JUDGING: frozenset[Intent] = frozenset({"health", "explain", "tasks"})
_COMPLAINTS = frozenset({"WRONG", "FAIL", "DOWN", "NOT", "SLOW", "WHY"})


def clauses_of(text: str) -> list[str]:
    found = [clause.strip() for clause in _CLAUSE.split(text) if clause and clause.strip()]
    return found if 1 < len(found) <= MOST_CLAUSES else []


def about_a_thing(text: str, read: Read, topic: Topic | None) -> Question | None:
    """The one clause that is a question about something here, where the rest only tells why it is asked: `My wife wants
    to put her films on tank. What is free there?`"""
    found: list[Question] = []
    before = topic
    for clause in clauses_of(text):
        question = read(clause, before)
        named = question.entities or question.unknown or question.ambiguous
        asks = _is_long(clause) and _ASKS.match(clause) and question.intent not in _OF_ITS_OWN
        if asks and named and not question.has("PEOPLE", "BEYOND", "@only_name"):
            found.append(question)
        before = question.topic if question.entities else before
    return found[0] if len(found) == 1 else None


def that_judges(text: str, read: Read, *, pointless: bool = False) -> Question | None:
    """The last clause that asks whether or why something is wrong, of nothing in particular: `… what broke?`; where it
    is `pointless`, what it points to is not known: `vm 377, what's up with it`."""
    for clause in reversed(clauses_of(text)):
        question = read(clause, None)
        named = question.entities or question.ambiguous or question.unknown
        if pointless and said_among(question.concepts) <= {"WHY", "LIST"}:
            return None  # `bookstack is so slow, why?` asks of what was named
        judges = (
            question.intent in _JUDGING and question.score >= SURE and not (named or (pointless and _IT.search(clause)))
        )
        complains = question.intent == "health" or question.has("WRONG", "WHY")
        if judges and complains and not question.has("BEYOND", "PEOPLE", "TASK", "ALERT", "LATER"):
            return replace(question, text=text, intent="health", span=None)
    return None


def of_many(question: Question) -> Question:
    """`No website opens` where six guests are websites: what is wrong with all of them is wrong elsewhere."""
    meant = {entity for mention in question.ambiguous for entity in mention.entities} | set(question.entities)
    several = len(meant) >= MANY and all(entity.kind == "guest" for entity in meant)
    if several and question.intent in ("explain", "describe") and question.has(*_COMPLAINTS):
        return replace(question, intent="health", entities=(), ambiguous=(), unknown=())
    return question


def _is_long(clause: str) -> bool:
    return len(clause.split()) >= FEWEST_WORDS


def asked_after_a_statement(text: str, read: Read, topic: Topic | None) -> Question | None:
    """The last sentence, where only that asks, with what the ones before it name: `pve1 is nearly full. What runs on
    it?`"""
    sentences = [part.strip() for part in _STATEMENT.split(text) if part.strip()]
    narrated = _NARRATED.match(text) if len(sentences) == 1 else None
    if narrated:
        sentences = [narrated["told"], narrated["asked"]]
    if not 1 < len(sentences) <= MOST_CLAUSES:
        return None
    *told, last = sentences
    if not asks_itself(last) or not _is_long(last) or any(asks_itself(part) or _is_condition(part) for part in told):
        return None
    if find_amount(text) and not find_amount(last):
        return None  # how much it is about was told: `a customer wants 600 GiB. Enough room in local-lvm?`
    before, heard = topic, list[Question]()
    for part in told:
        heard.append(read(part, before))
        before = heard[-1].topic if heard[-1].entities else before
    told_of = () if before is None or before is topic else before.entities
    asked = read(last, before)
    if len(told_of) == 1 and not asked.entities and asked.has("BACKUP", "RESTORE") and not asked.has(*_OF_ALL):
        asked = read(f"{last.rstrip('?. ')} of {told_of[0].label.split(' (')[0]}?", None)
    sure = asked.score >= SURE and asked.intent not in _OF_ITS_OWN and not asked.unknown
    if not sure or asked.has("PEOPLE", "BEYOND", "@only_name"):
        return None
    if asked.entities and told_of and not narrated:
        of_others = not set(asked.entities) & set(told_of)
        only_systems = all(entity.label.split(" (")[0] in SYSTEMS for entity in asked.entities)
        strays = of_others and (_POINTS.search(last) or only_systems)
        return None if strays else asked
    matters = _WEIGHTY if _INTENDS.match(text) else _MATTERS
    alone = _NARRATES.match(text) and not any(question.span or question.has(*matters) for question in heard)
    named = asked.entities or (not told_of and asked.score >= CLEAR)
    leans = _POINTS.search(last) and (not told_of or asked.score < CLEAR or asked.intent == "describe")
    return asked if alone and named and not leans else None


_STORY = re.compile(r"^(?P<told>(?:[^?\s]+\s+){7,}[^?\s]+)[;:]\s+(?P<asked>(?:[^;:]|[;:](?!\s))+)$")
_TELLS = re.compile(r"\b(?:i|we|us|my|our|he|she|they|nobody|was|were|had|gave|went|used to)\b", re.IGNORECASE)
_LEANS_BACK = re.compile(r"\b(?:its?|this|the(?:m|y|ir|se)|(?<!are )there|those|that(?! \w+ \w+))\b", re.IGNORECASE)


def after_a_story(text: str, read: Read) -> str:
    """The question that ends a story of nothing here: `In 1979 nobody read the panel; how many rules are there?`"""
    story = _STORY.match(text.strip())
    if story is None or not _TELLS.search(story["told"]) or find_amount(story["told"]):
        return text
    told, question = read(story["told"], None), read(story["asked"], None)
    of_here = told.entities or told.ambiguous or told.span or told.expr or _LEANS_BACK.search(question.text)
    remnant = question.intent in (_OF_ITS_OWN | _JUDGING) - {"runbook", "tasks"} or question.score < SURE
    return text if of_here or remnant or question.unknown or not asks_itself(story["asked"]) else story["asked"]


_NARRATED = re.compile(
    rf"^(?P<told>\W*(?:i|we|my|our|his|her|their|all (?:my|our)|some(?:body|one)|accidentally|wanna|want to|going to)\b"
    rf"[^,?]{{6,100}}),\s+(?P<asked>(?:so |and |but )?(?:(?:from|since|at|in|on|for|by) )?{BEGINS}.*)$",
    re.IGNORECASE,
)
"""Who tells before a comma why they ask: `I deleted an album, when was immich last backed up?`"""
_NARRATES = re.compile(
    r"\W*(?:i|we|my|our|his|her|their|accidentally|wanna|want to|going to|some(?:body|one))\b", re.IGNORECASE
)
_OF_ALL = ("SEVERAL", "WHO", "ANYTHING", "GUEST", "VM", "CT", "JOBLIST", "TASK")
_INTENDS = re.compile(
    r"\W*(?:i|we)(?:'d| would|'m| am| are)? (?:just )?(?:want|like|love|need|have|plan|going|intend|must)\b",
    re.IGNORECASE,
)
_WEIGHTY = ("SECRET", "PROMISE", "IF")
_MATTERS = ("SECRET", "PROMISE", "STOPPED", "GUEST", "VM", "CT", "IF", *_COMPLAINTS)
"""What is told so is what the question is about."""
_IT = re.compile(r"\bits?\b", re.IGNORECASE)
_POINTS = re.compile(r"\b(?:it|its|that|this|they|them|their|there|those|these)\b", re.IGNORECASE)


def asks_itself(clause: str) -> bool:
    """Whether a clause is a question by its form."""
    return clause.endswith("?") or bool(_BEGINS.match(clause)) or is_polar(clause)


def is_narrated(text: str) -> bool:
    """Whether it begins with what somebody did or has in mind."""
    return bool(_NARRATES.match(text))


_SENTENCE = re.compile(
    r"(?<=[.!;:\u2026?])\s+|\s+[-\u2013\u2014]+\s+|"
    r",?\s+(?=(?:before|while(?! \S+ (?:was |were )?(?:sle|asle|in bed))|until|because|since|now that|as) "
    r"(?:i|i'm|we|my|our|everybody|everyone|he|she|they)\b)|"
    rf",\s+(?=(?:so |but |and |please |now )?(?:{BEGINS}|(?:any|some|every)thing\b))",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"\b(?:(?:in|since|at|during|of) (?:that|this|the same)|(?:since|by|until) then|meanwhile)\b", re.IGNORECASE
)


_SMALL_TALK = frozenset({"PEOPLE", "BEYOND", "LIST", "EXISTS", "IT", "AGAIN", "NOT", "ADVICE", "WILL", "ABLE", "LATER"})


def beside_small_talk(text: str, read: Read) -> Question | None:
    """The one sentence that asks, where the others say nothing that is known here: `I heard a bang. What changed?`"""
    sentences = [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]
    if not 1 < len(sentences) <= MOST_CLAUSES:
        return None
    sentences = [part for part in sentences if not _WHAT_IT_IS.match(part)]
    asking = [part for part in sentences if asks_itself(part) or _OF_EVERYTHING.match(part)]
    if len(asking) != 1 or not (_is_long(asking[0]) or _OF_EVERYTHING.match(asking[0])) or _LEANS.search(asking[0]):
        return None
    asked = read(asking[0], None)
    told = [read(part, None) for part in sentences if part is not asking[0]]
    if asked.intent == "health" and asked.has("ANYTHING", "@at_ease") and not asked.span:
        # `at four my phone buzzed, then nothing. Is all in order now?`
        return asked if all(map(_tells_of_nothing_named, told)) else None
    if not all(map(_says_nothing, told)):
        return None
    sure = asked.score >= SURE and asked.intent not in ("unclear", "thanks", "help", "action", "runbook")
    return asked if sure and not asked.has("IT", "PEOPLE", "BEYOND") and not asked.unknown else None


def asked_last(text: str) -> str:
    """The last sentence that asks, of a text of several; empty where there is none of three words."""
    sentences = [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]
    asking = [part for part in sentences if asks_itself(part) and _is_long(part)]
    return asking[-1] if asking and len(sentences) > 1 else ""


# `(is one of them ill,) and what is it?`: the answer to what comes before tells that.
_WHAT_IT_IS = re.compile(
    r"(?:and |so )?(?:what|which|where|why) (?:is|are|was) (?:it|that|they|this)\W*$", re.IGNORECASE
)
_OF_EVERYTHING = re.compile(
    r"(?:(?:and|so|but|now),? )*(?:(?:any|some|every)thing\b|(?:is |are )?all\b)", re.IGNORECASE
)
_OF_THE_DAY = _SMALL_TALK | {"ALERT", "WRONG", "FINE", "ANYTHING", "STATE", "DOWN", "SLOW", "FINISHED", "HAPPENED"}
_OF_THE_DAY |= {"STOPPED", "RUNNING", "NODE", "LACK", "EXCEPT", "SAFE", "GREET", "THANKS", "SINCE", "TODO"}


def _tells_of_nothing_named(told: Question) -> bool:
    """Whether a clause tells of the asker's day: it names nothing of here, and speaks of no kind of thing."""
    named = told.entities or told.ambiguous or told.expr or told.has("@quantity")
    return not named and said_among(told.concepts) <= _OF_THE_DAY and not _is_condition(told.text)


def _says_nothing(told: Question) -> bool:
    named = told.entities or told.ambiguous or told.unknown or told.action or told.expr or told.span
    return not named and said_among(told.concepts) <= _SMALL_TALK and not _is_condition(told.text)


def _is_condition(clause: str) -> bool:
    return bool(_CONDITION.match(clause))
