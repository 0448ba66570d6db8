"""Several questions in one: `how full is tank and when was web last backed up?`

A text is cut only where a new question can begin, and only when every piece means something by itself: a sentence that
was cut wrongly would be answered twice, and wrongly both times.
"""

from __future__ import annotations

import re
from itertools import pairwise

from nightshift.agent.builtin.questions.discovery import subject_of
from nightshift.agent.builtin.questions.question import ASKING_FOR_A_RUNBOOK, Question, Topic
from nightshift.agent.builtin.reading.clauses import (
    BEGINS,
    FEWEST_WORDS,
    SURE,
    Read,
    about_a_thing,
    after_a_story,
    asked_after_a_statement,
    beside_small_talk,
    is_narrated,
    of_many,
    that_judges,
)
from nightshift.agent.builtin.reading.mixed import beside_what_is_beyond, left, some_are_beyond
from nightshift.agent.builtin.sentences.forms import without_form, without_frame
from nightshift.agent.builtin.words.verbs import ACTIONS

MOST_PARTS = 3
TO_COMPARE = 2

_CUT = re.compile(
    rf"(?<=[?!;])\s+(?=\w)|(?<=\w)\.\s+(?={BEGINS})|,?\s+(?:and|also|plus|and also)\s+(?=(?:for )?{BEGINS})|"
    rf",\s+(?={BEGINS})",
    re.IGNORECASE,
)

# These are told by all that was said: `both disks die now, what of web is gone for good?`
_TOLD_BY_ALL = ("@steps", "@copy_of_one", "@restorable", "@loss_of_one")
_WHOLE = ("@disk_lost", "@snapshot_go", "@lock_means", "@unplugged", "@site_lost", "@ups", "@lost_with",
          "@placement", "@new_guest")  # fmt: skip
_WHOLLY_BEYOND = ("@inside", "@foreign_owner", "@long_ago", "PROMISE")
_CONDITION = re.compile(
    r"\W*(?:and |so |ok |but )?(?:(?:if|suppose|supposing|assuming|imagine)\b|"
    r"(?:after|when|once|as soon as)\b [^?.;]{3,60}, (?:will|does|do|would|is|are|can|could|should)\b)",
    re.IGNORECASE,
)

# What is of no matter is no question: `… templates don't matter`.
_ASIDE = re.compile(r"(?<=[?.,;!])\s*\w+ (?:do(?:es)?(?: not|n'?t)) (?:matter|count)\b[.!]?", re.IGNORECASE)


def parts_of(text: str, read: Read, topic: Topic | None) -> tuple[Question, ...]:
    """The questions in `text`, in order; one when it is one. A later one may lean on the one before."""
    text = after_a_story(without_frame(text), read)
    whole = read(text, topic)
    if whole.has(*_WHOLE) or _begins_with_a_stranger(text, whole):
        return (whole,)  # `one of the mirror dies tonight. Do I lose data?`
    announced = _ANNOUNCES.match(text)
    if announced or whole.has("@of_the_world", "@action"):
        each = _each(text[announced.end() if announced else 0 :], read, topic)
        if each:
            return each
    text = _ASIDE.sub("", text)
    if not whole.action and not whole.expr and whole.intent != "find_metrics":
        asked = asked_after_a_statement(text, read, topic)
        if asked is not None and is_narrated(text):
            by_itself = asked.text != text and read(asked.text, topic).entities == asked.entities
            return parts_of(asked.text, read, topic) if by_itself else (asked,)
        plain = None if asked or topic else beside_small_talk(text, read)
        whole = asked or plain or _by_its_clauses(whole, text, read, topic)
    if topic is None and (whole.has("BEYOND") or whole.intent == "unclear"):
        parts = beside_what_is_beyond(text, read)
        if parts:
            return parts
    pieces = [piece.strip() for piece in _CUT.split(without_form(text)) if piece and piece.strip()]
    too_short = any(len(piece.split()) < FEWEST_WORDS for piece in pieces)  # `… and why?` belongs to what it follows
    pieces = _with_what_they_explain(pieces)
    if not 1 < len(pieces) <= MOST_PARTS or too_short or _belong_together(pieces, text, whole, read):
        return (whole,)
    return _one_by_one(pieces, whole, read, topic) or (whole,)


def _belong_together(pieces: list[str], text: str, whole: Question, read: Read) -> bool:
    """Whether they are one question all the same: a condition belongs to its end, and what is told to what is asked:
    `films stutter, what did we note?`, `traefik had a hiccup this morning, was there anything?`"""
    if whole.expr or whole.action or whole.has("@room", "@kinds_compared") or _CONDITION.match(text):
        return True
    if whole.intent == "safety" and whole.has("IF", "@leave"):
        return True  # `pve2 dies tonight, what comes back?`
    if _ASKS.match(pieces[0]) or pieces[0].endswith("?"):
        return False
    return whole.has(*_TOLD_BY_ALL) or read(pieces[-1], None).intent == "health"


def _one_by_one(pieces: list[str], whole: Question, read: Read, topic: Topic | None) -> tuple[Question, ...]:
    """The question of each piece; empty where they mean less so than together."""
    questions: list[Question] = []
    for piece in pieces:
        questions.append(read(piece, questions[-1].topic if questions else topic))
    if whole.intent == "find_metrics" and all(question.intent != "find_metrics" for question in questions):
        return ()  # `Something in Prometheus tells if sites are up. What is its name?`
    if whole.intent == "alert_rules" and whole.has("@of_rule") and not any(q.has("@of_rule") for q in questions):
        return ()  # `There is an alert for guests without a job, what is it called?`
    if any(later.has("IT") and not later.entities and first.unknown for first, later in pairwise(questions)):
        return ()  # `octoprint is slow, what's up with it`
    known = questions
    if some_are_beyond(questions):
        known = [question for question in questions if question.intent != "unclear"]
        questions = [left(question) if question.intent == "unclear" else question for question in questions]
    return tuple(questions) if _all_mean_something(known) and _differ(questions) else ()


def _begins_with_a_stranger(text: str, whole: Question) -> bool:
    """`octoprint: all good?` asks of it, which nobody knows, and not whether all is good."""
    if whole.intent != "describe" or whole.entities or whole.has("GUEST", "NODE"):  # `storm - are the nodes ok?`
        return False
    begins = (rf"\W*(?:\w+ )?{re.escape(name)}(?:\s*[:,.;]|\s+[-–—]\s)" for name in whole.unknown)
    return any(re.match(pattern, text, re.IGNORECASE) for pattern in begins)


_AND_DO = re.compile(
    r",?\s+(?:and then|and also|and|then)\s+(?:also |then |please )*"
    rf"(?=(?:{'|'.join(ACTIONS)}|give|turn|switch|put|bring|take) "
    r"(?:it|its|them|their)\b)",
    re.IGNORECASE,
)


def _two_orders(text: str, read: Read, topic: Topic | None) -> tuple[Question, ...]:
    """`Start web and give it 4 GB`: of one thing, one after the other; empty where it is one order."""
    first, *rest = _AND_DO.split(text)
    if len(rest) != 1 or not first:
        return ()
    before = read(first, topic)
    after = read(rest[0], before.topic)
    of_one = bool(before.of_kind("guest")) and after.entities == before.entities and not before.aim.part
    told = before.action not in ("", "leave")  # `do not stop web and delete it`
    return (before, after) if of_one and told and after.action not in ("", before.action) else ()


_ANNOUNCES = re.compile(
    r"^\W*(?:i (?:have|need|want) )?(?:two|three|2|3|a couple of|some) "
    r"(?:things|questions|points|matters|answers)(?: please)?\s*(?:[:,.-]+|–|—)\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*[,;]?\s+(?:and|plus) (?:also )?|;\s+|(?<=[?!])\s+", re.IGNORECASE)


def _each(text: str, read: Read, topic: Topic | None) -> tuple[Question, ...]:
    """`(Two things:) the fill level of vault, and a recipe for pizza`: each by itself, however short it is; what
    nothing here knows is said to be left. Empty where it is not so."""
    if read(text, topic).action:
        return _two_orders(text, read, topic)
    pieces = [piece.strip() for piece in _AND.split(text) if piece.strip()]
    if not 1 < len(pieces) <= MOST_PARTS:
        return ()
    questions = [read(piece, topic) for piece in pieces]
    strange = [q.intent in ("unclear", "runbook", "help", "thanks") and q.has("BEYOND", "PEOPLE") for q in questions]
    known = [question for question, out in zip(questions, strange, strict=True) if not out]
    if not known or not all(question.score >= SURE and question.intent != "unclear" for question in known):
        return ()
    return tuple(left(question) if out else question for question, out in zip(questions, strange, strict=True))


def _by_its_clauses(whole: Question, text: str, read: Read, topic: Topic | None) -> Question:
    """What one clause asks, where the text as a whole is not understood."""
    if whole.intent == "runbook" and whole.has("@steps"):
        return whole
    lost = whole.intent == "unclear" or whole.has("BEYOND") or (whole.has("PEOPLE") and not whole.has("@of_space"))
    if lost and not whole.has(*_WHOLLY_BEYOND):
        return about_a_thing(text, read, topic) or that_judges(text, read) or whole
    if whole.unknown and not whole.entities and not whole.ambiguous:
        return that_judges(text, read, pointless=not whole.has("ALERT")) or whole
    return of_many(whole)


_EXPLAINS = re.compile(r"(?:i mean|i\.e\.|namely|that is|meaning|so to speak)\b", re.IGNORECASE)
_ONLY_POINTS = re.compile(
    r"(?:what|how)(?: is|'s|s| are)? (?:its|it|the|their) ?"
    r"(?:state|status|doing|names?|called|count|total|number)?\W*$|"
    r"how (?:large|big) (?:a|an|the|its) \w+\W*$",
    re.IGNORECASE,
)


# `adguard1 or adguard2, which one does more?`
_RIVALS = re.compile(
    r"\W*(?:between |of )?(?:the )?[\w.-]+(?: \w+)? (?:or|vs\.?|versus|and|against) (?:the )?[\w.-]+(?: \w+)?\W*$",
    re.IGNORECASE,
)
# `From the machines with tag iot, how many are on?`, `Leaving out templates, how many guests are shut down?`
_LEADS = re.compile(
    r"\W*(?:from|of|among|for|on|in|at|with|within|over|during|between|regarding|concerning|as for|leaving|excluding|"
    r"ignoring|without|not counting|apart from|besides)\b[^?!.;]{1,60}$|"
    r"\W*(?:the |my |our )?(?:\w+ ){1,3}(?:called|named) [^?!.;]{1,60}$|"
    r"\W*[\w-]+,? (?:or|vs\.?|versus) [\w-]+\W*$",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"(?:\W|and |so |but |ok |hey |hi |at |since )*{BEGINS}", re.IGNORECASE)
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
        rivals = joined and _RIVALS.match(joined[-1])
        told = joined and not _ASKS.match(joined[-1]) and (_REMEDY.match(piece) or _LEADS.match(joined[-1]))
        if joined and (rivals or told or _EXPLAINS.match(piece) or _ONLY_POINTS.match(piece)):
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined


def _all_mean_something(questions: list[Question]) -> bool:
    """Politeness between questions (`thanks!`) is no question, and neither is a piece without a clear intent, nor
    `what do I do?` without that which it is about."""
    return all(
        (question.score >= SURE or question.follows)
        and question.intent not in ("unclear", "thanks", "action")
        and not (question.intent == "compare" and (question.follows or len(question.entities) < TO_COMPARE))
        and not (question.intent == "rank" and question.has("COMPARE") and not question.quantity)
        and not (question.intent == "find_metrics" and not subject_of(question))
        and not (question.intent == "runbook" and ASKING_FOR_A_RUNBOOK.issuperset(question.content))
        for question in questions
    )


def _differ(questions: list[Question]) -> bool:
    """Whether they ask for more than one thing."""
    return (
        len({(question.intent, question.entities, question.quantity, question.concepts) for question in questions}) > 1
    )
