"""Two times that are held against each other: `now and 24 hours ago`, `this week vs last week`, `than yesterday`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from nightshift.agent.builtin.times.clock_times import Clock
from nightshift.agent.builtin.times.spans import TimeSpan, find_time
from nightshift.facts.evidence import Window

_COMPARES = re.compile(
    r"\b(?:(?<!rather )than(?! usual\w*)|compared?(?! (?:to|with) (?:what|how|its? usual|the usual|usual\w*|"
    r"normal\w*))|comparison|versus|vs|against|differen(?:t|ce)|as (?:much|high|busy|many) as|next to|"
    r"side by side|beside|today ?(?:[/,]|or|and)? ?yesterday|"
    r"(?:what|how much)\b.*\bnow and|the (?:week|day|month|hour|night) before|before that)\b"
)
_NOW = re.compile(
    r"\b(?:now|currently|at the moment|right now|today|at present|presently|this (?:week|month|morning))\b"
)
_PERIODS = re.compile(
    r"\b(?:this|last|past|previous|same) (?P<unit>week|month)\b.*\b(?:last|past|previous|prior) (?P=unit)\b|"
    r"\b(?:this|last|past|previous) (?P<one>week|month)\b.*\bthe (?P=one) before\b|"
    r"\b(?:last|previous) (?P<back>week|month)\b.*\bthis (?P=back)\b|"
    r"\bthis (?P<this>week|month)\b.*\bthe (?:previous|preceding|last|prior) one\b|"
    r"\bthis (?P<more>week|month) ?[<>] ?(?:the )?(?:last|previous|preceding|prior) (?P=more)\b|"
    r"\b(?:than|against|to|with|versus|vs)(?: in| during)? the (?:preceding|previous|prior) (?P<before>week|month)\b"
)
_DAYS = re.compile(r"\btoday\b.*\byesterday\b|\byesterday\b.*\btoday\b|\byesterday\b.*\bthe day before\b")
_PART_OF_DAY = re.compile(r"\byesterday (?:evening|morning|afternoon|night|noon|at)\b|\bat (?:the same|this) time\b")
_A_TIME = re.compile(
    r"\b(?:today|yesterday|the day before|the (?:week|month) before|"
    r"(?:this|last|past|previous|prior|same) (?:week|month))\b"
)
_OF_THEN = re.compile(r"(?<=value )from\b|(?<=figure )from\b|(?<=level )from\b")
_LENGTHS = {"week": 7, "month": 30}
_AT_ONCE = timedelta(hours=6)
_AROUND = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class TwoTimes:
    """The later window and the earlier one, each with the words for it and where they lie in the text."""

    later: TimeSpan
    earlier: TimeSpan


def find_two(text: str, now: datetime, zone: tzinfo) -> TwoTimes | None:
    """Both times of a comparison; None where only one is spoken of, or none."""
    text = _OF_THEN.sub("of  ", text)
    clock = Clock(now, zone)
    named = _nights(text, now, zone) or _periods(text, clock)
    if named or not _COMPARES.search(text):
        return named
    named = _days(text, clock)
    if named:
        return named
    first = find_time(text, now, zone)
    if first is None:
        return None
    blanked = f"{text[: first.start]}{' ' * (first.end - first.start)}{text[first.end :]}"
    second = find_time(blanked, now, zone)
    if second is not None and second.window != first.window:
        spans = sorted((_narrowed(first, now), _narrowed(second, now)), key=lambda span: span.window.end)
        return TwoTimes(spans[1], spans[0])
    if not first.over:
        return _begun(first, now) if _NOW.search(blanked) else None
    earlier = _narrowed(first, now)
    length = earlier.window.end - earlier.window.start
    said = _NOW.search(blanked)
    start, end = said.span() if said else (first.start, first.start)
    later = TimeSpan(Window(now - length, now), "now", start, end)
    return TwoTimes(later, earlier)


def _begun(span: TimeSpan, now: datetime) -> TwoTimes | None:
    """`Now than this morning`, while it is morning: its time until an hour ago, and the hour since."""
    hour = now - 2 * _AROUND
    if span.window.start >= hour - _AROUND:
        return None
    later = TimeSpan(Window(hour, now), "now", span.start, span.start)
    return TwoTimes(later, replace(span, window=Window(span.window.start, hour), over=True))


_NIGHTS = re.compile(
    r"\b(?P<late>last night|tonight|this night|yesterday)\b.*\b(?P<early>(?P<day>(?:the )?(?:night|one|run) before)|"
    r"(?:a|one|the) week (?:ago|before)|(?:(?<=than )|(?<=then ))last week)\b"
)


def _nights(text: str, now: datetime, zone: tzinfo) -> TwoTimes | None:
    """`Last night's run next to the one before`, `… to the one a week ago`."""
    match = _NIGHTS.search(text)
    late = "yesterday" if match and match["late"] == "yesterday" else "last night"
    found = find_time(late, now, zone) if match else None
    if match is None or found is None:
        return None
    back = timedelta(days=1 if match["day"] else 7)
    name = "the one before" if match["day"] else "a week before"
    later = TimeSpan(found.window, late, *match.span("late"), over=True)
    window = Window(found.window.start - back, found.window.end - back)
    return TwoTimes(later, TimeSpan(window, name, *match.span("early"), over=True))


def _periods(text: str, clock: Clock) -> TwoTimes | None:
    """`This week vs last week`: of the calendar, the whole of the last one."""
    match = _PERIODS.search(text)
    if match is None:
        return None
    unit = next(filter(None, match.groups()))
    today = clock.at(0, 0)
    begin = today - timedelta(days=clock.local.weekday()) if unit == "week" else today.replace(day=1)
    before = begin - timedelta(days=_LENGTHS[unit]) if unit == "week" else (begin - timedelta(days=1)).replace(day=1)
    return _two(match, f"this {unit}", begin, clock.local, f"the {unit} before", before, begin)


def _days(text: str, clock: Clock) -> TwoTimes | None:
    match = _DAYS.search(text)
    if match is None or _PART_OF_DAY.search(text):
        return None
    if "today" in match.group():
        return _two(match, "today", clock.at(0, 0), clock.local, "yesterday", clock.at(1, 0), clock.at(0, 0))
    return _two(match, "yesterday", clock.at(1, 0), clock.at(0, 0), "the day before", clock.at(2, 0), clock.at(1, 0))


def _two(
    match: re.Match[str], late: str, begin: datetime, end: datetime, early: str, before: datetime, until: datetime
) -> TwoTimes:
    said = [(found.start() + match.start(), found.end() + match.start()) for found in _A_TIME.finditer(match.group())]
    first, last = (said[0], said[-1]) if len(said) > 1 else (match.span(), match.span())
    later = TimeSpan(Window(begin, end), late, *first)
    return TwoTimes(later, TimeSpan(Window(before, until), early, *last, over=True))


def _narrowed(span: TimeSpan, now: datetime) -> TimeSpan:
    """A moment that was only rounded (`24 hours ago`) as one hour around it; of now the hour before."""
    start, end = span.window.start, span.window.end
    if (
        not re.search(r"\b(?:ago|back|earlier|before)\b|\bthis time\b|\bsame time\b|\bat \d", span.text)
        or end - start > _AT_ONCE
    ):
        return span
    middle = start + (end - start) / 2
    return replace(span, window=Window(middle - _AROUND, min(middle + _AROUND, now)))
