from __future__ import annotations

import pytest

from nightshift.knowledge.markdown import Section, first_heading, split_sections

NESTED = """Before.

# Disk
Top.
## Find
Look.
### Deep ##
Dig.
## Mend
Do.
# Empty
"""


def test_sections_know_their_path_and_line() -> None:
    assert split_sections(NESTED) == (
        Section("", (), 1, "Before."),
        Section("Disk", ("Disk",), 3, "Top."),
        Section("Find", ("Disk", "Find"), 5, "Look."),
        Section("Deep", ("Disk", "Find", "Deep"), 7, "Dig."),
        Section("Mend", ("Disk", "Mend"), 9, "Do."),
    )


def test_lines_count_from_where_the_body_begins() -> None:
    assert [section.line for section in split_sections("# A\nx\n# B\ny\n", first_line=8)] == [8, 10]


@pytest.mark.parametrize(
    ("body", "headings"),
    [
        ("```\n# no heading\n```\n", [""]),
        ("~~~sh\n# no\n```\n# no\n~~~\n# Yes\nx", ["", "Yes"]),
        ("````\n```\n# no\n````\n# Yes\nx", ["", "Yes"]),
        ("# Open\n```\n# never closed", ["Open"]),
        ("Title\n=====\nx\n\nSub\n---\ny", ["Title", "Sub"]),
        ("text\n\n---\n\nmore", [""]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", [""]),
        ("#no space\n#hashtag", [""]),
        ("# **Bold** `code` [link](http://x)\nx", ["Bold code link"]),
        ("####### seven", [""]),
        ("", []),
        ("\n\n  \n", []),
    ],
)
def test_headings(body: str, headings: list[str]) -> None:
    assert [section.heading for section in split_sections(body)] == headings


def test_long_sections_are_cut_between_blocks_and_fences_stay_whole() -> None:
    fence = "```\n" + "\n\n".join(f"command {n}" for n in range(20)) + "\n```"
    body = "# Steps\n" + "word " * 30 + "\n\n" + fence + "\n\n" + "last " * 30 + "\n"
    sections = split_sections(body, section_chars=200)
    assert [section.heading_path for section in sections] == [("Steps",)] * 3
    assert sections[1].text == fence
    assert [section.line for section in sections] == [1, 4, 46]
    lines = body.split("\n")
    assert [lines[section.line - 1] for section in sections[1:]] == ["```", "last " * 30]


def test_first_heading() -> None:
    assert first_heading("x\n\n```\n# no\n```\n## Yes\n") == "Yes"
    assert first_heading("nothing") is None
