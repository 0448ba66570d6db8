"""Questions about the answer before: the first of what was found, the runner-up, the rest, the other one."""

from __future__ import annotations

import asyncio

import pytest
from tests.agent.builtin.driver import talk


@pytest.mark.parametrize(
    ("first", "then", "begins"),
    [
        ("anything on fire?", "which of those should I deal with first", "First: Datastore tank is 98.8 % full ("),
        ("what is wrong?", "where do I start with", "First: Datastore tank is 98.8 % full ("),
        ("what alerts are firing?", "which are the most urgent?", "First: Datastore tank is 98.8 % full ("),
        ("anything on fire?", "and is the rest of it fine then", "Beside what is wrong already (Datastore tank is"),
        ("do any of my alert rules not work?", "why is it broken", "1 alert rule cannot be evaluated [E1]:\n- OldDisk"),
        ("how's pve1 doing", "and the other node?", "Node pve2 is online"),
        ("how full is tank?", "and the other one?", "vault on pbs: 50 % full"),
        ("why didn't web get backed up", "and why is that full", "Datastore tank is 98.8 % full"),
        ("Which guest uses the most CPU?", "and the runner-up", "Number 2 of those by what uses the most CPU: jelly"),
        ("Which guest uses the most CPU?", "who is number three?", "Number 3 of those by what uses the most CPU: adg"),
        ("how many containers do I have?", "how many of them on pve1", "There are 4 containers on pve1"),
        ("which disk should I pull out of pve1", "serial number of the second one", "Serial of WD Red (/dev/nvme1n1"),
        ("what temperature metrics do you have?", "what does that show for pve1 right now", "Temperature of pve1"),
        ("what is eating local-lvm?", "can any of that be thrown away?", "2 volumes in local-lvm on pve1 that nobody"),
    ],
)  # fmt: skip
def test_what_leans_on_an_answer(first: str, then: str, begins: str) -> None:
    _, said = asyncio.run(talk([first, then]))

    assert said.text.startswith(begins), said.text
    assert not said.unverified


def test_the_log_of_one_of_the_tasks_that_were_told() -> None:
    _, said = asyncio.run(talk(["what failed last night?", "show me the log of the first one"]))

    assert said.text.startswith("The log of 2026-11-23 02:45 CET vzdump of web (VM 104) on pve1")
    assert "> TASK ERROR: job errors" in said.text
    assert [name for name, _ in said.calls][-1] == "task_log"


def test_one_step_of_what_is_to_be_done_by_hand() -> None:
    _, said = asyncio.run(talk(["how do I clean up a full datastore", "what's the first step"]))

    assert "step 1 of 2 by hand" in said.text
    assert "garbage-collection" not in said.text.split("```")[1]


def test_what_was_spoken_of_is_put_into_a_job_that_is_named() -> None:
    _, said = asyncio.run(talk(["when was gitea last backed up?", "then at least put it in the nightly job"]))

    assert said.text.startswith("I am read-only and change nothing. To do it by hand")
    assert "pvesh set /cluster/backup/backup-1 --vmid" in said.text
    assert ",115 " in said.text


def test_a_course_without_figures_is_said_before_the_present_value() -> None:
    (said,) = asyncio.run(talk(["is memory use on web creeping up"]))

    assert "no data from" in said.text.split("\n")[0]
    assert "At this moment" in said.text


def test_what_nobody_owns_comes_before_the_storages_without_any() -> None:
    (said,) = asyncio.run(talk(["are there disks lying around that belong to nobody"]))

    assert said.text.startswith("2 volumes in local-lvm on pve1 that nobody uses"), said.text


@pytest.mark.parametrize(
    ("asked", "start"),
    [
        ("which guests are stopped? | how many of them are containers?", "No containers are known to be stopped"),
        ("which guests are stopped? | and the ones that are running?", "12 guests are running"),
        ("list all guests | the second one's memory? | and the third?", "Memory of adguard2 (CT 121)"),
        ("which guests are on pve2? | only the containers", "There are 3 containers on pve2"),
        ("which guests are on pve1? | which of those have a backup?", "1 of 7 guests is not well protected"),
        ("which guests use most memory? | who is second?", "Number 2 of those by what uses the most memory: adguard1"),
        ("list all nodes | which has the most free memory?", "pve2 has the most memory free: 32 GiB of 64 GiB"),
        ("list storages | which is fullest?", "5 storages, the fullest is local-lvm, 75.6 % full"),
        ("what tasks ran? | only the failed ones", "2 tasks failed"),
        ("what tasks ran? | which took the longest?", "The longest task"),
        ("which alerts are firing? | since when, each?", "1 alert is firing"),
        ("which guests use local-lvm?", "web (VM 104) takes the most of local-lvm on pve1"),
    ],
)
async def test_of_a_list_what_is_asked_after_it(asked: str, start: str) -> None:
    said = (await talk(asked.split(" | ")))[-1]

    assert said.text.startswith(start), said.text[:200]
    assert said.unverified == ()


async def test_the_rest_of_a_ranking_is_told_and_its_place_kept() -> None:
    _, rest = await talk(["the two guests with the most memory", "the rest?"])
    _, least = await talk(["which guests use most memory on pve2?", "and the least?"])

    assert rest.text.count("\n- ") > 5
    assert "pve1" not in least.text
