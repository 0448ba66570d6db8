"""What somebody wrote and the asker doubts: `is its disk really empty, as the note claims?`

What is asked then is whether the systems say so too. The note itself is not asked for, and confirms nothing.
"""

from __future__ import annotations

import re

_WRITING = r"(?:notes?|remarks?|comments?|description|runbook|annotation|tags?|label|alert)"
_SAYS = r"(?:claims?|says?|states?|tells?(?: me| us)?|pretends?|suggests?|writes?|has it|noted?|wrote|claimed|said)"
# `as its note claims`, `like the note of web says`
_AS_IT_SAYS = re.compile(
    rf",?(?<!\s)\s+(?:as|like)\s+(?:the|its|his|her|their|a|that)\s+{_WRITING}(?:\s+(?:of|on|in)\s+\S+)?\s+{_SAYS}\b",
    re.IGNORECASE,
)
# `the note of wiki says its restore was tested. Is that so?`, `somebody noted on immich that all is well, agree?`
_SAID_AND_DOUBTED = re.compile(
    rf"^\W*(?:(?:the|its|a)\s+{_WRITING}(?:\s+(?:of|on|in)\s+(?P<of>\S+))?\s+{_SAYS}|"
    r"some(?:body|one)\s+(?:noted|wrote|claims?|claimed|says?|said)(?:\s+(?:on|in|at|about|of)\s+(?P<on>\S+))?)"
    r"\s+(?:that\s+)?(?P<claim>[^?]{3,160}?)[.,;:!?-]\s*"
    r"(?:(?:is|are)\s+(?:that|it|this)\s+(?:so|true|right|correct|really so)|correct|right|true|really|"
    r"(?:do\s+)?you\s+agree|agreed?|can\s+(?:i|we)\s+(?:trust|believe)\s+\w+)\W*$",
    re.IGNORECASE,
)
_OF_ALL = re.compile(r"^(?:everything|all|it|this)\b.*\b(?:healthy|fine|well|ok|okay|good|order)\b", re.IGNORECASE)


def without_the_claimant(text: str) -> str:
    """The claim as a question of its own: `is its disk really empty?`, `is immich ok?`"""
    match = _SAID_AND_DOUBTED.match(text)
    if match is None:
        return _AS_IT_SAYS.sub("", text)
    of, claim = match["of"] or match["on"] or "", match["claim"].strip()
    if _OF_ALL.match(claim):
        return f"is {of} ok?" if of else "is everything ok?"
    about = re.sub(r"^(?:its|it|this)\b", f"{of}:", claim, flags=re.IGNORECASE) if of else claim
    # A figure that is claimed is told, and not answered by a yes that is of something else.
    return about if re.search(r"\d", about) else f"is it true: {about}?"
