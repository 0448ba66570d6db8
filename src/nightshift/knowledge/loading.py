"""Folders of Markdown → documents. Whatever cannot be read is a warning with the reason, never the end of the rest."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nightshift
from nightshift.knowledge.frontmatter import Frontmatter, split_frontmatter
from nightshift.knowledge.markdown import Section, first_heading, split_sections

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_FILES = 5_000
SUFFIXES = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class LoadWarning:
    """A file or folder that was not used, or not all of it. `problem` is one sentence for its author; `harmless` when
    all text was read all the same."""

    path: str
    problem: str
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class RunbookFile:
    """One runbook. `file` is its path below its folder, with `/`."""

    file: str
    title: str
    frontmatter: Frontmatter
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A Markdown file: where it lies, and its name below the folder of runbooks, with `/`."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A runbook as it was read. `digest` is the hash of the file's content, `problems` what its author should mend."""

    path: str
    digest: str
    runbook: RunbookFile
    problems: tuple[str, ...] = ()


def starter_runbooks() -> Path:
    """The folder of the runbooks that come with Nightshift."""
    return Path(nightshift.__file__).parent / "runbooks"


def find_files(folders: Iterable[Path], warnings: list[LoadWarning]) -> Iterator[FoundFile]:
    """Every Markdown file under `folders`, each once, in a stable order."""
    seen: set[Path] = set()
    for folder in folders:
        for path, name in _markdown_files(folder, warnings):
            real = path.resolve()
            if real in seen:
                continue
            if len(seen) >= MAX_FILES:
                problem = f"there are more than {MAX_FILES:,} files; the rest is left out"
                warnings.append(LoadWarning(str(folder), problem))
                return
            seen.add(real)
            yield FoundFile(path, name)


def digest_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def read_bytes(found: FoundFile, warnings: list[LoadWarning]) -> bytes | None:
    """The content of a file; None, and a warning, when it cannot be had or is too large."""
    path = found.path

    def warn(problem: str) -> None:
        warnings.append(LoadWarning(str(path), problem))

    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            warn("it is not a regular file")
        elif state.st_size > MAX_FILE_BYTES:
            warn(f"it has {state.st_size / 2**20:.1f} MiB; at most {MAX_FILE_BYTES // 2**20} MiB are read")
        else:
            return path.read_bytes()
    except OSError as error:
        gone = path.is_symlink() and isinstance(error, FileNotFoundError)
        warn("it is a link to nothing" if gone else f"cannot be read: {error.strerror or error}")
    return None


def read_runbook(found: FoundFile, raw: bytes, digest: str | None = None) -> ReadFile:
    """A runbook from its bytes. One without text has no sections, and a problem that says so."""
    text, misread = decode(raw)
    problems = [misread] if misread else []
    if text is None:
        book = RunbookFile(found.name, _title_of(found.name), Frontmatter(), ())
    else:
        book, problem = parse_runbook(found.name, text)
        problems += [problem] if problem else []
        problems += [] if book.sections else ["it has no text"]
    return ReadFile(str(found.path), digest or digest_of(raw), book, tuple(problems))


def parse_runbook(file: str, text: str) -> tuple[RunbookFile, str | None]:
    """A runbook from its text, and what is wrong with its frontmatter, if anything."""
    split = split_frontmatter(text.replace("\r\n", "\n").replace("\r", "\n"))
    title = split.frontmatter.title or first_heading(split.body) or _title_of(file)
    sections = split_sections(split.body, first_line=split.body_line)
    return RunbookFile(file, title, split.frontmatter, sections), split.problem


def _markdown_files(folder: Path, warnings: list[LoadWarning]) -> Iterator[tuple[Path, str]]:
    """Markdown files below `folder` with their names in it; hidden folders are skipped, links are followed once."""
    if not folder.is_dir():
        problem = "it is not a folder" if folder.exists() else "there is no such folder"
        warnings.append(LoadWarning(str(folder), f"{problem}: no runbooks are read from it"))
        return
    visited: set[Path] = set()

    def unreadable(error: OSError) -> None:
        warnings.append(LoadWarning(error.filename or str(folder), f"cannot be read: {error.strerror or error}"))

    for current, folders, names in os.walk(folder, followlinks=True, onerror=unreadable):
        here = Path(current)
        real = here.resolve()
        if real in visited:
            warnings.append(LoadWarning(current, "the link leads back into a folder that was read already", True))
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                path = here / name
                yield path, path.relative_to(folder).as_posix()


def decode(raw: bytes) -> tuple[str | None, str | None]:
    """Bytes → text and a warning. UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252; None for no text."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return raw.decode("utf-16"), None
        except UnicodeDecodeError:
            return None, "it begins like UTF-16 and is not"
    if b"\x00" in raw:
        return None, "it is not text"
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), "it is not UTF-8; read as Windows-1252"


def _title_of(file: str) -> str:
    stem = file.rpartition("/")[2].rpartition(".")[0]
    return stem.replace("-", " ").replace("_", " ").strip().capitalize() or file
