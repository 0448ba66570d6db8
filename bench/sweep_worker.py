"""The process that sweeps for `bench.sweep`: one cold sweep and some steady ones; what they took, as JSON on stdout."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nightshift.checks.metric_rows import QUERIES
from nightshift.checks.thresholds import Thresholds
from nightshift.collect.collector import Collector
from nightshift.facts.sweep import Sweep
from nightshift.settings import load_settings
from nightshift.sources import Sources
from nightshift.store.database import open_database
from nightshift.store.findings import FindingStore
from nightshift.sweep.sweeper import Sweeper

BETWEEN = timedelta(minutes=5)


class Clock:
    """The time, moved on by hand between sweeps: as if they were five minutes apart."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def measure(steady: int, folder: Path) -> dict[str, Any]:
    settings = load_settings()
    sources = Sources.open(settings.connections)
    database = open_database(folder)
    clock = Clock()
    collector = Collector(sources, queries=QUERIES, keep_in=folder)
    sweeper = Sweeper(collector, FindingStore(database), thresholds=Thresholds(), clock=clock)
    sweeps = []
    try:
        for _ in range(1 + steady):
            before = _requests(sources)
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            sweep = await sweeper.sweep(fresh=True)
            wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
            sweeps.append({"wall_s": wall_s, "cpu_s": cpu_s, **_told(sweep, before, _requests(sources))})
            clock.ahead += BETWEEN
    finally:
        await sources.aclose()
        database.close()
    snapshot = sweep.snapshot
    return {
        "sweeps": sweeps,
        "datastores": len(snapshot.datastores),
        "namespaces": len({(group.source, group.datastore, group.namespace) for group in snapshot.backup_groups}),
        "backup_jobs": len(snapshot.backup_jobs),
        "findings": Counter(finding.check for finding in sweep.findings),
        "gaps": [f"{gap.source} {gap.dataset}: {gap.detail}" for gap in sweep.gaps],
        "stages": [{"stage": it.stage, "wall_s": it.wall_s, "cpu_s": it.cpu_s} for it in sweep.profile],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _requests(sources: Sources) -> dict[str, Counter[str]]:
    return {client.source: Counter(client.transport.stats.by_endpoint) for client in sources.clients}


def _told(sweep: Sweep, before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> dict[str, Any]:
    sent = {source: counts - before[source] for source, counts in after.items()}
    collects = [timing for timing in sweep.profile if timing.stage.startswith("collect ")]
    slow = sum(timing.slow_requests for timing in collects)
    every = sum(sum(counts.values()) for counts in sent.values())
    return {
        "fast_requests": every - slow,
        "slow_requests": slow,
        "requests_by_source": {source: sum(counts.values()) for source, counts in sent.items()},
        "requests_by_endpoint": dict(sum(sent.values(), Counter()).most_common()),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="nightshift-bench-") as made:
        print(json.dumps(asyncio.run(measure(int(sys.argv[1]), Path(made)))))
