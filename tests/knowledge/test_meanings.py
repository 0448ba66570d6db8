"""What words mean, without a model: the table that comes with Nightshift, and what a cosine of an embedder is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from nightshift.knowledge.cosines import unrelated_cosine
from nightshift.knowledge.meanings import Meanings, meanings, packed, unpacked
from nightshift.knowledge.terms import stem


def likeness(one: str, other: str) -> float:
    return meanings().likeness({stem(one): 1.0}, {stem(other): 1.0})


@pytest.mark.parametrize(
    ("word", "like", "unlike"),
    [
        ("telephone", "phone", "disk"),
        ("films", "movies", "backups"),
        ("quits", "leaves", "prints"),
        ("drive", "disk", "mail"),
    ],
)
def test_words_of_like_meaning_lie_close(word: str, like: str, unlike: str) -> None:
    assert likeness(word, like) > 0.5 > likeness(word, unlike)


def test_names_and_jargon_are_not_common() -> None:
    assert [word for word in ("disk", "telephon", "zpool", "wireguard", "qwrtz") if meanings().is_common(word)] == [
        "disk",
        "telephon",
    ]


def test_a_text_of_unknown_words_means_nothing() -> None:
    assert not meanings().direction({"qwrtz": 3.0}).any()
    assert meanings().likeness({"qwrtz": 1.0}, {"disk": 1.0}) == 0.0


def test_a_direction_is_the_weighted_sum_of_its_words() -> None:
    table = Meanings(
        ["east", "north"], np.array([[9, 0], [0, 5]], np.int8), np.array([1, 2], np.float32) / [9, 5], common=1
    )
    assert table.direction({"east": 3.0, "north": 2.0, "up": 9.0}).tolist() == pytest.approx([0.6, 0.8])
    assert (table.is_common("east"), table.is_common("north"), table.is_common("up")) == (True, False, False)


def test_the_likest_of_some_words_is_told_of_each() -> None:
    others = ["qwrtz", "tea", "movi"]
    assert meanings().nearest(["film", "qwrtz"], others) == {
        "film": pytest.approx(meanings().likeness({"film": 1.0}, {"movi": 1.0})),
        "qwrtz": 0.0,
    }
    assert meanings().nearest(["film"], ["qwrtz"]) == {"film": 0.0}


def test_directions_survive_the_index() -> None:
    directions = [meanings().direction({"disk": 1.0}), meanings().direction({})]
    assert unpacked(packed(directions)) == pytest.approx(np.array(directions), abs=0.005)
    assert unpacked(b"").shape == (0, meanings().dimensions)


class Angular:
    """All texts lie close to one direction, as with embedders whose cosines are never small."""

    name = identity = "angular"

    def prepare(self) -> None:
        pass

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[2.0, *(float(number == at) for at in range(len(texts)))] for number in range(len(texts))]


def test_what_unrelated_texts_have_in_common() -> None:
    assert unrelated_cosine(Angular()) == pytest.approx(0.8)
