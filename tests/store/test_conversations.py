from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta

import pytest
from ulid import ULID

from nightshift.store.conversations import ConversationNotFound, Conversations
from nightshift.store.database import Database

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


def say(conversations: Conversations, conversation_id: str, number: int, text: str = "Fine.") -> None:
    conversations.add_turn(
        conversation_id,
        turn_id=str(ULID()),
        at=NOW + timedelta(seconds=number),
        question=f"Question {number}?",
        text=text,
        topic={"entity": f"guest:pve/{number}"},
        answer={"schema": 1, "text": text},
    )


def test_turns_come_back_whole_and_in_order(conversations: Conversations) -> None:
    conversation_id = conversations.start(NOW)
    assert ULID.from_str(conversation_id)
    for number in (1, 2):
        say(conversations, conversation_id, number)
    turns = conversations.turns(conversation_id)
    assert [(turn.question, turn.text, turn.topic, turn.answer, turn.at) for turn in turns] == [
        (
            f"Question {number}?",
            "Fine.",
            {"entity": f"guest:pve/{number}"},
            {"schema": 1, "text": "Fine."},
            NOW + timedelta(seconds=number),
        )
        for number in (1, 2)
    ]


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"max_turns": 2}, [5, 6]),
        ({"max_chars": 2 * (11 + 100)}, [5, 6]),
        ({"max_chars": 5}, [6]),
    ],
)
def test_history_is_the_newest_that_fits(conversations: Conversations, bounds: dict[str, int], kept: list[int]) -> None:
    conversation_id = conversations.start(NOW)
    for number in range(1, 7):
        say(conversations, conversation_id, number, "x" * 100)
    history = conversations.history(conversation_id, **bounds)
    assert [turn.question for turn in history] == [f"Question {number}?" for number in kept]


def test_an_unknown_conversation_is_named(conversations: Conversations) -> None:
    for call in (
        lambda: conversations.turns("nope"),
        lambda: conversations.history("nope"),
        lambda: conversations.reserve_evidence("nope", 1),
        lambda: say(conversations, "nope", 1),
    ):
        with pytest.raises(ConversationNotFound, match=r"There is no conversation 'nope'\. Leave the conversation out"):
            call()


def test_evidence_numbers_go_on_and_are_never_used_twice(conversations: Conversations) -> None:
    first, second = conversations.start(NOW), conversations.start(NOW)
    assert [conversations.reserve_evidence(first, count) for count in (1, 3, 2)] == [1, 2, 5]
    assert conversations.reserve_evidence(second, 1) == 1
    assert conversations.count() == 2


def test_several_processes_share_one_conversation(conversations: Conversations, database_url: str) -> None:
    conversation_id = conversations.start(NOW)
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from nightshift.store.conversations import Conversations
        from nightshift.store.database import open_database
        conversations = Conversations(open_database(Path("unused"), sys.argv[1]))
        print(*[conversations.reserve_evidence(sys.argv[2], 1) for _ in range(25)])
        """
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, database_url, conversation_id], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    numbers = [int(number) for process in started for number in process.communicate(timeout=60)[0].split()]
    assert sorted(numbers) == list(range(1, 51))
