"""What the doctor says: lines, each with what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from nightshift.checks.check import Check

Status = Literal["ok", "warn", "fail", "info"]

METRICS = "metrics"
"""Stands for every row of the PromQL table, which checks name as `metrics.<row>`."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at.

    `subject` is a source id or a part of Nightshift (`brain`, `data folder`, `runbooks`), `topic` what was looked at.
    `variable` is the setting to mend, `fix` a sentence, `commands` are to be run on the watched system by its
    administrator, `checks` are the ids of the checks that cannot judge until then. `info` is neither good nor bad.
    """

    subject: str
    topic: str
    status: Status
    text: str
    fix: str = ""
    variable: str | None = None
    commands: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examination:
    """All lines, subject by subject."""

    lines: tuple[Line, ...]

    @property
    def exit_code(self) -> int:
        """2 when something failed, 1 when there is a warning, 0 when all is well."""
        statuses = {line.status for line in self.lines}
        return 2 if "fail" in statuses else 1 if "warn" in statuses else 0


def to_json(examination: Examination) -> dict[str, Any]:
    return {
        "schema": 1,
        "exit_code": examination.exit_code,
        "lines": [asdict(line) for line in examination.lines],
    }


def checks_needing(datasets: Iterable[str], checks: Iterable[Check]) -> tuple[str, ...]:
    """The ids of the checks that need one of these datasets; `metrics` means every row of the PromQL table."""
    wanted = frozenset(datasets)
    return tuple(check.id for check in checks if wanted & {name.partition(".")[0] for name in check.datasets})


def checks_using(datasets: Iterable[str], checks: Iterable[Check]) -> tuple[str, ...]:
    """The ids of the checks that such a dataset sharpens, without being needed."""
    wanted = frozenset(datasets)
    return tuple(check.id for check in checks if wanted & {name.partition(".")[0] for name in check.also})
