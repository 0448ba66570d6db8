"""What a cosine is worth: some embedders find 0.1 between texts that have nothing to do with each other, others 0.7.

The relevance floor is set for MiniLM. What another embedder finds is stretched so that unrelated texts are as far from
each other as they are there, and a text from itself as near.
"""

from __future__ import annotations

from nightshift.knowledge.embedding import Embedder

MINILM_UNRELATED = 0.062
"""What `unrelated_cosine` gives for all-MiniLM-L6-v2."""

UNRELATED = (
    "The disk of the server is full.",
    "Bake the bread for forty minutes.",
    "My daughter learns to play the violin.",
    "The train to the coast leaves at noon.",
    "Water the tomatoes in the evening.",
    "The court has adjourned the hearing.",
    "They won the match by two goals.",
    "The paint on the fence is peeling off.",
)


def unrelated_cosine(embedder: Embedder) -> float:
    """The mean cosine between texts about different things. Raises EmbedderError."""
    import numpy as np

    vectors = np.array(embedder.embed(UNRELATED), dtype=float)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    together = vectors.sum(axis=0)
    return min(0.95, max(0.0, float(together @ together - len(vectors)) / (len(vectors) * (len(vectors) - 1))))
