"""Other people's words for the questions that the brain answers right: the answer has to stay the same.

`wordings/*.txt` holds, by topic, a question after `= ` and under it how others would put it, all of them written by
people who saw the question and neither the brain nor its answers to their own words; in a conversation the last turn is
put in other words. They are put to the healthy lab's sweep. Nobody has judged all of them, and the same answer is more
than a right one: the share is there to be raised, and to show what a change of words has broken.

    NIGHTSHIFT_SOAK=1 pytest -s tests/agent/builtin/test_wordings.py     every one of them, with the shares by topic
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.agent.builtin import driver
from tests.sweep.test_scenarios import swept
from tests.tools import homelab

from nightshift.facts.sweep import Sweep
from nightshift.knowledge.loading import starter_runbooks
from nightshift.knowledge.search import RunbookSearch

FOLDER = Path(__file__).with_name("wordings")
SAME_AT_LEAST = 0.66
"""Of the sample; raised when the brain has become better."""
SAMPLE = 16
"""Every so many originals are asked by default: a few seconds."""
_SOAK = bool(os.environ.get("NIGHTSHIFT_SOAK"))
_FIGURES = re.compile(r"\[E[^\]]*\]|\d[\d.,:]*")
HEAD = 90


@dataclass(frozen=True)
class Original:
    """A question, after the turns that led to it, and other words for it."""

    topic: str
    turns: tuple[str, ...]
    wordings: tuple[str, ...]


def originals() -> Iterator[Original]:
    for path in sorted(FOLDER.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("= ")[1:]:
            first, *wordings = block.strip().splitlines()
            yield Original(path.stem, tuple(first.split(" // ")), tuple(wordings))


class SweptOnce(homelab.FakeSweeper):
    def __init__(self, sweep: Sweep) -> None:
        super().__init__(sweep.snapshot)
        self._sweep = sweep

    async def sweep(self, **_: object) -> Sweep:
        return self._sweep


async def heads(turns: Sequence[str], wordings: Sequence[str], sweeper: SweptOnce) -> list[str]:
    """How the answer to each wording of the last turn begins, without its figures."""
    said = [(await driver.talk([*turns, wording], sweeper))[-1] for wording in wordings]
    return [_FIGURES.sub("#", answer.text)[:HEAD] for answer in said]


async def test_other_words_get_the_same_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper = SweptOnce(await swept("healthy", tmp_path))
    runbooks = RunbookSearch.open([starter_runbooks()])
    monkeypatch.setattr(homelab, "FakeRunbooks", lambda: runbooks)
    for module in (driver, homelab):
        monkeypatch.setattr(module, "NOW", sweeper.snapshot.taken_at)
    asked: defaultdict[str, int] = defaultdict(int)
    same: defaultdict[str, int] = defaultdict(int)
    for original in list(originals())[:: 1 if _SOAK else SAMPLE]:
        *before, last = original.turns
        first, *others = await heads(before, (last, *original.wordings), sweeper)
        asked[original.topic] += len(others)
        same[original.topic] += others.count(first)
    for topic, count in asked.items():
        print(f"{topic}: {same[topic]} of {count}, {same[topic] / count:.2f}")
    share = sum(same.values()) / sum(asked.values())
    print(f"all: {sum(same.values())} of {sum(asked.values())}, {share:.3f}")
    assert share >= SAME_AT_LEAST
