"""Times that are told from the one before: `and the night before?`, `and before that?`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from nightshift.agent.builtin.times.spans import TimeSpan, find_time
from nightshift.agent.builtin.words.tokens import plain

_BEFORE = re.compile(
    r"^(?:(?:and|so|ok|but|what about|how about|what of|on|in|during|how many|how much|how|were|was|is|are|did|it|they|"
    r"that|there|longer|shorter|more|less|fewer|than|as|of)\W+)*(?:the )?(?:"
    r"(?P<unit>night|day|evening|morning|afternoon|week|month|hour)s? (?:before|earlier|prior)|"
    r"previous (?P<previous>night|day|evening|morning|afternoon|week|month|hour)|"
    r"(?:just |right )?before(?: that| then)?)"
    r"(?: that| then)?(?: one)?\W*$"
)
_SHIFTS = {"week": timedelta(days=7), "month": timedelta(days=30)}
_OF_A_DAY = frozenset({"night", "day", "evening", "morning", "afternoon"})


def is_of_before(text: str) -> bool:
    return _BEFORE.match(plain(text)) is not None


def earlier(text: str, span: TimeSpan | None, now: datetime, zone: tzinfo) -> TimeSpan | None:
    """The window that lies before `span` where the text asks for it, else `span` itself."""
    match = _BEFORE.match(plain(text))
    if match is None or span is None:
        return span
    unit = match["unit"] or match["previous"] or ""
    length = span.window.end - span.window.start
    shift = timedelta(days=1) if unit in _OF_A_DAY else _SHIFTS.get(unit, length)
    start, end = ((moment - shift).astimezone(zone) for moment in (span.window.start, span.window.end))
    return find_time(f"from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}", now, zone)
