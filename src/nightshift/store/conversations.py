"""Conversations: what was asked and answered, kept so that "and its memory?" has something to refer to.

Only questions, answers and their topics are kept, never the messages of a tool loop: a stored tool call without its
result would break every later question. Evidence numbers are handed out by the database, in one statement, so that no
number is used twice in a conversation, whatever processes take part in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, func, select, update
from sqlalchemy.orm import Mapped, mapped_column
from ulid import ULID

from nightshift.errors import ToolInputError
from nightshift.store.database import Database, Record, UtcDateTime

HISTORY_TURNS = 6
HISTORY_CHARS = 6_000


class ConversationNotFound(ToolInputError):
    """The caller named a conversation that is not stored."""

    def __init__(self, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        shown = conversation_id if len(conversation_id) <= 40 else conversation_id[:40] + "…"
        super().__init__(f"There is no conversation {shown!r}.", "Leave the conversation out to start a new one.")


class ConversationRecord(Record):
    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime())
    last_at: Mapped[datetime] = mapped_column(UtcDateTime())
    evidence_count: Mapped[int] = mapped_column(Integer, default=0)


class TurnRecord(Record):
    __tablename__ = "turns"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    question: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer.

    `topic` is what the built-in brain keeps to understand a follow-up; `answer` is the Answer's JSON.
    """

    id: str
    at: datetime
    question: str
    text: str
    topic: Mapping[str, Any] | None
    answer: Mapping[str, Any]


class Conversations:
    """The stored conversations. Synchronous: async callers go through `asyncio.to_thread`. Raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create_tables(ConversationRecord, TurnRecord)

    def start(self, now: datetime) -> str:
        """Begin a conversation and return its id."""
        conversation_id = str(ULID())
        with self._database.writing() as session:
            session.add(ConversationRecord(id=conversation_id, started_at=now, last_at=now, evidence_count=0))
        return conversation_id

    def turns(self, conversation_id: str) -> tuple[Turn, ...]:
        """All turns, oldest first. Raises ConversationNotFound."""
        with self._database.reading() as session:
            if session.get(ConversationRecord, conversation_id) is None:
                raise ConversationNotFound(conversation_id)
            chosen = select(TurnRecord).where(TurnRecord.conversation_id == conversation_id)
            return tuple(_turn(record) for record in session.scalars(chosen.order_by(TurnRecord.at, TurnRecord.id)))

    def history(
        self, conversation_id: str, *, max_turns: int = HISTORY_TURNS, max_chars: int = HISTORY_CHARS
    ) -> tuple[Turn, ...]:
        """The newest turns that fit the bounds, oldest first; the last one always. Raises ConversationNotFound."""
        with self._database.reading() as session:
            if session.get(ConversationRecord, conversation_id) is None:
                raise ConversationNotFound(conversation_id)
            chosen = select(TurnRecord).where(TurnRecord.conversation_id == conversation_id)
            newest = chosen.order_by(TurnRecord.at.desc(), TurnRecord.id.desc()).limit(max_turns)
            kept: list[Turn] = []
            chars = 0
            for record in session.scalars(newest):
                chars += len(record.question) + len(record.text)
                if kept and chars > max_chars:
                    break
                kept.append(_turn(record))
        return tuple(reversed(kept))

    def reserve_evidence(self, conversation_id: str, count: int) -> int:
        """Take the next `count` evidence numbers and return the first. Raises ConversationNotFound."""
        taken = (
            update(ConversationRecord)
            .where(ConversationRecord.id == conversation_id)
            .values(evidence_count=ConversationRecord.evidence_count + count)
            .returning(ConversationRecord.evidence_count)
        )
        with self._database.writing() as session:
            last = session.execute(taken).scalar_one_or_none()
        if last is None:
            raise ConversationNotFound(conversation_id)
        return last - count + 1

    def add_turn(
        self,
        conversation_id: str,
        *,
        turn_id: str,
        at: datetime,
        question: str,
        text: str,
        topic: Mapping[str, Any] | None,
        answer: Mapping[str, Any],
    ) -> None:
        """Keep one question with its answer. `answer` must be JSON. Raises ConversationNotFound."""
        with self._database.writing() as session:
            conversation = session.get(ConversationRecord, conversation_id)
            if conversation is None:
                raise ConversationNotFound(conversation_id)
            conversation.last_at = max(conversation.last_at, at)
            session.add(
                TurnRecord(
                    id=turn_id,
                    conversation_id=conversation_id,
                    at=at,
                    question=question,
                    text=text,
                    topic=None if topic is None else json.dumps(topic, ensure_ascii=False),
                    answer=json.dumps(answer, ensure_ascii=False, allow_nan=False),
                )
            )

    def count(self) -> int:
        """How many conversations are stored."""
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(ConversationRecord)) or 0


def _turn(record: TurnRecord) -> Turn:
    return Turn(
        id=record.id,
        at=record.at,
        question=record.question,
        text=record.text,
        topic=None if record.topic is None else json.loads(record.topic),
        answer=json.loads(record.answer),
    )
