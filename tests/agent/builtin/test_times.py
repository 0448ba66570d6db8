"""Time expressions, asked on Monday 2026-11-23 at 22:45 in Berlin."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.tools.homelab import NOW, ZONE

from nightshift.agent.builtin.times.spans import find_time, times_in


def local(text: str, now: datetime = NOW) -> tuple[str, str] | None:
    span = find_time(text, now, ZONE)
    if span is None:
        return None
    return tuple(moment.astimezone(ZONE).strftime("%a %d %H:%M") for moment in (span.window.start, span.window.end))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("cpu over the last hour", "Mon 23 21:45", "Mon 23 22:45"),
        ("last 24h", "Sun 22 22:45", "Mon 23 22:45"),
        ("in the past 30 minutes", "Mon 23 22:15", "Mon 23 22:45"),
        ("what failed 60 minutes before now", "Mon 23 21:30", "Mon 23 22:00"),
        ("during the last couple of days", "Sat 21 22:45", "Mon 23 22:45"),
        ("last half an hour", "Mon 23 22:15", "Mon 23 22:45"),
        ("past week", "Mon 16 22:45", "Mon 23 22:45"),
        ("last week", "Mon 16 22:45", "Mon 23 22:45"),
        ("this week", "Mon 23 00:00", "Mon 23 22:45"),
        ("for 2 days", "Sat 21 22:45", "Mon 23 22:45"),
        ("7d", "Mon 16 22:45", "Mon 23 22:45"),
        ("last night", "Sun 22 18:00", "Mon 23 08:00"),
        ("overnight", "Sun 22 18:00", "Mon 23 08:00"),
        ("during the night", "Sun 22 18:00", "Mon 23 08:00"),
        ("tonight", "Mon 23 18:00", "Mon 23 22:45"),
        ("since last night", "Sun 22 18:00", "Mon 23 22:45"),
        ("yesterday", "Sun 22 00:00", "Mon 23 00:00"),
        ("since yesterday", "Sun 22 00:00", "Mon 23 22:45"),
        ("yesterday evening", "Sun 22 18:00", "Mon 23 00:00"),
        ("yesterday morning", "Sun 22 05:00", "Sun 22 12:00"),
        ("today", "Mon 23 00:00", "Mon 23 22:45"),
        ("since midnight", "Mon 23 00:00", "Mon 23 22:45"),
        ("this morning", "Mon 23 05:00", "Mon 23 12:00"),
        ("this afternoon", "Mon 23 12:00", "Mon 23 18:00"),
        ("this evening", "Mon 23 18:00", "Mon 23 22:45"),
        ("since friday", "Fri 20 00:00", "Mon 23 22:45"),
        ("on friday", "Fri 20 00:00", "Sat 21 00:00"),
        ("friday night", "Fri 20 18:00", "Sat 21 08:00"),
        ("on monday", "Mon 16 00:00", "Tue 17 00:00"),
        ("at 3am", "Mon 23 02:30", "Mon 23 03:30"),
        ("at 23:30", "Sun 22 23:00", "Mon 23 00:00"),
        ("at 02:30 yesterday", "Sun 22 02:00", "Sun 22 03:00"),
        ("since 14:00", "Mon 23 14:00", "Mon 23 22:45"),
        ("between 6 and now this evening", "Mon 23 18:00", "Mon 23 22:45"),
        ("from noon to 9 tonight", "Mon 23 12:00", "Mon 23 21:00"),
        ("between 6 and midnight last night", "Sun 22 18:00", "Mon 23 00:00"),
        ("between 6pm and midnight", "Sun 22 18:00", "Mon 23 00:00"),
        ("between one and three this morning", "Mon 23 01:00", "Mon 23 03:00"),
        ("between 2am and 4am", "Mon 23 02:00", "Mon 23 04:00"),
        ("between 22:00 and 2:00", "Sun 22 22:00", "Mon 23 02:00"),
        ("for 00:00 to 06:00 today", "Mon 23 00:00", "Mon 23 06:00"),
        ("yesterday 18:00-23:00", "Sun 22 18:00", "Sun 22 23:00"),
        ("yesterday in the window 18:00-23:00", "Sun 22 18:00", "Sun 22 23:00"),
        ("for the hour just past", "Mon 23 21:45", "Mon 23 22:45"),
        ("in the six hours behind us", "Mon 23 16:45", "Mon 23 22:45"),
        ("over the past sixty minutes", "Mon 23 21:45", "Mon 23 22:45"),
        ("what broke just now", "Mon 23 22:30", "Mon 23 22:45"),
        ("between 2 and 4 am yesterday", "Sun 22 02:00", "Sun 22 04:00"),
        ("3 hours ago", "Mon 23 19:27", "Mon 23 20:03"),
        ("around two hours ago", "Mon 23 19:45", "Mon 23 21:45"),
        ("what is new since this afternoon", "Mon 23 12:00", "Mon 23 22:45"),
        ("what is different from this morning", "Mon 23 05:00", "Mon 23 22:45"),
        ("between midnight and 3 am", "Mon 23 00:00", "Mon 23 03:00"),
        ("between 6 pm and now", "Mon 23 18:00", "Mon 23 22:45"),
        ("until 8 this morning", "Mon 23 00:00", "Mon 23 08:00"),
        ("before noon", "Mon 23 00:00", "Mon 23 12:00"),
        ("at 3 in the morning", "Mon 23 02:30", "Mon 23 03:30"),
        ("at midnight", "Sun 22 23:30", "Mon 23 00:30"),
        ("yesterday at this time", "Sun 22 22:15", "Sun 22 23:15"),
        ("this time yesterday", "Sun 22 22:15", "Sun 22 23:15"),
        ("since lunch", "Mon 23 12:00", "Mon 23 22:45"),
        ("over lunch", "Mon 23 12:00", "Mon 23 14:00"),
        ("in the small hours", "Mon 23 00:00", "Mon 23 06:00"),
        ("for the last quarter of an hour", "Mon 23 22:30", "Mon 23 22:45"),
        ("cpu in the last three quarter of an hour", "Mon 23 22:00", "Mon 23 22:45"),
        ("just now", "Mon 23 22:30", "Mon 23 22:45"),
        ("over the course of the day", "Mon 23 00:00", "Mon 23 22:45"),
        ("an hour ago", "Mon 23 21:30", "Mon 23 22:00"),
        ("since 2 days ago", "Sat 21 22:45", "Mon 23 22:45"),
        ("on 2026-11-20", "Fri 20 00:00", "Sat 21 00:00"),
        ("since 2026-11-20", "Fri 20 00:00", "Mon 23 22:45"),
        ("from 22:00 to 2:00", "Sun 22 22:00", "Mon 23 02:00"),
        ("since noon", "Mon 23 12:00", "Mon 23 22:45"),
        ("in the last hour and a half", "Mon 23 21:15", "Mon 23 22:45"),
        ("the past 1h30m", "Mon 23 21:15", "Mon 23 22:45"),
        ("in the early hours", "Mon 23 00:00", "Mon 23 06:00"),
        ("on the 20th", "Fri 20 00:00", "Sat 21 00:00"),
        ("since the 15th", "Sun 15 00:00", "Mon 23 22:45"),
        ("on november 20", "Fri 20 00:00", "Sat 21 00:00"),
        ("on the 1st of november", "Sun 01 00:00", "Mon 02 00:00"),
        ("on nov 20th at 3am", "Fri 20 02:30", "Fri 20 03:30"),
        ("20.11.2026", "Fri 20 00:00", "Sat 21 00:00"),
        ("since 20.11.", "Fri 20 00:00", "Mon 23 22:45"),
        ("since 11/20", "Fri 20 00:00", "Mon 23 22:45"),
        ("2026-11-20 14:00", "Fri 20 13:30", "Fri 20 14:30"),
        ("last weekend", "Sat 21 00:00", "Mon 23 00:00"),
        ("since the weekend", "Sat 21 00:00", "Mon 23 22:45"),
        ("the day before yesterday", "Sat 21 00:00", "Sun 22 00:00"),
        ("the night before last", "Sat 21 18:00", "Sun 22 08:00"),
        ("two nights ago", "Sat 21 18:00", "Sun 22 08:00"),
        ("friday at 3am", "Fri 20 02:30", "Fri 20 03:30"),
        ("since friday 3pm", "Fri 20 15:00", "Mon 23 22:45"),
        ("at noon yesterday", "Sun 22 11:30", "Sun 22 12:30"),
        ("from 2 to 4 am on friday", "Fri 20 02:00", "Fri 20 04:00"),
        ("friday between 11 pm and 1 am", "Fri 20 23:00", "Sat 21 01:00"),
        ("on saturday morning", "Sat 21 05:00", "Sat 21 12:00"),
        ("between monday and wednesday", "Mon 16 00:00", "Thu 19 00:00"),
        ("this month", "Sun 01 00:00", "Mon 23 22:45"),
        ("in october", "Thu 01 00:00", "Sun 01 00:00"),
    ],
)
def test_a_time_expression(text: str, start: str, end: str) -> None:
    assert local(text) == (start, end)


@pytest.mark.parametrize(
    "text",
    ["", "how is web", "vm 104", "when was web last backed up", "the last backup", "restart 104", "at 99:99",
     "2026-13-40",     "top 5 guests", "web at pve1", "how full is tank",
     "what runs on the 2nd node", "how many guests may start", "what did the second node do", "since pve 8.4.1",
     "is 10.0.0.5 up", "on the 45th"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert local(text) is None


def test_last_night_in_the_middle_of_the_night_ends_now() -> None:
    at_two = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert local("last night", at_two) == ("Mon 23 18:00", "Tue 24 02:00")


def test_just_after_midnight_last_night_is_the_one_before_and_what_has_been_of_this_one() -> None:
    half_past_midnight = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert local("last night", half_past_midnight) == ("Sun 22 18:00", "Tue 24 00:30")


def test_this_morning_before_the_morning_is_the_last_one() -> None:
    assert local("this morning", datetime(2026, 11, 24, 3, 0, tzinfo=UTC)) == ("Mon 23 05:00", "Mon 23 12:00")


def test_a_day_with_a_changing_clock_keeps_its_wall_times() -> None:
    now = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)  # the night before, Berlin went from CEST to CET
    span = find_time("yesterday", now, ZoneInfo("Europe/Berlin"))
    assert span is not None
    assert (span.window.start, span.window.end) == (
        datetime(2026, 10, 23, 22, 0, tzinfo=UTC),
        datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
    )


def test_the_words_and_their_place_are_told() -> None:
    span = find_time("cpu of web over the last 24h please", NOW, ZONE)
    assert span is not None
    assert (span.text, span.start, span.end) == ("over the last 24h", 11, 28)
    spelled = find_time("cpu of web between six and nine last night", NOW, ZONE)
    assert spelled is not None
    assert (spelled.text, spelled.start, spelled.end) == ("between six and nine", 11, 31)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("the cpu of web in 2019", "2019-01-01", "2020-01-01"),
        ("three years ago", "2023-11-09", "2023-12-09"),
        ("last christmas", "2025-12-24", "2025-12-27"),
        ("christmas 2023", "2023-12-24", "2023-12-27"),
        ("in november 2021", "2021-11-01", "2021-12-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("since 2026", "2026-01-01", "2026-11-23"),
    ],
)
def test_times_that_are_long_ago(text: str, start: str, end: str) -> None:
    span = find_time(text, NOW, ZONE)

    assert span is not None
    assert (f"{span.window.start.astimezone(ZONE):%Y-%m-%d}", f"{span.window.end.astimezone(ZONE):%Y-%m-%d}") == (
        start,
        end,
    )
    assert span.over is not text.startswith("since")


@pytest.mark.parametrize(
    "text",
    [
        "what can wait till monday",
        "anything that will blow up this week",
        "what is going to run tonight",
        "on a scale from 1 to 10, how bad is it",
        "mute everything until 8",
        "in 2031",
        "will tank survive christmas",
    ],
)
def test_what_is_still_to_come_is_no_window(text: str) -> None:
    assert find_time(text, NOW, ZONE) is None


def test_both_ends_of_what_a_question_speaks_of() -> None:
    ends = times_in("Which guests were not saved Last Night?", NOW, ZONE)
    assert [f"{end.astimezone(ZONE):%d %H:%M}" for end in ends] == ["22 18:00", "23 08:00"]
    assert times_in("Is anything wrong?", NOW, ZONE) == ()
