"""The `health` tool: what the checks found, causes with their symptoms, and what could not be checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Progress, Snapshot
from nightshift.facts.sweep import Sweep
from nightshift.tools.around import belonging, names
from nightshift.tools.context import ToolContext
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import iso, table
from nightshift.tools.tasks import concerns

CAUSES_WITH_EVIDENCE = 3
FINDINGS_SHOWN = 200
GAPS_SHOWN = 20
COLUMNS = ("severity", "entity", "finding", "since_at", "caused_by", "detail", "remedy", "runbook", "check", "key")
PROGRESS_COLUMNS = ("what", "read_so_far", "of", "source")
GAP_COLUMNS = ("source", "dataset", "kind", "detail", "fix")


class HealthArguments(Arguments):
    severity: Literal["critical", "warning", "info"] = Field("info", description="this or worse")
    about: str = Field("", description="only this guest, node, storage…")


async def health(ctx: ToolContext, arguments: HealthArguments) -> ToolResult:
    """Findings of the sweep, causes first, each followed by what it explains."""
    sweep = await ctx.sweep()
    findings = _severe(sweep.findings, arguments.severity)
    title = "Findings of the health sweep"
    if arguments.about:
        entity = EntityIndex.of(sweep.snapshot).resolve(arguments.about)
        findings = about(sweep, entity.key, findings)
        title = f"Findings about {entity.label}"
    elif explained := sum(finding.cause is not None and finding.severity != "info" for finding in findings):
        title += f", {explained} of them symptoms"
    now = ctx.clock()
    evidence = [findings_table(sweep, findings, title, now)]
    if sweep.gaps:
        evidence.append(gaps_table(sweep.snapshot, sweep.gaps, now))
    if sweep.snapshot.progress:
        evidence.append(progress_table(sweep.snapshot.progress, sweep.snapshot.taken_at, now))
    evidence += _evidence_of_causes(findings)
    return ToolResult(tuple(evidence), findings, sweep.gaps, _note(findings, sweep, bool(arguments.about)))


def progress_table(progress: Sequence[Progress], taken_at: datetime, now: datetime) -> Evidence:
    """What is read item by item and has not been read whole yet: of the rest nothing is known."""
    rows = [(item.noun, item.done, item.total, item.source) for item in progress]
    sources = ",".join(dict.fromkeys(item.source for item in progress))
    return table(sources, "slow lane", "Read so far", PROGRESS_COLUMNS, rows, taken_at=taken_at, now=now)


def about(sweep: Sweep, key: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings about one entity: its own, those that explain them, and those that they explain."""
    by_fingerprint = {finding.fingerprint: finding for finding in sweep.findings}
    related = related_keys(sweep.snapshot, key)
    failed = _failed_upids(sweep.snapshot, key)
    label = next((guest.entity.label for guest in sweep.snapshot.guests if guest.entity.key == key), "")
    own = {f.fingerprint for f in sweep.findings if f.entity.key in related or _tells_of(f, failed) or names(f, label)}
    chosen = set(own)
    for finding in sweep.findings:
        if finding.fingerprint in own:
            cause = finding.cause
            while cause and cause in by_fingerprint and cause not in chosen:
                chosen.add(cause)
                cause = by_fingerprint[cause].cause
        if finding.cause in own:
            chosen.add(finding.fingerprint)
    return tuple(finding for finding in findings if finding.fingerprint in chosen)


def related_keys(snapshot: Snapshot, key: str) -> frozenset[str]:
    """The entity itself, and what is only another view of it: its scrape targets, alerts, backup groups and jobs."""
    keys = {key}
    keys.update(f"target:{t.job}/{t.instance}" for t in snapshot.targets if t.entity_key == key)
    keys.update(f"alert:{a.source}/{a.rule_uid}/{a.instance_hash}" for a in snapshot.alerts if a.entity_key == key)
    keys.update(group.key for group in snapshot.backup_groups if group.guest == key)
    keys.update(belonging(snapshot, key))
    if key.startswith("node:"):
        _, _, rest = key.partition(":")
        keys.update(s.entity.key for s in snapshot.storages if s.node and f"{s.source}/{s.node}" == rest)
        parts = (*snapshot.disks, *snapshot.zfs_pools, *snapshot.thin_pools)
        keys.update(part.entity.key for part in parts if f"{part.source}/{part.node}" == rest)
    return frozenset(keys)


def _failed_upids(snapshot: Snapshot, key: str) -> frozenset[str]:
    """The failed tasks that hit this entity: a finding about one run of many guests is about each of them."""
    every = (*snapshot.tasks, *snapshot.pbs_tasks)
    return frozenset(task.upid for task in every if task.outcome == "failed" and concerns(task, key))


def _tells_of(finding: Finding, upids: frozenset[str]) -> bool:
    return bool(upids) and any(cell in upids for item in finding.evidence for row in item.rows for cell in row)


def findings_table(sweep: Sweep, findings: tuple[Finding, ...], title: str, now: datetime) -> Evidence:
    titles = {finding.fingerprint: finding.title for finding in sweep.findings}
    return table(
        "nightshift",
        "health sweep",
        title,
        COLUMNS,
        (_row(finding, titles) for finding in findings),
        taken_at=sweep.snapshot.taken_at,
        now=now,
        gaps=sweep.gaps,
        limit=FINDINGS_SHOWN,
    )


def gaps_table(snapshot: Snapshot, gaps: tuple[Gap, ...], now: datetime) -> Evidence:
    return table(
        "nightshift",
        "health sweep",
        "What could not be checked",
        GAP_COLUMNS,
        ((gap.source, gap.dataset, gap.kind, gap.detail, gap.fix) for gap in gaps),
        taken_at=snapshot.taken_at,
        now=now,
        limit=GAPS_SHOWN,
    )


def _row(finding: Finding, titles: dict[str, str]) -> tuple[Cell, ...]:
    return (
        finding.severity,
        finding.entity.label,
        finding.title,
        iso(finding.since or finding.first_seen),
        titles.get(finding.cause) if finding.cause else None,
        finding.detail,
        finding.remedy,
        finding.runbook,
        finding.check,
        finding.entity.key,
    )


def _severe(findings: Iterable[Finding], floor: Literal["critical", "warning", "info"]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if SEVERITY_RANK[finding.severity] <= SEVERITY_RANK[floor])


def _evidence_of_causes(findings: Iterable[Finding]) -> list[Evidence]:
    causes = [finding for finding in findings if finding.cause is None and finding.severity != "info"]
    return [item for finding in causes[:CAUSES_WITH_EVIDENCE] for item in finding.evidence]


def _note(findings: tuple[Finding, ...], sweep: Sweep, narrowed: bool) -> str:
    checked = "" if not sweep.gaps else f" {len(sweep.gaps)} things could not be checked: this is not an all-clear."
    if not findings:
        return ("No findings about it." if narrowed else "No findings.") + checked
    return checked.strip()
