"""A YAML file as plain values that remember their lines, so that a mistake can be named where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from nightshift.errors import ConfigError

_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: file, line (from 1) and path of keys (`sources[0].url`)."""

    file: Path
    line: int
    path: str

    def __str__(self) -> str:
        where = f"{self.file.name} line {self.line}"
        return f"{where}, {self.path}" if self.path else where

    def error(self, problem: str, example: str | None = None) -> ConfigError:
        return ConfigError(str(self), problem if example is None else f"{problem}, as in `{example}`")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the file: a text (None for an empty value), a list or a mapping."""

    place: Place
    node: yaml.Node

    def mapping(self, shape: str) -> dict[str, Value]:
        """The entries of a mapping by key. Raises ConfigError when it is none or repeats a key."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.place.error(f"must be {shape}")
        entries: dict[str, Value] = {}
        for key_node, value_node in self.node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            path = f"{self.place.path}.{key}" if self.place.path else key
            place = Place(self.place.file, key_node.start_mark.line + 1, path)
            if key in entries:
                raise place.error("is there twice")
            entries[key] = Value(place, value_node)
        return entries

    def sequence(self, shape: str) -> Iterator[Value]:
        """The items of a list. Raises ConfigError when it is none."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.place.error(f"must be {shape}")
        for number, node in enumerate(self.node.value):
            place = Place(self.place.file, node.start_mark.line + 1, f"{self.place.path}[{number}]")
            yield Value(place, node)

    @property
    def is_scalar(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode)

    @property
    def is_sequence(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    def texts(self, shape: str) -> tuple[str, ...]:
        """One text or a list of texts, without empty ones. Raises ConfigError when it is neither."""
        items = self.sequence(shape) if self.is_sequence else (self,)
        return tuple(text for item in items if (text := item.text()) is not None)

    def text(self) -> str | None:
        """A scalar as it is written, None when it is empty. Raises ConfigError for a list or mapping."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.place.error("must be a single value")
        written = str(self.node.value).strip()
        return None if self.node.tag == _NULL or not written else written


def read_yaml(file: Path) -> Value | None:
    """The root of the file, None when it is empty. Raises ConfigError when it cannot be read or is no YAML."""
    text = _read(file)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place, problem = Place(file, mark.line + 1 if mark else 1, ""), f"is not valid YAML: {_plain(error.problem)}"
    except yaml.YAMLError:
        place, problem = Place(file, 1, ""), "is not valid YAML: it holds characters that YAML does not allow"
    else:
        return None if root is None or root.tag == _NULL else Value(Place(file, 1, ""), root)
    raise place.error(problem)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problem = "names no file"
    except UnicodeDecodeError:
        problem = "names a file that is not UTF-8 text"
    except OSError as error:
        problem = f"names a file that cannot be read ({error.strerror})"
    raise ConfigError("NIGHTSHIFT_CONFIG", problem, "/etc/nightshift.yaml")


def _plain(problem: str | None) -> str:
    """The parser's complaint up to its quotation of the file, which may be a secret in the wrong place."""
    return (problem or "the structure is broken").partition("'")[0].strip() or "the structure is broken"
