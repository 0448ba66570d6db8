from __future__ import annotations

import json
import math
from dataclasses import replace

from tests.agent.support import NOW, TABLE

from nightshift.agent.answer import Answer, BrainUsed, Grounding, RootCause, Unverified, Usage, to_json
from nightshift.facts.evidence import Document, Evidence, LabelledSeries, Stats, Window
from nightshift.facts.gap import Gap

GAP = Gap("pbs", "gc", "forbidden", "no right", "grant Audit")
STATS = Stats(1, 3, 3, 3, 3, 3, 3, 0.0, "bytes")
SERIES = Evidence(
    source="prometheus",
    kind="series",
    request="up",
    title="Up",
    taken_at=NOW,
    id="E2",
    window=Window(NOW, NOW, 60.0),
    series=(
        LabelledSeries((("job", "node"),), ((1.0, math.nan), (2.0, 3.0)), Stats(1, 3, 3, 3, 3, 3, 3, 0.0, "bytes")),
    ),
    document=Document("text", "a.md", "Steps", 3),
    gaps=(GAP,),
    complete=False,
)
ANSWER = Answer(
    id="A",
    conversation_id="C",
    question="?",
    text="!",
    verdict="problem",
    root_causes=(RootCause("guest:pve/1", "it is down", ("E1",), "guest.state"),),
    findings=("f",),
    evidence=(replace(TABLE, id="E1", rows=((math.inf, None, True, "x"),)), SERIES),
    gaps=(GAP,),
    grounding=Grounding(2, (Unverified("9 %", "number"),)),
    brain=BrainUsed("builtin", "built-in", "it broke"),
    usage=Usage(1, 2, 3, 4, 5),
    started_at=NOW,
    duration_s=1.23456,
)


def test_the_json_of_an_answer() -> None:
    gap = {"source": "pbs", "dataset": "gc", "kind": "forbidden", "detail": "no right", "fix": "grant Audit"}
    data = json.loads(json.dumps(to_json(ANSWER), allow_nan=False))
    evidence = data.pop("evidence")
    assert data == {
        "schema": 1,
        "id": "A",
        "conversation_id": "C",
        "question": "?",
        "text": "!",
        "verdict": "problem",
        "root_causes": [
            {"entity": "guest:pve/1", "check": "guest.state", "statement": "it is down", "evidence": ["E1"]}
        ],
        "findings": ["f"],
        "gaps": [gap],
        "grounding": {"checked": 2, "unverified": [{"text": "9 %", "kind": "number"}]},
        "brain": {"kind": "builtin", "name": "built-in", "fell_back_because": "it broke"},
        "usage": {
            "model_calls": 1,
            "tool_calls": 2,
            "bytes_sent": 3,
            "tokens_in": 4,
            "tokens_out": 5,
            "cost_usd": None,
        },
        "started_at": "2026-11-23T21:40:00+00:00",
        "duration_s": 1.235,
    }
    assert evidence[0]["rows"] == [[None, None, True, "x"]]
    assert evidence[1]["window"] == {"start": NOW.isoformat(), "end": NOW.isoformat(), "step_s": 60.0}
    assert evidence[1]["series"] == [
        {
            "labels": {"job": "node"},
            "points": [[1.0, None], [2.0, 3.0]],
            "stats": {
                "count": 1,
                "minimum": 3,
                "maximum": 3,
                "mean": 3,
                "p95": 3,
                "first": 3,
                "last": 3,
                "rate_per_s": 0.0,
                "unit": "bytes",
                "time_to_full_s": None,
                "median": None,
                "limit": None,
                "total": None,
            },
        }
    ]
    assert evidence[1]["document"] == {"text": "text", "file": "a.md", "heading": "Steps", "line": 3}
    assert (evidence[1]["complete"], evidence[1]["gaps"]) == (False, [gap])
