"""The form of a question: whether it wants a yes or a no."""

from __future__ import annotations

import re

_FILLERS = (
    r"(?:(?:hey|hi|hello|so|and|but|ok|okay|well|please|quick check|quick question|tell me|by the way|btw)[,:.! ]+)*"
)
_OPENERS = (
    r"(?:is|are|was|were|am|does|do|did|has|have|had|can|could|will|would|may|might|isn't|aren't|ain't|any)\b|"
    r"(?:check|tell me|know|see) (?:if|whether)\b"
)
_YES_OR_NO = re.compile(rf"^{_FILLERS}(?:{_OPENERS})|\byes or no\b|\by/n\b", re.IGNORECASE)
# `is it a VM or a container?`, `can you tell me what …?`
_CHOICE = re.compile(r"\bor\b(?! not\b| no\b)|^\W*(?:can|could|would|will) you\b", re.IGNORECASE)


def wants_yes_or_no(text: str) -> bool:
    """Whether it is answered by yes or no: `is nas up?`, but not `is it nas or web?`."""
    said = text.strip()
    explicit = re.search(r"\byes or no\b|\by/n\b", said, re.IGNORECASE)
    return bool(explicit) or bool(_YES_OR_NO.search(said) and not _CHOICE.search(said))


def yes_or_no(holds: bool) -> str:
    """`Yes: ` or `No: `, for the head of an answer."""
    return "Yes: " if holds else "No: "
