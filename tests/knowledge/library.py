"""All runbooks of some folders at once, read as the index reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nightshift.knowledge.loading import LoadWarning, RunbookFile, find_files, read_bytes, read_runbook


@dataclass(frozen=True, slots=True)
class Library:
    """All runbooks that could be read, and what could not."""

    files: tuple[RunbookFile, ...] = ()
    warnings: tuple[LoadWarning, ...] = ()


def load_library(folders: Iterable[Path]) -> Library:
    """Read every Markdown file under `folders`, in a stable order. Reads files: not for the event loop."""
    warnings: list[LoadWarning] = []
    files: list[RunbookFile] = []
    for found in find_files(folders, warnings):
        raw = read_bytes(found, warnings)
        if raw is not None:
            read = read_runbook(found, raw)
            warnings += [LoadWarning(read.path, problem, bool(read.runbook.sections)) for problem in read.problems]
            files += [read.runbook] if read.runbook.sections else []
    return Library(tuple(files), tuple(warnings))
