"""What every benchmark needs around its measurement: arguments, timing, and the shared report.

    from bench.report import Figure, at_most, main, median_of, time_calls

    def measure() -> Iterable[Figure]:
        yield median_of("nightshift --help", time_calls(start_help, n=9), "s", goal=at_most(0.5))

    if __name__ == "__main__":
        main("startup", measure)

`main` prints a table, or JSON with `--json`, and exits 1 when a goal is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter

from nightshift_evals.figures import (
    Figure,
    Goal,
    Report,
    at_least,
    at_most,
    exactly,
    median_of,
    percentile_of,
    share_of,
)

__all__ = [
    "Figure",
    "Goal",
    "Report",
    "at_least",
    "at_most",
    "exactly",
    "main",
    "median_of",
    "percentile_of",
    "share_of",
    "time_calls",
    "time_coroutines",
]


def time_calls(call: Callable[[], object], *, n: int, warm_up: int = 1) -> list[float]:
    """Wall seconds of `n` calls, after `warm_up` that do not count."""
    for _ in range(warm_up):
        call()
    samples: list[float] = []
    for _ in range(n):
        started = perf_counter()
        call()
        samples.append(perf_counter() - started)
    return samples


async def time_coroutines(call: Callable[[], Awaitable[object]], *, n: int, warm_up: int = 1) -> list[float]:
    """Wall seconds of `n` awaited calls, one after the other, after `warm_up` that do not count."""
    for _ in range(warm_up):
        await call()
    samples: list[float] = []
    for _ in range(n):
        started = perf_counter()
        await call()
        samples.append(perf_counter() - started)
    return samples


def main(name: str, measure: Callable[[], Iterable[Figure] | Awaitable[Iterable[Figure]]]) -> None:
    """Measure, print the report and end the process: 0 when every goal is met, 1 when one is not.

    `measure` gives the figures; it may be a coroutine function.
    """
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    outcome = measure()
    figures = asyncio.run(_awaited(outcome)) if isinstance(outcome, Awaitable) else outcome
    report = Report(name, tuple(figures))
    print(report.to_text(as_json=arguments.json))
    sys.exit(report.exit_code)


async def _awaited(outcome: Awaitable[Iterable[Figure]]) -> Iterable[Figure]:
    return await outcome
