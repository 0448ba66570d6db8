"""Proxmox VE, node by node: records, services, clock, packages, certificates, journal."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from nightshift.errors import SourceFailed, SourceForbidden
from nightshift.facts.hardware import SpaceHistory
from nightshift.facts.nodes import (
    NodeCertificates,
    NodeClock,
    NodeHistory,
    NodeRepositories,
    NodeSoftware,
    Service,
)
from nightshift.sources.endpoint import Endpoint
from nightshift.sources.proxmox import parse_node
from nightshift.sources.proxmox.models import PveAnswer
from nightshift.sources.proxmox.node_models import (
    CertificateRow,
    PackageRow,
    RepositoriesWire,
    RrdPoint,
    ServiceRow,
    SpacePoint,
    SubscriptionWire,
    TimeWire,
    UpdateRow,
)
from nightshift.sources.transport import Transport
from nightshift.sources.wire import Text

NODE_RRD: Final = Endpoint("/nodes/{node}/rrddata", PveAnswer[list[RrdPoint]])
STORAGE_SPACE: Final = Endpoint("/nodes/{node}/storage/{storage}/rrddata", PveAnswer[list[SpacePoint]])
SERVICES: Final = Endpoint("/nodes/{node}/services", PveAnswer[list[ServiceRow]])
NODE_TIME: Final = Endpoint("/nodes/{node}/time", PveAnswer[TimeWire])
APT_VERSIONS: Final = Endpoint("/nodes/{node}/apt/versions", PveAnswer[list[PackageRow]])
APT_UPDATES: Final = Endpoint("/nodes/{node}/apt/update", PveAnswer[list[UpdateRow]])
REPOSITORIES: Final = Endpoint("/nodes/{node}/apt/repositories", PveAnswer[RepositoriesWire])
SUBSCRIPTION: Final = Endpoint("/nodes/{node}/subscription", PveAnswer[SubscriptionWire])
CERTIFICATES: Final = Endpoint("/nodes/{node}/certificates/info", PveAnswer[list[CertificateRow]])
JOURNAL: Final = Endpoint("/nodes/{node}/journal", PveAnswer[list[Text]])


class NodeReads:
    """The part of ProxmoxClient that asks about one node at a time."""

    source: str
    transport: Transport

    async def node_history(self, node: str) -> NodeHistory:
        """The last hour of a node's figures (PVE API: /nodes/{node}/rrddata; Sys.Audit on /nodes/{node})."""
        params: dict[str, str | int] = {"timeframe": "hour", "cf": "AVERAGE"}
        rows = (await self.transport.get(NODE_RRD, params=params, node=node)).data
        return parse_node.history(self.source, node, rows)

    async def space_history(self, key: str, node: str, storage: str | None) -> SpaceHistory:
        """How full a storage, or the node's root file system, was in the last month (PVE API:
        /nodes/{node}[/storage/{storage}]/rrddata). A storage too young for records is answered by an error."""
        params: dict[str, str | int] = {"timeframe": "month", "cf": "AVERAGE"}
        if storage is None:
            roots = (await self.transport.get(NODE_RRD, params=params, node=node)).data
            points = [(row.time, row.rootused, row.roottotal) for row in roots]
        else:
            try:
                rows = (await self.transport.get(STORAGE_SPACE, params=params, node=node, storage=storage)).data
            except SourceFailed:
                rows = []
            points = [(row.time, row.used, row.total) for row in rows]
        return parse_node.space_history(self.source, key, points)

    async def services(self, node: str) -> tuple[Service, ...]:
        """PVE API: /nodes/{node}/services; Sys.Audit on /nodes/{node}."""
        rows = (await self.transport.get(SERVICES, node=node)).data
        return tuple(parse_node.service(self.source, node, row) for row in rows)

    async def node_clock(self, node: str, *, read_at: datetime) -> NodeClock:
        """How far the node's clock is from ours (PVE API: /nodes/{node}/time; Sys.Audit on /nodes/{node})."""
        asked_s = time.time()
        answer = await self.transport.get(NODE_TIME, node=node)
        return parse_node.clock(self.source, node, answer.data, asked_s, time.time(), read_at)

    async def node_software(self, node: str, *, read_at: datetime) -> NodeSoftware:
        """Packages and kernels: two GETs (PVE API: /nodes/{node}/apt/versions, Sys.Audit on /nodes/{node}; and
        /apt/update, Sys.Modify). A token without the second privilege, as it should be, learns of PVE's own packages
        only."""
        versions = (await self.transport.get(APT_VERSIONS, node=node)).data
        try:
            updates: list[UpdateRow] | None = (await self.transport.get(APT_UPDATES, node=node)).data
        except SourceForbidden:
            updates = None
        return parse_node.software(self.source, node, versions, updates, read_at)

    async def node_repositories(self, node: str, *, read_at: datetime) -> NodeRepositories:
        """Package repositories and subscription: two GETs (PVE API: /nodes/{node}/apt/repositories, Sys.Audit on
        /nodes/{node}; /nodes/{node}/subscription)."""
        found = (await self.transport.get(REPOSITORIES, node=node)).data
        subscription = (await self.transport.get(SUBSCRIPTION, node=node)).data
        return parse_node.repositories(self.source, node, found, subscription, read_at)

    async def node_certificates(self, node: str, *, read_at: datetime) -> NodeCertificates:
        """PVE API: /nodes/{node}/certificates/info."""
        rows = (await self.transport.get(CERTIFICATES, node=node)).data
        return parse_node.certificates(self.source, node, rows, read_at)

    async def journal(self, node: str, *, since: datetime, until: datetime) -> tuple[str, ...]:
        """The lines of a node's journal in a span of time, oldest first (PVE API: /nodes/{node}/journal; Sys.Syslog on
        /nodes/{node})."""
        params: dict[str, str | int] = {"since": int(since.timestamp()), "until": int(until.timestamp())}
        return tuple((await self.transport.get(JOURNAL, params=params, node=node)).data)
