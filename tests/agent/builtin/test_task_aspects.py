"""Questions about one side of tasks: by whom, how long, the longest, of which server, and what is asked back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import NOW, ZONE, FakeLive, FakeSweeper, snapshot, task

from nightshift.agent.builtin.reading.reader import Reader
from nightshift.agent.builtin.words.task_words import another_doer, doer_in, server_of
from nightshift.agent.builtin.words.tokens import plain
from nightshift.facts.tasks import Task
from nightshift.tools import tasks as task_tools
from nightshift.tools.resolve import EntityIndex

READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)


@pytest.mark.parametrize(
    ("questions", "begins"),
    [
        (["tasks started by user root@pam?"], "root@pam started "),
        (["what has root@pam been up to lately"], "root@pam started "),
        (["which task took the longest last night?"], "The longest task last night "),
        (["any tasks that took longer than 10 minutes?"], "5 tasks took longer than 10 minutes in the last 7 d [E1]:"),
        (["is some vm being moved between the nodes right now"], "No migration task is running now [E1]."),
        (["what failed last night?", "how long did it run?"], "It ran for 12 min and did not end well [E"),
        (["what failed last night?", "who started it?"], "root@pam started it [E"),
        (
            ["for how many minutes had the last garbage collection of tank been at work?"],
            "The last gc task [E1]: 2026-11-23 06:45 CET garbage_collection of tank on localhost, after 12 min: ",
        ),
        (["what was the last task of web, and who was it?"], "The last task [E1]: "),
    ],
)
async def test_the_first_line(questions: list[str], begins: str) -> None:
    said = (await talk(questions, FakeSweeper()))[-1]

    assert said.text.startswith(begins), said.text
    assert said.unverified == ()


async def test_who_began_what_ended_badly_is_told_where_it_was_asked() -> None:
    said = (await talk(["who had started the backup that left it behind?"], FakeSweeper()))[-1]

    assert "1 did not end well:\n- 2026-11-23 02:45 CET vzdump of web (VM 104)" in said.text
    assert "No space left on device, by root@pam" in said.text


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("average duration of the tasks", "On average "),
        ("which task was the shortest in the last 3 days?", "The shortest task in the last 3 days "),
        ("any tasks that took less than 10 hours?", "2 tasks took less than 10 hours in the last 7 d "),
    ],
)
async def test_what_was_cut_off_is_not_spoken_for(monkeypatch: pytest.MonkeyPatch, question: str, begins: str) -> None:
    monkeypatch.setattr(task_tools, "TASKS_SHOWN", 2)

    said = (await talk([question], FakeSweeper()))[-1]

    assert said.text.startswith(begins), said.text
    assert " (of the newest 2, which are all that I looked at)" in said.text.splitlines()[0]
    assert said.unverified == ()


async def test_what_took_longer_is_counted_though_the_list_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_tools, "TASKS_SHOWN", 2)

    said = (await talk(["any tasks that took longer than 10 minutes?"], FakeSweeper()))[-1]

    assert said.text.startswith("5 tasks took longer than 10 minutes in the last 7 d [E1]:"), said.text


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("how many pve tasks failed, not counting the backup server's own", "pve"),
        ("number of failed tasks since yesterday (leave out PBS)", "pve"),
        ("any pbs chores gone red lately?", "pbs"),
        ("which maintenance job on the backup server did not finish", "pbs"),
        ("which tasks failed?", ""),
    ],
)
def test_whose_tasks_are_meant(text: str, server: str) -> None:
    assert server_of(plain(text)) == server


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("what has anna been up to", "anna@pam"),
        ("tasks by anna", "anna@pam"),
        ("who is anna@pam", "anna@pam"),
        ("anna did what?", "anna@pam"),
        ("last task of anna", "anna@pam"),
        ("anna's last task", "anna@pam"),
        ("last task of anna-s-scratch", None),
        ("is anna-s-scratch up", None),
        ("how is anna", None),
    ],
)
def test_a_user_is_known_by_what_stands_beside_the_name(text: str, user: str | None) -> None:
    found = doer_in(text, ("anna@pam", "root@pam"))

    assert (found.user if found else None) == user


@pytest.mark.parametrize(
    ("then", "user"),
    [("and root?", "root@pam"), ("and by peter?", "peter"), ("only anna", "anna@pam"), ("and yesterday?", ""),
     ("by whom?", "")],
)  # fmt: skip
def test_another_user_after_one(then: str, user: str) -> None:
    assert another_doer(plain(then), ("anna@pam", "root@pam")) == user


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what moved most recently between the nodes", "tasks"),
        ("which backup took the longest last night", "tasks"),
        ("how are gc/prune/verify of tank", "tasks"),
        ("when were old snapshots last thinned out on tank", "subsystem"),
        ("when did the backup server last check tank for bit rot", "subsystem"),
        ("did the cron job in web run at 3", "unclear"),
        ("longest uptime?", "rank"),
    ],
)
def test_what_is_about_tasks(text: str, intent: str) -> None:
    assert READER.read(text).intent == intent


LAST_NIGHT, NIGHT_BEFORE = (task("vzdump", "112", timedelta(hours=hours)) for hours in (21, 45))
RUNS = [
    ((LAST_NIGHT, NIGHT_BEFORE), "1 against 1 run, the longest took 12 min against 12 min; all ended well both times"),
    ((LAST_NIGHT,), "Only one of the two times has runs"),
    (
        (task("vzdump", "112", timedelta(hours=21), "running", None), NIGHT_BEFORE),
        "1 against 1 run, how long they took is not known of both times; 0 ended badly, before that 0",
    ),
]


@pytest.mark.parametrize(("known", "begins"), RUNS)
async def test_the_runs_of_two_times(known: tuple[Task, ...], begins: str) -> None:
    said = await ask("compare last night's backup run with the one before: longer?", live=FakeLive(tasks_known=known))

    assert said.text.startswith(f"{begins} [E1, E2]."), said.text
    assert said.unverified == ()


async def test_what_people_did_is_told_though_routine_fills_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_tools, "TASKS_SHOWN", 1)
    said = await ask("list everything done by hand in the last 3 days")

    assert "Not routine" in said.text
    assert "qmigrate of immich (VM 113)" in said.text
    assert said.unverified == ()
