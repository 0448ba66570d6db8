"""Whatever cannot be seen: every phrasing gets an answer, none raises, and none claims more than was seen."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.agent.builtin.driver import ask
from tests.agent.builtin.test_intents import cases
from tests.tools.homelab import ALERTS, NOW, FakeLive, FakeSweeper, complete, snapshot, task
from tests.tools.machinery import sweeper

from nightshift.facts.gap import Gap
from nightshift.facts.monitoring import AlertChange
from nightshift.facts.read import Read
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.facts.tasks import Task

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


NIGHTLY = task("vzdump", "", timedelta(minutes=9), "running", None)
INTO_VAULT = task("backup", "vault:vm/104", timedelta(minutes=9), "running", None, "pbs", "localhost")


@pytest.mark.parametrize(
    ("question", "running", "said"),
    [
        ("is it safe to reboot web?", NIGHTLY, "Wait: 1 task still running there: vzdump ["),
        ("is it safe to reboot web?", INTO_VAULT, "Wait: 1 task still running there: backup vault:vm/104 ["),
        ("is it safe to reboot immich?", NIGHTLY, "No task is running on it ["),  # it is on another node
        ("is it safe to reboot pve1?", NIGHTLY, "Wait: 1 task still running there: vzdump ["),
        ("is it safe to take vault offline?", INTO_VAULT, "Wait: 1 task still running there: backup vault:vm/104 ["),
        ("is it safe to remove local-lvm?", NIGHTLY, "Whether one of the tasks that run now touches it I cannot tell"),
    ],
)
async def test_a_backup_of_many_may_be_of_the_one_that_is_asked_about(question: str, running: Any, said: str) -> None:
    assert said in (await ask(question, live=FakeLive(tasks_known=(running,)))).text


class OwnTasks(FakeLive):
    """A token that is shown nobody's tasks, and is told so."""

    async def tasks(self, *, since: datetime, until: datetime | None = None) -> Read[tuple[Task, ...]]:
        gap = Gap("pve", "tasks", "forbidden", "Permission check failed (/, Sys.Audit)")
        return Read((), "pve", "GET tasks", NOW, (gap,))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("what changed today?", "No task that I can see ran today"),
        ("why is everything so slow?", "No task that I can see is running now"),
    ],
)
async def test_that_no_task_ran_is_not_claimed_of_tasks_that_may_not_be_seen(question: str, said: str) -> None:
    assert said in (await ask(question, live=OwnTasks())).text


async def test_a_list_of_tasks_that_was_cut_is_not_all_of_them() -> None:
    many = tuple(task("qmstart", "111", timedelta(minutes=at), where="pve2") for at in range(1, 151))
    said = await ask("what tasks ran in the last 24 hours?", live=FakeLive(tasks_known=many))

    assert said.text.startswith("150 tasks ran in the last 24 hours")
    assert "Of the newest 100, which are all that I looked at, none ended badly" in said.text
    assert "All of them" not in said.text
    assert said.unverified == ()


async def test_an_answer_about_a_history_of_alerts_that_was_cut_says_so() -> None:
    cut = Gap("grafana", "alert_changes", "truncated", "only the newest 10000 were read, back to 3 h ago")
    change = AlertChange("grafana", "HighLoad", "HighLoad {instance=nas}", "firing", NOW - timedelta(hours=1))
    sweeper = FakeSweeper(snapshot(alert_changes=Dataset("partial", (change,), (cut,))), findings=())
    assert "the newest 10000 were read" in (await ask("which alerts fired in the last day?", sweeper)).text


async def test_alerts_of_another_severity_are_not_kept_back() -> None:
    page = replace(ALERTS[0], severity="page")
    said = await ask("are any critical alerts firing?", FakeSweeper(snapshot(alerts=complete(page))))

    assert said.text.startswith(
        "No critical alert is firing [E1].\n\nWith another severity, or none, 1 alert is firing"
    )
    assert "- DatastoreAlmostFull (page) on datastore tank" in said.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("is backup-2 ok?", "Backup jobs of backup job old job: enabled no"),
        ("is backup-1 ok?", "Yes: Backup jobs of backup job nightly: enabled yes"),
        ("is v-1 ok?", "Pbs jobs of verify job v-1: datastore tank, enabled no"),
        ("is s-1 ok?", "Yes: Pbs jobs of sync job s-1"),
        ("is OldDisk ok?", "Rule OldDisk is inactive, its health error"),
    ],
)
async def test_only_a_state_that_says_so_is_well(question: str, said: str) -> None:
    assert (await ask(question, sweeper())).text.startswith(said)


async def test_the_lock_of_a_guest_whose_node_is_away_is_not_known() -> None:
    for question in ("is 123 locked?", "unlock 123"):
        said = await ask(question)
        assert "is not locked" not in said.text
        assert "is locked is not known: its node is not reporting" in said.text


async def test_what_is_not_seen_is_said_before_what_answers() -> None:
    said = await ask("is all well, or can't you see?", without("pve"))

    assert said.text.split(" [")[0] == "I do not see everything: pve left gaps"
    assert "In what could be checked nothing is wrong" in said.text


async def test_of_settings_no_history_is_kept() -> None:
    said = await ask("any guest config touched since yesterday?")

    first = said.text.split("\n")[0]
    assert first == "Who edited a configuration, and when, I cannot tell: PVE keeps no history of that."


@pytest.mark.parametrize(
    "question",
    ["which permission is your token missing?", "what rights do you need?", "what do you need from me to see more"],
)
async def test_what_the_token_lacks_is_told_with_the_command_that_grants_it(question: str) -> None:
    gap = Gap(
        "pve", "tasks", "forbidden", "Permission check failed (/, Sys.Audit)", "Grant Sys.Audit on / to the token."
    )
    said = await ask(question, FakeSweeper(snapshot(tasks=Dataset("missing", gaps=(gap,)))))

    assert "Grant Sys.Audit on / to the token." in said.text
    assert "`pveum acl modify / --roles PVEAuditor" in said.text
