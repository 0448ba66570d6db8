"""The certificate of a connection: who vouches for it, and the fingerprint to pin when nobody does."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from urllib.parse import urlsplit

from nightshift.sources import Connection
from nightshift.sweep.doctor_lines import Line

_HANDSHAKE_S = 5.0


async def certificate_line(connection: Connection) -> Line:
    """How the certificate is checked. Only a handshake is made, and only when nothing else vouches for the server."""
    mode = connection.tls_mode
    subject, topic = connection.source, "certificate"
    if mode == "pinned":
        return Line(subject, topic, "ok", "is the one that is pinned")
    if mode == "ca_file":
        return Line(subject, topic, "ok", f"verified with the CA in {connection.tls.ca_file}")
    if mode == "system":
        return Line(subject, topic, "ok", "verified with the CAs of this system")
    if mode == "plain":
        return _plain_line(connection)
    fingerprint = await fingerprint_of(connection)
    pinnable = connection.kind in ("pve", "pbs")
    variable = connection.setting("FINGERPRINT" if pinnable else "CA_CERT")
    fix = f"Set {variable} to the CA that signed it, and {connection.setting('VERIFY_SSL')}=true."
    if pinnable:
        fix = f"Compare it with the server's own, then set {variable}={fingerprint or '…'}"
    shown = f"; its fingerprint is {fingerprint}" if fingerprint else ""
    text = f"is not verified: whoever sits in between could read the token{shown}"
    return Line(subject, topic, "warn", text, fix=fix, variable=variable)


def _plain_line(connection: Connection) -> Line:
    if connection.warning:
        return Line(
            connection.source, "certificate", "warn", "none: the token travels unencrypted",
            fix="Use https://.", variable=connection.setting("URL"),
        )  # fmt: skip
    why = "nothing leaves this machine" if connection.auth else "there is no token to lose"
    return Line(connection.source, "certificate", "ok", f"none: plain HTTP, but {why}")


async def fingerprint_of(connection: Connection) -> str | None:
    """The SHA-256 fingerprint that the server shows now, `AA:BB:…`; None when it does not answer. Sends no token."""
    parts = urlsplit(connection.base_url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(_HANDSHAKE_S):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context)
    except (OSError, TimeoutError):
        return None
    try:
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return hashlib.sha256(certificate).digest().hex(":").upper()
