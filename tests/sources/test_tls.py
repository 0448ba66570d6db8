"""Which certificates are trusted, over real TLS, and that a wrong pin ends it before the token is sent."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from nightshift.errors import SourceUnreachable
from nightshift.sources.connection import Tls
from nightshift.sources.prometheus.client import QUERY
from nightshift.sources.proxmox.client import VERSION

VERSION_BODY = {"data": {"version": "9.1-1", "release": "9.1", "repoid": "9a1b2c3d"}}


async def test_tls_modes_that_let_through(serve, answer, open_transport, make_certificate):
    certificate = make_certificate()
    stage = await serve(answer(200, VERSION_BODY), tls=certificate.server_context())
    pin = ":".join(certificate.fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
    for tls in (
        Tls(verify=False),
        Tls(verify=True, ca_file=certificate.pem),
        Tls(verify=False, fingerprint=pin),
        Tls(verify=True, fingerprint=f"sha256:{certificate.fingerprint}"),
    ):
        assert (await open_transport("pve", stage.url, tls=tls).get(VERSION)).data.version == "9.1-1"
    assert len(stage.seen) == 4


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
async def test_a_wrong_pin_ends_it_before_the_token_is_sent(serve, answer, open_transport, make_certificate, version):
    certificate = make_certificate()
    context = certificate.server_context()
    context.maximum_version = version
    stage = await serve(answer(200, VERSION_BODY), tls=context)
    for verify, ca_file in ((False, None), (True, certificate.pem)):
        transport = open_transport("pve", stage.url, tls=Tls(verify, ca_file, "ab" * 32))
        with pytest.raises(SourceUnreachable, match="the token was not sent") as caught:
            await transport.get(VERSION)
        assert "PROXMOX_FINGERPRINT=" in str(caught.value)
    await asyncio.sleep(0.1)
    assert (stage.bytes_received, stage.seen) == (0, [])
    if version is ssl.TLSVersion.TLSv1_2:  # here the server's side of the handshake is complete, and it may listen
        assert stage.connections == 2
    transport = open_transport("pve", stage.url, tls=Tls(fingerprint=certificate.fingerprint))
    await transport.get(VERSION)
    assert stage.bytes_received > 0


async def test_a_pin_is_checked_on_every_new_connection(serve, answer, open_transport, make_certificate):
    """The server's certificate changes under a client that was content with the first."""
    good, other = make_certificate(), make_certificate("other")
    context = good.server_context()

    async def then_close(_seen, writer):
        writer.write(answer(200, VERSION_BODY))
        await writer.drain()
        writer.close()

    stage = await serve(then_close, tls=context)
    transport = open_transport("pve", stage.url, tls=Tls(fingerprint=good.fingerprint))
    await transport.get(VERSION)
    context.load_cert_chain(other.pem, other.key)
    await asyncio.sleep(0.05)
    with pytest.raises(SourceUnreachable, match="another fingerprint"):
        await transport.get(VERSION)


@pytest.mark.parametrize(
    ("name", "options", "trusts_it", "words"),
    [
        ("good", {}, False, "not signed by a trusted authority"),
        ("expired", {"days": (-30, -1)}, True, "has expired"),
        ("future", {"days": (10, 30)}, True, "is not valid yet"),
        ("elsewhere", {"host": "pve.example"}, True, "is for another name"),
    ],
)
async def test_certificates_that_are_not_trusted(
    serve, answer, open_transport, make_certificate, name, options, trusts_it, words
):
    certificate = make_certificate(name, **options)
    stage = await serve(answer(200, VERSION_BODY), tls=certificate.server_context())
    tls = Tls(verify=True, ca_file=certificate.pem if trusts_it else None)
    with pytest.raises(SourceUnreachable, match=words) as caught:
        await open_transport("pve", stage.url, tls=tls).get(VERSION)
    assert "PROXMOX_" in str(caught.value)
    await asyncio.sleep(0.05)
    assert stage.bytes_received == 0


async def test_https_spoken_to_a_plain_port(open_transport):
    async def plain_http(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plain_http, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(SourceUnreachable, match=r"does not speak HTTPS on this port.*http:// in PROMETHEUS_URL"):
        await open_transport("prometheus", f"https://127.0.0.1:{port}").query(QUERY, {"query": "up"})
    server.close()


@pytest.mark.parametrize(
    "words", [b"Client sent an HTTP request to an HTTPS server.\n", b"The plain HTTP request was sent to HTTPS port"]
)
async def test_http_spoken_to_a_secure_port(serve, answer, open_transport, words):
    stage = await serve(answer(400, words, content_type="text/plain"))
    with pytest.raises(SourceUnreachable, match=r"expects HTTPS.*https:// in GRAFANA_URL"):
        await open_transport("grafana", stage.url).get(VERSION)


async def test_http_spoken_to_a_real_tls_server(serve, answer, open_transport, make_certificate):
    stage = await serve(answer(200, VERSION_BODY), tls=make_certificate().server_context())
    with pytest.raises(SourceUnreachable, match=r"https:// in PROXMOX_URL"):
        await open_transport("pve", stage.url.replace("https:", "http:")).get(VERSION)
