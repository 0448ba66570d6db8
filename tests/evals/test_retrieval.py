"""The retrieval report counts right, and its questions lead to sections that exist."""

from __future__ import annotations

import pytest

from nightshift_evals.retrieval.corpus import CORPORA, Question, Target, questions_of, sections_of
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


@pytest.mark.parametrize("split", ["dev", "test"])
@pytest.mark.parametrize("corpus", CORPORA)
def test_every_target_exists(corpus: str, split: str) -> None:
    questions = questions_of(corpus, split)
    assert len({question.id for question in questions}) == len(questions)


def test_there_are_as_many_questions_as_promised() -> None:
    questions = [
        question for corpus in CORPORA for split in ("dev", "test") for question in questions_of(corpus, split)
    ]
    answerable = [question for question in questions if question.targets]
    assert len(answerable) >= 200
    assert len(questions) - len(answerable) >= 100
    assert sum(question.overlap == "none" for question in answerable) * 2 >= len(answerable) * 0.9


def test_plain_search_finds_what_is_said_in_the_same_words() -> None:
    search = bm25(sections_of("workshop"), stemmed=True)
    assert search("label printer prints half labels")[0] == ("printers.md", "Label printer prints half labels")
