"""The privileges of the tokens that a scenario hands out."""

from __future__ import annotations

from nightshift_lab.scenarios.model import TokenPart


def granted(part: TokenPart | None, role: frozenset[str]) -> frozenset[str]:
    """The privileges of the usual role, with those that the scenario adds and without those that it takes away."""
    return role if part is None else (role | frozenset(part.extra)) - frozenset(part.without)
