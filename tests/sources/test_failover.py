"""A system with several addresses: when the usual one does not answer, the next one does."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from nightshift.errors import ConfigError, SourceTimedOut, SourceUnauthorized, SourceUnreachable
from nightshift.sources.connection import Connection, PveToken, Tls
from nightshift.sources.proxmox.client import VERSION
from nightshift.sources.transport import Patience, Transport, WriteRefused

BODY = {"data": {"version": "9.1-1", "release": "9.1", "repoid": "9a1b2c3d"}}
TOKEN = PveToken(SecretStr("nightshift@pve!read=s3cret"))


def closed() -> str:
    """An address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def open_ways(open_transport: Callable[..., Transport]) -> Callable[..., Transport]:
    """A transport to one system by these addresses."""
    return lambda first, *others, **more: open_transport("pve", first, failover_urls=others, **more)


async def test_the_next_address_answers_and_is_used_from_then_on(serve, answer, open_ways) -> None:
    stage = await serve(answer(200, BODY))
    transport = open_ways(closed(), closed(), stage.url)
    for _ in range(2):
        assert (await transport.get(VERSION)).data.version == "9.1-1"
    assert transport.way.base_url == stage.url
    assert (transport.stats.requests, len(stage.seen)) == (4, 2)


async def test_reads_at_the_same_time_turn_away_together(serve, answer, open_ways) -> None:
    stage = await serve(answer(200, BODY))
    transport = open_ways(closed(), stage.url)
    await asyncio.gather(*(transport.get(VERSION) for _ in range(12)))
    assert len(stage.seen) == 12


async def test_no_address_answers(open_ways) -> None:
    urls = [closed(), closed()]
    transport = open_ways(*urls, patience=Patience(backoff_s=0.01))
    with pytest.raises(SourceUnreachable) as raised:
        await transport.get(VERSION)
    assert raised.value.detail.startswith(f"none of its addresses answers ({urls[0][7:]}, {urls[1][7:]})")
    assert raised.value.fix == "Check that one of them is up, PROXMOX_URL and PROXMOX_FAILOVER_URLS."


async def test_an_address_that_hangs_is_left_for_the_reads_to_come(serve, answer, open_ways) -> None:
    async def hang(_seen: object, _writer: object) -> None:
        await asyncio.Event().wait()

    hung, good = await serve(hang), await serve(answer(200, BODY))
    transport = open_ways(hung.url, good.url, patience=Patience(total_s=0.3))
    with pytest.raises(SourceTimedOut):
        await transport.get(VERSION)
    assert (await transport.get(VERSION)).data.version == "9.1-1"


async def test_a_refusal_is_an_answer(serve, answer, open_ways) -> None:
    first, second = await serve(answer(401, b"", reason="No ticket")), await serve(answer(200, BODY))
    with pytest.raises(SourceUnauthorized):
        await open_ways(first.url, second.url).get(VERSION)
    assert second.seen == []


async def test_a_wrong_certificate_is_told_and_not_gone_round(serve, answer, make_certificate, open_ways) -> None:
    wrong, right = make_certificate("one"), make_certificate("two")
    first = await serve(answer(200, BODY), tls=wrong.server_context())
    second = await serve(answer(200, BODY), tls=right.server_context())
    transport = open_ways(first.url, second.url, tls=Tls(fingerprint=right.fingerprint))
    with pytest.raises(SourceUnreachable, match="another fingerprint"):
        await transport.get(VERSION)
    assert (first.seen, second.seen) == ([], [])


async def test_each_member_may_have_a_pin_of_its_own(serve, answer, make_certificate, open_ways) -> None:
    one, two = make_certificate("one"), make_certificate("two")
    stage = await serve(answer(200, BODY), tls=two.server_context())
    pins = f"{one.fingerprint}, sha256:{two.fingerprint.upper()}"
    gone = closed().replace("http:", "https:")
    transport = open_ways(gone, stage.url, tls=Tls(fingerprint=pins))
    assert (await transport.get(VERSION)).data.version == "9.1-1"


async def test_the_door_opens_to_these_addresses_and_no_other(serve, answer, open_ways) -> None:
    stage = await serve(answer(200, BODY))
    transport = open_ways(closed(), stage.url)
    await transport.get(VERSION)
    client = transport._session().client
    with pytest.raises(WriteRefused):
        await client.get("http://127.0.0.1:1/api2/json/version")
    with pytest.raises(WriteRefused):
        await client.post(f"{stage.url}/api2/json/version")
    assert isinstance(client, httpx.AsyncClient)


@pytest.mark.parametrize(
    ("others", "problem"),
    [
        (("http://pve2.lan:8006",), "PROXMOX_FAILOVER_URLS: must begin with https://"),
        (("https://me:pw@pve2.lan",), "must not contain a user name or password"),
    ],
)
def test_addresses_that_cannot_be(others: tuple[str, ...], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        Connection("pve", "pve", "https://pve1.lan:8006", TOKEN, Tls(), "PROXMOX", failover_urls=others)
