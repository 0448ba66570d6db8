"""A Connection is checked when it is made, and never shows what it hides."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from nightshift.errors import ConfigError
from nightshift.sources import BasicLogin, BearerToken, Connection, PbsToken, PveToken, Sources, Tls

SECRET = "a1b2c3d4-e5f6-7890-abcd-ef0123456789"
PREFIXES = {"pve": "PROXMOX", "pbs": "PBS", "grafana": "GRAFANA", "prometheus": "PROMETHEUS"}


def connection(kind="pve", url="https://pve.lab:8006", auth=None, tls=None, prefix=True, **more):
    return Connection(
        kind, kind, url, auth=auth, tls=tls or Tls(), variable_prefix=PREFIXES[kind] if prefix else None, **more
    )


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (PveToken(SecretStr(f"n@pve!read={SECRET}")), f"PVEAPIToken=n@pve!read={SECRET}"),
        (PveToken(SecretStr(f" n@pve!read={SECRET}\n")), f"PVEAPIToken=n@pve!read={SECRET}"),
        (PbsToken(SecretStr(f"n@pbs!read:{SECRET}")), f"PBSAPIToken=n@pbs!read:{SECRET}"),
        (PbsToken(SecretStr(f"n@pbs!read={SECRET}")), f"PBSAPIToken=n@pbs!read:{SECRET}"),
        (BearerToken(SecretStr("glsa_x")), "Bearer glsa_x"),
        (BasicLogin("me", SecretStr("pä:ss")), "Basic " + base64.b64encode("me:pä:ss".encode()).decode()),
        (None, None),
    ],
)
def test_credentials_on_the_wire(auth, header):
    assert connection(auth=auth).headers().get("Authorization") == header


def test_the_tenant_is_a_header():
    made = connection("prometheus", "http://mimir:9009/prometheus", tenant="homelab")
    assert made.headers() == {"X-Scope-OrgID": "homelab"}


@pytest.mark.parametrize(
    ("auth", "variable"),
    [
        (PveToken(SecretStr(SECRET)), "PROXMOX_API_TOKEN"),
        (PveToken(SecretStr(f"n@pve!read:{SECRET}")), "PROXMOX_API_TOKEN"),
        (PveToken(SecretStr(f"n@pve={SECRET}")), "PROXMOX_API_TOKEN"),
        (PveToken(SecretStr(f"n@pve!read={SECRET} x")), "PROXMOX_API_TOKEN"),
        (PbsToken(SecretStr(SECRET)), "PROXMOX_API_TOKEN"),
        (BearerToken(SecretStr("")), "PROXMOX_API_TOKEN"),
        (BearerToken(SecretStr(f"{SECRET}\nX-Evil: 1")), "PROXMOX_API_TOKEN"),
        (BasicLogin("a:b", SecretStr(SECRET)), "PROXMOX_USERNAME"),
    ],
)
def test_wrong_credentials_name_the_variable_and_not_the_value(auth, variable):
    with pytest.raises(ConfigError) as caught:
        connection(auth=auth)
    assert caught.value.variable == variable
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "url", "kept"),
    [
        ("pve", "https://pve.lab:8006", "https://pve.lab:8006"),
        ("pve", " https://pve.lab:8006/ ", "https://pve.lab:8006"),
        ("pve", "https://pve.lab:8006/api2/json/", "https://pve.lab:8006"),
        ("pbs", "https://[fd00::1]:8007", "https://[fd00::1]:8007"),
        ("prometheus", "http://proxy.lab/prometheus/", "http://proxy.lab/prometheus"),
        ("prometheus", "http://prom.lab:9090/api/v1", "http://prom.lab:9090"),
        ("grafana", "https://grafana.lab/sub/api", "https://grafana.lab/sub"),
    ],
)
def test_urls_that_are_accepted(kind, url, kept):
    assert connection(kind, url).base_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pve.lab:8006",
        "ftp://pve.lab",
        "https://",
        "https://pve.lab:port",
        "https://pve.lab:99999",
        "https://pve.lab:0",
        f"https://root:{SECRET}@pve.lab:8006",
        "https://pve.lab:8006/?x=1",
        "https://pve.lab:8006/#/x",
        "https://pve lab:8006",
    ],
)
def test_urls_that_are_refused(url):
    with pytest.raises(ConfigError) as caught:
        connection(url=url)
    assert caught.value.variable == "PROXMOX_URL"
    assert SECRET not in str(caught.value)


def test_a_source_of_the_file_is_named_by_its_place():
    with pytest.raises(ConfigError) as caught:
        Connection("lab2", "pve", "pve.lab")
    assert caught.value.variable == "sources.lab2.url"


HEX = "ab" * 32


@pytest.mark.parametrize("written", [HEX, HEX.upper(), ":".join(["AB"] * 32), f"SHA256:{HEX}", f" {HEX}\n"])
def test_fingerprints_as_people_write_them(written):
    assert connection(tls=Tls(fingerprint=written)).tls.fingerprint == HEX


@pytest.mark.parametrize("written", ["", "ab", "zz" * 32, "ab" * 20])
def test_fingerprints_that_are_none(written):
    with pytest.raises(ConfigError) as caught:
        connection(tls=Tls(fingerprint=written))
    assert caught.value.variable == "PROXMOX_FINGERPRINT"


def test_a_pin_needs_https():
    with pytest.raises(ConfigError, match="PROXMOX_URL"):
        connection(url="http://pve.lab:8006", tls=Tls(fingerprint=HEX))


TOKEN = PveToken(SecretStr(f"n@pve!read={SECRET}"))


@pytest.mark.parametrize(
    ("url", "auth", "tls", "mode", "warning"),
    [
        ("https://pve.lab", TOKEN, Tls(), "system", None),
        ("https://pve.lab", TOKEN, Tls(ca_file=Path("ca.pem")), "ca_file", None),
        ("https://pve.lab", TOKEN, Tls(verify=False, ca_file=Path("ca.pem"), fingerprint=HEX), "pinned", None),
        ("https://pve.lab", TOKEN, Tls(verify=False), "unverified", "PROXMOX_FINGERPRINT"),
        ("http://pve.lab", TOKEN, Tls(), "plain", "unencrypted"),
        ("http://127.0.0.1:1", TOKEN, Tls(), "plain", None),
        ("http://pve.lab", None, Tls(), "plain", None),
    ],
)
def test_trust_and_what_the_operator_should_know(url, auth, tls, mode, warning):
    made = connection(url=url, auth=auth, tls=tls)
    assert made.tls_mode == mode
    assert (made.warning is None) if warning is None else (warning in (made.warning or ""))


@pytest.mark.parametrize(("content", "variable"), [(None, "PBS_CA_CERT"), ("no certificate", "PBS_CA_CERT")])
def test_a_ca_file_that_cannot_be_used(tmp_path, content, variable):
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        Sources.open([connection("pbs", "https://pbs.lab:8007", tls=Tls(ca_file=path))])
    assert caught.value.variable == variable


def test_nothing_shows_a_secret():
    made = [
        connection(auth=TOKEN),
        connection("pbs", auth=PbsToken(SecretStr(f"n@pbs!read:{SECRET}"))),
        connection("grafana", auth=BearerToken(SecretStr(SECRET))),
        connection("prometheus", auth=BasicLogin("me", SecretStr(SECRET))),
    ]
    sources = Sources.open(made)
    shown = repr(made) + str(made) + repr(sources) + "".join(repr(client.transport) for client in sources.clients)
    assert SECRET not in shown
    for item in made:
        assert SECRET in item.headers()["Authorization"] or isinstance(item.auth, BasicLogin)
        assert item.scrub(f"x {SECRET} y") == "x *** y"


async def test_sources_are_sorted_by_kind_and_close():
    kinds = ["grafana", "pve", "prometheus", "pbs", "pve"]
    sources = Sources.open([Connection(f"{kind}{place}", kind, "https://x.lab") for place, kind in enumerate(kinds)])
    assert [client.source for client in sources.clients] == ["pve1", "pve4", "pbs3", "prometheus2", "grafana0"]
    assert sources.requests == 0
    await sources.aclose()
    assert Sources.open([]) == Sources()
