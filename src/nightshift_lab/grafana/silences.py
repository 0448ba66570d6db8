"""Silences: alerts that somebody does not want to hear of for a while, as Alertmanager's version 2 API tells them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from nightshift_lab.grafana.wire import rfc3339_time
from nightshift_lab.world.hashing import hex_digits
from nightshift_lab.world.nouns import DAY_S

_MATCHER = re.compile(r'\s*(?P<label>[a-zA-Z_][\w]*)\s*(?P<operator>=~|!~|!=|=)\s*"?(?P<value>.*?)"?\s*')


@dataclass(frozen=True, slots=True)
class Matcher:
    name: str
    value: str
    is_equal: bool = True
    is_regex: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `name="value"` with `=`, `!=`, `=~` or `!~`. Raises ValueError."""
        found = _MATCHER.fullmatch(text)
        if found is None:
            raise ValueError("bad matcher format")
        operator = found["operator"]
        return cls(found["label"], found["value"], not operator.startswith("!"), "~" in operator)

    def fits(self, labels: Mapping[str, str]) -> bool:
        """A label that is not there is empty."""
        found = labels.get(self.name, "")
        same = re.fullmatch(self.value, found) is not None if self.is_regex else found == self.value
        return same == self.is_equal

    def row(self) -> dict[str, Any]:
        return {"isEqual": self.is_equal, "isRegex": self.is_regex, "name": self.name, "value": self.value}


@dataclass(frozen=True, slots=True)
class Silence:
    """Times are epoch seconds."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: float
    ends_at: float
    created_by: str
    comment: str

    def state(self, now: float) -> Literal["active", "pending", "expired"]:
        if now >= self.ends_at:
            return "expired"
        return "active" if now >= self.starts_at else "pending"

    def mutes(self, labels: Mapping[str, str], now: float) -> bool:
        return self.state(now) == "active" and all(matcher.fits(labels) for matcher in self.matchers)

    def row(self, now: float) -> dict[str, Any]:
        """One element of `/api/alertmanager/grafana/api/v2/silences`."""
        return {
            "id": self.id,
            "status": {"state": self.state(now)},
            "updatedAt": rfc3339_time(self.starts_at, milliseconds=True),
            "comment": self.comment,
            "createdBy": self.created_by,
            "endsAt": rfc3339_time(self.ends_at, milliseconds=True),
            "matchers": [matcher.row() for matcher in self.matchers],
            "startsAt": rfc3339_time(self.starts_at, milliseconds=True),
        }


def usual_silences(seed: int, started_at: float) -> tuple[Silence, ...]:
    """What the homelab has: one for containers that are being tried out, and one that is over."""
    tried_out = (Matcher("alertname", "ContainerRestarting"), Matcher("name", "karakeep|dozzle", is_regex=True))
    moved = (Matcher("alertname", "TargetDown"), Matcher("instance", "matrix:9100"))
    return (
        Silence(
            silence_id(seed, "containers"),
            tried_out,
            started_at - 1.3 * DAY_S,
            started_at + 5.7 * DAY_S,
            "anna",
            "trying out new images",
        ),
        Silence(
            silence_id(seed, "matrix"),
            moved,
            started_at - 3.2 * DAY_S,
            started_at - 3.1 * DAY_S,
            "anna",
            "moving the chat to its new disk",
        ),
    )


def silence_id(seed: int, name: str) -> str:
    digits = hex_digits(32, seed, "silence", name)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def suppressed(rows: Iterable[dict[str, Any]], silences: Iterable[Silence], now: float) -> list[dict[str, Any]]:
    """The alerts of `wire.notifications`, with those suppressed that a silence is about."""
    told = []
    for row in rows:
        by = [silence.id for silence in silences if silence.mutes(row["labels"], now)]
        status = {**row["status"], "silencedBy": by, "state": "suppressed"} if by else row["status"]
        told.append({**row, "status": status})
    return told
