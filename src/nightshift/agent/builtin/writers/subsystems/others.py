"""How snapshots of guests, what is kept quiet, and where alerts go is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from nightshift.agent.builtin.story import Row, joined, one_line, plural
from nightshift.agent.builtin.writers.strangers import is_fit_to_repeat
from nightshift.agent.builtin.writers.subsystems.telling import Telling, age


def _snapshots(rows: Sequence[Row], now: datetime) -> str:
    owners = list(dict.fromkeys(row.show("guest") for row in rows))
    first = rows[0]
    one = f"{first.show('guest')} keeps {first.show('snapshot')}, taken {age(first, 'taken_at', now)}"
    if len(rows) == 1:
        return one
    if len(owners) == 1:
        eldest = f"the eldest {first.show('snapshot')}, taken {age(first, 'taken_at', now)}"
        return f"{owners[0]} keeps {len(rows)} snapshots, {eldest}"
    return f"{plural(len(owners), 'guest')} keep {plural(len(rows), 'snapshot')}: {joined(owners)}; the eldest: {one}"


def _snapshot_line(row: Row, now: datetime) -> str:
    memory = ", with its memory" if row.get("with_memory") else ""
    return f"{row.show('guest')}: {row.show('snapshot')}, taken {age(row, 'taken_at', now)}{memory}"


def _silences(rows: Sequence[Row], _now: datetime) -> str:
    names = list(dict.fromkeys(row.show("rule") for row in rows))
    return f"{plural(len(rows), 'alert')} {'is' if len(rows) == 1 else 'are'} silenced in Grafana: {joined(names)}"


def _silence_line(row: Row, _now: datetime) -> str:
    return f"{row.show('rule')}: {row.show('labels')}"


def in_force_line(row: Row) -> str:
    """`alertname=TargetDown, by anna (“new disk”), until 2026-11-30 08:00 UTC`: why is a stranger's word."""
    by = f", by {row.show('by')}" if row.known("by") else ""
    comment = str(row.get("comment") or "")
    why = f" (“{one_line(comment)}”)" if comment and is_fit_to_repeat(comment) else ""
    until = f", until {row.show('ends_at')}" if row.known("ends_at") else ""
    return f"{row.show('matchers')}{by}{why}{until}"


def _notifications(rows: Sequence[Row], now: datetime) -> str:
    return "; ".join(_notification_line(row, now) for row in rows)


def _notification_line(row: Row, _now: datetime) -> str:
    return f"{row.show('source')} sends its alerts to {row.show('alertmanagers')}"


TELLINGS: Mapping[str, Telling] = {
    "Snapshots of guests": Telling(
        "snapshots", "No guest keeps a snapshot.", _snapshots, _snapshot_line, _snapshots,
        none_of="{who} has no snapshot",
    ),
    "Silences": Telling(
        "silences", "No alert is silenced in Grafana.", _silences, _silence_line, none_of="no silence covers {who}",
    ),
    "Notifications": Telling(
        "notifications", "No Alertmanager is known to Prometheus.", _notifications, _notification_line,
    ),
}  # fmt: skip
