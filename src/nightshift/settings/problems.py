"""What is wrong with the settings, all of it at once, without ever repeating a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nightshift.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import ValidationError

Label = Callable[[str], str]
"""Says how the operator knows a field: `url` → `PROXMOX_URL`, or `nightshift.yaml line 4, sources[0].url`."""


class ConfigProblems(ConfigError):
    """Several settings are wrong. `problems` are all of them, in the order in which they were found."""

    def __init__(self, problems: Iterable[ConfigError]) -> None:
        self.problems = tuple(problems)
        names = dict.fromkeys(problem.variable for problem in self.problems)
        super().__init__(", ".join(names), f"{len(self.problems)} settings are wrong")
        self.args = ("\n".join(f"- {problem}" for problem in self.problems),)


def raise_all(problems: list[ConfigError]) -> None:
    """Raise nothing, the one problem, or `ConfigProblems` of all of them."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ConfigProblems(problems)


@contextmanager
def collecting(problems: list[ConfigError]) -> Iterator[None]:
    """Keep a ConfigError of the block in `problems` instead of raising it, so that the next one is found too."""
    try:
        yield
    except ConfigProblems as several:
        problems.extend(several.problems)
    except ConfigError as one:
        problems.append(one)


def problems_of(error: ValidationError, label: Label, examples: Mapping[str, str]) -> list[ConfigError]:
    """The problems that pydantic found, in our words.

    Only messages that our own validators wrote are repeated: pydantic's may quote the value. `{field}` in such a
    message is replaced by what the operator calls that field.
    """
    return [_problem(details, label, examples) for details in error.errors(include_input=False, include_url=False)]


def _problem(details: Mapping[str, Any], label: Label, examples: Mapping[str, str]) -> ConfigError:
    field = str(details["loc"][0]) if details["loc"] else ""
    kind = details["type"]
    if kind == "missing":
        text = "is missing"
    elif kind == "extra_forbidden":
        text = "is not a setting"
    elif kind == "value_error":
        text = str(details["ctx"]["error"]).format_map(_Labels(label))
    else:
        text = "has the wrong type"
    return ConfigError(label(field), text, examples.get(field))


class _Labels(dict[str, str]):
    def __init__(self, label: Label) -> None:
        super().__init__()
        self._label = label

    def __missing__(self, field: str) -> str:
        return self._label(field)
