"""YAML with a memory of where everything stands, so that errors can name the line and the column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]


class ScenarioError(ValueError):
    """A scenario file that cannot be used: every problem with file, line, column, and what would be right."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Document:
    """The plain content of a YAML file, and the mark (line, column; from 1) of every value and key in it."""

    source: str
    content: Any
    values: Mapping[Path, tuple[int, int]]
    keys: Mapping[Path, tuple[int, int]]

    def problem(self, path: Path, text: str, *, key: bool = False) -> str:
        """`file:line:column: where: text`, at the nearest place that the file has."""
        marks = self.keys if key and path in self.keys else self.values
        near = path
        while near and near not in marks:
            near, marks = near[:-1], self.values
        line, column = marks.get(near, (1, 1))
        where = _dotted(path)
        return f"{self.source}:{line}:{column}: {f'{where}: ' if where else ''}{text}"


def read_yaml(text: str, source: str) -> Document:
    """Parse one YAML document. Raises ScenarioError for what is not YAML, for aliases and for a key that repeats."""
    values: dict[Path, tuple[int, int]] = {}
    keys: dict[Path, tuple[int, int]] = {}
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ScenarioError([f"{source}:{line}:{column}: this is not YAML: {error.problem}"]) from error
    if root is None:
        raise ScenarioError([f"{source}:1:1: the file is empty"])
    content = _content(root, (), _Marks(source, values, keys))
    return Document(source, content, values, keys)


@dataclass(frozen=True, slots=True)
class _Marks:
    source: str
    values: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]]


def _content(node: yaml.Node, path: Path, marks: _Marks) -> Any:
    marks.values[path] = _mark(node)
    if isinstance(node, yaml.MappingNode):
        content: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line, column = _mark(key_node)
            if key in content:
                raise ScenarioError([f"{marks.source}:{line}:{column}: {_dotted((*path, key))}: written twice"])
            marks.keys[(*path, key)] = (line, column)
            content[key] = _content(value_node, (*path, key), marks)
        return content
    if isinstance(node, yaml.SequenceNode):
        return [_content(item, (*path, number), marks) for number, item in enumerate(node.value)]
    return yaml.CSafeLoader("").construct_object(node)


def _mark(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _dotted(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
