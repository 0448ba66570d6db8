"""Markdown → sections that can be quoted: each with its heading path and its line, code fences never cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SECTION_CHARS = 3_000

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text right under it. `line` counts from 1 and is that of the heading; `heading` is empty for
    text above the first heading. `heading_path` goes from the outermost heading to this one."""

    heading: str
    heading_path: tuple[str, ...]
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    line: int


def split_sections(body: str, *, first_line: int = 1, section_chars: int = SECTION_CHARS) -> tuple[Section, ...]:
    """Split Markdown with `\\n` line ends at its headings. Sections without text of their own are left out; those
    longer than `section_chars` are cut between blocks, and a block (a code fence, a table, a list) stays whole."""
    sections: list[Section] = []
    path: list[_Heading] = []
    lines: list[str] = []
    start = first_line

    def close() -> None:
        text = "\n".join(lines).strip("\n")
        if text.strip():
            headings = tuple(heading.text for heading in path)
            heading = headings[-1] if headings else ""
            sections.extend(
                Section(heading, headings, start + offset if offset else (path[-1].line if path else start), part)
                for offset, part in _parts(lines, section_chars)
            )
        lines.clear()

    for item in _headings_and_lines(body, first_line):
        if isinstance(item, _Heading):
            close()
            while path and path[-1].level >= item.level:
                path.pop()
            path.append(item)
            start = item.line + 1
        else:
            lines.append(item)
    close()
    return tuple(sections)


def first_heading(body: str) -> str | None:
    """The text of the first heading, which names a document that has no title."""
    return next((item.text for item in _headings_and_lines(body, 1) if isinstance(item, _Heading) and item.text), None)


def _headings_and_lines(body: str, first_line: int) -> Iterator[_Heading | str]:
    lines = body.split("\n")
    fence: str | None = None
    number = 0
    while number < len(lines):
        line = lines[number]
        found = _FENCE.match(line)
        if fence is not None:
            if found and found.group(1).startswith(fence) and not found.group(2).strip():
                fence = None
            yield line
        elif found and not (found.group(1)[0] == "`" and "`" in found.group(2)):
            fence = found.group(1)
            yield line
        elif heading := _ATX.match(line):
            yield _Heading(len(heading.group(1)), _plain(heading.group(2) or ""), first_line + number)
        elif _is_setext(lines, number):
            level = 1 if lines[number + 1].lstrip().startswith("=") else 2
            yield _Heading(level, _plain(line), first_line + number)
            number += 1
        else:
            yield line
        number += 1


def _is_setext(lines: list[str], number: int) -> bool:
    """A single line of prose that is underlined with === or ---."""
    if number + 1 >= len(lines) or not _SETEXT.match(lines[number + 1]):
        return False
    line = lines[number].strip()
    before = lines[number - 1].strip() if number else ""
    return bool(line) and not before and line[0] not in "-*+>|#" and not line[0].isdigit()


def _plain(text: str) -> str:
    """A heading without its markup: `**Disk** [full](#x)` → `Disk full`."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}", r"\1", text).strip()


def _parts(lines: list[str], section_chars: int) -> Iterator[tuple[int, str]]:
    """The text in parts of at most `section_chars` where blocks allow it, each with the index of its first line."""
    part: list[str] = []
    offset = 0
    for index, block in _blocks(lines):
        if part and sum(map(len, part)) + sum(map(len, block)) > section_chars:
            yield offset, "\n".join(part).strip("\n")
            part = []
        if not part:
            offset = index
        part.extend(block)
    if part:
        yield offset if offset and len("".join(part)) < len("".join(lines)) else 0, "\n".join(part).strip("\n")


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines up to and with the blank lines after them; a code fence with blank lines inside is one run."""
    block: list[str] = []
    start = 0
    fence: str | None = None
    for index, line in enumerate(lines):
        starts_new = block and not block[-1].strip() and line.strip() and not line.startswith((" ", "\t"))
        if fence is None and starts_new:
            yield start, block
            block, start = [], index
        block.append(line)
        found = _FENCE.match(line)
        if found and fence is None:
            fence = found.group(1)
        elif found and fence is not None and found.group(1).startswith(fence) and not found.group(2).strip():
            fence = None
    if block:
        yield start, block
