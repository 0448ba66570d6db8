"""PVE's answers about votes, high availability and replication → facts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from nightshift.facts.cluster import Corosync, Ha, HaAgent, HaResource, HaRule, HaRules, ReplicationJob, Voter
from nightshift.sources.proxmox.cluster_models import (
    CorosyncNodeRow,
    HaGroupRow,
    HaResourceRow,
    HaRuleRow,
    HaStatusRow,
    QdeviceWire,
    ReplicationRow,
)
from nightshift.sources.proxmox.properties import split_list

_STATE: Final = re.compile(r"\S+ \(([^,)]+)")


def corosync(source: str, rows: Iterable[CorosyncNodeRow], qdevice: QdeviceWire | None, read_at: datetime) -> Corosync:
    voters = (Voter(row.node, 1 if row.quorum_votes is None else row.quorum_votes, _links(row)) for row in rows)
    return Corosync(source, tuple(sorted(voters, key=lambda voter: voter.name)), _state(qdevice), read_at)


def _links(row: CorosyncNodeRow) -> tuple[str, ...]:
    addresses = (
        row.ring0_addr, row.ring1_addr, row.ring2_addr, row.ring3_addr,
        row.ring4_addr, row.ring5_addr, row.ring6_addr, row.ring7_addr,
    )  # fmt: skip
    return tuple(address for address in addresses if address)


def _state(qdevice: QdeviceWire | None) -> str | None:
    return (qdevice.state or None) if qdevice else None


def ha(source: str, rows: Iterable[HaStatusRow]) -> Ha:
    known = tuple(rows)
    quorum = next((row for row in known if row.type == "quorum"), None)
    master = next((row for row in known if row.type == "master" and row.node), None)
    return Ha(
        source=source,
        quorate=quorum.quorate if quorum else None,
        master=_agent(master) if master else None,
        agents=tuple(_agent(row) for row in known if row.type == "lrm" and row.node),
        resources=tuple(_resource(source, row) for row in known if row.type == "service"),
        armed=next((row.armed_state for row in known if row.type == "fencing"), None),
    )


def _agent(row: HaStatusRow) -> HaAgent:
    """`pve3 (maintenance mode, Mon Nov 23 08:00:02 2026)` → `maintenance mode`."""
    found = _STATE.match(row.status or "")
    return HaAgent(row.node or "", found.group(1).strip() if found else (row.status or "unknown"), row.timestamp)


def _resource(source: str, row: HaStatusRow) -> HaResource:
    sid = row.sid or row.id.removeprefix("service:")
    return HaResource(source, sid, row.node, row.state or "unknown", row.request_state)


def ha_rules(source: str, rows: Iterable[HaRuleRow], read_at: datetime) -> HaRules:
    """The rules that bind guests to nodes and are in force; two guests that attract each other are no concern here."""
    rules = (
        HaRule(row.rule, _nodes(row.nodes), _vmids(split_list(row.resources)), row.strict)
        for row in rows
        if row.nodes and not row.disable
    )
    return HaRules(source, tuple(rules), read_at)


def ha_groups(
    source: str, groups: Iterable[HaGroupRow], resources: Iterable[HaResourceRow], read_at: datetime
) -> HaRules:
    """The same before PVE 9, when every resource named its group."""
    members: dict[str, list[str]] = {}
    for row in resources:
        if row.group:
            members.setdefault(row.group, []).append(row.sid)
    rules = (
        HaRule(group.group, _nodes(group.nodes), _vmids(members.get(group.group, ())), group.restricted)
        for group in groups
    )
    return HaRules(source, tuple(rule for rule in rules if rule.vmids), read_at)


def _nodes(text: str | None) -> tuple[str, ...]:
    """`pve1:2,pve2` (a number is a preference) → the nodes."""
    return tuple(part.partition(":")[0] for part in split_list(text))


def _vmids(sids: Iterable[str]) -> tuple[int, ...]:
    numbers = (sid.rpartition(":")[2] for sid in sids)
    return tuple(int(number) for number in numbers if number.isdigit())


def replication(source: str, node: str, row: ReplicationRow) -> ReplicationJob:
    """`node` is the one that was asked: it tells of the guests that are on it now."""
    return ReplicationJob(
        source=source,
        id=row.id,
        vmid=row.guest,
        node=row.source or node,
        target=row.target,
        schedule=row.schedule,
        enabled=not row.disable,
        last_sync_at=row.last_sync,
        last_try_at=row.last_try,
        next_sync_at=row.next_sync,
        failures=row.fail_count or 0,
        error=row.error or None,
        running=bool(row.pid),
    )
