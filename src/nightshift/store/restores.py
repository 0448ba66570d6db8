"""Restores that went well, remembered: PVE forgets its tasks after a while, a restore test stays one for months."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Integer, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from nightshift.facts.backup_runs import RestoreKind, RestoreTest
from nightshift.store.database import Database, Record, UtcDateTime


class RestoreRecord(Record):
    __tablename__ = "restore_tests"

    source: Mapped[str] = mapped_column(String(100), primary_key=True)
    vmid: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    by: Mapped[str] = mapped_column(Text)
    from_vmid: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text)
    upid: Mapped[str | None] = mapped_column(Text)


class RestoreStore:
    """The restore tests in one database. Synchronous; every method raises StoreError when the disk fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create_tables(RestoreRecord)

    def known(self) -> tuple[RestoreTest, ...]:
        """All that are remembered, the newest first."""
        with self._database.reading() as session:
            records = session.scalars(select(RestoreRecord).order_by(RestoreRecord.at.desc()))
            return tuple(_from_record(record) for record in records)

    def remember(self, tests: Iterable[RestoreTest]) -> None:
        """Keep these; those that are known already stay as they are."""
        with self._database.writing() as session:
            for test in tests:
                name = (test.source, test.vmid, test.at, test.kind)
                if session.get(RestoreRecord, name) is None:
                    session.add(
                        RestoreRecord(
                            source=test.source,
                            vmid=test.vmid,
                            at=test.at,
                            kind=test.kind,
                            by=test.by,
                            from_vmid=test.from_vmid,
                            note=test.note,
                            upid=test.upid,
                        )
                    )

    def forget(self, source: str, vmid: int) -> int:
        """Take back what was recorded by hand for a guest; how many entries that were."""
        with self._database.writing() as session:
            by_hand = delete(RestoreRecord).where(
                RestoreRecord.source == source, RestoreRecord.vmid == vmid, RestoreRecord.kind == "by hand"
            )
            return int(session.connection().execute(by_hand).rowcount)


def _from_record(record: RestoreRecord) -> RestoreTest:
    return RestoreTest(
        source=record.source,
        vmid=record.vmid,
        at=record.at,
        kind=cast("RestoreKind", record.kind),
        by=record.by,
        from_vmid=record.from_vmid,
        note=record.note,
        upid=record.upid,
    )
