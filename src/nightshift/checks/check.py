"""A check: one pure function with its name, what it needs and how bad it is when it finds something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Severity
from nightshift.facts.snapshot import Snapshot

Judge = Callable[[Snapshot, Previous, Thresholds], CheckResult]


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the registry.

    `datasets` are the fields of Snapshot that it cannot do without (`metrics.<row>` for a row of the PromQL table);
    `also` are those that sharpen its judgement. `severity` is the worst that it says. The docstring of `run` shows a
    sample of the data that it judges. `title` is one line for docs/checks.md. `says_absent`: its findings say no more
    than that something is not there, and do not count while the operator expects that (`expected_absence` in
    nightshift.yaml).

    `yields_to` are checks (or families, `disk.*`) that say the same about the same entity from a better source: where
    one of them has a finding, this one's is left out. With `same_thing` only one whose discriminator names the same.
    """

    id: str
    family: str
    severity: Severity
    datasets: tuple[str, ...]
    run: Judge
    title: str
    also: tuple[str, ...] = ()
    says_absent: bool = False
    yields_to: tuple[str, ...] = ()
    same_thing: bool = False
