"""Quotations of runbooks: whole steps, whole commands, never more than can be read."""

from __future__ import annotations

from datetime import UTC, datetime

from nightshift.agent.builtin.writers.runbook import QUOTED_CHARS, _quote
from nightshift.facts.evidence import Document, Evidence

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def quoted(text: str) -> str:
    document = Document(text, "disk.md", "Steps", 9)
    return _quote(Evidence("runbooks", "document", "search", "Disk", NOW, document=document, total=1, shown=1))


def test_steps_stay_steps_and_commands_verbatim() -> None:
    text = "1. Look:\n\n   ```\n   zpool status  -v | grep -E 'DEGRADED|FAULTED'\n   ```\n\n2. Replace it.\n"
    assert quoted(text) == (
        "> 1. Look:\n>\n>    ```\n>    zpool status  -v | grep -E 'DEGRADED|FAULTED'\n>    ```\n>\n> 2. Replace it."
    )


def test_a_long_section_is_cut_between_steps() -> None:
    step = "   word" * 160
    fence = "   ```\n" + "   command --flag\n\n" * 30 + "   ```"
    text = f"1. One\n{step}\n2. Two\n{step}\n3. Three\n\n{fence}\n4. Four\n{step}\n{step}\n{step}\n"
    shown = quoted(text)
    assert len(shown) < QUOTED_CHARS + 300
    assert shown.count("```") == 2
    last = [line for line in shown.splitlines() if line.startswith("> ") and line[2].isdigit()][-1]
    assert last == "> 3. Three"
    assert shown.endswith("and more in disk.md")


def test_one_long_command_is_quoted_whole() -> None:
    text = "```\n" + "x" * 2_000 + "\n```"
    assert quoted(text) == "> ```\n> " + "x" * 2_000 + "\n> ```"
