"""Randomness without state: the same words always give the same number, whoever asks first."""

from __future__ import annotations

from hashlib import blake2b


def fraction(*words: object) -> float:
    """A number in [0, 1) decided by the words alone."""
    digest = blake2b("\x1f".join(map(str, words)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def between(low: float, high: float, *words: object) -> float:
    """A number in [low, high) decided by the words alone."""
    return low + (high - low) * fraction(*words)


def hex_digits(count: int, *words: object) -> str:
    """`count` lower-case hexadecimal digits decided by the words alone."""
    digits = ""
    block = 0
    while len(digits) < count:
        digits += blake2b("\x1f".join(map(str, (*words, block))).encode(), digest_size=32).hexdigest()
        block += 1
    return digits[:count]
