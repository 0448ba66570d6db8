"""Values that more than one client returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nightshift.facts.tasks import Task

Permissions = Mapping[str, frozenset[str]]
"""Path → privileges that the token has there, as the server tells."""


def privileges_on(permissions: Permissions, path: str) -> frozenset[str]:
    """The privileges on a path: those listed for it, else those of the nearest path above."""
    while path not in permissions and path != "/":
        path = path.rpartition("/")[0] or "/"
    return permissions.get(path, frozenset())


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Tasks, newest first as the server sent them. `truncated` when there are more than were asked for."""

    tasks: tuple[Task, ...]
    truncated: bool
