"""Every wrong value: the message names the variable and what is wrong, and holds the value nowhere."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from nightshift.errors import ConfigError
from nightshift.settings import ConfigProblems, load_settings

PVE = {"PROXMOX_URL": "https://pve1.lan:8006", "PROXMOX_API_TOKEN": "nightshift@pve!read=s3cr3t-pve"}
PBS = {"PBS_URL": "https://pbs.lan:8007", "PBS_API_TOKEN": "nightshift@pbs!read:s3cr3t-pbs"}
PROMETHEUS = {"PROMETHEUS_URL": "http://prometheus.lan:9090"}
GRAFANA = {"GRAFANA_URL": "http://grafana.lan:3000", "GRAFANA_SERVICE_ACCOUNT_TOKEN": "glsa_s3cr3t"}
SHA1 = ":".join(["ab"] * 20)

WRONG = [
    # what is set, the variable that is named, words of the message
    (PROMETHEUS, "PROMETHEUS_URL", "prom-host:9090", "has no scheme"),
    (PROMETHEUS, "PROMETHEUS_URL", "prom-host", "has no scheme"),
    (PROMETHEUS, "PROMETHEUS_URL", "ftp://prom-host", "must begin with http:// or https://"),
    (PROMETHEUS, "PROMETHEUS_URL", "http://prom-host:99999", "port"),
    (PROMETHEUS, "PROMETHEUS_URL", "http://prom-host:0", "port"),
    (PROMETHEUS, "PROMETHEUS_URL", "http://prom-host:ninety", "port"),
    (PROMETHEUS, "PROMETHEUS_URL", "http:///metricspath", "names no host"),
    (PROMETHEUS, "PROMETHEUS_URL", "http://prom host", "white space"),
    (PROMETHEUS, "PROMETHEUS_URL", "http://prom-host/?queryhere=1", "leave out everything from ? or # on"),
    (PROMETHEUS, "PROMETHEUS_URL", "http://[::1", "is not a valid address"),
    (PROMETHEUS, "PROMETHEUS_URL", "http://hidden-user:hidden-word@prom-host",
     "PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD"),
    (PROMETHEUS, "PROMETHEUS_VERIFY_SSL", "perhaps", "must be true or false"),
    (PROMETHEUS, "PROMETHEUS_CA_CERT", "/nowhere/hidden-ca.pem", "names no file"),
    (PROMETHEUS, "PROMETHEUS_BEARER_TOKEN", "hidden tök", "no HTTP header can carry"),
    (PROMETHEUS, "PROMETHEUS_TENANT", "tänant", "printable ASCII"),
    (GRAFANA, "GRAFANA_URL", "https://hidden-user:hidden-word@graf", "GRAFANA_SERVICE_ACCOUNT_TOKEN"),
    (GRAFANA, "GRAFANA_SERVICE_ACCOUNT_TOKEN", "glsa_“hidden”", "no HTTP header can carry"),
    (PVE, "PROXMOX_URL", "pve-hidden:8006", "has no scheme"),
    (PVE, "PROXMOX_URL", "https://root:hidden-word@pve", "PROXMOX_API_TOKEN"),
    (PVE, "PROXMOX_URL", "https://pve-hidden:8006/#v1:0:18", "leave out everything from ? or # on"),
    (PVE, "PROXMOX_API_TOKEN", "hidden-uuid-only", "must be the whole token"),
    (PVE, "PROXMOX_API_TOKEN", "root@pam=hiddenword", "must be the whole token"),
    (PVE, "PROXMOX_API_TOKEN", "root@pam!hiddenid", "has no secret after the token id"),
    (PVE, "PROXMOX_API_TOKEN", "root@pam!hidden=", "does not have the form user@realm!tokenid=secret"),
    (PVE, "PROXMOX_API_TOKEN", "root@pam!hid den=word", "does not have the form user@realm!tokenid=secret"),
    (PVE, "PROXMOX_API_TOKEN", "root@pam!hidden:word", "has no secret after the token id"),
    (PVE, "PROXMOX_VERIFY_SSL", "sometimes", "must be true or false"),
    (PVE, "PROXMOX_FINGERPRINT", SHA1, "is a SHA-1 fingerprint"),
    (PVE, "PROXMOX_FINGERPRINT", "ab:cd:hidden", "64 hexadecimal digits"),
    (PBS, "PBS_API_TOKEN", "backup@pbs", "must be the whole token"),
    (PBS, "PBS_API_TOKEN", "backup@pbs!hidden", "has no secret after the token id"),
    (PBS, "PBS_FINGERPRINT", "hidden", "64 hexadecimal digits"),
    (PBS, "PBS_CA_CERT", "/nowhere/hidden-ca.pem", "names no file"),
    ({}, "OPENAI_BASE_URL", "llm-hidden:11434/v1", "has no scheme"),
    ({}, "OPENAI_BASE_URL", "http://hidden-user:hidden-word@llm/v1", "user name or a password"),
    ({}, "OPENAI_API_KEY", "sk-“hidden”", "no HTTP header can carry"),
    ({}, "NIGHTSHIFT_BRAIN", "clever", "must be one of auto, builtin, model"),
    ({}, "NIGHTSHIFT_BRAIN", "model", "OPENAI_API_KEY, or OPENAI_BASE_URL"),
    ({}, "RUNBOOK_DIRS", "/nowhere/hidden", "names no existing folder in entry 1"),
    ({}, "NIGHTSHIFT_CONFIG", "/nowhere/hidden.yaml", "names no file"),
    ({}, "NIGHTSHIFT_DATABASE_URL", "mysql://hidden:word@db/x", "sqlite:// or postgresql://"),
    ({}, "NIGHTSHIFT_HOST", "http://hidden:8000", "without scheme and port"),
    ({}, "NIGHTSHIFT_PORT", "99999", "from 1 to 65535"),
    ({}, "NIGHTSHIFT_PORT", "0", "from 1 to 65535"),
    ({}, "NIGHTSHIFT_UI_PORT", "eighty", "from 1 to 65535"),
    ({}, "NIGHTSHIFT_API_URL", "hidden:8000", "has no scheme"),
    ({}, "NIGHTSHIFT_API_KEYS", "hidden-key-without-name", "entry 1 does not have the form name:scope:key"),
    ({}, "NIGHTSHIFT_API_KEYS", "a:admin:hidden-key-0123456789", "entry 1 has an unknown scope"),
    ({}, "NIGHTSHIFT_API_KEYS", "a:ask:hidden", "entry 1 has a weak key"),
    ({}, "NIGHTSHIFT_API_KEYS", "a:ask:hidden-key-0123456789,a:read:hidden-key-9876543210", "two keys the same name"),
    ({}, "NIGHTSHIFT_API_KEYS", "a:ask:hidden-key-0123456789,b:read:hidden-key-0123456789", "two names the same key"),
    ({}, "NIGHTSHIFT_SWEEP_INTERVAL", "300", "a duration with a unit"),
    ({}, "NIGHTSHIFT_SWEEP_INTERVAL", "5 minutes", "a duration with a unit"),
    ({}, "NIGHTSHIFT_SWEEP_INTERVAL", "1s", "must be between 30 s"),
    ({}, "NIGHTSHIFT_TIMEZONE", "Mars/Olympus", "is not a time zone"),
    ({}, "NIGHTSHIFT_TIMEZONE", "../../etc/passwd", "is not a time zone"),
    ({}, "NIGHTSHIFT_EMBEDDER", "word2vec", "must be one of none, onnx, openai"),
    ({}, "NIGHTSHIFT_MASKING", "nothing", "must be one of secrets, names"),
    ({}, "NIGHTSHIFT_LOG_LEVEL", "loud", "must be one of debug, info, warning, error"),
]  # fmt: skip


def shown(error: BaseException) -> str:
    """Everything that a person could get to see of an error: text, repr, traceback with causes and contexts."""
    texts = [str(error), repr(error), *traceback.format_exception(error)]
    for inner in (error.__cause__, error.__context__, *getattr(error, "problems", ())):
        if inner is not None:
            texts += [str(inner), repr(inner)]
    return "\n".join(texts)


@pytest.mark.parametrize(("base", "variable", "value", "words"), WRONG, ids=[f"{row[1]}-{row[3]}" for row in WRONG])
def test_a_wrong_value_is_named_and_never_shown(base: dict[str, str], variable: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings({**base, variable: value})
    error = caught.value
    assert error.variable == variable
    assert words in str(error)
    assert (error.__cause__, error.__context__) == (None, None)
    text = shown(error)
    for part in ("hidden", "s3cr3t", value):
        # What a message may say of its own accord (`model`, `0`) is no leak.
        assert part not in text or part in words or len(part) < 6


HALF = [
    ({"PROXMOX_URL": "https://pve1.lan:8006"}, "PROXMOX_API_TOKEN", "PROXMOX_URL"),
    ({"PROXMOX_API_TOKEN": "a@pve!b=c"}, "PROXMOX_URL", "PROXMOX_API_TOKEN"),
    ({"PBS_URL": "https://pbs.lan:8007"}, "PBS_API_TOKEN", "PBS_URL"),
    ({"PBS_API_TOKEN": "a@pbs!b=c"}, "PBS_URL", "PBS_API_TOKEN"),
    ({"GRAFANA_URL": "http://grafana.lan:3000"}, "GRAFANA_SERVICE_ACCOUNT_TOKEN", "GRAFANA_URL"),
    ({"GRAFANA_SERVICE_ACCOUNT_TOKEN": "glsa_x"}, "GRAFANA_URL", "GRAFANA_SERVICE_ACCOUNT_TOKEN"),
    ({"PROMETHEUS_BEARER_TOKEN": "x"}, "PROMETHEUS_URL", "PROMETHEUS_BEARER_TOKEN"),
    ({**PROMETHEUS, "PROMETHEUS_USERNAME": "me"}, "PROMETHEUS_PASSWORD", "PROMETHEUS_USERNAME"),
    ({**PROMETHEUS, "PROMETHEUS_PASSWORD": "x"}, "PROMETHEUS_USERNAME", "PROMETHEUS_PASSWORD"),
]


@pytest.mark.parametrize(("environ", "missing", "given"), HALF, ids=[row[1] + "-" + row[2] for row in HALF])
def test_half_a_pair_names_the_missing_half(environ: dict[str, str], missing: str, given: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ)
    assert caught.value.variable == missing
    assert f"is missing, while {given} is set" in str(caught.value)


def test_both_kinds_of_login_at_once_are_refused() -> None:
    environ = {**PROMETHEUS, "PROMETHEUS_USERNAME": "a", "PROMETHEUS_PASSWORD": "b", "PROMETHEUS_BEARER_TOKEN": "c"}
    with pytest.raises(ConfigError, match="cannot be used together with PROMETHEUS_USERNAME") as caught:
        load_settings(environ)
    assert caught.value.variable == "PROMETHEUS_BEARER_TOKEN"


def test_all_problems_are_reported_at_once() -> None:
    environ = {
        "NIGHTSHIFT_PORT": "hidden-port",
        "NIGHTSHIFT_TIMEZONE": "hidden/zone",
        "PROXMOX_URL": "hidden-pve:8006",
        "PROXMOX_API_TOKEN": "hidden-token",
        "PBS_API_TOKEN": "a@pbs!b=hidden",
        "NIGHTSHIFT_CONFIG": "/nowhere/hidden.yaml",
    }
    with pytest.raises(ConfigProblems) as caught:
        load_settings(environ)
    named = {problem.variable for problem in caught.value.problems}
    assert named == {"NIGHTSHIFT_PORT", "NIGHTSHIFT_TIMEZONE", "PROXMOX_URL", "PROXMOX_API_TOKEN", "PBS_URL",
                     "NIGHTSHIFT_CONFIG"}  # fmt: skip
    assert len(str(caught.value).splitlines()) == 6
    assert "hidden" not in shown(caught.value)


def test_a_ca_file_must_hold_a_certificate_and_be_readable(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("not a certificate")
    with pytest.raises(ConfigError, match="PROXMOX_CA_CERT: names a file that holds no PEM certificate"):
        load_settings({**PVE, "PROXMOX_CA_CERT": str(file)})
    with pytest.raises(ConfigError, match="PROXMOX_CA_CERT: names no file"):
        load_settings({**PVE, "PROXMOX_CA_CERT": str(tmp_path)})


@pytest.mark.parametrize(("content", "words"), [(b"\xff\xfe\x00", "it is not UTF-8 text"), (None, "cannot be read")])
def test_an_unreadable_dotenv_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / ".env"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        load_settings({}, dotenv=file)


def test_settings_show_no_secret() -> None:
    keys = "me:ask:s3cr3t-key-0123456789"
    basic = {"PROMETHEUS_USERNAME": "me", "PROMETHEUS_PASSWORD": "s3cr3t-word"}
    database = "postgresql://me:s3cr3t@db/x"
    settings = load_settings({
        **PVE, **PBS, **PROMETHEUS, **GRAFANA, **basic, "OPENAI_API_KEY": "sk-s3cr3t",
        "NIGHTSHIFT_API_KEYS": keys, "NIGHTSHIFT_DATABASE_URL": database,
    })  # fmt: skip
    assert "s3cr3t" not in repr(settings) + str(settings)
    known = {secret.get_secret_value() for secret in settings.secrets}
    assert {"s3cr3t-pve", "s3cr3t-pbs", "s3cr3t-word", "glsa_s3cr3t", "sk-s3cr3t", "s3cr3t-key-0123456789"} <= known
