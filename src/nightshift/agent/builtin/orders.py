"""The orders in a question: what it wants changed, which is told how to do by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightshift.agent.builtin.lexicon import lexicon
from nightshift.agent.builtin.verbs import ACTIONS
from nightshift.agent.builtin.words import Token, stem

_POLITE = re.compile(
    r"^(?:(?:please|kindly|live|well|alright|great|fine|right|cool|good|thanks|yes|all right|yep|sure|no|do it|"
    r"(?:can|could|would) (?:some|any)(?:one|body)(?: please)?|just|now|ok|okay|and|then|"
    r"hey|nightshift|so|can you|could you|would you|will you|help me|"
    r"would you mind|do you mind|mind|be so kind and|be so kind as to|go ahead and|i want you to|i need you to|"
    r"you should|you must|let us|lets|sudo|qm|pct|apt|apt-get|systemctl|ha-manager|zpool|i order you to|quickly|urgent|"
    r"urgently|immediately|now|at least|also|still|maybe|instead|"
    r"try to|you have to|you need to|could you please|can you please|"
    r"[^?!.;]*\bi (?:hereby )?(?:authori[sz]e|allow|order|command|instruct|permit) you to) ?[,:!]? ?)+"
)
# Verbs that are as often no order: what must, or must not, follow for them to be one.
_ONLY_WITH_OBJECT = frozenset(
    {
        "backup",
        "snapshot",
        "start",
        "power",
        "change",
        "set",
        "restore",
        "run",
        "move",
        "swap",
        "rotate",
        "schedule",
        "shift",
    }
)
# What is run in a shell: whatever it would do, it is an order.
_PROGRAMS = frozenset(
    """
    rm dd mkfs df du qm pct apt apt-get systemctl zpool zfs reboot shutdown poweroff bash sh curl wget ssh pvesh pvesm
    pvecm vzdump smartctl fstrim wipefs fdisk kill chmod chown mount umount docker
    """.split()  # noqa: SIM905 - words read better as words
)
_NO_ORDER_BEFORE: Mapping[str, frozenset[str]] = {
    "update": frozenset({"me", "us", "on"}),
    "fix": frozenset({"for"}),
    "snap": frozenset({"of", "list"}),
    "clean": frozenset({"up day", "day"}),
    "cleanup": frozenset({"day", "time", "job", "jobs"}),
    "make": frozenset({"sure"}),
    "start": frozenset({"with", "by"}),
    "power": frozenset(
        "on usage consumption draw supply outage cut failure gone out back went loss".split()  # noqa: SIM905
    ),
    "backup": frozenset(
        {
            "status", "job", "jobs", "state", "of", "age", "overview", "schedule", "for", "storage", "server", "space",
            "report",
        }
    ),
    "snapshot": frozenset({"of", "list", "status"}),
}  # fmt: skip
_ORDER_BEFORE: Mapping[str, frozenset[str]] = {
    "run": frozenset({"a", "the", "backup", "gc", "prune", "verify", "garbage", "vzdump", *_PROGRAMS}),
    "execute": frozenset({"a", "the", *_PROGRAMS}),
    "apply": frozenset({"the", "all", "pending", "updates", "patches", "security", "available"}),
    "swap": frozenset({"the", "that", "this", "out", "a", "it"}),
    "empty": frozenset({"the", "my", "our", "its"}),
}

_LARGER = r"\b(?:bigger|larger|smaller|(?:more|\d+ ?[gt]i?b?) (?:of )?(?:disk|space|storage|room)|disk space)\b"
_NO_NOUN = r"(?!.*\b(?:hours?|times?|list|log)\b)"
_WANTED = r"(?:get|i (?:want|need)|i would like|i'd like)\b"
# A verb that says nothing but that something is to be done, and the noun that says what: `kick off a backup of web`.
_TO_DO = (
    r"(?:(?:kick|fire|set)(?: off)?|take|make|create|do|get|start|run|trigger|launch|initiate|begin|perform|execute)"
    r"(?: off)? (?:a |an |the |another |me a )*(?:new |fresh |quick |manual |full |extra )*"
)
_SWITCH = r"(?:put|set|take|turn|switch|bring|get|enable|disable|end|exit|leave|stop|start|remove|move)\b"
_TO_A_RELEASE = (
    r"(?:bring|get|take|lift|move|put)\b.*\bto (?:proxmox |pve |version |ve |release )*\d{1,2}(?:\.\d+)*"
    r"(?:,? (?:for (?:me|us)|please|now|today|tonight))*\W*$"
)
_TO_A_DISK = (
    r"(?:give|add|hand)\b.*\b(?:rootfs|root (?:disk|fs|file ?system)|disk|volume|mp\d|scsi\d|virtio\d)\b"
    r".*\d+ ?[gmt]i?b?\b"
)
# Verbs of two words, and what the thing that is ordered about stands between: `shut web down`, `give web more memory`.
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), action)
    for pattern, action in (
        (_TO_A_RELEASE, "release"),
        (
            rf"{_SWITCH}.*(?<!for )\bmaintenance\b(?! (?:jobs?|windows?))",
            "maintenance",
        ),
        (rf"{_TO_DO}snap(?:shot)?\b", "snapshot"),
        (r"(?:clear|reset|zero)\b.*\b(?:errors?|counters?)\b", "clear"),
        (r"(?:make|get|set|switch|turn|put)\b.*\b(?:writable|writeable|read-?write|read-?only)\b", "maintenance"),
        (
            r"(?:bring|get|take|lift|move)\b.*\b(?:up to|to (?:pve |proxmox |version |v)) ?\d(?:\.\d+)*\b(?! ?[tg])",
            "upgrade",
        ),
        (r"(?:put|set|place|give)\b.*\b(?:mute|silence)\b", "silence"),
        (r"put\b.*\bto sleep\b", "pause"),
        (r"(?:hard|force[ds]?)[ -]?(?:cycle|reset)\b|(?:give|do)\b.*\b(?:hard |forced? )?reset\b", "reset"),
        (r"(?:throw|chuck|toss)\b.*\b(?:away|out)\b", "delete"),
        (r"(?:give|add)\b.*\b(?:rootfs|root disk|disk|drive|volume)\b.* \+?\d+ ?[tgm]i?b?\b", "resize"),
        (rf"{_TO_DO}(?:backup|vzdump)\b(?! job)", "backup"),
        (r"(?:kick|fire|set) off\b.*\b(?:backup|vzdump)\b(?! job)", "backup"),
        (rf"{_TO_DO}(?:backup )?(?:verify|verification)\b(?! job)", "verify"),
        (rf"{_TO_DO}(?:prune|pruning)\b(?! job)", "prune"),
        (rf"{_TO_DO}sync\b(?! job)", "sync"),
        (rf"{_TO_DO}(?:scrub|gc|garbage collection)\b", "run"),
        (r"(?:kick|fire|set)\b(?: \S+){0,4} off\b(?!.* job off)", "run"),
        (r"let\b.*\b(?:backups?|jobs?)\b.*\b(?:begin|start|run)\b", "change"),
        (r"(?:free|release|break|clear|lift|drop) (?:the |its |that )?lock\b", "unlock"),
        (
            r"(?:make|let|have)\b.*\b(?:start|autostart|boot|come up)\b.*\b(?:boot|automatically|itself|power)\b",
            "change",
        ),
        (r"(?:tell|make|have|get)\b.*\bto (?:restart|reboot)\W*$|make\b.*\b(?:restart|reboot)\W*$", "reboot"),
        (r"(?:throw|shove|put|get|push|bring|kick)\b.*\b(?:onto|over to|across to) ", "migrate"),
        (r"roll\b.*\bcert", "renew"),
        (r"mark\b.*\b(?:as )?(?:drained|in maintenance)\b", "maintenance"),
        (r"(?:bump|raise)\b.*\b(?:to|by) \d", "change"),
        (rf"{_TO_DO}migration\b", "migrate"),
        (rf"{_TO_DO}(?:reboot|restart)\b", "reboot"),
        (rf"{_TO_DO}shutdown\b", "stop"),
        (r"(?:turn|switch|power|shut|bring|take)\b(?! an? ).*\b(?:off|down|offline)\b", "stop"),
        (r"power[ -]?cycle\b|(?:kick|bounce|cycle)\b(?!.*\bout of\b)", "reboot"),
        (r"give\b.*\b(?:kick|nudge|bounce|restart|reboot)\b", "reboot"),
        (rf"(?:turn|switch|power|bring|spin|fire|start)\b(?! me | us ).*\b(?:on|up|online)\b{_NO_NOUN}", "start"),
        (r"(?:get|bring)\b.*\bback(?: up| online| to life)?\W*$", "start"),
        (r"get\b(?! the ).*\b(?:running|going|working)(?: again)?\W*$", "start"),
        (r"roll\b.*\bback\b|revert\b", "rollback"),
        (r"back up\b (?!job|server|status|schedule)\w+|back (?!up)\S+ up\b", "backup"),
        (r"(?:give|add|assign|allocate|hand)\b(?! (?:me|us)\b).*\b(?:memory|ram|v?cores?|v?cpus?)\b", "change"),
        (r"(?:take|throw|kick|remove)\b.*\bout of\b", "change"),
        (r"(?:get|put|add|include|have|take|bring)\b.*\b(?:in|into|to)\b.*\b(?:backups?|jobs?)\b", "protect"),
        (
            r"(?:get|put|add|include|take|bring)\b.*\b(?:in|into|to|under)\b.*\b(?:replication|ha|availability)\b",
            "change",
        ),
        (rf"(?:make|give|add|assign|hand)\b(?!.*\b(?:another|second|new) (?:disk|drive)).*{_LARGER}", "resize"),
        (_TO_A_DISK, "resize"),
        (r"give\b(?! (?:me|us)\b).* (?:another )?\d+ ?[gmt]i?b\b(?: more)?\W*$", "change"),
        (r"get rid of\b|throw away\b", "delete"),
        (r"free up\b|clear out\b|make (?:some )?room\b", "prune"),
        (rf"{_WANTED}.*\b(?:restarted|rebooted)\W*$", "reboot"),
        (rf"{_WANTED}.*\b(?:stopped|shut down|killed)\W*$", "stop"),
        (rf"{_WANTED}.*\b(?:moved|migrated)\W*$", "migrate"),
        (rf"{_WANTED}.*\b(?:deleted|removed)\W*$", "delete"),
    )
)
_NEXT_SENTENCE = re.compile(
    r"[.!?;:] +|, (?:please |then |so |just |now )+|, (?:(?:can|could|would) (?:some|any)(?:one|body) )"
    r"|, (?=(?:give|kick|bounce|nuke|power-cycle|turn|switch) )"
    r"|\b(?:authori[sz]e|allow|permit|order|command|ask|instruct|tell) you to "
    rf"|(?:, | and | so )(?=(?:{'|'.join(ACTIONS)}) (?:it|that|them|this|the|my)\b)"
)
_ENDS = re.compile(r"[.?!;](?:\s|$)")
LONGEST_CLAUSE = 300
"""What a phrase is looked for in: its gaps may be as long, and a pasted log should cost no more than a question."""
_HOW_TO = re.compile(
    r"\bhow (?:do|can|would|should|could|does|must) (?:i|we|one|you|somebody)(?: best| safely| properly)? |\bhow to |"
    r"\b(?:steps|procedure|command|commands|way|instructions) (?:to|for|of|how to) |\bwhat do (?:i|we) do to "
)
# Before these a verb is what somebody would do: `if I restart it`, `is it ok to reboot`, `qm unlock 104`.
_DOERS = frozenset({"i", "we", "to", "just", "qm", "pct", "you", "d", "ll", "and", "a", "the"})
_NO_DEEDS = frozenset({"replace", "swap"})  # `which disk do I replace?`
_STEMS = frozenset(map(stem, ACTIONS)) - {"run", *map(stem, _NO_DEEDS)}
# Words that are as often nouns, and what shows that they are: `backup failed`, `snapshot of web`.
_NOUNS_TOO = frozenset(
    """
    backup snapshot restore update upgrade change run patch start boot verify sync scrub clone move prune cleanup
    """.split()  # noqa: SIM905 - words read better as words
)
_AFTER_A_NOUN = frozenset(
    """
    job jobs task tasks status state overview log logs result results of history schedule schedules was is were are did
    day days has time times report settings setting policy policies config window plan plans
    """.split()  # noqa: SIM905
)
_SAYS_HOW_IT_WENT = frozenset({"FAIL", "WRONG", "DOWN", "FINE", "FULL", "FINISHED", "RUNBOOK", "LOG"})
_ASKS = re.compile(r"\b(?:when|why|how|what|which|who|where|if)\b")


@dataclass(frozen=True, slots=True)
class Order:
    """The kind of change that is ordered (`reboot`), empty when none is, and where in the text its verb begins."""

    action: str = ""
    start: int = 0


_BY_ACCIDENT = re.compile(r"\b(?:by (?:accident|mistake|error)|accidentally|mistakenly|inadvertently)\b")
_OF_A_FIGURE = frozenset(
    {"value", "values", "time", "date", "level", "point", "figure", "and", "readiness", "status", "test", "tests"}
)


def order_in(lowered: str, words: Sequence[Token]) -> Order:
    """What is ordered: the verb must lead a sentence. What may happen by accident nobody orders."""
    if _BY_ACCIDENT.search(lowered):
        return Order()
    for begin in (0, *(match.end() for match in _NEXT_SENTENCE.finditer(lowered))):
        order = _led_by(lowered[begin:], words, begin)
        if order.action:
            return order
    return Order()


def deed_in(lowered: str, words: Sequence[Token]) -> Order:
    """The kind of change that it is asked how to do: `how do I silence HighCpu`, `steps to restore web`."""
    how = _HOW_TO.search(lowered)
    return _led_by(lowered[how.end() :], words, how.end()) if how else Order()


def _led_by(lowered: str, words: Sequence[Token], begin: int) -> Order:
    rest = _POLITE.sub("", lowered)
    start = begin + len(lowered) - len(rest)
    left = [token for token in words if rest and start <= token.start]
    return Order(_action(rest, left, lowered, begin), start)


def _action(rest: str, left: Sequence[Token], lowered: str, begin: int) -> str:
    """The kind of change of the words that are left: a phrase, or a verb that comes first."""
    clause = _ENDS.split(rest, maxsplit=1)[0][:LONGEST_CLAUSE]
    phrase = next((action for pattern, action in _PHRASES if pattern.match(clause)), "")
    if phrase and not _ASKS.search(rest):
        return phrase
    verb = _verb_of(left[0], lowered, begin) if left else ""
    if not verb:
        return ""
    after = left[1] if len(left) > 1 else None
    following = after.text if after else ""
    if following in _OF_A_FIGURE:
        return ""  # `start value, current value`
    if verb in _NOUNS_TOO and after and _is_of_a_noun(after):
        return ""
    if verb in _ONLY_WITH_OBJECT and not following:
        return ""
    if following in _NO_ORDER_BEFORE.get(verb, ()) or (verb in _ORDER_BEFORE and following not in _ORDER_BEFORE[verb]):
        return ""
    return ACTIONS[verb]


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
