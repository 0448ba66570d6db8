"""Two dates and what lies between them: `from 2026-11-21 18:00 to 2026-11-22 08:00`, `2026-11-21 18:00 to 20:00`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

_DATE, _CLOCK = r"20\d\d-\d\d-\d\d", r"[012]?\d:[0-5]\d"
_RANGE = re.compile(
    rf"\b(?:from |between )?(?P<first>{_DATE})(?:[t ]+(?P<begins>{_CLOCK}))?(?: utc)? ?"
    rf"(?:to|until|and|through|-|–|—) ?(?:(?P<last>{_DATE})(?:[t ]+(?P<ends>{_CLOCK}))?|(?P<clock>{_CLOCK}))"
    r"(?: utc)?\b"
)


def find_range(text: str, zone: tzinfo) -> tuple[datetime, datetime, re.Match[str]] | None:
    """The window between two dates; the last day is in it when no hour is told. None where there is none, or where the
    second lies before the first."""
    match = _RANGE.search(text)
    if match is None:
        return None
    last, ends = match["last"] or match["first"], match["ends"] or match["clock"]
    try:
        start = datetime.fromisoformat(f"{match['first']} {(match['begins'] or '00:00').zfill(5)}")
        end = datetime.fromisoformat(f"{last} {(ends or '00:00').zfill(5)}")
    except ValueError:
        return None
    end += timedelta(0) if ends else timedelta(days=1)
    return (start.replace(tzinfo=zone), end.replace(tzinfo=zone), match) if start < end else None
