"""The YAML files of scenarios and questions, and words for what is wrong in one: file, line, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml


class QuestionError(Exception):
    """A file of questions or scenarios, or what was asked of them, is wrong; the message says which and how."""


class _Numbered(dict[str, Any]):
    """A mapping of a file that knows its line."""

    line = 0


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe: no objects of the file's choice. Mappings know their line."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> _Numbered:
    made = _Numbered(loader.construct_mapping(node, deep=True))
    made.line = node.start_mark.line + 1
    return made


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_mapping(file: Path) -> Mapping[str, Any]:
    """A file that holds a mapping. Raises QuestionError."""
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - derived from SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise QuestionError(f"{file.name}: this is no YAML: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise QuestionError(f"{file}: {error.strerror}") from error
    if not isinstance(data, Mapping):
        raise QuestionError(f"{file.name}: it must hold keys and values, such as `questions:` or `truth:`")
    return data


def line_of(entry: object) -> str:
    """`line 12: ` of a mapping that a file holds; nothing of anything else."""
    return f"line {entry.line}: " if isinstance(entry, _Numbered) else ""


def check_keys(entry: object, allowed: Iterable[str], needed: Iterable[str] = ()) -> Mapping[str, Any]:
    """The entry as a mapping of these keys. Raises QuestionError that says the line and what is allowed."""
    known = sorted(allowed)
    if not isinstance(entry, Mapping):
        raise QuestionError(f"{entry!r} must be a mapping of {', '.join(known)}")
    for key in entry:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise QuestionError(f"{line_of(entry)}no such key: {key}{meant} (allowed: {', '.join(known)})")
    missing = [key for key in needed if key not in entry]
    if missing:
        raise QuestionError(f"{line_of(entry)}{' and '.join(missing)} must be said")
    return entry


def check_word(entry: Mapping[str, Any], key: str, allowed: Iterable[str]) -> str:
    """The value of a key that is one of a few words; empty when it is not there. Raises QuestionError."""
    value, known = str(entry.get(key) or ""), list(allowed)
    if value and value not in known:
        raise QuestionError(f"{line_of(entry)}{key} is one of {', '.join(known)}, not {value}")
    return value


def check_list(entry: Mapping[str, Any], key: str) -> list[Any]:
    """The value of a key that is a list. Raises QuestionError."""
    value = entry[key]
    if not isinstance(value, list):
        raise QuestionError(f"{line_of(entry)}{key} must be a list")
    return value
