"""What keeps a runbook from being read, found or followed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from nightshift.knowledge.links import anchor
from nightshift.knowledge.loading import LoadWarning, ReadFile, find_files, read_bytes, read_runbook
from nightshift.knowledge.markdown import SECTION_CHARS
from nightshift.knowledge.roles import does

REVIEW_AFTER = timedelta(days=730)
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to mend. `line` is None for what concerns the whole file."""

    path: str
    problem: str
    line: int | None = None


def lint(folders: Sequence[Path], *, checks: Iterable[str], today: date) -> tuple[Complaint, ...]:
    """Everything that should be mended in the runbooks of these folders. `checks` are the ids that exist."""
    warnings: list[LoadWarning] = []
    files: list[ReadFile] = []
    for found in find_files(folders, warnings):
        raw = read_bytes(found, warnings)
        if raw is not None:
            files.append(read_runbook(found, raw))
    known = frozenset(checks)
    complaints = [Complaint(warning.path, warning.problem) for warning in warnings]
    for file in files:
        complaints += [Complaint(file.path, problem) for problem in file.problems]
        if file.runbook.sections:
            complaints += _of_file(file, known, today)
            complaints += _of_links(file, files)
    return tuple(complaints + list(_twins(files)))


def _of_file(file: ReadFile, checks: frozenset[str], today: date) -> Iterator[Complaint]:
    about = file.runbook.frontmatter
    for check in about.checks:
        if check not in checks:
            yield Complaint(file.path, f"checks: there is no check {check!r}; docs/checks.md lists them all")
    if about.reviewed:
        yield from _of_review(file, about.reviewed, today)
    sections = file.runbook.sections
    if not any(does(section.heading) or _has_commands_or_steps(section.text) for section in sections):
        yield Complaint(file.path, "it has neither steps nor commands: what should the reader do?")
    headings = [section for section in sections if section.heading]
    if not headings:
        yield Complaint(file.path, "it has no headings, so that answers can only quote all of it")
    for section in sections:
        if len(section.text) > 2 * SECTION_CHARS:
            problem = f"this section has {len(section.text):,} characters in one block: cut it with headings"
            yield Complaint(file.path, problem, section.line)


def _of_review(file: ReadFile, reviewed: str, today: date) -> Iterator[Complaint]:
    try:
        when = date.fromisoformat(reviewed)
    except ValueError:
        yield Complaint(file.path, f"reviewed: {reviewed!r} is not a date like {today.isoformat()}")
        return
    if when > today:
        yield Complaint(file.path, f"reviewed: {reviewed} lies in the future")
    elif today - when > REVIEW_AFTER:
        yield Complaint(file.path, f"it was last reviewed on {reviewed}, more than two years ago")


def _of_links(file: ReadFile, files: Sequence[ReadFile]) -> Iterator[Complaint]:
    """Links to Markdown files or headings that do not exist."""
    here = Path(file.path).parent
    by_path = {Path(other.path).resolve(): other for other in files}
    for section in file.runbook.sections:
        for target in _LINK.findall(_without_code(section.text)):
            path, _, heading = target.partition("#")
            if "://" in target or target.startswith(("mailto:", "/")) or (path and not path.endswith(".md")):
                continue
            other = by_path.get((here / path).resolve()) if path else file
            if other is None:
                if not (here / path).exists():
                    yield Complaint(file.path, f"the link to {target} leads nowhere", section.line)
            elif heading and anchor(heading) not in {anchor(item.heading) for item in other.runbook.sections}:
                yield Complaint(file.path, f"the link to {target} leads to no heading with text", section.line)


def _twins(files: Sequence[ReadFile]) -> Iterator[Complaint]:
    """Titles that two files share: nobody can tell which is meant."""
    by_title: dict[str, list[ReadFile]] = defaultdict(list)
    for file in files:
        if file.runbook.sections:
            by_title[file.runbook.title.lower()].append(file)
    for same in by_title.values():
        for file in same[1:]:
            yield Complaint(file.path, f"it has the same title as {same[0].path}")


def _has_commands_or_steps(text: str) -> bool:
    return bool(re.search(r"^\s*(?:```|~~~|\d+[.)]\s|[-*+]\s)|`[^`\n]+`", text, re.MULTILINE))


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|~~~.*?~~~|`[^`\n]*`", "", text, flags=re.DOTALL)
