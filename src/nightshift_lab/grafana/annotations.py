"""Annotations: what alerts did, and what people wrote down, as `/api/annotations` tells them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from multidict import MultiMapping

from nightshift_lab.grafana.states import Change, RuleStatus
from nightshift_lab.world.nouns import DAY_S

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person wrote down about a time (epoch s)."""

    at: float
    text: str
    tags: tuple[str, ...]
    login: str


def usual_notes(started_at: float) -> tuple[Note, ...]:
    """What the people of the homelab wrote down lately."""
    return (
        Note(started_at - 9.2 * DAY_S, "Nextcloud updated to 31.0.2", ("update", "nextcloud"), "anna"),
        Note(started_at - 4.6 * DAY_S, "Kernel updates on all nodes, no reboot yet", ("update", "pve"), "admin"),
        Note(started_at - 2.1 * DAY_S, "New images on docker-host", ("update", "docker"), "anna"),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for; times are epoch seconds, `kind` is `alert`, `annotation` or empty for both."""

    since: float = 0.0
    until: float = float("inf")
    kind: str = ""
    tags: frozenset[str] = frozenset()
    limit: int = _LIMIT

    def within(self, at: float) -> bool:
        return self.since <= at <= self.until


def wanted_annotations(query: MultiMapping[str]) -> Wanted:
    """From the parameters `from` and `to` (ms), of which one without the other counts for nothing, `type`, `tags` and
    `limit`. Raises ValueError."""
    since, until = (int(query.get(bound, "0")) / 1_000.0 for bound in ("from", "to"))
    bounded = since > 0 and until > 0
    return Wanted(
        since=since if bounded else 0.0,
        until=until if bounded else float("inf"),
        kind=query.get("type", ""),
        tags=frozenset(query.getall("tags", [])),
        limit=int(query.get("limit", str(_LIMIT))),
    )


def annotation_rows(statuses: Iterable[RuleStatus], notes: Iterable[Note], wanted: Wanted) -> list[dict[str, Any]]:
    """The newest first."""
    rows: list[dict[str, Any]] = []
    if wanted.kind in {"", "alert"} and not wanted.tags:
        for number, status in enumerate(statuses, 1):
            rows += [_of_alert(number, status, change) for change in status.changes if wanted.within(change.at)]
    if wanted.kind in {"", "annotation"}:
        rows += [_of_note(note) for note in notes if wanted.within(note.at) and wanted.tags <= set(note.tags)]
    rows.sort(key=lambda row: int(row["time"]), reverse=True)
    return [{"id": 9_000 - position, **row} for position, row in enumerate(rows[: wanted.limit])]


def _of_alert(number: int, status: RuleStatus, change: Change) -> dict[str, Any]:
    rule = status.rule
    labels = {**dict(change.labels), **rule.own_labels, "alertname": rule.title, "grafana_folder": rule.folder.title}
    told = ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))
    row = _row(change.at, f"{rule.title} {{{told}}} - {change.after}", (), "")
    return row | {
        "alertId": number,
        "alertName": rule.title,
        "newState": change.after,
        "prevState": change.before,
        "data": {"values": {}} if change.value is None else {"values": {"A": change.value}},
    }


def _of_note(note: Note) -> dict[str, Any]:
    return _row(note.at, note.text, note.tags, note.login)


def _row(at: float, text: str, tags: tuple[str, ...], login: str) -> dict[str, Any]:
    milliseconds = int(at * 1_000)
    return {
        "alertId": 0,
        "alertName": "",
        "dashboardId": 0,
        "dashboardUID": None,
        "panelId": 0,
        "userId": 1 if login else 0,
        "newState": "",
        "prevState": "",
        "created": milliseconds,
        "updated": milliseconds,
        "time": milliseconds,
        "timeEnd": milliseconds,
        "text": text,
        "tags": list(tags),
        "login": login,
        "email": f"{login}@home.example" if login else "",
        "avatarUrl": "",
        "data": {},
    }
