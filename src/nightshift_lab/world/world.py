"""The world: a frozen homelab, the faults laid over it, and what follows from both at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults import Fault, Flags
from nightshift_lab.world.hashing import between, fraction
from nightshift_lab.world.homelab import BACKUP_SERVERS, CLUSTER
from nightshift_lab.world.inventory import GuestState, Inventory, NodeState, StorageState
from nightshift_lab.world.nouns import DAY_S, BackupServer, Cluster, Exporter
from nightshift_lab.world.signals import Rhythm, Signal, Signals, signals_of

_EPOCH_OF_BOOTS_S = 400 * DAY_S


@dataclass(frozen=True, eq=False)
class World:
    """A homelab at all times at once. Immutable: a fault switched on or off makes another world (`with_faults`).

    Every figure is a closed form of absolute time, so that history and live values are one continuous series.
    """

    seed: int
    started_at: float
    cluster: Cluster
    servers: tuple[BackupServer, ...]
    faults: tuple[Fault, ...] = ()
    _signals: dict[str, Signals] = field(default_factory=dict, repr=False, compare=False)
    _boots: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False, compare=False)

    def with_faults(self, faults: Iterable[Fault]) -> World:
        """The same homelab (and its cached curves) under other faults."""
        return replace(self, faults=tuple(faults))

    @cached_property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.seed, self.started_at, _window_start_s(self.started_at))

    @cached_property
    def last_night_at(self) -> float:
        """When the latest backup window that is over at the start began (epoch s)."""
        today = self.started_at - self.started_at % DAY_S + self.rhythm.window_start_s
        over = self.rhythm.window_length_s + 1_800.0
        return today if today + over <= self.started_at else today - DAY_S

    def entities(self) -> tuple[str, ...]:
        """Every entity that `signal` knows, targets included."""
        nodes = [f"node/{node.name}" for node in self.cluster.nodes]
        guests = [f"guest/{guest.vmid}" for guest in self.cluster.guests]
        node_roots = [f"fs/node/{node.name}//" for node in self.cluster.nodes]
        disks = [f"fs/guest/{guest.vmid}/{disk.mountpoint}" for guest in self.cluster.guests for disk in guest.disks]
        storages = [f"storage/{node}/{storage.name}" for storage in self.cluster.storages for node in storage.nodes]
        stores = [f"datastore/{server.name}/{store.name}" for server in self.servers for store in server.datastores]
        targets = [f"target/{exporter.job}/{exporter.instance}" for exporter, _ in self.exporters]
        return (*nodes, *guests, *node_roots, *disks, *storages, *stores, *targets)

    @cached_property
    def exporters(self) -> tuple[tuple[Exporter, str], ...]:
        """Every scrape target with its owner (`node/…` or `guest/…`)."""
        of_nodes = [(exporter, f"node/{node.name}") for node in self.cluster.nodes for exporter in node.exporters]
        of_guests = [(exporter, f"guest/{guest.vmid}") for guest in self.cluster.guests for exporter in guest.exporters]
        return (*of_nodes, *of_guests)

    def quantities(self, entity: str) -> tuple[str, ...]:
        if entity.startswith("target/"):
            return ("up",)
        own = tuple(self._table(entity))
        return (*own, "up", "uptime_s", "boot_time_s") if entity.startswith(("node/", "guest/")) else own

    def up(self, entity: str, t: ArrayLike) -> Flags:
        """Whether a node, guest or target runs and answers at each time; a guest or target only while its host does."""
        times = np.asarray(t, dtype=np.float64)
        kind, _, rest = entity.partition("/")
        base = np.ones_like(times, dtype=np.bool_)
        if kind == "guest":
            guest = self.cluster.guest(int(rest))
            base = np.full_like(base, guest.runs) & self.up(f"node/{guest.node}", times)
        elif kind == "target":
            base = self.up(self._owner_of_target(rest), times)
        elif kind == "node":
            self.cluster.node(rest)
        for fault in self.faults:
            base = fault.up(entity, times, base)
        return base

    def boot_time(self, entity: str, t: ArrayLike) -> Times:
        """When a node or guest last booted (epoch s) as of each time; meaningless while it is not `up`."""
        times = np.asarray(t, dtype=np.float64)
        boots = self._boot_times(entity)
        base = boots[np.clip(np.searchsorted(boots, times, side="right") - 1, 0, None)]
        for fault in self.faults:
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
        owner = self._owner(entity)
        if quantity == "up" and owner is not None:
            return self.up(entity, times).astype(np.float64)
        if quantity in {"uptime_s", "boot_time_s"} and owner == entity:
            boot = self.boot_time(entity, times)
            return np.where(self.up(entity, times), boot if quantity == "boot_time_s" else times - boot, np.nan)
        signal = self._table(entity)[quantity]
        values = self._base(signal, owner, times)
        for fault in self.faults:
            values = fault.signal(self._bent_as(entity), quantity, times, values, signal.size)
        if owner is not None and quantity not in {"mem_total_bytes", "cores", "size_bytes"}:
            values = np.where(self.up(owner, times), values, np.nan)
        return values

    def at(self, entity: str, quantity: str, t: float) -> float:
        """One value of `signal`."""
        return float(self.signal(entity, quantity, np.array([t]))[0])

    def inventory_at(self, t: float) -> Inventory:
        """Which guests are where, and how, at one instant."""
        nodes = {}
        for node in self.cluster.nodes:
            online = bool(self.up(f"node/{node.name}", t))
            boot = float(self.boot_time(f"node/{node.name}", t)) if online else None
            nodes[node.name] = NodeState(node, online, boot)
        guests = {guest.vmid: self._guest_state(guest.vmid, nodes, t) for guest in self.cluster.guests}
        storages = tuple(
            StorageState(storage, name, active=nodes[name].online, known=nodes[name].online)
            for storage in self.cluster.storages
            for name in storage.nodes
        )
        return Inventory(t, nodes, guests, storages)

    def _guest_state(self, vmid: int, nodes: dict[str, NodeState], t: float) -> GuestState:
        guest = self.cluster.guest(vmid)
        if not nodes[guest.node].online:
            return GuestState(guest, guest.node, "unknown", None, None, ha_state="fence" if guest.ha else None)
        entity = f"guest/{vmid}"
        running = bool(self.up(entity, t))
        return GuestState(
            guest=guest,
            node=guest.node,
            status="running" if running else "stopped",
            name=guest.name,
            boot_at=float(self.boot_time(entity, t)) if running else None,
            ha_state="started" if guest.ha else None,
        )

    def _base(self, signal: Signal, owner: str | None, t: Times) -> Times:
        if signal.kind == "gauge":
            return signal.curve.value(t)
        if owner is None:
            return signal.curve.integral(t)
        since_boot = signal.curve.integral(t) - signal.curve.integral(self.boot_time(owner, t))
        return np.floor(np.maximum(since_boot, 0.0) * 100.0) / 100.0

    def _table(self, entity: str) -> Signals:
        if entity not in self._signals:
            self._signals[entity] = signals_of(self.rhythm, self.cluster, self.servers, entity)
        return self._signals[entity]

    def _owner(self, entity: str) -> str | None:
        """The node or guest whose power the entity needs; itself for nodes, guests and targets."""
        kind, _, rest = entity.partition("/")
        if kind in {"node", "guest", "target"}:
            return entity
        if kind == "fs":
            owner_kind, name, _ = rest.split("/", 2)
            return f"{owner_kind}/{name}"
        if kind == "storage":
            return f"node/{rest.partition('/')[0]}"
        server = next((server for server in self.servers if server.name == rest.partition("/")[0]), None)
        return f"guest/{server.vmid}" if server is not None and server.vmid is not None else None

    def _bent_as(self, entity: str) -> str:
        """A PBS storage shows its datastore: what bends one bends the other."""
        if entity.startswith("storage/"):
            datastore = self.cluster.storage(entity.rsplit("/", 1)[1]).datastore
            if datastore is not None:
                return f"datastore/{datastore[0]}/{datastore[1]}"
        return entity

    def _owner_of_target(self, rest: str) -> str:
        for exporter, owner in self.exporters:
            if f"{exporter.job}/{exporter.instance}" == rest:
                return owner
        raise KeyError(f"target/{rest}")

    def _boot_times(self, entity: str) -> NDArray[np.float64]:
        """Boots before the start, oldest first; a guest boots whenever its node does, and now and then by itself."""
        if entity not in self._boots:
            words = (self.seed, entity, "boot")
            longest = 60.0 if entity.startswith("node/") else 45.0
            days_ago = [between(4.0, longest, *words)]
            while fraction(*words, len(days_ago)) < 0.6:
                days_ago.append(days_ago[-1] + between(9.0, 50.0, *words, len(days_ago), "gap"))
            boots = [self.started_at - DAY_S * days for days in days_ago]
            if entity.startswith("guest/"):
                node = self._boot_times(f"node/{self.cluster.guest(int(entity[6:])).node}")
                boots.extend(node + between(40.0, 220.0, *words, "after its node"))
            self._boots[entity] = np.floor(np.array(sorted([self.started_at - _EPOCH_OF_BOOTS_S, *boots])))
        return self._boots[entity]


def _window_start_s(started_at: float) -> float:
    """02:00 UTC; for a lab that starts in the small hours 21:00, so that last night is over when it starts."""
    hour = started_at % DAY_S / 3_600.0
    return 21 * 3_600.0 if 1.5 <= hour < 5.0 else 2 * 3_600.0


def build_world(seed: int, started_at: float, faults: Iterable[Fault] = ()) -> World:
    """The standard homelab under `faults`. The same arguments give the same world."""
    return World(seed, float(int(started_at)), CLUSTER, BACKUP_SERVERS, tuple(faults))
