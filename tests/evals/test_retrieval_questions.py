"""The questions over runbooks keep what they claim: places that exist, halves that share no file, words that differ."""

from __future__ import annotations

import hashlib

import pytest
import yaml
from tests.evals.retrieval_words import shared as shared_words
from tests.knowledge.library import load_library

from nightshift_evals.retrieval.corpus import CORPORA as NAMES
from nightshift_evals.retrieval.corpus import HERE, folder_of

CORPORA = {name: folder_of(name) for name in NAMES}
HALVES = ("dev", "test")
TEST_PER_CENT = 40


def _questions(corpus: str, half: str) -> list[dict]:
    return yaml.safe_load((HERE / "questions" / f"{corpus}-{half}.yaml").read_text(encoding="utf-8"))


PAIRS = [tuple(path.stem.rsplit("-", 1)) for path in sorted((HERE / "questions").glob("*.yaml"))]
SETS = {(corpus, split): _questions(corpus, split) for corpus, split in PAIRS}
QUESTIONS = {pair: questions for pair, questions in SETS.items() if pair[1] in HALVES}
HEADINGS = {
    corpus: {
        (file.file, section.heading): " ".join((file.title, *section.heading_path))
        for file in load_library([folder]).files
        for section in file.sections
    }
    for corpus, folder in CORPORA.items()
}
HALF = pytest.mark.parametrize(("corpus", "half"), QUESTIONS, ids="-".join)
ANY = pytest.mark.parametrize(("corpus", "half"), SETS, ids="-".join)


def _half_of(corpus: str, key: str) -> str:
    digest = hashlib.sha256(f"{corpus}/{key}".encode()).hexdigest()
    return "test" if int(digest[:8], 16) % 100 < TEST_PER_CENT else "dev"


@ANY
def test_each_question_has_the_agreed_form(corpus: str, half: str) -> None:
    for question in SETS[corpus, half]:
        assert list(question) == ["id", "question", "targets", "overlap"]
        assert question["question"].strip()
        assert question["overlap"] in ("content", "none")


@ANY
def test_targets_exist(corpus: str, half: str) -> None:
    named = {(target["file"], target["heading"]) for question in SETS[corpus, half] for target in question["targets"]}
    assert named - HEADINGS[corpus].keys() == set()


@pytest.mark.parametrize("corpus", CORPORA)
def test_ids_and_questions_are_unique(corpus: str) -> None:
    every = [question for (about, _), questions in SETS.items() if about == corpus for question in questions]
    assert len({question["id"] for question in every}) == len(every)
    assert len({question["question"].lower() for question in every}) == len(every)


@HALF
def test_the_hash_of_a_file_decides_its_half(corpus: str, half: str) -> None:
    keys = {target["file"] for question in QUESTIONS[corpus, half] for target in question["targets"]}
    keys |= {question["id"] for question in QUESTIONS[corpus, half] if not question["targets"]}
    assert {key for key in keys if _half_of(corpus, key) != half} == set()


@ANY
def test_overlap_is_as_claimed(corpus: str, half: str) -> None:
    for question in SETS[corpus, half]:
        shared = {
            word
            for target in question["targets"]
            for word in shared_words(question["question"], HEADINGS[corpus][target["file"], target["heading"]])
        }
        assert question["overlap"] == ("content" if shared else "none"), (question["id"], shared)


@HALF
def test_about_half_share_no_word_with_their_heading(corpus: str, half: str) -> None:
    answerable = [question for question in QUESTIONS[corpus, half] if question["targets"]]
    without = sum(question["overlap"] == "none" for question in answerable)
    assert 0.4 <= without / len(answerable) <= 0.6


def test_there_are_enough() -> None:
    answerable = {key: sum(bool(q["targets"]) for q in questions) for key, questions in QUESTIONS.items()}
    unanswerable = {key: sum(not q["targets"] for q in questions) for key, questions in QUESTIONS.items()}
    assert sum(answerable.values()) >= 200
    assert sum(unanswerable.values()) >= 100
    assert min(answerable.values()) >= 40
    assert min(unanswerable.values()) >= 15


@pytest.mark.parametrize(
    ("question", "heading", "shared"),
    [
        ("backups failed", "A backup fails", {"backup", "fail"}),
        ("CKSUM errors on sdb", "A ZFS pool shows errors", {"error"}),
        ("replicating takes for ever", "Storage replication", {"replicat"}),
        ("what should I do about it", "What to do", set()),
        ("can we reuse the netting", "Network", set()),
        ("hibernated guest", "A guest is locked", {"guest"}),
    ],
)
def test_words_are_compared_by_their_stems(question: str, heading: str, shared: set[str]) -> None:
    assert shared_words(question, heading) == shared
