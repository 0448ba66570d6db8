"""`python -m nightshift_evals --brain model`, whole: a scenario and a question of one's own, a lab, a product, and a
scripted model over the real protocol."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.openai_server import OpenAIServer, Reply, Request, Step, ToolCall

SCENARIO = """
summary: the datastore vault is full
family: single
faults:
  - {kind: datastore-full, target: datastore/pbs/vault, start: -6h, with: {full_fraction: 98%}}
truth:
  root_causes: [{entity: datastore/pbs/vault, category: datastore-full}]
  findings_required: [{check: datastore.full, entity: datastore/pbs/vault}]
"""
QUESTIONS = """
where: any
questions:
  - id: how-full
    topic: storage
    ask: ["How full is the backup storage?"]
    mentions: [tank]
    numbers: [{truth: datastore_used_percent, of: tank, unit: "%", tolerance: 1}]
    sources: [pbs]
"""


def think(request: Request) -> Step:
    """A model that looks once and then makes a number up."""
    if request.messages[-1]["role"] != "tool":
        return Reply(calls=(ToolCall("storage", {}),))
    return Reply("The datastore tank is 12.3 % full [E1].")


@pytest.mark.timeout(240)
def test_a_model_is_scored_as_the_built_in_brain_is(tmp_path: Path) -> None:
    """What it makes up is wrong, and what it costs is counted."""
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "q.yaml").write_text(QUESTIONS)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "vault-full.yaml").write_text(SCENARIO)
    command = [sys.executable, "-m", "nightshift_evals", "--brain", "model", "--level", "snapshots", "--json"]
    command += ["--scenario-dir", "scenarios", "--questions", "questions"]
    with OpenAIServer(think) as server:
        environ = {"OPENAI_BASE_URL": server.base_url, "OPENAI_MODEL": "scripted", "OPENAI_API_KEY": "sk-test"}
        done = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, **environ},
            timeout=200,
            check=False,
        )
        asked = len(server.requests)
    report = json.loads(done.stdout)
    figures = {figure["figure"]: figure for figure in report["figures"]}
    (case,) = report["cases"]
    assert report["name"] == "evals-model"
    assert done.returncode == 1, "the goal for answers is missed"
    assert not case["right"]
    assert "12.3 %" in case["text"]
    assert any("% (± 1) is not in the text" in reason for reason in case["reasons"])
    assert figures["model calls a question"]["value"] == asked >= 2
    assert figures["bytes sent a question"]["value"] > 0
    assert figures["tokens in a question"]["value"] > 0
    assert figures["root cause first, PVE and PBS alone"]["value"] == 1.0
    assert [(one["scenario"], one["errors"]) for one in report["sweeps"]] == [("vault-full", [])]
