"""One call to the backup server, and its refusals: plain text, 400 unless there is a better status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nightshift_lab.access import Token
from nightshift_lab.world import World
from nightshift_lab.world.backup_servers import BackupServer, Datastore

Data = Any  # what json.dumps takes; each endpoint's shape is PBS's


class Refusal(Exception):
    """An error answer: its body is the bare text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Call:
    world: World
    server: BackupServer
    at: float
    token: Token
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def datastore(self) -> Datastore:
        """The datastore of the path, if the token may see it."""
        name = self.path["store"]
        store = next((store for store in self.server.datastores if store.name == name), None)
        if store is None or not self.may_see(name):
            # Real servers do not tell the two apart to those who may not know.
            raise Refusal(403 if store else 400, "permission check failed" if store else f"no such datastore '{name}'")
        return store

    def may_see(self, datastore: str) -> bool:
        return self.token.may(f"/datastore/{datastore}", "Datastore.Audit")

    def visible_datastores(self) -> tuple[Datastore, ...]:
        return tuple(store for store in self.server.datastores if self.may_see(store.name))

    def integer(self, name: str, default: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not text.lstrip("-").isdigit():
            raise Refusal(400, f"parameter verification failed - '{name}': invalid digit found in string")
        return int(text)

    def required(self, name: str, allowed: Iterable[str]) -> str:
        """A query parameter that must be one of `allowed`."""
        text = self.query.get(name)
        choices = tuple(allowed)
        if text not in choices:
            problem = "parameter is missing and it is not optional." if text is None else f"unknown value '{text}'."
            raise Refusal(400, f"parameter verification errors\n\nparameter '{name}': {problem}")
        return text

    def flag(self, name: str) -> bool:
        return self.query.get(name, "0").lower() in {"1", "true", "yes", "on"}


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[dict[str, Data]]
    total: int


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint; `check` is (access path, privilege) when it has a fixed one.

    `kept`: the answer is so large that it is worth keeping for a few seconds.
    """

    template: str
    answer: Callable[[Call], Data]
    check: tuple[str, str] | None = None
    parameters: tuple[str, ...] = ()
    kept: bool = False

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        wanted = tuple(self.template.strip("/").split("/"))
        if len(wanted) != len(segments):
            return None
        pairs = list(zip(wanted, segments, strict=True))
        if any(not want.startswith("{") and want != got for want, got in pairs):
            return None
        return {want[1:-1]: got for want, got in pairs if want.startswith("{")}
