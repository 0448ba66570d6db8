"""The page's side of the HTTP API: questions as a stream of events, the findings, the health."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]

DEFAULT_API_URL = "http://127.0.0.1:8000"


class ApiError(Exception):
    """The API did not give what the page needs. `advice` says what the reader can do."""

    def __init__(self, told: str, advice: str = "") -> None:
        self.told = told
        self.advice = advice
        super().__init__(told)


class ApiDown(ApiError):
    """Nobody answers at the API's address."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an answer under way: `progress` or `answer`, with its data."""

    name: str
    data: Json


class Api:
    """The API at one address, with an optional key."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    @classmethod
    def from_environment(cls) -> Api:
        """`NIGHTSHIFT_API_URL` and `NIGHTSHIFT_API_KEY`."""
        return cls(os.environ.get("NIGHTSHIFT_API_URL") or DEFAULT_API_URL, os.environ.get("NIGHTSHIFT_API_KEY"))

    def health(self) -> Json:
        return self._get("/health", timeout_s=5)

    def findings(self, *, fresh: bool = False) -> Json:
        return self._get("/findings" + ("?fresh=true" if fresh else ""), timeout_s=35)

    def ask(self, question: str, conversation_id: str | None) -> Iterator[Event]:
        """The events of one question; the last one is the answer. Raises `ApiError` when there is none."""
        body: Json = {"question": question}
        if conversation_id:
            body["conversation_id"] = conversation_id
        with self._connection(40) as client, client.stream("POST", "/ask/stream", json=body) as response:
            if response.status_code != httpx.codes.OK:
                response.read()
                raise _error_of(response)
            for event in _events(response.iter_lines()):
                if event.name == "problem":
                    raise ApiError(str(event.data.get("detail", "The question could not be answered.")))
                yield event
                if event.name == "answer":
                    return
        raise ApiError("The answer ended early.", "Ask again; the server's log may say more.")

    def _get(self, path: str, *, timeout_s: float) -> Json:
        with self._connection(timeout_s) as client:
            response = client.get(path)
            if response.status_code != httpx.codes.OK:
                raise _error_of(response)
            return _object(response.text)

    @contextmanager
    def _connection(self, timeout_s: float) -> Iterator[httpx.Client]:
        """A client whose failures are told in the reader's words."""
        try:
            with httpx.Client(
                base_url=self.url, headers=self._headers, timeout=httpx.Timeout(timeout_s, connect=3), trust_env=False
            ) as client:
                yield client
        except httpx.TimeoutException as error:
            raise ApiError(f"The API at {self.url} did not answer in time.", "Try again in a moment.") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ApiDown(f"Nobody answers at {self.url}.") from error


def _error_of(response: httpx.Response) -> ApiError:
    try:
        told = str(_object(response.text).get("detail") or "")
    except ApiError:
        told = ""
    advice = {401: "Set NIGHTSHIFT_API_KEY for the page to one of the API's keys, and start the page again."}
    return ApiError(
        told or f"The API answered with status {response.status_code}.", advice.get(response.status_code, "")
    )


def _events(lines: Iterator[str]) -> Iterator[Event]:
    """Server-sent events as the API writes them: one data line each; comments keep the connection alive."""
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield Event(name, _object(line.removeprefix("data: ")))


def _object(text: str) -> Json:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ApiError("What answers there is not Nightshift's API.", "Check NIGHTSHIFT_API_URL.") from error
    if not isinstance(data, dict):
        raise ApiError("What answers there is not Nightshift's API.", "Check NIGHTSHIFT_API_URL.")
    return data
