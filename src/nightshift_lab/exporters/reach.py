"""Whether the service in a guest works, as somebody who uses it finds out: with all that it needs."""

from __future__ import annotations

from nightshift_lab.exporters.exposition import Figures
from nightshift_lab.world.faults import Flags
from nightshift_lab.world.nouns import Cluster, Guest


def proxy_of(cluster: Cluster) -> Guest:
    """The guest with the reverse proxy: the one whose exporter is Traefik's. Raises StopIteration."""
    return next(guest for guest in cluster.guests if any(exporter.job == "traefik" for exporter in guest.exporters))


class Reach:
    """Follows `depends_on` of the guests; every answer is reckoned once. The flags are one for each time."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._works: dict[str, Flags] = {}

    def runs(self, guest: Guest) -> Flags:
        """Whether the guest and the service in it run, whatever becomes of what they need."""
        figures, entity = self._figures, f"guest/{guest.vmid}"
        serves = figures.bent(entity, "service_up", figures.constant(1)) > 0
        moves = figures.when(entity, "qmpstatus", "running", "running")
        runs: Flags = (figures.up(entity) > 0) & serves & moves
        return runs

    def needs(self, guest: Guest) -> Flags:
        """Whether everything that the guest depends on works."""
        there: Flags = self._figures.constant(1) > 0
        for name in guest.depends_on:
            there = there & self.works(name)
        return there

    def proxied(self, vmid: int) -> Flags:
        """Whether the reverse proxy can be reached from a guest, by name."""
        cluster = self._figures.world.cluster
        return self.works(proxy_of(cluster).name) & self.needs(cluster.guest(vmid))

    def works(self, name: str) -> Flags:
        """Whether the service of a guest works from end to end; for `storage:<name>` whether its server does."""
        if name not in self._works:
            cluster = self._figures.world.cluster
            if name.startswith("storage:"):
                served_by = cluster.storage(name.removeprefix("storage:")).served_by
                there: Flags = self._figures.constant(1) > 0
                self._works[name] = there if served_by is None else self.works(cluster.guest(served_by).name)
            else:
                guest = cluster.guest_named(name)
                self._works[name] = self.runs(guest) & self.needs(guest)
        return self._works[name]
