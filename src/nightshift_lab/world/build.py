"""The standard homelab as a world, or another cluster in its place."""

from __future__ import annotations

from collections.abc import Iterable

from nightshift_lab.world.attic import ATTIC
from nightshift_lab.world.backup_servers import BackupServer
from nightshift_lab.world.faults import Fault
from nightshift_lab.world.homelab import BACKUP_SERVERS, CLUSTER
from nightshift_lab.world.nouns import Cluster
from nightshift_lab.world.world import World


def build_world(
    seed: int,
    started_at: float,
    faults: Iterable[Fault] = (),
    *,
    cluster: Cluster = CLUSTER,
    servers: tuple[BackupServer, ...] = BACKUP_SERVERS,
    outpost: Cluster | None = ATTIC,
    window_start_s: float | None = None,
) -> World:
    """A homelab under `faults`, the standard one unless told otherwise. The same arguments give the same world."""
    return World(
        seed, float(int(started_at)), cluster, servers, tuple(faults), outpost=outpost, window_start_s=window_start_s
    )
