"""Orders that are not said as one: `I want web restarted`, `web needs a reboot, do it`, `web: new snapshot please`.

What is wished for is put into the form of an order, `restart web`, so that it is read like one. That changes nothing
by itself: an order is answered by how it is done by hand. What only asks stays as it is, and so does what states that
something is due without telling anybody to do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from nightshift.agent.builtin.orders.aims import part_of
from nightshift.agent.builtin.orders.order import order_in
from nightshift.agent.builtin.words.tokens import plain, stem, tokens, word_set
from nightshift.agent.builtin.words.verbs import ACTIONS

_Parts = Mapping[str, str]
"""What a form found: the thing `x`, what is wished of it, the `rest`, and what was said `before`."""
_Forms = tuple[tuple[re.Pattern[str], Callable[[_Parts], str]], ...]
LONGEST = 400
MOST_WORDS = 8
"""A subject of more words is a sentence of its own."""

_WANT = (
    r"\b(?:i|we)(?:['’]d| would)?(?: (?:now|then|really|just|also))? (?:want|need|like|love|wish|prefer)"
    r"(?: to have| to see| for)?"
)
_BY_YOU = re.compile(
    rf"(?i)^(?P<before>.*?)(?:{_WANT} (?:(?:that|if) )?you (?:to |would |could )?|"
    r"\b(?:i|we)(?: would|['’]?d) be (?:grateful|happy|glad|thankful|pleased) if you (?:could|would|can) |"
    r"\bit(?: would|['’]?d) be (?:so |very )?[a-z]+ if you (?:could |would |can )?|"
    r"\b(?:would|could|can|will) you (?:(?:please|kindly|just|now) )+)(?P<rest>[^?]+)\??$"
)
# What tells that it shall be done, and not only that it is due.
_GO = (
    r"(?:please|pls|plz|for me|do (?:it|so|that)|make it so|(?:would|will|can|could) you\b[^?]*|set (?:it|that|"
    r"this)(?: so)?|"
    r"(?:do )?(?:take|create|make|start|activate|reactivate|execute) (?:it|one|that)|quick(?:ly)?|hurry|be quick|now|"
    r"right now|at once|asap|immediately|urgent(?:ly)?|be so good|(?:will )?only take a sec|thanks|thank you)"
)
_GOES = re.compile(
    rf"(?i)(?:[,;:.!]|\s[-–—])+\s*(?:and |so )?{_GO}(?:[ ,]+{_GO})*\W*$|\b(?:please|pls|plz|now|for me)\W*$"
)
_OPENERS = "is|are|was|were|do|does|did|has|have|had|can|could|may|might|should|shall|will|would"
_ASKS = re.compile(
    rf"(?i)^\W*(?:(?:and|so|but|ok|hey|hi),? )*(?:{_OPENERS}|any)\b(?! you\b)|"
    rf"[,;:.!?-] (?:and )?(?:{_OPENERS}) (?!you\b)(?!it\b)|"
    r"\b(?:how|why|whether|what|which|when|who|where|if|anything)\b"
)
_REPORT = re.compile(
    r"(?i)[,;.]? (?:and |then |n )*(?:say so|report(?: back)?|tell me|let me know|"
    r"give me a shout|confirm)\b(?: (?:when|once|if|after)\b[^,;?]*| afterwards)?\W*$"
)
_IT_IF = re.compile(r"(?i)\b(?:love|like|prefer|appreciate) it (?:\w+ )?if\b")
_HAVES = re.compile(r"(?i)^(?:please |pls )?have (?:the |my |our )?\S+")
# `I need nothing stopped on pve1`, `web does not need a reboot`: who wishes that something be left alone.
_DENIED = re.compile(
    r"(?i)\b(?:not|never|no|none|nothing|nobody|neither|nor|hardly|cannot|without|(?:does|do|is|are|did|was|wo|should|need)"
    r"n['’]?t)\b(?!-)"
)
# `I need the tasks started last night`: what was done is to be shown, and nothing to be done again.
_DONE_BEFORE = re.compile(
    r"(?i)\W*(?:since|yesterday|recently|earlier|so far|in the last|over the last|within the last|during|this morning|"
    r"last \w+|(?:\w+ ){1,3}ago)\b"
)
_IRREGULAR = {
    "shut": "shut", "set": "set", "frozen": "freeze", "taken": "take", "brought": "bring", "thrown": "throw",
    "put": "put", "switched": "switch", "turned": "turn", "powered": "power", "backed": "back",
    "backing": "back",
    "hard-reset": "reset", "hard-resetted": "reset", "moved": "move", "running": "start",
    "grew": "grow", "grown": "grow", "gave": "give", "given": "give", "took": "take", "kicked": "kick",
    "threw": "throw", "froze": "freeze", "shrank": "shrink", "shrunk": "shrink", "made": "make", "ran": "run",
}  # fmt: skip
_DONE = rf"(?P<done>[a-z]{{2,14}}ed|{'|'.join(_IRREGULAR)})"
_DEEDS = r"(?:snapshots?|snap|backup|vzdump|reboot|restart|reset|shutdown|scrub|verification|migration)"
_AS_VERBS = {"snapshots": "snapshot", "snap": "snapshot", "vzdump": "backup", "migration": "migrate",
             "verification": "verify"}  # fmt: skip
_FRESH = r"(?:(?:a|an|another|one more|new|quick|fresh|extra|manual|additional|unscheduled|pre-\w+|one|hard|short) )"
_X = r"(?P<x>(?!(?:to|that)\b)(?!.*\b(?:number|count|list|know|times)\b)[^,;:?!]{2,60}?)"
_WISHED = re.compile(
    rf"(?i)^(?P<before>.*?){_WANT} {_X} (?:to be |being |be |get |got |was |were )?{_DONE}\b(?P<rest>.*)$"
)
_HAVE = re.compile(rf"(?i)^(?:please |pls )?(?:have|get) (?!rid\b){_X} {_DONE}\b(?P<rest>.*)$")
_DUE = re.compile(
    rf"(?i)^(?:the |our |my )?{_X} (?:(?:needs? to|has to|have to|must|should|is to|ought to) be|needs?|wants?) "
    rf"(?P<done>[a-z]{{2,14}}(?:ed|ing)|{'|'.join(_IRREGULAR)})\b(?P<rest>.*)$"
)
_WANTS_DEED = re.compile(rf"(?i)^(?P<before>.*?){_WANT} {_FRESH}*(?P<deed>{_DEEDS})\b(?P<rest>.*)$")
_DOES = r"(?P<rest>(?:start|begin|run|accept|come back) .*)$"
_WANTS_TO = re.compile(rf"(?i)^(?P<before>.*?){_WANT} {_X} to {_DOES}")
_HAVE_DO = re.compile(rf"(?i)^(?:please |pls )?have (?P<x>[^,;:?!]{{2,60}}?) {_DOES}")
_SHOULD = re.compile(rf"(?i)^{_X} should {_DOES}")
_NEEDS_DEED = re.compile(
    rf"(?i)^(?P<x>(?!.*\b(?:i|we)\b)[^,;:?!]{{2,60}}?) (?:needs?|wants?|"
    rf"requires?) {_FRESH}*(?P<deed>{_DEEDS})\b(?P<rest>.*)$"
)
_STILL_TO_DO = r"(?! (?:[a-z]+ed|did|was|is|has|had|went|took)\b)"  # `web: quick reboot fixed it`
_NOUN_PHRASE = re.compile(
    rf"(?i)^(?:(?P<x>[^,;:?!]{{2,40}}): )?(?:please )?{_FRESH}+(?P<deed>{_DEEDS})\b{_STILL_TO_DO}(?P<rest>.*)$"
)
_SWITCHED = re.compile(
    r"(?i)^(?P<why>to [^,:;]{3,40}: )?(?P<x>[\w.-]+(?: (?:vm|ct|container|node|server))?)[,:]? "
    r"(?P<to>off|on|(?(why)down|down(?=.*\b(?:please|pls|plz|for me)\b)))"  # `nextcloud down now` complains
    r"(?P<then>(?:(?: and|,) (?:then )?)on(?: again)?)?(?P<rest> (?:before|now|please|pls|for me)\b.*|[,.;:].*|)$"
)
# What says that it is a wish: `would be nice if web was rebooted`, `let's get web updated`, `could we have a new rule`.
_FRAME = re.compile(
    r"(?i)^\W*(?:(?:(?:it|that)(?: would|['’]d)(?: \w+)??|would) (?:be|help|mean)(?! .*\b(?:know|hear|learn|bad|"
    r"strange|odd|weird|awful|terrible|sad|pity)\b)(?: \w+){0,3}? (?:if|when|to (?:have|get|see))|(?:i|we)(?: would|"
    r"['’]d) (?:\w+ it|be(?: \w+)? (?:obliged|grateful|happy|glad|pleased))(?: \w+)? (?:if|when|were)|(?:i|we)(?: "
    r"\w+)? wish|(?:i|we|you)(?: \w+)? (?:ought to|should|must|need to)(?= (?:get|have) )|(?:[a-z'’]+ ){0,2}(?:wish|"
    r"request|mission|chore|to-?do|your (?:task|job)|(?:task|job) for you)(?: (?:for|of) \w+)?(?: is|:)|(?:see(?: to "
    r"it)? that|make sure|ensure|arrange|take care)(?! .*running)|any chance(?= (?:that )?(?:you|some|any))|"
    r"let(?:['’]?s| us)|(?:it['’]?s |it is )(?:high |about )?time(?: to)?|feel free to|(?:can|could|may) i (?:trouble|"
    r"ask|bother) \w+ to|do (?:me|us) (?:a|the|one)(?: \w+)? (?:favou?r|kindness)(?: and|[:,])?|(?P<get>(?:can|could|"
    r"may) (?:we|i|(?:some|any)(?:one|body))(?= (?:please )?(?:get|have) (?!.*\bwithout\b))))(?: that)?(?: "
    r"please)?\s+(?:please )?"
)
_SHALL_WE = re.compile(r"(?i)(?:, ?(?:(?:shall|can|could) we|(?:will|would|can|could) you|ok|okay|please))?\W*$")
_SOFTLY = r"(?:(?:really|just|please|finally|kindly|perhaps|maybe|also|now|simply|at last) )*"
_MODAL = r"(?:should|must|ought to|ha(?:s|ve|d) to|needs? to|had better|better|could|would|can|might|will|may|want to)"
_SOMEBODY = re.compile(
    rf"(?i)^\W*(?:(?:some|any)(?:one|body)|you|one of you|we)(?: else| there)? (?P<modal>{_SOFTLY}{_MODAL} )?"
    rf"{_SOFTLY}(?P<done>[a-z-]+) (?P<rest>.+)$"
)
_PASSIVE = re.compile(
    rf"(?i)^(?P<x>[^,;:?!]{{2,60}}?) (?:{_MODAL} )?(?:to )?(?:is|are|was|were|be|being|gets?|got) {_SOFTLY}{_DONE}\b"
    r"(?P<rest>.*)$"
)
_GIVEN = re.compile(r"(?i)^((?:the |our |my )?[\w.-]+) (?:gets?|got|had|receives?) (?=more |another |\d)")
_NEW = re.compile(
    r"(?i)^(?:get|have) (?=an? (?:\w+ ){0,2}(?:rule|alert|alarm|silence|dashboard|user|vm|container|lxc|snapshot)\b"
    r"(?! (?:list|status|state|overview|report|history|count|log)))"
)
_SETTING = re.compile(r"(?i)^(?P<x>[a-z]+ ?= ?\w+) (?:for|on|of|at) (?P<rest>.+)$")
_ARROW = re.compile(r"^(?P<x>\S+(?: \S+)?) ?(?:-+|=)> ?(?P<y>[\w.-]+)(?P<rest>[ ,;:.!].*|)$")
_IT = re.compile(
    r"(?i)^(?P<told>[^?]*?)(?:[,;.:!]|\s[-–—])+\s*(?:and |so |just |then )*(?:please |pls |now )*"
    r"(?:(?:can|could|would) you )?(?:please )?(?P<verb>[a-z-]{3,12}(?: (?:rid of|back|out|away|cycle))?) "
    r"(?P<pronoun>(?:it|them)\b|(?:that|this|one)\b(?! [a-z]))(?P<rest>.*)$"
)
_SUBJECT = re.compile(
    r"(?i)^(?:(?:my|our|the) \w+ (?:says?|said|thinks?|told me|tells me|wants) (?:that )?)?"
    r"(?:as |there is |there['’]?s |we have |(?:i|we) (?:do not|don['’]?t|no longer) (?:need|want|"
    r"use)(?: to hear(?: from| about)?)? |"
    r"(?:i|we) (?:need|want|have) )?(?:the |our |my |a |an )?"
    r"(?!(?:to|good|ok|okay|fine|great|thanks|next|well|right|perfect|cool|nice|yes|no|alright|now|i|we|it)\b)"
    r"(?P<subject>[^,;:?!]{2,60}?)(?: (?:is|are|was|has|have|can|needs?|hangs?|wants?|gets?|should|must|makes|"
    r"isn['’]?t|"
    r"on hold|any ?more|no longer|gone|running)\b|,|$)"
)
# `web: new snapshot`, `pve2 off, before the battery dies`
_SELF_TOLD = re.compile(
    rf"(?i)^[^,;:?!]{{2,40}}: {_FRESH}+{_DEEDS}\b{_STILL_TO_DO}|^\S+ off,? before\b|^\S+: off,? then on\b|"
    rf"^\S+ (?:back )?(?:out of|into) (?:maintenance|service)\b(?! (?:since|for|again|after|at|yesterday|last)\b)"
)
_MAINTAINED = re.compile(r"(?i)^(?P<x>\S+) (?:back )?(?P<to>(?:out of|into) (?:maintenance|service)\b.*)$")
_STATE = re.compile(r"(?i)\b(?:should|must|has to|needs? to) be \w+ed\b")
# What ends no name of a thing: `get the stopped VMs`, `the guests that were restarted`.
_NO_END = word_set("the a an all any my our of me every that which who were was are is been be")
_OF = re.compile(r"(?i)^(?:, *)?(?:of|for|on|from) (?:it\b)?")
_WHERE = frozenset({"on", "in", "at"})
_LACKED = frozenset({"no", "without", "lacks"})
_ENDS_A_STATE = frozenset({"switch", "turn", "stop", "cancel", "remove", "clear", "lift", "disable", "deactivate"})
_SAID_OF_NO_THING = frozenset({"create", "make", "set", "run", "execute", "start", "change"})
_OF_IT = (
    frozenset({*ACTIONS, "put", "turn", "switch", "bring", "take", "halt", "free", "bin"})
    | frozenset({"get rid of", "throw out", "throw away", "put back", "take out", "power cycle"})
) - _SAID_OF_NO_THING


def as_order(text: str) -> str:
    """The text in the form of an order where it is a wish; as it is where it is none."""
    said = " ".join(text.split())
    if len(said) > LONGEST:
        return text
    said = _REPORT.sub("", _IT_IF.sub("like", said))
    by_you = _BY_YOU.match(said)
    if by_you is not None and not _ASKS.search(by_you["before"]) and not _is_denied(by_you["before"]):
        verb, _, what = by_you["rest"].partition(" ")
        return f"{_verb(verb) or verb} {what}. {by_you['before'].strip(' ,;:-')}".strip(" .")
    goes = _GOES.search(said)
    if wish := _framed(said):
        return wish
    asked = _ASKS.search(said[: goes.start()] if goes else said) and not _HAVES.match(said)
    if asked or (said.endswith("?") and not goes):
        return text
    lowered = plain(said)
    order = order_in(lowered, tokens(lowered))
    if order.action and order.start < len(lowered) // 4:
        return text
    return (
        _in_form(said, _WISH_FORMS)
        or (_told(said) if goes or _IT.match(said) or _SELF_TOLD.search(said) else "")
        or text
    )


def _framed(said: str) -> str:
    """What is wished behind words that only say so, where that is a change: the order, or empty."""
    frame = _FRAME.match(said)
    rest = _SHALL_WE.sub("", said[frame.end() :] if frame else said)
    rest = _GIVEN.sub(r"give \1 ", rest) if frame else rest
    somebody, passive = _SOMEBODY.match(rest), _PASSIVE.match(rest)
    forms: list[str] = []
    if somebody and (frame or (somebody["modal"] and not said.endswith("?"))):
        verb = somebody["done"].lower()
        forms.append(f"{_verb(verb) or verb} {somebody['rest']}")
    if frame and passive and not _ASKS.search(passive["x"]) and not _is_denied("", passive["x"]):
        forms.append(_participle({**passive.groupdict("")}))
    if frame and not somebody:
        had = rest if re.match("(?:get|have) ", rest, re.IGNORECASE) else f"have {rest}"
        forms += [_in_form(had, _WISH_FORMS), _NEW.sub("create ", rest) if _NEW.match(rest) else ""]
        forms += [] if frame["get"] or passive else [rest, _in_form(rest, _DUE_FORMS)]
    return next((form for form in forms if form and order_in(plain(form), tokens(plain(form))).action), "")


def _is_denied(before: str, thing: str = "") -> bool:
    """Whether the clause that leads to the wish, or what it is about, says that it is none: `I never said that I want
    you to delete web`, but not `I do not use web any more, I want it deleted`."""
    return any(_DENIED.search(part) for part in (re.split("[,;:.!]", before)[-1], thing))


def _told(said: str) -> str:
    """Of what is said to be due, with the word to do it."""
    return _in_form(said, _DUE_FORMS) or _pointed(said) or _in_brief(said)


def _in_form(said: str, forms: _Forms) -> str:
    """The order by the first of the forms that has it and that is no denial, with what was said before it."""
    for form, put in forms:
        found = form.match(said)
        parts = {"before": "", "x": "", **found.groupdict("")} if found else {}
        if parts and not _is_denied(parts["before"], parts["x"]) and (order := put(parts)):
            return f"{order}. {parts['before'].strip()}".strip(" .")
    return ""


def _deed(parts: _Parts) -> str:
    """`a snapshot of web`"""
    return " ".join(filter(None, (_verb(parts["deed"]), parts["x"], _OF.sub("", parts["rest"].strip()))))


def _let(parts: _Parts) -> str:
    """`the nightly job to start at four`"""
    return f"let {parts['x']} {parts['rest']}"


def _participle(parts: _Parts) -> str:
    """`web switched off`"""
    verb = _verb(parts["done"])
    return f"{verb} {parts['x']}{parts['rest']}" if verb and parts["x"].lower().split()[-1] not in _NO_END else ""


def _anew(parts: _Parts) -> str:
    return "" if _DONE_BEFORE.match(parts["rest"]) else _participle(parts)


_WISH_FORMS: _Forms = (
    (_SETTING, "set {x} of {rest}".format_map),
    (_WANTS_DEED, _deed), (_WANTS_TO, _let), (_HAVE_DO, _let), (_WISHED, _anew), (_HAVE, _anew),
)  # fmt: skip
_DUE_FORMS: _Forms = ((_NEEDS_DEED, _deed), (_NOUN_PHRASE, _deed), (_SHOULD, _let), (_DUE, _participle))


def _pointed(said: str) -> str:
    """`the snapshot of web can go, remove it`: what `it` is comes before."""
    it = _IT.match(said)
    if it is None or it["verb"].lower() not in _OF_IT:
        return ""
    verb, told = it["verb"], it["told"]
    subject = _SUBJECT.match(told)
    of_a_state = "activate" in verb.lower() and _STATE.search(told)
    if subject is None or of_a_state or len(subject["subject"].split()) > MOST_WORDS:
        return ""
    lock = verb.lower() in ("free", "release", "take", "lift") and "lock" in told.lower()
    if lock or "there" in it["rest"].split():
        return f"{'unlock' if lock else verb} {subject['subject']}. {told}"
    of = _of_which(it, subject)
    return "" if of is None else f"{verb} {of}{subject['subject']}{it['rest']}"


def _of_which(it: re.Match[str], subject: re.Match[str]) -> str | None:
    """`nextcloud has a lock: remove it`: what is told of the subject and agrees with the pronoun is meant, not the
    subject. None where that is what it has not: `nextcloud has no backup, delete it`."""
    if "maintenance" in it["told"].lower() and it["verb"].lower() in _ENDS_A_STATE:
        return "maintenance of "  # and not the node that is in it
    many = it["pronoun"].lower() == "them"
    behind = re.findall(r"[a-z]+", it["told"][subject.end("subject") :].lower())
    at = next((at for at, word in reversed([*enumerate(behind)]) if part_of(word) and word.endswith("s") == many), None)
    if at is None:
        return ""
    leads = set(behind[max(0, at - 3) : at])
    if leads & _WHERE:
        return ""  # `web is on the old storage, delete it`: that is where it is
    return None if leads & _LACKED else f"the {behind[at]} of "


def _in_brief(said: str) -> str:
    """Without a verb: `web -> pve2 please`, `pve2 out of maintenance`, `web off, now`."""
    arrow = _ARROW.match(said)
    if arrow is not None:
        return f"migrate {arrow['x']} to {arrow['y']}{arrow['rest']}"
    maintained = _MAINTAINED.match(said)
    if maintained is not None:
        return f"take {maintained['x']} {maintained['to']}"
    switched = _SWITCHED.match(said)
    if switched is None:
        return ""
    if switched["then"]:
        return f"restart {switched['x']}{switched['rest']}"
    return f"turn {switched['x']} {switched['to']}{switched['rest']}"


def _verb(done: str) -> str:
    """The verb of a participle, or of a noun that names a deed; empty where it is no change."""
    word = done.lower()
    if word in _IRREGULAR or word in _AS_VERBS or word in ACTIONS:
        return _IRREGULAR.get(word) or _AS_VERBS.get(word) or word
    root = stem(word)
    return next((verb for verb in ACTIONS if root in (stem(verb), stem(f"{verb}{verb[-1]}ed"))), "")
