"""Where a lab server listens and how to log in there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A PVE or PBS API. `token_id` is `user@realm!name`; `fingerprint` pins the certificate."""

    url: str
    token_id: str
    token_secret: str = field(repr=False)
    fingerprint: str
