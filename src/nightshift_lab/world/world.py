"""The world: a frozen homelab, the faults laid over it, and what follows from both at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nightshift_lab.world.attic import SITE
from nightshift_lab.world.backup_servers import BackupServer
from nightshift_lab.world.boots import guest_boots, node_boots, window_boots
from nightshift_lab.world.curves import Times
from nightshift_lab.world.entities import entities_of, exporters_of, host_of, owner_of
from nightshift_lab.world.faults import Fault, Flags, Reading
from nightshift_lab.world.faults.index import FaultIndex
from nightshift_lab.world.inventory import Inventory
from nightshift_lab.world.nouns import DAY_S, Cluster, Exporter
from nightshift_lab.world.signals import Rhythm, Signal, Signals, signals_of

_CONSTANTS = frozenset({"mem_total_bytes", "cores", "size_bytes"})


@dataclass(frozen=True, eq=False)
class World:
    """A homelab at all times at once. Immutable: a fault switched on or off makes another world (`with_faults`).

    Every figure is a closed form of absolute time, so that history and live values are one continuous series. `site`
    is empty for the homelab itself; another site has a world of its own, whose backups go to the servers of `home`.
    """

    seed: int
    started_at: float
    cluster: Cluster
    servers: tuple[BackupServer, ...]
    faults: tuple[Fault, ...] = ()
    site: str = ""
    home: World | None = field(default=None, repr=False)
    outpost: Cluster | None = field(default=None, repr=False)
    window_start_s: float | None = None
    compiled: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    _signals: dict[str, Signals] = field(default_factory=dict, repr=False, compare=False)
    _boots: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False, compare=False)

    def with_faults(self, faults: Iterable[Fault]) -> World:
        """The same homelab (and its cached curves) under other faults."""
        return replace(self, faults=tuple(faults))

    @cached_property
    def here(self) -> tuple[Fault, ...]:
        """The faults of this site."""
        return tuple(fault for fault in self.faults if fault.site == self.site)

    @cached_property
    def wanderers(self) -> frozenset[int]:
        """The guests that are on another node at some time: most are asked about often, and none of them moves."""
        vmids = (guest.vmid for guest in self.cluster.guests)
        return frozenset(v for v in vmids if any(fault.touches(f"guest/{v}", "node") for fault in self.here))

    @cached_property
    def asked(self) -> FaultIndex:
        """The same by what they have a say in."""
        return FaultIndex(self.here)

    @cached_property
    def attic(self) -> World | None:
        """The second site: a stand-alone PVE host. It shares the start, the seed and the backup servers."""
        if self.outpost is None:
            return None
        return World(
            self.seed + 1_000,
            self.started_at,
            self.outpost,
            (),
            self.faults,
            SITE,
            self,
            window_start_s=self.window_start_s,
        )

    @cached_property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.seed, self.started_at, self._window_start_s)

    @property
    def _window_start_s(self) -> float:
        """02:00 UTC; for a lab that starts in the small hours 21:00, so that last night is over when it starts, and the
        slowest of its backups with it."""
        if self.window_start_s is not None:
            return self.window_start_s
        hour = self.started_at % DAY_S / 3_600.0
        return 21 * 3_600.0 if 1.5 <= hour < 7.0 else 2 * 3_600.0

    @cached_property
    def last_night_at(self) -> float:
        """When the latest backup window that is over at the start began (epoch s)."""
        today = self.started_at - self.started_at % DAY_S + self.rhythm.window_start_s
        over = self.rhythm.window_length_s + 1_800.0
        return today if today + over <= self.started_at else today - DAY_S

    def server(self, name: str) -> BackupServer:
        """A backup server of this homelab, or of the one that this site belongs to. Raises KeyError."""
        for server in self.servers if self.home is None else self.home.servers:
            if server.name == name:
                return server
        raise KeyError(name)

    def host_of(self, server: BackupServer) -> str:
        """The machine that a backup server is: a guest of this cluster, or itself."""
        return host_of(server)

    def server_up(self, name: str, t: float) -> bool:
        """Whether a backup server is powered and answers."""
        world = self.home or self
        return bool(world.up(world.host_of(world.server(name)), t))

    def node_up(self, name: str, t: float) -> bool:
        """Whether a node runs. Raises KeyError."""
        return bool(self.up(f"node/{name}", t))

    def entities(self) -> tuple[str, ...]:
        """Every entity that `signal` knows, targets included."""
        targets = (f"target/{exporter.job}/{exporter.instance}" for exporter, _ in self.exporters)
        return (*entities_of(self.cluster, self.servers), *targets)

    @cached_property
    def exporters(self) -> tuple[tuple[Exporter, str], ...]:
        """Every scrape target with its owner (`node/…` or `guest/…`)."""
        return exporters_of(self.cluster)

    def quantities(self, entity: str) -> tuple[str, ...]:
        if entity.startswith("target/"):
            return ("up",)
        own = (
            tuple((self.home or self).table(self._datastore_behind(entity) or entity))
            if entity.startswith("storage/")
            else tuple(self._table(entity))
        )
        powered = entity.startswith(("node/", "guest/", "server/"))
        return (*own, "up", "uptime_s", "boot_time_s") if powered else own

    def up(self, entity: str, t: ArrayLike) -> Flags:
        """Whether a node, guest, server or target runs and answers; a guest or target only while its host does."""
        times = np.asarray(t, dtype=np.float64)
        kind, _, rest = entity.partition("/")
        if kind == "guest":
            guest = self.cluster.guest(int(rest))
            base = self.up(f"node/{guest.node}", times) if guest.runs else np.zeros_like(times, dtype=np.bool_)
        elif kind == "target":
            base = self.up(self._owner_of_target(rest), times)
        elif kind == "server":
            base = self._powered(self.server(rest), times)
        else:
            if kind == "node":
                self.cluster.node(rest)
            base = np.ones_like(times, dtype=np.bool_)
        for fault in self.asked.up:
            base = fault.up(entity, times, base)
        return base

    def boot_time(self, entity: str, t: ArrayLike) -> Times:
        """When a node, guest or server last booted (epoch s) as of each time; meaningless while it is not `up`."""
        times = np.asarray(t, dtype=np.float64)
        boots = self._boot_times(entity)
        base = boots[np.clip(np.searchsorted(boots, times, side="right") - 1, 0, None)]
        for fault in self.asked.boots:
            base = fault.boots(entity, times, base)
        return base

    def scheduled_boots(self, entity: str) -> tuple[float, ...]:
        """The boots of a node or guest that no fault caused, oldest first (epoch s)."""
        return tuple(float(boot) for boot in self._boot_times(entity))

    def signal(self, entity: str, quantity: str, t: ArrayLike) -> Times:
        """`quantity` of `entity` (tables in `signals.py`) at each time; NaN where the entity gives no data then.

        Raises KeyError for an unknown entity or quantity.
        """
        times = np.asarray(t, dtype=np.float64)
        store = self._datastore_behind(entity)
        if store is not None:
            values = (self.home or self).signal(store, quantity, times)
            return np.where(self.up(f"node/{entity.split('/')[1]}", times), values, np.nan)
        owner = self.owner(entity)
        if quantity == "up" and owner is not None:
            return self.up(entity, times).astype(np.float64)
        if quantity in {"uptime_s", "boot_time_s"} and owner == entity:
            boot = self.boot_time(entity, times)
            return np.where(self.up(entity, times), boot if quantity == "boot_time_s" else times - boot, np.nan)
        signal = self._table(entity)[quantity]
        values = self._base(signal, owner, times)
        if signal.kind == "counter":
            values = values + self._added(entity, quantity, owner, times)
        values = self.bent(entity, quantity, times, values, signal.size)
        if owner is not None and quantity not in _CONSTANTS:
            values = np.where(self.up(owner, times), values, np.nan)
        return values

    def at(self, entity: str, quantity: str, t: float) -> float:
        """One value of `signal`."""
        return float(self.signal(entity, quantity, np.array([t]))[0])

    def bent(self, entity: str, quantity: str, t: Times, values: Times, size: float) -> Times:
        """Figures of an entity as the faults of this site bend them."""
        for fault in self.asked.signal:
            values = fault.signal(Reading(entity, quantity, t, values, size))
        return values

    def grown(self, entity: str, quantity: str, t: Times, values: Times) -> Times:
        """A counter of an entity that only exporters know, with what faults have added to it since the boot."""
        return values + self._added(entity, quantity, self.owner(entity), t)

    def condition(self, entity: str, name: str, t: float, base: Any) -> Any:
        """What is so and is no figure (tables in `conditions.py`): `base` unless a fault says otherwise at `t`."""
        for fault in self.asked.touching(entity, name):
            base = fault.condition(entity, name, t, base)
        return base

    def conditions(self, entity: str, name: str, t: Times, base: Any) -> NDArray[np.object_]:
        """`condition` at each time."""
        values = np.full(t.shape, base, dtype=object)
        for fault in self.asked.touching(entity, name):
            asked = zip(t.tolist(), values.tolist(), strict=True)
            values[:] = [fault.condition(entity, name, at, value) for at, value in asked]
        return values

    def inventory_at(self, t: float) -> Inventory:
        """Which guests are where, and how, at one instant."""
        from nightshift_lab.world.states import inventory_at

        return inventory_at(self, t)

    def table(self, entity: str) -> Signals:
        """The signals of an entity, before any fault. Raises KeyError."""
        return self._table(entity)

    def owner(self, entity: str) -> str | None:
        """The machine whose power the entity needs; itself for nodes, guests, servers and targets."""
        return owner_of(entity, self.servers if self.home is None else self.home.servers)

    def _base(self, signal: Signal, owner: str | None, t: Times) -> Times:
        if signal.kind == "gauge":
            return signal.curve.value(t)
        if owner is None:
            return signal.curve.integral(t)
        since_boot = signal.curve.integral(t) - signal.curve.integral(self.boot_time(owner, t))
        return np.floor(np.maximum(since_boot, 0.0) * 100.0) / 100.0

    def _added(self, entity: str, quantity: str, owner: str | None, t: Times) -> Times | float:
        """What faults have added to a counter since its owner booted."""
        added: Times | float = 0.0
        for fault in self.asked.added:
            since = fault.added(entity, quantity, self.boot_time(owner, t)) if owner is not None else 0.0
            added = added + np.maximum(fault.added(entity, quantity, t) - since, 0.0)
        return added

    def _table(self, entity: str) -> Signals:
        if entity not in self._signals:
            self._signals[entity] = signals_of(self.rhythm, self.cluster, self.servers, entity)
        return self._signals[entity]

    def _powered(self, server: BackupServer, t: Times) -> Flags:
        if server.window is None:
            return np.ones_like(t, dtype=np.bool_)
        on: Flags = (t - self.rhythm.window_start_s - server.window.begins_s) % DAY_S < server.window.lasts_s
        return on

    def _datastore_behind(self, entity: str) -> str | None:
        """A PBS storage shows its datastore: what bends one bends the other. Raises KeyError off its nodes."""
        if not entity.startswith("storage/"):
            return None
        _, node, name = entity.split("/", 2)
        storage = self.cluster.storage(name)
        if node not in storage.nodes:
            raise KeyError(entity)
        return "/".join(("datastore", *storage.datastore)) if storage.datastore is not None else None

    def _owner_of_target(self, rest: str) -> str:
        for exporter, owner in self.exporters:
            if f"{exporter.job}/{exporter.instance}" == rest:
                return owner
        raise KeyError(f"target/{rest}")

    def _boot_times(self, entity: str) -> NDArray[np.float64]:
        if entity not in self._boots:
            kind, _, rest = entity.partition("/")
            if kind == "guest":
                of_node = self._boot_times(f"node/{self.cluster.guest(int(rest)).node}")
                self._boots[entity] = guest_boots(self.seed, self.started_at, entity, of_node)
            elif kind == "server" and (window := self.server(rest).window) is not None:
                begins = self.rhythm.window_start_s + window.begins_s
                self._boots[entity] = window_boots(self.started_at, begins)
            else:
                self._boots[entity] = node_boots(self.seed, self.started_at, entity)
        return self._boots[entity]
