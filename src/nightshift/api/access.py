"""Who may speak to the API: API keys with scopes, and the Host names that it answers to.

A page in the operator's browser can reach a loopback port under a name of its own (DNS rebinding), so an unknown
`Host` is refused even on loopback. Beyond loopback a key is required before the server starts at all.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nightshift.errors import ConfigError
from nightshift.facts.instances import is_ip
from nightshift.settings import ApiKey

Scope = Literal["read", "ask"]

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to
_GRANTS: dict[Scope, frozenset[Scope]] = {"read": frozenset({"read"}), "ask": frozenset({"read", "ask"})}


def may(key: ApiKey, scope: Scope) -> bool:
    """Whether the key's scope covers what is asked of it."""
    return scope in _GRANTS[key.scope]


@dataclass(frozen=True, slots=True)
class Access:
    """The keys, and the host names under which the API is served (lower case, without port or brackets).

    Without keys everybody who can reach the port may ask; `check_binding` sees to it that only this machine can.
    `any_address` admits every IP literal as a host: an address cannot be rebound, and a server on all interfaces
    does not know which of them a client used.
    """

    hosts: frozenset[str] = _LOOPBACK_NAMES
    keys: tuple[ApiKey, ...] = ()
    any_address: bool = False

    @classmethod
    def of(cls, bind_host: str, keys: Iterable[ApiKey] = (), further_names: Iterable[str] = ()) -> Access:
        """The access rules of a server bound to `bind_host` that is also known by `further_names` (lower case)."""
        bare = bind_host.strip().strip("[]").lower()
        wild = bare in _WILDCARDS
        own_name = socket.gethostname().lower() if wild else bare
        return cls(_LOOPBACK_NAMES | {own_name, *further_names}, tuple(keys), any_address=wild)

    def knows_host(self, header: str | None) -> bool:
        """Whether a `Host` header names this server; the port plays no part."""
        host = _host_of(header or "")
        return host in self.hosts or (self.any_address and is_ip(host))

    def key_for(self, presented: bytes | None) -> ApiKey | None:
        """The key that was presented, or None. Every key is compared, in constant time, so timing tells nothing."""
        found: ApiKey | None = None
        for key in self.keys:
            same = hmac.compare_digest(key.secret.get_secret_value().encode(), presented or b"")
            found = key if same and presented else found
        return found


def check_binding(host: str, keys: Iterable[ApiKey]) -> None:
    """Refuse to serve beyond loopback without a key.

    Raises `ConfigError` that names the variable to set.
    """
    if any(True for _ in keys) or _is_loopback(host):
        return
    raise ConfigError(
        "NIGHTSHIFT_API_KEYS",
        f"the API would listen on {host}, where others can reach it, and no key is set; set one, or leave "
        "NIGHTSHIFT_HOST at 127.0.0.1",
        "me:ask:a-long-random-text",
    )


def _is_loopback(host: str) -> bool:
    bare = host.strip().strip("[]").lower()
    if bare == "localhost":
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def _host_of(header: str) -> str:
    """`[::1]:8000` → `::1`, `Localhost.:8000` → `localhost`; empty when it is not a host at all."""
    text = header.strip().lower()
    if text.startswith("["):
        inner, bracket, rest = text[1:].partition("]")
        return inner if bracket and (not rest or _is_port(rest)) else ""
    host, colon, port = text.partition(":")
    if colon and not _is_port(colon + port):
        return ""
    return host.removesuffix(".")


def _is_port(text: str) -> bool:
    return text.startswith(":") and (text[1:].isascii() and text[1:].isdigit())
