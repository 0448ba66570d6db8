"""Hosts and keys: who may speak to the API."""

from __future__ import annotations

import socket

import pytest
from pydantic import SecretStr

from nightshift.api.access import Access, Scope, check_binding, may
from nightshift.errors import ConfigError
from nightshift.settings import ApiKey

KEY = ApiKey("me", "ask", SecretStr("s3cret"))


@pytest.mark.parametrize(
    ("bound_to", "header", "known"),
    [
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "LOCALHOST.:8000", True),
        ("127.0.0.1", "[::1]:8000", True),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "evil.example:8000", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "localhost:80@evil.example", False),
        ("127.0.0.1", "192.168.1.10:8000", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", None, False),
        ("127.0.0.1", "[::1", False),
        ("192.168.1.10", "192.168.1.10:8000", True),
        ("192.168.1.10", "localhost", True),
        ("192.168.1.10", "10.0.0.1", False),
        ("0.0.0.0", "192.168.1.10:8000", True),
        ("0.0.0.0", "[fe80::1]:8000", True),
        ("0.0.0.0", "evil.example", False),
        ("::", socket.gethostname(), True),
        ("nas.lan", "NAS.lan:8000", True),
        ("nas.lan", "10.0.0.1", False),
    ],
)
def test_known_hosts(bound_to: str, header: str | None, known: bool) -> None:
    assert Access.of(bound_to).knows_host(header) is known


@pytest.mark.parametrize(("header", "known"), [("Nightshift.lan", True), ("127.0.0.1", True), ("other.lan", False)])
def test_names_of_a_reverse_proxy(header: str, known: bool) -> None:
    assert Access.of("127.0.0.1", further_names=("nightshift.lan",)).knows_host(header) is known


@pytest.mark.parametrize("presented", [b"s3cret2", b"s3cre", b"", None, b"\xff"])
def test_a_wrong_key_is_no_key(presented: bytes | None) -> None:
    access = Access(keys=(KEY,))
    assert access.key_for(presented) is None
    assert access.key_for(b"s3cret") == KEY


def test_an_empty_key_never_matches() -> None:
    assert Access(keys=(ApiKey("x", "ask", SecretStr("")),)).key_for(b"") is None


@pytest.mark.parametrize(
    ("scope", "needed", "allowed"),
    [("read", "read", True), ("read", "ask", False), ("ask", "read", True), ("ask", "ask", True)],
)
def test_scopes(scope: Scope, needed: Scope, allowed: bool) -> None:
    assert may(ApiKey("k", scope, SecretStr("x")), needed) is allowed


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.0.1"])
def test_loopback_needs_no_key(host: str) -> None:
    check_binding(host, [])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "nas.lan", ""])
def test_beyond_loopback_a_key_is_required(host: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_binding(host, [])
    assert caught.value.variable == "NIGHTSHIFT_API_KEYS"
    assert "NIGHTSHIFT_HOST" in str(caught.value)
    check_binding(host, [KEY])


def test_a_key_shows_nowhere() -> None:
    assert "s3cret" not in f"{KEY!r} {Access(keys=(KEY,))!r}"
