"""A sweep for the terminal: each cause with what it explains, and last what could not be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import click

from nightshift.checks.evidence import counted
from nightshift.checks.registry import CHECKS
from nightshift.cli import screen
from nightshift.cli.answer_text import gap_lines
from nightshift.cli.screen import paragraph, printable, styled
from nightshift.facts.finding import SEVERITY_RANK, Finding, Severity
from nightshift.facts.snapshot import SourceStatus
from nightshift.facts.sweep import StageTiming, Sweep
from nightshift.facts.units import format_age, format_duration, format_time

MAX_CAUSES = 10
MAX_EXPLAINED = 5
MAX_REASONS = 3
_COLORS = {"critical": "red", "warning": "yellow", "info": "cyan"}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings are shown. It changes nothing about the exit code."""

    least: Severity = "info"
    checks: frozenset[str] = frozenset()

    @classmethod
    def of(cls, severity: str, only: str | None) -> Filter:
        """Raises click.UsageError when `only` names no check."""
        wanted = frozenset(name.strip() for name in (only or "").split(",") if name.strip())
        known = {check.id for check in CHECKS} | {check.family for check in CHECKS}
        unknown = sorted(wanted - known)
        if unknown:
            families = ", ".join(sorted({check.family for check in CHECKS}))
            raise click.UsageError(f"--only: there is no check or family {', '.join(unknown)}. Families: {families}")
        ids = frozenset(check.id for check in CHECKS if check.id in wanted or check.family in wanted)
        least: Severity = next((known for known in SEVERITY_RANK if known == severity), "info")
        return cls(least, ids)

    def shows(self, finding: Finding) -> bool:
        severe = SEVERITY_RANK[finding.severity] <= SEVERITY_RANK[self.least]
        return severe and (not self.checks or finding.check in self.checks)

    def of_sweep(self, sweep: Sweep) -> tuple[Finding, ...]:
        return tuple(finding for finding in sweep.findings if self.shows(finding))


def sweep_lines(sweep: Sweep, chosen: Filter, zone: tzinfo) -> Iterator[str]:
    """The lines to print, without control characters from strangers."""
    shown = chosen.of_sweep(sweep)
    fingerprints = {finding.fingerprint for finding in shown}
    # What is explained by something that is filtered out stands for itself.
    causes = [finding for finding in shown if finding.cause not in fingerprints]
    known = [cause for cause in causes if cause.ack is not None]
    remarks = [cause for cause in causes if cause.ack is None and cause.severity == "info"]
    causes = [cause for cause in causes if cause.ack is None and cause.severity != "info"]
    yield styled(headline(sweep, shown, zone), bold=True)
    for cause in causes[:MAX_CAUSES]:
        explained = [finding for finding in shown if finding.cause == cause.fingerprint]
        yield ""
        yield from _cause_lines(cause, explained, sweep)
    if len(causes) > MAX_CAUSES:
        yield ""
        yield f"… and {len(causes) - MAX_CAUSES} more causes; --json prints all of them."
    if remarks:
        yield ""
        yield styled("Remarks", bold=True) + ' (more: nightshift show "words of one")'
    for remark in remarks[:MAX_CAUSES]:
        yield f"  {printable(remark.title)}{_history(remark, sweep)}"
    if len(remarks) > MAX_CAUSES:
        yield f"  … and {len(remarks) - MAX_CAUSES} more; --json prints all of them."
    if known:
        yield ""
        yield styled("Known to you", bold=True)
    for cause in known:
        yield f"  {cause.severity:<8} {printable(cause.title)}{_history(cause, sweep)}"
    if sweep.resolved:
        yield ""
        titles = dict.fromkeys(printable(finding.title) for finding in sweep.resolved)
        yield f"Resolved since: {_first_of(titles)}"
    yield from gap_lines(sweep.gaps)
    yield from _progress_lines(sweep)
    yield from _left_out_lines(sweep)
    yield unchecked_line(sweep)


def unchecked_line(sweep: Sweep) -> str:
    """The last line of every report: what could not be checked, and why."""
    blind = [gap for gap in sweep.gaps if gap.is_blind_spot]
    if not blind:
        waiting = " What is read item by item goes on with the next sweep." if sweep.snapshot.progress else ""
        return f"Everything that is set up could be checked.{waiting}"
    reasons: dict[tuple[str, str], list[str]] = {}
    for gap in blind:
        reasons.setdefault((gap.source, gap.kind), []).append(gap.dataset.removeprefix("check "))
    told = [
        f"{source} {_first_of(dict.fromkeys(', '.join(names).split(', ')))} ({kind.replace('_', ' ')})"
        for (source, kind), names in list(reasons.items())[:MAX_REASONS]
    ]
    more = f", and {len(reasons) - MAX_REASONS} more" if len(reasons) > MAX_REASONS else ""
    return printable(f"Could not be checked: {'; '.join(told)}{more}.")


def _first_of(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - MAX_EXPLAINED} more" if len(every) > MAX_EXPLAINED + 1 else ""
    return ", ".join(every[:MAX_EXPLAINED] if more else every) + more


def _left_out_lines(sweep: Sweep) -> Iterator[str]:
    """What nightshift.yaml left out of this sweep, in one line."""
    parts = []
    if sweep.set_aside:
        parts.append(f"{counted(len(sweep.set_aside), 'finding')} (--json lists them)")
    if sweep.switched_off:
        parts.append(f"{counted(len(sweep.switched_off), 'check')} ({', '.join(sweep.switched_off)})")
    if sweep.away:
        away = ", ".join(dict.fromkeys(printable(gap.source) for gap in sweep.away))
        parts.append(f"{away}, expected to be away now")
    if parts:
        yield styled(f"Left out by nightshift.yaml: {'; '.join(parts)}", dim=True)


def headline(sweep: Sweep, shown: Sequence[Finding], zone: tzinfo) -> str:
    counts = Counter(finding.severity for finding in shown)
    found = ", ".join(f"{counts[severity]} {severity}" for severity in ("critical", "warning") if counts[severity])
    remarks = f", {counted(counts['info'], 'remark')}" if counts["info"] else ""
    blind = any(gap.kind != "not_configured" for gap in sweep.gaps)
    if not found:
        found = "Nothing found in what could be seen" if blind or sweep.snapshot.progress else "All well"
    found += remarks
    seen = ", ".join(f"{source.id}{_why_unseen(source)}" for source in sweep.snapshot.sources)
    taken = format_time(sweep.snapshot.taken_at, zone)
    return printable(f"{found} · {seen} · {taken}, took {format_duration(sweep.duration_s)}")


def _why_unseen(source: SourceStatus) -> str:
    """What keeps a whole system out of the report, in a word: a wrong token is no dead server."""
    if source.reachable:
        return ""
    return " (refuses the token)" if source.gap is not None and source.gap.kind == "unauthorized" else " (no answer)"


def _progress_lines(sweep: Sweep) -> Iterator[str]:
    """What is read item by item, a few a sweep, and not seen whole yet."""
    told = [
        f"{item.done} of {item.total} {item.noun}" + (f" on {item.source}" if len(sweep.snapshot.sources) > 1 else "")
        for item in sweep.snapshot.progress
    ]
    if told:
        yield ""
        yield paragraph(f"Read so far: {', '.join(told)}. The next sweep reads on.")


def _cause_lines(cause: Finding, explained: Sequence[Finding], sweep: Sweep) -> Iterator[str]:
    label = styled(f"{cause.severity.upper():<8}", fg=_COLORS[cause.severity], bold=True)
    yield f"{label} {styled(printable(cause.title), bold=True)}{_history(cause, sweep)}"
    yield paragraph(cause.detail, indent="  ")
    yield paragraph(cause.remedy, indent="  ", first="→ ")
    if cause.runbook:
        yield styled(f"  runbook {printable(cause.runbook)}", dim=True)
    if explained:
        yield f"  explains {len(explained)} more:"
    for finding in explained[:MAX_EXPLAINED]:
        yield f"    {finding.severity:<8} {printable(finding.title)}"
    if len(explained) > MAX_EXPLAINED:
        yield f"    … and {len(explained) - MAX_EXPLAINED} more"


def finding_lines(finding: Finding, zone: tzinfo) -> Iterator[str]:
    """One finding by itself, with its fingerprint and times."""
    label = styled(f"{finding.severity.upper():<8}", fg=_COLORS[finding.severity], bold=True)
    yield f"{label} {styled(printable(finding.title), bold=True)}"
    yield paragraph(finding.detail, indent="  ")
    yield paragraph(finding.remedy, indent="  ", first="→ ")
    if finding.runbook:
        yield styled(f"  runbook {printable(finding.runbook)}", dim=True)
    times = (("since", finding.since), ("first seen", finding.first_seen), ("last seen", finding.last_seen))
    told = [f"{name} {format_time(moment, zone)}" for name, moment in times if moment is not None]
    if finding.ack is not None:
        told.append(
            f"{finding.ack.kind} by {finding.ack.by}" + (f": {finding.ack.reason}" if finding.ack.reason else "")
        )
    state = " · ".join((finding.check, finding.state, *told, f"fingerprint {finding.fingerprint}"))
    yield styled(f"  {printable(state)}", dim=True)


def _history(finding: Finding, sweep: Sweep) -> str:
    since, now = finding.since or finding.first_seen, sweep.snapshot.taken_at
    parts: list[str] = [] if finding.state in ("new", "ongoing") else [finding.state]
    if since is not None and since < now:
        parts.append(f"{'' if finding.since else 'first seen '}{format_age(since, now)}")
    if finding.ack is not None:
        parts.append(f"{finding.ack.kind} by {finding.ack.by}")
    return styled(f"  ({printable(', '.join(parts))})", dim=True) if parts else ""


def profile_lines(profile: Iterable[StageTiming]) -> Iterator[str]:
    """Where the time of a sweep went, a line a stage. Sources are read at the same time."""
    rows = [
        (
            stage.stage,
            f"{stage.wall_s:.3f} s",
            "–" if stage.cpu_s is None else f"{stage.cpu_s:.3f} s",
            str(stage.requests or "–"),
            str(stage.slow_requests or "–"),
        )
        for stage in profile
    ]
    yield screen.table(("stage", "time", "processor", "requests", "of the slow lane"), rows)
