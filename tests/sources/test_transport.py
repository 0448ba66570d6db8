"""The door over real HTTP: what arrives, what is sent, and that every failure is told in time with its remedy."""

from __future__ import annotations

import asyncio
import gzip
import json
import time

import httpx
import pytest

from nightshift.errors import (
    SourceError,
    SourceFailed,
    SourceMalformed,
    SourceTimedOut,
    SourceTooLarge,
    SourceUnauthorized,
    SourceUnreachable,
)
from nightshift.sources.prometheus.client import QUERY
from nightshift.sources.proxmox.client import NODE_STATUS, RESOURCES, VERSION
from nightshift.sources.transport import Patience, Transport

VERSION_BODY = {"data": {"version": "9.1-1", "release": "9.1", "repoid": "9a1b2c3d"}}


async def test_a_read_carries_the_token_and_counts(serve, answer, open_transport, secret):
    stage = await serve(answer(200, VERSION_BODY))
    transport = open_transport("pve", stage.url + "/prefix/")
    assert (await transport.get(VERSION)).data.version == "9.1-1"
    seen = stage.seen[0]
    assert (seen.method, seen.target, seen.body) == ("GET", "/prefix/api2/json/version", b"")
    assert seen.headers["authorization"] == f"PVEAPIToken=nightshift@pve!read={secret}"
    assert "content-length" not in seen.headers  # PVE answers 501 to a GET with a body
    stats = transport.stats
    assert (stats.requests, stats.retries, dict(stats.by_endpoint)) == (1, 0, {"/version": 1})
    assert stats.bytes_received == len(json.dumps(VERSION_BODY))


async def test_connections_are_kept_and_shared_by_tasks(serve, answer, open_transport):
    stage = await serve(answer(200, VERSION_BODY))
    transport = open_transport("pve", stage.url)
    for _ in range(3):
        await asyncio.gather(*(transport.get(VERSION) for _ in range(20)))
    assert len(stage.seen) == 60
    assert stage.connections <= 6


async def test_no_more_requests_at_once_than_the_host_can_bear(serve, answer, open_transport):
    now = most = 0

    async def slow(_seen, writer):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        writer.write(answer(200, VERSION_BODY))

    stage = await serve(slow)
    transport = open_transport("pve", stage.url, patience=Patience(concurrency=3))
    await asyncio.gather(*(transport.get(VERSION) for _ in range(12)))
    assert most == 3


def test_a_transport_may_outlive_its_event_loop(connect, unused_port):
    """Made outside a loop, used in two loops one after the other."""

    async def once() -> str:
        async def reply(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            body = json.dumps(VERSION_BODY).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(reply, "127.0.0.1", unused_port)
        version = (await transport.get(VERSION)).data.version
        await transport.aclose()
        server.close()
        return version

    transport = Transport(connect("pve", f"http://127.0.0.1:{unused_port}"))
    assert [asyncio.run(once()) for _ in range(2)] == ["9.1-1", "9.1-1"]


async def hang(_seen, _writer):
    await asyncio.sleep(60)


async def drop(_seen, writer):
    writer.close()


def raw(data: bytes):
    async def reply(_seen, writer):
        writer.write(data)
        await writer.drain()
        writer.close()

    return reply


HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>"

FAILURES = [
    # (name, reply, error, words that must be in the message, requests)
    ("hang", hang, SourceTimedOut, ["no answer within 1 s", "PROXMOX_URL"], 1),
    ("drop", drop, SourceUnreachable, ["closed the connection", "https:// in PROXMOX_URL"], 3),
    ("not HTTP", raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), SourceUnreachable, ["does not speak HTTP", "PROXMOX_URL"], 1),
    ("TLS alert", raw(b"\x15\x03\x01\x00\x02\x02\x16"), SourceUnreachable, ["https:// in PROXMOX_URL"], 1),
    (
        "cut off",
        raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"data": {"ver'),
        SourceMalformed,
        ["cut off before its end"],
        3,
    ),
    (
        "chunks cut off",
        raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"dat\r\n'),
        SourceMalformed,
        ["cut off before its end"],
        3,
    ),
    (
        "half a JSON",
        raw(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"data": {"ver'),
        SourceMalformed,
        ["not complete JSON", "PROXMOX_URL"],
        1,
    ),
    (
        "broken gzip",
        raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"),
        SourceMalformed,
        ["cannot be decompressed"],
        1,
    ),
    ("empty", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), SourceMalformed, ["empty answer"], 1),
    (
        "web page",
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(HTML) + HTML),
        SourceMalformed,
        ["web page", "PROXMOX_URL"],
        1,
    ),
]


@pytest.mark.parametrize(
    ("reply", "error", "words", "requests"), [row[1:] for row in FAILURES], ids=[r[0] for r in FAILURES]
)
async def test_every_failure_is_told_in_time(serve, open_transport, secret, reply, error, words, requests):
    stage = await serve(reply)
    transport = open_transport("pve", stage.url)
    began = time.monotonic()
    with pytest.raises(error) as caught:
        await transport.get(VERSION)
    assert time.monotonic() - began < 2
    assert [word for word in words if word not in str(caught.value)] == []
    assert "GET /version" in str(caught.value)
    assert secret not in repr(caught.value)
    assert len(stage.seen) == requests


async def test_nobody_listens(open_transport, unused_port):
    with pytest.raises(SourceUnreachable, match=r"refused the connection.*PROXMOX_URL"):
        await open_transport("pve", f"http://127.0.0.1:{unused_port}").get(VERSION)


async def test_a_host_that_does_not_exist(open_transport):
    transport = open_transport("grafana", "http://no-such-host.invalid:3000")
    with pytest.raises(SourceUnreachable, match=r"no-such-host.invalid cannot be resolved.*GRAFANA_URL"):
        await transport.get(VERSION)


async def test_a_server_that_accepts_and_never_greets(open_transport):
    """Something listens and never answers the TLS greeting: the connect timeout ends it, once."""
    stop = asyncio.Event()

    async def silent(_reader, writer):
        await stop.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    began = time.monotonic()
    with pytest.raises(SourceUnreachable, match=r"no connection to 127.0.0.1:\d+ within 0.5 s.*PBS_URL"):
        await open_transport("pbs", f"https://127.0.0.1:{port}").get(VERSION)
    assert 0.4 < time.monotonic() - began < 1
    stop.set()
    server.close()


async def test_a_trickle_does_not_outlast_the_total(serve, open_transport):
    async def trickle(_seen, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(600):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.1)

    stage = await serve(trickle)
    began = time.monotonic()
    with pytest.raises(SourceTimedOut):
        await open_transport("pve", stage.url).get(VERSION)
    assert 0.9 < time.monotonic() - began < 1.5


async def test_waiting_for_a_free_connection_counts_as_waiting(serve, open_transport):
    stage = await serve(hang)
    transport = open_transport("pve", stage.url, patience=Patience(total_s=0.3, concurrency=1))
    began = time.monotonic()
    failures = await asyncio.gather(*(transport.get(VERSION) for _ in range(3)), return_exceptions=True)
    assert time.monotonic() - began < 1
    assert [type(failure) for failure in failures] == [SourceTimedOut] * 3
    busy = sum("was busy" in str(failure) for failure in failures)
    assert busy in (1, 2)  # the second may be let in just as its own time is up
    assert 1 <= len(stage.seen) <= 3 - busy


# retries


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_passing_failure_is_tried_again(serve, answer, open_transport, status):
    stage = await serve(answer(status, "busy"), answer(status, "busy"), answer(200, VERSION_BODY))
    transport = open_transport("pve", stage.url)
    assert (await transport.get(VERSION)).data.version == "9.1-1"
    assert (transport.stats.requests, transport.stats.retries) == (3, 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 501, 595])
async def test_a_lasting_failure_is_not_tried_again(serve, answer, open_transport, status):
    stage = await serve(answer(status, "no"))
    with pytest.raises(SourceError):
        await open_transport("pve", stage.url).get(VERSION)
    assert len(stage.seen) == 1


async def test_a_failed_query_is_not_tried_again(serve, answer, open_transport):
    """Prometheus set `errorType`: the query itself is the problem, and asking again would load it further."""
    body = {"status": "error", "errorType": "timeout", "error": "query timed out in expression evaluation"}
    stage = await serve(answer(503, body))
    with pytest.raises(SourceTimedOut, match="query timed out in expression evaluation"):
        await open_transport("prometheus", stage.url).query(QUERY, {"query": "up"})
    assert len(stage.seen) == 1


async def test_a_short_retry_after_is_obeyed(serve, answer, open_transport):
    stage = await serve(answer(429, "slow down", retry_after="1"), answer(200, VERSION_BODY))
    began = time.monotonic()
    await open_transport("pve", stage.url, patience=Patience(backoff_s=0.01)).get(VERSION)
    assert 0.95 < time.monotonic() - began < 2


@pytest.mark.parametrize("asked", ["3600", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_long_retry_after_is_an_error_at_once(serve, answer, open_transport, asked):
    stage = await serve(answer(429, "slow down", retry_after=asked))
    began = time.monotonic()
    with pytest.raises(SourceFailed, match="slow down") as caught:
        await open_transport("pve", stage.url).get(VERSION)
    assert (caught.value.status, caught.value.rejected) == (429, False)
    assert time.monotonic() - began < 0.5


async def test_a_connection_that_went_stale_is_replaced(serve, answer, open_transport):
    async def then_close(_seen, writer):
        writer.write(answer(200, VERSION_BODY))
        await writer.drain()
        writer.close()

    stage = await serve(then_close)
    transport = open_transport("pve", stage.url)
    for _ in range(4):
        assert (await transport.get(VERSION)).data.version == "9.1-1"


# size


def endless(writer_headers: bytes, total: int, sent: list[int]):
    async def reply(_seen, writer):
        writer.write(writer_headers)
        for _ in range(total >> 16):
            writer.write(b" " * (1 << 16))
            sent[0] += 1 << 16
            await writer.drain()

    return reply


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "unknown length"])
async def test_a_huge_answer_is_refused_before_it_is_read(serve, open_transport, declared):
    total, sent = 50 << 20, [0]
    length = f"Content-Length: {total}" if declared else "Connection: close"
    stage = await serve(endless(f"HTTP/1.1 200 OK\r\n{length}\r\n\r\n".encode(), total, sent))
    transport = open_transport("pve", stage.url, patience=Patience())
    with pytest.raises(SourceTooLarge, match=r"more than 16 MiB; it was not read"):
        await transport.get(VERSION)
    assert sent[0] < (24 << 20)
    assert transport.stats.requests == 1


async def test_a_bomb_is_refused_while_it_unpacks(serve, answer, open_transport):
    body = gzip.compress(b" " * (50 << 20))
    stage = await serve(answer(200, body, content_encoding="gzip"))
    with pytest.raises(SourceTooLarge):
        await open_transport("pve", stage.url, patience=Patience()).get(VERSION)


async def test_a_huge_error_text_is_cut(serve, answer, open_transport):
    stage = await serve(answer(500, b"x" * (5 << 20), content_type="text/plain"))
    with pytest.raises(SourceFailed) as caught:
        await open_transport("pbs", stage.url).get(VERSION)
    assert len(str(caught.value)) < 500


async def test_large_answers_are_read_without_stopping_the_loop(serve, answer, open_transport):
    row = {"type": "qemu", "id": "qemu/100", "vmid": 100, "node": "pve1", "status": "running", "name": "x" * 200}
    stage = await serve(answer(200, {"data": [row] * 20_000}))
    transport = open_transport("pve", stage.url, patience=Patience())
    assert len((await transport.get(RESOURCES)).data) == 20_000


# redirects, shape, paths


async def test_a_redirect_is_not_followed_and_names_the_url(serve, answer, open_transport, secret):
    elsewhere = await serve(answer(200, VERSION_BODY))
    stage = await serve(answer(301, b"", location=f"{elsewhere.url}/pve/api2/json/version"))
    with pytest.raises(SourceUnreachable) as caught:
        await open_transport("pve", stage.url).get(VERSION)
    assert f"PROXMOX_URL={elsewhere.url}/pve" in str(caught.value)
    assert elsewhere.seen == []


async def test_a_wrong_shape_names_the_field_and_not_the_value(serve, answer, open_transport):
    stage = await serve(answer(200, {"data": [{"type": "qemu", "id": "qemu/1", "vmid": "hunter2"}]}))
    with pytest.raises(SourceMalformed, match=r"field data\.0\.vmid: ") as caught:
        await open_transport("pve", stage.url).get(RESOURCES)
    assert "hunter2" not in str(caught.value)


async def test_pieces_arrive_encoded_as_they_were_meant(serve, answer, open_transport):
    stage = await serve(answer(200, {"data": {}}))
    await open_transport("pve", stage.url).get(NODE_STATUS, node="pve-1")
    assert stage.seen[0].target == "/api2/json/nodes/pve-1/status"


async def test_secrets_echoed_by_a_server_are_struck_out(serve, answer, open_transport, secret):
    stage = await serve(answer(400, {"message": f"bad header PVEAPIToken=nightshift@pve!read={secret}"}))
    with pytest.raises(SourceFailed, match=r"read=\*\*\*") as caught:
        await open_transport("pve", stage.url).get(VERSION)
    assert secret not in str(caught.value)


async def test_a_wrong_token_is_unauthorized_with_the_reason_phrase(serve, answer, open_transport):
    """PVE answers 401 with an empty body; the reason is in the status line."""
    stage = await serve(answer(401, b"", reason="no such token 'read' for user 'nightshift@pve'"))
    with pytest.raises(SourceUnauthorized, match=r"no such token 'read'.*PROXMOX_API_TOKEN"):
        await open_transport("pve", stage.url).get(VERSION)


async def test_failures_that_no_server_can_be_made_to_give(connect, quick):
    """A pool that is exhausted and a write that breaks are only had from a fake network."""

    class Broken(httpx.AsyncBaseTransport):
        def __init__(self, error: httpx.TransportError) -> None:
            self.error = error

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise self.error

    for error, expected in (
        (httpx.PoolTimeout("full"), SourceUnreachable),
        (httpx.WriteTimeout("stuck"), SourceTimedOut),
        (httpx.WriteError("broken"), SourceUnreachable),
        (httpx.ReadTimeout("slow"), SourceTimedOut),
        (httpx.UnsupportedProtocol("odd"), SourceUnreachable),
    ):
        transport = Transport(connect("pve", "http://127.0.0.1:1"), patience=quick, network=lambda e=error: Broken(e))
        with pytest.raises(expected):
            await transport.get(VERSION)
