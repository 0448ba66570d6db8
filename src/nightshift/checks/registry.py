"""Every check, family by family. What is not listed here does not run."""

from __future__ import annotations

from nightshift.checks import cluster
from nightshift.checks.check import Check

CHECKS: tuple[Check, ...] = (*cluster.CHECKS,)
