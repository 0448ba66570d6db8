"""The words of a homelab in classes: whoever asks for a `drive` also means the `disk` of the runbook.

    # vocabulary.txt
    disk = disk, drive, hdd, ssd, nvme, hard disk      words that say the same thing
    mail work ~ mail, smtp, imap, spam                 words of one field: the one makes the other likelier

A class counts as a term of its own, `=disk` or `~mail work`, both in sections and in questions. So a class has its own
rarity: one that half of all sections speak of says little, as with words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nightshift.knowledge.terms import is_telling, words_of

SIGNS = (" = ", " ~ ", " ! ", " - ")
FILE = Path(__file__).with_name("vocabulary.txt")


@dataclass(frozen=True, slots=True)
class Mention:
    """A class that a text speaks of, and the words (from, to) that say so. `term` is `=name` or `~name`."""

    term: str
    start: int
    end: int


class Vocabulary:
    """Classes of words and phrases. Immutable."""

    def __init__(self, text: str) -> None:
        phrases: dict[tuple[str, ...], dict[tuple[str, ...], tuple[str, ...]]] = defaultdict(dict)
        light: set[str] = set()
        single: set[str] = set()
        for term, phrase in _entries(text):
            words = tuple(words_of(phrase))
            single.update(words)
            if term[0] == "-":
                light.update(words)
                continue
            if not words or (len(words) == 1 and not is_telling(words[0])):
                continue
            known = phrases[words[:2]]
            if term not in known.get(words, ()):
                known[words] = (*known.get(words, ()), term)

        self._phrases = dict(phrases)
        self.light = frozenset(light)
        self.words = frozenset(single)

    def mentions(self, words: Sequence[str]) -> Iterator[Mention]:
        """The classes that a text speaks of, in the order of its words. `words` are those of `terms.words_of`."""
        for start, word in enumerate(words):
            for key in ((word,), tuple(words[start : start + 2])) if start + 1 < len(words) else ((word,),):
                for phrase, terms in self._phrases.get(key, {}).items():
                    end = start + len(phrase)
                    if len(phrase) <= 2 or tuple(words[start:end]) == phrase:
                        for term in terms:
                            yield Mention(term, start, end)


@cache
def homelab() -> Vocabulary:
    """The vocabulary that comes with Nightshift."""
    return Vocabulary(FILE.read_text(encoding="utf-8"))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """(class as a term, word or phrase) of every line. Raises ValueError for a line that is none."""
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        sign = min((sign for sign in SIGNS if sign in line), key=line.index, default="")
        name, _, members = line.partition(sign or "\n")
        if not sign or not members.strip():
            raise ValueError(f"not a class of words: {line!r}")
        for member in members.split(","):
            yield sign.strip() + name.strip(), member.strip()
