"""What stands before a time and turns it: `since this afternoon` lasts until now, `till Monday` is no past at all."""

from __future__ import annotations

import re
from datetime import datetime

_SINCE = re.compile(
    r"(?:\bever )?\b(?:since|starting|beginning)(?: about| around)?(?: the)? $|"
    r"\b(?:differ(?:s|ent)?|changed?|changes|new|news)(?: here)? (?:from|to|compared to)(?: the)? $"
)
_STARTS_SINCE = re.compile(r"(?:ever )?since ")
# `since I left for work at 8`: what happened then is of no matter.
_HAPPENED_THEN = re.compile(
    r"\bsince (?:i|we|you|he|she|they|it|the \w+) [^,.;?!]{1,40}?\b(?:at|on|around|about) (?=\d)"
)
_UNTIL = re.compile(r"\b(?:until|till|til|by)(?: next| the)? $")
# What is still to come cannot be looked up.
_WILL = re.compile(r"\b(?:will|won't|going to|gonna|about to|shall)\b")
_TO_COME = re.compile(r"\b(?:can wait|could wait|planned|scheduled|upcoming|due|next)\b")
_PAST = re.compile(r"\b(?:last|past|previous|ago|yesterday|since)\b")


def without_happenings(text: str) -> str:
    """`new since I left for work at 8` as `new since 8`, as long as it was."""
    return _HAPPENED_THEN.sub(lambda said: "since ".rjust(len(said.group())), text)


def is_since(text: str, start: int, said: str) -> bool:
    """Whether a time that begins at `start` is only the beginning of what is meant."""
    return bool(_STARTS_SINCE.match(said) or _SINCE.search(text[:start]))


def is_to_come(text: str, start: int, said: str, end: datetime, now: datetime) -> bool:
    """Whether what is asked about is not past: `will it survive Christmas`, `what runs next tonight`."""
    before = text[:start]
    if _UNTIL.search(before) or (_WILL.search(before) and not _PAST.search(said)):
        return True
    return end >= now and bool(_TO_COME.search(before))


_FEW = r"(?:a|an|one|two|three|four|five|ten|fifteen|\d+|a few|a couple of)[ -]?"
_ABSENT = r"(?:away|gone|off|absent|leav(?:e|ing)|holidays?|vacation|trip|absence)"
# `I am away for two weeks`, `five minutes before work`: how long somebody is away, or has, is no window.
NO_TIMES = re.compile(
    r"\bover and over\b|\bonce again\b|\bagain and again\b|\btime and again\b|"
    rf"(?<!been )(?<!was )(?<!were )\b{_ABSENT},? (?:on |for |in |of |the |my |our |next |a )*{_FEW}"
    r"(?:days?|weeks?|fortnight|months?)\b|"
    rf"\b{_FEW}(?:days?|weeks?|months?)[' -]?s?'? (?:of )?{_ABSENT}\b|"
    rf"\b{_FEW}min(?:ute)?s? (?:(?:before|until)(?! now)|to spare|left|for)\b|"
    rf"\b(?:have|got) (?:only |just )*{_FEW}min(?:ute)?s?\b"
)
