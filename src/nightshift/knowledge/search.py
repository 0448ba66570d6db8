"""Search over runbooks: exact links first, then words and meaning, and nothing at all when nothing fits.

    search = RunbookSearch.open([Path("/srv/runbooks")], data_dir=Path("/var/lib/nightshift"))
    search.find("the backup disk is running full").passages

Without an embedder words alone decide. With one, both do; when it fails, words alone again, with a Gap that says so.
"""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nightshift.errors import EmbedderError, StoreError
from nightshift.facts.gap import Gap
from nightshift.knowledge.embedding import Embedder
from nightshift.knowledge.frontmatter import Frontmatter
from nightshift.knowledge.index import IndexedSection
from nightshift.knowledge.links import Links, anchor, heading_of
from nightshift.knowledge.loading import LoadWarning, find_files
from nightshift.knowledge.ranking import Hit, asked, rank, rank_by_meaning
from nightshift.knowledge.relevance import Least, Way, judged
from nightshift.knowledge.roles import does
from nightshift.knowledge.vectors import Refreshed, Vectors
from nightshift.knowledge.words import Words, folder_for, up_to_date

PER_FILE = 2
DEEP = 50
RETRY_S = 300.0


@dataclass(frozen=True, slots=True)
class Passage:
    """A section of a runbook that can be quoted. `text` is its author's words: data, never instructions. `score` says
    how well it fits, higher is better, about 0 to 1; 1.0 for an exact link. Without `fits` it is no answer."""

    file: str
    heading: str
    heading_path: tuple[str, ...]
    line: int
    text: str
    score: float
    fits: bool = True


@dataclass(frozen=True, slots=True)
class How:
    """With what is searched, and how well it must fit to be shown."""

    words: bool = True
    meaning: bool = True
    least: Least = "floor"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first, and what it could not look at or not look with."""

    passages: tuple[Passage, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did. `changed` and `removed` are names of files; `vectors` is None without an embedder or when it
    failed: then `trouble` says why. `trouble` may also tell that nothing can be kept on disk."""

    files: int
    sections: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    warnings: tuple[LoadWarning, ...]
    vectors: Refreshed | None = None
    trouble: tuple[str, ...] = ()


class RunbookSearch:
    """The runbooks of some folders, indexed. Safe for several threads."""

    def __init__(self, folders: Sequence[Path], keep_in: Path | None, vectors: Vectors | None, words: Words) -> None:
        self._folders = tuple(folders)
        self._keep_in = keep_in
        self._vectors = vectors
        self._lock = threading.RLock()
        self._use(words)
        self._unreported = (words.changed, words.removed)
        self._state = _state_of(self._folders) if vectors is None else None
        self._retry_at = 0.0

    @classmethod
    def open(
        cls,
        folders: Iterable[Path],
        *,
        data_dir: Path | None = None,
        embedder: Embedder | None = None,
        chroma_url: str | None = None,
    ) -> RunbookSearch:
        """Read the Markdown files of `folders`, and index what has changed in them. Never raises because of them, the
        disk or the embedder. Vectors are made by `sync` alone. Without `data_dir` everything stays in memory."""
        listed = tuple(folders)
        keep_in = folder_for(data_dir, listed) if data_dir else None
        vectors = Vectors(keep_in, embedder, chroma_url) if keep_in and embedder else None
        return cls(listed, keep_in, vectors, up_to_date(listed, keep_in))

    @property
    def warnings(self) -> tuple[LoadWarning, ...]:
        """What could not be read, or not all of it."""
        return self._words.warnings

    @property
    def trouble(self) -> str | None:
        """Why the index is in memory only, if so."""
        return self._words.trouble

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the runbooks lie."""
        return self._folders

    @property
    def section_count(self) -> int:
        return self._words.index.count

    @property
    def runbooks(self) -> tuple[tuple[str, str, Frontmatter], ...]:
        """(file, title, frontmatter) of every runbook."""
        return self._words.index.runbooks()

    @property
    def vectors(self) -> Vectors | None:
        """The index of meanings; None without an embedder."""
        return self._vectors

    def search(self, query: str, limit: int = 3) -> tuple[Passage, ...]:
        """The sections that fit the query, best first, at most two of one file; empty when none does."""
        return self.find(query, limit).passages

    def find(self, query: str, limit: int = 3, how: How = How()) -> Found:
        """Like `search`, and with what could not be looked at. Never raises."""
        with self._lock:
            try:
                return self._find(query, limit, how)
            except sqlite3.Error:
                # The file was damaged under our hands: what is in it is in the Markdown files as well.
                self._use(up_to_date(self._folders, None))
                found = self._find(query, limit, how)
            text = "the index of runbooks is damaged; they were read again for this answer"
            gap = Gap("runbooks", "index", "malformed", text, "Run `nightshift runbooks sync --rebuild`.")
            return Found(found.passages, (*found.gaps, gap))

    def by_link(self, name: str) -> tuple[Passage, ...]:
        """The sections of the runbooks that name this check id or alert, of a `file.md#Heading` or of an alert's
        runbook_url; steps first."""
        passages = [
            _passage(item, 1.0) for file in self._links.files(name) for item in self._words.index.sections_of(file)
        ]
        heading = anchor(heading_of(name))
        at = [passage for passage in passages if anchor(passage.heading) == heading] if heading else []
        if at or (heading and "://" not in name):
            return tuple(at)
        return tuple(sorted(passages, key=lambda passage: not does(passage.heading)))

    def sync(self, *, rebuild: bool = False, on_progress: Callable[[str], None] | None = None) -> Synced:
        """Look at the files again, index what changed, and make the vectors that are missing. Never raises because of
        files, disk or embedder."""
        words = up_to_date(self._folders, self._keep_in, anew=rebuild)
        with self._lock:
            before, unreported = self._words, self._unreported
            self._use(words)
            self._unreported = ((), ())
        before.index.close()
        refreshed, trouble = self._refresh_vectors(on_progress)
        return Synced(
            files=len(words.index.runbooks()),
            sections=words.index.count,
            changed=tuple(dict.fromkeys((*unreported[0], *words.changed))),
            removed=tuple(dict.fromkeys((*unreported[1], *words.removed))),
            warnings=words.warnings,
            vectors=refreshed,
            trouble=tuple(filter(None, (words.trouble, trouble))),
        )

    def refresh(self) -> Synced | None:
        """`sync` if a file has changed since the last look, or if vectors are missing; None when there is nothing to
        do. For whoever looks again and again: an embedder that failed is given a rest."""
        now = time.monotonic()
        state = _state_of(self._folders)
        if state == self._state and (self._vectors is None or now < self._retry_at):
            return None
        synced = self.sync()
        self._state = state
        self._retry_at = now + RETRY_S if synced.trouble else math.inf
        return synced

    def close(self) -> None:
        """Let go of all files."""
        with self._lock:
            self._words.index.close()
            if self._vectors:
                self._vectors.close()

    def _use(self, words: Words) -> None:
        self._words = words
        self._links = Links((file, about) for file, _, about in words.index.runbooks())

    def _refresh_vectors(self, on_progress: Callable[[str], None] | None) -> tuple[Refreshed | None, str | None]:
        if self._vectors is None:
            return None, None
        texts = dict(self._words.index.embedded_texts())
        writer = Vectors(self._vectors.keep_in, self._vectors.embedder, self._vectors.server)
        try:
            refreshed = writer.refresh(texts, on_progress)
        except (EmbedderError, StoreError) as error:
            return None, str(error)
        finally:
            writer.close()
        return refreshed, str(refreshed.trouble) if refreshed.trouble else None

    def _find(self, query: str, limit: int, how: How) -> Found:
        linked = [passage for name in self._links.in_question(query) for passage in self.by_link(name)]
        if linked:
            return Found(tuple(dict.fromkeys(linked))[:limit])
        index = self._words.index
        similar, gaps = self._similar(query) if how.meaning else ({}, ())
        if not how.words and self._vectors is None:
            gaps = (Gap("runbooks", "embeddings", "not_configured", "no embedder is set", "Set NIGHTSHIFT_EMBEDDER."),)
        hits = self._ranked(query, similar, how)
        chosen = _spread((_passage(index.section(hit.section), hit.score, fits=fits) for hit, fits in hits), limit)
        return Found(chosen, gaps if chosen else (*gaps, *self._unread()))

    def _ranked(self, query: str, similar: Mapping[int, float], how: How) -> Iterable[tuple[Hit, bool]]:
        """What is shown, best first, and whether it fits."""
        index = self._words.index
        question = asked(query, index.corrected)
        way: Way = "meaning" if not how.words else "both" if similar else "words"
        hits = rank(question, index, similar) if how.words else rank_by_meaning(similar, index)
        return judged(question, hits, index, way, how.least)

    def _similar(self, query: str) -> tuple[Mapping[int, float], tuple[Gap, ...]]:
        """Section → similarity of meaning, and the Gap when that could not be told."""
        if self._vectors is None or not query.strip() or not self.section_count:
            return {}, ()
        try:
            found = self._vectors.nearest(query, DEEP)
        except EmbedderError as error:
            return {}, (Gap("runbooks", "embeddings", error.gap_kind, _by_words(error.problem), error.fix),)
        except StoreError as error:
            fix = None if "runbooks sync" in str(error) else "Run `nightshift runbooks sync`."
            return {}, (Gap("runbooks", "embeddings", "unreachable", _by_words(str(error)), fix),)
        numbers = self._words.index.numbers_by_key()
        return {numbers[key]: similarity for key, similarity in found if key in numbers}, ()

    def _unread(self) -> tuple[Gap, ...]:
        """When nothing fits, files that were not read might have."""
        lost = [warning for warning in self.warnings if not warning.harmless]
        if not lost:
            return ()
        text = f"{len(lost)} of the runbooks' files or folders could not be read"
        return (Gap("runbooks", "files", "malformed", text, "`nightshift runbooks lint` says which, and why."),)


def _state_of(folders: Sequence[Path]) -> tuple[object, ...]:
    """What changes when a file does, without reading any."""
    state: list[object] = []
    for found in find_files(folders, []):
        with suppress(OSError):
            seen = found.path.stat()
            state.append((found.path, seen.st_mtime_ns, seen.st_size))
    return tuple(state)


def _spread(passages: Iterable[Passage], limit: int) -> tuple[Passage, ...]:
    """The first passages, at most two of one file."""
    chosen: list[Passage] = []
    of_file: dict[str, int] = defaultdict(int)
    for passage in passages:
        if len(chosen) == limit:
            break
        if of_file[passage.file] < PER_FILE:
            of_file[passage.file] += 1
            chosen.append(passage)
    return tuple(chosen)


def _passage(item: IndexedSection, score: float, *, fits: bool = True) -> Passage:
    section = item.section
    heading = section.heading or item.title
    return Passage(item.file, heading, section.heading_path, section.line, section.text, round(score, 4), fits)


def _by_words(problem: str) -> str:
    return f"{problem.rstrip('.')}; runbooks were searched by their words alone"
