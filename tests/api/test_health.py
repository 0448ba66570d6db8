"""Health: probed in the background, told at once."""

from __future__ import annotations

import asyncio
from time import monotonic, sleep
from typing import Literal

import pytest
from pydantic import SecretStr
from tests.api.support import NOW, Double, client_of, serving

from nightshift.api.access import Access
from nightshift.api.health import Component, ComponentStatus, overall
from nightshift.api.service import Probe
from nightshift.errors import SourceForbidden, SourceUnauthorized, StoreError
from nightshift.settings import ApiKey


async def _fine() -> str:
    return "version 8.2.4"


async def _hanging() -> str:
    await asyncio.sleep(3600)
    return "never"


async def _refused() -> str:
    raise SourceUnauthorized("grafana", "GET /api/health", "Grafana did not accept the token.", fix="Set a new one.")


async def _forbidden() -> str:
    raise SourceForbidden("pbs", "GET /version", "The token may not see this.")


async def _full() -> str:
    raise StoreError("The data folder is full.")


async def _buggy() -> str:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["ok", "ok"], "ok"),
        (["ok", "not_configured"], "ok"),
        (["ok", "down"], "degraded"),
        (["ok", "degraded"], "degraded"),
        (["degraded", "down"], "degraded"),
        (["down", "down"], "down"),
        (["down", "not_configured"], "down"),
        (["not_configured"], "degraded"),
        ([], "degraded"),
    ],
)
def test_the_whole_follows_from_the_parts(
    states: list[ComponentStatus], status: Literal["ok", "degraded", "down"]
) -> None:
    assert overall([Component(str(number), state, "") for number, state in enumerate(states)]) == status


def test_every_component_tells_its_state() -> None:
    probes = (
        Probe("prometheus", _fine),
        Probe("grafana", _refused),
        Probe("pve", _hanging),
        Probe("pbs", _forbidden),
        Probe("store", _full),
        Probe("loki", missing="Set LOKI_URL."),
    )
    with serving(Double(probes=probes)) as url, client_of(url) as client:
        until = monotonic() + 5
        while any(part["detail"] == "Not looked at yet." for part in client.get("/health").json()["components"]):
            assert monotonic() < until
            sleep(0.02)
        started = monotonic()
        response = client.get("/health")
        assert monotonic() - started < 0.2, "the cached result comes at once, though a backend hangs"
    body = response.json()
    at = NOW.isoformat(timespec="seconds")
    assert response.status_code == 200
    assert isinstance(body["components"][0].pop("latency_ms"), float)
    assert body == {
        "status": "degraded",
        "version": "0.1.0",
        "brain": {"kind": "builtin", "name": "built-in"},
        "components": [
            {"name": "prometheus", "status": "ok", "detail": "version 8.2.4", "checked_at": at},
            _part("grafana", "down", "Grafana did not accept the token. Set a new one."),
            _part("pve", "down", "No answer within 0.3 s."),
            _part("pbs", "degraded", "The token may not see this."),
            _part("store", "down", "The data folder is full."),
            _part("loki", "not_configured", "Set LOKI_URL.", None),
        ],
    }


@pytest.mark.parametrize(
    ("probes", "live", "ready"),
    [
        ((Probe("pve", _fine),), "ok", 200),
        ((Probe("pve", _fine), Probe("pbs", _refused)), "degraded", 200),
        ((Probe("pve", _refused),), "down", 503),
        ((Probe("pve", missing="Set PROXMOX_URL."),), "degraded", 200),
    ],
)
def test_liveness_is_always_200_and_readiness_is_not(probes: tuple[Probe, ...], live: str, ready: int) -> None:
    with serving(Double(probes=probes)) as url, client_of(url) as client:
        until = monotonic() + 5
        while client.get("/health?ready=1").status_code != ready:
            assert monotonic() < until
            sleep(0.02)
        response = client.get("/health")
        assert (response.status_code, response.json()["status"]) == (200, live)


def test_before_the_first_look_it_lives_but_is_not_ready() -> None:
    with serving(Double(probes=(Probe("pve", _hanging),))) as url, client_of(url) as client:
        assert (client.get("/health").status_code, client.get("/health?ready=1").status_code) == (200, 503)


def test_probes_go_on_after_a_bug() -> None:
    calls: list[int] = []

    async def at_first_buggy() -> str:
        calls.append(1)
        return await (_buggy() if len(calls) == 1 else _fine())

    with (
        serving(Double(probes=(Probe("pve", at_first_buggy),)), probe_interval_s=0.01) as url,
        client_of(url) as client,
    ):
        until = monotonic() + 5
        while client.get("/health").json()["status"] != "ok":
            assert monotonic() < until
            sleep(0.02)


def test_a_stranger_learns_the_status_and_no_more() -> None:
    access = Access(keys=(ApiKey("me", "ask", SecretStr("ask-key")),))
    with serving(Double(probes=(Probe("pve", _fine),)), access) as url:
        with client_of(url) as client:
            body = client.get("/health").json()
        with client_of(url, authorization="Bearer ask-key") as client:
            known = client.get("/health").json()
    assert (body["brain"], body["components"], body["version"]) == ({}, [], "0.1.0")
    assert [part["name"] for part in known["components"]] == ["pve"]


def _part(name: str, status: str, detail: str, at: str | None = NOW.isoformat(timespec="seconds")) -> dict[str, object]:
    return {"name": name, "status": status, "detail": detail, "checked_at": at, "latency_ms": None}
