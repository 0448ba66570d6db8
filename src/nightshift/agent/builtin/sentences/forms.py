"""The form of a question: whether it wants a yes or a no."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.claims import without_the_claimant
from nightshift.agent.builtin.words.services import roles
from nightshift.agent.builtin.words.verbs import ACTIONS

_FILLERS = (
    r"(?:(?:hey|hi|hello|so|and|but|ok|okay|well|please|quick check|quick question|tell me|by the way|btw)[,:.! ]+)*"
)
_OPENERS = (
    r"(?:is|are|was|were|am|does|do|did|has|have|had|can|could|will|would|may|might|isn't|aren't|ain't|any)\b|"
    r"(?:check|tell me|know|see) (?:if|whether)\b"
)
_YES_OR_NO = re.compile(rf"^{_FILLERS}(?:{_OPENERS})", re.IGNORECASE)
# `… because of the certificate, didn't it?`
_TAGGED = re.compile(
    r", (?:is|are|was|were|do|does|did|has|have|ca|wo)(?:n't| not)? (?:it|he|she|they|that|this|there)(?: not)?\?+$|"
    r", (?:right|correct|true)\?+$",
    re.IGNORECASE,
)
_EXPLICIT = re.compile(r"\b(?:yes or no|yes/no|y/n)\b", re.IGNORECASE)
# `is it a VM or a container?`, `can you tell me what …?`
_CHOICE = re.compile(r"\bor\b(?! not\b| no\b)|^\W*(?:can|could|would|will) you\b", re.IGNORECASE)
_DONE_TO = (
    r"(?:pull|remov|delet|drop|destroy|wip|eras|unplug|detach|disconnect|yank|swapp?|replac|reboot|restart|stopp?|kill|"
    r"shutt?|power|switch|turn|tak|tear|rip)(?:e|ed|ing|en|n)?|taken|torn|shut|pulled"
)
# `can the dead disk come out without hurting anything?`: that the disk is dead makes no yes of it.
_LEAVE = re.compile(
    rf"\b(?:safe|ok|okay|fine|alright|all right|allowed|risky|dangerous|harmless|wise) (?:for \w+ )?to\b|"
    rf"\b(?:can|could|may|might|should) (?:i|we|one|somebody|someone)\b(?: \w+)?? (?:{_DONE_TO})\b|"
    rf"\b(?:can|could|may|might|should)\b.* (?:come|go) (?:out|away|off)\b|"
    rf"\b(?:can|could|may|might|should)\b.* be (?:safely )?(?:{_DONE_TO})\b|"
    r"\bsafely\b|\bwithout (?:any |a |the )?"
    r"(?:hurt|harm|break|los(?:s|ing)|risk|damag|danger|trouble|affect|disturb|kill|endanger)\w*",
    re.IGNORECASE,
)
# Templates are no guests to anybody who counts guests, so that this takes nothing away.
_NO_TEMPLATES = re.compile(
    r"(?P<of>\b(?:guests?|vms?|machines?|containers?|lxcs?|cts?)\b.{0,200}?)[(,;:-]*\s*"
    r"\b(?:(?:no|not|without|except|ignore|ignoring|minus|not counting|excluding|leav(?:e|ing) out|apart from)"
    r"(?: the| any| our)?(?: \w+ (?:or|and|nor))? templates?|"
    r"templates? (?:(?:left |put |set )?aside|excluded|left out))\b\)?",
    re.IGNORECASE,
)


# Why it is asked is no part of the question: `where does web live, I want to hear whether that one is noisy`.
_REASON = re.compile(
    r"^(?P<asked>\W*(?:what|which|when|where|who|how|is|are|was|does|do|did|has|have|can)\b(?:['’]\w+)?"
    r"(?: [\w'’.-]+){2,16}?)(?:,|\s-|;)? (?:because|cause|cos|since|as) i \b.*$|"
    r"^(?P<asked2>\W*(?:what|which|when|where|who|how|is|are|was|does|do|did|has|have|can)\b[^,.?!;]{6,120}),"
    r" i (?:just |only )?(?:want|need|have|would like|'d like) to (?:hear|know|see|decide|find|tell|plan|check)\b.*$",
    re.IGNORECASE,
)


# Who asks is no part of it either: `my nephew wants to know how many …`, `the boss asks whether …`.
_ON_BEHALF = re.compile(
    r"^\W*(?!(?:who|what|which|when|where|why|how|nobody|nothing)\b)(?:(?:my|our|the|his|her|"
    r"a) )?[a-z]+(?:'d)?(?: \w+)?? "
    r"(?:(?:wants?|needs?|(?:would )?like|would love) to (?:know|hear)|(?:asks?|asked|is asking|keeps asking)(?: me|"
    r" us)?|"
    r"wonders?|is wondering|am wondering)[,:]? (?=(?P<whether>if|whether)\b|(?:what|which|who|whose|when|where|why|"
    r"how)\b)",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"^(?P<asked>[^?]{6,160}\?)\s+(?:(?:i|we)(?:'d| would| just| only)? (?:just |only )?(?:need|want|like|love)|"
    r"need|want|wanna|just (?:asking|curious)|(?:he|she|they)(?:'s|s| is| are)? ask(?:s|ing)? me)\b"
    r"(?P<why>[^?]{3,120})$",
    re.IGNORECASE,
)


# `which of them are disabled, if any?` supposes nothing.
_IF_ANY = re.compile(
    r",? \bif (?:(?:you|we)(?:'ve| have)? (?:got|have|scrape|measure|track|collect) (?:it|that|this|them|any)|"
    r"any\w*|so|yes|not|possible|at all|there (?:is|are|were) (?:any|some|one)|you can|known|applicable)"
    r"(?=[,.?!]|$)|,? \bif (?:yes|so|possible)\b(?=,? (?:which|tell|name|show|what|who|say|how|when|where)s?\b)|"
    r",(?: please,?)? (?!up or down)(?:running|on|up|started|alive) or (?:not|off|down|stopped)(?=[.?!]|$)|"
    r"[,.;]?\s*\bif (?:you|it|they|pve|pbs|proxmox) (?:do(?:es)? not|do(?:es)?n'?t|can ?not|can'?t|will not|won'?t|"
    r"are not|aren'?t)(?: (?:know|tell|see|say|talk|answer|read|able|sure|so|me|it|that|to)){0,4}"
    r"(?:, (?:just )?(?:say so|tell me(?: so)?|be honest|admit it))?(?=[,.?!]|$)[,.]?",
    re.IGNORECASE,
)


# What does a work is called by it: `is there a box that does logs?` as `is there a logs server?`
_BY_WORK = re.compile(
    r"\b(?:box|machine|guest|vm|container|server|one|thing|something|anything)(?: here| there)?(?: that| which)? "
    r"(?:does|runs|handles|stores|keeps|holds|hosts) (?:the |our |my |all |your )*([a-z]+)\b",
    re.IGNORECASE,
)
_THEY_ASK = re.compile(r"\? \S+(?: is| are)? ask(?:s|ing)? me\b", re.IGNORECASE)
# `Give me its snapshots before I roll back to one`: what is planned is no part of what is wanted now.
_BEFORE_I = re.compile(
    r"^(?P<asked>\W*(?:i (?:just )?(?:need|want)|show|tell me|give me|list)\b(?!.*\b(?:to (?:do|check)|steps?|how)\b)"
    r"[^?]{6,120}?),? before (?:i|we) \w+[^?]*$",
    re.IGNORECASE,
)
# `run a health check`: who reads only can do that much.
_CHECKUP = re.compile(
    r"\b(?:run|do|perform|make|start|write|prepare) (?:me |us )?(?:a |an )?(?:quick |full |short |little |brief )*"
    r"(?:(?:health|status|sanity|system)[- ]?(?:check|scan|sweep)|(?<=full )(?:check|scan|sweep)|"
    r"check-?up|diagnos(?:is|tics)|triage|report|summary|overview)s?\b",
    re.IGNORECASE,
)
_WIDE_GAP = re.compile(r"\s{20,}")  # of a pasted table: where a clause ends is looked for at every blank


def without_frame(text: str) -> str:
    """The question alone, without who wants to know it and what for; a deed that is planned stays: `I want to reboot
    it` is what the question is about."""
    text = _CHECKUP.sub("is anything wrong", without_the_claimant(_WIDE_GAP.sub(" ", text)))
    text = _BY_WORK.sub(_called_by_its_work, text)
    aside = _AFTERWARDS.match(text.strip())
    if aside and (_THEY_ASK.search(text) or not ACTIONS.keys() & set(re.findall(r"[\w-]+", aside["why"].lower()))):
        text = aside["asked"]
    planned = _BEFORE_I.match(text)
    text = planned["asked"] if planned else text
    behalf = _ON_BEHALF.match(text)
    if behalf is None:
        return text
    return f"{'tell me ' if behalf['whether'] else ''}{text[behalf.end() :]}"


def _called_by_its_work(said: re.Match[str]) -> str:
    work = said[1].lower()
    return f"{said[1]} server" if {work, f"{work} server"} & roles().keys() else said[0]


def wants_yes_or_no(text: str) -> bool:
    """Whether a fact is its yes or no: `is nas up?`, but neither `is it nas or web?` nor `is it safe to stop nas?`."""
    return is_polar(text) and not asks_leave(text)


def is_polar(text: str) -> bool:
    """Whether it has the form of a question that is answered by yes or no."""
    said = text.strip()
    explicit = _EXPLICIT.search(said) or _TAGGED.search(said.replace("\u2019", "'"))
    return bool(explicit) or bool(_YES_OR_NO.search(said) and not _CHOICE.search(said))


def asks_leave(text: str) -> bool:
    """Whether it is asked if something may be done: a fact, least of all a fault, is no yes or no to that."""
    return bool(_LEAVE.search(text))


# `isn't the newest kernel running?` asks for a yes as `is it?` does.
_LEADING = re.compile(r"^\W*[a-z]+(?:n't| not)\b", re.IGNORECASE)
_DENIED = re.compile(r"(?:\bnot|n't|\bnever|\bwithout)(?: [\w-]+){0,2} $", re.IGNORECASE)


def denies(text: str, word: re.Pattern[str]) -> bool:
    """Whether the word is there, and is denied: `which node is not running the newest kernel?`"""
    said = _LEADING.sub("", text.replace("\u2019", "'"))
    found = word.search(said)
    return found is not None and bool(_DENIED.search(said[: found.start()]))


# `… in two sentences`, `five lines max`: how long the answer shall be.
_LENGTH = re.compile(
    r",? ?(?:\bin (?:just |about |at most )?(?:a|one|two|three|four|five|six|ten|\d{1,2})[ -](?:lines?|sentences?|"
    r"words?|bullets?)\b|\b(?:a|one|two|three|four|five|six|ten|\d{1,2})[ -](?:lines?|sentences?|words?|bullets?) "
    r"(?:max(?:imum)?|at most|tops|or less|only|please)\b|(?<=\w),? (?:lol|haha|lmao)\W*$)",
    re.IGNORECASE,
)


def without_form(text: str) -> str:
    """The text without what only says what answer is wanted: `… ok? my boss wants a yes or no`, `… (no templates)`."""
    text = _REASON.sub(lambda match: match["asked"] or match["asked2"], text.strip())
    text = _IF_ANY.sub(" ", text)
    clauses = re.split(r"(?<=[.?!;])\s+", text)
    kept = [_LENGTH.sub("", clause) for clause in clauses if not _EXPLICIT.search(clause)]
    return _NO_TEMPLATES.sub(r"\g<of>", " ".join(kept) if kept else _EXPLICIT.sub(" ", text))


def yes_or_no(holds: bool) -> str:
    """`Yes: ` or `No: `, for the head of an answer."""
    return "Yes: " if holds else "No: "
