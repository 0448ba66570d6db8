"""What the terminal shows: results on stdout, progress on stderr, colour only for people who want it.

Names, alerts and logs are strangers' text: `printable` takes the control characters out of it that could move the
cursor, retitle the window or hide a line.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

_PLAIN_WIDTH = 160
_COLUMN_GAP = 2
_NARROWEST = 8
_READABLE = 32
_CLEAR_LINE = "\r\x1b[K"

Tell = Callable[[str], None]


def printable(text: str, *, keep_lines: bool = False) -> str:
    """`text` without control, format and bidirectional characters; line breaks become spaces unless they are kept."""
    return "".join(_safe(character, keep_lines=keep_lines) for character in text)


def _safe(character: str, *, keep_lines: bool) -> str:
    if character == "\n":
        return "\n" if keep_lines else " "
    if character == "\t":
        return "    "
    return "�" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") else character


def wants_color() -> bool:
    """Colour on a terminal, unless NO_COLOR is set or the terminal is dumb."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled(text: str, **style: str | bool) -> str:
    """`text` in a colour or weight (see click.style), or as it is when there is to be no colour."""
    return click.style(text, **style) if wants_color() else text  # type: ignore[arg-type]


def width() -> int:
    return min(shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns if sys.stdout.isatty() else _PLAIN_WIDTH, 180)


def line(text: str = "") -> None:
    click.echo(text)


def paragraph(text: str, *, indent: str = "", first: str = "") -> str:
    """`text` without control characters, wrapped to the terminal; elsewhere one line, which is easier to search."""
    shown = f"{indent}{first}{printable(text)}"
    if not sys.stdout.isatty():
        return shown
    hanging = indent + " " * len(first)
    return textwrap.fill(shown, width(), subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)


def warn(text: str) -> None:
    """A sentence that the operator should see, on stderr."""
    click.echo(f"warning: {printable(text)}", err=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 2) -> str:
    """A table without frame, a line a row.

    The columns come by importance: the last ones are left out while there is no room to read the others, then the
    widest are cut until everything fits the terminal.
    """
    from rich.cells import cell_len

    lines = [[printable(cell) for cell in row] for row in (columns, *rows)]
    wanted = [max(cell_len(row[number]) for row in lines) for number in range(len(columns))]
    wanted = wanted[: _legible(wanted, width() - indent)]
    widths = _fitted(wanted, width() - indent - _COLUMN_GAP * (len(wanted) - 1))
    margin, gap = " " * indent, " " * _COLUMN_GAP
    shown = [
        f"{margin}{gap.join(_cut(cell, size) for cell, size in zip(row, widths, strict=False))}".rstrip()
        for row in lines
    ]
    return "\n".join([styled(shown[0], bold=True), *shown[1:]])


def _legible(wanted: Sequence[int], room: int) -> int:
    """How many of the leading columns fit `room` when each may be cut to a readable width; at least one."""
    readable = max(_NARROWEST, min(_READABLE, room // 3))
    taken = 0
    for number, size in enumerate(wanted):
        taken += min(size, readable) + (_COLUMN_GAP if number else 0)
        if taken > room and number:
            return number
    return len(wanted)


def _fitted(wanted: Sequence[int], room: int) -> list[int]:
    """Column widths that fit `room`: the widest give way first, none below what a word needs."""
    widths = list(wanted)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths


def _cut(cell: str, size: int) -> str:
    """`cell` in exactly `size` columns of the terminal."""
    from rich.cells import cell_len, set_cell_size

    return set_cell_size(cell, size) if cell_len(cell) <= size else f"{set_cell_size(cell, size - 1)}…"


@contextmanager
def progress(*, quiet: bool) -> Iterator[Tell]:
    """Tells on stderr what is going on: one line that changes on a terminal, a line each elsewhere."""
    live = sys.stderr.isatty()

    def tell(text: str) -> None:
        shown = printable(text)
        if quiet:
            return
        click.echo(f"{_CLEAR_LINE}… {shown[: width() - 4]}" if live else f"… {shown}", err=True, nl=not live)

    try:
        yield tell
    finally:
        if live and not quiet:
            click.echo(_CLEAR_LINE, err=True, nl=False)
