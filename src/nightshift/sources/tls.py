"""TLS contexts: verify with the system's bundle or one authority, pin one certificate, or trust anything."""

from __future__ import annotations

import hashlib
import hmac
import ssl
from collections.abc import Iterable
from pathlib import Path

import certifi

from nightshift.errors import ConfigError
from nightshift.sources.connection import Connection


class FingerprintMismatch(ssl.SSLError):
    """The server showed another certificate than the pinned one. `shown` is its SHA-256 in hex with colons."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        super().__init__(f"certificate fingerprint is {shown}")


def tls_context(connection: Connection) -> ssl.SSLContext:
    """The context that enforces `connection.tls`.

    Raises ConfigError when the CA file cannot be used.
    """
    mode = connection.tls_mode
    if mode == "pinned":
        return _pinned_context((connection.tls.fingerprint or "").split(","))
    if mode == "unverified":
        return _unchecked_context()
    if mode == "ca_file":
        return _authority_context(connection)
    return _system_context()


def _system_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not Path(paths.openssl_cafile).exists() and not Path(paths.openssl_capath).exists():  # a bare container
        context.load_verify_locations(certifi.where())
    return context


def _authority_context(connection: Connection) -> ssl.SSLContext:
    path = connection.tls.ca_file
    variable, example = connection.setting("CA_CERT"), "/etc/ssl/private-ca.pem"
    if path is None or not path.exists():
        raise ConfigError(variable, "names a file that does not exist", example)
    try:
        if path.is_dir():
            context = ssl.create_default_context(capath=str(path))
        else:
            context = ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        raise ConfigError(variable, "names a file without a PEM certificate in it", example) from None
    except OSError as error:
        raise ConfigError(variable, f"names a file that cannot be read ({error.strerror})", example) from None
    # Python 3.13 turned strict checks on; the authority that PVE makes for its cluster does not pass them.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _unchecked_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _pinned_context(fingerprints: Iterable[str]) -> ssl.SSLContext:
    """A context whose handshake fails unless the certificate is a pinned one.

    The check is part of the handshake itself, so no byte of a request, and no token, is sent before it.
    """

    pins = tuple(fingerprints)

    class PinnedHandshake(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            certificate = self.getpeercert(binary_form=True) or b""
            shown = hashlib.sha256(certificate).hexdigest()
            if not any(hmac.compare_digest(shown, pin) for pin in pins):
                raise FingerprintMismatch(":".join(shown[i : i + 2] for i in range(0, 64, 2)).upper())

    context = _unchecked_context()
    context.sslobject_class = PinnedHandshake
    return context
