"""All watched systems of one installation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from nightshift.sources.connection import Connection
from nightshift.sources.grafana.client import GrafanaClient
from nightshift.sources.pbs.client import PbsClient
from nightshift.sources.prometheus.client import PrometheusClient
from nightshift.sources.proxmox.client import ProxmoxClient

Client = ProxmoxClient | PbsClient | PrometheusClient | GrafanaClient


@dataclass(frozen=True, slots=True)
class Sources:
    """The configured clients of each kind; any may be empty, which is "not configured" and no fault."""

    pve: tuple[ProxmoxClient, ...] = ()
    pbs: tuple[PbsClient, ...] = ()
    prometheus: tuple[PrometheusClient, ...] = ()
    grafana: tuple[GrafanaClient, ...] = ()

    @classmethod
    def open(cls, connections: Iterable[Connection]) -> Sources:
        """A client for each connection; nothing is sent yet. Raises ConfigError when a CA file cannot be used."""
        connections = tuple(connections)
        return cls(
            pve=tuple(ProxmoxClient(item) for item in connections if item.kind == "pve"),
            pbs=tuple(PbsClient(item) for item in connections if item.kind == "pbs"),
            prometheus=tuple(PrometheusClient(item) for item in connections if item.kind == "prometheus"),
            grafana=tuple(GrafanaClient(item) for item in connections if item.kind == "grafana"),
        )

    @property
    def clients(self) -> tuple[Client, ...]:
        return (*self.pve, *self.pbs, *self.prometheus, *self.grafana)

    @property
    def requests(self) -> int:
        """How many requests all clients have sent so far."""
        return sum(client.transport.stats.requests for client in self.clients)

    async def aclose(self) -> None:
        await asyncio.gather(*(client.aclose() for client in self.clients))
