"""The names of everything that has figures, and whose power each thing needs."""

from __future__ import annotations

from nightshift_lab.world.backup_servers import BackupServer
from nightshift_lab.world.nouns import Cluster, Exporter, named

_THEMSELVES = frozenset({"node", "guest", "target", "server"})


def entities_of(cluster: Cluster, servers: tuple[BackupServer, ...]) -> tuple[str, ...]:
    """Every entity of a cluster and its backup servers, without scrape targets."""
    nodes = [f"node/{node.name}" for node in cluster.nodes]
    guests = [f"guest/{guest.vmid}" for guest in cluster.guests]
    node_roots = [f"fs/node/{node.name}//" for node in cluster.nodes]
    disks = [f"fs/guest/{guest.vmid}/{disk.mountpoint}" for guest in cluster.guests for disk in guest.disks]
    storages = [f"storage/{node}/{storage.name}" for storage in cluster.storages for node in storage.nodes]
    hardware = [f"disk/{node.name}/{disk.serial}" for node in cluster.nodes for disk in node.disks]
    upses = [f"ups/{ups.name}" for ups in cluster.upses]
    bare = [f"server/{server.name}" for server in servers if server.vmid is None]
    stores = [f"datastore/{server.name}/{store.name}" for server in servers for store in server.datastores]
    return (*nodes, *guests, *node_roots, *disks, *storages, *hardware, *upses, *bare, *stores)


def exporters_of(cluster: Cluster) -> tuple[tuple[Exporter, str], ...]:
    """Every scrape target with its owner (`node/…` or `guest/…`); nobody scrapes a guest that is off on purpose."""
    running = [guest for guest in cluster.guests if guest.runs]
    of_nodes = [(exporter, f"node/{node.name}") for node in cluster.nodes for exporter in node.exporters]
    of_guests = [(exporter, f"guest/{guest.vmid}") for guest in running for exporter in guest.exporters]
    of_probes = [(Exporter("blackbox", probe.instance), f"guest/{probe.prober}") for probe in cluster.probes]
    return (*of_nodes, *of_guests, *of_probes)


def host_of(server: BackupServer) -> str:
    """The machine that a backup server is: a guest, or itself."""
    return f"server/{server.name}" if server.vmid is None else f"guest/{server.vmid}"


def owner_of(entity: str, servers: tuple[BackupServer, ...]) -> str | None:
    """The machine whose power the entity needs; itself for nodes, guests, servers and targets. Raises KeyError."""
    kind, _, rest = entity.partition("/")
    if kind in _THEMSELVES:
        return entity
    first = rest.partition("/")[0]
    if kind == "fs":
        machine, name, _ = rest.split("/", 2)
        return f"{machine}/{name}"
    if kind in {"storage", "disk"}:
        return f"{'server' if any(server.name == first for server in servers) else 'node'}/{first}"
    return host_of(named(servers, first)) if kind == "datastore" else None
