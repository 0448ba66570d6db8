"""Quotations of runbooks: whole steps, whole commands, never more than can be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.tools.homelab import NOW as AT
from tests.tools.homelab import ZONE, snapshot

from nightshift.agent.builtin.reading.reader import Reader
from nightshift.agent.builtin.steps.procedures import procedure_meant, section_asked
from nightshift.agent.builtin.story import Story
from nightshift.agent.builtin.writers.runbook import QUOTED_CHARS, _quote, runbook
from nightshift.facts.evidence import Document, Evidence
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import ToolResult

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


INDEX = EntityIndex.of(snapshot())


@pytest.mark.parametrize(
    ("question", "book"),
    [
        ("both other nodes are gone for good, how does the last one get able to write again?", "cluster.quorum"),
        ("do snapshots count as backups?", "guest.snapshots"),
        ("pruned half of it and ran garbage collection, but no room was freed: why?", "datastore.full"),
    ],
)
def test_the_procedure_that_is_meant(question: str, book: str) -> None:
    assert procedure_meant(Reader(INDEX, AT, ZONE).read(question)) == book


def test_why_it_must_be_is_told_by_where_to_stop() -> None:
    assert section_asked("why must I be sure that they are off?") == "#when-to-stop"


def test_what_is_usual_is_quoted_from_where_it_stands() -> None:
    found = tuple(
        Evidence(
            "runbooks", "document", "search", f"Scrub › {heading}", NOW,
            document=Document(text, "scrub.md", heading, 9), total=1, shown=1, id=f"E{at}",
        )
        for at, (heading, text) in enumerate((("Steps", "1. Scrub it."), ("How to confirm", "Every second Sunday.")), 1)
    )  # fmt: skip
    question = Reader(INDEX, AT, ZONE).read("on which day is a pool scrubbed by default")
    said = runbook(Story(question, {"runbooks": [ToolResult(found)]}, INDEX, AT, ZONE, ()))

    assert said.startswith("The runbook for it: Scrub › How to confirm (scrub.md:9) [E2].")
