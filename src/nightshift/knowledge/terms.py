"""Text → words as the search counts them: lower case, identifiers taken apart, endings cut off."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:['’](?:s|t|re|ve|ll|d|m)\b)?")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

_STOP_WORDS = """
    a about after again all already also always am an and another any anybody anyone anything are as at away be
    because been before being both but by can could did do docs documentation does doing done each either
    else even ever every for from get gets getting give go goes going got guide had happen happened happening
    happens has have having he help her here hers him his how i if in instructions into is it its itself just
    keep keeps know like ll lot make makes me mean means more most much must my myself need needs no nor not now
    of off on once one only onto or other our ours out over own playbook playbooks please procedure procedures
    put question rather re really runbook runbooks s same say says see seem seems she should since so some
    somebody someone something sometimes still stuff such suddenly sure take takes tell than that the their them
    then there these they thing things this those though through to too tried try trying under until up upon us
    use used using ve very via want wants was way we well were what whatever when whenever where whether which
    while who whole whom whose why will with within without would yet you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that say nothing about what is looked for. Phrases of the vocabulary may still contain them."""

_stemmer = Stemmer.Stemmer("english")


def words_of(text: str) -> list[str]:
    """Every word of a text in its basic form, in order, stop words included: `The VMs won't start` → `the vm won't
    start`. `HostDiskFull` gives `hostdiskful host disk full`."""
    found: list[str] = []
    for match in _WORD.finditer(_plain(text)):
        word = match.group()
        if not (word.islower() or word.isupper() or word.isdigit()):
            humps = _HUMP.findall(word)
            if len(humps) > 1 and "'" not in word:
                found.append(stem(word.lower()))
                found.extend(stem(hump.lower()) for hump in humps)
                continue
        found.append(stem(word.lower()))
    return found


def terms_of(text: str) -> list[str]:
    """The words of a text that say something, in order, with repeats."""
    return [word for word in words_of(text) if is_telling(word)]


def is_telling(word: str) -> bool:
    """Whether a word in its basic form says anything: no stop word, and no single letter."""
    return word not in _STOP_STEMS and (len(word) > 1 or word.isdigit())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The basic form of a lower-case English word by the Snowball rules: `failing`, `failed`, `fails` → `fail`."""
    word = word.removesuffix("'s")
    if "'" in word or any(char.isdigit() for char in word):
        return word
    return str(_stemmer.stemWord(word))


def _plain(text: str) -> str:
    """Accents off, so that `état` finds `etat`; one kind of apostrophe."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


_SHORT_FORMS = (
    "aren't can't couldn't didn't doesn't don't haven't i'm i've isn't it it's that there wasn't what won't wouldn't"
)
_STOP_STEMS = frozenset(map(stem, STOP_WORDS)) | frozenset(_SHORT_FORMS.split())
