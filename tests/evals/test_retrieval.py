"""The retrieval report counts right, and its questions lead to sections that exist."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from nightshift_evals.retrieval.__main__ import main
from nightshift_evals.retrieval.corpus import (
    CORPORA,
    SPLITS,
    Question,
    Target,
    from_files,
    has_questions,
    questions_of,
    sections_of,
)
from nightshift_evals.retrieval.measure import cases_of, false_hits, mean_reciprocal_rank, recall_at
from nightshift_evals.retrieval.plain import bm25

QUESTIONS = (
    Question(id="a", question="?", targets=(Target(file="x.md", heading="X"), Target(file="y.md", heading="Y"))),
    Question(id="b", question="?", targets=(Target(file="x.md", heading="X"),)),
    Question(id="c", question="?", targets=(Target(file="x.md", heading="X"),)),
    Question(id="d", question="?", targets=()),
    Question(id="e", question="?", targets=()),
)


def test_grades() -> None:
    found = {
        "a": [("z.md", "Z"), ("y.md", "Y"), ("x.md", "X")],
        "b": [("x.md", "X")],
        "d": [("x.md", "X")],
    }
    cases = cases_of("corpus", QUESTIONS, found)
    assert [case.rank for case in cases] == [2, 1, None, None, None]
    assert (recall_at(cases, 1), recall_at(cases, 3)) == ((1, 3), (2, 3))
    assert mean_reciprocal_rank("m", cases).value == pytest.approx((0.5 + 1) / 3)
    assert (false_hits("m", cases).value, false_hits("m", cases).n) == (0.5, 2)


@pytest.mark.parametrize(("corpus", "split"), [pair for pair in product(CORPORA, SPLITS) if has_questions(*pair)])
def test_every_target_exists(corpus: str, split: str) -> None:
    questions = questions_of(corpus, split)
    assert len({question.id for question in questions}) == len(questions)


def test_there_are_as_many_questions_as_promised() -> None:
    questions = [
        question
        for corpus in CORPORA
        for split in ("dev", "test")
        if has_questions(corpus, split)
        for question in questions_of(corpus, split)
    ]
    answerable = [question for question in questions if question.targets]
    assert len(answerable) >= 200
    assert len(questions) - len(answerable) >= 100
    assert sum(question.overlap == "none" for question in answerable) * 2 >= len(answerable) * 0.9


def test_plain_search_finds_what_is_said_in_the_same_words() -> None:
    search = bm25(sections_of("workshop"), stemmed=True)
    assert search("label printer prints half labels")[0] == ("printers.md", "Label printer prints half labels")


MINE = """
- id: mine-1
  question: my tea is cold
  targets: [{file: kitchen/kettle.md, heading: The kettle stays cold}]
- id: mine-2
  question: who won the match
  targets: []
"""


def _own_corpus(folder: Path) -> tuple[Path, Path]:
    (folder / "books" / "kitchen").mkdir(parents=True)
    (folder / "books" / "kitchen" / "kettle.md").write_text("# Kitchen\n\n## The kettle stays cold\n\nPlug it in.\n")
    (folder / "mine.yaml").write_text(MINE)
    return folder / "books", folder / "mine.yaml"


def test_questions_of_ones_own_are_asked_over_a_folder_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, questions = _own_corpus(tmp_path)
    assert main(["--corpus", str(folder), "--questions", str(questions), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    cases = {figure["figure"]: figure["n"] for figure in report["figures"]}
    assert (cases["words as answered: recall@3"], cases["words as searched: false hits"]) == (1, 1)
    assert cases["books, BM25 + stem: recall@3"] == 1


def test_a_target_that_does_not_exist_is_told(tmp_path: Path) -> None:
    folder, questions = _own_corpus(tmp_path)
    questions.write_text(MINE.replace("stays cold}", "sings}"))
    with pytest.raises(ValueError, match=r"mine\.yaml: the targets of mine-1 do not exist in"):
        from_files(folder, questions)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--corpus", "elsewhere"],
            "elsewhere is none of our corpora (starter, workshop, attic, pager, handbook): --questions says what",
        ),
        (["--corpus", "attic", "--split", "dev"], "there are no dev questions over attic"),
        (["--questions", "q.yaml"], "--questions needs the one --corpus that they are asked over"),
        (["--split", "test", "--misses"], "--misses needs a --split to work on"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    assert code == 2
    assert said in capsys.readouterr().err
