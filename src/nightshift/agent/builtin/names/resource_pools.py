"""Pools of guests, which PVE calls resource pools: which is named, and whether all of them are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ALL = re.compile(r"\b(?:resource|guest|vm) pools\b|\bpools? of (?:guests|vms|machines)\b")
_IN_IT = r"(?:who|which (?:guests?|vms?|containers?|machines?)|members?|guests?|vms?|containers?)"
_MEMBERS = re.compile(rf"\b{_IN_IT}\b.*\b(?:in|of|from) (?:which|what|each|every|the|any|a|our|my) pools?\b")


def pool_in(lowered: str, pools: Iterable[str]) -> str:
    """The pool that is named beside the word: `who is in pool media?`, `the media pool`."""
    for name in sorted(pools, key=len, reverse=True):
        own = re.escape(name.lower())
        if re.search(
            rf"\bpools?,? (?:called |named )?[“\"'`]?{own}(?![\w-])|(?<![\w-]){own} (?:resource )?pool\b", lowered
        ):
            return name
    return ""


def asks_for_pools(lowered: str, pools: Iterable[str]) -> bool:
    """Whether guests are to be told by their pools, of which none is named: `which resource pools are there?`"""
    return bool(_ALL.search(lowered)) or bool(tuple(pools) and _MEMBERS.search(lowered))
