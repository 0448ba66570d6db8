"""Every row over a real Prometheus: it finds what is wrong, finds nothing where all is well, and counts "
"as one batch."""

from __future__ import annotations

import asyncio
import math
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from tests.checks.rows.cases import BORDERS, CASES, Case
from tests.checks.world import world

from nightshift.checks.exporters import judge_row
from nightshift.checks.metric_rows import QUERIES
from nightshift.checks.previous import NOTHING
from nightshift.checks.rows.row import Row
from nightshift.checks.rows.table import ROWS
from nightshift.checks.thresholds import Thresholds
from nightshift.collect.prometheus import BATCHES, collect_prometheus
from nightshift.collect.reading import Deadline
from nightshift.facts.monitoring import Sample, label
from nightshift.facts.snapshot import Dataset
from nightshift.sources import Connection, PrometheusClient
from nightshift_lab.prometheus.binaries import find_binaries
from nightshift_lab.prometheus.process import PrometheusProcess

NOW_S = int(time.time()) // 600 * 600  # a subquery looks at whole ten minutes: between them its values differ a little
HOUR_S = 3_600
_UNITS = {"m": 60, "h": 3_600, "d": 86_400}
LIMITS = Thresholds()
# Of one guest there is an hour, of the other there are five minutes.
# Gone two days ago, and gone a quarter of an hour after it was made.
JOBS_GONE = {"mosquitto": range(-40 * HOUR_S, -26 * HOUR_S, 600), "brief": range(-HOUR_S - 900, -HOUR_S + 1, 60)}
FIGURES = {
    'pve_cpu_usage_ratio{id="qemu/%s"}': "0.99",
    'pve_memory_usage_bytes{id="qemu/%s"}': "99",
    'pve_memory_size_bytes{id="qemu/%s"}': "100",
    "node_memory_MemAvailable_bytes": "1",
    "node_memory_MemTotal_bytes": "100",
}


def points(text: str) -> Iterator[tuple[int, float]]:
    """The samples of a series as (epoch seconds, value), see `cases`."""
    span_s, step_s = HOUR_S, 60
    if rare := re.fullmatch(r"every (\d+)m (.*)", text):
        step_s, text = int(rare[1]) * 60, rare[2]
    if young := text.startswith("new "):
        text = text.removeprefix("new ")
    if spanned := re.fullmatch(r"@(\d+)d (.*)", text):
        span_s, text = int(spanned[1]) * 86_400, spanned[2]
    if moment := re.fullmatch(r"t([+-]\d+)([mhd])", text):
        text = str(NOW_S + int(moment[1]) * _UNITS[moment[2]])
    recent_s = 600 if span_s == HOUR_S else 1_500
    text, _, other = text.partition("~")
    early, _, late = text.partition("|")
    start, _, end = early.partition(">")
    times = [*range(NOW_S - span_s, NOW_S - HOUR_S, 600), *range(NOW_S - HOUR_S, NOW_S + 1, step_s)]
    for at in (at for at in times if not young or at > NOW_S - 300):
        share = (at - (NOW_S - span_s)) / span_s
        value = float(start) + (float(end) - float(start)) * share if end else float(start)
        if other and (NOW_S - at) // 600 % 2 == 0:
            value = float(other)
        yield at, float(late) if late and at > NOW_S - recent_s else value


def lines(series: dict[str, str], instance: str) -> Iterator[str]:
    for name, text in series.items():
        metric, _, rest = name.partition("{")
        labels = ",".join(filter(None, (rest.removesuffix("}"), 'job="j"', f'instance="{instance}"')))
        yield from (f"{metric}{{{labels}}} {value!r} {at}" for at, value in points(text))


def instance_of(row: str, what: str) -> str:
    return f"{row}.{what}:1"


def write_history(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row, case in CASES.items():
            for what, series in (("wrong", case.wrong), ("well", case.well), ("young", case.young)):
                file.writelines(f"{line}\n" for line in lines(series, instance_of(row, what)))
        for row, name, series, _ in BORDERS:
            file.writelines(f"{line}\n" for line in lines(series, instance_of(row, name)))
        for job, times in JOBS_GONE.items():
            file.writelines(f'up{{job="{job}",instance="{job}:1"}} 1 {NOW_S + at}\n' for at in times)
        file.write(f'up{{job="still",instance="still:1"}} 1 {NOW_S - 26 * HOUR_S}\n')
        file.write(f'up{{job="still",instance="still:1"}} 1 {NOW_S}\n')
        for what, vmid, age in (("old", "1", ""), ("young", "2", "new ")):
            series = {name.replace("%s", vmid): age + text for name, text in FIGURES.items()}
            file.writelines(f"{line}\n" for line in lines(series, instance_of("figures", what)))
        file.write("# EOF\n")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def answers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Dataset[Sample]]]:
    """What Prometheus answers to all rows, asked as the sweep asks."""
    folder = tmp_path_factory.mktemp("prometheus")
    binaries = find_binaries()
    server = PrometheusProcess(binaries, folder, lambda _address: {"scrape_configs": []})
    history = folder / "history.om"
    write_history(history)
    command = [binaries.promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=744h"]
    await asyncio.to_thread(subprocess.run, [*command, history, server.blocks_dir], check=True, capture_output=True)
    await server.start()
    client = PrometheusClient(Connection("prometheus", "prometheus", server.url))
    try:
        facts = await collect_prometheus(
            client, QUERIES, datetime.fromtimestamp(NOW_S, UTC), Deadline.after("prometheus", 30.0)
        )
        # version, targets, pools, rules, alertmanagers, names, and the batches: no more, so that no row was refused
        assert client.transport.stats.requests == 6 + BATCHES
        yield dict(facts.metrics)
    finally:
        await client.aclose()
        await server.stop()


def test_every_row_has_its_cases() -> None:
    assert {row.id for row in ROWS} == set(CASES)
    assert len({row.key for row in ROWS}) == len(ROWS)


@pytest.mark.asyncio(loop_scope="module")
async def test_no_row_is_refused(answers: dict[str, Dataset[Sample]]) -> None:
    assert {row: dataset.gaps for row, dataset in answers.items() if dataset.state != "complete"} == {}
    assert set(answers) == set(QUERIES)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_job_that_is_gone_is_found_whenever_within_a_week_it_was_there(
    answers: dict[str, Dataset[Sample]],
) -> None:
    assert {label(sample.labels, "job") for sample in answers["jobs_gone"]} == set(JOBS_GONE)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("row", ["guest_cpu_floor_1h", "guest_memory_floor_30m", "memory_available_30m"])
async def test_a_figure_of_a_whole_range_takes_a_whole_range_of_data(
    row: str, answers: dict[str, Dataset[Sample]]
) -> None:
    ids = [sample.labels for sample in answers[row] if "figures" in dict(sample.labels).get("instance", "figures")]
    assert ids in ([(("id", "qemu/1"),)], [(("instance", "figures.old:1"), ("job", "j"))])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("row", "name", "series", "found"), BORDERS, ids=[f"{row} {name}" for row, name, *_ in BORDERS]
)
async def test_what_is_at_a_border(
    row: str, name: str, series: dict[str, str], found: bool, answers: dict[str, Dataset[Sample]]
) -> None:
    (known,) = (item for item in ROWS if item.id == row)
    assert bool(samples_of(answers, known, name)) is found


def samples_of(answers: dict[str, Dataset[Sample]], row: Row, what: str) -> tuple[Sample, ...]:
    instance = instance_of(row.id, what)
    return tuple(sample for sample in answers[row.key] if label(sample.labels, "instance") == instance)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_it_finds_what_is_wrong_and_only_that(row: Row, answers: dict[str, Dataset[Sample]]) -> None:
    case: Case = CASES[row.id]
    found = samples_of(answers, row, "wrong")
    assert [sample.value for sample in found] == [pytest.approx(case.value, rel=0.08, abs=1e-6)]
    assert samples_of(answers, row, "well") == ()
    assert samples_of(answers, row, "young") == ()
    snapshot = world(metrics={row.key: Dataset("complete", found)})
    (finding,) = judge_row(row)(snapshot, NOTHING, LIMITS).findings
    assert (finding.check, finding.severity) == (row.id, case.severity)
    assert finding.evidence[0].request == row.expr(LIMITS)
    # every label that the texts name is there: an empty one would leave a hole
    named = set(re.findall(r"(?<!\{)\{(\w+)\}", row.headline + row.detail + row.remedy))
    known = {name for name, _ in found[0].labels} | {"about", "machine", "value"}
    assert named - known == set()
    assert all(label(found[0].labels, name) is not None for name in row.labels)
    assert math.isfinite(found[0].value)
