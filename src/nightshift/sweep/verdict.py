"""What a sweep comes down to: one word, and an exit code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.sweep import Sweep

ExitCode = Literal[0, 1, 2, 3]
Verdict = Literal["healthy", "problem", "unknown"]


def exit_code(findings: Iterable[Finding], gaps: Iterable[Gap]) -> ExitCode:
    """2 something critical, 3 something could not be determined, 1 a warning, 0 all well: the worst known wins.

    A finding in state `unknown` was there when it could last be checked: it counts as undetermined. What is not
    configured is no gap. An accepted finding still counts: the operator knows of it, it is not gone.
    """
    seen = tuple(findings)
    known = {finding.severity for finding in seen if finding.state not in ("unknown", "resolved")}
    undetermined = any(gap.is_blind_spot for gap in gaps) or any(f.state == "unknown" for f in seen)
    if "critical" in known:
        return 2
    if undetermined:
        return 3
    return 1 if "warning" in known else 0


def verdict(sweep: Sweep) -> Verdict:
    """`problem` when a warning or worse is known, `unknown` when nothing is but not all could be seen, else `healthy`.

    A sweep without any configured source has seen nothing and is `unknown`.
    """
    if any(f.severity in ("critical", "warning") and f.state not in ("unknown", "resolved") for f in sweep.findings):
        return "problem"
    blind = not sweep.snapshot.sources or exit_code(sweep.findings, sweep.gaps) == 3
    return "unknown" if blind else "healthy"
