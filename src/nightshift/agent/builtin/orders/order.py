"""The orders in a question: what it wants changed, which is told how to do by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightshift.agent.builtin.orders.order_phrases import PHRASES
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.tokens import Token, stem, word_set
from nightshift.agent.builtin.words.verbs import ACTIONS, WITH_OBJECT

_POLITE = re.compile(
    r"^(?:(?:be (?:a dear|an angel|nice|so good|so kind)(?: and| as to)?|"
    r"please to|kindly to|please|kindly|live|well|alright|great|fine|right|cool|good|thanks|yes|"
    r"all right|yep|sure|no(?=[,:!])|do it|"
    r"(?:can|could|would) (?:some|any)(?:one|body)(?: please)?|just|now|ok|okay|and|then|hey|nightshift|"
    r"be (?:an? |so )?(?:dear|darling|angel|love|star|kind|good|nice|sweet)(?: and| as to)?|"
    r"so|can you|could you|would you|will you|help me|"
    r"would you mind|do you mind|mind|be so kind and|be so kind as to|go ahead and|i want you to|i need you to|"
    r"you should|you must|let us|lets|sudo|qm|pct|apt|apt-get|systemctl|ha-manager|zpool|i order you to|quickly|urgent|"
    r"urgently|immediately|now|at least|also|still|maybe|instead|"
    r"try to|you have to|you need to|could you please|can you please|"
    r"[^?!.;]{0,80}\bi (?:hereby )?(?:authori[sz]e|allow|order|command|instruct|permit) you to)(?![\w-]) ?[,:!]? ?)+"
)
# Verbs that are as often no order: what must, or must not, follow for them to be one.
_ONLY_WITH_OBJECT = word_set("backup snapshot start power change set restore run move swap rotate schedule shift")
# What is run in a shell: whatever it would do, it is an order.
_PROGRAMS = word_set("""
    rm dd mkfs df du qm pct apt apt-get systemctl zpool zfs reboot shutdown poweroff bash sh curl wget ssh pvesh pvesm
    pvecm vzdump smartctl fstrim wipefs fdisk kill chmod chown mount umount docker
    """)
_NO_ORDER_BEFORE: Mapping[str, frozenset[str]] = {
    "update": frozenset({"me", "us", "on"}),
    "fix": frozenset({"for"}),
    "snap": frozenset({"of", "list"}),
    "prune": frozenset({"or"}),
    "restore": frozenset({"possible"}),
    "clean": frozenset({"up day", "day"}),
    "cleanup": frozenset({"day", "time", "job", "jobs"}),
    "make": frozenset({"sure"}),
    "start": frozenset({"with", "by"}),
    "stop": frozenset({"using"}),
    "power": word_set("""
        on usage consumption draw supply outage outages cut cuts failure gone out back went came loss company grid
        bill button
        """),
    "trigger": frozenset({"delay", "time", "point", "value", "condition", "level", "threshold"}),
    "ssh": word_set("login logins access auth attempts key keys session sessions"),
    "backup": word_set("""
        status job jobs state of age overview schedule for storage server space report proc process still surely
        really
        """),
    "snapshot": frozenset({"of", "list", "status"}),
}  # fmt: skip
_ORDER_BEFORE: Mapping[str, frozenset[str]] = {
    "run": frozenset({"a", "the", "backup", "gc", "prune", "verify", "garbage", "vzdump", *_PROGRAMS}),
    "execute": frozenset({"a", "the", *_PROGRAMS}),
    "apply": frozenset({"the", "all", "pending", "updates", "patches", "security", "available"}),
    "swap": frozenset({"the", "that", "this", "out", "a", "it"}),
    "empty": frozenset({"the", "my", "our", "its"}),
}

# Verbs that are nothing but orders wherever they stand.
_PLAINLY = ("wipe", "delete", "destroy", "reboot", "mute", "unlock", "migrate", "nuke", "deactivate", "reactivate")
_NEXT_SENTENCE = re.compile(
    r"[.!?;:] +|, (?:please |then |so |just |now |only )+"
    r"|, (?:(?:can|could|would|will) (?:you|(?:some|any)(?:one|body)) )"
    rf"|\bplease (?=(?:{'|'.join(ACTIONS)}|take|give|put|bring|turn|switch) )"
    r"|, (?=(?:end|finish|leave|exit|take|put|do) (?:its|the|it|an?|all)\b)"
    rf"|,? (?:so|and) (?=(?:{'|'.join(_PLAINLY)}) \S)"
    r"|, (?=(?:give|kick|bounce|nuke|power-cycle|turn|switch) )"
    r"|\b(?:authori[sz]e|allow|permit|order|command|ask|instruct|tell) you to "
    rf"|(?:, | and | so )(?=(?:{'|'.join(ACTIONS)}|do) (?:it|that|them|this|the|my|its|all|an?)\b)"
)
_ASKING = re.compile(
    r"(?:(?:and|so|but|ok|okay|hey) )*(?:what|which|who|when|where|why|how|is|are|was|were|do|does|did|has|have|had)\b"
)
_FORBIDS = re.compile(r"(?:(?:please|you|just|so|and) )*(?:do not|never|(?:must|should|may) not)\b(?! only)")
_ENDS = re.compile(r"[.?!;](?:\s|$)")
LONGEST_CLAUSE = 300
"""What a phrase is looked for in: its gaps may be as long, and a pasted log should cost no more than a question."""
_HOW_TO = re.compile(
    r"\bhow (?:do|can|would|should|could|does|must) (?:i|we|one|you|somebody)(?: best| safely| properly)? |\bhow to |"
    r"\b(?:steps|procedure|command|commands|way|instructions|recipe) (?:to|for|of|how to) |\bwhat do (?:i|we) do to |"
    r"\b(?:walk|talk|guide) (?:me|us) through |"
    r"^(?=\w+ing )(?=.*\b(?:step (?:by|for) step|steps|how|instructions|procedure|runbook|checklist)\b)"
)
_BASE = {
    stem(verb): verb for verb in (*ACTIONS, "take", "put", "bring", "get", "turn", "switch", "shut", "throw", "give")
}
# Before these a verb is what somebody would do: `if I restart it`, `is it ok to reboot`, `qm unlock 104`.
_DOERS = frozenset({"i", "we", "to", "just", "qm", "pct", "you", "d", "ll", "and", "a", "the"})
_NO_DEEDS = frozenset({"replace", "swap"})  # `which disk do I replace?`
_STEMS = frozenset(map(stem, ACTIONS)) - {"run", *map(stem, _NO_DEEDS)}
# Words that are as often nouns, and what shows that they are: `backup failed`, `snapshot of web`.
_NOUNS_TOO = word_set("""
    backup snapshot restore update upgrade change run patch start boot verify sync scrub clone move prune cleanup
    """)
_AFTER_A_NOUN = word_set("""
    job jobs task tasks status state overview log logs result results of history schedule schedules was is were are did
    day days has time times report settings setting policy policies config window plan plans duration progress
    runtime yes y/n run runs count counts retention target targets destination
    reported found finds says errors encryption restorability key keys alert alerts alarm alarms rule rules
    """)
_AFTER_ANY_NOUN = frozenset(
    {"pending", "due", "needed", "required", "outstanding", "necessary", "location", "locations"}
)
# What a noun is in, and nobody orders: `backup in progress?`, `restore under way somewhere`.
_GOING_ON = re.compile(r"\W*(?:currently |still )?(?:in progress|under ?way|ongoing|going on|running|pending)\b")
_ASKS_AFTER = re.compile(
    r"[,:;] (?:when|how long|how often|what time|at what time|who|why|which)\b|\b(?:at )?what (?:hour|time)\b|"
    r"\btook how long\b"
)
# `power out now, how long on battery?`, `power is back, is everything up?`
_OF_THE_MAINS = re.compile(
    r"power (?:out|cuts?|outages?|fail\w*|loss|gone|is|was|went|goes|came|comes|flicker\w*|has|had)\b"
)
_QUESTION_WORDS = frozenset({"what", "when", "why", "who"})
_SAYS_HOW_IT_WENT = frozenset({"FAIL", "WRONG", "DOWN", "FINE", "FULL", "FINISHED", "RUNBOOK", "LOG"})
_ASKS = re.compile(r"\b(?:when|why|how|(?<!see )what|which|who|(?<!to )where|if)\b")


@dataclass(frozen=True, slots=True)
class Order:
    """The kind of change that is ordered (`reboot`), empty when none is, and where in the text its verb begins."""

    action: str = ""
    start: int = 0


# `unlock web - allowed?` asks, and orders nothing.
_LEAVE_ASKED = re.compile(
    r"\bis (?:that|this|it) (?:a )?(?:fine|ok|okay|safe|allowed|good|wise|possible|risky|bad)\b[^.?!]*\W*$|"
    r"[,;:.!?-] *(?:allowed|ok|okay|safe|risky|wise|good idea|(?:any )?objections?|risks?|or not|go/no-go)\?+$|"
    r" (?:safe|ok|okay|allowed|risky|wise|possible|advisable)\?+$|\b(?:safe|ok|okay|or|yay) (?:or )?(?:not|nay|no)\W*$|"
    r"[,;:.-] (?:is there )?any(?:thing)? (?:\w+ ){0,4}(?:blockers?|in the way|against it|objections?|risks?)\W*$|"
    r"[,;:.-] (?:and )?(?:does|do|will|would|is|are) (?!you\b)[^.?!]*\b(?:stays?|survives?|keeps?|loses?|breaks?|hurt|"
    r"affected|verified|in the way|yes or no)\b[^.?!]*\W*$"
)
# `unlock a locked vm: how?`, `scrub reported errors, next steps?`
_ASKS_HOW = re.compile(
    r"(?:[,:;-]|\band|\bor)? ?how(?: is (?:that|it) done)?\W*$|\b(?:how-?to|procedure|next steps?|next actions?|"
    r"fix per runbook|notes|docs?|checklist|instructions)\W*$|"
    r"\bhow (?:do|should|can) (?:i|we) (?:decide|know|choose|tell)\b|"
    r"\bwhat (?:do|should|must) (?:i|we) (?:check|run|verify|look)\b|\bwhat are the steps\b"
)
# `I'd unplug pve3 and clean its fan, what will be offline?`
_WHAT_FOLLOWS = re.compile(
    r"[,.:;] (?:and )?(?:what|which \w+|who) (?:\w+ )?(?:will|would|goes|go|is|are|breaks?|dies?|stops?)\b(?! wrong)"
    r"(?: \w+){0,3}?(?: (?:offline|down|dark|unavailable|hit|affected|missing|dead|off))?\W*$"
)
_BY_ACCIDENT = re.compile(r"\b(?:by (?:accident|mistake|error)|accidentally|mistakenly|inadvertently)\b")
_OF_A_FIGURE = frozenset(
    {"value", "values", "time", "date", "level", "point", "figure", "and", "readiness", "status", "test", "tests", "of"}
)


# `boot order of web`, `drain over the last hour`, `have the hosts anything to do with it?`
_NO_ORDER = re.compile(
    r"\W*(?:(?:boot|start|start-?up) (?:order|sequence|position|delay)|drain (?:over|of|rate|so far|now|speed)|"
    r"have (?:the|my|our) \w+ (?:anything|something|nothing|ever|been|enough|any|got))\b"
)


def order_in(lowered: str, words: Sequence[Token]) -> Order:
    """What is ordered: the verb must lead a sentence. What may happen by accident nobody orders."""
    if (
        _ASKS_HOW.search(lowered)
        or _WHAT_FOLLOWS.search(lowered)
        or _BY_ACCIDENT.search(lowered)
        or _LEAVE_ASKED.search(lowered)
    ):
        return Order()
    begins = (match.end() for match in _NEXT_SENTENCE.finditer(lowered) if not _goes_on(lowered, match))
    for begin in (0, *begins):
        order = _led_by(lowered[begin:], words, begin)
        if order.action:
            return order
    forbidden = _FORBIDS.match(lowered)
    told = lowered[forbidden.end() :].split()[:1] if forbidden and not lowered.endswith("?") else []
    return Order("leave", 0) if told and told[0] in ACTIONS else Order()


def _goes_on(lowered: str, joint: re.Match[str]) -> bool:
    """Whether what an `and` joins is asked or forbidden like what is before it: `who can stop and delete guests?`,
    `do not stop web and delete it`, with or without a comma."""
    if not joint.group().startswith((" and", " so", ", and")):
        return False
    clause = re.split("[,;:.!?]", lowered[max(0, joint.start() - LONGEST_CLAUSE) : joint.start()])[-1].strip()
    return bool(_ASKING.match(clause) or _FORBIDS.match(clause))


def deed_in(lowered: str, words: Sequence[Token]) -> Order:
    """The kind of change that it is asked how to do: `how do I silence HighCpu`, `steps to restore web`."""
    if asked := _ASKS_HOW.search(lowered):
        return _led_by(lowered[: asked.start()], words, 0)
    how = _HOW_TO.search(lowered)
    return _led_by(_of_a_gerund(lowered[how.end() :]), words, how.end()) if how else Order()


def _of_a_gerund(rest: str) -> str:
    """`taking pve1 down` as `take   pve1 down`: as long, since places in it are those of the text."""
    word = rest.partition(" ")[0]
    verb = _BASE.get(stem(word), "") if word.endswith("ing") else ""
    return f"{verb:{len(word)}}{rest[len(word) :]}" if verb else rest


def _led_by(lowered: str, words: Sequence[Token], begin: int) -> Order:
    rest = _POLITE.sub("", lowered)
    start = begin + len(lowered) - len(rest)
    left = [token for token in words if rest and start <= token.start]
    return Order(_action(rest, left, lowered, begin), start)


def _action(rest: str, left: Sequence[Token], lowered: str, begin: int) -> str:
    """The kind of change of the words that are left: a phrase, or a verb that comes first."""
    clause = _ENDS.split(rest, maxsplit=1)[0][:LONGEST_CLAUSE]
    if _OF_THE_MAINS.match(clause) or _NO_ORDER.match(clause):
        return ""
    phrase = next((action for pattern, action in PHRASES if pattern.match(clause)), "")
    if phrase and (phrase == "notify" or not _ASKS.search(rest)):
        return phrase
    first = rest.partition(" ")[0]
    if first in WITH_OBJECT and _has_object(clause, left):
        return WITH_OBJECT[first]
    verb = (_verb_of(left[0], lowered, begin) or (first if first in ACTIONS else "")) if left else ""
    if not verb:
        return ""
    after = left[1] if len(left) > 1 else None
    following = after.text if after else ""
    if following in _OF_A_FIGURE or following in _QUESTION_WORDS or following in _AFTER_ANY_NOUN:
        return ""  # `start value, current value`
    if verb in _NOUNS_TOO and ((after and _is_of_a_noun(after)) or _is_asked_about(left[0], lowered, begin)):
        return ""
    if verb in _ONLY_WITH_OBJECT and not following:
        return ""
    if following in _NO_ORDER_BEFORE.get(verb, ()) or (verb in _ORDER_BEFORE and following not in _ORDER_BEFORE[verb]):
        return ""
    return ACTIONS[verb]


_OBJECT = re.compile(r"\S+ (?:the|my|our|all|every|each|both|that|this|these|those|it|them|ports? \d+|\d{3,})(?![\w-])")
_SAYS = re.compile(r"\b(?:is|are|was|were|has|have|had|did|does|keeps?|seems?)\b")


def _has_object(clause: str, left: Sequence[Token]) -> bool:
    """`fence pve2`, `open port 8096`, and neither `open alerts` nor `block the disk is in`."""
    told = len(left) > 1 and not all(lexicon().lists(token) for token in left[:2])
    if clause.endswith("?") or re.search(r"\b(?:which|what|who|how|why) ", clause):
        return False  # `tag iot -> which guests`
    said = re.split(r",| (?:so|because|if|while|that|which|before|after|when|since) ", clause)[0]
    return bool(told or _OBJECT.match(clause)) and not _SAYS.search(said)


def _is_asked_about(noun: Token, lowered: str, begin: int) -> bool:
    """`backup in progress?`, `prune at tank, when did it run last`."""
    behind = lowered[noun.end - begin :]
    return bool(_GOING_ON.match(behind) or _ASKS_AFTER.search(behind))


def _is_of_a_noun(token: Token) -> bool:
    """What follows a noun: `backup failed`, `verify jobs`; what follows a verb is what it is done to."""
    return token.text in _AFTER_A_NOUN or bool(lexicon().concepts([token])[0] & _SAYS_HOW_IT_WENT)


def _verb_of(token: Token, lowered: str, begin: int) -> str:
    """The verb that leads an order; after `would you mind` it ends in -ing."""
    if token.text in ACTIONS:
        return token.text
    if token.text.endswith("ing") and "mind " in lowered[: token.start - begin]:
        return next((verb for verb in ACTIONS if stem(verb) == token.stem), "")
    return ""


def has_deed(words: Sequence[Token]) -> bool:
    """Whether a change is spoken of as something to do: `can I reboot pve1`, not `how did it grow`."""
    return any(
        token.text in ACTIONS
        and token.text not in _NO_DEEDS
        and not (token.text == "stop" and at + 1 < len(words) and words[at + 1].text.startswith("worry"))
        and (at == 0 or words[at - 1].text in _DOERS)
        and not (token.text in _NOUNS_TOO and at and words[at - 1].text in ("a", "the"))
        and not (token.text in _NOUNS_TOO and at + 1 < len(words) and _is_of_a_noun(words[at + 1]))
        for at, token in enumerate(words)
    ) or any(token.text.endswith("ing") and token.stem in _STEMS for token in words)
