"""Strangers' text on the page: shown, never obeyed."""

from __future__ import annotations

import pytest

from nightshift.ui.text import Block, blocks, escape


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web", "web"),
        ("<script>alert(1)</script>", r"\<script\>alert\(1\)\<\/script\>"),
        ("![x](http://evil/?q=1)", r"\!\[x\]\(http\:\/\/evil\/\?q\=1\)"),
        (":red[all is well]", r"\:red\[all is well\]"),
        ("$x$ `y` *z*", r"\$x\$ \`y\` \*z\*"),
        ("one\n\n# two", r"one \# two"),
        ("Bücher-日本", r"Bücher\-日本"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_escaped_whole(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**tank** is full [E1].", r"**tank** is full :gray-badge[E1]\.  "),
        ("full [E1, E12]", "full :gray-badge[E1] :gray-badge[E12]  "),
        ("run `pvesm status`", "run `pvesm status`  "),
        ("- a *b*", r"- a \*b\*  "),
        ("  * nested", "  - nested  "),
        ("2) second", "2. second  "),
        ("# Big\nword", "**Big**\n\nword  "),
        ("| a | <b> |\n|---|:-:|", "| a | \\<b\\> |\n|---|:-:|"),
        ("[here](javascript:alert(1))", r"\[here\]\(javascript\:alert\(1\)\)  "),
        ("![](http://evil/x.png)", r"\!\[\]\(http\:\/\/evil\/x\.png\)  "),
        ("<img src=x onerror=alert(1)>", r"\<img src\=x onerror\=alert\(1\)\>  "),
        ("**[x](http://evil)**", r"**\[x\]\(http\:\/\/evil\)**  "),
        ("> quoted", r"\> quoted  "),
        ("    indented", "indented  "),
        ("---", r"\-\-\-  "),
        ("[E1](http://evil)", r":gray-badge[E1]\(http\:\/\/evil\)  "),
        (":red-badge[fine]", r"\:red\-badge\[fine\]  "),
    ],
)
def test_an_answer_keeps_a_safe_part_of_its_markdown(text: str, shown: str) -> None:
    (block,) = blocks(text)
    assert block == Block("prose", shown)


def test_code_is_verbatim() -> None:
    text = "Run:\n```sh\nqm list --full | grep '<x>'\n```\nand\n~~~\n```\n~~~\nthen ```` open"
    assert list(blocks(text)) == [
        Block("prose", "Run\\:  "),
        Block("code", "qm list --full | grep '<x>'"),
        Block("prose", "and  "),
        Block("code", "```"),
        Block("prose", r"then \`\`\`\` open" + "  "),
    ]


def test_an_unfinished_fence_is_code_to_the_end() -> None:
    assert list(blocks("a\n```\nrm -rf /\n# x")) == [Block("prose", "a  "), Block("code", "rm -rf /\n# x")]


@pytest.mark.parametrize("text", ["", "  \n\n"])
def test_nothing_is_nothing(text: str) -> None:
    assert list(blocks(text)) == []
