"""What an operator's rule is about: guests by name, tag or vmid, nodes, storages, datastores, systems, checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

Facets = Mapping[str, Iterable[str]]
"""What is known of one thing, by the names of the fields of `Selector`: `{"guest": ("web",), "vmid": ("104",)}`."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Chooses things. Every field that is set has to fit; of its patterns one is enough.

    Patterns are shell globs (`test-*`) and ignore case; a `vmid` may be a range (`9000-9099`). `node` is a node and
    everything on it, `guest`, `tag` and `vmid` a guest and what is measured on it. `target` is the `instance` of
    Prometheus, `check` a check's id or family.
    """

    guest: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    vmid: tuple[str, ...] = ()
    node: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    datastore: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    check: tuple[str, ...] = ()

    def chooses(self, facets: Facets) -> bool:
        """Whether all that is set fits; a selector in which nothing is set chooses nothing."""
        given = [(name, patterns) for name in SELECTOR_FIELDS if (patterns := getattr(self, name))]
        return bool(given) and all(_fits(name, patterns, facets.get(name, ())) for name, patterns in given)

    def __str__(self) -> str:
        given = ((name, getattr(self, name)) for name in SELECTOR_FIELDS)
        return ", ".join(f"{name} {'|'.join(patterns)}" for name, patterns in given if patterns)


SELECTOR_FIELDS = tuple(item.name for item in fields(Selector))


def _fits(name: str, patterns: Iterable[str], values: Iterable[str]) -> bool:
    known = tuple(values)
    if name == "vmid":
        return any(_vmid_fits(pattern, value) for pattern in patterns for value in known)
    return any(fnmatchcase(value.lower(), pattern.lower()) for pattern in patterns for value in known)


def _vmid_fits(pattern: str, value: str) -> bool:
    first, _, last = pattern.partition("-")
    return int(first) <= int(value) <= int(last or first)
