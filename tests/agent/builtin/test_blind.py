"""Whatever cannot be seen: every phrasing gets an answer, none raises, and none claims more than was seen."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from tests.agent.builtin.driver import ask
from tests.agent.builtin.test_intents import cases
from tests.tools.homelab import FakeLive, FakeSweeper, snapshot

from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, Snapshot

QUESTIONS = [case.values[0] for case in cases()]
DATASETS = [
    item.name for item in fields(Snapshot) if isinstance(getattr(Snapshot(snapshot().taken_at), item.name), Dataset)
]
OF_SOURCE = {
    "pve": ("clusters", "nodes", "guests", "storages", "backup_jobs", "not_backed_up", "tasks"),
    "pbs": ("datastores", "backup_groups", "pbs_tasks", "gc"),
    "prometheus": ("targets",),
    "grafana": ("alerts", "alert_rules"),
}
CLAIMS = (
    "Nothing is wrong",
    "Every guest has a backup",
    "has no backup",
    "No guest",
    "No task",
    "No VM",
    "No container",
)


def without(source: str, state: str = "unavailable") -> FakeSweeper:
    """The homelab with one source gone."""
    gap = Gap(source, "everything", "unreachable", "connection refused")
    gone: Dataset[Any] = Dataset(state, gaps=() if state == "not_configured" else (gap,))  # type: ignore[arg-type]
    return FakeSweeper(snapshot(**dict.fromkeys(OF_SOURCE[source], gone)), findings=())


@pytest.mark.parametrize("source", sorted(OF_SOURCE))
async def test_every_question_is_answered_without_one_source(source: str) -> None:
    for question in QUESTIONS:
        said = await ask(
            question, without(source), FakeLive(gap=Gap(source, "tasks", "unreachable", "connection refused"))
        )
        assert said.text, question


@pytest.mark.parametrize("source", sorted(OF_SOURCE))
async def test_a_source_that_is_not_set_up_is_no_error(source: str) -> None:
    for question in QUESTIONS:
        said = await ask(question, without(source, "not_configured"))
        assert said.text, question


async def test_with_nothing_seen_nothing_is_claimed() -> None:
    gap = Gap("pve", "everything", "unreachable", "connection refused")
    gone: Dataset[Any] = Dataset("unavailable", gaps=(gap,))
    sweeper = FakeSweeper(snapshot(**dict.fromkeys(DATASETS, gone)), findings=())
    for question in QUESTIONS:
        said = await ask(question, sweeper, FakeLive(gap=gap))
        assert said.text, question
        assert not [claim for claim in CLAIMS if claim in said.text], (question, said.text)


async def test_every_answer_is_grounded_in_its_evidence() -> None:
    doubtful = {}
    for question in QUESTIONS:
        said = await ask(question)
        if said.unverified:
            doubtful[question] = (said.unverified, said.text)
    assert doubtful == {}
