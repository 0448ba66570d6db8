"""The vocabulary is well formed, and questions become the terms that it says."""

from __future__ import annotations

import pytest

from nightshift.knowledge.ranking import asked
from nightshift.knowledge.spelling import Spelling
from nightshift.knowledge.terms import words_of
from nightshift.knowledge.vocabulary import FILE, Vocabulary, homelab


def terms_in(text: str) -> set[str]:
    return {mention.term for mention in homelab().mentions(words_of(text))}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("the drive is dying", "the hdd failed"),
        ("No space left on device", "ran out of room"),
        ("won't boot", "fails to start"),
        ("connection refused (ECONNREFUSED)", "rejected"),
        ("Temporary failure in name resolution", "DNS"),
        ("the box was hacked", "an intruder"),
        ("OOMKilled", "out of memory"),
        ("WLAN", "wifi"),
    ],
)
def test_different_words_share_a_class(said: str, meant: str) -> None:
    assert {term for term in terms_in(said) & terms_in(meant) if term[0] == "="}


def test_every_line_is_a_class_and_no_class_is_there_twice() -> None:
    lines = [line for line in FILE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    heads = [line.split(",")[0].rsplit(" ", 1)[0] for line in lines]
    for sign in (" = ", " ~ ", " ! ", " - "):
        names = [line.partition(sign)[0] for line in lines if sign in line and min(
            line.index(s) for s in (" = ", " ~ ", " ! ", " - ") if s in line) == line.index(sign)]  # fmt: skip
        assert names
        assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
    assert heads


def test_a_line_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a class of words"):
        Vocabulary("disk: drive, hdd")


def test_a_word_of_many_classes_says_less_of_each() -> None:
    small = Vocabulary("a = lever\nb = lever, arm\nc = arm\n")
    assert [mention.term for mention in small.mentions(words_of("lever"))] == ["=a", "=b"]
    weights = asked("disk").weights
    classes = [weight for term, weight in weights.items() if term[0] == "="]
    assert weights["disk"] == 1.0
    assert sum(classes) == pytest.approx(2.0)


def test_overlapping_words_are_one_place() -> None:
    question = asked("the pool ran out of space")
    assert len(question.places) == 2
    assert asked("wireguard on opnsense").names == {"!wireguard", "!opnsense", "!vpn"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("certifcate", "certificate"), ("mailbox", None), ("dokcing", "docking"), ("scren", "screen"),
     ("laser", None), ("robot", None), ("adress", "address"), ("pve1", None), ("xyz", None)],
)  # fmt: skip
def test_slips_of_the_fingers(typed: str, meant: str | None) -> None:
    spelling = Spelling(["certificate", "docking", "screen", "later", "root", "address", "pve"])
    assert spelling.nearest(typed) == meant
