"""Which checks and alert rules lead to a runbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nightshift.knowledge.search import RunbookSearch


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that can be wrong: a check, or an alert rule with the runbook_url of its annotations."""

    kind: str
    name: str
    about: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """A subject and the runbooks that it leads to. `hint` is one that may fit and does not name it."""

    subject: Subject
    files: tuple[str, ...]
    hint: str = ""


def covered(search: RunbookSearch, subjects: Iterable[Subject]) -> tuple[Covered, ...]:
    """Each subject once, in the given order, with its runbooks."""
    return tuple(_covered(search, subject) for subject in dict.fromkeys(subjects))


def _covered(search: RunbookSearch, subject: Subject) -> Covered:
    names = (subject.name, subject.url) if subject.url else (subject.name,)
    files = tuple(dict.fromkeys(passage.file for name in names for passage in search.by_link(name)))
    if files:
        return Covered(subject, files)
    about = subject.about if subject.kind == "check" else ""
    close = search.search(f"{subject.name.replace('.', ' ')} {about}", 1)
    return Covered(subject, (), close[0].file if close else "")
