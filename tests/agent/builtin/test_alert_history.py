"""Alerts that have fired: what of the time that is asked about is told, and of how many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tests.agent.builtin.driver import ask
from tests.tools.homelab import NOW, FakeSweeper, complete, snapshot

from nightshift.facts.monitoring import AlertChange


def _fired(rule: str, hours_ago: float, lasted_h: float) -> Iterator[AlertChange]:
    instance, began = f"{rule} {{instance=pve1:9100}}", NOW - timedelta(hours=hours_ago)
    yield AlertChange("grafana", rule, instance, "firing", began)
    yield AlertChange("grafana", rule, instance, "normal", began + timedelta(hours=lasted_h))


async def _first_line(question: str, *changes: AlertChange) -> str:
    answer = await ask(question, FakeSweeper(snapshot(alert_changes=complete(*changes)), ()))
    assert answer.unverified == ()
    return answer.text.splitlines()[0]


async def test_what_lasted_into_the_time_did_not_begin_in_it() -> None:
    question = "which alerts fired in the last 2 hours?"
    began = await _first_line(question, *_fired("HighCpu", 1, 0.5))
    assert began == "1 alert began to fire in that time (in the last 2 hours) [E2]:"
    lasted = await _first_line(question, *_fired("HighCpu", 1, 0.5), *_fired("NodeDown", 3, 1.5))
    assert lasted == "2 alerts fired in that time (in the last 2 hours) [E2]:"


async def test_a_list_that_is_cut_says_so() -> None:
    many = [change for at in range(60) for change in _fired(f"Rule{at}", 3 - at / 60, 0.01)]
    line = await _first_line("which alerts fired in the last 4 hours?", *many)
    assert line == "50 alerts began to fire in that time (in the last 4 hours), among the 50 newest of 60 [E2]:"
