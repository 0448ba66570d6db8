"""The door to the database: SQLite in the data folder by default, PostgreSQL by URL.

Tables are declared on `Record` beside the code that uses them (`findings.py`, `conversations.py`); the class that owns
a table calls `Database.create_tables` when it is built. Everything here is synchronous: async callers go through
`asyncio.to_thread`, because a disk can stall. Every failure leaves as a `StoreError` that says what the operator can
do; an address with a password is never shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Engine, Table, create_engine, event
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from nightshift.errors import ConfigError, StoreError

_VARIABLE = "NIGHTSHIFT_DATABASE_URL"
_EXAMPLE = "postgresql://nightshift:PASSWORD@db.example/nightshift"
_FILE_NAME = "nightshift.db"
_BUSY_TIMEOUT_S = 10.0
_WRITERS_LOCK = 0x6E696768  # any number that no other program on the same database uses for an advisory lock

# What SQLite says, in words of the operator. The first that occurs in the message counts.
_SQLITE_REASONS = (
    ("disk is full", "the disk is full. Free space on the file system of the data folder"),
    ("disk quota", "the disk quota is used up. Free space on the file system of the data folder"),
    ("is locked", "another process keeps it locked. Close the other Nightshift, or wait for its backup to end"),
    ("readonly", "it cannot be written. Give the user of Nightshift write access to the data folder"),
    ("unable to open", "it cannot be opened. Check that the data folder exists and belongs to the user of Nightshift"),
    ("not a database", "the file is no SQLite database. Move it away; Nightshift starts a new one"),
    ("malformed", "the file is damaged. Restore it from a backup or move it away; Nightshift starts a new one"),
    ("disk i/o error", "the disk reported an error. Check the disk of the data folder"),
)


class Record(DeclarativeBase):
    """The common root of all tables."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps no zone, so that it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive time cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """An opened database. `where` names it for people, without a password."""

    def __init__(self, engine: Engine, where: str) -> None:
        self._engine = engine
        self._writing_engine = engine.execution_options(writes=True)
        self.where = where

    def create_tables(self, *records: type[Record]) -> None:
        """Create the tables that are not there yet. Raises StoreError."""
        tables = [record.__table__ for record in records if isinstance(record.__table__, Table)]
        with self._named_failures():
            Record.metadata.create_all(self._writing_engine, tables=tables)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state. Raises StoreError."""
        with self._named_failures(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed at the end of the block, all or none; writers take turns, those of
        other processes too. Raises StoreError."""
        with self._named_failures(), Session(self._writing_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(f"The database {self.where} cannot be used: {_reason(error)}.") from error


def open_database(data_dir: Path, url: str | None = None) -> Database:
    """Open the database at `url`, or the SQLite file in `data_dir` (made when missing, readable by its owner only).

    Raises ConfigError when the URL cannot be understood or its driver is not installed, StoreError when the data
    folder cannot be used. The server of a PostgreSQL URL is not contacted before the first session.
    """
    if url:
        return _open_url(url)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The data folder {data_dir} cannot be made: {error.strerror or error}. Set NIGHTSHIFT_DATA_DIR."
        ) from error
    path = data_dir / _FILE_NAME
    return _open_sqlite(URL.create("sqlite", database=str(path)), str(path))


def _open_url(text: str) -> Database:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigError(_VARIABLE, "is not a database URL", _EXAMPLE) from error
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url, url.database or "in memory")
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigError(_VARIABLE, "names a database that is neither SQLite nor PostgreSQL", _EXAMPLE)
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5}, hide_parameters=True)
    except (ImportError, NoSuchModuleError) as error:
        problem = "needs the PostgreSQL driver: pip install 'nightshift[postgres]'"
        raise ConfigError(_VARIABLE, problem, _EXAMPLE) from error

    # Writers take turns as in SQLite: what a session has read is still so when it writes.
    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")

    return Database(engine, f"{url.database} on {url.host}")


def _open_sqlite(url: URL, where: str) -> Database:
    # hide_parameters: what is stored (questions, answers) must not reach a log through an error text.
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S}, hide_parameters=True)

    # SQLAlchemy, not the driver, begins transactions: the driver's late BEGIN makes a session that first reads and
    # then writes fail with "locked" at once instead of waiting for its turn.
    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return Database(engine, where)


def _reason(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None)
    message = str(original if original is not None else error)
    lowered = message.lower()
    known = next((reason for mark, reason in _SQLITE_REASONS if mark in lowered), None)
    return known or message.strip().splitlines()[0].rstrip(".")
