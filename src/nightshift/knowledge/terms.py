"""Text → search terms: lower case, identifiers taken apart, common words left out, endings cut off."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

_STOP_WORDS = """
    a about after all also am an and any are as at be because been before being but by can could did do does doing done
    for from get gets getting give had has have having he her here hers him his how i if in into is it its itself just
    let like ll me more most my need no nor not now of off on once only or other our ours out over please re s same she
    should so some such t tell than that the their them then there these they thing things this those to too under until
    up us ve very want was we were what when where which while who whom why will with would you your
    runbook runbooks playbook playbooks procedure procedures documentation docs guide instructions happen happens
    happening help say says know fix fixing solve mean means something anything
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_SUFFIXES = (
    ("ational", "ate"), ("ization", "ize"), ("fulness", "ful"), ("iveness", "ive"), ("ingly", ""), ("edly", ""),
    ("ation", "ate"), ("ments", "ment"), ("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"),
    ("ings", ""), ("ing", ""), ("ied", "y"), ("ed", ""), ("ly", ""), ("es", "e"), ("s", ""),
)  # fmt: skip


def terms_of(text: str) -> list[str]:
    """The search terms of a text, in order, with repeats. `HostDiskFull` also gives `host`, `disk` and `full`."""
    terms: list[str] = []
    for found in _WORD.finditer(_plain(text)):
        word = found.group()
        humps = _HUMP.findall(word) if not (word.islower() or word.isupper() or word.isdigit()) else []
        for part in (word, *(humps if len(humps) > 1 else ())):
            lowered = part.lower()
            if lowered not in STOP_WORDS and (len(lowered) > 1 or lowered.isdigit()):
                terms.append(stem(lowered))
    return terms


def stem(word: str) -> str:
    """Cut off an English ending: `failing`, `failed` and `fails` → `fail`. Rough, but the same for text and query."""
    if len(word) <= 3 or any(char.isdigit() for char in word):
        return word
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and not (suffix == "s" and word.endswith(("ss", "us", "is"))):
            root = word[: len(word) - len(suffix)] + instead
            if len(root) >= 3 and any(char in "aeiouy" for char in root):
                word = root
                break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _plain(text: str) -> str:
    """Accents off, so that `état` finds `etat`."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))
