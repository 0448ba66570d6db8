"""Times the stages of a sweep that follow one another."""

from __future__ import annotations

import time

from nightshift.facts.sweep import StageTiming


class Stopwatch:
    """`lap` gives what the stage that ends now took. The processor time is that of all threads of the process."""

    def __init__(self) -> None:
        self._started_s = self._wall_s = time.perf_counter()
        self._cpu_s = time.process_time()

    def lap(self, stage: str, requests: int = 0, slow_requests: int = 0) -> StageTiming:
        """The stage from the last lap to now."""
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        timing = StageTiming(stage, wall_s - self._wall_s, requests, slow_requests, cpu_s - self._cpu_s)
        self._wall_s, self._cpu_s = wall_s, cpu_s
        return timing

    @property
    def elapsed_s(self) -> float:
        """Since the start."""
        return self._wall_s - self._started_s
