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
    """A table without frame, as wide as the terminal allows; long cells are folded, numbers are not."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold" if wants_color() else "", padding=(0, 2, 0, 0))
    for column in columns:
        grid.add_column(Text(printable(column)), overflow="fold")
    for row in rows:
        grid.add_row(*(Text(printable(cell)) for cell in row))
    console = Console(width=width(), no_color=not wants_color(), force_terminal=wants_color(), highlight=False)
    with console.capture() as captured:
        console.print(Padding(grid, (0, 0, 0, indent)))
    return "\n".join(shown.rstrip() for shown in captured.get().rstrip("\n").splitlines())


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
