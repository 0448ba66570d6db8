"""What the API accepts. Unknown fields are refused: a misspelt `conversationid` must not start a new conversation."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

MAX_QUESTION_CHARS = 4_000
CONVERSATION_ID = r"^[0-9A-HJKMNP-TV-Z]{26}$"

ConversationId = Annotated[
    str, Field(pattern=CONVERSATION_ID, description="A ULID, as an earlier answer gave it in `conversation_id`.")
]


class Question(BaseModel):
    """The body of `POST /ask`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: str = Field(description="What to find out, in plain words; 1 to 4,000 characters.")
    conversation_id: ConversationId | None = Field(default=None, description="Continue this conversation.")
    fresh: bool = Field(default=False, description="Read everything anew instead of using a recent snapshot.")

    @field_validator("question")
    @classmethod
    def _has_a_question(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("it is empty: ask something, for example 'Is anything wrong?'")
        if len(text) > MAX_QUESTION_CHARS:
            raise ValueError(f"it has {len(text):,} characters; at most {MAX_QUESTION_CHARS:,} are allowed")
        return text.strip()


class Problem(BaseModel):
    """RFC 9457: what went wrong. `variable` names the setting to mend, `errors` the fields that are not valid."""

    type: str
    title: str
    status: int
    detail: str
    variable: str | None = None
    errors: list[dict[str, str]] | None = None
