"""An endpoint: its path template, the shape of its answer and how large that may be.

Every path is built from a template of this program and typed pieces, each checked against what its API allows. PVE
decodes a path before it splits it, so an encoded slash would reach another endpoint: pieces that may not hold one are
refused, not encoded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

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
_BEFORE_ROWS: Final = re.compile(r'\s*\{\s*"data"\s*:\s*\[\s*')
_BETWEEN_ROWS: Final = re.compile(r"\s*(?:,\s*(?=\{)|(?=\]))")


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[Shape]):
    """`template` is below the API's root (`/nodes/{node}/status`), `shape` the wire model of the whole body. `row` is
    the shape of the rows in `data` where they are tens of thousands: then they are parsed one by one, which takes a
    third of the memory."""

    template: str
    shape: type[Shape]
    max_bytes: int = 16 * MEBIBYTE
    row: type | None = None

    def path(self, **pieces: str | int) -> str:
        """The path with its pieces filled in and encoded.

        Raises ToolInputError when a piece is not what the API calls by that name.
        """
        return re.sub(r"{(\w+)}", lambda match: _piece(match[1], str(pieces[match[1]])), self.template)

    def parse(self, body: bytes) -> Shape:
        """The answer in its shape. Raises ValidationError."""
        if self.row is not None:
            with suppress(ValueError):  # what is wrong with it, the parser of the whole says best
                return self.shape.model_construct(data=list(_rows(body, TypeAdapter(self.row))))
        return self.shape.model_validate_json(body)


def _rows(body: bytes, row: TypeAdapter[object]) -> Iterator[object]:
    """The rows of `{"data": [{…}, {…}], …}`. Raises ValueError when it is not that, or a row is not one."""
    text = body.decode()
    decode = json.JSONDecoder().raw_decode
    begin = _BEFORE_ROWS.match(text)
    if begin is None:
        raise ValueError("has no rows")
    at = begin.end()
    while not text.startswith("]", at):
        value, at = decode(text, at)
        yield row.validate_python(value)
        between = _BETWEEN_ROWS.match(text, at)
        if between is None:
            raise ValueError("ends amid its rows")
        at = between.end()
    if not text.rstrip().endswith("}"):
        raise ValueError("ends too early")


def _piece(name: str, value: str) -> str:
    if not _PIECES[name].fullmatch(value) or value in (".", ".."):
        raise ToolInputError(f"{value[:80]!r} is not a valid {name}.")
    return quote(value, safe="")
