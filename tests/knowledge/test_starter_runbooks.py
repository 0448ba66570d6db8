"""The runbooks that come with Nightshift are whole, and every check has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.knowledge.library import load_library

from nightshift import checks
from nightshift.checks.check import Check
from nightshift.checks.registry import CHECKS
from nightshift.knowledge.loading import RunbookFile, starter_runbooks
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


def _links_in_the_code() -> list[str]:
    """Every `file.md#heading` that a finding of any check can carry, read from the sources of the checks."""
    found: set[str] = set()
    for path in Path(checks.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"^[\w-]+\.md#[\w-]+$", node.value))
    return sorted(found)


@pytest.mark.parametrize("link", _links_in_the_code())
def test_every_link_of_a_finding_leads_to_an_existing_heading(link: str) -> None:
    passages = SEARCH.by_link(link)
    assert [passage.file for passage in passages] == [link.partition("#")[0]] * len(passages)
    assert passages


def test_findings_link_somewhere() -> None:
    assert len(_links_in_the_code()) >= 20


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_leads_to_the_steps_of_one_runbook(check: Check) -> None:
    passages = SEARCH.by_link(check.id)
    assert passages
    assert passages[0].heading == "Steps"
    assert len({passage.file for passage in passages}) == 1


def test_an_alert_leads_to_one_runbook() -> None:
    alerts = [alert.lower() for runbook in LIBRARY.files for alert in runbook.frontmatter.alerts]
    assert sorted(alerts) == sorted(set(alerts))


def _checks_with_their_link() -> list[tuple[str, str]]:
    """Each `check="…"` (or a row's `id="…"`) that is written beside its `runbook="…"` in the sources of the checks."""
    found: set[tuple[str, str]] = set()
    for path in Path(checks.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {
            node.targets[0].id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            given = {word.arg: word.value for word in call.keywords}
            check, link = given.get("check", given.get("id")), given.get("runbook")
            link = named.get(link.id) if isinstance(link, ast.Name) else link
            if isinstance(check, ast.Constant) and isinstance(link, ast.Constant):
                found.add((str(check.value), str(link.value)))
    return sorted(found)


@pytest.mark.parametrize(("check", "link"), _checks_with_their_link())
def test_the_link_of_a_finding_is_the_runbook_that_names_its_check(check: str, link: str) -> None:
    assert [passage.file for passage in SEARCH.by_link(check)][:1] == [link.partition("#")[0]]
