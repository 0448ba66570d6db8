"""Phrasings that were written down before anyone saw what the brain makes of them, three and more for each intent.

`unplanned.txt` holds them: the question, and the readings that answer it, since some questions have more than one.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tools.homelab import NOW, ZONE, snapshot

from nightshift.agent.builtin.reading.reader import Reader
from nightshift.tools.resolve import EntityIndex

READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)
LINES = Path(__file__).with_name("unplanned.txt").read_text(encoding="utf-8").splitlines()
UNPLANNED = [line.rsplit(" | ", 1) for line in LINES if line and not line.startswith("#")]


@pytest.mark.parametrize(("text", "intents"), UNPLANNED, ids=[text for text, _ in UNPLANNED])
def test_an_unplanned_phrasing(text: str, intents: str) -> None:
    question = READER.read(text)

    assert question.intent in intents.split(","), question


@pytest.mark.parametrize(
    "text",
    [
        "what's the weather in Berlin?", "tell me a joke about save the whales", "order me a pizza",
        "who is the president", "what is the capital of France", "what music is playing", "write me a poem",
        "who won the match yesterday?", "how full is the tank of my car", "is my car's tank nearly empty?",
        "which alerts does my car have", "which 8 TB drive should I buy",
        "can you guarantee me that nothing breaks before new year", "what do the logs of jellyfin say about web",
        "which containers run inside web", "who logged into jellyfin yesterday", "is my phone backed up",
        "will everything survive the two weeks while we are on holiday?", "tell me a riddle",
        "did somebody delete pictures from jellyfin by mistake?", "which mails are waiting for me?",
        "did the cat trip over the cable or is it the power supply?", "on what date will the disk die?",
        "which user streamed most?", "what is the upload speed of my line",
    ],
)  # fmt: skip
def test_what_is_out_of_scope(text: str) -> None:
    assert READER.read(text).intent == "unclear"


def test_a_thing_that_is_too_warm_has_a_temperature() -> None:
    """So the rule for it is found by what it is about, and not by the disk alone."""
    question = READER.read("is there a rule for a drive that gets too warm?")

    assert question.intent == "alert_rules"
    assert question.has("HEAT")
