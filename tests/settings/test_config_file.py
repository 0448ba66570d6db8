"""nightshift.yaml: further systems and thresholds, and mistakes named by their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from nightshift.checks.thresholds import Thresholds
from nightshift.errors import ConfigError
from nightshift.settings import ConfigProblems, load_settings
from nightshift.sources.connection import BasicLogin, Connection, PbsToken, PveToken, Tls

ENVIRON = {"TOKEN": "a@pve!b=c", "BACKUP_TOKEN": "a@pbs!b=c", "WORD": "pass", "DOMAIN": "lan"}


def load(tmp_path: Path, text: str, environ: dict[str, str] | None = None):
    file = tmp_path / "nightshift.yaml"
    file.write_text(text)
    return load_settings(ENVIRON if environ is None else environ, config_file=file)


def test_further_systems_follow_those_of_the_environment(tmp_path: Path) -> None:
    environ = {**ENVIRON, "PROXMOX_URL": "https://pve1.lan:8006", "PROXMOX_API_TOKEN": "x@pve!y=z"}
    text = """
sources:
  - {id: pve-attic, kind: pve, url: "https://attic.${DOMAIN}:8006/", token: "${TOKEN}"}
  - id: pbs_2
    kind: pbs
    url: https://pbs2.lan:8007
    token: ${BACKUP_TOKEN}
    verify_ssl: true
    ca_cert:
  - id: mimir
    kind: prometheus
    url: https://metrics.lan/prometheus
    username: me
    password: ${WORD}
    tenant: homelab
"""
    settings = load(tmp_path, text, environ)
    assert settings.connections[1:] == (
        Connection("pve-attic", "pve", "https://attic.lan:8006", PveToken(SecretStr("a@pve!b=c")), Tls(False)),
        Connection("pbs_2", "pbs", "https://pbs2.lan:8007", PbsToken(SecretStr("a@pbs!b:c")), Tls(True)),
        Connection("mimir", "prometheus", "https://metrics.lan/prometheus", BasicLogin("me", SecretStr("pass")),
                   Tls(True), None, "homelab"),
    )  # fmt: skip
    assert [item.source for item in settings.connections] == ["pve", "pve-attic", "pbs_2", "mimir"]
    assert any("attic.lan" in warning for warning in settings.warnings)


def test_thresholds(tmp_path: Path) -> None:
    settings = load(tmp_path, "thresholds:\n  storage_warning: 0.8\n  restarts_warning: 5\n")
    assert settings.thresholds == Thresholds(storage_warning=0.8, restarts_warning=5)
    assert isinstance(settings.thresholds.restarts_warning, int)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "sources: []\n", "---\n"])
def test_an_empty_file_says_nothing(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text).connections == ()


def test_failover_urls_are_judged(tmp_path: Path) -> None:
    row = "{id: a, kind: pve, url: 'https://a:8006', failover_urls: ['%s'], token: '${TOKEN}', fingerprint: %s}"
    good = load(tmp_path, f"sources: [{row % ('https://b:8006', 'ab' * 32)}]")
    assert (good.connections[0].failover_urls, good.warnings) == (("https://b:8006",), ())
    with pytest.raises(ConfigError, match="failover_urls: has no scheme"):
        load(tmp_path, f"sources: [{row % ('hidden:8006', 'ab' * 32)}]")


SOURCE = "sources:\n  - id: a\n    kind: pve\n    url: https://a:8006\n    token: ${TOKEN}\n"
WRONG = [
    ("sourcs: []\n", "nightshift.yaml line 1, sourcs: is not a key of this file; did you mean sources?"),
    ("- a\n", "nightshift.yaml line 1: must be a mapping"),
    ("sources: {}\n", "nightshift.yaml line 1, sources: must be a list of systems"),
    ("sources: [1]\n", "nightshift.yaml line 1, sources[0]: must be a mapping with id, kind, url and a token"),
    ("thresholds:\n  storage_waring: 1\n",
     "nightshift.yaml line 2, thresholds.storage_waring: is not a threshold; did you mean storage_warning?"),
    ("thresholds:\n  storage_warning: hidden\n", "line 2, thresholds.storage_warning: must be a number of 0 or more"),
    ("thresholds:\n  storage_warning: -1\n", "line 2, thresholds.storage_warning: must be a number of 0 or more"),
    ("thresholds:\n  storage_warning: .nan\n", "line 2, thresholds.storage_warning: must be a number of 0 or more"),
    ("thresholds:\n  restarts_warning: 1.5\n", "line 2, thresholds.restarts_warning: must be a whole number"),
    ("thresholds:\n  gc_age_warning_s: hidden\n", "line 2, thresholds.gc_age_warning_s: must be seconds or a duration"),
    ("thresholds:\n  absences: 1\n", "line 2, thresholds.absences: is not a threshold"),
    ("thresholds:\n  storage_warning: [1]\n", "line 2, thresholds.storage_warning: must be a single value"),
    ("sources:\n  - kind: pve\n", "nightshift.yaml line 2, sources[0]: has no id"),
    ("sources:\n  - id: a\n", "nightshift.yaml line 2, sources[0]: has no kind"),
    ("sources:\n  - id: pve\n    kind: pve\n    url: https://a:8006\n    token: ${TOKEN}\n",
     "sources[0]: has an id that another system has already"),
    ("sources:\n  - id: UPPER\n    kind: pve\n", "line 2, sources[0].id: must be lower-case letters"),
    ("sources:\n  - id: a\n    kind: hidden\n",
     "line 3, sources[0].kind: must be one of prometheus, grafana, pve, pbs"),
    ("sources:\n  - id: a\n    kind: pve\n    token: ${TOKEN}\n", "sources[0].url: is missing, while TOKEN"),
    ("sources:\n  - id: a\n    kind: pve\n    url: https://a:8006\n", "sources[0].token: is missing, while"),
    (SOURCE + "    tokn: x\n",
     "line 6, sources[0].tokn: is not a setting of a system of kind pve; did you mean token?"),
    (SOURCE + "    tenant: x\n", "line 6, sources[0].tenant: is not a setting of a system of kind pve"),
    (SOURCE + "    url: https://b:8006\n", "line 6, sources[0].url: is there twice"),
    (SOURCE + "    fingerprint: hidden\n", "line 6, sources[0].fingerprint: must be a SHA-256 fingerprint"),
    (SOURCE.replace("${TOKEN}", "hidden@pve!hidden=hidden"),
     "line 5, sources[0].token: must not hold the secret itself"),
    (SOURCE.replace("${TOKEN}", "${NOWHERE}"), "NOWHERE: is not set, and nightshift.yaml line 5, sources[0].token"),
    (SOURCE.replace("${TOKEN}", "${WORD}"), "WORD (nightshift.yaml line 5, sources[0].token): must be the whole token"),
    (SOURCE.replace("https://a:8006", "https://u:hidden@a"), "sources[0].url: carries a user name or a password"),
    ("sources: [\n", "is not valid YAML"),
    ("a: b: c\n", "nightshift.yaml line 1: is not valid YAML"),
    ("a: 'hidden\n", "is not valid YAML"),
    ("\x07: 1\n", "is not valid YAML"),
    ("a: !!python/object/apply:os.system [hidden]\n", "a: is not a key of this file"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[row[1] for row in WRONG])
def test_a_mistake_is_named_by_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert words in str(caught.value)
    assert "hidden" not in str(caught.value) + repr(caught.value)


def test_all_mistakes_of_the_file_and_the_environment_come_at_once(tmp_path: Path) -> None:
    text = SOURCE + "    nonsense: 1\n    fingerprint: x\nthresholds:\n  none: 1\nelse: 1\n"
    with pytest.raises(ConfigProblems) as caught:
        load(tmp_path, text, {**ENVIRON, "NIGHTSHIFT_PORT": "x"})
    assert [problem.variable for problem in caught.value.problems] == [
        "NIGHTSHIFT_PORT",
        "nightshift.yaml line 6, sources[0].nonsense",
        "nightshift.yaml line 9, thresholds.none",
        "nightshift.yaml line 10, else",
        "nightshift.yaml line 7, sources[0].fingerprint",
    ]


@pytest.mark.parametrize(("content", "words"), [(b"\xff\xfe\xff", "not UTF-8"), (None, "cannot be read")])
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "nightshift.yaml"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        load_settings({"NIGHTSHIFT_CONFIG": str(file)})
    assert caught.value.variable == "NIGHTSHIFT_CONFIG"
