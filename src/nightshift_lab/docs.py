"""Generates what follows from the code: the lists in docs/lab.md and the JSON Schema of scenario files.

`python -m nightshift_lab.docs` writes both, `--check` only says whether they are up to date.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from dataclasses import Field
from pathlib import Path
from typing import Any, get_args

from nightshift_lab.scenarios import SCENARIOS
from nightshift_lab.scenarios.library import FOLDER
from nightshift_lab.scenarios.model import Family
from nightshift_lab.scenarios.parameters import written_name
from nightshift_lab.scenarios.schema import scenario_schema
from nightshift_lab.world.faults import AREAS, Fault

PAGE = Path(__file__).parents[2] / "docs" / "lab.md"
SCHEMA = FOLDER / "schema.json"
_FAMILIES = {
    "healthy": "Nothing is wrong",
    "single": "One fault",
    "compound": "Several things at once",
    "blind": "The watcher is blind",
    "hostile": "Hostile texts",
}


def scenarios_text() -> str:
    """The scenarios, a table for each family."""
    lines: list[str] = []
    for family in get_args(Family):
        lines += [f"### {_FAMILIES[family]}", "", "| name | what happened |", "| --- | --- |"]
        lines += [f"| `{name}` | {found.summary} |" for name, found in SCENARIOS.items() if found.family == family]
        lines.append("")
    return "\n".join(lines)


def kinds_text() -> str:
    """The kinds of fault with their parameters."""
    lines: list[str] = []
    for area, kinds in AREAS.items():
        lines += [f"### {area}", ""]
        for kind in kinds:
            lines += [*_kind_lines(kind), ""]
    return "\n".join(lines)


def _kind_lines(kind: type[Fault]) -> Iterator[str]:
    targets = f" Target: {', '.join(f'`{target}/…`' for target in kind.targets)}." if kind.targets else " No target."
    described = " ".join((inspect.getdoc(kind) or "").split())
    yield f"**`{kind.kind}`** {described}{targets}"
    if kind.parameters():
        yield ""
        yield from (_parameter_line(field) for field in kind.parameters())


def _parameter_line(field: Field[Any]) -> str:
    choices = field.metadata["choices"]
    among = f"; one of {', '.join(f'`{choice}`' for choice in choices)}" if choices else ""
    meaning = field.metadata["meaning"]
    return f"- `{written_name(field)}` ({field.metadata['quantity']}, {_usual(field)}): {meaning}{among}"


def _usual(field: Field[Any]) -> str:
    value: Any = field.default
    match field.metadata["quantity"]:
        case "fraction" if value >= 0:
            return f"usually {value * 100:g}%"
        case "duration":
            return f"usually {value:g}s"
        case "text" if not value:
            return "nothing unless set"
        case "flag":
            return f"usually {str(value).lower()}"
        case "fraction":
            return "as it is unless set"
    return f"usually `{value}`"


def generated_page(page: str) -> str:
    """The page with its generated parts made anew. Raises ValueError when a mark is missing."""
    for name, text in (("scenarios", scenarios_text()), ("kinds", kinds_text())):
        begin, end = f"<!-- generated: {name} -->\n", f"<!-- end: {name} -->"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"docs/lab.md lacks the marks of {name}")
        page = f"{before}{begin}\n{text}\n{end}{after}"
    return page


def main(arguments: list[str]) -> int:
    """0 when both files are, or have been made, up to date; else 1."""
    wanted = {
        PAGE: generated_page(PAGE.read_text(encoding="utf-8")),
        SCHEMA: json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n",
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            sys.stderr.write(f"{path.name} is not up to date: run python -m nightshift_lab.docs\n")
        else:
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
