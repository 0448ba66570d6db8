"""A question with everything that can be required, and an answer that is right in all of it."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from nightshift_evals.graders import TruthValue
from nightshift_evals.questions import ExpectedNumber, ExpectedTime, Question, Truth

NOW = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
BACKED_UP = NOW - timedelta(hours=19, minutes=28)

QUESTION = Question(
    id="q",
    topic="backups",
    ask=("How full is tank, and when was web last backed up?",),
    verdict=("problem",),
    mentions=(("tank",), ("web", "web-server")),
    numbers=((ExpectedNumber(Truth("datastore_used_percent", "tank"), "%", 1.0),), (ExpectedNumber(3.0),)),
    times=(ExpectedTime(Truth("last_backup", "web")),),
    listed=Truth("running", "vm"),
    says=("no space", "full"),
    forbid=("all is well",),
    sources=(("pbs",), ("grafana", "prometheus")),
    root_cause="datastore:pbs/tank",
    gaps=("pve",),
)

ANSWER: dict[str, Any] = {
    "question": QUESTION.ask[0],
    "text": (
        "The datastore **tank** is 97.1 % full [E1], so 3 backups failed. web was last backed up"
        " 2026-11-23 02:02 UTC [E1, E2]."
    ),
    "verdict": "problem",
    "root_causes": [{"entity": "datastore:pbs/tank", "check": "c", "statement": "s", "evidence": ["E1"]}],
    "evidence": [
        {"id": "E1", "source": "pve,pbs", "rows": [["tank", 97.1], ["web", None]]},
        {"id": "E2", "source": "prometheus", "rows": [["db", 1]]},
        {"id": "E3", "source": "pve", "rows": [["cache", 1]]},
    ],
    "gaps": [{"source": "pve", "dataset": "tasks", "kind": "forbidden", "detail": "d", "fix": None}],
    "grounding": {"checked": 4, "unverified": []},
    "usage": {"model_calls": 0, "tool_calls": 2, "bytes_sent": 0, "tokens_in": 0, "tokens_out": 0},
}

TRUTHS: dict[str, TruthValue] = {
    "datastore_used_percent": 97.3,
    "last_backup": BACKED_UP,
    "running": ("web", "db"),
}


def truth(wanted: Truth) -> TruthValue:
    return TRUTHS[wanted.name]


def answer(**changes: object) -> dict[str, Any]:
    return deepcopy(ANSWER) | changes
