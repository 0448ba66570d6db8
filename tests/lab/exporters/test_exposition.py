"""The text of live scrapes."""

from __future__ import annotations

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from nightshift_lab.exporters.exposition import Family, Figures, number_text, render_live, single
from nightshift_lab.exporters.targets import scrape_targets
from nightshift_lab.scenarios import build_scenario

NOW = 1_795_469_123.0


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (0.25, "0.25"), (1e15, "1000000000000000.0"), (-2.0, "-2"), (float("inf"), "inf")]
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_family_without_a_sample_is_not_mentioned() -> None:
    gone = Family("gone", "gauge", "Not there.")
    gone.add(np.array([np.nan]), instance="x")
    there = single("there", "gauge", "There.", np.array([1.0]), name='"quoted"\\')
    expected = '# HELP there There.\n# TYPE there gauge\nthere{name="\\"quoted\\"\\\\"} 1\n'
    assert render_live([gone, there]) == expected


def test_every_target_says_what_a_parser_understands_and_no_series_twice() -> None:
    world = build_scenario("healthy", seed=7, started_at=NOW)
    targets = scrape_targets(world)
    assert len(targets) >= 18
    for target in targets:
        text = render_live(target.families(Figures(world, np.array([NOW]))))
        series = [
            (sample.name, tuple(sorted(sample.labels.items())))
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]
        assert len(series) == len(set(series)) >= 2, target


def test_figures_are_computed_once() -> None:
    figures = Figures(build_scenario("healthy", seed=7, started_at=NOW), np.array([NOW]))
    assert figures.of("node/pve1", "cpu_seconds") is figures.of("node/pve1", "cpu_seconds")
