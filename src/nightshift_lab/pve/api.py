"""The shape of one API call: who asks what of which world when, and how an endpoint refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nightshift_lab.access import Token
from nightshift_lab.pve.permissions import Check
from nightshift_lab.world import Inventory, World
from nightshift_lab.world.releases import PVE_RELEASES, PveRelease

Data = Any  # what json.dumps takes; each endpoint's shape is PVE's
STATISTICS_EVERY_S = 10.0  # pvestatd refreshes the cluster's figures this often


class Refusal(Exception):
    """An error answer: the status, the reason phrase of the status line, and parameter errors by name."""

    def __init__(self, status: int, reason: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` holds the values of the route's {parameters}, `query` the checked query parameters."""

    world: World
    at: float
    token: Token
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def inventory(self) -> Inventory:
        return self.world.inventory_at(self.at)

    @property
    def release(self) -> PveRelease:
        """The release that answers: in the middle of an upgrade the node of the path may have another."""
        base = self.world.cluster.release
        node = self.path.get("node")
        if node is None:
            return base
        version = self.world.condition(f"node/{node}", "release", self.at, "")
        return PVE_RELEASES[version] if version else base

    @property
    def statistics_at(self) -> float:
        """When the figures in this answer were taken."""
        return self.at - self.at % STATISTICS_EVERY_S

    def integer(self, name: str, default: int) -> int:
        """An integer query parameter. Refuses what is not one, as PVE's parameter verification does."""
        text = self.query.get(name)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            problem = f"type check ('integer') failed - got '{text}'"
            raise Refusal(400, "Parameter verification failed.", {name: problem}) from None

    def required(self, name: str, allowed: Iterable[str]) -> str:
        """A query parameter that must be one of `allowed`."""
        text, choices = self.query.get(name, ""), tuple(allowed)
        if text not in choices:
            problem = f"value '{text}' does not have a value in the enumeration '{', '.join(choices)}'"
            raise Refusal(400, "Parameter verification failed.", {name: problem})
        return text

    def flag(self, name: str) -> bool:
        return self.query.get(name, "0").lower() in {"1", "on", "yes", "true"}


@dataclass(frozen=True, slots=True)
class Page:
    """An answer with a `total` beside its `data`."""

    rows: list[dict[str, Data]]
    total: int


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint. `proxied`: the answer comes from the node in the path, so that the node must be reachable.

    `kept`: the answer is the same until the cluster's figures are refreshed, and so large that it is worth keeping.
    """

    template: str
    answer: Callable[[Call], Data]
    check: Check | None = None
    parameters: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    proxied: bool = False
    kept: bool = False

    def of_node(self) -> Route:
        """The same below a node, which answers itself."""
        return replace(self, template=f"/nodes/{{node}}{self.template}", proxied=True)

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """The values of the {parameters} when the path fits."""
        wanted = tuple(self.template.strip("/").split("/"))
        if len(wanted) != len(segments):
            return None
        values: dict[str, str] = {}
        for want, got in zip(wanted, segments, strict=True):
            if want.startswith("{"):
                values[want[1:-1]] = got
            elif want != got:
                return None
        return values
