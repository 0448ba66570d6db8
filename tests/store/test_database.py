"""The door to the database: transactions, times, and every failure as a StoreError that says what to do."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from nightshift.errors import ConfigError, StoreError
from nightshift.store.database import Database, Record, UtcDateTime, open_database


class Note(Record):
    __tablename__ = "test_notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@pytest.fixture
def database(database: Database) -> Database:
    database.create_tables(Note)
    return database


def notes(database: Database) -> list[tuple[int, datetime]]:
    with database.reading() as session:
        return [(note.id, note.at) for note in session.scalars(select(Note).order_by(Note.id))]


def test_a_time_comes_back_as_aware_utc(database: Database) -> None:
    local = datetime(2026, 11, 23, 3, 15, tzinfo=timezone(timedelta(hours=2)))
    with database.writing() as session:
        session.add(Note(id=1, at=local))
    assert notes(database) == [(1, datetime(2026, 11, 23, 1, 15, tzinfo=UTC))]
    assert notes(database)[0][1].tzinfo is UTC


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StoreError, match="naive"), database.writing() as session:
        session.add(Note(id=1, at=datetime(2026, 11, 23)))  # noqa: DTZ001
    assert notes(database) == []


def test_a_failed_block_leaves_nothing(database: Database) -> None:
    def interrupted() -> None:
        with database.writing() as session:
            session.add(Note(id=1, at=datetime(2026, 11, 23, tzinfo=UTC)))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert notes(database) == []


def test_the_file_survives_and_is_in_wal_mode(tmp_path: Path) -> None:
    first = open_database(tmp_path)
    first.create_tables(Note)
    with first.writing() as session:
        session.add(Note(id=7, at=datetime(2026, 1, 1, tzinfo=UTC)))
    first.close()
    second = open_database(tmp_path, url=None)
    second.create_tables(Note)
    assert notes(second) == [(7, datetime(2026, 1, 1, tzinfo=UTC))]
    second.close()
    plain = sqlite3.connect(tmp_path / "nightshift.db")
    assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()


def test_writers_that_first_read_take_turns(database: Database) -> None:
    """Two threads that count and then insert must not fail with "locked" nor overwrite each other."""
    failures: list[Exception] = []

    def insert() -> None:
        try:
            for _ in range(20):
                with database.writing() as session:
                    count = len(session.scalars(select(Note)).all())
                    session.add(Note(id=count + 1, at=datetime(2026, 1, 1, tzinfo=UTC)))
        except (StoreError, IntegrityError) as error:
            failures.append(error)

    threads = [threading.Thread(target=insert) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [row[0] for row in notes(database)] == list(range(1, 61))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "nightshift.db").write_bytes(b"this is no database at all, only text" * 40)
    database = open_database(tmp_path)
    with pytest.raises(StoreError, match=r"nightshift\.db cannot be used: the file is no SQLite database"):
        database.create_tables(Note)
    database.close()


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be made: .* Set NIGHTSHIFT_DATA_DIR"):
        open_database(tmp_path / "file" / "data")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_named(database: Database) -> None:
    def fill() -> None:
        with database.writing() as session:
            connection = session.connection()
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            session.add_all(Note(id=number, at=datetime(2026, 1, 1, tzinfo=UTC)) for number in range(5000))

    with pytest.raises(StoreError, match="the disk is full"):
        fill()


def test_a_read_only_file_is_named(tmp_path: Path) -> None:
    first = open_database(tmp_path)
    first.create_tables(Note)
    first.close()
    database = open_database(tmp_path, f"sqlite:///file:{tmp_path}/nightshift.db?mode=ro&uri=true")

    def write() -> None:
        with database.writing() as session:
            session.add(Note(id=1, at=datetime(2026, 1, 1, tzinfo=UTC)))

    with pytest.raises(StoreError, match="it cannot be written"):
        write()
    database.close()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("nonsense", "is not a database URL"),
        ("mysql://u:hunter2@h/d", "neither SQLite nor PostgreSQL"),
    ],
)
def test_a_wrong_url_names_the_variable_and_hides_its_value(tmp_path: Path, url: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        open_database(tmp_path, url)
    assert caught.value.variable == "NIGHTSHIFT_DATABASE_URL"
    assert "hunter2" not in str(caught.value)
