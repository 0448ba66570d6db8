"""Runbooks → the file that the index of words is: made anew beside the old one and swapped (see `index`)."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from nightshift.errors import StoreError
from nightshift.knowledge import meanings, vocabulary
from nightshift.knowledge.bags import FIELD_WEIGHTS, Bag, bag_of, is_class
from nightshift.knowledge.loading import ReadFile, RunbookFile
from nightshift.knowledge.markdown import Section
from nightshift.knowledge.meanings import Direction, packed
from nightshift.knowledge.ranking import SATURATION, frequencies, rarity_of
from nightshift.knowledge.roles import standing

FORMAT = 2
_TABLES = """
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE files (number INTEGER PRIMARY KEY, path TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL,
                        title TEXT NOT NULL, frontmatter TEXT NOT NULL, problems TEXT NOT NULL);
    CREATE TABLE sections (number INTEGER PRIMARY KEY, file INTEGER NOT NULL, heading TEXT NOT NULL,
                           heading_path TEXT NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL, key TEXT NOT NULL,
                           standing REAL NOT NULL,
                           bag TEXT NOT NULL, terms TEXT NOT NULL);
    CREATE INDEX sections_of_file ON sections (file);
    CREATE INDEX sections_by_key ON sections (key);
    CREATE TABLE postings (term TEXT PRIMARY KEY, sections BLOB NOT NULL, frequencies BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE directions (vectors BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file of the index, taken apart. `path` is where it lies, `digest` the hash of its content; `problems` are what
    `lint` has to say of it. `bags` are those of its sections, in their order."""

    path: str
    digest: str
    runbook: RunbookFile
    problems: tuple[str, ...]
    bags: tuple[Bag, ...]


def identity() -> str:
    """What an index depends on besides the files: another program makes it anew."""
    parts = (
        str(FORMAT).encode(),
        vocabulary.FILE.read_bytes(),
        meanings.FILE.read_bytes(),
        repr(FIELD_WEIGHTS).encode(),
    )
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def take_apart(read: ReadFile) -> IndexedFile:
    """What the index keeps of one file."""
    book = read.runbook
    bags = tuple(bag_of(book.title, book.file, book.frontmatter, section) for section in book.sections)
    return IndexedFile(read.path, read.digest, book, read.problems, bags)


def embedded_text(title: str, section: Section) -> str:
    """What an embedder is given of a section: where it stands, then its text."""
    return f"{' › '.join(dict.fromkeys((title, *section.heading_path)))}\n\n{section.text}"


def key_of(title: str, section: Section) -> str:
    return hashlib.sha256(embedded_text(title, section).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def write_index(file: Path, files: Sequence[IndexedFile]) -> None:
    """Make the index beside the old one and put it in its place. Raises StoreError; then the old one is as it was."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        with closing(sqlite3.connect(beside)) as connection:
            fill(connection, files)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(file)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise StoreError(f"the index of runbooks cannot be written to {file.parent}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def fill(connection: sqlite3.Connection, files: Sequence[IndexedFile]) -> None:
    """Write the tables of an index into an empty database. Raises sqlite3.Error."""
    counted = frequencies([bag for file in files for bag in file.bags])
    postings: dict[str, tuple[array[int], array[float]]] = {}
    for number, terms in enumerate(counted):
        for term, frequency in terms.items():
            sections, values = postings.setdefault(term, (array("I"), array("f")))
            sections.append(number)
            values.append(frequency)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
    with connection:
        connection.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", _file_rows(files))
        connection.executemany(
            "INSERT INTO sections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _section_rows(files, counted)
        )
        connection.executemany(
            "INSERT INTO postings VALUES (?, ?, ?)",
            ((term, *(part.tobytes() for part in postings[term])) for term in sorted(postings)),
        )
        occurrences = {term: len(sections) for term, (sections, _) in postings.items()}
        connection.execute("INSERT INTO directions VALUES (?)", (packed(list(_directions(counted, occurrences))),))
        connection.execute("INSERT INTO about VALUES ('identity', ?)", (identity(),))


def _directions(counted: Sequence[Mapping[str, float]], occurrences: Mapping[str, int]) -> Iterator[Direction]:
    """What each section means: the sum of its words, the rarer ones and those that are repeated weighing more."""
    rarities = {
        term: rarity_of(found, len(counted)) * (SATURATION + 1)
        for term, found in occurrences.items()
        if not is_class(term)
    }
    for terms in counted:
        yield meanings.meanings().direction(
            {term: rarities[term] * often / (often + SATURATION) for term, often in terms.items() if term in rarities}
        )


def _file_rows(files: Sequence[IndexedFile]) -> Iterator[tuple[object, ...]]:
    for number, file in enumerate(files):
        book = file.runbook
        about = json.dumps(asdict(book.frontmatter))
        yield number, file.path, book.file, file.digest, book.title, about, json.dumps(file.problems)


def _section_rows(files: Sequence[IndexedFile], counted: Sequence[Mapping[str, float]]) -> Iterator[tuple[object, ...]]:
    number = 0
    for file_number, file in enumerate(files):
        for section, bag in zip(file.runbook.sections, file.bags, strict=True):
            yield (
                number,
                file_number,
                section.heading,
                json.dumps(section.heading_path),
                section.line,
                section.text,
                key_of(file.runbook.title, section),
                standing(section.heading),
                json.dumps((bag.above, bag.body, bag.length)),
                json.dumps({term: round(value, 3) for term, value in counted[number].items()}),
            )
            number += 1
