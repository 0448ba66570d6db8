"""What is wrong around a thing: with what it rests on, and with what runs on it.

`No warnings about it` is half an answer for a guest whose node is away, or a node with a guest on it that is in error.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.ids import key_parts, node_key, source_key
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import Sweep
from nightshift.tools.tables import iso, table

BENEATH = "beneath it"
ON_IT = "on it"
COLUMNS = ("where", "severity", "entity", "finding", "since_at", "key")
_SHOWN = 40
# What is wrong with a guest and is no matter of the node that it is on.
_ELSEWHERE = ("backup.", "copies.", "restores.", "target.", "alert.")
# What is wrong with a node and a guest on it does not feel: papers and packages.
_NOT_FELT = ("node.certificate", "node.updates", "node.repositories", "node.reboot", "cluster.", "target.", "alert.")


def around(sweep: Sweep, key: str, own: tuple[Finding, ...], now: datetime) -> list[Evidence]:
    """Warnings and worse about what the entity rests on and what is on it, without those that are its own; none where
    there are none."""
    beneath, on_it = _beneath(sweep.snapshot, key), _on_it(sweep.snapshot, key)
    known = {finding.fingerprint for finding in own}
    found = [
        (BENEATH if finding.entity.key in beneath else ON_IT, finding)
        for finding in sorted(sweep.findings, key=lambda finding: SEVERITY_RANK[finding.severity])
        if finding.severity != "info"
        and finding.fingerprint not in known
        and (
            (finding.entity.key in on_it and not finding.check.startswith(_ELSEWHERE))
            or (finding.entity.key in beneath and not finding.check.startswith(_NOT_FELT))
        )
    ]
    rows = [
        (where, f.severity, f.entity.label, f.title, iso(f.since or f.first_seen), f.entity.key) for where, f in found
    ]
    if not rows:
        return []
    return [table("nightshift", "health sweep", "What is wrong around it", COLUMNS, rows,
                  taken_at=sweep.snapshot.taken_at, now=now, limit=_SHOWN)]  # fmt: skip


def _beneath(snapshot: Snapshot, key: str) -> frozenset[str]:
    kind, parts = key_parts(key)
    if kind == "guest":
        return frozenset(_beneath_guest(snapshot, key))
    if kind == "datastore":
        return frozenset({source_key(parts[0])})
    return frozenset()


def _beneath_guest(snapshot: Snapshot, key: str) -> Iterator[str]:
    """Its node with the pools there, and the storages that its disks are on."""
    guest = next((guest for guest in snapshot.guests if guest.entity.key == key), None)
    if guest is None:
        return
    yield node_key(guest.source, guest.node)
    yield from (p.entity.key for p in snapshot.zfs_pools if (p.source, p.node) == (guest.source, guest.node))
    config = next((c for c in snapshot.guest_configs if (c.source, c.vmid) == (guest.source, guest.vmid)), None)
    used = {disk.partition(":")[0] for _, disk in config.disks} if config else set()
    yield from (
        storage.entity.key
        for storage in snapshot.storages
        if storage.source == guest.source and storage.name in used and storage.node in (None, guest.node)
    )


def _on_it(snapshot: Snapshot, key: str) -> frozenset[str]:
    """Of a node its guests, and the replication that starts there."""
    kind, parts = key_parts(key)
    if kind != "node":
        return frozenset()
    here = tuple(parts[:2])
    guests = (guest.entity.key for guest in snapshot.guests if (guest.source, guest.node) == here)
    jobs = (job.entity.key for job in snapshot.replication if (job.source, job.node) == here)
    return frozenset((*guests, *jobs))


def belonging(snapshot: Snapshot, key: str) -> frozenset[str]:
    """The keys of jobs that work for this entity alone: the replication of a guest."""
    return frozenset(job.entity.key for job in snapshot.replication if job.guest == key)


def names(finding: Finding, label: str) -> bool:
    """Whether a finding tells of a guest by its full name, `web (VM 104)`: a disabled job names whom it saved."""
    return "(" in label and (label in finding.title or (finding.severity != "info" and label in finding.detail))
