"""Proxmox VE, the cluster as a whole: votes, high availability, replication."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nightshift.errors import SourceUnsupported
from nightshift.facts.cluster import Corosync, Ha, HaRules, ReplicationJob
from nightshift.sources.endpoint import Endpoint
from nightshift.sources.proxmox import parse_cluster
from nightshift.sources.proxmox.cluster_models import (
    CorosyncNodeRow,
    HaGroupRow,
    HaResourceRow,
    HaRuleRow,
    HaStatusRow,
    QdeviceWire,
    ReplicationJobRow,
    ReplicationRow,
)
from nightshift.sources.proxmox.models import PveAnswer
from nightshift.sources.transport import Transport

COROSYNC_NODES: Final = Endpoint("/cluster/config/nodes", PveAnswer[list[CorosyncNodeRow]])
QDEVICE: Final = Endpoint("/cluster/config/qdevice", PveAnswer[QdeviceWire])
HA_STATUS: Final = Endpoint("/cluster/ha/status/current", PveAnswer[list[HaStatusRow]])
HA_RULES: Final = Endpoint("/cluster/ha/rules", PveAnswer[list[HaRuleRow]])
HA_GROUPS: Final = Endpoint("/cluster/ha/groups", PveAnswer[list[HaGroupRow]])
HA_RESOURCES: Final = Endpoint("/cluster/ha/resources", PveAnswer[list[HaResourceRow]])
REPLICATION_JOBS: Final = Endpoint("/cluster/replication", PveAnswer[list[ReplicationJobRow]])
REPLICATION: Final = Endpoint("/nodes/{node}/replication", PveAnswer[list[ReplicationRow]])


class ClusterReads:
    """The part of ProxmoxClient that asks about what the nodes do together."""

    source: str
    transport: Transport

    async def corosync(self, *, read_at: datetime) -> Corosync:
        """Votes and links: two GETs (PVE API: /cluster/config/nodes, /cluster/config/qdevice; Sys.Audit on /)."""
        rows = (await self.transport.get(COROSYNC_NODES)).data
        qdevice = (await self.transport.get(QDEVICE)).data
        return parse_cluster.corosync(self.source, rows, qdevice, read_at)

    async def ha_status(self) -> Ha:
        """PVE API: /cluster/ha/status/current; Sys.Audit on /."""
        return parse_cluster.ha(self.source, (await self.transport.get(HA_STATUS)).data)

    async def ha_rules(self, *, read_at: datetime) -> HaRules:
        """Where guests under high availability may run (PVE API: /cluster/ha/rules; before PVE 9 two GETs,
        /cluster/ha/groups and /cluster/ha/resources; Sys.Audit on /)."""
        try:
            rules = (await self.transport.get(HA_RULES)).data
        except SourceUnsupported:
            groups = (await self.transport.get(HA_GROUPS)).data
            resources = (await self.transport.get(HA_RESOURCES)).data
            return parse_cluster.ha_groups(self.source, groups, resources, read_at)
        return parse_cluster.ha_rules(self.source, rules, read_at)

    async def replicated_vmids(self) -> frozenset[int]:
        """The guests that a job replicates to another node (PVE API: /cluster/replication; VM.Audit)."""
        rows = (await self.transport.get(REPLICATION_JOBS)).data
        return frozenset(row.guest for row in rows if not row.disable)

    async def replication(self, node: str) -> tuple[ReplicationJob, ...]:
        """The jobs of the guests on a node and how they stand (PVE API: /nodes/{node}/replication; VM.Audit)."""
        rows = (await self.transport.get(REPLICATION, node=node)).data
        return tuple(parse_cluster.replication(self.source, node, row) for row in rows)
