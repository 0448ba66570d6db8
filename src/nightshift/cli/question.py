"""A question from the command line: from arguments or stdin, and not beyond what can be asked."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

MAX_CHARS = 4000


def question_of(words: Sequence[str]) -> str:
    """The question; `-` alone reads it from stdin. Raises click.UsageError when it is empty or enormous."""
    return checked(_from_stdin() if tuple(words) == ("-",) else " ".join(words))


def checked(text: str) -> str:
    """The question without white space around it. Raises click.UsageError when it is empty or enormous."""
    question = text.strip()
    if not question:
        raise click.UsageError('The question is empty. Try: nightshift ask "Is anything wrong?"')
    if len(question) > MAX_CHARS:
        raise click.UsageError(f"The question is too long: at most {MAX_CHARS:,} characters can be asked.")
    return question


def _from_stdin() -> str:
    # One character more than allowed is enough to refuse it; a huge file is not read to its end.
    raw = sys.stdin.buffer.read((MAX_CHARS + 1) * 4)
    return raw.decode("utf-8", errors="replace")
