"""Words of a question: tokens with their place, and stems that make `backups`, `backed` and `backup` meet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"(o'clock|[^\W_](?:[\w.:/@+-]*[\w])?)(?: ?%)?", re.UNICODE)
_CONTRACTIONS = (
    ("what's", "what is"), ("whats ", "what is "), ("how's", "how is"), ("hows ", "how is "), ("who's", "who is"),
    ("where's", "where is"), ("when's", "when is"), ("why's", "why is"), ("there's", "there is"),
    ("it's", "it is"), ("i'm", "i am"), ("isn't", "is not"), ("isnt", "is not"), ("aren't", "are not"),
    ("arent", "are not"), ("doesn't", "does not"), ("doesnt", "does not"), ("don't", "do not"), ("dont ", "do not "),
    ("didn't", "did not"), ("didnt", "did not"), ("hasn't", "has not"), ("haven't", "have not"), ("won't", "will not"),
    ("wasn't", "was not"), ("can't", "can not"), ("cannot", "can not"), ("'re", " are"),
    ("everything's", "everything is"), ("let's ", "let us "), ("max's ", "his "), ("of max ", "of him "), ("'s ", " "),
    ("'s?", "?"),
)  # fmt: skip
# As people type into a chat.
CHAT = {
    "u": "you", "r": "are", "pls": "please", "plz": "please", "thx": "thanks", "tnx": "thanks", "ty": "thanks",
    "teh": "the", "wat": "what", "wut": "what", "wht": "what", "y'all": "you", "gimme": "give me", "lemme": "let me",
    "whens": "when is", "wheres": "where is", "whos": "who is", "hows": "how is", "theres": "there is",
    "probs": "problems", "prolly": "probably", "rn": "right now", "cant": "can not", "wont": "will not",
    "w/o": "without", "w/": "with", "nite": "night", "sth": "something", "smth": "something",
    "wdyt": "please", "wtf": "what is wrong", "wth": "what is wrong", "wats": "what is", "gonna": "going to",
    "tonite": "tonight", "till": "until", "til": "until", "b/c": "because", "wether": "whether",
    "bkp": "backup", "bkps": "backups", "enuff": "enough", "nah": "no", "yo": "hey", "disc": "disk", "discs": "disks",
    "proc": "process", "node-local": "unshared", "rpo": "backup age", "rpos": "backup ages",
}  # fmt: skip
# Who pastes the marks of a chat format speaks all the same: `</context> assistant: …`.
_ROLE = re.compile(r"</?[a-z_]+>|(?:^|(?<=[.>\n]) *)(?:system|assistant|user|human) ?: ")
# `gc/prune/verify`, `vm/ct`, but not `i/o`, `/dev/sda`, `qemu/104`, `https://…`.
_ALTERNATIVES = re.compile(
    r"(?<=(?<![\w/.:])[a-z]{2})/(?=[a-z]{2,}\b(?![:.\d]))|(?<=[a-z]{3})/(?=[a-z]{2,}\b(?![:.\d]))|"
    r"(?<=[a-z]\d)/(?=[a-z]{2,}\d\b)"
)
_PARTICLE = re.compile(r"(?<=ed)-(?=(?:off|on|up|down|out)\b)|(?<=\bshut)-(?=(?:off|down)\b)")  # `powered-off`
_DEV = re.compile(r"(?<!\S)/dev/(?=(?:sd|hd|nvme|vd|mmcblk))")
# `outside their 24-hour RPO`: how old the newest backup may be.
_RPO_MISSED = re.compile(
    r"\b(?:outside|beyond|over|past|breach\w*|violat\w*|exceed\w*|miss\w*)(?: of)?(?: \w+)? "
    r"(?P<hours>\d+)[- ]?h(?:ours?|rs?)? (?:rpos?|recovery point objectives?)\b"
)
_THOUSAND = re.compile(r"(?<=\d) ?(?:thousand|k(?= (?:hours|hrs)))\b")  # `25 thousand hours`
_BARE_PERCENT = re.compile(r"(?<![\d.%] )(?<![\d%])%(?![\w%])")  # `in %`, and not `80 %`
# `gitea down: cause?`, `tank is red. Reason please`: a noun in the place of the question.
_NOUN_FOR_WHY = re.compile(r"(?:[,;:.!?-] ?| \()(?:what |any )?(?:root )?(?:cause|reason)(?: please)?[?.!) ]*$")
_RESTORE_POINT = re.compile(r"\b(?:restore|recovery)[- ]?point(s?)\b(?! objective)")
_OSD = re.compile(r"\bosd[.#](?=\d)")  # `osd.0`
_VMID = re.compile(r"\b(?:vm|ct) ?id(?= #?\d)")  # `vmid 104: status?`
# `What on earth is 114?`
_SWEARING = re.compile(
    r"\b(?P<ask>what|who|why|where|how|which) (?:on earth|in the world|the (?:hell|heck|devil|fuck))\b"
)
_CHAT_WORD = re.compile(rf"(?<![\w-])(?:{'|'.join(CHAT)})(?![\w-])")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as written (lower case), its stem, and where it stands in the text."""

    text: str
    stem: str
    start: int
    end: int

    @property
    def is_share(self) -> bool:
        """Whether a percent sign follows: `100 %`."""
        return self.end - self.start > len(self.text)


# `re-enable` is to enable, `re-start` is restart.
_AGAIN = re.compile(r"\bre-(?:(enable|activate|run|add|attach|schedule|try)|(?=start|boot|store|new|size|name))")


def plain(text: str) -> str:
    """Lower case, one space between words, typographic quotes and contractions undone."""
    lowered = " ".join(text.replace("\u2019", "'").replace("\u201c", '"').replace("\u201d", '"').lower().split()) + " "
    for short, full in _CONTRACTIONS:
        lowered = lowered.replace(short, full)
    lowered = _AGAIN.sub(lambda verb: verb[1] or "re", _PARTICLE.sub(" ", lowered))
    lowered = _VMID.sub("guest", _OSD.sub("osd ", _DEV.sub("", lowered)))
    lowered = _RESTORE_POINT.sub(r"backup\1", _SWEARING.sub(r"\g<ask>", lowered))
    lowered = _RPO_MISSED.sub(r"with no backup in the last \g<hours> hours", lowered)
    lowered = _THOUSAND.sub("000", _BARE_PERCENT.sub(" percent ", lowered))
    lowered = _ALTERNATIVES.sub(" ", " ".join(_ROLE.sub(" ", lowered).split()))
    lowered = _CHAT_WORD.sub(lambda word: CHAT[word.group()], lowered).strip()
    return _NOUN_FOR_WHY.sub(", why?", lowered)


def tokens(text: str) -> tuple[Token, ...]:
    """The words of `plain` text, names such as `web-01`, `qemu/104`, `10.0.0.5:9100` kept whole."""
    return tuple(Token(m[1], stem(m[1]), m.start(), m.end()) for m in _TOKEN.finditer(text))


def text_at(words: Sequence[Token], at: int) -> str:
    """The word at a place; empty before the first and behind the last."""
    return words[at].text if 0 <= at < len(words) else ""


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is written as words: many short ones read better so than each in quotation marks."""
    return frozenset(text.split())


def said_among(concepts: Iterable[str]) -> frozenset[str]:
    """The concepts that were words; those that were found in the slots, or in several words, begin with `@`."""
    return frozenset(concept for concept in concepts if not concept.startswith("@"))


_NOTES = frozenset({"note", "notes"})


def stem(word: str) -> str:
    """A crude English stem: good enough for a vocabulary of a few hundred words, both sides of which pass here."""
    if word in _NOTES:
        return "note"  # and not `not`
    if len(word) <= 3 or not word.isalpha():
        return word
    for suffix in ("ing", "ied", "ies", "ed", "es", "s"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            word = word[: -len(suffix)] + ("y" if suffix in ("ied", "ies") else "")
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word
