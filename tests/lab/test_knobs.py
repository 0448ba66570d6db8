from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography import x509

from nightshift_lab.knobs import KNOBS, Knobs, KnobUnknown
from nightshift_lab.process import Lab


@pytest.fixture(params=["pve", "pbs"])
async def backend(request: pytest.FixtureRequest, lab: Lab) -> AsyncIterator[tuple[Knobs, httpx.AsyncClient, str]]:
    """The knobs of one backend and a client for it."""
    prefix, scheme = {"pve": ("PROXMOX", "PVEAPIToken"), "pbs": ("PBS", "PBSAPIToken")}[request.param]
    headers = {"Authorization": f"{scheme}={lab.env[f'{prefix}_API_TOKEN']}"}
    async with httpx.AsyncClient(
        base_url=lab.env[f"{prefix}_URL"], headers=headers, verify=False, timeout=2.0
    ) as client:
        yield lab.knobs[request.param], client, "/api2/json/version"


Backend = tuple[Knobs, httpx.AsyncClient, str]


async def test_every_knob_turns_and_turns_back(backend: Backend) -> None:
    knobs, client, path = backend
    for knob in KNOBS:
        await knobs.turn(knob)
        assert list(knobs.turned()) == [knob]
        await knobs.turn(knob, "off")
        assert knobs.turned() == {}
    assert (await client.get(path)).json()["data"]["repoid"]


async def test_slow_answers_late(backend: Backend) -> None:
    knobs, client, path = backend
    await knobs.turn("slow", "300")
    began = time.monotonic()
    assert (await client.get(path)).status_code == 200
    assert 0.3 <= time.monotonic() - began < 1.5


async def test_hang_never_answers(backend: Backend) -> None:
    knobs, client, path = backend
    await knobs.turn("hang")
    with pytest.raises(httpx.ReadTimeout):
        await client.get(path, timeout=0.3)


@pytest.mark.parametrize(("knob", "status"), [("error500", 500), ("error401", 401), ("error403", 403)])
async def test_errors(knob: str, status: int, backend: Backend) -> None:
    knobs, client, path = backend
    await knobs.turn(knob)
    assert (await client.get(path)).status_code == status


async def test_malformed_does_not_parse(backend: Backend) -> None:
    knobs, client, path = backend
    await knobs.turn("malformed")
    response = await client.get(path)
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_truncated_breaks_off(backend: Backend) -> None:
    knobs, client, path = backend
    await knobs.turn("truncated")
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(path)


async def test_html_is_a_page(backend: Backend) -> None:
    knobs, client, path = backend
    await knobs.turn("html")
    response = await client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.text.startswith("<!DOCTYPE html>")


async def test_huge_is_as_large_as_asked(backend: Backend) -> None:
    knobs, client, path = backend
    await knobs.turn("huge", 5)
    assert 5_000_000 < len((await client.get(path)).content) < 5_200_000


async def test_refuse_closes_the_port_and_opens_the_same_again(backend: Backend) -> None:
    knobs, client, path = backend
    assert (await client.get(path)).status_code == 200
    await knobs.turn("refuse")
    with pytest.raises(httpx.ConnectError):
        await client.get(path)
    await knobs.turn("refuse", False)
    assert (await client.get(path)).status_code == 200


async def test_an_expired_certificate_is_presented_to_connections_made_from_then_on(backend: Backend) -> None:
    knobs, client, path = backend

    async def certificate() -> x509.Certificate:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        _, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port, ssl=context)
        connection: Any = writer.get_extra_info("ssl_object")
        found = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True))
        writer.close()
        await writer.wait_closed()
        return found

    now = datetime.now(UTC)
    assert (await certificate()).not_valid_after_utc > now
    await knobs.turn("expired_certificate")
    assert (await certificate()).not_valid_after_utc < now
    await knobs.turn("expired_certificate", "off")
    assert (await certificate()).not_valid_after_utc > now
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("backend_name", "encrypted", "knob", "value", "words"),
    [
        ("pve", True, "volume", None, "there are: slow, hang"),
        ("pve", True, "slow", "very", "slow takes a number, not 'very'"),
        ("pve", True, "slow", -1, "not negative"),
        ("pve", True, "hang", "blue", "hang takes on or off"),
        ("grafana", False, "expired_certificate", None, "without TLS"),
    ],
)
async def test_wrong_knobs_say_what_is_right(
    backend_name: Any, encrypted: bool, knob: str, value: object, words: str
) -> None:
    knobs = Knobs(backend_name, encrypted)
    with pytest.raises(KnobUnknown, match=words):
        await knobs.turn(knob, value)
    assert knobs.turned() == {}


async def test_the_control_endpoint_switches_faults_and_knobs(lab: Lab) -> None:
    async with httpx.AsyncClient(base_url=lab.control.url) as control:
        before = (await control.get("/state")).json()
        assert (before["scenario"], before["faults"]) == ("healthy", [])
        assert before["knobs"] == {name: {} for name in ("pve", "pbs", "prometheus", "grafana", "attic", "pbs2")}
        on = await control.post("/faults", json={"name": "node-offline", "active": True})
        assert on.json()["faults"] == ["node-offline"]
        assert not lab.holder.world.up("node/pve3", time.time() + 1)
        off = await control.post("/faults", json={"name": "node-offline", "active": False})
        assert off.json()["faults"] == []
        slow = await control.post("/knobs", json={"backend": "pbs", "knob": "slow", "value": 10})
        assert slow.json()["knobs"]["pbs"] == {"slow": 10.0}
        for value in (True, False):
            state = (await control.post("/knobs", json={"backend": "pve", "knob": "refuse", "value": value})).json()
            assert [name for name in state["closed"] if name in ("pve", "pbs")] == (["pve"] if value else [])
        for path, body, words in (
            ("/faults", {"name": "meteor", "active": True}, "there are: agent-dead, "),
            ("/faults", {"name": "node-offline", "active": "yes"}, "active must be true or false"),
            ("/knobs", {"backend": "nas", "knob": "slow"}, "there are: pve, pbs"),
            ("/knobs", {"backend": "pve", "knob": "loud"}, "there are: slow"),
            ("/knobs", [], "not a JSON object"),
        ):
            wrong = await control.post(path, json=body)
            assert wrong.status_code == 422
            assert words in wrong.json()["error"]
        unreadable = await control.post("/knobs", content=b"{")
        assert (unreadable.status_code, unreadable.json()) == (422, {"error": "the body is not JSON"})


async def test_knobs_turn_the_further_systems_by_their_names(lab: Lab) -> None:
    """Only the one that is named; the backup server that is off until its window stays off."""
    attic = next(source for source in lab.backends.sources if source.id == "attic")
    headers = {"Authorization": f"PVEAPIToken={attic.token}"}
    async with httpx.AsyncClient(base_url=attic.endpoint.url, headers=headers, verify=False) as client:
        assert (await client.get("/api2/json/version")).status_code == 200
        await lab.knobs["attic"].turn("error500")
        assert (await client.get("/api2/json/version")).status_code == 500
        await lab.knobs["attic"].turn("error500", "off")
        assert (await client.get("/api2/json/version")).status_code == 200
    assert {name: knobs.turned() for name, knobs in lab.knobs.items() if knobs.turned()} == {}
