"""The pages that people read say what is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from nightshift.tools.registry import TOOLS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_package_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        re.split(r"[<>=\[ ]", requirement)[0]
        for group in (
            project["project"]["dependencies"],
            *project["project"]["optional-dependencies"].values(),
            *project["dependency-groups"].values(),
        )
        for requirement in group
    }
    page = (ROOT / "docs" / "dependencies.md").read_text()
    named = {name.strip() for row in re.findall(r"^\| ([^|]+) \|", page, flags=re.MULTILINE) for name in row.split(",")}
    assert wanted - named == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_architecture_lists_every_tool_in_its_own_words() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    table = page.partition("\n## Tools\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", table, flags=re.MULTILINE)
    assert rows == [(tool.name, tool.description) for tool in TOOLS]


def test_every_decision_is_listed_with_its_title() -> None:
    folder = ROOT / "docs" / "decisions"
    row = r"^- \[(\d{4})\]\((\d{4}-[\w-]+\.md)\): (.+)$"
    listed = re.findall(row, (folder / "README.md").read_text(), flags=re.MULTILINE)
    titles = {page.name: page.read_text().partition("\n")[0] for page in folder.glob("0*.md")}
    assert {name: f"# {number}: {title}" for number, name, title in listed} == titles


def test_the_lock_names_no_package_index() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text()))
    assert hosts == {"index.invalid", "files.invalid"}
