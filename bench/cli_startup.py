"""How long `nightshift --help` takes as a whole process: what every command pays before it does anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from functools import partial

from bench.report import Figure, at_most, main, median_of, time_calls

GOAL_S = 0.5
RUNS = 15


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "nightshift.cli", *arguments], check=True, stdout=subprocess.DEVNULL)


def measure() -> Iterable[Figure]:
    """Median wall seconds of whole processes, the interpreter's start included."""
    for arguments in (("--help",), ("check", "--help"), ("version",)):
        samples = time_calls(partial(_run, *arguments), n=RUNS)
        yield median_of(f"nightshift {' '.join(arguments)}", samples, "s", goal=at_most(GOAL_S))


if __name__ == "__main__":
    main("cli_startup", measure)
