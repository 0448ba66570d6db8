"""Which half a scenario or a free question belongs to: `dev`, to work against, or `test`, to be judged by.

The half follows from a hash of the name, so that nobody chooses: a scenario's own questions are where it is, and a free
question is where its id says, and is asked in scenarios of that half only. Nothing is tuned on `test`.
"""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["dev", "test"]
SPLITS: tuple[Split, ...] = ("dev", "test")


def split_of(name: str) -> Split:
    """The half of a scenario's name or of a free question's id: the same on every machine."""
    return "dev" if _number(name) % 2 == 0 else "test"


def order_of(question: str, scenario: str) -> int:
    """A number by which scenarios are ordered for a question, so that different questions meet different scenarios."""
    return _number(f"{question}\0{scenario}")


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
