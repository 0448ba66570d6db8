"""What is said back to an answer and names nothing: `how do you know?`, `do it for me`, `which of the two is busier?`.

Such words mean the answer before and nothing else, whatever they might mean alone: `fix it` is an order about what was
found, `and both?` the thing of this turn with that of the one before.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nightshift.agent.builtin.follow_ups.onsets import since_when
from nightshift.agent.builtin.follow_ups.ordered import by_hand
from nightshift.agent.builtin.follow_ups.remedies import remedy
from nightshift.agent.builtin.names.entities import THINGS
from nightshift.agent.builtin.orders.aims import ITSELF
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question, Topic, of_kind
from nightshift.agent.builtin.words.subsystems import naming
from nightshift.agent.builtin.words.tokens import plain
from nightshift.facts.ids import Entity

MOST_WORDS = 14
MOST_OF_AN_ORDER = 10
_THAT = r"(?:that|this|it|these|those|them)"
_DOUBTED = re.compile(
    r"\bare you (?:\w+ ){0,2}?(?:sure|certain|positive|serious|confident)\b|"
    r"\bhow (?:do|can|would|could|did) you (?:know|tell|be|find out|come to)\b|"
    rf"\bwhere (?:do|did|have) you (?:have|got|get|take|know|read|see|find|pull) {_THAT}\b|"
    rf"\bwhere (?:does|do|did|is|are) (?:{_THAT}|the \w+) (?:\w+ )?(?:come|coming|taken|from)\b|"
    r"\b(?:what|which|where) (?:is |are )?(?:the|your|its) (?:sources?|evidence|proof|basis)\b|"
    r"^(?:and |your |the )*sources?\W*$|\bsays who\b|\bwho (?:says|told you|claims)\b|"
    rf"\bwhat (?:makes you|lets you) (?:think|say|believe|so)\b|\bprove {_THAT}\b|"
    rf"\b(?:on|from) (?:what|which) (?:basis|data|grounds|system|source)\b|^(?:oh |no )?really\W*$|"
    rf"\bcan i (?:trust|rely on|believe) (?:{_THAT}|you)\b|\baccording to (?:what|whom|which)\b|"
    r"\b(?:double|cross)[- ]?check\b|\b(?:check|look) (?:once )?(?:again|twice)\b|"
    rf"\bhow (?:reliable|trustworthy|certain|sure|current|fresh|up to date|accurate) (?:is|are) "
    rf"(?:{_THAT}|the (?:numbers?|figures?|values?|data)|your)\b|\bwhat (?:is|are) {_THAT} based on\b"
)
_POLITE = (
    r"(?:(?:ok(?:ay)?|yes|yep|yeah|sure|well|so|then|and|now|please|great|good|alright|fine|just|go and|"
    r"(?:can|could|would|will) you|go ahead and|i want you to|i'd like you to|you)\W+)*"
)
_DO = (
    r"(?:do|fix|change|correct|repair|mend|solve|resolve|handle|sort|undo|remedy|adjust|take care of|deal with|heal|"
    r"clean up|tidy up|get on with|put)"
)
_BIDDEN = re.compile(
    rf"^{_POLITE}(?:{_DO} (?:{_THAT}|so|both|everything|all of {_THAT}|the (?:problem|issue|thing|same))"
    r"(?: (?:out|up|right|better|again|straight|back))*(?: for (?:me|us))?|go ahead|proceed|make it so|please do|do so)"
    r"(?: (?:please|then|now|already|yourself|straight away|right now|anyway|anyhow|"
    r"regardless|all the same))*\W*$"
)
# `What would I type?`, `the command then`, `what do I click to do it myself`: how to do what was ordered.
_HOW = re.compile(
    r"\b(?:what|which|where|how)\b.*\b(?:type|click|enter|press|run|do (?:it|that|this|so))\b|\bcommands?\b|"
    r"\bby hand\b|"
    r"\bhow(?: do| would| can| should)?(?: i| we)?(?: then)?\W*$|"
    r"\b(?:do|start|run) (?:it|that|them) (?:my|our)sel(?:f|ves)\b"
)
_WHY_NOT = re.compile(r"^(?:and |so |but )*why(?: not| won't you| can ?not you| can you not)\W*$")
_ANYTHING = re.compile(rf"^{_POLITE}(?:do|put|go ahead|proceed|make it so|please do|undo)\b")
_BOTH = re.compile(r"\b(?:both(?: of (?:them|those|these))?|the two(?: of them)?|all of them|together)\b")
_MORE = re.compile(
    r"^(?:and |so |ok |but )*(?:which|who|what)"
    r"(?: one| of (?:them|those|these|the two|both)|(?P<kind> node| host| guest| vm))?"
    r"(?: is| has| uses| was| had| needs| takes| does| got| runs| eats)+(?: the)?(?: \w+)? "
    r"(?:more|most|less|least|busier|busiest|fuller|fullest|bigger|biggest|larger|largest|smaller|smallest|higher|"
    r"highest|lower|lowest|worse|worst|better|best|hotter|hottest|older|oldest|newer|newest|emptier|hungrier|longer)\b"
)
_OF_ALL = re.compile(r"\b(?:most|least|worst|best|\w+est)$")
_SO_WHY = re.compile(r"^(?:ok |well |and )?(?:so|then|but)[, ]+(?:then )?(?:why|what)\b.*|^(?:why|what)\b.* then\W*$")
_ONE = r"(?:one|a single|this|that|the one|\w*\d)"
_ELSEWHERE = re.compile(
    rf"\b(?:only|just|limited to|confined to|restricted to) (?:on |to |at |in )?{_ONE}(?: (?:node|host|guest|vm|"
    rf"machine|server|disk|datastore|storage|box|place|one))?\b|\b(?:on|in|at) {_ONE} (?:node|host|guest|machine|place|"
    r"datastore|storage)s? (?:only|alone)\b|\bthe only one\b|\b(?:all|every|each|both) (?:of them|nodes?|hosts?|"
    r"machines?|servers?) or (?:only|just)\b|\bor on all\b|\bonly (?:there|here)\b|"
    r"\b(?:elsewhere|anywhere else|somewhere else|everywhere)\b|\b(?:are|is|do|does|have|has) (?:any |the |some )?"
    r"(?:other|others|another)\b.*\b(?:too|also|same|as well|like that|affected|hit)\b"
)
_OPEN: frozenset[Intent] = frozenset({"explain", "health", "unclear"})
_COMPARED: frozenset[Intent] = frozenset({"metric", "describe", "compare"})
_OF_THEIR_OWN: frozenset[Intent] = frozenset(
    {"subsystem", "backup_jobs", "alert_rules", "targets", "restarts", "runbook"}
)
_SILENT: frozenset[Intent] = frozenset({"unclear", "help", "thanks", "action", "sources"})
_IN_UNITS = re.compile(
    r"^(?:and |so |ok |please )*(?:how much is (?:that|it|this) |what is (?:that|it|this) |show (?:me )?(?:that|it) )?"
    r"(?:in|as(?: an?)?) (?:percent|per cent|(?:a )?percentages?|[kmgt]i?b|bytes|"
    r"absolute (?:numbers?|terms?|figures?)|total numbers?|numbers?|hours|days|minutes)\b"
)


_HEARD = re.compile(
    r"\W*(?:(?:ok(?:ay)?|good|fine|great|nice|cool|perfect|excellent|super|all ?right|right|well|then|very|understood|"
    r"got it|i see|so|yes|yeah|to (?:know|hear)|that(?:'s| is| was) (?:all|it|good|fine|enough)|sounds|for now|"
    r"no more questions)\b\W*)+",
    re.IGNORECASE,
)
_COMPLAINS = re.compile(
    r"\b(?:that|this|it)(?: is|'s| was)?(?: not|n't) (?:\w+ )?(?:what|the (?:question|answer)|my question|an answer)\b|"
    r"\byou (?:misunderstood|misread|did(?: not|n't) (?:answer|understand)|got (?:it|me|that) wrong)\b|"
    r"\bwrong (?:answer|question)\b|\bi (?:asked|meant) (?:for )?something else\b"
)


_OF_A_GAP = re.compile(
    r"^(?:and |so |but |ok )*(?:why(?: not| is (?:that|this))?|what (?:exactly )?(?:is|are you) missing|which ones?|"
    r"what (?:do|does) (?:that|it|this) (?:mean|concern|hit))\W*$"
)

_OF_MY_SIGHT = re.compile(
    r"^(?:and |so |but |ok )*(?:why (?:do|can|could|did) ?(?:you )?not (?:you )?"
    r"(?:know|see|tell|check|read|look)(?: that| it)?|what (?:do|would) you (?:need|lack|miss))\W*$"
)


def is_only_heard(text: str) -> bool:
    """`Ok good`, `fine then`: nothing is asked."""
    return "?" not in text and _HEARD.fullmatch(text) is not None


def complains(question: Question) -> bool:
    """`That's not what I asked`, and nothing that tells what was."""
    return not question.entities and bool(_COMPLAINS.search(plain(question.text)))


def rejoinder(question: Question, topic: Topic) -> Question | None:
    """The question as one that is said back to the answer before; None when it is none."""
    text = plain(question.text)
    if question.expr or question.entities or question.ambiguous or len(text.split()) > MOST_WORDS:
        return None
    return (
        _doubted(question, topic, text)
        or since_when(question, topic, text)
        or _why_not(question, topic, text)
        or _bidden(question, topic, text)
        or remedy(question, topic, text)
        or _of_both(question, topic, text)
        or _so_why(question, topic, text)
        or _where_else(question, topic, text)
        or _what_is_not_seen(question, topic, text)
    )


def _doubted(question: Question, topic: Topic, text: str) -> Question | None:
    """`Are you sure?`, `where do you have that from?`: the same once more, with where it is from first."""
    if topic.intent in _SILENT or question.action or not _DOUBTED.search(text):
        units = topic.intent in ("metric", "rank", "storage") and _IN_UNITS.search(text)
        return question.again(topic, topic.intent, topic.concepts | question.concepts - {"@no_name"}) if units else None
    return question.again(topic, topic.intent, topic.concepts | {"@provenance"})


def _why_not(question: Question, topic: Topic, text: str) -> Question | None:
    """`Why not?` after an order: nothing is changed here; after `may I?`: what stands against it."""
    if topic.intent not in ("action", "safety") or not _WHY_NOT.match(text):
        return None
    return by_hand(question, topic) if topic.intent == "action" else question.again(topic, "safety", topic.concepts)


def _bidden(question: Question, topic: Topic, text: str) -> Question | None:
    """`Do it for me`: what was ordered or spoken of as a deed before, else what mends what was found."""
    asks_how = bool(topic.action) and not question.unknown and _HOW.search(text)
    if not asks_how and (len(text.split()) > MOST_OF_AN_ORDER or not _BIDDEN.match(text)):
        return None
    if topic.action and (asks_how or _ANYTHING.match(text)):
        return by_hand(question, topic)
    if not (topic.subject or topic.about):
        return None
    repair = question.about("action", topic.about, question.concepts | {"@remedy", "@action"})
    return replace(repair, action="repair", aim=ITSELF, subject=topic.subject)


def _so_why(question: Question, topic: Topic, text: str) -> Question | None:
    """`So why can nobody connect?`: of the thing that the answer was about, whatever ails it."""
    things = of_kind(topic.about, *THINGS)
    if not things or question.action or not _SO_WHY.search(text) or question.intent not in _OPEN:
        return None
    concepts = question.concepts - {"PEOPLE", "BEYOND", "@no_name"} | {"WHY", "@entity"}
    return replace(question.about("explain", things, concepts), subject=topic.subject)


def _where_else(question: Question, topic: Topic, text: str) -> Question | None:
    """`Is that on one node only?`, `are others affected too?`: whatever else has what was found."""
    quiet = topic.intent in ("health", "alerts") and not topic.entities
    if not (topic.subject or quiet) or question.action or question.quantity or not _ELSEWHERE.search(text):
        return None
    if question.intent in _OF_THEIR_OWN or naming(question.concepts) - topic.concepts:
        return None  # `is replication set up everywhere?`
    concepts = frozenset({"@where_else"} if topic.subject else ())
    return replace(question.about("health", (), concepts), subject=topic.subject)


def _what_is_not_seen(question: Question, topic: Topic, text: str) -> Question | None:
    """`Why?`, `what is missing?` after what could not be read: the gaps tell it."""
    asks = _OF_MY_SIGHT.match(text) or (topic.intent == "sources" and _OF_A_GAP.search(text))
    return question.again(topic, "sources", frozenset({"SOURCES"})) if asks and not question.action else None


def _of_both(question: Question, topic: Topic, text: str) -> Question | None:
    """`Which is busier?`, `and both?` after one thing and then another of its kind."""
    every = tuple(dict.fromkeys((*topic.beside, *topic.entities)))
    if len(every) == 1 or not topic.beside or question.unknown[1:] or question.action:
        return None
    more = _MORE.search(text)
    if more and more["kind"] and _OF_ALL.search(more.group()):
        return None  # `which guest uses the most memory?`: of all guests
    if not (more or _BOTH.search(text)):
        return None
    kinds = {entity.kind for entity in every}
    intent: Intent = topic.intent
    quantity = question.quantity or topic.quantity
    if more and topic.intent in _COMPARED and kinds <= {"guest", "node"}:
        intent, quantity = "compare", quantity or "cpu"
    concepts = topic.concepts | (question.concepts & {"MOST", "LEAST", "IF"})
    if topic.intent == "safety":
        concepts |= {"@all_of_them"}
    return replace(question.about(intent, every, concepts, quantity), subject=topic.subject)


def beside(question: Question, topic: Topic) -> tuple[Entity, ...]:
    """The things of the turns before that are of the same question and kind: what `both` then means."""
    if not question.entities or question.intent != topic.intent:
        return ()
    kinds = {entity.kind for entity in question.entities}
    earlier = dict.fromkeys((*topic.beside, *topic.entities))
    return tuple(e for e in earlier if e not in question.entities and e.kind in kinds)[-3:]
