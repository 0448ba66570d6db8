"""Makes `src/nightshift/knowledge/meanings.npz`, what words mean, from a MiniLM and texts that lie on this machine.

    .venv/bin/python tools/meaning_texts.py UNPACKED/ > texts.txt
    .venv/bin/python tools/meanings.py ~/.local/share/nightshift/models/all-MiniLM-L6-v2/onnx texts.txt vectors.npy

The folder holds `model.onnx` and `tokenizer.json`, as `nightshift runbooks sync` fetches them (all-MiniLM-L6-v2, Apache
License 2.0). The words are those of the texts, the commonest that the model knows, and those of our vocabulary and
starter runbooks. A word is described twice, and both are put together into the DIMENSIONS in which words differ most:

- alone, and as trouble with a server, so that a `box` is likelier a server than a parcel: this tells what is like it;
- by what it adds to a text: numbers are learnt such that the sum of a text's words points where the model sees the
  whole text (distillation into a bag of words). Rare words stay near what the model says of them alone.

`vectors.npy` keeps what the model said of the texts, which takes by far the longest: 10 to 50 ms a text.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nightshift.knowledge import vocabulary
from nightshift.knowledge.meanings import FILE
from nightshift.knowledge.terms import is_telling, stem, words_of

CONTEXTS = (("{}", 1.0), ("server trouble: {}", 2.0))
RANKS = 20_000
"""Words that the model's own vocabulary, which is ordered by how common they are, has below this place."""
COMMON_RANKS = 12_000
FEWEST = 2
"""So often a word must occur in the texts."""
SURFACES = 2
"""So many words of one basic form are embedded: the commonest."""
LONGEST = 80
"""Pieces of a text that the model reads."""
DIMENSIONS = 128
ALONE_DIMENSIONS, LEARNT_DIMENSIONS = 192, 256
COMMON_TO_ALL = 1
"""Directions that tell how common a word is rather than what it means."""
EVENED = 0.25
"""The directions in which texts differ most count less: their spread is divided by its power of this."""
EPOCHS, BATCH, RATE = 8, 4096, 0.02
HOLD = 6000.0
"""How firmly a word is held where the model sees it alone: as firmly as by about so many texts over its spread."""
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def main() -> None:
    model, file, cache = map(Path, sys.argv[1:4])
    texts = file.read_text(encoding="utf-8").splitlines()
    reader = Reader(model)
    surfaces = surfaces_of(texts, reader.ranks)
    names = sorted(surfaces)
    common = {stem(word) for word, rank in reader.ranks.items() if rank < COMMON_RANKS}
    names.sort(key=lambda name: (name not in common, name))
    if not cache.exists():
        np.save(cache, reader.read(texts).astype(np.float16))
    seen = np.load(cache).astype(np.float32)
    said = words_alone(reader, [surfaces[name] for name in names])
    alone = principal(said, COMMON_TO_ALL, ALONE_DIMENSIONS)
    alone /= np.linalg.norm(alone, axis=1, keepdims=True)
    learnt = learn(bags(texts, names), seen, said)
    learnt /= np.linalg.norm(learnt, axis=1).mean()
    both = np.hstack([alone, learnt])
    write(names, principal(both, 0, DIMENSIONS), sum(name in common for name in names))


class Reader:
    """The model: texts → directions of length 1."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)
        self._session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
        vocabulary = self._tokenizer.get_vocab()
        self.ranks = {word: rank for word, rank in vocabulary.items() if re.fullmatch("[a-z]{2,}", word)}

    def read(self, texts: Sequence[str]) -> Floats:
        """The mean of the model's last layer for every text; those of one length together, which needs no padding."""
        pieces = [self._tokenizer.encode(text).ids for text in texts]
        found = np.zeros((len(texts), 384), np.float32)
        for batch in batches(pieces):
            given = np.array([pieces[number] for number in batch], dtype=np.int64)
            inputs = {"input_ids": given, "attention_mask": np.ones_like(given), "token_type_ids": np.zeros_like(given)}
            found[batch] = self._session.run(None, inputs)[0].mean(axis=1)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def batches(pieces: Iterable[Sequence[int]], size: int = 64) -> Iterator[list[int]]:
    by_length: dict[int, list[int]] = defaultdict(list)
    for number, ids in enumerate(pieces):
        by_length[len(ids)].append(number)
    for numbers in by_length.values():
        for start in range(0, len(numbers), size):
            yield numbers[start : start + size]


def surfaces_of(texts: Iterable[str], ranks: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """Basic form → the commonest words that have it."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for word in re.findall("[a-z][a-z0-9]+", text.lower()):
            found[stem(word)][word] += 1
    kept = {name for name, words in found.items() if words.total() >= FEWEST and len(name) < 20}
    ours = [vocabulary.FILE, *(FILE.parents[1] / "runbooks").rglob("*.md")]
    written = (word for file in ours for word in re.findall("[a-z]{2,}", file.read_text(encoding="utf-8").lower()))
    for word in (*written, *(word for word, rank in ranks.items() if rank < RANKS)):
        found[stem(word)][word] += 1
        kept.add(stem(word))
    return {name: tuple(word for word, _ in found[name].most_common(SURFACES)) for name in kept if is_telling(name)}


def words_alone(reader: Reader, surfaces: Sequence[Sequence[str]]) -> Floats:
    """What the model says of each basic form without any text around it: one row each, around their middle."""
    flat = [(row, word) for row, words in enumerate(surfaces) for word in words]
    rows = [row for row, _ in flat]
    total = np.zeros((len(surfaces), 384), np.float32)
    for context, weight in CONTEXTS:
        found = np.zeros_like(total)
        np.add.at(found, rows, reader.read([context.format(word) for _, word in flat]))
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        found -= found.mean(axis=0)
        total += weight * found / np.linalg.norm(found, axis=1).mean()
    return np.asarray(total - total.mean(axis=0))


@dataclass(frozen=True, slots=True)
class Bags:
    """Texts as words: entry by entry the text, the word, and how much it weighs; in the order of the texts."""

    texts: Ints
    words: Ints
    weights: Floats

    def of(self, chosen: Ints) -> Bags:
        """Those of some texts, numbered anew in their order."""
        first, after = np.searchsorted(self.texts, chosen), np.searchsorted(self.texts, chosen, side="right")
        at = np.concatenate([np.arange(*ends) for ends in zip(first, after, strict=True)])
        return Bags(np.repeat(np.arange(len(chosen)), after - first), self.words[at], self.weights[at])


def bags(texts: Iterable[str], names: Sequence[str]) -> Bags:
    numbers = {name: number for number, name in enumerate(names)}
    rows = [
        (at, numbers[word], times**0.5)
        for at, text in enumerate(texts)
        for word, times in Counter(words_of(text)).items()
        if word in numbers
    ]
    at, words, weights = zip(*rows, strict=True)
    return Bags(np.array(at), np.array(words), np.array(weights, np.float32))


def learn(known: Bags, seen: Floats, said: Floats) -> Floats:
    """A row for each word, such that the sums of the rows of texts point where the model sees the texts: the mean
    cosine is made as large as it gets by Adam."""
    around = seen - seen.mean(axis=0)
    spread, found = np.linalg.eigh(around.T @ around)
    kept = found[:, ::-1][:, :LEARNT_DIMENSIONS] * (spread[::-1][:LEARNT_DIMENSIONS] / spread[-1]) ** -EVENED
    goals, start = unit(around @ kept), unit(said @ kept)
    often = np.bincount(known.words, minlength=len(said))
    rarity = np.log(1 + len(seen) / (often + 20)).astype(np.float32)
    start *= (rarity / rarity.mean())[:, None]
    rows, mean, square = start.copy(), np.zeros_like(start), np.zeros_like(start)
    order, chance = np.unique(known.texts), np.random.default_rng(1)
    steps, step = EPOCHS * (len(order) // BATCH), 0
    for _ in range(EPOCHS):
        chance.shuffle(order)
        for at in range(0, len(order) - BATCH + 1, BATCH):
            chosen, step = order[at : at + BATCH], step + 1
            cosine, slope = descent(known.of(chosen), goals[chosen], rows)
            slope += HOLD / len(order) * (rows - start)
            mean += 0.1 * (slope - mean)
            square += 0.02 * (slope**2 - square)
            size = np.sqrt(square / (1 - 0.98**step)) + 1e-3
            rows -= (RATE * (1 - step / steps) + 1e-4) * (mean / (1 - 0.9**step)) / size
        print(f"mean cosine of a text with the sum of its words {cosine:.3f}")
    return rows


def descent(known: Bags, goals: Floats, rows: Floats) -> tuple[float, Floats]:
    """The mean cosine of a batch, and the slope of what is lost, times 1,000."""
    sums = np.zeros((len(goals), rows.shape[1]), np.float32)
    add(sums, known.texts, rows[known.words] * known.weights[:, None])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
    sums /= lengths
    cosines = np.sum(sums * goals, axis=1, keepdims=True)
    slopes = (cosines * sums - goals) / lengths * (1000 / len(goals))
    slope = np.zeros_like(rows)
    order = np.argsort(known.words, kind="stable")
    add(slope, known.words[order], (slopes[known.texts] * known.weights[:, None])[order])
    return float(cosines.mean()), slope


def add(to: Floats, at: Ints, values: Floats) -> None:
    """Add rows to the rows of these numbers, which are in order."""
    starts = np.flatnonzero(np.diff(at, prepend=-1))
    to[at[starts]] += np.add.reduceat(values, starts, axis=0)


def unit(rows: Floats) -> Floats:
    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9))


def axes(rows: Floats) -> Floats:
    """Directions in columns, those first in which rows reach furthest."""
    return np.asarray(np.linalg.eigh(rows.T @ rows)[1][:, ::-1])


def principal(rows: Floats, first: int, count: int) -> Floats:
    return np.asarray(rows @ axes(rows)[:, first : first + count])


def write(names: Sequence[str], rows: Floats, common: int) -> None:
    most = np.abs(rows).max(axis=1, keepdims=True)
    np.savez_compressed(
        FILE,
        words=np.frombuffer("\n".join(names).encode(), np.uint8),
        vectors=np.round(127 * rows / most).astype(np.int8),
        sizes=(most[:, 0] / 127).astype(np.float32),
        common=common,
    )
    print(f"{len(names):,} words, {common:,} of them common, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
