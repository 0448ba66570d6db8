"""An endpoint: its path template, the shape of its answer and how large that may be.

Every path is built from a template of this program and typed pieces, each checked against what its API allows. PVE
decodes a path before it splits it, so an encoded slash would reach another endpoint: pieces that may not hold one are
refused, not encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from nightshift.errors import ToolInputError

Shape = TypeVar("Shape", bound=BaseModel)

MEBIBYTE: Final = 1 << 20

_PIECES: Final[dict[str, re.Pattern[str]]] = {
    "node": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
    "kind": re.compile(r"qemu|lxc"),
    "vmid": re.compile(r"[1-9][0-9]{0,8}"),
    "pool": re.compile(r"[A-Za-z][A-Za-z0-9._-]*"),
    "storage": re.compile(r"[A-Za-z][A-Za-z0-9._-]*"),
    "store": re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*"),
    "job": re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,49}"),
    "upid": re.compile(r"UPID:[^\s/?#%\x00-\x1f\x7f]+"),
    "uid": re.compile(r"[A-Za-z0-9_-]{1,40}"),
    "label": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
}


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[Shape]):
    """`template` is below the API's root (`/nodes/{node}/status`), `shape` the wire model of the whole body."""

    template: str
    shape: type[Shape]
    max_bytes: int = 16 * MEBIBYTE

    def path(self, **pieces: str | int) -> str:
        """The path with its pieces filled in and encoded.

        Raises ToolInputError when a piece is not what the API calls by that name.
        """
        return re.sub(r"{(\w+)}", lambda match: _piece(match[1], str(pieces[match[1]])), self.template)


def _piece(name: str, value: str) -> str:
    if not _PIECES[name].fullmatch(value) or value in (".", ".."):
        raise ToolInputError(f"{value[:80]!r} is not a valid {name}.")
    return quote(value, safe="")
