"""Strangers' text in Markdown and HTML: shown as it is, never read as markup."""

from __future__ import annotations

import html
import re

from nightshift.cli.screen import printable

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|<>~&$])")


def literal(text: str) -> str:
    """`text` in Markdown, every character that could mean something escaped. One line."""
    return _SPECIAL.sub(r"\\\1", printable(text))


def cell(text: str) -> str:
    """`text` in a cell of a Markdown table."""
    return literal(text) or " "


def code(text: str) -> str:
    """`text` as inline code in Markdown: the fence is longer than any in it."""
    shown = printable(text)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def escaped(text: str) -> str:
    """`text` in HTML, attributes included."""
    return html.escape(printable(text), quote=True)
