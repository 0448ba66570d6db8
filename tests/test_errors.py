"""The error tree is documented in the module's docstring, and the two agree."""

from __future__ import annotations

import inspect
import re

import pytest

from nightshift import errors


def documented() -> list[tuple[int, str]]:
    rows = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^    ((?:│   |    )*(?:[├└]── )?)([A-Z]\w+)", line)
        if found:
            rows.append((len(found.group(1)) // 4, found.group(2)))
    return rows


def test_every_error_is_in_the_tree_under_its_parent() -> None:
    rows = documented()
    parents: dict[str, str] = {}
    path: list[str] = []
    for depth, name in rows:
        path[depth:] = [name]
        parents[name] = path[depth - 1] if depth else "Exception"
    actual = {
        name: cls.__mro__[1].__name__
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, Exception)
    }
    assert parents == actual


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            errors.ConfigError("PBS_URL", "needs a scheme", "https://pbs:8007"),
            "PBS_URL: needs a scheme. Example: PBS_URL=https://pbs:8007",
        ),
        (errors.ConfigError("PBS_URL", "needs a scheme."), "PBS_URL: needs a scheme."),
        (
            errors.SourceUnreachable("pve", "GET /version", "connection refused.", fix="Check PROXMOX_URL."),
            "pve: connection refused. (GET /version) Check PROXMOX_URL.",
        ),
        (
            errors.ToolInputError("no guest named 'webb'.", "Did you mean web?"),
            "no guest named 'webb'. Did you mean web?",
        ),
    ],
)
def test_messages(error: Exception, text: str) -> None:
    assert str(error) == text
