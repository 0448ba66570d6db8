"""The settings as the rest of the program gets them: frozen, typed, secrets wrapped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from nightshift.checks.policy import Policy
from nightshift.checks.thresholds import Thresholds
from nightshift.knowledge.embedding import EmbedderSettings
from nightshift.sources.connection import BasicLogin, Connection

BrainMode = Literal["auto", "builtin", "model"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of the API. `read` may look at findings and conversations, `ask` may ask as well."""

    name: str
    scope: Literal["read", "ask"]
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class BrainSettings:
    """Who answers. `base_url` is None for OpenAI itself; a local server needs no `api_key`."""

    mode: BrainMode
    model: str
    base_url: str | None
    api_key: SecretStr | None

    @property
    def uses_model(self) -> bool:
        """Whether a chat model is to be asked at all."""
        return self.mode != "builtin" and (self.api_key is not None or self.base_url is not None)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the API and the web page listen, and who may use them.

    `api_url` is what the web page calls, `page_key` the key that it sends, if there is one. `host_names` are further
    names (lower case) that the API answers to, such as a reverse proxy's.
    """

    host: str
    port: int
    ui_port: int
    api_url: str
    api_keys: tuple[ApiKey, ...]
    page_key: SecretStr | None = None
    host_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the operator can set.

    `connections` are the configured systems in the order prometheus, grafana, pve, pbs, then those of nightshift.yaml.
    Empty `runbook_dirs` mean the starter runbooks; `chroma_url` None keeps their vectors in `data_dir`;
    `database_url` None means the SQLite file in `data_dir`.
    `zone` is the viewer's. `thresholds` are the numbers that nightshift.yaml changes, by name, `policy` what it
    says of checks and exclusions. `warnings` are sentences
    that the operator should see, such as a certificate that nobody checks.
    """

    connections: tuple[Connection, ...]
    brain: BrainSettings
    server: ServerSettings
    runbook_dirs: tuple[Path, ...]
    data_dir: Path
    database_url: SecretStr | None
    sweep_interval_s: float
    zone: tzinfo
    embedder: EmbedderSettings
    masking: Literal["secrets", "names"]
    log_level: Literal["debug", "info", "warning", "error"]
    thresholds: Thresholds
    policy: Policy = field(default_factory=Policy)
    warnings: tuple[str, ...] = ()
    chroma_url: str | None = None

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """Every secret of the settings, tokens whole and their secret part: what must reach no model and no log."""
        credentials = (_credential_of(connection) for connection in self.connections)
        own = (self.brain.api_key, self.embedder.api_key, self.database_url, self.server.page_key)
        keys = (key.secret for key in self.server.api_keys)
        whole = [secret for secret in (*credentials, *own, *keys) if secret is not None]
        parts = (re.split(r"[=:]", secret.get_secret_value(), maxsplit=1)[-1] for secret in whole)
        return (*whole, *(SecretStr(part) for part in parts if part))

    def connections_of(self, kind: str) -> tuple[Connection, ...]:
        """The connections of one kind: `pve`, `pbs`, `prometheus` or `grafana`."""
        return tuple(connection for connection in self.connections if connection.kind == kind)


def _credential_of(connection: Connection) -> SecretStr | None:
    if isinstance(connection.auth, BasicLogin):
        return connection.auth.password
    return connection.auth.token if connection.auth else None
