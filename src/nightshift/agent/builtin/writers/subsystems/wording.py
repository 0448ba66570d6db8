"""What a question about a part of the systems asks of it, by its words."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.forms import denies

OF_ITS_WORK = re.compile(
    r"\b(?:remove|delete|free|reclaim|find|copy|transfer|throw away) (?:up )?(?:any|some|much|a lot|old)"
)


# `is pve1 up to date?`: no, where updates wait.
IS_CURRENT = re.compile(
    r"\b(?:patched|up[ -]to[ -]date|current|(?:fully|all) updated|none? (?:\w+ )?(?:updates|patches|packages))\b",
    re.IGNORECASE,
)
# `is the newest kernel running?`: no, where a restart is needed.
RUNS_NEWEST = re.compile(
    r"\b(?:newest|latest|current|new|up.to.date)\b.{0,40}\b(?:running|runs?|booted|active|in use|loaded)\b|"
    r"\b(?:runs?|running|booted)\b.{0,40}\b(?:newest|latest|current|up.to.date)\b|\bkernels? .{0,20}up.to.date\b",
    re.IGNORECASE,
)
# What the last scan told, and not how the pool is.
SCANNED = re.compile(r"\b(?:scrub|resilver|scan|checksum|error|repair|take|took|duration|how long)\w*", re.IGNORECASE)
IS_DONE = re.compile(r"\b(?:done|finished|over|complete[d]?|through)\b", re.IGNORECASE)
HOW_OFTEN = re.compile(
    r"\bhow (?:many times|often)\b|\b(?:fail(?:ure)?s? count|consecutive|in a row|number of fail\w*|failures so far)\b",
    re.IGNORECASE,
)
ASKS_REASON = re.compile(r"\b(?:because|due to|owing to|on account of|reason|caused?|since)\b", re.IGNORECASE)


def asks_for(state: re.Pattern[str], text: str) -> bool:
    """`is it up to date?`, but not `is any node not up to date?`"""
    return bool(state.search(text)) and not denies(text, state)
