"""Makes `src/nightshift/knowledge/meanings.npz`, what words mean, from a MiniLM that lies on this machine.

    .venv/bin/python tools/meanings.py ~/.local/share/nightshift/models/all-MiniLM-L6-v2/onnx

The folder holds `model.onnx` and `tokenizer.json`, as `nightshift runbooks sync` fetches them (all-MiniLM-L6-v2, Apache
License 2.0). The words are the commonest whole words that the model knows and those of our vocabulary and starter
runbooks. Each is embedded alone and as trouble with a computer, so that a `box` is likelier a server than a parcel;
what all words have in common is taken off, and the 96 directions in which they differ most are kept, a byte each.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nightshift.knowledge import vocabulary
from nightshift.knowledge.meanings import FILE
from nightshift.knowledge.terms import stem

CONTEXTS = (("{}", 1.0), ("server trouble: {}", 2.0), ("the {} in my computer network", 1.0))
RANKS = 20_000
"""Words that the model's own vocabulary, which is ordered by how common they are, has below this place."""
COMMON_RANKS = 12_000
DIMENSIONS = 96
COMMON_TO_ALL = 1
"""Directions that tell how common a word is rather than what it means."""
BATCH = 256
Floats = NDArray[np.float64]


def main() -> None:
    model = Path(sys.argv[1])
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ranks = {word: rank for word, rank in tokenizer.get_vocab().items() if re.fullmatch("[a-z]{2,}", word)}
    words = sorted({word for word, rank in ranks.items() if rank < RANKS} | our_words())
    session = onnxruntime.InferenceSession(str(model / "model.onnx"), providers=["CPUExecutionProvider"])
    total = np.zeros((len(words), 384))
    for context, weight in CONTEXTS:
        found = embedded(session, tokenizer, [context.format(word) for word in words])
        total += weight * alike(found / np.linalg.norm(found, axis=1, keepdims=True))
    stems: dict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        stems[stem(word)].append(number)
    common = {stem(word) for word in words if ranks.get(word, RANKS) < COMMON_RANKS}
    names = sorted(stems, key=lambda name: (name not in common, name))
    vectors = directions(np.array([total[stems[name]].mean(axis=0) for name in names]))
    np.savez(FILE, words=np.frombuffer("\n".join(names).encode(), np.uint8), vectors=vectors, common=len(common))
    print(f"{len(names):,} words, {len(common):,} of them common, {FILE.stat().st_size:,} bytes")


def our_words() -> set[str]:
    texts = [vocabulary.FILE, *(FILE.parents[1] / "runbooks").rglob("*.md")]
    return {word for file in texts for word in re.findall("[a-z]{2,}", file.read_text(encoding="utf-8").lower())}


def embedded(session: onnxruntime.InferenceSession, tokenizer: Tokenizer, texts: Sequence[str]) -> Floats:
    """The mean of the model's last layer for every text; those of one length together, which needs no padding."""
    ids = [tokenizer.encode(text).ids for text in texts]
    found = np.zeros((len(texts), 384))
    for batch in batches(ids):
        given = np.array([ids[number] for number in batch], dtype=np.int64)
        inputs = {"input_ids": given, "attention_mask": np.ones_like(given), "token_type_ids": np.zeros_like(given)}
        found[batch] = session.run(None, inputs)[0].mean(axis=1)
    return found


def batches(ids: Iterable[Sequence[int]]) -> Iterator[list[int]]:
    by_length: dict[int, list[int]] = defaultdict(list)
    for number, tokens in enumerate(ids):
        by_length[len(tokens)].append(number)
    for numbers in by_length.values():
        for start in range(0, len(numbers), BATCH):
            yield numbers[start : start + BATCH]


def alike(vectors: Floats) -> Floats:
    """Contexts made comparable: around their own middle, of one size."""
    around = vectors - vectors.mean(axis=0)
    return np.asarray(around / np.linalg.norm(around, axis=1).mean())


def directions(vectors: Floats) -> NDArray[np.int8]:
    around = vectors - vectors.mean(axis=0)
    found = np.linalg.eigh(around.T @ around)[1][:, ::-1]
    kept = around @ found[:, COMMON_TO_ALL : COMMON_TO_ALL + DIMENSIONS]
    return np.asarray(np.round(127 * kept / np.abs(kept).max(axis=1, keepdims=True)), dtype=np.int8)


if __name__ == "__main__":
    main()
