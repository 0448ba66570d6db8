"""What words mean, roughly: directions in which words of like meaning lie close, for those that share no letter.

    meanings().likeness({"film": 1.0}, {"movi": 1.0})      0.8

`meanings.npz` is a table of words in their basic form with 128 numbers each, learnt once from MiniLM by
`tools/meanings.py`. Nothing is computed with a model here: a text is the sum of its words, which knows neither order
nor negation. That is why it only adds to what the words themselves say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Direction = NDArray[np.float32]

FILE = Path(__file__).with_name("meanings.npz")


class Meanings:
    """A table of words. Immutable. A word's vector is its row times the row's size: the longer, the more the word says
    of what a text is about."""

    def __init__(
        self, words: Sequence[str], vectors: NDArray[np.int8], sizes: NDArray[np.float32], common: int
    ) -> None:
        self._rows = {word: row for row, word in enumerate(words)}
        self._common = common
        self._vectors = vectors
        self._sizes = sizes

    @property
    def dimensions(self) -> int:
        return int(self._vectors.shape[1])

    def is_common(self, word: str) -> bool:
        """Whether a word in its basic form is one of everyday English, and no name or jargon."""
        return self._rows.get(word, self._common) < self._common

    def direction(self, words: Mapping[str, float]) -> Direction:
        """The direction of a text, of length 1; its words have weights. All zeros when none of them is known."""
        known = [(self._rows[word], weight) for word, weight in words.items() if word in self._rows]
        if not known:
            return np.zeros(self.dimensions, np.float32)
        rows, weights = zip(*known, strict=True)
        total = (np.array(weights, np.float32) * self._sizes[list(rows)]) @ self._vectors[list(rows)]
        return np.asarray(total / (np.linalg.norm(total) or 1.0))

    def likeness(self, one: Mapping[str, float], other: Mapping[str, float]) -> float:
        """The cosine of two texts, 1 when they mean the same."""
        return float(self.direction(one) @ self.direction(other))

    def nearest(self, words: Collection[str], others: Iterable[str]) -> dict[str, float]:
        """How like each word the likest of the others is: 0 to 1, and 0 when the table does not know it."""
        known = [word for word in words if word in self._rows]
        rows = [self._rows[other] for other in others if other in self._rows]
        found = dict.fromkeys(words, 0.0)
        if known and rows:
            products = np.einsum("ij,kj->ik", self._units([self._rows[word] for word in known]), self._units(rows))
            found |= zip(known, np.maximum(products.max(axis=1), 0).tolist(), strict=True)
        return found

    def _units(self, rows: list[int]) -> Direction:
        vectors = self._vectors[rows].astype(np.float32)
        return np.asarray(vectors / np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None])


@cache
def meanings() -> Meanings:
    """The table that comes with Nightshift."""
    with np.load(FILE) as kept:
        words = kept["words"].tobytes().decode().split("\n")
        return Meanings(words, kept["vectors"], kept["sizes"], int(kept["common"]))


def packed(directions: Sequence[Direction]) -> bytes:
    """Directions as the index keeps them: one byte a number."""
    return b"".join(np.round(127 * direction).astype(np.int8).tobytes() for direction in directions)


def unpacked(raw: bytes) -> Direction:
    """All directions of `packed`, one a row."""
    found = np.frombuffer(raw, np.int8).reshape(-1, meanings().dimensions).astype(np.float32)
    return np.asarray(found / 127)
