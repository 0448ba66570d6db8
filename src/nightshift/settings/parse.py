"""From the text of one setting to its value.

Every function takes the text and returns the value, or raises ValueError with one sentence that says what is wrong.
The sentence never contains the text: it may be a secret, or hold one. `{field}` stands for the name of another setting.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_TOKEN_ID = re.compile(r"[^\s@!:=/]+@[A-Za-z][\w.\-]*![A-Za-z0-9][\w.\-]*")
_SHA256_HEX = re.compile(r"[0-9a-f]{64}")
_SHA1_HEX_DIGITS = 40


def switch(text: str) -> bool:
    """`true`, `yes`, `on`, `1` or their opposites."""
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("must be true or false")


def port(text: str) -> int:
    """A TCP port, 1 to 65535."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise ValueError("must be a port number from 1 to 65535")
    return int(text)


def duration_s(text: str, *, shortest_s: float = 1, longest_s: float = 86400 * 365) -> float:
    """`90s`, `5m`, `1h30m` → seconds."""
    parts = re.findall(r"(\d+)\s*([smhd])", text.strip().lower())
    if not parts or re.sub(r"\d+\s*[smhd]|\s", "", text.strip().lower()):
        raise ValueError("must be a duration with a unit: s, m, h or d")
    total_s = float(sum(int(number) * _UNITS_S[unit] for number, unit in parts))
    if not shortest_s <= total_s <= longest_s:
        raise ValueError(f"must be between {shortest_s:g} s and {longest_s:g} s")
    return total_s


def one_of(*choices: str) -> Callable[[str], str]:
    """A parser for one of these words, in any case."""

    def parse(text: str) -> str:
        word = text.strip().lower()
        if word not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return word

    return parse


def items(text: str) -> tuple[str, ...]:
    """A comma-separated list, without empty items."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


def base_url(text: str) -> str:
    """An http or https address with host, optional port and path prefix; trailing slashes are dropped."""
    parts = _split_url(text)
    if parts.query or parts.fragment:
        raise ValueError("must end after the host, port and path: leave out everything from ? or # on")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _split_url(text: str) -> SplitResult:
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError("contains white space or control characters")
    if "://" not in text:
        raise ValueError("has no scheme: write http:// or https:// in front")
    try:
        parts = urlsplit(text)
        port_number = parts.port
    except ValueError:
        parts = None
    if parts is None:
        raise ValueError("is not a valid address: check the host and the port (1 to 65535)")
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise CredentialsInUrl
    if not parts.hostname or port_number == 0:
        raise ValueError("names no host" if not parts.hostname else "must have a port from 1 to 65535")
    return parts


class CredentialsInUrl(ValueError):
    """The address carries a user name or password, where it would end up in logs and error messages."""

    def __init__(self) -> None:
        super().__init__("carries a user name or a password inside the address")


def pve_token(text: str) -> str:
    """`user@realm!tokenid=secret`, also with `PVEAPIToken=` in front as it stands in a header."""
    return "=".join(_token(text.strip().removeprefix("PVEAPIToken="), "="))


def pbs_token(text: str) -> str:
    """`user@realm!tokenid:secret`, and with `=` as PVE writes it; the colon is what PBS wants."""
    return ":".join(_token(text.strip().removeprefix("PBSAPIToken="), ":="))


def _token(text: str, separators: str) -> tuple[str, str]:
    shape = f"user@realm!tokenid{separators[0]}secret"
    if "@" not in text or "!" not in text:
        raise ValueError(f"must be the whole token, {shape}; the user, the realm or the token id is missing")
    name = text.partition("!")[2]
    cut = min((at for at in map(name.find, separators) if at >= 0), default=-1)
    if cut < 0:
        raise ValueError(f"has no secret after the token id: it must be {shape}")
    split = text.index("!") + 1 + cut
    token_id, secret = text[:split], text[split + 1 :]
    if not _TOKEN_ID.fullmatch(token_id) or not secret or re.search(r"\s", secret) or not secret.isascii():
        raise ValueError(f"does not have the form {shape}")
    return token_id, secret


def plain_secret(text: str) -> str:
    """A password or bearer token: something that an HTTP header can carry."""
    bare = text.strip().removeprefix("Bearer ").strip()
    if not bare or not bare.isascii() or not bare.isprintable():
        raise ValueError("contains characters that no HTTP header can carry")
    return bare


def fingerprint(text: str) -> str:
    """SHA-256 fingerprints, plain or with colons, also as openssl prints them → `AA:BB:…`, separated by commas."""
    return ",".join(_one_fingerprint(item) for item in text.split(","))


def _one_fingerprint(text: str) -> str:
    digits = text.strip().rpartition("=")[2].replace(":", "").strip().lower()
    if len(digits) == _SHA1_HEX_DIGITS and re.fullmatch(r"[0-9a-f]+", digits):
        raise ValueError("is a SHA-1 fingerprint; a SHA-256 one is needed (64 hexadecimal digits)")
    if not _SHA256_HEX.fullmatch(digits):
        raise ValueError("must be a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons")
    pairs = (digits[at : at + 2] for at in range(0, len(digits), 2))
    return ":".join(pairs).upper()


def ca_file(text: str) -> Path:
    """A readable PEM file with at least one certificate."""
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError("names no file")
    try:
        path.read_bytes()
    except OSError:
        readable = False
    else:
        readable = True
    if not readable:
        raise ValueError("names a file that cannot be read with the rights of this process")
    if not _holds_certificate(path):
        raise ValueError("names a file that holds no PEM certificate")
    return path


def _holds_certificate(path: Path) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except (ssl.SSLError, ValueError):
        return False
    return bool(context.cert_store_stats()["x509"])


def folder(text: str) -> Path:
    """One existing folder."""
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ValueError("names no existing folder")
    return path


def folders(text: str) -> tuple[Path, ...]:
    """Existing folders, comma-separated."""
    paths = tuple(Path(item).expanduser() for item in items(text))
    missing = [number for number, path in enumerate(paths, start=1) if not path.is_dir()]
    if missing:
        raise ValueError(f"names no existing folder in {_entries(missing)} of the list")
    return paths


def _entries(numbers: Iterable[int]) -> str:
    return "entry " + ", ".join(str(number) for number in numbers)
