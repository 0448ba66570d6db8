"""Several questions in one text: cut where a question begins, and nowhere else."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import NOW, ZONE, snapshot

from nightshift.agent.builtin.reading.parts import parts_of
from nightshift.agent.builtin.reading.reader import Reader
from nightshift.tools.resolve import EntityIndex

READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)
CUT = [
    ("How full is the backup storage and when was web last backed up?", ["storage", "backups"]),
    ("Is anything wrong? Which VMs are running?", ["health", "list"]),
    ("what failed last night, and is a migration running?", ["tasks", "tasks"]),
    ("how is pve1? and what alerts are firing", ["describe", "alerts"]),
    ("show me the alerts; also how busy is web's cpu", ["alerts", "metric"]),
    ("How is web and when was it last backed up?", ["describe", "backups"]),
    ("At what time did gc of vault end, and for how many minutes had it been at work?", ["subsystem", "tasks"]),
    ("I got all of this from my dad. Is one of the things ill right now, and what is it?", ["health"]),
    ("What alerts are firing, what failed last night and how full is tank?", ["alerts", "tasks", "storage"]),
]
WHOLE = [
    "Is everything up and running?",
    "Compare the cpu of web and postgres-main",
    "Which VMs are stopped and not backed up?",
    "How is web?",
    "hi! how is web?",
    "restart web and tell me how it is",
    "What is wrong with web and why?",
    "Thanks! That is all.",
    "memory and cpu of web",
]


@pytest.mark.parametrize(("text", "intents"), CUT)
def test_where_a_new_question_begins(text: str, intents: list[str]) -> None:
    assert [part.intent for part in parts_of(text, READER.read, None)] == intents


@pytest.mark.parametrize("text", WHOLE)
def test_one_question_stays_whole(text: str) -> None:
    (whole,) = parts_of(text, READER.read, None)
    assert whole.text == text


async def test_both_are_answered_each_from_its_own_evidence() -> None:
    one, other = await ask("How full is the backup storage?"), await ask("When was web last backed up?")
    both = await ask("How full is the backup storage and when was web last backed up?")
    assert {tool for tool, _ in both.calls} == {tool for said in (one, other) for tool, _ in said.calls}
    assert both.unverified == ()
    first, last = one.text.split("\n")[0], other.text.split(" [")[0]
    assert both.text.startswith(first)
    assert last in both.text


async def test_two_of_a_kind_do_not_mix() -> None:
    said = await ask("How is web and how is pve1?")
    assert said.unverified == ()
    paragraphs = said.text.split("\n\n")
    assert paragraphs[0].startswith("web (VM 104)")
    assert any(paragraph.startswith("Node pve1") for paragraph in paragraphs)


async def test_the_conversation_goes_on_from_the_last_of_them() -> None:
    answers = await talk(["What alerts are firing and how is web?", "and its memory?"])
    assert "web" in answers[1].text
    assert any(tool == "metrics" for tool, _ in answers[1].calls)


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("movies hang every couple of minutes today - can you find the reason", ["health"]),
        ("nothing opens in the browser at home, not the cloud not the photos! what broke", ["health"]),
        ("there was a thunderstorm over the house, did the machines get through it ok?", ["health"]),
        ("whats the matter this morning, explain like i'm tired", ["explain"]),
        ("pve1 has no space soon. what's running on it right now that could be hit", ["list"]),
        ("at four my phone has buzzed, then nothing. now is all in order?", ["health"]),
        ("traefik had a hiccup this morning i swear, was there anything", ["explain"]),
        ("percent used on tank, and will it rain in Hamburg tomorrow?", ["storage", "unclear"]),
    ],
)
def test_the_clause_that_asks_is_the_question(text: str, intents: list[str]) -> None:
    assert [question.intent for question in parts_of(text, READER.read, None)] == intents


@pytest.mark.parametrize(
    ("story", "asked"),
    [
        (
            "A board with too many lamps is one that nobody looks at, as we found out in 1979; ",
            "how many alert rules are there?",
        ),
        (
            "When the batteries gave out there was a plastic card on the wall of the hall; ",
            "in which order are databases, storage and nodes to be shut down when the UPS runs low?",
        ),
        (
            "We had a whole night without any alarms back then and I slept like a stone: ",
            "which VMs are running?",
        ),
    ],
)
def test_a_story_before_a_question_that_is_whole_tells_nothing(story: str, asked: str) -> None:
    assert parts_of(f"{story}{asked}", READER.read, None) == parts_of(asked, READER.read, None)


@pytest.mark.parametrize(
    "text",
    [
        "We moved web to its new home and were glad about all of it; how much memory does it use?",
        "My wife and I heard a bang from the cellar where pve2 was; which guests run there?",
    ],
)
def test_what_a_question_points_to_in_a_story_stays(text: str) -> None:
    assert all(question.entities for question in parts_of(text, READER.read, None))


@pytest.mark.parametrize(
    "question",
    ["in which order are databases, storage and nodes to be shut down when the UPS runs low?",
     "what order should applications and databases be powered off in if the UPS is nearly empty?"],
)  # fmt: skip
def test_an_order_of_shutting_down_is_a_procedure(question: str) -> None:
    (asked,) = parts_of(question, READER.read, None)
    assert asked.intent == "runbook"
