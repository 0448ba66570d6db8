"""The page's side of the API, over real HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from tests.api.support import CAUSE, CONVERSATION, Double, serving

from nightshift.api.access import Access
from nightshift.errors import StoreError
from nightshift.settings import ApiKey
from nightshift.ui.client import Api, ApiDown, ApiError


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Double()) as address:
        yield address


def test_a_question_is_a_stream_that_ends_with_the_answer(url: str) -> None:
    events = list(Api(url).ask("Is anything wrong?", CONVERSATION))
    assert [event.name for event in events] == ["progress", "progress", "answer"]
    assert events[-1].data["question"] == "Is anything wrong?"


def test_findings_and_health(url: str) -> None:
    assert Api(url + "/").findings()["causes"] == [CAUSE.fingerprint]
    assert Api(url).health()["version"] == "0.1.0"


@pytest.mark.parametrize(
    ("question", "conversation", "told"),
    [
        ("x" * 5_000, None, "question: it has 5,000 characters; at most 4,000 are allowed"),
        ("x", "01JDCQ0000000000000000000Z", "There is no conversation with this id."),
    ],
)
def test_a_refusal_is_told(url: str, question: str, conversation: str | None, told: str) -> None:
    with pytest.raises(ApiError) as caught:
        list(Api(url).ask(question, conversation))
    assert caught.value.told == told


def test_a_failure_in_the_stream_is_told() -> None:
    with serving(Double(failure=StoreError("The disk is full."))) as url, pytest.raises(ApiError) as caught:
        list(Api(url).ask("x", None))
    assert caught.value.told == "The disk is full."


def test_a_missing_key_is_told_with_what_to_set() -> None:
    access = Access(keys=(ApiKey("me", "ask", SecretStr("ask-key")),))
    with serving(Double(), access) as url:
        with pytest.raises(ApiError) as caught:
            Api(url).findings()
        assert "NIGHTSHIFT_API_KEY" in caught.value.advice
        assert Api(url, "ask-key").findings()["causes"]


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ApiDown, match=f"Nobody answers at http://127.0.0.1:{port}"):
        Api(f"http://127.0.0.1:{port}").health()


@pytest.mark.parametrize("wrong", ["not a url", "ftp://127.0.0.1", "http://["])
def test_an_address_that_is_none(wrong: str) -> None:
    with pytest.raises(ApiDown):
        Api(wrong).health()


def test_where_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Api.from_environment().url == "http://127.0.0.1:8000"
    monkeypatch.setenv("NIGHTSHIFT_API_URL", "http://nas.lan:8000/")
    assert Api.from_environment().url == "http://nas.lan:8000"
