"""What leaves the house for a model: secrets never do, and names only when the operator lets them.

A `Mask` turns a text into what may be sent and an answer back into what the operator reads. `SecretMask` is always on;
`NameMask` wraps it when `NIGHTSHIFT_MASKING=names`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Protocol

from pydantic import SecretStr

from nightshift.facts.instances import is_ip
from nightshift.facts.snapshot import Snapshot

HIDDEN = "[secret]"
_SHORTEST_SECRET = 6


class Mask(Protocol):
    """A boundary that text passes on its way to a model and back."""

    def outgoing(self, text: str) -> str: ...

    def incoming(self, text: str) -> str: ...


_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
_PROXMOX_TOKEN = re.compile(
    r"(?P<kept>(?:PVE|PBS)APIToken=)?\b[\w.+-]+@[\w.-]+![\w.-]+(?P<sign>[=:])[0-9A-Za-z-]{8,}", re.IGNORECASE
)
_BEARER = re.compile(r"(?P<kept>\b(?:bearer|basic|token)\s+)(?P<value>[A-Za-z0-9._~+/=-]{12,})", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?P<kept>\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE)
_NAMED = re.compile(
    r"""(?P<kept>["']?\b[\w.-]*(?:password|passwd|passphrase|passwort|pwd|secret|token|api[_-]?key|access[_-]?key|
        private[_-]?key|encryption[_-]?key|preshared[_-]?key|community|credentials?)["']?\s*(?:=>|[:=])\s*)
        (?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>(?:\[secret\]|[^\s"'&)}\]])+))""",
    re.IGNORECASE | re.VERBOSE,
)
_OPTION = re.compile(r"(?P<kept>(?:^|\s)--?(?:password|passwd|token|secret|api-key)\s+)\S+", re.IGNORECASE)
_WELL_KNOWN = re.compile(
    r"""\b(?:
        glsa_[0-9A-Za-z_]{20,} | glc_[0-9A-Za-z+/=]{20,} | eyJrIjoi[0-9A-Za-z+/=]{20,}   # Grafana
      | sk-[0-9A-Za-z_-]{16,} | gh[pousr]_[0-9A-Za-z]{20,} | github_pat_\w{20,} | glpat-[\w-]{16,}
      | xox[abprs]-[0-9A-Za-z-]{10,} | AKIA[0-9A-Z]{16} | AIza[0-9A-Za-z_-]{30,} | hvs\.[0-9A-Za-z_-]{20,}
      | eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}                         # JSON Web Token
    )""",
    re.VERBOSE,
)


class SecretMask:
    """Hides what looks like a secret, and the secrets that are known. One way: a secret does not come back."""

    def __init__(self, known: Iterable[SecretStr] = ()) -> None:
        values = {value for secret in known if len(value := secret.get_secret_value()) >= _SHORTEST_SECRET}
        parts = {value.split("!", 1)[1].split(sign, 1)[1] for value in values for sign in "=:" if _has_id(value, sign)}
        longest_first = sorted(
            values | {part for part in parts if len(part) >= _SHORTEST_SECRET}, key=len, reverse=True
        )
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def outgoing(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _PRIVATE_KEY.sub(HIDDEN, text)
        text = _PROXMOX_TOKEN.sub(lambda found: (found["kept"] or "") + HIDDEN, text)
        for pattern in (_URL_PASSWORD, _BEARER, _OPTION):
            text = pattern.sub(lambda found: found["kept"] + HIDDEN, text)
        text = _NAMED.sub(lambda found: found["kept"] + HIDDEN, text)
        return _WELL_KNOWN.sub(HIDDEN, text)

    def incoming(self, text: str) -> str:
        return text


_NAME_LIKE = re.compile(r"[^\W_][\w.:-]*")
_PSEUDONYM = re.compile(r"\b(?:guest|node|host|storage|datastore|ip)-[0-9a-f]{6}\b", re.IGNORECASE)
_KEPT_WORDS = frozenset(
    """
    all backup backups cluster ct container containers cpu data datastore default disk down guest guests homelab host
    lab local local-lvm local-zfs localhost lxc memory metrics network node nodes none ok online offline pbs prometheus
    grafana proxmox pve qemu root running server status stopped storage test up vm vms unknown
    """.split()  # noqa: SIM905 - a list of words reads better as words
)


class NameMask:
    """Replaces names of guests, nodes and hosts and all IP addresses by pseudonyms, and back in the answer.

    A name has the same pseudonym for as long as the salt lives. Everyday words and products that happen to be
    a name (`local`, `backup`, `grafana`) stay as they are: replacing them would hide nothing and spoil the text.
    """

    def __init__(self, inner: Mask, snapshot: Snapshot, salt: bytes | None = None) -> None:
        self._inner = inner
        self._salt = salt or secrets.token_bytes(16)
        self._pseudonyms: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for name, kind in _names_of(snapshot).items():
            self._take(name, kind)

    def outgoing(self, text: str) -> str:
        return _NAME_LIKE.sub(self._replace, self._inner.outgoing(text))

    def incoming(self, text: str) -> str:
        return self._inner.incoming(_PSEUDONYM.sub(lambda found: self._names.get(found[0].lower(), found[0]), text))

    def _replace(self, found: re.Match[str]) -> str:
        word = found[0].rstrip(".:-")
        return self._masked(word) + found[0][len(word) :]

    def _masked(self, word: str) -> str:
        """The whole word, else its parts: `web.example.lan` and `web:9100` name the host `web`."""
        if known := self._pseudonyms.get(word.lower()):
            return known
        if is_ip(word):
            return self._take(word, "ip")
        for sign in (":", "."):
            if sign in word:
                head, _, tail = word.partition(sign)
                return f"{self._masked(head)}{sign}{self._masked(tail)}" if head else word
        return word

    def _take(self, name: str, kind: str) -> str:
        digest = hashlib.blake2b(name.lower().encode(), key=self._salt, digest_size=3).hexdigest()
        pseudonym = f"{kind}-{digest}"
        self._pseudonyms[name.lower()] = pseudonym
        self._names.setdefault(pseudonym, name)
        return pseudonym


def _names_of(snapshot: Snapshot) -> Mapping[str, str]:
    """Name → kind, of everything that bears a name of the operator's. Numbers alone are no names."""
    named: dict[str, str] = {}
    for node in snapshot.nodes:
        named[node.name] = "node"
    for guest in snapshot.guests:
        if guest.name:
            named.setdefault(guest.name, "guest")
    for target in snapshot.targets:
        named.setdefault(_host_of(target.instance), "host")
    for cluster in snapshot.clusters:
        if cluster.name:
            named.setdefault(cluster.name, "host")
    for name, entity in snapshot.names.items():
        if entity.kind in ("guest", "node"):
            named.setdefault(_host_of(name), "ip" if is_ip(_host_of(name)) else entity.kind)
    return {name: kind for name, kind in named.items() if _is_telling(name)}


def _is_telling(name: str) -> bool:
    return len(name) > 1 and not name.isdigit() and name.lower() not in _KEPT_WORDS


def _host_of(instance: str) -> str:
    """`web:9100` → `web`; `[fd00::1]:9100` → `fd00::1`; an address stays."""
    if instance.startswith("["):
        return instance[1:].partition("]")[0]
    host, colon, port = instance.rpartition(":")
    return host if colon and port.isdigit() and ":" not in host else instance


def _has_id(value: str, sign: str) -> bool:
    return "!" in value and sign in value.split("!", 1)[1]
