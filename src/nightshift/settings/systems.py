"""From what the operator wrote about a watched system to a Connection: the same rules for variables and YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import SecretStr

from nightshift.errors import ConfigError
from nightshift.settings import parse
from nightshift.settings.problems import Label, collecting, raise_all
from nightshift.sources.connection import Auth, BasicLogin, BearerToken, Connection, PbsToken, PveToken, SourceKind, Tls

Parsed = TypeVar("Parsed")

KINDS: tuple[SourceKind, ...] = ("prometheus", "grafana", "pve", "pbs")
PREFIXES: Mapping[SourceKind, str] = {"prometheus": "PROMETHEUS", "grafana": "GRAFANA", "pve": "PROXMOX", "pbs": "PBS"}
SECRET_FIELDS = frozenset({"token", "password", "bearer_token"})
_TLS = ("verify_ssl", "ca_cert")
FIELDS: Mapping[SourceKind, tuple[str, ...]] = {
    "prometheus": ("url", "failover_urls", "username", "password", "bearer_token", "tenant", *_TLS),
    "grafana": ("url", "failover_urls", "token", *_TLS),
    "pve": ("url", "failover_urls", "token", *_TLS, "fingerprint"),
    "pbs": ("url", "failover_urls", "token", *_TLS, "fingerprint"),
}
"""What can be said about a system of each kind."""

_VERIFIED_BY_DEFAULT = frozenset({"prometheus", "grafana"})
_EXAMPLES = {
    "prometheus": {"url": "http://prometheus.lan:9090", "username": "nightshift"},
    "grafana": {"url": "http://grafana.lan:3000", "token": "glsa_…"},
    "pve": {"url": "https://pve1.lan:8006", "token": "nightshift@pve!read=SECRET"},
    "pbs": {"url": "https://pbs.lan:8007", "token": "nightshift@pbs!read:SECRET"},
}
_COMMON_EXAMPLES = {
    "failover_urls": "https://pve2.lan:8006",
    "verify_ssl": "true",
    "ca_cert": "/etc/ssl/homelab-ca.pem",
    "fingerprint": ":".join(["AB"] * 32),
    "tenant": "homelab",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the operator wrote about one system, as text. `label` says how they know a field."""

    id: str
    kind: SourceKind
    texts: Mapping[str, str]
    label: Label
    variable_prefix: str | None = None
    failover_urls: tuple[str, ...] = ()


def read_connection(entry: Entry) -> Connection:
    """Judge an entry. Raises ConfigError (or ConfigProblems) with everything that is wrong with it."""
    reading = _Reading(entry)
    url = reading.required("url", parse.base_url)
    written = (*entry.failover_urls, *parse.items(entry.texts.get("failover_urls", "")))
    others = [other for text in written if (other := reading.parsed("failover_urls", text, parse.base_url))]
    auth = reading.api_token() if entry.kind in _TOKENS else reading.basic_or_bearer()
    tenant = reading.optional("tenant", _header_text)
    verify = reading.optional("verify_ssl", parse.switch)
    tls = Tls(
        verify=entry.kind in _VERIFIED_BY_DEFAULT if verify is None else verify,
        ca_file=reading.optional("ca_cert", parse.ca_file),
        fingerprint=reading.optional("fingerprint", parse.fingerprint),
    )
    raise_all(reading.problems)
    return Connection(entry.id, entry.kind, url or "", auth, tls, entry.variable_prefix, tenant, tuple(others))


_TOKENS: Mapping[str, tuple[Callable[[str], str], Callable[[SecretStr], Auth]]] = {
    "pve": (parse.pve_token, PveToken),
    "pbs": (parse.pbs_token, PbsToken),
    "grafana": (parse.plain_secret, BearerToken),
}


@dataclass(slots=True)
class _Reading:
    """One entry under judgement, and what was found wrong with it so far."""

    entry: Entry
    problems: list[ConfigError] = field(default_factory=list)

    def optional(self, name: str, parser: Callable[[str], Parsed]) -> Parsed | None:
        text = self.entry.texts.get(name)
        return None if text is None else self.parsed(name, text, parser)

    def required(self, name: str, parser: Callable[[str], Parsed]) -> Parsed | None:
        if name not in self.entry.texts:
            given = next((self.entry.label(other) for other in self.entry.texts if other not in _TLS), "")
            self.report(name, f"is missing, while {given} is set" if given else "is missing")
            return None
        return self.optional(name, parser)

    def api_token(self) -> Auth | None:
        parser, auth = _TOKENS[self.entry.kind]
        token = self.required("token", parser)
        return auth(SecretStr(token)) if token else None

    def basic_or_bearer(self) -> Auth | None:
        """User and password, or a bearer token, or nothing."""
        texts, label = self.entry.texts, self.entry.label
        for name, other in (("username", "password"), ("password", "username")):
            if name in texts and other not in texts:
                self.report(other, f"is missing, while {label(name)} is set")
        if "bearer_token" in texts and "username" in texts:
            self.report("bearer_token", f"cannot be used together with {label('username')}: leave one of them out")
        username = self.optional("username", _user_name)
        password = self.optional("password", _password)
        bearer_token = self.optional("bearer_token", parse.plain_secret)
        if username and password:
            return BasicLogin(username, SecretStr(password))
        return BearerToken(SecretStr(bearer_token)) if bearer_token else None

    def parsed(self, name: str, text: str, parser: Callable[[str], Parsed]) -> Parsed | None:
        try:
            return parser(text)
        except parse.CredentialsInUrl as error:
            problem = f"{error}; put them into {self._home_of_credentials()} instead"
        except ValueError as error:
            problem = str(error)
        self.report(name, problem)
        return None

    def report(self, name: str, problem: str) -> None:
        example = _EXAMPLES[self.entry.kind].get(name) or _COMMON_EXAMPLES.get(name)
        label = self.entry.label(name)
        if label.isidentifier() or example is None:
            self.problems.append(ConfigError(label, problem, example))
        elif name in SECRET_FIELDS:
            self.problems.append(ConfigError(label, f"{problem}. The variable holds, for example, {example}"))
        else:
            self.problems.append(ConfigError(label, f"{problem}. Example: {name}: {example}"))

    def _home_of_credentials(self) -> str:
        label = self.entry.label
        if self.entry.kind == "prometheus":
            return f"{label('username')} and {label('password')}"
        return label("token")


def _user_name(text: str) -> str:
    if ":" in text or not text.isprintable():
        raise ValueError("must not contain a colon or control characters")
    return text


def _password(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must not contain control characters")
    return text


def _header_text(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("must be printable ASCII")
    return text


def read_connections(entries: list[Entry], problems: list[ConfigError]) -> tuple[Connection, ...]:
    """All entries that are sound; what is wrong with the others is added to `problems`."""
    connections: list[Connection] = []
    for entry in entries:
        with collecting(problems):
            connections.append(read_connection(entry))
    return tuple(connections)
