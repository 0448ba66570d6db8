"""Every variable of the environment that Nightshift reads: its default, its meaning, an example.

`docs/configuration.md` and `.env.example` list exactly these (tests/settings/test_docs.py). What belongs to a watched
system stays text here: `systems.py` judges it by the same rules as the further systems of `nightshift.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from nightshift.settings import parse
from nightshift.settings.values import ApiKey

_HOST = re.compile(r"[A-Za-z0-9.\-_]+|\[?[0-9A-Fa-f:.]+\]?")
_DATABASE = re.compile(r"(sqlite|postgresql)(\+[a-z0-9]+)?://.*", re.DOTALL)
_KEY_NAME = re.compile(r"[A-Za-z0-9._\-]+")
_SHORTEST_KEY = 16


def _time_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError("is not a time zone of the IANA list")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("must be a host name or an address, without scheme and port")
    return text


def _host_names(text: str) -> tuple[str, ...]:
    return tuple(_host(name).lower() for name in parse.items(text))


def _database_url(text: SecretStr) -> SecretStr:
    if not _DATABASE.fullmatch(text.get_secret_value()):
        raise ValueError("must begin with sqlite:// or postgresql://")
    return text


def _header_secret(text: SecretStr) -> SecretStr:
    return SecretStr(parse.plain_secret(text.get_secret_value()))


def _api_keys(text: SecretStr) -> tuple[ApiKey, ...]:
    keys = tuple(_api_key(number, item) for number, item in enumerate(parse.items(text.get_secret_value()), start=1))
    if len({key.name for key in keys}) < len(keys):
        raise ValueError("gives two keys the same name")
    if len({key.secret.get_secret_value() for key in keys}) < len(keys):
        raise ValueError("gives two names the same key")
    return keys


def _api_key(number: int, item: str) -> ApiKey:
    name, _, rest = item.partition(":")
    scope, _, secret = rest.partition(":")
    if not _KEY_NAME.fullmatch(name) or not secret:
        raise ValueError(f"entry {number} does not have the form name:scope:key")
    if scope not in ("read", "ask"):
        raise ValueError(f"entry {number} has an unknown scope: it must be read or ask")
    if len(secret) < _SHORTEST_KEY or not secret.isascii() or not secret.isprintable():
        raise ValueError(f"entry {number} has a weak key: use at least {_SHORTEST_KEY} printable ASCII characters")
    return ApiKey(name, "read" if scope == "read" else "ask", SecretStr(secret))


def _sweep_interval(text: str) -> float:
    return parse.duration_s(text, shortest_s=30, longest_s=86400)


def _parsed(parser: Callable[[str], Any]) -> BeforeValidator:
    return BeforeValidator(parser)


def _variable(default: Any, name: str, meaning: str, example: str) -> Any:
    return Field(default=default, validation_alias=name, description=meaning, examples=[example])


Port = Annotated[int, _parsed(parse.port)]
Word = Annotated[SecretStr, AfterValidator(_header_secret)]
Address = Annotated[str, _parsed(parse.base_url)]

_VERIFY = "verify its certificate (`true`, `false`)"
_CA = "PEM file of the CA that signed its certificate; with verification on and no file, the system's CAs are used"
_PIN = "SHA-256 fingerprint of its certificate: pins it, wins over every other TLS setting; several with commas"


class Variables(BaseSettings):
    """The environment as typed values. Nothing is taken from the process itself: `load.py` hands everything in."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, validate_default=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    prometheus_url: str | None = _variable(
        None, "PROMETHEUS_URL", "address of Prometheus, Thanos, Mimir or VictoriaMetrics; a path prefix is allowed",
        "http://prometheus.lan:9090",
    )  # fmt: skip
    prometheus_username: str | None = _variable(None, "PROMETHEUS_USERNAME", "user of HTTP basic auth", "nightshift")
    prometheus_password: SecretStr | None = _variable(
        None, "PROMETHEUS_PASSWORD", "password of HTTP basic auth", "a-password"
    )
    prometheus_bearer_token: SecretStr | None = _variable(
        None, "PROMETHEUS_BEARER_TOKEN", "bearer token, instead of a user and a password", "a-token"
    )
    prometheus_tenant: str | None = _variable(
        None, "PROMETHEUS_TENANT", "tenant of Mimir or Cortex, sent as X-Scope-OrgID", "homelab"
    )
    prometheus_verify_ssl: str = _variable("true", "PROMETHEUS_VERIFY_SSL", _VERIFY, "true")
    prometheus_ca_cert: str | None = _variable(None, "PROMETHEUS_CA_CERT", _CA, "/etc/ssl/homelab-ca.pem")

    grafana_url: str | None = _variable(
        None, "GRAFANA_URL", "address of Grafana; a path prefix is allowed", "http://grafana.lan:3000"
    )
    grafana_token: SecretStr | None = _variable(
        None, "GRAFANA_SERVICE_ACCOUNT_TOKEN", "token of a service account with the role Viewer", "glsa_…"
    )
    grafana_verify_ssl: str = _variable("true", "GRAFANA_VERIFY_SSL", _VERIFY, "true")
    grafana_ca_cert: str | None = _variable(None, "GRAFANA_CA_CERT", _CA, "/etc/ssl/homelab-ca.pem")

    proxmox_url: str | None = _variable(
        None, "PROXMOX_URL", "address of any node of the Proxmox VE cluster", "https://pve1.lan:8006"
    )
    proxmox_failover_urls: str | None = _variable(
        None, "PROXMOX_FAILOVER_URLS", "further nodes of the same cluster, asked when that one does not answer; "
        "comma-separated", "https://pve2.lan:8006,https://pve3.lan:8006",
    )  # fmt: skip
    proxmox_token: SecretStr | None = _variable(
        None, "PROXMOX_API_TOKEN", "API token, `user@realm!tokenid=secret`", "nightshift@pve!read=SECRET"
    )
    proxmox_verify_ssl: str = _variable(
        "false", "PROXMOX_VERIFY_SSL", f"{_VERIFY}; off by default because PVE signs its own, with a warning", "true"
    )
    proxmox_ca_cert: str | None = _variable(None, "PROXMOX_CA_CERT", _CA, "/etc/pve/pve-root-ca.pem")
    proxmox_fingerprint: str | None = _variable(None, "PROXMOX_FINGERPRINT", _PIN, "AB:CD:…:EF")

    pbs_url: str | None = _variable(None, "PBS_URL", "address of Proxmox Backup Server", "https://pbs.lan:8007")
    pbs_token: SecretStr | None = _variable(
        None, "PBS_API_TOKEN", "API token, `user@realm!tokenid:secret`; with `=` it is accepted too",
        "nightshift@pbs!read:SECRET",
    )  # fmt: skip
    pbs_verify_ssl: str = _variable(
        "false", "PBS_VERIFY_SSL", f"{_VERIFY}; off by default because PBS signs its own, with a warning", "true"
    )
    pbs_ca_cert: str | None = _variable(None, "PBS_CA_CERT", _CA, "/etc/ssl/homelab-ca.pem")
    pbs_fingerprint: str | None = _variable(None, "PBS_FINGERPRINT", _PIN, "AB:CD:…:EF")

    openai_api_key: Word | None = _variable(
        None, "OPENAI_API_KEY", "key of an OpenAI-compatible chat model; with neither key nor base URL the built-in "
        "brain answers", "sk-…",
    )  # fmt: skip
    openai_model: str = _variable("gpt-4o-mini", "OPENAI_MODEL", "name of the chat model", "qwen3:14b")
    openai_base_url: Address | None = _variable(
        None, "OPENAI_BASE_URL", "its address when it is not OpenAI's (Ollama, vLLM, llama.cpp, …); needs no key",
        "http://127.0.0.1:11434/v1",
    )  # fmt: skip
    brain: Annotated[Literal["auto", "builtin", "model"], _parsed(parse.one_of("auto", "builtin", "model"))] = (
        _variable("auto", "NIGHTSHIFT_BRAIN", "who answers: `auto` (a model, if set), `builtin` or `model`", "builtin")
    )  # fmt: skip

    runbook_dirs: Annotated[tuple[Path, ...], _parsed(parse.folders)] = _variable(
        (), "RUNBOOK_DIRS", "folders of Markdown runbooks, comma-separated; the starter runbooks by default",
        "/srv/runbooks,/srv/notes",
    )  # fmt: skip

    config: str | None = _variable(
        None, "NIGHTSHIFT_CONFIG", "the YAML file with further systems and thresholds; by default `nightshift.yaml` in "
        "the current folder, if it exists", "/etc/nightshift.yaml",
    )  # fmt: skip
    data_dir: str | None = _variable(
        None, "NIGHTSHIFT_DATA_DIR", "folder for findings and conversations; by default `~/.local/share/nightshift`",
        "/var/lib/nightshift",
    )  # fmt: skip
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] | None = _variable(
        None, "NIGHTSHIFT_DATABASE_URL", "PostgreSQL (or another SQLite file) instead of the one in the data folder",
        "postgresql://nightshift:SECRET@db.lan/nightshift",
    )  # fmt: skip
    host: Annotated[str, _parsed(_host)] = _variable(
        "127.0.0.1", "NIGHTSHIFT_HOST", "address that the API listens on; beyond loopback it needs a key", "0.0.0.0"  # noqa: S104
    )  # fmt: skip
    host_names: Annotated[tuple[str, ...], _parsed(_host_names)] = _variable(
        (), "NIGHTSHIFT_HOST_NAMES", "further names under which the API is reached, as behind a reverse proxy; "
        "comma-separated", "nightshift.lan",
    )  # fmt: skip
    port: Port = _variable(8000, "NIGHTSHIFT_PORT", "port of the API", "8000")
    ui_port: Port = _variable(8501, "NIGHTSHIFT_UI_PORT", "port of the web page", "8501")
    api_url: Address | None = _variable(
        None, "NIGHTSHIFT_API_URL", "the API that the web page calls; by default the one on this machine",
        "http://127.0.0.1:8000",
    )  # fmt: skip
    api_keys: Annotated[tuple[ApiKey, ...], BeforeValidator(lambda text: _api_keys(SecretStr(text)))] = _variable(
        (), "NIGHTSHIFT_API_KEYS", "who may use the API: `name:scope:key`, comma-separated; scope `read` or `ask`",
        "phone:ask:a-long-random-text",
    )  # fmt: skip
    api_key: Word | None = _variable(
        None, "NIGHTSHIFT_API_KEY", "key that the web page sends to the API; by default the first `ask` key of "
        "NIGHTSHIFT_API_KEYS", "a-long-random-text",
    )  # fmt: skip
    sweep_interval_s: Annotated[float, _parsed(_sweep_interval)] = _variable(
        300.0, "NIGHTSHIFT_SWEEP_INTERVAL", "how often the server looks at everything, `30s` to `1d`", "5m"
    )
    zone: Annotated[ZoneInfo, _parsed(_time_zone)] | None = _variable(
        None, "NIGHTSHIFT_TIMEZONE", "time zone in which times are shown and understood; by default this machine's",
        "Europe/Berlin",
    )  # fmt: skip
    embedder: Annotated[Literal["none", "onnx", "openai"], _parsed(parse.one_of("none", "onnx", "openai"))] = _variable(
        "none", "NIGHTSHIFT_EMBEDDER", "embeddings for the runbook search: `none`, `onnx` (on this machine), `openai`",
        "none",
    )  # fmt: skip
    onnx_model: Annotated[Path, _parsed(parse.folder)] | None = _variable(
        None, "NIGHTSHIFT_ONNX_MODEL", "for `onnx`: a folder with model.onnx and tokenizer.json; by default MiniLM, "
        "fetched once (80 MB) by `nightshift runbooks sync`", "/srv/models/all-MiniLM-L6-v2",
    )  # fmt: skip
    embedding_model: str = _variable(
        "text-embedding-3-small", "NIGHTSHIFT_EMBEDDING_MODEL", "for `openai`: name of the embedding model",
        "nomic-embed-text",
    )  # fmt: skip
    embedding_base_url: Address | None = _variable(
        None, "NIGHTSHIFT_EMBEDDING_BASE_URL", "for `openai`: its address, if it is not that of OPENAI_BASE_URL",
        "http://127.0.0.1:11434/v1",
    )  # fmt: skip
    embedding_api_key: Word | None = _variable(
        None, "NIGHTSHIFT_EMBEDDING_API_KEY", "for `openai`: its key, if it is not that of OPENAI_API_KEY", "sk-…"
    )
    chroma_url: Address | None = _variable(
        None, "CHROMA_URL", "a Chroma server for the embeddings; by default they are kept in the data folder",
        "http://chroma.lan:8000",
    )  # fmt: skip
    masking: Annotated[Literal["secrets", "names"], _parsed(parse.one_of("secrets", "names"))] = _variable(
        "secrets", "NIGHTSHIFT_MASKING", "what a model never sees: `secrets`, or host and guest `names` too", "secrets"
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _parsed(parse.one_of("debug", "info", "warning", "error"))
    ] = _variable("warning", "NIGHTSHIFT_LOG_LEVEL", "how much is logged: `debug`, `info`, `warning`, `error`", "info")
