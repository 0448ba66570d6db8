"""The runbooks that come with Nightshift are whole, and every check has one."""

from __future__ import annotations

import pytest

from nightshift.checks.registry import CHECKS
from nightshift.knowledge.loading import RunbookFile, load_library, starter_runbooks
from nightshift.knowledge.search import RunbookSearch

LIBRARY = load_library([starter_runbooks()])
SEARCH = RunbookSearch.open([starter_runbooks()])
SECTIONS = ("Symptoms", "How to confirm", "Steps", "How to verify", "When to stop")


def test_none_is_broken() -> None:
    assert LIBRARY.warnings == ()
    assert len(LIBRARY.files) >= 40


@pytest.mark.parametrize("runbook", LIBRARY.files, ids=lambda runbook: runbook.file)
def test_each_has_every_part(runbook: RunbookFile) -> None:
    headings = [section.heading for section in runbook.sections if section.heading in SECTIONS]
    assert tuple(dict.fromkeys(headings)) == SECTIONS
    about = runbook.frontmatter
    assert about.title == runbook.sections[0].heading_path[0]
    assert about.alerts
    assert about.tags
    assert about.symptoms
    assert about.owner
    assert about.reviewed


def test_they_name_only_checks_that_exist() -> None:
    named = {check for runbook in LIBRARY.files for check in runbook.frontmatter.checks}
    assert named - {check.id for check in CHECKS} == set()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_leads_to_steps(check: object) -> None:
    passages = SEARCH.by_link(check.id)  # type: ignore[attr-defined]
    assert passages
    assert passages[0].heading == "Steps"
