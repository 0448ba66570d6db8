"""Each fault is found, named first and explained; a healthy homelab raises nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from tests.e2e.conftest import Cli

from nightshift_evals.graders import grade
from nightshift_evals.processes import Lab, Product
from nightshift_evals.questions import Question, load
from nightshift_evals.truth import Lookup

QUESTIONS = load()

FIRST_CAUSES = {
    "datastore-full": ("datastore:pbs/tank", "critical"),
    "vm-disk-filling": ("guest:pve/113", "warning"),
    "node-offline": ("node:pve/pve3", "critical"),
    "container-oom-loop": ("guest:pve/116", "warning"),
    "guest-without-backup": ("guest:pve/114", "warning"),
    "target-down": ("target:postgres/postgres:9187", "warning"),
}


@pytest.mark.parametrize("lab", FIRST_CAUSES, indirect=True, scope="session")
def test_the_fault_is_the_first_cause(lab: Lab, cli: Cli) -> None:
    done = cli("check", "--json", "--quiet")
    sweep = json.loads(done.stdout)
    findings = {finding["fingerprint"]: finding for finding in sweep["findings"]}
    first = findings[sweep["causes"][0]]
    entity, severity = FIRST_CAUSES[lab.scenario]
    assert first["entity"]["key"] == entity, first["title"]
    assert first["severity"] in (severity, "critical")
    assert first["remedy"]
    assert done.returncode == (2 if "critical" in {finding["severity"] for finding in sweep["findings"]} else 1)


@pytest.mark.parametrize("lab", ["healthy"], indirect=True, scope="session")
def test_healthy_raises_nothing(lab: Lab, cli: Cli) -> None:
    done = cli("check", "--json", "--quiet")
    sweep = json.loads(done.stdout)
    assert [finding["title"] for finding in sweep["findings"] if finding["severity"] != "info"] == []
    assert sweep["gaps"] == []
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("lab", "question", "asked"),
    [
        pytest.param(scenario, question, question.ask[0], id=f"{scenario}-{question.id}")
        for scenario, questions in sorted(QUESTIONS.items())
        for question in questions
    ],
    indirect=["lab"],
    scope="session",
)
def test_a_question(lab: Lab, product: Product, truth: Lookup, question: Question, asked: str) -> None:
    answer = product.ask(asked)
    outcome = grade(question, answer, truth, datetime.now(UTC))
    assert outcome.reasons == (), answer["text"]


@pytest.mark.parametrize("lab", sorted(QUESTIONS), indirect=True, scope="session")
def test_the_terminal_gives_the_same_answer(lab: Lab, cli: Cli, truth: Lookup) -> None:
    question = next(question for question in QUESTIONS[lab.scenario] if question.id == "anything-wrong")
    done = cli("ask", "--json", "--quiet", question.ask[0])
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert grade(question, answer, truth, datetime.now(UTC)).reasons == (), answer["text"]


@pytest.mark.parametrize("lab", ["healthy"], indirect=True, scope="session")
def test_a_follow_up_keeps_its_subject(lab: Lab, product: Product, truth: Lookup) -> None:
    first = product.ask("CPU of nextcloud over the last hour?")
    then = product.ask("and its memory?", conversation_id=first["conversation_id"])
    assert then["conversation_id"] == first["conversation_id"]
    assert "nextcloud" in then["text"]
    assert "memory" in then["text"].lower()
    numbers = [int(evidence["id"][1:]) for answer in (first, then) for evidence in answer["evidence"]]
    assert numbers == list(range(1, len(numbers) + 1)), "evidence is numbered through the conversation"
