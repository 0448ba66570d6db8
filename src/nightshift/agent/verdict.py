"""What an answer amounts to, from what the tools found: never from the words that a brain chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nightshift.agent.answer import RootCause, Verdict
from nightshift.agent.run import ToolRun
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.gap import Gap

_JUDGING = ("health", "entity", "subsystem", "disks", "storage")
_EXPLAINING = ("health", "entity", "subsystem", "restarts")
_TROUBLE = ("critical", "warning")
_UNSEEN = ("unreachable", "unauthorized", "forbidden", "timed_out", "malformed", "truncated")
_MENTIONED_GAPS = 5


def verdict_of(tool_runs: Sequence[ToolRun]) -> Verdict:
    """`problem` when health, an entity, a subsystem, disks or storages show a warning or worse; `healthy` only when a
    whole health sweep ran, saw everything and found nothing; `unknown` when it found nothing and could not see
    everything; else `info`."""
    judging = [tool_run for tool_run in tool_runs if tool_run.name in _JUDGING]
    if any(finding.severity in _TROUBLE for tool_run in judging for finding in tool_run.result.findings):
        return "problem"
    sweeps = [tool_run for tool_run in judging if tool_run.name == "health" and _sees_all_trouble(tool_run)]
    if not sweeps:
        return "info"
    return "unknown" if any(_unseen(tool_run) for tool_run in sweeps) else "healthy"


def root_causes_of(tool_runs: Sequence[ToolRun]) -> tuple[RootCause, ...]:
    """Findings of health, entity, subsystem, restarts that nothing else explains, warnings and worse, in the order of
    the sweep."""
    causes: dict[str, RootCause] = {}
    for tool_run in tool_runs:
        if tool_run.name not in _EXPLAINING:
            continue
        known = {finding.fingerprint for finding in tool_run.result.findings}
        for finding in tool_run.result.findings:
            if finding.severity in _TROUBLE and (finding.cause is None or finding.cause not in known):
                causes.setdefault(finding.fingerprint, _root_cause(finding, tool_run.result.evidence))
    return tuple(causes.values())


def unmentioned_gaps(text: str, gaps: Iterable[Gap]) -> str:
    """Sentences about what could not be seen and the text does not speak of; empty when there is nothing to add."""
    lowered = text.lower()
    silent: dict[str, Gap] = {}
    for gap in gaps:
        if gap.kind in _UNSEEN and gap.source.lower() not in lowered:
            silent.setdefault(gap.source, gap)
    shown = list(silent.values())[:_MENTIONED_GAPS]
    lines = [f"- {gap.source}: {gap.detail}" for gap in shown]
    if len(silent) > len(shown):
        lines.append(f"- and {len(silent) - len(shown)} more")
    return "\n".join(("Not seen:", *lines)) if lines else ""


def _root_cause(finding: Finding, evidence: Iterable[Evidence]) -> RootCause:
    """Backed by the finding's own evidence where the tool shows it, else by the table that lists the finding."""
    every = tuple(evidence)
    own = tuple(item.id for item in every if replace(item, id="") in finding.evidence)
    listing = tuple(item.id for item in every if any(finding.title in row for row in item.rows))
    return RootCause(
        finding.entity.key, finding.title, own or listing or tuple(item.id for item in every[:1]), finding.check
    )


def _sees_all_trouble(tool_run: ToolRun) -> bool:
    """Whether the sweep was not narrowed so that a warning would be left out."""
    severity = tool_run.arguments.get("severity") or "info"
    return severity in SEVERITY_RANK and SEVERITY_RANK[severity] >= SEVERITY_RANK["warning"]


def _unseen(tool_run: ToolRun) -> bool:
    gaps = (*tool_run.result.gaps, *(gap for item in tool_run.result.evidence for gap in item.gaps))
    return any(gap.is_blind_spot for gap in gaps)
