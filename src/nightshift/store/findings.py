"""Findings over time: when each was first and last seen, whether it is resolved, and the operator's word on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from nightshift.facts.finding import Ack, AckKind, Finding, FindingState, Remembered, Severity
from nightshift.facts.ids import Entity
from nightshift.store.database import Database, Record, UtcDateTime

RESOLVED_KEPT = timedelta(days=90)


class FindingRecord(Record):
    __tablename__ = "findings"

    fingerprint: Mapped[str] = mapped_column(String(16), primary_key=True)
    check_id: Mapped[str] = mapped_column(String(100))
    severity: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    entity_key: Mapped[str] = mapped_column(Text, index=True)
    entity_label: Mapped[str] = mapped_column(Text)
    discriminator: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text)
    runbook: Mapped[str | None] = mapped_column(Text)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    ack_kind: Mapped[str | None] = mapped_column(String(12))
    ack_by: Mapped[str | None] = mapped_column(Text)
    ack_reason: Mapped[str | None] = mapped_column(Text)
    ack_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FindingStore:
    """The history of findings in one database. Synchronous; every method raises StoreError when the disk fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create_tables(FindingRecord)

    def remembered(self) -> dict[str, Remembered]:
        """All findings that are open or were resolved within 90 days, by fingerprint."""
        with self._database.reading() as session:
            return {record.fingerprint: _from_record(record) for record in session.scalars(select(FindingRecord))}

    def remember(self, items: Iterable[Remembered], now: datetime) -> None:
        """Write these findings over what was known of them, and forget what was resolved more than 90 days ago.

        What an operator said of a finding is left as it is: only `acknowledge` writes it.
        """
        with self._database.writing() as session:
            for item in items:
                record = session.get(FindingRecord, item.fingerprint)
                if record is None:
                    record = FindingRecord(fingerprint=item.fingerprint)
                    session.add(record)
                _into_record(item, record)
            session.execute(delete(FindingRecord).where(FindingRecord.resolved_at < now - RESOLVED_KEPT))

    def acknowledge(self, fingerprint: str, ack: Ack | None) -> bool:
        """Keep the operator's word on a finding (None takes it back); False when no such finding is known."""
        with self._database.writing() as session:
            record = session.get(FindingRecord, fingerprint)
            if record is None:
                return False
            record.ack_kind = ack.kind if ack else None
            record.ack_by = ack.by if ack else None
            record.ack_reason = ack.reason if ack else None
            record.ack_until = ack.until if ack else None
            return True


def _into_record(item: Remembered, record: FindingRecord) -> None:
    finding = item.finding
    record.check_id = finding.check
    record.severity = finding.severity
    record.state = finding.state
    record.entity_key = finding.entity.key
    record.entity_label = finding.entity.label
    record.discriminator = finding.discriminator
    record.title = finding.title
    record.detail = finding.detail
    record.remedy = finding.remedy
    record.runbook = finding.runbook
    record.since = finding.since
    record.first_seen = item.first_seen
    record.last_seen = item.last_seen
    record.resolved_at = item.resolved_at


def _from_record(record: FindingRecord) -> Remembered:
    ack = None
    if record.ack_kind is not None:
        kind = cast("AckKind", record.ack_kind)
        ack = Ack(kind, record.ack_by or "", record.ack_reason or "", record.ack_until)
    finding = Finding(
        check=record.check_id,
        severity=cast("Severity", record.severity),
        entity=Entity(record.entity_key, record.entity_label),
        title=record.title,
        detail=record.detail,
        remedy=record.remedy,
        discriminator=record.discriminator,
        runbook=record.runbook,
        since=record.since,
        state=cast("FindingState", record.state),
        ack=ack,
    )
    finding = replace(finding, first_seen=record.first_seen, last_seen=record.last_seen)
    return Remembered(finding, record.first_seen, record.last_seen, record.resolved_at)
