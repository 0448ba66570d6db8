"""How a watched system is reached: address, credentials and trust, as frozen values.

A Connection is checked when it is made: what an operator can get wrong is a ConfigError that names the variable and
never its value.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from nightshift.errors import ConfigError

SourceKind = Literal["pve", "pbs", "prometheus", "grafana"]
TlsMode = Literal["plain", "system", "ca_file", "pinned", "unverified"]

_API_SUFFIXES: Final = {"pve": "/api2/json", "pbs": "/api2/json", "prometheus": "/api/v1", "grafana": "/api"}
_EXAMPLE_URLS: Final = {
    "pve": "https://pve.example:8006",
    "pbs": "https://pbs.example:8007",
    "prometheus": "http://prometheus.example:9090",
    "grafana": "http://grafana.example:3000",
}
_TOKEN_SETTINGS: Final = {
    "pve": "API_TOKEN",
    "pbs": "API_TOKEN",
    "prometheus": "BEARER_TOKEN",
    "grafana": "SERVICE_ACCOUNT_TOKEN",
}
_ACCOUNT: Final = r"[^\s:/!@]+@[A-Za-z][A-Za-z0-9._-]+![A-Za-z][A-Za-z0-9._-]*"
_HEADER_SAFE: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class PveToken:
    """A PVE API token, `user@realm!tokenid=secret`."""

    token: SecretStr

    def header(self) -> str:
        return f"PVEAPIToken={self.token.get_secret_value().strip()}"

    def problem(self) -> str | None:
        if re.fullmatch(_ACCOUNT + r"=[\x21-\x7e]+", self.token.get_secret_value().strip()):
            return None
        return "is not an API token of the form user@realm!tokenid=secret"


@dataclass(frozen=True, slots=True)
class PbsToken:
    """A PBS API token, `user@realm!tokenid:secret`; people paste PVE's `=` too. The colon is what PBS wants."""

    token: SecretStr

    def header(self) -> str:
        token_id, _, secret = re.split(r"([:=])", self.token.get_secret_value().strip(), maxsplit=1)
        return f"PBSAPIToken={token_id}:{secret}"

    def problem(self) -> str | None:
        if re.fullmatch(_ACCOUNT + r"[:=][\x21-\x7e]+", self.token.get_secret_value().strip()):
            return None
        return "is not an API token of the form user@realm!tokenid:secret"


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token sent as it is: a Grafana service account's, or one that a proxy in front of Prometheus wants."""

    token: SecretStr

    def header(self) -> str:
        return f"Bearer {self.token.get_secret_value().strip()}"

    def problem(self) -> str | None:
        if _HEADER_SAFE.fullmatch(self.token.get_secret_value().strip()):
            return None
        return "is empty or contains characters that no token has (spaces, line breaks, quotes of a smart editor)"


@dataclass(frozen=True, slots=True)
class BasicLogin:
    """User name and password of HTTP basic authentication."""

    username: str
    password: SecretStr

    def header(self) -> str:
        pair = f"{self.username}:{self.password.get_secret_value()}"
        return "Basic " + base64.b64encode(pair.encode()).decode("ascii")

    def problem(self) -> str | None:
        return "must not contain a colon" if ":" in self.username else None

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.password.get_secret_value(), self.header().removeprefix("Basic "))


Auth = PveToken | PbsToken | BearerToken | BasicLogin


@dataclass(frozen=True, slots=True)
class Tls:
    """Which certificate is trusted. A fingerprint wins over everything else.

    `fingerprint` is the SHA-256 of the server's certificate in hex, with or without colons; several are separated by
    commas, since each member of a cluster has a certificate of its own. With `verify`, `ca_file` is the only trusted
    authority, or the system's bundle when it is None.
    """

    verify: bool = True
    ca_file: Path | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """One watched system. `source` is its stable id, `variable_prefix` what its environment variables begin with.

    `tenant` is sent as X-Scope-OrgID (Mimir, Cortex). A source that comes from nightshift.yaml has no prefix:
    errors then name its place in that file. `failover_urls` lead to the same system by other ways, such as the other
    members of a cluster.
    """

    source: str
    kind: SourceKind
    base_url: str
    auth: Auth | None = field(default=None)
    tls: Tls = field(default_factory=Tls)
    variable_prefix: str | None = None
    tenant: str | None = None
    failover_urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self._checked_url())
        others = tuple(replace(self, base_url=url, failover_urls=()).base_url for url in self.failover_urls)
        scheme = urlsplit(self.base_url).scheme
        if any(urlsplit(url).scheme != scheme for url in others):
            same = f"must begin with {scheme}:// as {self.setting('URL')} does"
            raise ConfigError(self.setting("FAILOVER_URLS"), same)
        object.__setattr__(self, "failover_urls", tuple(url for url in others if url != self.base_url))
        object.__setattr__(self, "tls", self._checked_tls())
        problem = self.auth.problem() if self.auth else None
        if problem:
            name = "USERNAME" if isinstance(self.auth, BasicLogin) else _TOKEN_SETTINGS[self.kind]
            raise ConfigError(self.setting(name), problem)
        if self.tenant is not None and not _HEADER_SAFE.fullmatch(self.tenant):
            raise ConfigError(self.setting("TENANT"), "must be printable ASCII without spaces", "homelab")

    def setting(self, name: str) -> str:
        """How the operator calls a setting of this source: `PROXMOX_URL`, or `sources.lab2.url` in the file."""
        if self.variable_prefix:
            return f"{self.variable_prefix}_{name}"
        return f"sources.{self.source}.{name.lower()}"

    @property
    def ways(self) -> tuple[Connection, ...]:
        """This connection by each of its addresses, the usual one first."""
        return tuple(replace(self, base_url=url, failover_urls=()) for url in (self.base_url, *self.failover_urls))

    @property
    def token_setting(self) -> str:
        """The setting that holds the credentials."""
        return self.setting("PASSWORD" if isinstance(self.auth, BasicLogin) else _TOKEN_SETTINGS[self.kind])

    @property
    def host(self) -> str:
        """`host:port` as in the URL; for messages."""
        return urlsplit(self.base_url).netloc

    @property
    def tls_mode(self) -> TlsMode:
        if self.base_url.startswith("http://"):
            return "plain"
        if self.tls.fingerprint:
            return "pinned"
        if not self.tls.verify:
            return "unverified"
        return "ca_file" if self.tls.ca_file else "system"

    @property
    def warning(self) -> str | None:
        """What the operator should know about the safety of this connection, one sentence; None when it is safe."""
        if self.tls_mode == "unverified":
            how = self.setting("CA_CERT")
            if self.kind in ("pve", "pbs"):
                how = f"{self.setting('FINGERPRINT')} (or {self.setting('VERIFY_SSL')}=true and {how})"
            return f"The certificate of {self.host} is not checked, so its token could be read on the way. Set {how}."
        if self.tls_mode == "plain" and self.auth and not _is_loopback(self.base_url):
            return f"The credentials for {self.host} travel unencrypted. Use https:// in {self.setting('URL')}."
        return None

    def headers(self) -> dict[str, str]:
        """The headers that carry credentials and tenant."""
        headers = {}
        if self.auth:
            headers["Authorization"] = self.auth.header()
        if self.tenant:
            headers["X-Scope-OrgID"] = self.tenant
        return headers

    def scrub(self, text: str) -> str:
        """`text` without the credentials, should a server have echoed them."""
        for secret in self._secrets():
            text = text.replace(secret, "***")
        return text

    def _secrets(self) -> tuple[str, ...]:
        if self.auth is None:
            return ()
        if isinstance(self.auth, BasicLogin):
            return tuple(secret for secret in self.auth.secrets if secret)
        token = self.auth.token.get_secret_value().strip()
        secret = token if isinstance(self.auth, BearerToken) else re.split(r"[:=]", token, maxsplit=1)[-1]
        return (secret,) if secret else ()

    def _checked_url(self) -> str:
        variable, example = self.setting("URL"), _EXAMPLE_URLS[self.kind]
        url = self.base_url.strip()
        try:
            parts = urlsplit(url)
            port_is_number = parts.port is None or parts.port > 0
        except ValueError:
            raise ConfigError(variable, "is not a URL", example) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_number:
            raise ConfigError(variable, "must be a URL that begins with https:// or http://", example)
        if parts.username or parts.password:
            raise ConfigError(
                variable, "must not contain a user name or password; they have their own variables", example
            )
        if parts.query or parts.fragment or any(c.isspace() or ord(c) < 32 for c in url):
            raise ConfigError(variable, "must be an address without ?query, #fragment or spaces", example)
        path = parts.path.rstrip("/").removesuffix(_API_SUFFIXES[self.kind]).rstrip("/")
        return f"{parts.scheme}://{parts.netloc}{path}"

    def _checked_tls(self) -> Tls:
        if self.tls.fingerprint is None:
            return self.tls
        pins = tuple(_digits(written) for written in self.tls.fingerprint.split(","))
        if not all(re.fullmatch(r"[0-9a-f]{64}", pin) for pin in pins):
            raise ConfigError(
                self.setting("FINGERPRINT"),
                "is not a SHA-256 fingerprint (64 hexadecimal digits, colons allowed)",
                "AB:CD:… (pvenode cert info, or proxmox-backup-manager cert info)",
            )
        if self.base_url.startswith("http://"):
            raise ConfigError(
                self.setting("URL"),
                "begins with http://, so the fingerprint cannot be checked",
                _EXAMPLE_URLS[self.kind],
            )
        return Tls(self.tls.verify, self.tls.ca_file, ",".join(pins))


def _digits(fingerprint: str) -> str:
    bare = re.sub(r"^sha-?256[:=]", "", fingerprint.strip(), flags=re.IGNORECASE)
    return re.sub(r"[:\s]", "", bare).lower()


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host == "::1" or host.startswith("127.")
