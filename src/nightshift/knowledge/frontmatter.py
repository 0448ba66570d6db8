"""The optional YAML block at the top of a runbook.

    ---
    title: A datastore is full
    alerts: [PbsDatastoreAlmostFull]
    checks: [datastore.full]
    tags: [pbs, storage]
    symptoms: [backups fail with "No space left on device"]
    ---

What is written there is a stranger's: only strings and lists of strings are taken, everything else is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import yaml

MAX_CHARS = 20_000
_BLOCK = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Frontmatter:
    """What a runbook says about itself; every part may be absent."""

    title: str | None = None
    alerts: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    owner: str | None = None
    reviewed: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A file without its frontmatter. `body_line` is the line number of the body's first line; `problem` says what was
    wrong with the YAML, if anything."""

    frontmatter: Frontmatter
    body: str
    body_line: int
    problem: str | None = None


def split_frontmatter(text: str) -> Split:
    """Take the frontmatter off a text with `\\n` line ends. A broken one is a `problem`; the body is kept."""
    found = _BLOCK.match(text)
    if found is None:
        problem = "the frontmatter is opened with --- and never closed" if _opens_frontmatter(text) else None
        return Split(Frontmatter(), text, 1, problem)
    body_line = found.group(0).count("\n") + 1
    body = text[found.end() :]
    if len(found.group(1)) > MAX_CHARS:
        return Split(Frontmatter(), body, body_line, f"the frontmatter is longer than {MAX_CHARS:,} characters")
    try:
        values = yaml.safe_load(found.group(1))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-45
        return Split(Frontmatter(), body, body_line, f"the frontmatter is not valid YAML{_place(error)}")
    if values is None:
        return Split(Frontmatter(), body, body_line)
    if not isinstance(values, dict):
        return Split(Frontmatter(), body, body_line, "the frontmatter is not a list of `name: value` lines")
    return Split(_frontmatter(values), body, body_line)


def _opens_frontmatter(text: str) -> bool:
    """Whether a first line of `---` is followed by something like `name: value`, and not a mere horizontal rule."""
    return re.match(r"\A---[ \t]*\n[A-Za-z_]+:", text) is not None


def _frontmatter(values: dict[object, object]) -> Frontmatter:
    return Frontmatter(
        title=_text(values.get("title")),
        alerts=_texts(values.get("alerts")),
        checks=_texts(values.get("checks")),
        entities=_texts(values.get("entities")),
        tags=_texts(values.get("tags")),
        symptoms=_texts(values.get("symptoms")),
        owner=_text(values.get("owner")),
        reviewed=_text(values.get("reviewed")),
    )


def _text(value: object) -> str | None:
    if isinstance(value, str | int | float | date):
        return str(value).strip() or None
    return None


def _texts(value: object) -> tuple[str, ...]:
    """A list, or one string with commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    items = value if isinstance(value, list) else [value]
    return tuple(text for item in items if (text := _text(item)))


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 2})" if mark is not None else ""
