from __future__ import annotations

import pytest

from nightshift.knowledge.frontmatter import Frontmatter, split_frontmatter

EXAMPLE = """---
title: A datastore is full
alerts: [PbsFull, "Pbs Almost"]
checks: datastore.full, datastore.filling
tags:
  - pbs
  - {not: wanted}
  - 3
reviewed: 2026-01-02
unknown: x
---
# Body
"""


def test_what_it_says() -> None:
    split = split_frontmatter(EXAMPLE)
    assert split.frontmatter == Frontmatter(
        title="A datastore is full",
        alerts=("PbsFull", "Pbs Almost"),
        checks=("datastore.full", "datastore.filling"),
        tags=("pbs", "3"),
        reviewed="2026-01-02",
    )
    assert (split.body, split.body_line, split.problem) == ("# Body\n", 12, None)


@pytest.mark.parametrize(
    ("text", "body", "problem"),
    [
        ("# No frontmatter\n", "# No frontmatter\n", None),
        ("---\n---\nx", "x", None),
        ("---\ntitle: [a\n---\nx", "x", "the frontmatter is not valid YAML (line 3)"),
        ("---\nreviewed: 2026-13-45\n---\nx", "x", "the frontmatter is not valid YAML"),
        ("---\n- a\n- b\n---\nx", "x", "the frontmatter is not a list of `name: value` lines"),
        ("---\ntitle: a\nx", "---\ntitle: a\nx", "the frontmatter is opened with --- and never closed"),
        ("---\nA rule, then text.\n", "---\nA rule, then text.\n", None),
        ("---\ntitle: " + "a" * 20_001 + "\n---\nx", "x", "the frontmatter is longer than 20,000 characters"),
        ("---\nfirst: !!python/object/apply:os.system [id]\n---\nx", "x", "the frontmatter is not valid YAML (line 2)"),
    ],
)
def test_a_broken_one_never_costs_the_body(text: str, body: str, problem: str | None) -> None:
    split = split_frontmatter(text)
    assert (split.frontmatter, split.body, split.problem) == (Frontmatter(), body, problem)
