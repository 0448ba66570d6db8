"""An Answer: the text, the evidence beside it, what could not be seen, and who gave it.

The shape is the one that every interface promises (docs/api.md); `to_json` is its only way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from nightshift.facts.as_json import evidence_to_json, gap_to_json
from nightshift.facts.evidence import Evidence
from nightshift.facts.gap import Gap

Verdict = Literal["healthy", "problem", "unknown", "info"]
BrainKind = Literal["builtin", "model"]
ClaimKind = Literal["number", "time", "entity", "alert", "citation"]
EventKind = Literal["tool_started", "tool_finished", "text", "fell_back", "note"]


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """Something that happened while an answer was being found: `tool_started`, `backups`, `guest=web`."""

    kind: EventKind
    name: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RootCause:
    """What is behind it all: the entity, the check that found it, a sentence, and the ids of the evidence."""

    entity: str
    statement: str
    evidence: tuple[str, ...] = ()
    check: str | None = None


@dataclass(frozen=True, slots=True)
class Unverified:
    """A claim of the text that is not in the evidence that it cites."""

    text: str
    kind: ClaimKind


@dataclass(frozen=True, slots=True)
class Grounding:
    """How many claims of the text were looked up in the evidence, and which were not found there."""

    checked: int = 0
    unverified: tuple[Unverified, ...] = ()


@dataclass(frozen=True, slots=True)
class BrainUsed:
    """Who answered. `fell_back_because` is set when a model began and the built-in brain had to finish."""

    kind: BrainKind
    name: str
    fell_back_because: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the answer cost. Bytes are those of request bodies sent to a model; tokens are as its server counts them."""

    model_calls: int = 0
    tool_calls: int = 0
    bytes_sent: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `findings` are fingerprints; evidence ids in `text` (`[E1]`) are those of `evidence`."""

    id: str
    conversation_id: str
    question: str
    text: str
    verdict: Verdict
    root_causes: tuple[RootCause, ...]
    findings: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    gaps: tuple[Gap, ...]
    grounding: Grounding
    brain: BrainUsed
    usage: Usage
    started_at: datetime
    duration_s: float


def to_json(answer: Answer) -> dict[str, Any]:
    """The Answer as JSON values. Numbers that JSON cannot hold (NaN, infinities) become null."""
    return {
        "schema": 1,
        "id": answer.id,
        "conversation_id": answer.conversation_id,
        "question": answer.question,
        "text": answer.text,
        "verdict": answer.verdict,
        "root_causes": [_root_cause(cause) for cause in answer.root_causes],
        "findings": list(answer.findings),
        "evidence": [evidence_to_json(item) for item in answer.evidence],
        "gaps": [gap_to_json(gap) for gap in answer.gaps],
        "grounding": {
            "checked": answer.grounding.checked,
            "unverified": [{"text": claim.text, "kind": claim.kind} for claim in answer.grounding.unverified],
        },
        "brain": _brain(answer.brain),
        "usage": _usage(answer.usage),
        "started_at": answer.started_at.isoformat(timespec="seconds"),
        "duration_s": round(answer.duration_s, 3),
    }


def _root_cause(cause: RootCause) -> dict[str, Any]:
    return {
        "entity": cause.entity,
        "check": cause.check,
        "statement": cause.statement,
        "evidence": list(cause.evidence),
    }


def _brain(brain: BrainUsed) -> dict[str, Any]:
    return {"kind": brain.kind, "name": brain.name, "fell_back_because": brain.fell_back_because}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "model_calls": usage.model_calls,
        "tool_calls": usage.tool_calls,
        "bytes_sent": usage.bytes_sent,
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "cost_usd": usage.cost_usd,
    }
