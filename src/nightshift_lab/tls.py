"""Self-signed certificates as a fresh PVE or PBS has them: one that is good and one that ran out last week."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """A PEM file holding key and certificate. `fingerprint` is SHA-256, upper case with colons, as PVE shows it."""

    path: Path
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Certificates:
    valid: Certificate
    expired: Certificate

    def context(self) -> ssl.SSLContext:
        """A server context that presents the valid certificate; `present` swaps it for new connections."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.present(context, expired=False)
        return context

    def present(self, context: ssl.SSLContext, *, expired: bool) -> None:
        context.load_cert_chain((self.expired if expired else self.valid).path)


def make_certificates(directory: Path, host: str, *, organisation: str, now: datetime | None = None) -> Certificates:
    """Write both certificates of `host` into `directory`."""
    at = now or datetime.now(UTC)
    day = timedelta(days=1)
    return Certificates(
        valid=_write(directory / f"{host}.pem", host, organisation, at - 90 * day, at + 640 * day),
        expired=_write(directory / f"{host}-expired.pem", host, organisation, at - 737 * day, at - 7 * day),
    )


def _write(path: Path, host: str, organisation: str, begins: datetime, ends: datetime) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{host}.home.arpa"),
        ]
    )
    names = [x509.DNSName(host), x509.DNSName(f"{host}.home.arpa"), x509.DNSName("localhost")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([*names, x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.touch(mode=0o600)
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return Certificate(path, certificate.fingerprint(hashes.SHA256()).hex(":").upper())
