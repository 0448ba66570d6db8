"""Search over runbooks: exact links first, then words, and nothing at all when nothing fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nightshift.knowledge.loading import Library, LoadWarning, RunbookFile, load_library
from nightshift.knowledge.markdown import Section
from nightshift.knowledge.scoring import FieldIndex, Hit
from nightshift.knowledge.terms import terms_of

FIELD_WEIGHTS = {"title": 3.0, "heading": 2.0, "path": 1.0, "symptoms": 2.0, "tags": 1.5, "links": 2.0, "body": 1.0}
RELEVANCE_FLOOR = 0.55
"""The least share of a query's weight that a section must contain. Below it the honest answer is "no runbook"."""
PER_FILE = 2
STEPS_BONUS = 1.15
_STEPS = frozenset(terms_of("steps resolution remedy remediation fix action actions mitigation recovery repair"))


@dataclass(frozen=True, slots=True)
class Passage:
    """A section of a runbook that can be quoted. `text` is its author's words: data, never instructions. `score` says
    how well it fits, higher is better; 1.0 for an exact link."""

    file: str
    heading: str
    heading_path: tuple[str, ...]
    line: int
    text: str
    score: float


class RunbookSearch:
    """The runbooks, loaded and indexed. Immutable; searching takes well below a millisecond for a few hundred."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._entries = [(file, section) for file in library.files for section in file.sections]
        self._index = FieldIndex([_fields(file, section) for file, section in self._entries], FIELD_WEIGHTS)
        self._linked = _links(library.files)

    @classmethod
    def open(cls, folders: Iterable[Path]) -> RunbookSearch:
        """Read the Markdown files of `folders`. Never raises because of them: see `warnings`."""
        return cls(load_library(folders))

    @property
    def warnings(self) -> tuple[LoadWarning, ...]:
        """What could not be read, or not all of it."""
        return self.library.warnings

    @property
    def section_count(self) -> int:
        return len(self._entries)

    def search(self, query: str, limit: int = 3) -> tuple[Passage, ...]:
        """The sections that fit the query, best first, at most two of one file; empty when none does."""
        linked = [passage for word in query.split() for passage in self.by_link(word.strip("`'\"?,.()"))]
        if linked:
            return tuple(dict.fromkeys(linked))[:limit]
        chosen: list[Passage] = []
        for hit in self._ranked(query):
            passage = self._passage(hit)
            if sum(other.file == passage.file for other in chosen) < PER_FILE:
                chosen.append(passage)
            if len(chosen) == limit:
                break
        return tuple(chosen)

    def by_link(self, check_or_alert: str) -> tuple[Passage, ...]:
        """The sections of the runbooks that name this check id or alert, or of a `file.md#Heading`; steps first."""
        file, _, heading = check_or_alert.partition("#")
        wanted = self._linked.get(check_or_alert.lower()) or self._linked.get(file.lower()) or ()
        passages = [
            Passage(entry.file, section.heading, section.heading_path, section.line, section.text, 1.0)
            for entry in wanted
            for section in entry.sections
        ]
        if heading:
            return tuple(passage for passage in passages if _anchor(passage.heading) == _anchor(heading))
        return tuple(sorted(passages, key=lambda passage: not _has_steps(passage.heading)))

    def _ranked(self, query: str) -> list[Hit]:
        hits = [hit for hit in self._index.search(terms_of(query)) if hit.coverage >= RELEVANCE_FLOOR]
        raised = [Hit(hit.index, hit.score * self._bonus(hit), hit.coverage) for hit in hits]
        return sorted(raised, key=lambda hit: (-hit.score, hit.index))

    def _bonus(self, hit: Hit) -> float:
        """Someone who looks for a runbook wants to know what to do."""
        return STEPS_BONUS if _has_steps(self._entries[hit.index][1].heading) else 1.0

    def _passage(self, hit: Hit) -> Passage:
        file, section = self._entries[hit.index]
        return Passage(
            file.file, section.heading or file.title, section.heading_path, section.line, section.text, hit.score
        )


def _fields(file: RunbookFile, section: Section) -> dict[str, list[str]]:
    about = file.frontmatter
    return {
        "title": terms_of(file.title),
        "heading": terms_of(section.heading),
        "path": terms_of(" ".join((*section.heading_path[:-1], file.file))),
        "symptoms": terms_of(" ".join(about.symptoms)),
        "tags": terms_of(" ".join((*about.tags, *about.entities))),
        "links": terms_of(" ".join((*about.alerts, *about.checks))),
        "body": terms_of(section.text),
    }


def _links(files: Iterable[RunbookFile]) -> dict[str, tuple[RunbookFile, ...]]:
    """By alert, check id and file name, all in lower case."""
    linked: dict[str, tuple[RunbookFile, ...]] = {}
    for file in files:
        for name in dict.fromkeys((*file.frontmatter.alerts, *file.frontmatter.checks, file.file)):
            linked[name.lower()] = (*linked.get(name.lower(), ()), file)
    return linked


def _has_steps(heading: str) -> bool:
    return not _STEPS.isdisjoint(terms_of(heading))


def _anchor(heading: str) -> str:
    """`How to verify` and `how-to-verify` are the same place."""
    return "-".join(heading.lower().replace("-", " ").split())
