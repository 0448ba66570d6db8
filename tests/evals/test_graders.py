"""The judges, tried on answers that are wrong in one thing only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.evals.support import ANSWER, NOW, QUESTION, answer, truth

from nightshift_evals.graders import grade, mentioned
from nightshift_evals.quantities import moments, quantities
from nightshift_evals.questions import Question, Truth
from nightshift_evals.systems import NoTruth

TEXT = ANSWER["text"]


def _reasons(changed: dict[str, object], question: Question = QUESTION) -> tuple[str, ...]:
    return grade(question, answer(**changed), truth, NOW).reasons


def test_the_right_answer_is_right() -> None:
    assert _reasons({}) == ()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"text": TEXT.replace("97.1 %", "79.1 %")}, "97.3 % (± 1) is not in the text"),
        ({"text": TEXT.replace("97.1 %", "97.1 GiB")}, "97.3 % (± 1) is not in the text"),
        ({"text": TEXT.replace("3 backups", "4 backups")}, "3 (± 0) is not in the text"),
        ({"text": TEXT.replace("3 backups", "three backups")}, "3 (± 0) is not in the text"),
        ({"text": TEXT.replace("tank", "tank2")}, "tank is not mentioned"),
        ({"text": TEXT.replace("web", "webmail")}, "web or web-server is not mentioned"),
        ({"text": TEXT.replace("02:02", "04:02")}, "2026-11-23 02:02 UTC is not in the text"),
        ({"text": TEXT.replace("2026-11-23", "2026-11-22")}, "2026-11-23 02:02 UTC is not in the text"),
        ({"text": TEXT.replace("[E1, E2]", "[E1]")}, "missing from the text and the cited tables: db"),
        ({"text": TEXT.replace("[E1, E2]", "[E1]")}, "no cited evidence from grafana or prometheus"),
        ({"text": TEXT.replace("[E1, E2]", "[E1, E2, E9]")}, "E9 is cited and not there"),
        ({"text": TEXT.replace("[E1]", "").replace("[E1, E2]", "")}, "no evidence is cited"),
        ({"text": TEXT.replace("full", "used")}, "it does not say no space or full"),
        ({"text": TEXT + " Otherwise all is well."}, "it says “all is well”"),
        ({"verdict": "healthy"}, "the verdict is healthy, not problem"),
        ({"root_causes": []}, "the first root cause is missing"),
        (
            {"root_causes": [{"entity": "guest:pve/104"}, *ANSWER["root_causes"]]},
            "the first root cause is guest:pve/104, not datastore:pbs/tank",
        ),
        ({"gaps": []}, "it does not admit that pve was not seen"),
        ({"evidence": []}, "no evidence is cited"),
        ({"grounding": {"checked": 1, "unverified": [{"text": "97.1 %", "kind": "number"}]}}, "“97.1 %” is not in"),
    ],
)
def test_one_wrong_thing_is_enough(changed: dict[str, object], reason: str) -> None:
    assert [told for told in _reasons(changed) if reason in told]


@pytest.mark.parametrize("field", ["mentions", "numbers", "times", "listed", "says", "root_cause"])
def test_an_echo_of_the_question_scores_nothing(field: str) -> None:
    """Whatever is asked for alone, the question's own words are no answer, though they name what it is about."""
    empty = replace(
        QUESTION,
        verdict=(), mentions=(), numbers=(), times=(), listed=None, says=(), root_cause=None, sources=(), gaps=(),
    )  # fmt: skip
    only = replace(empty, **{field: getattr(QUESTION, field)})
    echo = answer(text=QUESTION.ask[0], evidence=[], root_causes=[], gaps=[])
    assert not grade(only, echo, truth, NOW).right


def test_a_number_of_the_question_is_no_answer() -> None:
    question = replace(QUESTION, ask=("Is tank above 97 %?",))
    echo = answer(question=question.ask[0], text=TEXT.replace("97.1 %", "above 97 %"))
    assert "97.3 % (± 1) is not in the text" in grade(question, echo, truth, NOW).reasons
    said = answer(question=question.ask[0], text="You asked about 97 %. " + TEXT)
    assert grade(question, said, truth, NOW).right


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("97.1 % of 1.5 TiB [E12]", [(97.1, "%"), (1.5 * 2**40, "bytes")]),
        ("12 of 1,200 guests", [(12, ""), (1200, "")]),
        ("for 2 d 3 h, then 5 min", [(2 * 86400 + 3 * 3600, "s"), (300, "s")]),
        ("250 ms; 1 hour", [(0.25, "s"), (3600, "s")]),
        ("pve1, 10.0.0.1:8006, 8.2.4, E1, 2026-11-23 02:15", []),
        ("VM 104 is at 3%.", [(104, ""), (3, "%")]),
        ("-3 and 1024 B", [(-3, ""), (1024, "bytes")]),
    ],
)
def test_numbers_in_a_text(text: str, found: list[tuple[float, str]]) -> None:
    assert [(one.value, one.unit) for one in quantities(text)] == [
        (pytest.approx(value), unit) for value, unit in found
    ]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("at 2026-11-23 02:02 UTC", datetime(2026, 11, 23, 2, 2, tzinfo=UTC)),
        ("at 2026-11-23T02:02:11", datetime(2026, 11, 23, 2, 2, tzinfo=UTC)),
        ("19 h 28 min ago", NOW - timedelta(hours=19, minutes=28)),
        ("19 h 28 min", None),
        ("in 3 h", NOW + timedelta(hours=3)),
        ("3 replicas remain 3 h", None),
        ("within 3 h", None),
        ("2026-13-45 99:99", None),
    ],
)
def test_moments_in_a_text(text: str, moment: datetime | None) -> None:
    assert [found for found, _ in moments(text, NOW)] == ([] if moment is None else [moment])


@pytest.mark.parametrize(
    ("name", "text", "there"),
    [
        ("web", "web is down", True),
        ("web", "**web** is down", True),
        ("web", "webserver", False),
        ("web", "my-web", False),
        ("web", "web-2", False),
        ("pve1", "pve10", False),
        ("Tank", "tank", True),
        ("home-assistant", "home-assistant (VM 109)", True),
    ],
)
def test_a_name_is_a_word_of_its_own(name: str, text: str, there: bool) -> None:
    assert mentioned(name, text) is there


@pytest.mark.parametrize(
    "text",
    ["I did not understand that well enough: is tank full? [E1]", "Sorry, I cannot answer whether it is full [E1]."],
)
def test_to_give_up_is_no_answer_whatever_words_it_holds(text: str) -> None:
    asked = replace(QUESTION, mentions=(), numbers=(), times=(), listed=None, sources=(), gaps=(), root_cause=None)
    told = grade(asked, answer(text=text, grounding={"checked": 0, "unverified": []}), truth, NOW).reasons
    assert told == ("it does not answer what can be answered",)


@pytest.mark.parametrize(
    ("text", "value", "right"),
    [
        ("Yes, 2 backups are running. None has failed.", 1.0, True),
        ("No backup is running.", 1.0, False),
        ("No backup is running. The last one is running no more.", 0.0, True),
        ("Nothing runs at the moment.", 0.0, True),
        ("A backup is running. It has not ended.", 0.0, False),
    ],
)
def test_yes_or_no_is_what_the_first_sentence_says(text: str, value: float, right: bool) -> None:
    question = Question(id="q", topic="tasks", ask=("is a backup running?",), affirms=Truth("x"), cites=False)
    assert grade(question, answer(text=text), lambda _: value, NOW).right is right


def test_what_a_question_takes_for_given_must_be_so() -> None:
    def restarted(_truth: Truth) -> float:
        raise NoTruth("pve1 was restarted")

    question = Question(id="q", topic="why", ask=("why did it restart?",), says=("not",), given=(Truth("up_for_days"),))
    with pytest.raises(NoTruth, match="pve1 was restarted"):
        grade(question, answer(), restarted, NOW)
