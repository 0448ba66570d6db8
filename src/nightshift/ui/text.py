"""Strangers' text on the page: alert annotations, guest names, runbooks, and what a language model made of them.

Streamlit shows Markdown, and Markdown can load a picture from somewhere, colour a lie or draw a heading. So names are
escaped whole, and an answer keeps a small safe part of its Markdown: bold, code, lists, tables, and its citations.
Links and pictures stay visible as the text that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
_MARKER = re.compile(
    r"^(?P<indent>\s*)(?:(?P<heading>#{1,6})|(?P<bullet>[-*+])|(?P<number>\d{1,3})[.)])\s+(?P<rest>.*)$"
)
_TABLE_RULE = re.compile(r"^\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?\s*\|?)?\s*$")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^*\n]+)\*\*"
    r"|\[(?P<cited>E\d{1,4}(?:\s*[,;]\s*E\d{1,4})*)\]"
)


def escape(text: str) -> str:
    """`text` as one line of Markdown that shows exactly its characters."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


@dataclass(frozen=True, slots=True)
class Block:
    """A part of an answer: `prose` is safe Markdown, `code` is verbatim."""

    kind: Literal["prose", "code"]
    text: str


def blocks(text: str) -> Iterator[Block]:
    """An answer's Markdown, cut into safe prose and verbatim code, in order."""
    prose: list[str] = []
    code: list[str] = []
    fence: str | None = None
    for line in text.splitlines():
        opened = _FENCE.match(line)
        if fence is None and opened:
            yield from _prose(prose)
            prose, code, fence = [], [], opened[1]
        elif fence is not None and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            yield Block("code", "\n".join(code))
            fence = None
        elif fence is not None:
            code.append(line)
        else:
            prose.append(line)
    if fence is not None:
        yield Block("code", "\n".join(code))
    yield from _prose(prose)


def _prose(lines: list[str]) -> Iterator[Block]:
    if any(line.strip() for line in lines):
        yield Block("prose", "\n".join(_safe_line(line) for line in lines).strip("\n"))


def _safe_line(line: str) -> str:
    """Two spaces end a line of prose: what was written on its own line stays on its own line."""
    marker = _MARKER.match(line)
    if marker:
        rest = _safe_inline(marker["rest"])
        if marker["heading"]:
            return f"\n**{_safe_inline(marker['rest'].replace('**', ''))}**\n"
        indent = " " * min(len(marker["indent"].expandtabs(4)), 8)
        return f"{indent}- {rest}  " if marker["bullet"] else f"{indent}{marker['number']}. {rest}  "
    stripped = line.strip()
    if _TABLE_RULE.match(stripped) and "|" in stripped:
        return stripped
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 1:
        return "|" + "|".join(_safe_inline(cell) for cell in stripped[1:-1].split("|")) + "|"
    return _safe_inline(stripped) + "  " if stripped else ""


def _safe_inline(text: str) -> str:
    parts: list[str] = []
    end = 0
    for match in _INLINE.finditer(text):
        parts += [_escape_in_line(text[end : match.start()]), _kept(match)]
        end = match.end()
    return "".join([*parts, _escape_in_line(text[end:])])


def _kept(match: re.Match[str]) -> str:
    if match["code"]:
        return f"`{match['code']}`"
    if match["bold"]:
        return f"**{_escape_in_line(match['bold'].strip())}**"
    return " ".join(f":gray-badge[{name}]" for name in re.findall(r"E\d+", match["cited"]))


def _escape_in_line(text: str) -> str:
    """Like `escape`, but keeps the spaces at the ends, which separate the parts of a line."""
    return _PUNCTUATION.sub(r"\\\1", text)
