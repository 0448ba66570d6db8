"""`nightshift runbooks` as its users call it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Outcome
from tests.support.tiny_onnx import make_model

Here = Callable[..., Outcome]


@pytest.fixture
def books(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = home / "books"
    folder.mkdir()
    (folder / "nas.md").write_text(
        "---\nalerts: [NasDown]\nchecks: [storage.inactive]\n---\n"
        "# The NAS sleeps\n\n## Steps\n\n1. Run `wakeonlan nas`.\n"
    )
    monkeypatch.setenv("RUNBOOK_DIRS", str(folder))
    return folder


def test_search_quotes_the_section_with_its_place(books: Path, here: Here) -> None:
    outcome = here("runbooks", "search", "the nas is asleep")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "The NAS sleeps › Steps  nas.md:7\n    1. Run `wakeonlan nas`.\n"


def test_search_as_json(books: Path, here: Here) -> None:
    (found,) = json.loads(here("runbooks", "search", "--json", "NasDown").out)
    assert found == {
        "file": "nas.md", "heading": "Steps", "heading_path": ["The NAS sleeps", "Steps"], "line": 7, "score": 1.0,
        "fits": True, "snippet": "1. Run `wakeonlan nas`.",
    }  # fmt: skip
    assert json.loads(here("runbooks", "search", "--json", "pizza", "margherita").out) == []
    assert "No runbook fits." in here("runbooks", "search", "pizza margherita").out


def test_what_only_comes_near_is_marked(books: Path, here: Here) -> None:
    section = "The NAS sleeps › Steps  nas.md:7\n    1. Run `wakeonlan nas`.\n"
    assert here("runbooks", "search", "the fan of the nas is loud").out == f"May not fit:\n{section}"
    assert [
        item["fits"] for item in json.loads(here("runbooks", "search", "--json", "the fan of the nas is loud").out)
    ] == [False]
    weak = here("runbooks", "search", "--weak", "set up a kubernetes cluster that never sleeps").out
    assert weak == f"May not fit:\n{section}"


def test_what_does_not_come_near_is_named_and_not_quoted(books: Path, here: Here) -> None:
    assert here("runbooks", "search", "set up a kubernetes cluster that never sleeps").out.splitlines() == [
        "No runbook fits. Begin one: nightshift runbooks new.",
        "The nearest ones (--weak shows them whole):",
        "    The NAS sleeps › Steps  nas.md:7",
    ]


def test_search_in_batches(books: Path, process: Callable[..., Outcome]) -> None:
    asked = '{"id": "1", "question": "nas is asleep"}\n\n{"id": "2", "question": "pizza"}\n'
    asked += '{"id": "3", "question": "the fan of the nas is loud"}\n'
    outcome = process("runbooks", "search", "--batch", stdin=asked, RUNBOOK_DIRS=str(books))
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    assert [(row["id"], [(item["file"], item["fits"]) for item in row["results"]]) for row in rows] == [
        ("1", [("nas.md", True)]),
        ("2", []),
        ("3", [("nas.md", False)]),
    ]
    wrong = process("runbooks", "search", "--batch", stdin="nas\n", RUNBOOK_DIRS=str(books))
    assert (wrong.code, "Line 1 of stdin" in wrong.err) == (64, True)


def test_a_search_for_nothing_is_called_wrongly(books: Path, here: Here) -> None:
    outcome = here("runbooks", "search")
    assert (outcome.code, "What is looked for?" in outcome.err) == (64, True)


def test_sync_tells_what_it_did(books: Path, here: Here) -> None:
    assert here("runbooks", "sync").out.splitlines()[0] == "1 runbooks, 1 sections; 1 changed, 0 removed"
    assert here("runbooks", "sync").out.splitlines()[0] == "1 runbooks, 1 sections; 0 changed, 0 removed"


def test_an_embedder_on_this_machine(books: Path, home: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_EMBEDDER", "onnx")
    monkeypatch.setenv("NIGHTSHIFT_ONNX_MODEL", str(make_model(home / "model")))
    before = here("runbooks", "search", "the nas is asleep")
    assert "nas.md:7" in before.out
    assert "nightshift runbooks sync" in before.err
    synced = here("runbooks", "sync", "-q")
    assert (synced.code, "1 vectors by the model in" in synced.out) == (0, True)
    after = here("runbooks", "search", "the nas is asleep")
    assert ("nas.md:7" in after.out, after.err) == (True, "")


def test_lint_says_what_to_mend(books: Path, here: Here) -> None:
    assert here("runbooks", "lint").out == "1 runbooks, nothing to mend\n"
    (books / "bad.md").write_text("---\nchecks: [no.such]\n---\n# Bad\n\nWords.\n")
    outcome = here("runbooks", "lint")
    assert outcome.code == 1
    assert "bad.md: checks: there is no check 'no.such'" in outcome.out
    assert {item["path"] for item in json.loads(here("runbooks", "lint", "--json").out)} == {str(books / "bad.md")}


def test_new_begins_a_runbook_and_overwrites_none(books: Path, here: Here) -> None:
    outcome = here("runbooks", "new", "Fan is loud", "--alert", "FanLoud", "--check", "storage.full")
    assert (outcome.code, outcome.out.strip()) == (0, str(books / "fan-is-loud.md"))
    text = (books / "fan-is-loud.md").read_text()
    assert "FanLoud" in text
    again = here("runbooks", "new", "Fan is loud")
    assert (again.code, "exists already" in again.err) == (69, True)
    assert (books / "fan-is-loud.md").read_text() == text
    assert here("runbooks", "new", "X", "--check", "no.such").code == 64


def test_new_asks_where_to(home: Path, here: Here) -> None:
    outcome = here("runbooks", "new", "Fan is loud")
    assert (outcome.code, "--dir" in outcome.err) == (64, True)


def test_coverage_without_sources_tells_of_checks(books: Path, here: Here) -> None:
    outcome = here("runbooks", "coverage", "--json")
    found = json.loads(outcome.out)
    assert outcome.code == 1
    assert [(row["name"], row["runbooks"]) for row in found["with"]] == [("storage.inactive", ["nas.md"])]
    assert "quorum" in " ".join(row["name"] for row in found["without"])
    assert "Alert rules were not looked at" in here("runbooks", "coverage").out
