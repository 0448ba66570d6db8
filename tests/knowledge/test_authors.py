"""What authors get: complaints, coverage, a runbook to begin with, a draft."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import yaml

from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.ids import Entity
from nightshift.knowledge.coverage import Covered, Subject, covered
from nightshift.knowledge.lint import lint
from nightshift.knowledge.loading import parse_runbook
from nightshift.knowledge.search import RunbookSearch
from nightshift.knowledge.writing import begun, drafted, file_name

NOW = datetime(2026, 11, 25, 2, 15, tzinfo=UTC)


def complaints(folder: Path) -> list[str]:
    found = lint([folder], checks=["storage.full"], today=date(2026, 11, 25))
    return [f"{Path(item.path).name}{f':{item.line}' if item.line else ''}: {item.problem}" for item in found]


def test_a_good_runbook_has_nothing_to_mend(tmp_path: Path) -> None:
    front = "---\ntitle: Disk\nchecks: [storage.full]\nreviewed: 2026-01-01\n---\n"
    text = "# Disk\n\n## Steps\n\n1. See [the other](other.md#steps) and [above](#disk).\n\n`[no](link.md)`\n"
    (tmp_path / "disk.md").write_text(front + text.replace("# Disk\n", "# Disk\n\nIntro.\n"))
    (tmp_path / "other.md").write_text("# Other\n\n## Steps\n\nRun `df`.\n")
    assert complaints(tmp_path) == []


def test_everything_that_is_wrong_is_said_and_nothing_is_fatal(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\nchecks: [storage.fulll]\nreviewed: 2020-01-01\n---\n"
        "# Same\n\n## Steps\n\nGo to [b](missing.md), [c](b.md#no).\n"
    )
    (tmp_path / "b.md").write_text("---\nreviewed: soon\ntitle: [oops\n---\n# Same\n\nOnly prose.\n")
    (tmp_path / "c.md").write_text("no heading, no steps\n")
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "binary.md").write_bytes(b"\x00\x01\x02" * 100)
    (tmp_path / "latin.md").write_bytes("# Größe\n\n1. Prüfen.\n".encode("cp1252"))
    (tmp_path / "big.md").write_bytes(b"# Big\n" + b"x" * 10 * 2**20)
    (tmp_path / "long.md").write_text("# Long\n\n- " + "word " * 2_000 + "\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dead.md").symlink_to(tmp_path / "nothing")
    said = "\n".join(complaints(tmp_path))
    for words in (
        "a.md: checks: there is no check 'storage.fulll'",
        "a.md: it was last reviewed on 2020-01-01",
        "a.md:7: the link to missing.md leads nowhere",
        "a.md:7: the link to b.md#no leads to no heading with text",
        "b.md: the frontmatter is not valid YAML",
        "b.md: it has the same title as",
        "b.md: it has neither steps nor commands",
        "c.md: it has no headings",
        "empty.md: it has no text",
        "binary.md: it is not text",
        "latin.md: it is not UTF-8; read as Windows-1252",
        "big.md: it has 10.0 MiB; at most 2 MiB are read",
        "long.md:1: this section has",
        "loop: the link leads back into a folder that was read already",
        "dead.md: it is a link to nothing",
    ):
        assert words in said


def test_coverage(tmp_path: Path) -> None:
    (tmp_path / "disk.md").write_text(
        "---\nalerts: [DiskFull]\nchecks: [disk.full]\n---\n# Disk is full\n\nMake room.\n"
    )
    search = RunbookSearch.open([tmp_path])
    subjects = [
        Subject("check", "disk.full", "Full disks"),
        Subject("alert rule", "DiskFull", "grafana"),
        Subject("alert rule", "Other", "grafana", "https://wiki.lan/disk/"),
        Subject("alert rule", "DiskFullSoon", "grafana"),
        Subject("alert rule", "MailQueue", "grafana"),
    ]
    assert covered(search, [*subjects, subjects[0]]) == (
        Covered(subjects[0], ("disk.md",)),
        Covered(subjects[1], ("disk.md",)),
        Covered(subjects[2], ("disk.md",)),
        Covered(subjects[3], (), "disk.md"),
        Covered(subjects[4], ()),
    )


def test_a_runbook_to_begin_with_can_be_read_and_says_nothing_false() -> None:
    text = begun("The NAS: doesn't wake up", ["NasDown"], ["storage.full"])
    runbook, problem = parse_runbook("nas.md", text)
    assert problem is None
    assert (runbook.title, runbook.frontmatter.alerts) == ("The NAS: doesn't wake up", ("NasDown",))
    assert [section.heading for section in runbook.sections] == [
        "Symptoms", "How to confirm", "Steps", "How to verify", "When to stop"]  # fmt: skip


def test_names_of_files() -> None:
    assert file_name("The NAS doesn't wake up!") == "the-nas-doesnt-wake-up.md"
    assert file_name("Größe / ../../etc") == "groe-etc.md" or file_name("Größe / ../../etc").count("/") == 0
    assert file_name("???") == "runbook.md"


def test_a_draft_quotes_the_evidence_and_no_markup_of_strangers() -> None:
    evidence = Evidence(
        "pbs", "rows", "GET /status/datastore-usage", "Datastores", NOW,
        columns=("datastore", "used_bytes", "used_fraction"), rows=(("evil|*x*<b>", 2**40, 0.98),), total=1, shown=1,
    )  # fmt: skip
    store = Entity("datastore:pbs/main", "main")
    finding = Finding("datastore.full", "critical", store, "Datastore main is full", "98 % used.",
                      "Prune, then collect.", (evidence,), runbook="datastore-full.md#steps")  # fmt: skip
    alert = Finding(
        "alert.firing", "warning", Entity("alert:grafana/1/2", "PbsFull"), "Alert # PbsFull\n# fires", "", ""
    )
    text = drafted(finding, [alert], NOW, UTC)
    front = yaml.safe_load(text.split("---\n")[1])
    assert front == {
        "title": "Datastore main is full",
        "alerts": ["PbsFull"],
        "checks": ["datastore.full", "alert.firing"],
        "entities": ["main"],
        "symptoms": ["Datastore main is full", "Alert # PbsFull # fires"],
    }
    assert "- Alert \\# PbsFull \\# fires" in text
    assert "| evil\\|\\*x\\*\\<b\\> | 1.00 TiB | 98 % |" in text.replace("1 TiB", "1.00 TiB")
    assert "GET /status/datastore-usage" in text
    assert "1. Prune, then collect." in text
    assert "nightshift check --only datastore.full" in text
    runbook, problem = parse_runbook("draft.md", text)
    assert problem is None
    assert {section.heading for section in runbook.sections} >= {"Symptoms", "How to confirm", "Steps"}
