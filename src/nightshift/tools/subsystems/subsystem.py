"""The `subsystem` tool: what was read of quorum, replication, certificates and their like, and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.facts.sweep import Sweep
from nightshift.tools.context import ToolContext
from nightshift.tools.health import about, findings_table, progress_table
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.subsystems.alerting import IN_FORCE, NOTIFICATIONS, SILENCES, in_force
from nightshift.tools.subsystems.cluster import CEPH, HA, QUORUM, REPLICATION
from nightshift.tools.subsystems.guests import SNAPSHOTS
from nightshift.tools.subsystems.nodes import CERTIFICATES, CLOCKS, KERNELS, POOLS, REPOSITORIES, SERVICES, UPDATES
from nightshift.tools.subsystems.server import GC, PRUNE, SYNC, VERIFY
from nightshift.tools.subsystems.shape import Subsystem, Told
from nightshift.tools.tables import iso, nothing_seen, sources_of, table

Name = Literal[
    "quorum", "ha", "replication", "ceph", "certificates", "updates", "kernels", "repositories", "services", "clocks",
    "zfs_pools", "guest_snapshots", "gc", "sync", "verify", "prune", "silences", "notifications",
]  # fmt: skip
SUBSYSTEMS: Mapping[Name, Subsystem] = {
    "quorum": QUORUM, "ha": HA, "replication": REPLICATION, "ceph": CEPH, "certificates": CERTIFICATES,
    "updates": UPDATES, "kernels": KERNELS, "repositories": REPOSITORIES, "services": SERVICES, "clocks": CLOCKS,
    "zfs_pools": POOLS, "guest_snapshots": SNAPSHOTS, "gc": GC, "sync": SYNC, "verify": VERIFY, "prune": PRUNE,
    "silences": SILENCES, "notifications": NOTIFICATIONS,
}  # fmt: skip
ROWS_SHOWN = 100
ACK_COLUMNS = ("finding", "kind", "by", "reason", "until_at", "key")
ROUTES = Gap(
    "grafana", "contact points", "unsupported",
    "Contact points, notification policies and the routes of an Alertmanager are not read",
    "Alerting → Contact points and Notification policies in Grafana show who is told.",
)  # fmt: skip


class SubsystemArguments(Arguments):
    part: Name
    about: str = Field("", description="only this guest, node, datastore")


async def subsystem(ctx: ToolContext, arguments: SubsystemArguments) -> ToolResult:
    """What was read of it, then the findings about it with what causes them; `note` says when it is not set up."""
    sweep, now = await ctx.sweep(), ctx.clock()
    chosen = SUBSYSTEMS[arguments.part]
    entity = EntityIndex.of(sweep.snapshot).resolve(arguments.about) if arguments.about else None
    findings = _findings(sweep, arguments.part, chosen)
    if entity is not None:
        findings = about(sweep, entity.key, findings)
    title = f"{chosen.title} of {entity.label}" if entity else chosen.title
    evidence = [_rows(sweep.snapshot, chosen, title, entity.key if entity else "", now)]
    if arguments.part == "silences":
        evidence += _acknowledged(findings, sweep, now)
        evidence += await in_force(ctx, sweep.snapshot, entity, now)
    elif findings:
        evidence.append(findings_table(sweep, findings, f"Findings about {_inside(title)}", now))
    read = tuple(item for name in chosen.datasets for item in _dataset(sweep.snapshot, name).progress)
    if read:
        evidence.append(progress_table(read, sweep.snapshot.taken_at, now))
    evidence += [item for finding in findings[:2] for item in finding.evidence]
    read_now = (gap for item in evidence if item.title == IN_FORCE for gap in item.gaps)
    known = (gap for name in chosen.datasets for gap in _dataset(sweep.snapshot, name).gaps)
    gaps = tuple(dict.fromkeys((*known, *read_now)))
    if arguments.part == "notifications":
        told_by = (source.id for source in sweep.snapshot.sources if source.kind in ("grafana", "prometheus"))
        gaps = (*gaps, *(replace(ROUTES, source=source) for source in told_by))
    return ToolResult(tuple(evidence), findings, gaps, _note(sweep.snapshot, chosen))


def _dataset(snapshot: Snapshot, name: str) -> Dataset[Any]:
    dataset: Dataset[Any] = getattr(snapshot, name)
    return dataset


def _rows(snapshot: Snapshot, chosen: Subsystem, title: str, key: str, now: datetime) -> Evidence:
    dataset = _dataset(snapshot, chosen.datasets[0])
    taken_at = dataset.taken_at or snapshot.taken_at
    if not dataset.known:
        return nothing_seen(chosen.kind, chosen.request, title, taken_at=taken_at, now=now, gaps=dataset.gaps)
    rows = [told.cells for told in chosen.rows(snapshot) if not key or _concerns(told, key)]
    return table(
        sources_of(dataset, _source_of(snapshot, chosen.kind)), chosen.request, title, chosen.columns, rows,
        taken_at=taken_at, now=now, gaps=dataset.gaps, limit=ROWS_SHOWN,
    )  # fmt: skip


def _source_of(snapshot: Snapshot, kind: str) -> str:
    """The id of the source that would tell, where nothing is told."""
    return next((source.id for source in snapshot.sources if source.kind == kind), kind)


def _concerns(told: Told, key: str) -> bool:
    return key in told.keys


def _findings(sweep: Sweep, name: Name, chosen: Subsystem) -> tuple[Finding, ...]:
    """Those of its checks and of alerts that are named after it, and what causes them, in the sweep's order."""
    if name == "silences":
        return tuple(finding for finding in sweep.findings if finding.ack is not None)
    by_fingerprint = {finding.fingerprint: finding for finding in sweep.findings}
    wanted = {finding.fingerprint for finding in sweep.findings if _judges(chosen, finding)}
    for fingerprint in tuple(wanted):
        wanted.update(_causes(by_fingerprint[fingerprint], by_fingerprint))
    return tuple(finding for finding in sweep.findings if finding.fingerprint in wanted)


def _causes(finding: Finding, by_fingerprint: Mapping[str, Finding]) -> Iterator[str]:
    seen = {finding.fingerprint}
    above = by_fingerprint.get(finding.cause or "")
    while above is not None and above.fingerprint not in seen:
        seen.add(above.fingerprint)
        yield above.fingerprint
        above = by_fingerprint.get(above.cause or "")


def _judges(chosen: Subsystem, finding: Finding) -> bool:
    if finding.check.startswith("alert."):
        title = "".join(filter(str.isalpha, finding.title.lower()))
        return any(word in title for word in chosen.words)
    if finding.check in chosen.shared:
        return finding.title.startswith(chosen.named)
    return finding.check.startswith(chosen.checks)


def _acknowledged(findings: tuple[Finding, ...], sweep: Sweep, now: datetime) -> list[Evidence]:
    """What somebody acknowledged here; the table stands even where there is none, so that this can be said."""
    rows = [
        (finding.title, ack.kind, ack.by, ack.reason, iso(ack.until), finding.entity.key)
        for finding in findings
        if (ack := finding.ack) is not None
    ]
    taken_at = sweep.snapshot.taken_at
    return [table("nightshift", "acknowledgements", "Acknowledged findings", ACK_COLUMNS, rows, taken_at=taken_at,
                  now=now)]  # fmt: skip


def _inside(title: str) -> str:
    """A title inside of a sentence: `Sync jobs` → `sync jobs`; names stay as they are."""
    return title if title.startswith(("ZFS", "Ceph")) else f"{title[0].lower()}{title[1:]}"


def _note(snapshot: Snapshot, chosen: Subsystem) -> str:
    dataset = _dataset(snapshot, chosen.datasets[0])
    if dataset.state == "not_configured":
        return f"Nothing that is set up and read here tells of {_inside(chosen.title)}."
    return "" if dataset.known else f"{chosen.title} could not be read."
