"""The conversation around a question: what was said before, the numbers of its evidence, and keeping the answer.

A disk that fails costs the memory, not the answer: the question is then answered on its own, and a Gap says so.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ulid import ULID

from nightshift.errors import StoreError
from nightshift.facts.gap import Gap
from nightshift.store.conversations import Conversations, Turn

KEPT_POINTS = 400
"""Points of a series that are stored with an answer; the answer itself has all."""

_CITATIONS = re.compile(r"\s?\[E\d[^\]\n]*\]")


@dataclass(slots=True)
class Past:
    """A conversation as one question sees it. `turns` are without citations: their evidence is not at hand now."""

    conversation_id: str
    turns: tuple[Turn, ...]
    conversations: Conversations
    stored: bool = True
    gaps: list[Gap] = field(default_factory=list)
    _last_number: int = 0

    async def reserve(self, count: int) -> int:
        """Take `count` evidence numbers; returns the first."""
        if self.stored:
            try:
                first = await asyncio.to_thread(self.conversations.reserve_evidence, self.conversation_id, count)
            except StoreError as error:
                self._lost(error)
            else:
                self._last_number = first + count - 1
                return first
        first = self._last_number + 1
        self._last_number += count
        return first

    async def remember(
        self,
        turn_id: str,
        question: str,
        text: str,
        topic: Mapping[str, Any] | None,
        answer: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Keep the answer for later questions."""
        if not self.stored:
            return
        try:
            await asyncio.to_thread(
                self.conversations.add_turn,
                self.conversation_id,
                turn_id=turn_id,
                at=now,
                question=question,
                text=text,
                topic=topic,
                answer=_thinned(answer),
            )
        except StoreError as error:
            self._lost(error)

    def _lost(self, error: StoreError) -> None:
        self.stored = False
        self.gaps.append(Gap("nightshift", "conversation", "unreachable", f"This conversation is not kept. {error}"))


class Memory:
    """Gives a question its past."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def recall(self, conversation_id: str | None, now: datetime) -> Past:
        """The conversation with this id, or a new one. Raises ConversationNotFound."""
        try:
            if conversation_id is None:
                started = await asyncio.to_thread(self._conversations.start, now)
                return Past(started, (), self._conversations)
            turns = await asyncio.to_thread(self._conversations.history, conversation_id)
        except StoreError as error:
            past = Past(conversation_id or str(ULID()), (), self._conversations)
            past._lost(error)  # noqa: SLF001 - the two are one
            return past
        plain = tuple(replace(turn, text=_CITATIONS.sub("", turn.text)) for turn in turns)
        return Past(conversation_id, plain, self._conversations)


def _thinned(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with long series thinned out, so that a conversation stays a small thing on disk."""
    evidence = [
        {
            **item,
            "series": [
                {**series, "points": series["points"][:: 1 + len(series["points"]) // KEPT_POINTS]}
                for series in item["series"]
            ],
        }
        for item in answer["evidence"]
    ]
    return {**answer, "evidence": evidence}
