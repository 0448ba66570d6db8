"""The endpoints over real HTTP, with a double for what lies behind them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from time import monotonic, sleep
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr
from tests.api.support import CAUSE, CONVERSATION, EFFECT, SWEEP, Double, client_of, serving

from nightshift.api.access import Access
from nightshift.errors import BudgetExceeded, ConfigError, StoreError
from nightshift.settings import ApiKey

ULID = "01JDCQ0000000000000000000Z"


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Double, str]]:
    double = Double()
    with serving(double) as url:
        yield double, url


def test_ask_gives_the_answer(shared: tuple[Double, str]) -> None:
    double, url = shared
    with client_of(url) as client:
        response = client.post("/ask", json={"question": "  Is anything wrong?  ", "fresh": True})
    assert response.status_code == 200
    assert double.asked[-1] == ("Is anything wrong?", None, True)
    answer = response.json()
    assert (answer["schema"], answer["verdict"], answer["conversation_id"]) == (1, "problem", CONVERSATION)
    table, series, document = answer["evidence"]
    assert table["rows"][0] == ["tank", 1_900 * 2**30, 0.971]
    assert table["display"]["columns"] == ["name", "used", "used"]
    assert table["display"]["rows"] == [["tank", "1.86 TiB", "97.1 %"], ["offsite", "–", "–"]]
    assert series["display"]["stats"] == [
        {
            "minimum": "90 %",
            "mean": "93 %",
            "p95": "95.6 %",
            "maximum": "95.9 %",
            "last": "95.9 %",
            "time to full": "41 min",
        }
    ]
    assert (document["document"]["file"], document["document"]["line"]) == ("pbs.md", 12)


@pytest.mark.parametrize("path", ["/ask", "/ask/stream"])
@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"question": ""}, 422, "question: it is empty"),
        ({"question": " \n\t"}, 422, "question: it is empty"),
        ({"question": "x" * 4_001}, 422, "question: it has 4,001 characters; at most 4,000 are allowed"),
        ({"question": 7}, 422, "question: "),
        ({"question": None}, 422, "question: "),
        ({}, 422, "question: it is required"),
        ({"question": "x", "conversationid": "y"}, 422, "conversationid: no such field"),
        ({"question": "x", "fresh": "yes"}, 422, "fresh: "),
        ({"question": "x", "conversation_id": "../../etc"}, 422, "conversation_id: "),
        ({"question": "x", "conversation_id": ULID}, 404, "There is no conversation with this id."),
        (["x"], 422, "a JSON object is expected"),
    ],
)
def test_a_question_that_cannot_be_asked(
    shared: tuple[Double, str], path: str, body: object, status: int, told: str
) -> None:
    double, url = shared
    before = len(double.asked)
    with client_of(url) as client:
        response = client.post(path, json=body)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:nightshift:problem:")
    assert problem["title"]
    assert told in problem["detail"]
    assert len(double.asked) == before


def test_the_longest_question_fits_however_it_is_escaped(shared: tuple[Double, str]) -> None:
    _, url = shared
    with client_of(url) as client:
        body = json.dumps({"question": "𝄞" * 4_000})
        assert client.post("/ask", content=body, headers={"content-type": "application/json"}).status_code == 200


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b'{"question": ', "application/json", 400),
        (b"", "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        (b'{"question": "\xff"}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b'{"question": "hi"}', "text/plain", 422),  # what a form on another site can send without asking
        (b"question=hi", "application/x-www-form-urlencoded", 422),
    ],
)
def test_a_body_that_is_no_json(shared: tuple[Double, str], content: bytes, content_type: str, status: int) -> None:
    double, url = shared
    before = len(double.asked)
    with client_of(url) as client:
        response = client.post("/ask", content=content, headers={"content-type": content_type})
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert len(double.asked) == before


def test_the_input_is_not_repeated(shared: tuple[Double, str]) -> None:
    _, url = shared
    with client_of(url) as client:
        response = client.post("/ask", json={"question": "x", "fresh": "glsa_topsecret"})
    assert "glsa_topsecret" not in response.text


@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes_are_refused_before_they_are_read(shared: tuple[Double, str], chunked: bool) -> None:
    """The refusal is there after a part of the body; the rest is thrown away, and the client gets the reason."""
    _, url = shared
    part = b'{"question": "' + b"x" * (100 * 1024)
    framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 10485760"
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=5) as connection:
        connection.sendall(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        connection.sendall(framing + b"\r\n\r\n")
        connection.sendall(b"%x\r\n" % len(part) + part + b"\r\n" if chunked else part)
        head = connection.recv(65_536)
    assert head.startswith(b"HTTP/1.1 422 ")
    with client_of(url) as client:
        whole = b'{"question": "' + b"x" * 10_000_000 + b'"}'
        content = iter([whole[start : start + 65_536] for start in range(0, len(whole), 65_536)]) if chunked else whole
        response = client.post("/ask", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["detail"].startswith("The body is larger than 64 KiB.")


@pytest.mark.parametrize("path", ["/", "/health", "/findings", "/openapi.json", "/nowhere"])
def test_an_unknown_host_is_refused_everywhere(shared: tuple[Double, str], path: str) -> None:
    _, url = shared
    with client_of(url, host="evil.example") as client:
        response = client.get(path)
    assert (response.status_code, response.json()["type"]) == (421, "urn:nightshift:problem:unknown-host")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/ask", 405), ("DELETE", "/findings", 405), ("OPTIONS", "/ask", 405)],
)
def test_every_error_is_a_problem_and_no_other_origin_may_read(
    shared: tuple[Double, str], method: str, path: str, status: int
) -> None:
    _, url = shared
    with client_of(url, origin="https://evil.example") as client:
        response = client.request(method, path)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert response.headers["content-type"] == "application/problem+json"
    assert not [name for name in response.headers if name.startswith("access-control-")]


def test_headers_that_keep_browsers_at_bay(shared: tuple[Double, str]) -> None:
    _, url = shared
    with client_of(url) as client:
        headers = client.get("/").headers
    assert "server" not in headers
    assert {name: headers[name] for name in ("cache-control", "x-content-type-options", "x-frame-options")} == {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_description_needs_no_internet(shared: tuple[Double, str]) -> None:
    _, url = shared
    with client_of(url) as client:
        assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]
        paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/", "/health", "/ask", "/ask/stream", "/findings", "/conversations/{conversation_id}"}


def test_findings(shared: tuple[Double, str]) -> None:
    double, url = shared
    with client_of(url) as client:
        body = client.get("/findings", params={"fresh": "true"}).json()
    assert double.swept[-1] is True
    assert body["causes"] == [CAUSE.fingerprint]
    assert [(item["fingerprint"], item["severity"], item["cause"]) for item in body["findings"]] == [
        (CAUSE.fingerprint, "critical", None),
        (EFFECT.fingerprint, "warning", CAUSE.fingerprint),
    ]
    assert body["findings"][0]["entity"] == {"key": "datastore:pbs/tank", "label": "datastore tank"}
    assert body["gaps"] == [
        {
            "source": "grafana",
            "dataset": "alerts",
            "kind": "unauthorized",
            "detail": "Grafana did not accept the token.",
            "fix": "Set GRAFANA_SERVICE_ACCOUNT_TOKEN.",
        }
    ]
    assert (body["id"], body["age_s"], body["sources"][0]["version"]) == (SWEEP.id, 0.0, "8.2.4")


def test_a_conversation_is_remembered(shared: tuple[Double, str]) -> None:
    _, url = shared
    with client_of(url) as client:
        known = client.get(f"/conversations/{CONVERSATION}").json()
        unknown = client.get(f"/conversations/{ULID}")
        invalid = client.get("/conversations/..%2f..%2fetc")
    assert (known["id"], [turn["question"] for turn in known["turns"]]) == (CONVERSATION, ["Is anything wrong?"])
    assert (unknown.status_code, invalid.status_code) == (404, 404)


def test_the_stream_tells_progress_and_then_the_answer(shared: tuple[Double, str]) -> None:
    _, url = shared
    with client_of(url) as client, client.stream("POST", "/ask/stream", json={"question": "Hi?"}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = _events(response)
    assert [name for name, _ in events] == ["progress", "progress", "answer"]
    assert events[0][1] == {"kind": "tool_started", "name": "storage", "detail": "tank"}
    assert events[-1][1]["question"] == "Hi?"
    assert events[-1][1]["evidence"][0]["display"]["rows"][0][1] == "1.86 TiB"


@pytest.mark.parametrize(
    ("failure", "status", "slug", "told"),
    [
        (ConfigError("OPENAI_BASE_URL", "it is no URL"), 500, "configuration", "OPENAI_BASE_URL: it is no URL."),
        (StoreError("The data folder is full."), 503, "store", "The data folder is full."),
        (BudgetExceeded("60 s are over."), 504, "out-of-time", "60 s are over."),
        (TimeoutError(), 504, "out-of-time", "The question took too long."),
        (ZeroDivisionError("token=glsa_secret"), 500, "bug", "the server's log"),
    ],
)
def test_a_failure_is_told_and_never_leaks(failure: Exception, status: int, slug: str, told: str) -> None:
    with serving(Double(failure=failure)) as url, client_of(url) as client:
        whole = client.post("/ask", json={"question": "x"})
        with client.stream("POST", "/ask/stream", json={"question": "x"}) as response:
            name, streamed = _events(response)[-1]
    assert (whole.status_code, name) == (status, "problem")
    assert whole.json() == streamed
    assert whole.json()["type"] == f"urn:nightshift:problem:{slug}"
    assert told in whole.json()["detail"]
    assert "glsa_secret" not in whole.text
    assert whole.headers["x-content-type-options"] == "nosniff"


def test_a_client_that_goes_away_stops_its_question() -> None:
    double = Double(delay_s=60)
    with serving(double) as url:
        with client_of(url) as client, client.stream("POST", "/ask/stream", json={"question": "x"}) as response:
            next(response.iter_lines())
        _wait_for(lambda: double.cancelled == 1)


def test_stopping_the_server_ends_open_questions() -> None:
    double = Double(delay_s=60)
    with serving(double) as url, client_of(url) as client, client.stream("POST", "/ask/stream", json={"question": "x"}):
        started = monotonic()
    assert monotonic() - started < 5
    assert double.cancelled == 1


def test_the_sweep_runs_by_itself_and_survives_failures() -> None:
    double = Double(failure=StoreError("The disk is full."))
    with serving(double, sweep_interval_s=0.01):
        _wait_for(lambda: len(double.swept) >= 3)
    assert set(double.swept) == {True}


ACCESS = Access(
    keys=(ApiKey("dash", "read", SecretStr("look-key")), ApiKey("me", "ask", SecretStr("ask-key"))),
)


@pytest.mark.parametrize(
    ("headers", "read", "ask"),
    [
        ({}, 401, 401),
        ({"authorization": "Bearer wrong"}, 401, 401),
        ({"authorization": "Basic ask-key"}, 401, 401),
        ({"x-api-key": "ask-ke"}, 401, 401),
        ({"authorization": "Bearer look-key"}, 200, 403),
        ({"authorization": "bearer ask-key"}, 200, 200),
        ({"x-api-key": "ask-key"}, 200, 200),
    ],
)
def test_keys(headers: dict[str, str], read: int, ask: int) -> None:
    double = Double()
    with serving(double, ACCESS) as url, client_of(url, **headers) as client:
        assert client.get("/findings").status_code == read
        response = client.post("/ask", json={"question": "x"})
        assert response.status_code == ask
        assert len(double.asked) == (ask == 200)
        assert "-key" not in client.get("/").text + client.get("/health").text
        if ask == 401:
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["type"] == "urn:nightshift:problem:key-required"


def _events(response: httpx.Response) -> list[tuple[str, dict[str, object]]]:
    frames = "".join(response.iter_text()).strip().split("\n\n")
    pairs = [frame.split("\n", 1) for frame in frames]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in pairs]


def _wait_for(condition: object, seconds: float = 5.0) -> None:
    assert callable(condition)
    until = monotonic() + seconds
    while not condition():
        assert monotonic() < until, "it did not happen in time"
        sleep(0.01)
