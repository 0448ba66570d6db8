"""Folders → the index of words, up to date: what is unchanged is taken from the last one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightshift.errors import StoreError
from nightshift.knowledge.index import WordIndex
from nightshift.knowledge.loading import (
    FoundFile,
    LoadWarning,
    digest_of,
    find_files,
    read_bytes,
    read_runbook,
)
from nightshift.knowledge.making import IndexedFile, take_apart, write_index

FILE = "words.sqlite"


@dataclass(frozen=True, slots=True)
class Words:
    """An index that is up to date. `warnings` say what could not be read, `trouble` why it could not be kept on disk,
    if so. `changed` are the names of the files that were taken apart for it, `removed` of those that are gone."""

    index: WordIndex
    warnings: tuple[LoadWarning, ...]
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    trouble: str | None = None


def folder_for(data_dir: Path, folders: Iterable[Path]) -> Path:
    """Where the index of these folders is kept: another set of folders has another index."""
    names = "\0".join(str(folder.resolve()) for folder in folders)
    return data_dir / "runbooks" / hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def up_to_date(folders: Sequence[Path], keep_in: Path | None, *, anew: bool = False) -> Words:
    """The index of all Markdown files under `folders`. `keep_in` None keeps it in memory; `anew` takes every file apart
    again. Never raises because of the files or the disk: see `warnings` and `trouble`."""
    warnings: list[LoadWarning] = []
    contents = _contents(folders, warnings)
    old = None if keep_in is None or anew else _opened(keep_in / FILE)
    known = old.digests() if old else {}
    current = {str(found.path): (found.name, digest) for found, _, digest in contents}
    if old is not None and list(known.items()) == list(current.items()):
        return Words(old, (*warnings, *old.warnings()))
    same = {path for path, state in current.items() if known.get(path) == state}
    kept = old.taken_apart(same) if old is not None and same else {}
    files = [
        kept.get(str(found.path)) or take_apart(read_runbook(found, raw, digest)) for found, raw, digest in contents
    ]
    if old is not None:
        old.close()
    index, trouble = _made(keep_in, files)
    return Words(
        index,
        (*warnings, *index.warnings()),
        changed=tuple(file.runbook.file for file in files if file.path not in kept),
        removed=tuple(name for path, (name, _) in known.items() if path not in current),
        trouble=trouble,
    )


def _contents(folders: Sequence[Path], warnings: list[LoadWarning]) -> list[tuple[FoundFile, bytes, str]]:
    found = []
    for file in find_files(folders, warnings):
        raw = read_bytes(file, warnings)
        if raw is not None:
            found.append((file, raw, digest_of(raw)))
    return found


def _opened(file: Path) -> WordIndex | None:
    try:
        return WordIndex.open(file)
    except StoreError:
        return None  # it is made anew


def _made(keep_in: Path | None, files: Sequence[IndexedFile]) -> tuple[WordIndex, str | None]:
    """The new index, on disk or else in memory with the reason."""
    if keep_in is None:
        return WordIndex.in_memory(files), None
    try:
        write_index(keep_in / FILE, files)
        return WordIndex.open(keep_in / FILE), None
    except StoreError as error:
        return WordIndex.in_memory(files), str(error)
