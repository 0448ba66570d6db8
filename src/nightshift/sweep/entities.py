"""How entities hang together: what runs on a node, what is measured where, which storage is which datastore."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from nightshift.checks.disks import is_device_of
from nightshift.checks.exporters import devices_of_disks
from nightshift.checks.guest_disks import disks_of
from nightshift.facts.backups import Datastore
from nightshift.facts.hardware import Disk
from nightshift.facts.ids import alert_key, guest_key, key_parts, node_key, pool_key, target_key
from nightshift.facts.instances import entity_of_host, host_of
from nightshift.facts.inventory import BackupJob, Guest, Storage
from nightshift.facts.monitoring import Target
from nightshift.facts.snapshot import Snapshot
from nightshift.sweep.probe_graph import ProbeGraph
from nightshift.sweep.storage_graph import StorageGraph

_SAME_SIZE = 0.001  # PVE and PBS read the same file system a moment apart


@dataclass(frozen=True)
class EntityGraph:
    """Questions about who depends on whom, each answered from indexes that are built once."""

    snapshot: Snapshot

    @cached_property
    def node_of_guest(self) -> dict[str, str]:
        """Node key by guest key."""
        return {guest.entity.key: node_key(guest.source, guest.node) for guest in self.snapshot.guests}

    @cached_property
    def _guests(self) -> dict[str, Guest]:
        return {guest.entity.key: guest for guest in self.snapshot.guests}

    def guest(self, key: str) -> Guest | None:
        """The guest with this key."""
        return self._guests.get(key)

    @cached_property
    def guest_of_group(self) -> dict[str, str]:
        """The key of the guest that a backup group belongs to, by group key."""
        return {group.key: group.guest for group in self.snapshot.backup_groups if group.guest is not None}

    @cached_property
    def machine_of_target(self) -> dict[str, str]:
        """The key of the guest or node that a target runs on, by target key."""
        return {
            target_key(target.job, target.instance): target.entity_key
            for target in self.snapshot.targets
            if target.entity_key is not None
        }

    @cached_property
    def _nodes_of_source(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for node in self.snapshot.nodes:
            found.setdefault(node.source, []).append(node.entity.key)
        return {source: tuple(keys) for source, keys in found.items()}

    def nodes_of_source(self, source: str) -> tuple[str, ...]:
        """Keys of the nodes of a cluster."""
        return self._nodes_of_source.get(source, ())

    @cached_property
    def nodes_of_replication(self) -> dict[str, tuple[str, ...]]:
        """The keys of the nodes that a replication job copies from and to, by the key of the job."""
        return {job.entity.key: (node_key(job.source, job.node), job.target_node) for job in self.snapshot.replication}

    @cached_property
    def alert_labels(self) -> dict[str, dict[str, str]]:
        """The labels of every alert by `rule uid/instance hash`, the discriminator of its finding."""
        return {f"{alert.rule_uid}/{alert.instance_hash}": dict(alert.labels) for alert in self.snapshot.alerts}

    @cached_property
    def alert_names(self) -> dict[str, str]:
        """The name of every alert by the discriminator of its finding."""
        return {f"{alert.rule_uid}/{alert.instance_hash}": alert.name for alert in self.snapshot.alerts}

    @cached_property
    def alerted_not_before(self) -> dict[str, datetime]:
        """By entity key, the earliest moment at which what its alerts tell can have begun: the oldest alert, less the
        time that its rule waits. Where one of them does not say, nothing is known."""
        waits = {(rule.source, rule.uid): rule.for_s for rule in self.snapshot.alert_rules}
        began: dict[str, datetime] = {}
        untold: set[str] = set()
        for alert in self.snapshot.alerts:
            if alert.entity_key is None or alert.state not in ("firing", "pending"):
                continue
            key, for_s = alert.entity_key, waits.get((alert.source, alert.rule_uid))
            if alert.active_since is None or for_s is None:
                untold.add(key)
                continue
            moment = alert.active_since - timedelta(seconds=for_s)
            began[key] = min(moment, began.get(key, moment))
        return {key: moment for key, moment in began.items() if key not in untold}

    @cached_property
    def group_of_rule(self) -> dict[str, str]:
        """The group of every rule, by the key of the rule."""
        rules = (*self.snapshot.alert_rules, *self.snapshot.recording_rules)
        return {alert_key(rule.source, rule.uid, "rule"): rule.group for rule in rules if rule.group}

    @cached_property
    def alerts_on_ceph(self) -> frozenset[str]:
        """Discriminators of the findings on alerts about Ceph, by their name or by what their rule asks. Their instance
        says nothing: its metrics come from whichever node has the manager."""
        rules = {(rule.source, rule.uid) for rule in self.snapshot.alert_rules if "ceph_" in (rule.query or "")}
        return frozenset(
            f"{alert.rule_uid}/{alert.instance_hash}"
            for alert in self.snapshot.alerts
            if (alert.source, alert.rule_uid) in rules or alert.name.lower().startswith("ceph")
        )

    @cached_property
    def machine_of_instance(self) -> dict[str, str]:
        """Keys of the guests and nodes that are scraped, by instance (`pve2:9100`)."""
        return {target.instance: target.entity_key for target in self.snapshot.targets if target.entity_key}

    @cached_property
    def machines_of_alert(self) -> dict[str, tuple[str, ...]]:
        """Keys of the guests and nodes whose figures a rule adds up, by the discriminator of its alert's finding."""
        machines = self.machine_of_instance
        return {
            f"{alert.rule_uid}/{alert.instance_hash}": tuple(
                dict.fromkeys(machines[instance] for instance in alert.instances if instance in machines)
            )
            for alert in self.snapshot.alerts
            if alert.instances
        }

    @cached_property
    def storages_of_datastore(self) -> dict[str, frozenset[str]]:
        """Keys of the PVE storages that are a datastore of a backup server, by datastore key."""
        storages = [item for item in self.snapshot.storages if item.plugin == "pbs"]
        return {
            datastore.entity.key: frozenset(item.entity.key for item in _storages_of(datastore, storages))
            for datastore in self.snapshot.datastores
        }

    @cached_property
    def datastores_of_storage(self) -> dict[str, frozenset[str]]:
        """Datastore keys by the key of the PVE storage that they are."""
        found: dict[str, set[str]] = {}
        for datastore, storages in self.storages_of_datastore.items():
            for storage in storages:
                found.setdefault(storage, set()).add(datastore)
        return {key: frozenset(datastores) for key, datastores in found.items()}

    @cached_property
    def storages_saving(self) -> dict[str, frozenset[str]]:
        """Keys of the storages to which enabled jobs save a guest, by guest key."""
        storages = {(item.source, item.name): item.entity.key for item in self.snapshot.storages}
        found: dict[str, set[str]] = {}
        for job in self.snapshot.backup_jobs:
            storage = storages.get((job.source, job.storage or ""))
            if job.enabled and storage is not None:
                for key in self._selected(job):
                    found.setdefault(key, set()).add(storage)
        return {key: frozenset(storages) for key, storages in found.items()}

    @cached_property
    def _guests_of_source(self) -> dict[str, list[Guest]]:
        guests: dict[str, list[Guest]] = {}
        for guest in self.snapshot.guests:
            guests.setdefault(guest.source, []).append(guest)
        return guests

    def _selected(self, job: BackupJob) -> Iterable[str]:
        """Keys of the guests that a job selects: by number, all, or those of a pool."""
        named, left_out = frozenset(job.vmids or ()), frozenset(job.excluded_vmids)
        for guest in self._guests_of_source.get(job.source, ()):
            chosen = job.selects_all or guest.vmid in named or (job.pool is not None and guest.pool == job.pool)
            if chosen and guest.vmid not in left_out:
                yield guest.entity.key

    @cached_property
    def guests_of_backup_job(self) -> dict[str, frozenset[str]]:
        """Keys of the guests that a backup job would save if it were enabled, by the key of the disabled job."""
        jobs = (job for job in self.snapshot.backup_jobs if not job.enabled)
        return {job.entity.key: frozenset(self._selected(job)) for job in jobs}

    @cached_property
    def storages_holding(self) -> dict[str, frozenset[str]]:
        """Keys of the storages on which the disks of a guest are, by guest key."""
        keys = {(item.source, item.name, item.node): item.entity.key for item in self.snapshot.storages}
        nodes = {(guest.source, guest.vmid): guest.node for guest in self.snapshot.guests}
        found: dict[str, frozenset[str]] = {}
        for config in self.snapshot.guest_configs:
            node = nodes.get((config.source, config.vmid))
            names = {disk.storage for disk in disks_of(config)}
            places = ((config.source, name, where) for name in names for where in (node, None))
            found[guest_key(config.source, config.vmid)] = frozenset(keys[place] for place in places if place in keys)
        return found

    @cached_property
    def probes(self) -> ProbeGraph:
        """What is asked from outside, and what it hangs on."""
        return ProbeGraph(self.snapshot)

    @cached_property
    def places(self) -> StorageGraph:
        """How storages hang together with pools, servers and one another."""
        return StorageGraph(self.snapshot)

    @cached_property
    def path_of_disk(self) -> dict[str, str]:
        """`/dev/sda` by disk key; as exporters label it (`sda`) while PVE has not told it yet."""
        return devices_of_disks(self.snapshot) | {disk.entity.key: disk.path for disk in self.snapshot.disks}

    @cached_property
    def unwell_disks_of_pool(self) -> dict[str, frozenset[str]]:
        """Keys of the disks that are not online in a pool, or count errors there, by pool key."""
        disks: dict[tuple[str, str], list[Disk]] = {}
        for disk in self.snapshot.disks:
            disks.setdefault((disk.source, disk.node), []).append(disk)
        return {
            pool_key(status.source, status.node, status.name): frozenset(
                disk.entity.key
                for device in status.devices
                if device.is_disk and (device.state != "ONLINE" or device.errors)
                for disk in disks.get((status.source, status.node), ())
                if is_device_of(device.name, disk)
            )
            for status in self.snapshot.zfs_status
        }

    @cached_property
    def _targets(self) -> dict[str, Target]:
        return {target_key(item.job, item.instance): item for item in self.snapshot.targets}

    def target(self, key: str) -> Target | None:
        """The scrape target with this key."""
        return self._targets.get(key)

    @cached_property
    def _server_of_storage(self) -> dict[tuple[str, str], str]:
        """The key of the guest or node that serves a storage over the network, by its source and name."""
        names = self.snapshot.names
        found: dict[tuple[str, str], str] = {}
        for config in self.snapshot.storage_configs:
            server = entity_of_host(names, config.server) if config.server else None
            if server is not None:
                found[config.source, config.name] = server.key
        return found

    def server_of(self, entity: str) -> str | None:
        """The guest or node that serves a storage; of a watched system the guest or node that bears its name."""
        kind, parts = key_parts(entity)
        if kind == "source":
            machine = entity_of_host(self.snapshot.names, parts[0])
            return None if machine is None else machine.key
        return self._server_of_storage.get((parts[0], parts[-1])) if kind == "storage" else None

    def nodes_using(self, storage: str) -> tuple[str, ...]:
        """Keys of the nodes that a storage is configured on: one, or all of its cluster when it is shared."""
        node = self.node_of(storage)
        return self._nodes_of_source.get(storage.partition(":")[2].partition("/")[0], ()) if node is None else (node,)

    def machine_of(self, entity: str) -> str | None:
        """The guest or node that a target runs on; a guest or node itself."""
        if entity.startswith(("guest:", "node:")):
            return entity
        return self.machine_of_target.get(entity)

    def guest_of_page(self, entity: str) -> str | None:
        """The one guest whose tag a page is called by: `https://chat.home.example` and a guest with the tag `chat`.
        Good enough to say what a page hangs on when that guest is away; no join for figures."""
        if not entity.startswith("target:") or "://" not in entity:
            return None
        return self._guest_of_tag.get(host_of(entity.partition("/")[2]).partition(".")[0])

    @cached_property
    def _guest_of_tag(self) -> dict[str, str]:
        """Guest key by tag, of tags that one guest alone has."""
        found: dict[str, set[str]] = {}
        for guest in self.snapshot.guests:
            for tag in guest.tags:
                found.setdefault(tag.lower(), set()).add(guest.entity.key)
        return {tag: next(iter(keys)) for tag, keys in found.items() if len(keys) == 1}

    def node_of(self, entity: str) -> str | None:
        """The node on which an entity is: a node itself, the one that a guest or target runs on, that of a disk or of
        a storage that is not shared."""
        if entity.startswith(("disk:", "pool:", "storage:")):
            source, _, rest = entity.partition(":")[2].partition("/")
            node = rest.partition("/")[0]
            return None if entity.startswith("storage:") and node == "shared" else node_key(source, node)
        machine = self.machine_of(entity)
        return machine if machine is None or machine.startswith("node:") else self.node_of_guest.get(machine)


def _storages_of(datastore: Datastore, storages: Iterable[Storage]) -> list[Storage]:
    """PVE does not tell in its resources which datastore a storage is: the one whose size is the same is it. When
    several datastores could be meant, the name has to agree too."""
    if not datastore.total_bytes:
        return [item for item in storages if datastore.name.lower() in item.name.lower()]
    same = [
        item
        for item in storages
        if item.total_bytes and abs(item.total_bytes - datastore.total_bytes) <= _SAME_SIZE * datastore.total_bytes
    ]
    by_name = [item for item in same if datastore.name.lower() in item.name.lower()]
    return by_name or same
