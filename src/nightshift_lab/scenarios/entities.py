"""The names that scenario files use: `guest/unifi` for `guest/116`; and near names for mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache

from nightshift_lab.world.build import build_world
from nightshift_lab.world.homelab_variants import BASES
from nightshift_lab.world.world import World


class UnknownEntity(KeyError):
    """No such entity; `near` lists names that look like it."""

    def __init__(self, name: str, near: tuple[str, ...], wanted: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name, self.near, self.wanted = name, near, wanted

    def __str__(self) -> str:
        kinds = f" ({' or '.join(self.wanted)})" if self.wanted else ""
        near = f"; near are: {', '.join(self.near)}" if self.near else ""
        return f"unknown entity {self.name!r}{kinds}{near}"


def entity_names(world: World) -> Mapping[str, str]:
    """Every name that a scenario file may use → the entity as the world names it."""
    names = {entity: entity for entity in world.entities()}
    names |= {f"guest/{guest.name}": f"guest/{guest.vmid}" for guest in world.cluster.guests}
    names |= {
        f"fs/guest/{guest.name}/{disk.mountpoint}": f"fs/guest/{guest.vmid}/{disk.mountpoint}"
        for guest in world.cluster.guests
        for disk in guest.disks
    }
    for node in world.cluster.nodes:
        for sort, things in (("pool", node.pools), ("link", node.links)):
            names |= {f"{sort}/{node.name}/{thing.name}": f"{sort}/{node.name}/{thing.name}" for thing in things}
        thin = [f"thin/{node.name}/{pool.group}/{pool.volume}" for pool in node.thin_pools]
        osds = [f"osd/{disk.osd}" for disk in node.disks if disk.osd is not None]
        monitors = [f"mon/{node.name}"] if world.cluster.ceph else []
        names |= {name: name for name in (*thin, *osds, *monitors)}
    names |= {f"storage/{storage.name}": f"storage/{storage.name}" for storage in world.cluster.storages}
    names |= {f"job/{job.id}": f"job/{job.id}" for job in world.cluster.backup_jobs}
    names |= {f"replication/{job.id}": f"replication/{job.id}" for job in world.cluster.replications}
    names |= {f"cluster/{world.cluster.name}": f"cluster/{world.cluster.name}"}
    names |= {f"server/{server.name}": f"server/{server.name}" for server in world.servers}
    return names


@cache
def names_of(base: str) -> Mapping[str, str]:
    """The names in a homelab. Its entities do not depend on seed, time, faults or what guests are called."""
    return entity_names(build_world(0, 1_800_000_000.0, cluster=BASES[base]))


def resolve(names: Mapping[str, str], name: str, kinds: Iterable[str] = ()) -> str:
    """The world's entity for a name of one of the `kinds`. Raises UnknownEntity."""
    wanted = tuple(kinds)
    if name in names and (not wanted or name.partition("/")[0] in wanted):
        return names[name]
    possible = [known for known in names if not wanted or known.partition("/")[0] in wanted]
    near = tuple(get_close_matches(name, possible, n=4, cutoff=0.45)) or tuple(possible[:4])
    raise UnknownEntity(name, near, wanted)
