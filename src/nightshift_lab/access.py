"""Who may see what: tokens with privileges on paths, as the access control lists of PVE and PBS inherit them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Token:
    """An API token. `grants` maps an access path to the privileges on it and below it."""

    id: str
    secret: str = field(repr=False)
    grants: Mapping[str, frozenset[str]]

    def may(self, path: str, privilege: str) -> bool:
        """Whether the privilege is granted on `path` or inherited from above; the nearest grant decides."""
        return privilege in self.privileges(path)

    def may_any(self, path: str, privileges: Iterable[str]) -> bool:
        return any(self.may(path, privilege) for privilege in privileges)

    def privileges(self, path: str) -> frozenset[str]:
        """The privileges in force on `path`: those of the nearest granted ancestor."""
        while True:
            if path in self.grants:
                return self.grants[path]
            if path == "/":
                return frozenset()
            path = path.rpartition("/")[0] or "/"

    def without(self, privilege: str) -> Token:
        """The same token with one privilege taken away everywhere."""
        return replace(self, grants={path: granted - {privilege} for path, granted in self.grants.items()})


@dataclass(frozen=True, slots=True)
class Delays:
    """How long the real servers take to say no (s)."""

    unauthorized_s: float = 3.0
    forbidden_s: float = 0.5
    node_unreachable_s: float = 3.0
