"""The doctor's lines for the terminal, subject by subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from nightshift.cli.screen import paragraph, printable, styled
from nightshift.sweep.doctor_lines import Examination, Line

_MARKS = {"ok": ("OK", "green"), "warn": ("WARN", "yellow"), "fail": ("FAIL", "red"), "info": ("-", "white")}
_INDENT = " " * 7


def examination_lines(examination: Examination) -> Iterator[str]:
    """The lines to print, without control characters from strangers."""
    for subject, lines in groupby(examination.lines, key=lambda line: line.subject):
        yield styled(printable(subject), bold=True)
        for line in lines:
            yield from _line(line)
        yield ""
    yield _summary(examination)


def _line(line: Line) -> Iterator[str]:
    mark, color = _MARKS[line.status]
    text = paragraph(line.text, indent=_INDENT, first=f"{line.topic}: ")
    yield f"  {styled(f'{mark:<4}', fg=color)} {text.removeprefix(_INDENT)}"
    if line.fix:
        yield paragraph(line.fix, indent=_INDENT, first="→ ")
    if line.variable and line.status in ("warn", "fail") and line.variable not in line.fix + line.text:
        yield f"{_INDENT}→ setting: {line.variable}"
    for command in line.commands:
        yield f"{_INDENT}$ {printable(command)}"
    if line.checks:
        yield paragraph(", ".join(line.checks), indent=_INDENT, first="cannot judge until then: ")


def _summary(examination: Examination) -> str:
    counts = Counter(line.status for line in examination.lines)
    failed, warned = counts["fail"], counts["warn"]
    if not failed and not warned:
        return styled("All well.", fg="green", bold=True)
    parts = [f"{failed} failed"] * bool(failed) + [f"{warned} warning{'s' * (warned > 1)}"] * bool(warned)
    return styled(", ".join(parts) + ".", fg="red" if failed else "yellow", bold=True)
