"""The part of nightshift.yaml that is about checks: what they are told, what is left out, what may be away.

checks:
  guest.memory: off
  storage: {at_most: warning}
exclusions:
  - {guest: "test-*", reason: scratch machines, until: 2026-12-31}
expected_absence:
  - source: pbs-attic
    present: {days: sun, from: "02:00", to: "06:00"}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nightshift.checks.absences import EVERY_DAY, Absence, Window
from nightshift.checks.policy import Adjustment, Exclusion
from nightshift.checks.registry import CHECKS
from nightshift.checks.selection import SELECTOR_FIELDS, Selector
from nightshift.checks.thresholds import LIMITS, Thresholds
from nightshift.errors import ConfigError
from nightshift.facts.finding import Severity
from nightshift.settings.parse import duration_s
from nightshift.settings.problems import collecting
from nightshift.settings.yaml_nodes import Value

_SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_VMIDS = re.compile(r"\d+(-\d+)?")
_WINDOW_KEYS = ("days", "from", "to", "zone")
_NOT_FOR_ABSENCE = ("check",)


def read_thresholds(value: Value, problems: list[ConfigError]) -> Thresholds:
    """All limits, those that the mapping names changed. Everything wrong is added to `problems`."""
    return Thresholds().changed(read_limits(value, problems))


def read_limits(value: Value, problems: list[ConfigError]) -> dict[str, float]:
    """Limits by name: shares of 1, counts, and times as seconds or with a unit (`8d`)."""
    limits: dict[str, float] = {}
    for name, entry in value.mapping("a mapping of names to numbers").items():
        with collecting(problems):
            if name not in LIMITS:
                raise entry.place.error(f"is not a threshold{guess(name, LIMITS)}")
            number = _number(entry, is_time=name.endswith("_s"))
            if LIMITS[name] is int and not number.is_integer():
                raise entry.place.error("must be a whole number")
            limits[name] = int(number) if LIMITS[name] is int else number
    return limits


def read_adjustments(value: Value, problems: list[ConfigError]) -> dict[str, Adjustment]:
    """The operator's word by check id or family."""
    known = {check.id for check in CHECKS} | {check.family for check in CHECKS}
    adjustments: dict[str, Adjustment] = {}
    for name, entry in value.mapping("a mapping of checks or families to what holds for them").items():
        with collecting(problems):
            if name not in known:
                raise entry.place.error(f"is no check and no family of checks{guess(name, known)}")
            adjustments[name] = _adjustment(entry, problems)
    return adjustments


def _adjustment(entry: Value, problems: list[ConfigError]) -> Adjustment:
    if entry.is_scalar:
        return Adjustment(off=not _switch(entry))
    adjustment = Adjustment()
    for key, value in entry.mapping("on, off, or a mapping with severity, at_most and thresholds").items():
        with collecting(problems):
            if key == "severity":
                adjustment = replace(adjustment, severity=_severity(value))
            elif key == "at_most":
                adjustment = replace(adjustment, at_most=_severity(value))
            elif key == "thresholds":
                adjustment = replace(adjustment, thresholds=read_limits(value, problems))
            elif key == "off":
                adjustment = replace(adjustment, off=_switch(value))
            else:
                known = ("severity", "at_most", "thresholds", "off")
                raise value.place.error(f"is no setting of a check{guess(key, known)}")
    return adjustment


def read_exclusions(value: Value, zone: tzinfo, problems: list[ConfigError]) -> tuple[Exclusion, ...]:
    """The exclusions. A date without a time holds to the end of that day in `zone`."""
    exclusions: list[Exclusion] = []
    for item in value.sequence("a list of exclusions"):
        with collecting(problems):
            entry = item.mapping("a mapping with what to leave out, as in {guest: test-*, reason: scratch}")
            rest = {key: entry.pop(key) for key in ("reason", "until") if key in entry}
            exclusions.append(
                Exclusion(
                    _selector(item, entry, SELECTOR_FIELDS),
                    rest["reason"].text() if "reason" in rest else None,
                    _until(rest["until"], zone) if "until" in rest else None,
                    str(item.place),
                )
            )
    return tuple(exclusions)


def read_absences(value: Value, zone: tzinfo, problems: list[ConfigError]) -> tuple[Absence, ...]:
    """What is expected to be away; windows without a zone of their own are in `zone`."""
    absences: list[Absence] = []
    for item in value.sequence("a list of what may be away"):
        with collecting(problems):
            entry = item.mapping("a mapping with what may be away, and when: away or present")
            when = {key: entry.pop(key) for key in ("away", "present") if key in entry}
            reason = entry.pop("reason").text() if "reason" in entry else None
            if len(when) != 1:
                raise item.place.error("must say either when it is away or when it is present", "away: {from: 23:00}")
            fields = tuple(name for name in SELECTOR_FIELDS if name not in _NOT_FOR_ABSENCE)
            selector = _selector(item, entry, fields)
            ((key, written),) = when.items()
            absences.append(Absence(selector, tuple(_windows(written, zone)), key == "present", reason))
    return tuple(absences)


def _windows(value: Value, zone: tzinfo) -> Iterable[Window]:
    items = value.sequence("a window or a list of windows") if value.is_sequence else (value,)
    for item in items:
        given = item.mapping("a window, as in {days: sat-sun, from: 02:00, to: 06:00}")
        for key in given:
            if key not in _WINDOW_KEYS:
                raise given[key].place.error(f"is no part of a window{guess(key, _WINDOW_KEYS)}")
        yield Window(
            _days(given["days"]) if "days" in given else EVERY_DAY,
            _clock(given["from"]) if "from" in given else time(),
            _clock(given["to"]) if "to" in given else time(),
            _zone(given["zone"]) if "zone" in given else zone,
        )


def _selector(item: Value, entry: Mapping[str, Value], known: Iterable[str]) -> Selector:
    fields = tuple(known)
    patterns: dict[str, tuple[str, ...]] = {}
    for key, value in entry.items():
        if key not in fields:
            raise value.place.error(f"is nothing to choose by{guess(key, fields)}")
        texts = value.texts("a name or a list of names; * and ? stand for anything")
        if not texts:
            raise value.place.error("is empty")
        if key == "vmid" and not all(_VMIDS.fullmatch(text) for text in texts):
            raise value.place.error("must be a number or a range of numbers", "9000-9099")
        patterns[key] = texts
    if not patterns:
        raise item.place.error(f"chooses nothing: name at least one of {', '.join(fields)}")
    return Selector(**patterns)


def _until(value: Value, zone: tzinfo) -> datetime:
    text = _required(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None:
        raise value.place.error("must be a date", "2026-12-31")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment + timedelta(days=1) if len(text) <= len("2026-12-31") else moment


def _days(value: Value) -> frozenset[int]:
    days: set[int] = set()
    for part in (part.strip().lower() for text in value.texts("days of the week") for part in text.split(",")):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            raise value.place.error(f"must be days of the week ({', '.join(_DAYS)})", "mon-fri, sun")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        days |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(days)


def _clock(value: Value) -> time:
    match = _TIME.fullmatch(_required(value))
    if match is None or (match.group(1) == "24" and match.group(2) != "00"):
        raise value.place.error("must be a time of the day", '"22:30"')
    return time(int(match.group(1)) % 24, int(match.group(2)))


def _zone(value: Value) -> tzinfo:
    try:
        return ZoneInfo(_required(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problem = value.place.error("is not the name of a time zone", "Europe/Berlin")
    raise problem


def _severity(value: Value) -> Severity:
    word = _required(value).lower()
    severity = next((known for known in _SEVERITIES if known == word), None)
    if severity is None:
        raise value.place.error(f"must be one of {', '.join(_SEVERITIES)}")
    return severity


def _switch(value: Value) -> bool:
    word = _required(value).lower()
    if word not in ("on", "off", "true", "false", "yes", "no"):
        raise value.place.error("must be on or off, or a mapping with severity, at_most and thresholds")
    return word in ("on", "true", "yes")


def _required(value: Value) -> str:
    text = value.text()
    if text is None:
        raise value.place.error("is empty")
    return text


def _number(entry: Value, *, is_time: bool) -> float:
    text = entry.text() or ""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if number < 0 and is_time:
        try:
            number = duration_s(text)
        except ValueError:
            raise entry.place.error("must be seconds or a duration", "8d") from None
    if not 0 <= number < float("inf"):
        raise entry.place.error("must be a number of 0 or more")
    return number


def guess(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` when something is close, else nothing."""
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
