"""Batches of PromQL: one expression for many rows, and its answer taken apart again."""

from __future__ import annotations

import pytest
from tests.collect.doubles import NOW

from nightshift.collect.prometheus import joined_expression, split_rows
from nightshift.facts.gap import Gap
from nightshift.facts.monitoring import QueryResult, Sample


def test_every_row_is_marked() -> None:
    assert joined_expression({"a": "up > 0", "b": "x / y"}) == (
        'label_replace(up > 0, "nightshift_row", "a", "", "") or label_replace(x / y, "nightshift_row", "b", "", "")'
    )


def test_an_answer_is_split_by_row_without_the_mark() -> None:
    samples = (
        Sample((("nightshift_row", "b"), ("id", "1")), 1.0, NOW),
        Sample((("id", "2"), ("nightshift_row", "a")), 2.0, NOW),
        Sample((("nightshift_row", "stranger"),), 3.0, NOW),
    )
    rows = split_rows(QueryResult("x", samples), ("a", "b", "c"), "prometheus", NOW)
    assert {row: dataset.rows for row, dataset in rows.items()} == {
        "a": (Sample((("id", "2"),), 2.0, NOW),),
        "b": (Sample((("id", "1"),), 1.0, NOW),),
        "c": (),
    }
    assert {dataset.state for dataset in rows.values()} == {"complete"}


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (QueryResult("x", truncated=True), "partial", "the answer to a query was cut off"),
        (
            QueryResult("x", warnings=("store down",)),
            "partial",
            "Prometheus warns that its answer is not whole: store down",
        ),
        (Gap("prometheus", "metrics", "timed_out", "slow"), "unavailable", "slow"),
    ],
)
def test_an_answer_that_is_not_whole_says_so_for_every_row(answer: QueryResult | Gap, state: str, detail: str) -> None:
    rows = split_rows(answer, ("a", "b"), "prometheus", NOW)
    assert {dataset.state for dataset in rows.values()} == {state}
    assert [(gap.dataset, gap.detail) for dataset in rows.values() for gap in dataset.gaps] == [
        ("metrics.a", detail),
        ("metrics.b", detail),
    ]
