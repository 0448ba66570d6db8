"""Misspelt words of a question: `certifcate` is looked for as `certificate` when nothing knows the former."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

SHORTEST = 4
SAFE = 6
"""From so many letters on a missing or an additional letter is a slip; `robot` is no `root`."""


class Spelling:
    """The words that are known, in their basic form. Immutable."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known: dict[str, list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            if len(word) >= SHORTEST and word.isalpha():
                self._known[word[0]].append(word)

    def nearest(self, word: str) -> str | None:
        """The known word that differs by one slip of the fingers: two letters swapped, one missing, or one too many. A
        letter that is another one is no slip: `laser` and `later` are both words. The first letter is right."""
        if len(word) < SHORTEST or not word.isalpha():
            return None
        slips = set(_slips(word))
        return next(
            (known for known in self._known.get(word[0], ()) if known in slips or word in _shorter(known)), None
        )


def _slips(word: str) -> Iterator[str]:
    """What may have been meant: two letters swapped back, one too many taken out."""
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    yield from _shorter(word)


def _shorter(word: str) -> set[str]:
    """The word without one of its letters: any of a long word, one of two equal neighbours of a short one."""
    return {word[:at] + word[at + 1 :] for at in range(1, len(word)) if len(word) > SAFE or word[at] == word[at - 1]}
