"""`Since when?`, `when did that begin?`, `how long has it been like this?` after an answer: since when what it told of
is so, or since when a thing is up with which nothing is wrong."""

from __future__ import annotations

import re

from nightshift.agent.builtin.follow_ups.bare_words import said_in
from nightshift.agent.builtin.questions.question import Question, Topic

_THAT = r"(?:that|this|it|these|those|them)"
_LEADS = r"^(?:(?:and|so|ok|but|well|then)\W+)*"
_SINCE_WHEN = re.compile(
    rf"{_LEADS}(?:since (?:when|what time)|(?:for )?how long(?: already| now)?|from when on|"
    rf"(?:for )?how long (?:has|have|had|is|are|was) {_THAT} (?:already |now )?(?:been |going |lasting )?"
    r"(?:like (?:this|that)|so|going on|going|the case|broken|wrong|down|failing|there|on|this way|that way|bad)|"
    rf"(?:since when|from when) (?:is|are|has|have|was) {_THAT}(?: been)?(?: so| like (?:this|that)| the case| wrong)?|"
    rf"(?:since when|from (?:when|what time) on) (?:does|do|did|is|has) {_THAT} "
    r"(?:do|act|go|behav|look|misbehav)\w*(?: \w+){0,2}|"
    rf"(?:when|what time|since when) (?:exactly )?(?:did|has|have) (?:{_THAT}|the (?:problem|trouble|issue|mess)s?)"
    r"(?: all)? (?:first )?(?:start|begin|began|begun|started|happen|occur|appear|show up|break|go wrong)(?:ed)?|"
    rf"{_THAT} (?:all )?(?:started|began|has begun|begins) when|"
    rf"{_THAT} (?:is|has) (?:been )?(?:\w+ ){{0,3}}(?:for|since) (?:how long|when))"
    r"(?: (?:already|now|then|exactly|by now))*\W*$"
)
# After a reason was looked for, when that was.
_WHEN = re.compile(
    rf"{_LEADS}(?:at |on |in )?(?:when|(?:what|which) (?:time|hour|o'clock|moment|day|date))(?: exactly)?"
    rf"(?: (?:did|was|is|has) (?:{_THAT})(?: \w+){{0,3}})?\W*$"
)
_START = re.compile(
    rf"{_LEADS}(?:what (?:is|was) )?(?:its |the )?start(?: ?time)?(?: of {_THAT})?\W*$|\bstarted\b|\bbegin\b"
)
_OF_A_MOMENT = frozenset(
    {"IT", "AGAIN", "LAST", "LIST", "SINCE", "HAPPENED", "FINISHED", "STOPPED", "DOWN", "FAIL", "WRONG", "STATE",
     "CLOCK", "EXISTS", "WHO", "FULL", "REBOOT", "POWER"}
)  # fmt: skip
_THINGS = ("guest", "node")


def since_when(question: Question, topic: Topic, text: str) -> Question | None:
    """The question as one for the onset of what the answer before told of; None when it is none."""
    if topic.action:
        return None
    begun = _SINCE_WHEN.search(text)
    of_things = bool(topic.entities) and all(entity.kind in _THINGS for entity in topic.entities)
    if not begun and topic.intent == "explain" and of_things:
        begun = _WHEN.search(text) if said_in(question) <= _OF_A_MOMENT else None
    if not begun:
        return _start_of_a_part(question, topic, text)
    if topic.intent == "alerts":
        return None if topic.about else question.again(topic, "alerts", topic.concepts | {"SINCE"})
    if topic.intent == "targets" and not topic.entities:
        return question.again(topic, "health", frozenset({"SINCE", "@since_wrong"}))
    told = topic.subject or topic.intent == "explain" or not topic.entities
    if topic.intent in ("health", "explain") and told:
        concepts = frozenset({"SINCE"}) | {"@entity" for _ in topic.entities}
        concepts |= {"@since_wrong"} if topic.subject or not of_things else frozenset()
        return question.again(topic, "explain" if topic.entities else "health", concepts)
    if topic.intent != "describe" or not of_things:
        return None
    # Of a thing with which nothing is wrong, since when it is up.
    concepts = frozenset({"SINCE", "@entity"}) | {"@since_up" for _ in topic.concepts & {"RUNNING", "UPTIME"}}
    return question.again(topic, "explain", concepts)


def _start_of_a_part(question: Question, topic: Topic, text: str) -> Question | None:
    """`What was its start time?` after a scrub, a collection."""
    if (
        topic.intent != "subsystem"
        or question.entities
        or not _START.search(text)
        or not said_in(question) <= _OF_A_PART
    ):
        return None
    return question.again(topic, "subsystem", topic.concepts - {"RUNNING", "EXISTS"} | {"LAST", "WHEN_DOES"})


_OF_A_PART = _OF_A_MOMENT | {"AUTOSTART", "REBOOT", "RUNNING"}
