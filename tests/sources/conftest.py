"""Real servers on loopback, as odd as a test wants them, and certificates to go with them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from nightshift.sources.connection import BearerToken, Connection, PbsToken, PveToken, Tls
from nightshift.sources.transport import Patience, Transport

SECRET = "5ecre7-0f-the-7e57"


@dataclass
class Seen:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def name(self) -> str:
        """The decoded path, as a server sees it."""
        return unquote(self.path)


Reply = bytes | Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Stage:
    """A server that plays one part. `bytes_received` counts everything after the TLS handshake."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    bytes_received: int = 0
    connections: int = 0


def http(
    status: int = 200,
    body: bytes | str | object = b"",
    *,
    reason: str = "",
    content_type: str = "application/json",
    **headers: str,
) -> bytes:
    """An HTTP answer; a body that is neither bytes nor text is sent as JSON."""
    payload = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Type: {content_type}"]
    names = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    if "content-length" not in names and "transfer-encoding" not in names:
        lines.append(f"Content-Length: {len(payload)}")
    lines += [f"{name}: {value}" for name, value in names.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + payload


class Serve(Protocol):
    async def __call__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> Stage: ...


async def _read_request(reader: asyncio.StreamReader, stage: Stage) -> Seen | None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        head = await reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        stage.bytes_received += len(head) + len(body)
        method, target, _ = first.split(" ", 2)
        return Seen(method, target, headers, body)
    return None


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers. Replies come in turn, the last one for good."""
    servers: list[asyncio.Server] = []

    async def start(*replies: Reply, tls: ssl.SSLContext | None = None) -> Stage:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            stage.connections += 1
            try:
                while (seen := await _read_request(reader, stage)) is not None:
                    stage.seen.append(seen)
                    reply = replies[min(len(stage.seen), len(replies)) - 1]
                    if isinstance(reply, bytes):
                        writer.write(reply)
                        await writer.drain()
                    else:
                        await reply(seen, writer)
                    if writer.is_closing():
                        break
            except (ConnectionError, asyncio.CancelledError, ssl.SSLError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        stage = Stage(f"{'https' if tls else 'http'}://127.0.0.1:{port}")
        return stage

    yield start
    for server in servers:
        server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task() and _is_ours(task)]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _is_ours(task: asyncio.Task[Any]) -> bool:
    return "start.<locals>.connected" in getattr(task.get_coro(), "__qualname__", "")


@pytest.fixture
def answer() -> Callable[..., bytes]:
    return http


@pytest.fixture
def routes() -> Callable[[dict[str, Any]], Reply]:
    """A reply that looks its path up: JSON for what is there, 404 for what is not."""

    def by_path(table: dict[str, Any]) -> Reply:
        async def reply(seen: Seen, writer: asyncio.StreamWriter) -> None:
            found = table.get(seen.name)
            if callable(found):
                found = found(seen)
            writer.write(found if isinstance(found, bytes) else http(404 if found is None else 200, found or {}))
            await writer.drain()

        return reply

    return by_path


@dataclass(frozen=True)
class Certificate:
    pem: Path
    key: Path
    fingerprint: str

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem, self.key)
        return context


@pytest.fixture(scope="session")
def make_certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Certificate]:
    folder = tmp_path_factory.mktemp("certificates")
    made: dict[str, Certificate] = {}

    def make(name: str = "good", *, host: str = "127.0.0.1", days: tuple[int, int] = (-1, 30)) -> Certificate:
        if name in made:
            return made[name]
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.lab.example")])
        now = dt.datetime.now(dt.UTC)
        alternative = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=days[0]))
            .not_valid_after(now + dt.timedelta(days=days[1]))
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem, key_file = folder / f"{name}.pem", folder / f"{name}.key"
        pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        fingerprint = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
        made[name] = Certificate(pem, key_file, fingerprint)
        return made[name]

    return make


@pytest.fixture
def connect() -> Callable[..., Connection]:
    """A connection of each kind with a token that must appear nowhere."""
    auths = {
        "pve": PveToken(SecretStr(f"nightshift@pve!read={SECRET}")),
        "pbs": PbsToken(SecretStr(f"nightshift@pbs!read:{SECRET}")),
        "grafana": BearerToken(SecretStr(SECRET)),
        "prometheus": BearerToken(SecretStr(SECRET)),
    }
    prefixes = {"pve": "PROXMOX", "pbs": "PBS", "grafana": "GRAFANA", "prometheus": "PROMETHEUS"}

    def make(kind: str, url: str, *, tls: Tls | None = None, **changes: Any) -> Connection:
        known: dict[str, Any] = {"auth": auths[kind], "variable_prefix": prefixes[kind], **changes}
        return Connection(kind, kind, url, tls=tls or Tls(verify=False), **known)  # type: ignore[arg-type]

    return make


@pytest.fixture
def quick() -> Patience:
    """Short times, so that a hang is over soon."""
    return Patience(connect_s=0.5, total_s=1.0, attempts=3, backoff_s=0.01)


@pytest.fixture
async def open_transport(
    connect: Callable[..., Connection], quick: Patience
) -> AsyncIterator[Callable[..., Transport]]:
    opened: list[Transport] = []

    def make(kind: str, url: str, *, patience: Patience | None = None, **changes: Any) -> Transport:
        transport = Transport(connect(kind, url, **changes), patience=patience or quick)
        opened.append(transport)
        return transport

    yield make
    for transport in opened:
        await transport.aclose()


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def secret() -> str:
    return SECRET
