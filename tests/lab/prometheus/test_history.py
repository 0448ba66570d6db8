"""How the past is cut into slices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightshift_lab.exporters.exposition import Family, Figures
from nightshift_lab.exporters.history import HistoryTarget
from nightshift_lab.prometheus.history import SHORT, Slice, Span, write_openmetrics
from nightshift_lab.scenarios import build_scenario

NOW = 1_795_469_123.4
BLOCK_S = 18 * 3_600


@pytest.mark.parametrize(
    "span",
    [Span(), SHORT, Span(coarse_s=7_200, fine_s=3_600, dense_s=300), Span(coarse_s=86_400, fine_s=86_400, dense_s=120)],
    ids=["standard", "a day and a half", "short", "no coarse part"],
)
def test_slices_follow_each_other_without_gap_or_overlap(span: Span) -> None:
    pieces = sorted((*span.slices(NOW), span.seam(NOW, NOW + 8, 10)), key=lambda piece: piece.first)
    times = [time for piece in pieces for time in piece.times]
    steps = np.diff(times)
    assert set(steps.tolist()) <= {10, span.fine_step_s, span.coarse_step_s}
    assert sorted(steps.tolist(), reverse=True) == steps.tolist()
    assert times[0] <= NOW - span.coarse_s < times[0] + span.coarse_step_s
    assert NOW + 8 - 10 <= times[-1] < NOW + 8


def test_a_slice_is_within_one_block() -> None:
    for piece in Span().slices(NOW):
        assert piece.first // BLOCK_S == (piece.end - 1) // BLOCK_S, piece


def test_openmetrics_leaves_out_what_was_not_there(tmp_path: Path) -> None:
    def say(figures: Figures) -> list[Family]:
        family = Family("demo_total", "counter", "")
        family.add(np.array([1.0, np.nan, 2.5]), path='C:\\"x"\n')
        return [family]

    target = HistoryTarget("demo", "a:1", say, lambda figures: np.array([1.0, 0.0, 1.0]))
    world = build_scenario("healthy", seed=7, started_at=NOW)
    path = tmp_path / "x.om"
    assert write_openmetrics(world, [target], Slice(60, 240, 60), path) == 6
    lines = path.read_text().splitlines()
    labels = 'path="C:\\\\\\"x\\"\\n",job="demo",instance="a:1"'
    assert lines[:2] == [f"demo_total{{{labels}}} 1.0 60", f"demo_total{{{labels}}} 2.5 180"]
    assert lines[2:5] == [
        f'up{{job="demo",instance="a:1"}} {value} {at}' for value, at in ((1, 60), (0, 120), (1, 180))
    ]
    assert [line.split()[1] for line in lines if line.startswith("scrape_samples_scraped")] == ["1", "0", "1"]
    assert lines[-1] == "# EOF"


def test_what_stands_still_is_written_seldom_and_what_people_count_is_not(tmp_path: Path) -> None:
    def say(figures: Figures) -> list[Family]:
        size, level = Family("size_bytes", "gauge", ""), Family("level", "gauge", "")
        size.add(figures.constant(7.0))
        level.add(figures.times)
        return [size, level]

    target = HistoryTarget("demo", "a:1", say, lambda figures: figures.constant(1.0))
    world = build_scenario("healthy", seed=7, started_at=NOW)
    path = tmp_path / "x.om"
    write_openmetrics(world, [target], Slice(60, 660, 60, still_every=4), path)
    written: dict[str, list[int]] = {}
    for line in path.read_text().splitlines()[:-1]:
        written.setdefault(line.partition("{")[0], []).append(int(line.split()[-1]))
    every_minute = list(range(60, 660, 60))
    assert written["size_bytes"] == [60, 300, 540, 600]
    assert written["level"] == every_minute
    assert written["up"] == every_minute
