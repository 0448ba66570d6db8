"""The index of words: one SQLite file in the data folder, made anew beside the old one and swapped.

    nightshift/runbooks/3f2a91c0/words.sqlite      one folder for each set of RUNBOOK_DIRS

Nothing in it is precious: it is made from the Markdown files, and a file that is unchanged (by the hash of its content)
is not taken apart again. Readers keep the file that they opened; a crash or a full disk leaves the old one in place.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nightshift.errors import StoreError
from nightshift.knowledge import meanings
from nightshift.knowledge.bags import Bag, is_class
from nightshift.knowledge.frontmatter import Frontmatter
from nightshift.knowledge.loading import LoadWarning, RunbookFile
from nightshift.knowledge.making import IndexedFile, embedded_text, fill, identity
from nightshift.knowledge.markdown import Section
from nightshift.knowledge.meanings import Direction, unpacked
from nightshift.knowledge.ranking import Posting
from nightshift.knowledge.spelling import Spelling
from nightshift.knowledge.vocabulary import homelab

_CACHED_TERMS = 2_048
_CACHED_COUNTS = 65_536
_NOWHERE = Posting(np.zeros(0, np.uint32), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class IndexedSection:
    """A section as it was indexed. `key` is the hash of what an embedder would be given."""

    file: str
    title: str
    section: Section
    key: str


class WordIndex:
    """An opened index. Safe for several threads; what it has read of the postings stays in memory."""

    def __init__(self, connection: sqlite3.Connection, stamp: tuple[int, int] | None = None) -> None:
        self.stamp = stamp
        self._connection = connection
        self._lock = threading.Lock()
        self._postings: dict[str, Posting] = {}
        self._occurrences: dict[str, int] = {}
        self._spelling: Spelling | None = None
        self._directions: Direction | None = None
        about = dict(self._all("SELECT name, value FROM about"))
        if about.get("identity") != identity():
            raise StoreError("the index of runbooks was made by another version")
        rows = self._all("SELECT standing, file FROM sections ORDER BY number")
        self.standings = np.array([standing for standing, _ in rows], np.float32)
        """What the score of each section is multiplied by (see `roles`)."""
        self.files = np.array([file for _, file in rows], np.uint32)
        """The number of the file that each section stands in."""

    @classmethod
    def open(cls, file: Path) -> WordIndex:
        """Raises StoreError when there is none, it cannot be read, or another version made it."""
        connection = None
        try:
            state = file.stat()
            connection = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
            return cls(connection, (state.st_ino, state.st_mtime_ns))
        except (OSError, sqlite3.Error, ValueError, KeyError) as error:
            if connection is not None:
                connection.close()
            raise StoreError(f"the index of runbooks in {file.parent} cannot be read") from error
        except StoreError:
            if connection is not None:
                connection.close()
            raise

    @classmethod
    def in_memory(cls, files: Sequence[IndexedFile]) -> WordIndex:
        """An index that no file keeps."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        fill(connection, files)
        return cls(connection)

    def close(self) -> None:
        self._connection.close()

    def sections_with(self, term: str) -> Posting:
        """Where a term occurs, and how often."""
        known = self._postings.get(term)
        if known is None:
            rows = self._all("SELECT sections, frequencies FROM postings WHERE term = ?", (term,))
            raw = rows[0] if rows else None
            known = Posting(np.frombuffer(raw[0], np.uint32), np.frombuffer(raw[1], np.float32)) if raw else _NOWHERE
            if len(self._postings) >= _CACHED_TERMS:
                self._postings.clear()
            self._postings[term] = known
        return known

    def occurrences(self, term: str) -> int:
        """In how many sections a term occurs."""
        known = self._occurrences.get(term)
        if known is None:
            rows = self._all("SELECT length(sections) FROM postings WHERE term = ?", (term,))
            known = rows[0][0] // np.dtype(np.uint32).itemsize if rows else 0
            if len(self._occurrences) >= _CACHED_COUNTS:
                self._occurrences.clear()
            self._occurrences[term] = known
        return known

    def terms_in(self, section: int) -> Mapping[str, float]:
        """Term → weighted frequency in one section."""
        terms: dict[str, float] = json.loads(self._all("SELECT terms FROM sections WHERE number = ?", (section,))[0][0])
        return terms

    def likeness(self, words: Mapping[str, float]) -> Direction:
        """How much each section means what these words mean, which have weights: -1 to 1 (see `meanings`)."""
        if self._directions is None:
            self._directions = unpacked(self._all("SELECT vectors FROM directions")[0][0])
        # No `@`: for a product this small its threads cost more than they save, most of all on a busy machine.
        return np.asarray(np.einsum("ij,j->i", self._directions, meanings.meanings().direction(words)))

    @property
    def count(self) -> int:
        return len(self.standings)

    def corrected(self, word: str) -> str:
        """A word in its basic form; the nearest known one when neither the runbooks nor the vocabulary know it."""
        if self.occurrences(word) or word in homelab().words:
            return word
        if self._spelling is None:
            terms = (term for (term,) in self._all("SELECT term FROM postings") if not is_class(term))
            self._spelling = Spelling((*terms, *homelab().words))
        return self._spelling.nearest(word) or word

    def section(self, number: int) -> IndexedSection:
        return self._sections("s.number = ?", number)[0]

    def sections_of(self, file: str) -> tuple[IndexedSection, ...]:
        """The sections of the files of that name, in their order."""
        return self._sections("f.file = ? ORDER BY s.number", file)

    def numbers_by_key(self) -> dict[str, int]:
        """Key → number; of several sections with one text, the first."""
        return dict(reversed(self._all("SELECT key, number FROM sections ORDER BY number")))

    def embedded_texts(self) -> Iterator[tuple[str, str]]:
        """(key, text) of every section, for an embedder."""
        seen: set[str] = set()
        for number in range(self.count):
            item = self.section(number)
            if item.key not in seen:
                seen.add(item.key)
                yield item.key, embedded_text(item.title, item.section)

    def runbooks(self) -> tuple[tuple[str, str, Frontmatter], ...]:
        """(file, title, frontmatter) of every file."""
        rows = self._all(
            "SELECT file, title, frontmatter FROM files WHERE number IN (SELECT file FROM sections) ORDER BY number"
        )
        return tuple((file, title, _frontmatter(about)) for file, title, about in rows)

    def digests(self) -> dict[str, tuple[str, str]]:
        """Path → (name, hash of the content)."""
        return {
            path: (file, digest)
            for path, file, digest in self._all("SELECT path, file, digest FROM files ORDER BY number")
        }

    def warnings(self) -> tuple[LoadWarning, ...]:
        """What is wrong with single files that were read all the same."""
        rows = self._all("SELECT path, problems, number IN (SELECT file FROM sections) FROM files ORDER BY number")
        return tuple(
            LoadWarning(path, problem, bool(read)) for path, problems, read in rows for problem in json.loads(problems)
        )

    def taken_apart(self, paths: Iterable[str]) -> dict[str, IndexedFile]:
        """The files of these paths, taken apart as they were: what need not be done again."""
        wanted = set(paths)
        found: dict[str, IndexedFile] = {}
        rows = self._all("SELECT number, path, file, digest, title, frontmatter, problems FROM files")
        sections: dict[int, list[tuple[Section, Bag]]] = defaultdict(list)
        for file, heading, path, line, text, bag in self._all(
            "SELECT file, heading, heading_path, line, text, bag FROM sections ORDER BY number"
        ):
            section = Section(heading, tuple(json.loads(path)), line, text)
            sections[file].append((section, Bag(*json.loads(bag))))
        for number, path, file, digest, title, about, problems in rows:
            if path in wanted:
                parts = sections[number]
                book = RunbookFile(file, title, _frontmatter(about), tuple(section for section, _ in parts))
                bags = tuple(bag for _, bag in parts)
                found[path] = IndexedFile(path, digest, book, tuple(json.loads(problems)), bags)
        return found

    def _sections(self, where: str, value: object) -> tuple[IndexedSection, ...]:
        rows = self._all(
            "SELECT f.file, f.title, s.heading, s.heading_path, s.line, s.text, s.key FROM sections s "  # noqa: S608
            f"JOIN files f ON f.number = s.file WHERE {where}",
            (value,),
        )
        return tuple(
            IndexedSection(file, title, Section(heading, tuple(json.loads(path)), line, text), key)
            for file, title, heading, path, line, text, key in rows
        )

    def _all(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()


def _frontmatter(text: str) -> Frontmatter:
    values: dict[str, Any] = json.loads(text)
    lists: dict[str, Any] = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Frontmatter(**{**values, **lists})
