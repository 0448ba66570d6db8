"""What is right is understood: values, defaults, precedence, connections, warnings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from nightshift.checks.thresholds import Thresholds
from nightshift.errors import ConfigError
from nightshift.settings import ApiKey, BrainSettings, ServerSettings, load_settings, local_zone
from nightshift.sources.connection import BasicLogin, BearerToken, Connection, PbsToken, PveToken, Tls

HEX = "ab" * 32
COLONS = ":".join(["AB"] * 32)
PVE = {"PROXMOX_URL": "https://pve1.lan:8006", "PROXMOX_API_TOKEN": "a@pve!b=c"}
PBS = {"PBS_URL": "https://pbs.lan:8007", "PBS_API_TOKEN": "a@pbs!b:c"}
PROMETHEUS = {"PROMETHEUS_URL": "http://prometheus.lan:9090"}
GRAFANA = {"GRAFANA_URL": "http://grafana.lan:3000", "GRAFANA_SERVICE_ACCOUNT_TOKEN": "glsa_x"}


def test_nothing_set_gives_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    settings = load_settings({})
    assert settings.connections == ()
    assert settings.brain == BrainSettings("auto", "gpt-4o-mini", None, None)
    assert not settings.brain.uses_model
    assert settings.server == ServerSettings("127.0.0.1", 8000, 8501, "http://127.0.0.1:8000", ())
    assert settings.data_dir == Path.home() / ".local" / "share" / "nightshift"
    assert (settings.database_url, settings.sweep_interval_s, settings.runbook_dirs) == (None, 300.0, ())
    assert (settings.embedder.kind, settings.masking, settings.log_level) == ("none", "secrets", "warning")
    assert (settings.thresholds, settings.warnings) == (Thresholds(), ())


def test_each_system_becomes_a_connection() -> None:
    settings = load_settings({
        **PVE, **PBS, **PROMETHEUS, **GRAFANA, "PROXMOX_FINGERPRINT": COLONS, "PBS_FINGERPRINT": HEX,
        "PROMETHEUS_TENANT": "homelab", "PROMETHEUS_BEARER_TOKEN": "Bearer t",
    })  # fmt: skip
    assert settings.connections == (
        Connection("prometheus", "prometheus", "http://prometheus.lan:9090", BearerToken(SecretStr("t")), Tls(True),
                   "PROMETHEUS", "homelab"),
        Connection("grafana", "grafana", "http://grafana.lan:3000", BearerToken(SecretStr("glsa_x")), Tls(True),
                   "GRAFANA"),
        Connection("pve", "pve", "https://pve1.lan:8006", PveToken(SecretStr("a@pve!b=c")), Tls(False, None, HEX),
                   "PROXMOX"),
        Connection("pbs", "pbs", "https://pbs.lan:8007", PbsToken(SecretStr("a@pbs!b:c")), Tls(False, None, HEX),
                   "PBS"),
    )  # fmt: skip
    assert settings.connections_of("pbs") == settings.connections[3:]


@pytest.mark.parametrize(
    ("variable", "text", "wanted"),
    [
        ("PROMETHEUS_URL", "http://prometheus.lan:9090/", "http://prometheus.lan:9090"),
        ("PROMETHEUS_URL", "https://metrics.lan/prometheus//", "https://metrics.lan/prometheus"),
        ("PROMETHEUS_URL", " https://metrics.lan ", "https://metrics.lan"),
        ("PROMETHEUS_URL", "http://[::1]:9090", "http://[::1]:9090"),
    ],
)
def test_addresses_are_tidied(variable: str, text: str, wanted: str) -> None:
    assert load_settings({variable: text}).connections[0].base_url == wanted


@pytest.mark.parametrize("text", ["a@pbs!b:c", "a@pbs!b=c", "PBSAPIToken=a@pbs!b:c"])
def test_every_way_to_write_a_pbs_token(text: str) -> None:
    assert load_settings({**PBS, "PBS_API_TOKEN": text}).connections[0].auth == PbsToken(SecretStr("a@pbs!b:c"))


@pytest.mark.parametrize("text", ["a.b-c@some.realm!token-id_1.x=0-1", "PVEAPIToken=a.b-c@some.realm!token-id_1.x=0-1"])
def test_every_way_to_write_a_pve_token(text: str) -> None:
    auth = load_settings({**PVE, "PROXMOX_API_TOKEN": text}).connections[0].auth
    assert auth == PveToken(SecretStr("a.b-c@some.realm!token-id_1.x=0-1"))


@pytest.mark.parametrize("text", [COLONS, COLONS.lower(), HEX, f"sha256 Fingerprint={COLONS}"])
def test_every_way_to_write_a_fingerprint(text: str) -> None:
    connection = load_settings({**PVE, "PROXMOX_FINGERPRINT": text}).connections[0]
    assert (connection.tls.fingerprint, connection.tls_mode) == (HEX, "pinned")


@pytest.mark.parametrize(
    ("extra", "mode"),
    [
        ({}, "unverified"),
        ({"PROXMOX_VERIFY_SSL": "true"}, "system"),
        ({"PROXMOX_VERIFY_SSL": "true", "PROXMOX_CA_CERT": ""}, "system"),
        ({"PROXMOX_VERIFY_SSL": "no", "PROXMOX_FINGERPRINT": HEX}, "pinned"),
        ({"PROXMOX_VERIFY_SSL": "YES", "PROXMOX_FINGERPRINT": HEX}, "pinned"),
    ],
)
def test_trust_in_pve(extra: dict[str, str], mode: str) -> None:
    settings = load_settings({**PVE, **extra})
    assert settings.connections[0].tls_mode == mode
    assert [("PROXMOX_FINGERPRINT" in text) for text in settings.warnings] == [True] * (mode == "unverified")


def test_basic_login_of_prometheus() -> None:
    environ = {**PROMETHEUS, "PROMETHEUS_USERNAME": "me", "PROMETHEUS_PASSWORD": "pass word: ü"}
    assert load_settings(environ).connections[0].auth == BasicLogin("me", SecretStr("pass word: ü"))


def test_own_settings_are_parsed(tmp_path: Path) -> None:
    settings = load_settings({
        "NIGHTSHIFT_DATA_DIR": str(tmp_path), "NIGHTSHIFT_HOST": "0.0.0.0", "NIGHTSHIFT_PORT": "9000",
        "NIGHTSHIFT_UI_PORT": "9001", "NIGHTSHIFT_SWEEP_INTERVAL": "1h 30m", "NIGHTSHIFT_TIMEZONE": "Europe/Berlin",
        "NIGHTSHIFT_MASKING": "Names", "NIGHTSHIFT_LOG_LEVEL": "INFO",
        "RUNBOOK_DIRS": f"{tmp_path}, {tmp_path.parent},",
        "NIGHTSHIFT_API_KEYS": "me:ask:a-long-random:text, wall:read:another-long-text",
        "NIGHTSHIFT_DATABASE_URL": "postgresql+psycopg://u:p@h/d",
        "OPENAI_BASE_URL": "http://127.0.0.1:11434/v1/", "OPENAI_MODEL": "qwen3:14b",
    })  # fmt: skip
    keys = (
        ApiKey("me", "ask", SecretStr("a-long-random:text")),
        ApiKey("wall", "read", SecretStr("another-long-text")),
    )
    assert settings.server == ServerSettings(
        "0.0.0.0", 9000, 9001, "http://127.0.0.1:9000", keys, SecretStr("a-long-random:text")
    )
    assert settings.data_dir == tmp_path
    assert settings.runbook_dirs == (tmp_path, tmp_path.parent)
    assert (settings.sweep_interval_s, settings.zone) == (5400.0, ZoneInfo("Europe/Berlin"))
    assert (settings.masking, settings.log_level) == ("names", "info")
    assert settings.brain == BrainSettings("auto", "qwen3:14b", "http://127.0.0.1:11434/v1", None)
    assert settings.database_url == SecretStr("postgresql+psycopg://u:p@h/d")


@pytest.mark.parametrize(
    ("environ", "uses_model"),
    [
        ({}, False),
        ({"OPENAI_API_KEY": "sk-x"}, True),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}, True),
        ({"OPENAI_API_KEY": "sk-x", "NIGHTSHIFT_BRAIN": "builtin"}, False),
        ({"OPENAI_API_KEY": "sk-x", "NIGHTSHIFT_BRAIN": "model"}, True),
    ],
)
def test_who_answers(environ: dict[str, str], uses_model: bool) -> None:
    assert load_settings(environ).brain.uses_model is uses_model


@pytest.mark.parametrize(
    ("host", "api_url"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://127.0.0.1:8000"),
     ("::1", "http://[::1]:8000"), ("nas.lan", "http://nas.lan:8000")],
)  # fmt: skip
def test_the_page_calls_the_api_where_it_listens(host: str, api_url: str) -> None:
    assert load_settings({"NIGHTSHIFT_HOST": host}).server.api_url == api_url


def test_the_environment_wins_over_dotenv_even_when_empty(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("NIGHTSHIFT_PORT=9000\nNIGHTSHIFT_UI_PORT=9001\nNIGHTSHIFT_HOST='nas.lan'\n")
    settings = load_settings({"NIGHTSHIFT_PORT": "9100", "NIGHTSHIFT_UI_PORT": ""}, dotenv=file)
    assert (settings.server.port, settings.server.ui_port, settings.server.host) == (9100, 8501, "nas.lan")


def test_a_dollar_in_a_dotenv_password_stays_a_dollar(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PROMETHEUS_URL=http://p.lan\nPROMETHEUS_USERNAME=me\nPROMETHEUS_PASSWORD='a${HOME}b'\n")
    assert load_settings({}, dotenv=file).connections[0].auth == BasicLogin("me", SecretStr("a${HOME}b"))


def test_files_of_the_current_folder_are_read_only_for_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("NIGHTSHIFT_PORT=9000\nLAB_TOKEN=a@pve!b=c\n")
    (tmp_path / "nightshift.yaml").write_text(
        "sources: [{id: lab, kind: pve, url: 'https://lab:8006', token: '${LAB_TOKEN}'}]"
    )
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert (settings.server.port, [item.source for item in settings.connections]) == (9000, ["lab"])
    assert load_settings({}).connections == ()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("PROXMOX_TOKEN", "PROXMOX_TOKEN is not a setting; did you mean PROXMOX_API_TOKEN?"),
        ("PROXMOX_APITOKEN", "PROXMOX_APITOKEN is not a setting; did you mean PROXMOX_API_TOKEN?"),
        ("GRAFANA_SERVICE_ACOUNT_TOKEN",
         "GRAFANA_SERVICE_ACOUNT_TOKEN is not a setting; did you mean GRAFANA_SERVICE_ACCOUNT_TOKEN?"),
        ("NIGHTSHIFT_COLOUR", "NIGHTSHIFT_COLOUR is not a setting."),
        ("GRAFANA_PORT_3000_TCP", None),
        ("NIGHTSHIFT_DEMO_ONCE", None),
        ("HOME", None),
    ],
)  # fmt: skip
def test_a_typo_gives_a_warning(name: str, sentence: str | None) -> None:
    assert load_settings({name: "x"}).warnings == ((sentence,) if sentence else ())


def test_an_embedding_server_never_sees_names_that_must_be_masked() -> None:
    environ = {"NIGHTSHIFT_EMBEDDER": "openai", "OPENAI_API_KEY": "sk-1", "NIGHTSHIFT_MASKING": "names"}
    settings = load_settings(environ)
    (warning,) = settings.warnings
    assert warning.startswith("NIGHTSHIFT_EMBEDDER=openai has no effect with NIGHTSHIFT_MASKING=names")
    assert settings.embedder.kind == "none"


def test_an_embedder_of_ones_own() -> None:
    chat = {"OPENAI_API_KEY": "sk-chat", "OPENAI_BASE_URL": "http://chat.lan/v1"}
    shared = load_settings({"NIGHTSHIFT_EMBEDDER": "openai", **chat}).embedder
    assert (shared.base_url, shared.api_key and shared.api_key.get_secret_value()) == ("http://chat.lan/v1", "sk-chat")
    other = {"NIGHTSHIFT_EMBEDDING_BASE_URL": "http://vectors.lan/v1", "NIGHTSHIFT_EMBEDDING_MODEL": "nomic"}
    own = load_settings({"NIGHTSHIFT_EMBEDDER": "openai", **chat, **other}).embedder
    assert (own.base_url, own.model, own.api_key) == ("http://vectors.lan/v1", "nomic", None)
    keyed = load_settings({"NIGHTSHIFT_EMBEDDER": "openai", **other, "NIGHTSHIFT_EMBEDDING_API_KEY": "sk-vectors"})
    assert "sk-vectors" in {secret.get_secret_value() for secret in keyed.secrets}
    assert load_settings({"CHROMA_URL": "http://chroma.lan:8000/"}).chroma_url == "http://chroma.lan:8000"


def test_an_embedder_without_a_server_is_no_embedder() -> None:
    with pytest.raises(ConfigError, match="no server is set"):
        load_settings({"NIGHTSHIFT_EMBEDDER": "openai"})


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        load_settings({}).masking = "names"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["Europe/Berlin", ":America/New_York"])
def test_the_machine_s_zone_is_known_by_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TZ", name)
    assert local_zone() == ZoneInfo(name.removeprefix(":"))


def test_a_zone_that_has_no_name_keeps_its_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "no/such zone")
    assert datetime(2026, 1, 1, tzinfo=local_zone()).utcoffset() is not None
