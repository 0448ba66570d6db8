"""The question before, asked of another thing, another time or another statistic: `ok now vault`, `and its peak?`.

People fill such a question up with words that say nothing: `and how is it on pve1?`, `what was it during the past 24
hours?`, `make it the last 6 hours`. It is known by that: beside names and times there is nothing in it but such words.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, tzinfo

from nightshift.agent.builtin.orders.aims import ITSELF
from nightshift.agent.builtin.orders.order import order_in
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question, Topic
from nightshift.agent.builtin.times.spans import TimeSpan, find_time
from nightshift.agent.builtin.words.tokens import plain, tokens, word_set

MOST_WORDS = 14
# What is said to the answer before the next question: `ok, …`, `All right. …`, `fine, …`, `scratch that - …`.
_ALWAYS = (
    r"(?:ok(?:ay)?|all ?right|alright|right|understood|got it|i see|h+m+|(?:very )?well|sure|thx|thanks|scratch that|"
    r"never mind(?: that)?|forget (?:that|it)|my mistake|i(?: will|'ll)? do (?:it|that) (?:myself|by hand))\b"
    r"(?! (?:now|then|again|so far)\W*$)"
)
_PAUSED = r"(?:fine|good|great|nice|cool|perfect|excellent|thank you)(?=[,.;:!]| (?:and|now|then|so|but)\b)"
_ACKNOWLEDGED = re.compile(
    rf"^\W*(?:(?:{_ALWAYS}|{_PAUSED})(?:[,.;:!-]|\s)+)+"
    r"(?P<rest>(?:and |so |but |also |then )?)(?!that(?:'s| is| was| will be) (?:all|it|enough))(?=\w)",
    re.IGNORECASE,
)
_REASONED = re.compile(
    r"^(?P<order>[^,;.?!]*\b(?:it|them|that one|this one)\b[^,;.?!]*)[,;.!] "
    r"(?!and\b|or\b|then\b|but\b|please\b)(?P<reason>[^?]+)$",
    re.IGNORECASE,
)
# `reboot it, unless a backup runs`, `delete it, the oldest snapshot only`: what bounds an order is no reason for it.
_BOUNDS = re.compile(
    r"\b(?:if|unless|except|only|just|when|once|until|till|after|before|without|with|keep|leave|instead|not|no|than|"
    r"to|from|onto|on|at|in|by|for|snapshots?|backups?|cop(?:y|ies)|disks?|jobs?|locks?|the (?:\w+ )?ones?|oldest|"
    r"newest|latest|last|first)\b",
    re.IGNORECASE,
)
_ITS_PART = re.compile(
    r"^(?P<order>[^,;.?!]*)\b(?:it|them|that one|this one)[,;:] (?:(?:but|just|only|i mean) )*"
    r"(?P<part>(?:(?:the|its) (?:\w+ )?)?(?:snapshots?|backups?|cop(?:y|ies)|locks?|disks?))"
    r"(?: (?:only|alone|please))*\W*$",
    re.IGNORECASE,
)
_LEAST = re.compile(r"\bat least (?=tell|say|show)", re.IGNORECASE)
_I_MEAN = re.compile(r"(?<![a-z] )\bi mean\b|\bi mean(?=\W*$)", re.IGNORECASE)  # no average
_FILLERS = word_set("""
    and now then the same for of on at in with to from by it its that this one those these them how what which is was
    are were does do did be been about also too as well please if you would could take make look looks figure value
    values number numbers have has get got there here over during it's show me tell give same thing again instead so
    case like use uses used using go went come high low much many old fresh you're than ones i in kindly however next
    """)
# Of these at least one is said where a name alone would be a question of its own: `how is pve1?`.
_POINT_BACK = word_set("""
    it its that one ones those these same figure value values number numbers much many too also well now then high low
    old fresh this
    """)
# `sorry, jellyfin I meant`
_CORRECTS = frozenset(
    {"sorry", "meant", "oops", "excuse", "typo", "correction", "wrong", "rather", "actually", "not", "no", "mean"}
)
_STATISTICS = {
    "PEAK": frozenset({"peak", "peaks", "max", "maximum", "maximal", "highest", "top", "most", "busiest", "spike"}),
    "LOWEST": frozenset({"min", "minimum", "minimal", "lowest", "least"}),
    "MEAN": frozenset({"mean", "average", "averaged", "avg", "typical"}),
}
_OF_A_STATISTIC = frozenset({"value", "values", "moment", "point", "reach", "reached", "hit", "percent", "go", "rise"})
_SAYS_NOTHING: frozenset[Intent] = frozenset({"help", "thanks", "unclear", "action", "sources", "runbook", "health"})
_OF_ALL_TIMES: frozenset[Intent] = frozenset({"metric", "rank", "tasks", "changes", "alerts", "compare", "restarts"})
_OF_SEVERAL = frozenset({"which", "who", "whose", "all", "any", "them", "those", "everything", "eats", "takes", "uses"})
_OF_A_RANKING = frozenset({"MOST", "LEAST", "SLOW", "WHO", "@no_name"})
_BARE_TIME = re.compile(
    r"\b(?:(?:\d{1,3}|one|two|three|four|five|six|seven|eight|ten|twelve|twenty four) (?:minutes|hours?|days?|weeks?)|"
    r"\d{1,3} ?(?:h|d|min))\b"
)


# `at which hour exactly?`, `since which minute?`: as shorter ones say it.
_SHORTER = tuple(
    (re.compile(rf"^\W*(?:and |so |but )*{form}\W*$", re.IGNORECASE), said)
    for form, said in (
        (r"(?:since|from) (?:which|what) (?:minute|hour|time|day|date|moment)(?: on)?(?: exactly)?", "since when?"),
        (r"(?:at|on) (?:which|what) (?:minute|hour|time|day|date|moment)(?: exactly| precisely)?", "when?"),
    )
)


def said_shorter(text: str) -> str:
    return next((said for form, said in _SHORTER if form.match(text)), text)


def without_acknowledgement(text: str) -> str:
    """`Ok, and how old is it?`: what is asked. A word of thanks that stands alone stays."""
    text = _I_MEAN.sub(" ", _LEAST.sub("", text)).strip()
    match = _ACKNOWLEDGED.match(text)
    if match is None:
        return text
    return text[match.end() :] if match["rest"] == "" else f"{match['rest']}{text[match.end() :]}"


def without_its_reason(text: str) -> str:
    """`Reboot it please, films hang`: the order, of which `it` tells what is meant; `delete it, the snapshot only`: of
    which it does not tell all."""
    part = _ITS_PART.match(text)
    if part is not None:
        return f"{part['order']}{part['part']} of it"
    match = _REASONED.match(text)
    if match is None or _BOUNDS.search(match["reason"]):
        return text
    words = plain(match["order"])
    return match["order"] if order_in(words, tokens(words)).action else text


def continued(question: Question, topic: Topic, span: TimeSpan | None, now: datetime, zone: tzinfo) -> Question | None:
    """The question with its new slots, still to be filled from the topic; None where it says more than that."""
    strange = question.expr or question.ambiguous or set(question.unknown) - _CORRECTS
    nothing_before = topic.intent in _SAYS_NOTHING or bool(strange)
    if nothing_before or len(question.around) > MOST_WORDS or _is_an_order(question):
        return None
    statistic = _statistic(question, topic)
    words = set(question.around)
    time = question.span or _bare_time(question, topic, now, zone)
    if time and not question.span:
        words -= set(plain(time.text).split())
    words -= _FILLERS | _CORRECTS
    if statistic:
        words -= _STATISTICS[statistic] | _OF_A_STATISTIC
    if words or not (statistic or question.entities or (time and topic.intent in _OF_ALL_TIMES)):
        return None
    if question.entities and not (statistic or time or (_POINT_BACK | _CORRECTS) & set(question.around)):
        return None
    concepts = frozenset(c for c in question.concepts if c.startswith("@") or c == "COUNT")
    concepts |= {statistic} if statistic else frozenset()
    concepts -= {"@action", "@action_verb", "@unknown", "@weak_unknown"}
    return replace(question, concepts=concepts, unknown=(), action="", aim=ITSELF, span=time or span)


def figure_of_it(question: Question, topic: Topic) -> Question | None:
    """`Max cpu, one day?`, `busiest moment in the last 24h, cpu %`, after a guest or a node: of that one."""
    one = len(topic.about) == 1 and topic.about[0].kind in ("guest", "node") and topic.intent in ("describe", "metric")
    if not one or question.intent != "rank" or not question.quantity or question.entities or question.unknown:
        return None
    of_many = question.has("GUEST", "VM", "CT", "NODE", "SEVERAL", "STORAGE") or question.top or question.bound
    statistic = next((name for name, words in _STATISTICS.items() if words & set(question.around)), "")
    if not statistic or of_many or _OF_SEVERAL & set(question.around):
        return None
    concepts = frozenset(c for c in question.concepts if c not in _OF_A_RANKING) | {statistic, "@entity"}
    return replace(question, intent="metric", entities=topic.about, concepts=concepts, follows=True)


def _is_an_order(question: Question) -> bool:
    """`Make it the last 6 hours` orders nothing."""
    return bool(question.action) and not (question.span and not question.entities and question.action == "create")


def _statistic(question: Question, topic: Topic) -> str:
    """Which one of a figure is asked for, where the answer before was a figure."""
    if topic.intent not in ("metric", "describe") or not topic.quantity:
        return ""
    said = set(question.around)
    return next((concept for concept, words in _STATISTICS.items() if words & said), "")


def _bare_time(question: Question, topic: Topic, now: datetime, zone: tzinfo) -> TimeSpan | None:
    """`Now take six hours`: the last six."""
    match = _BARE_TIME.search(plain(question.text)) if topic.intent in _OF_ALL_TIMES else None
    return find_time(f"last {match.group()}", now, zone) if match else None
