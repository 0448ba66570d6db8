"""What a fault is: a change of the world with an onset, an end and a shape.

A fault overrides only what it changes; every surface (APIs, exporters, history, task logs) is derived from the world
with its faults, so that they agree. Times are epoch seconds, vectorised. A new kind is a subclass with the decorator
`kind` and its parameters as fields made by `parameter`: the loader of scenario files, their JSON Schema and the page
about the lab read those.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.shapes import STEP, Shape

if TYPE_CHECKING:
    from nightshift_lab.world.world import World

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bend:
    """A condition of an entity (tables in `conditions.py`) that a fault sets while it is there."""

    entity: str
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class TaskNote:
    """A task that a fault, or somebody in its course, starts on a node. `status` is how it ends."""

    node: str
    kind: str
    id: str
    at: float
    lasts_s: float = 2.0
    status: str = "OK"
    user: str = "root@pam"
    log: tuple[str, ...] = ("TASK OK",)


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure on its way to whoever asks for it: what it would be (`base`) at each time `t`.

    `size` is the entity's limit in the same unit, NaN when it has none.
    """

    entity: str
    quantity: str
    t: Times
    base: Times
    size: float


# How far back each load average looks (s).
LOADS: Mapping[str, float] = {"load1": 60.0, "load5": 300.0, "load15": 900.0}

Quantity = Literal["fraction", "duration", "size", "number", "count", "text", "flag"]


def parameter(default: Any, quantity: Quantity, meaning: str, *, choices: tuple[str, ...] = ()) -> Any:
    """A field that a scenario file may set. `quantity` says how it is written there (`98%`, `7m`, `20 GiB`, …)."""
    return field(default=default, metadata={"quantity": quantity, "meaning": meaning, "choices": choices})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Nothing is wrong: the base of all faults. `starts_at` and `ends_at` bound it; the past stays as it was.

    `target` is the entity that it befalls, as `World` names entities. `site` names the cluster that it is about: empty
    for the homelab's own, else `attic`.
    """

    kind: ClassVar[str] = ""
    targets: ClassVar[tuple[str, ...]] = ()

    name: str
    starts_at: float
    ends_at: float = math.inf
    site: str = ""
    target: str = ""
    shape: Shape = STEP
    bends: tuple[Bend, ...] = ()

    @classmethod
    def parameters(cls) -> tuple[Field[Any], ...]:
        """The fields that a scenario file may set."""
        return tuple(found for found in fields(cls) if "quantity" in found.metadata)

    def bound(self, world: World) -> Self:
        """The same fault with all that it must know of the world; called once, without other faults in the world."""
        known = self.knowing(world)
        return known.bending(*known.bends, *known.own_bends())

    def knowing(self, _world: World, /) -> Self:
        """The same fault with the fields that it takes from the world."""
        return self

    def own_bends(self) -> tuple[Bend, ...]:
        """The conditions that it sets, once it knows the world."""
        return ()

    def level(self, t: ArrayLike) -> Times:
        """How far it has come at each time: 0 before the onset and after the end, 1 when it is fully there."""
        times = np.asarray(t, dtype=np.float64)
        inside = (times >= self.starts_at) & (times < self.ends_at)
        return np.where(inside, self.shape.level(np.maximum(times - self.starts_at, 0.0)), 0.0)

    def elapsed(self, t: ArrayLike) -> Times:
        """The integral of `level` up to each time (s): how long it has been there in all."""
        times = np.minimum(np.asarray(t, dtype=np.float64), self.ends_at)
        return self.shape.elapsed(np.maximum(times - self.starts_at, 0.0))

    def level_over(self, t: Times, seconds: float) -> Times:
        """The mean of `level` over the last so many seconds, as load averages lag behind."""
        mean: Times = (self.elapsed(t) - self.elapsed(t - seconds)) / seconds
        return mean

    def times_begun(self, t: ArrayLike) -> Times:
        """How often it has come by each time."""
        times = np.asarray(t, dtype=np.float64)
        age = np.maximum(np.minimum(times, self.ends_at) - self.starts_at, 0.0)
        return np.where(times >= self.starts_at, self.shape.begun(age), 0.0)

    def recovered_at(self, t: ArrayLike) -> Times:
        """When it was last over, as of each time (epoch s); NaN while it never was."""
        times = np.asarray(t, dtype=np.float64)
        age = np.maximum(np.minimum(times, self.ends_at) - self.starts_at, 0.0)
        by_shape = np.where(times >= self.starts_at, self.starts_at + self.shape.recovered(age), np.nan)
        return np.where(times >= self.ends_at, self.ends_at, by_shape)

    def active(self, t: ArrayLike) -> Flags:
        """Whether it is there at each time, however little."""
        times = np.asarray(t, dtype=np.float64)
        inside = (times >= self.starts_at) & (times < self.ends_at)
        begun: Flags = inside & (times == self.starts_at)  # a ramp has only just left 0
        return begun | (self.level(times) > 0.0)

    def active_at(self, t: float) -> bool:
        return self.starts_at <= t < self.ends_at and bool(self.active(t))

    def ended(self, at: float) -> Self:
        """The same fault, over at `at`."""
        return replace(self, ends_at=at)

    # What a fault does not change stays as it is: these are the hooks, and their defaults ignore who asks.

    def up(self, _entity: str, _t: Times, base: Flags, /) -> Flags:
        """Whether a node, guest or target runs and answers."""
        return base

    def boots(self, _entity: str, _t: Times, base: Times, /) -> Times:
        """When it last booted."""
        return base

    def signal(self, read: Reading) -> Times:
        """The figure as the fault bends it."""
        return read.base

    def added(self, _entity: str, _quantity: str, _t: Times, /) -> Times | float:
        """What it has added to a counter by each time, since its onset; the world starts it anew at boots."""
        return 0.0

    def condition(self, entity: str, name: str, t: float, base: Any) -> Any:
        """A condition (tables in `conditions.py`) of an entity at `t`, as the fault bends it."""
        for bend in self.bends:
            if bend.entity == entity and bend.name == name and self.active_at(t):
                return bend.value
        return base

    def touches(self, entity: str, name: str) -> bool:
        """Whether it ever bends that condition."""
        return any(bend.entity == entity and bend.name == name for bend in self.bends)

    def bending(self, *bends: Bend) -> Self:
        """The same fault with conditions to set."""
        return replace(self, bends=bends)

    def backup_error(self, _datastore: str, _t: float, /) -> str | None:
        """Why the data of a backup cannot be written to a datastore (`server/name`) at `t`; None when it can."""
        return None

    def connection_error(self, _datastore: str, _t: float, /) -> str | None:
        """What the backup server says when a backup to this datastore wants to begin; None when it lets it."""
        return None

    def guest_backup_error(self, _vmid: int, _t: float, /) -> str | None:
        """Why vzdump cannot even begin to save the guest at `t`, in its words; None when it can."""
        return None

    def unprotected(self, _vmid: int, _t: float, /) -> bool:
        """Whether no backup job names the guest at `t`."""
        return False

    def journal(self, _node: str, _since: float, _until: float, /) -> tuple[tuple[float, str], ...]:
        """(time, line) that it makes a node's journal say within [since, until)."""
        return ()

    def tasks(self, _since: float, _until: float, /) -> tuple[TaskNote, ...]:
        """Tasks that begin in its course within [since, until)."""
        return ()

    def restarts(self, _since: float, _until: float, /) -> tuple[tuple[float, int], ...]:
        """(time, vmid) of guests that high availability starts again within [since, until)."""
        return ()
