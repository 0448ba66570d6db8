"""The index of words: made from the files, out of what has not changed, and never broken for those who read it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from nightshift.errors import StoreError
from nightshift.knowledge.index import WordIndex
from nightshift.knowledge.loading import FoundFile, read_runbook
from nightshift.knowledge.making import take_apart, write_index
from nightshift.knowledge.search import RunbookSearch
from nightshift.knowledge.words import FILE, up_to_date

DISK = "# Disk\n\n## Steps\n\nReplace the disk.\n"
MAIL = "# Mail\n\n## Steps\n\nFlush the queue.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "disk.md").write_text(DISK)
    (folder / "mail.md").write_text(MAIL)
    return folder


def test_only_what_changed_is_taken_apart(folder: Path, tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    assert up_to_date([folder], keep).changed == ("disk.md", "mail.md")
    before = (keep / FILE).stat()
    again = up_to_date([folder], keep)
    assert (again.changed, again.removed) == ((), ())
    assert (keep / FILE).stat().st_ino == before.st_ino, "an index that is up to date is left alone"
    os.utime(folder / "mail.md", (1, 1))
    assert up_to_date([folder], keep).changed == (), "the content counts, not the time"
    (folder / "mail.md").write_text(MAIL.replace("queue", "spool"))
    (folder / "disk.md").unlink()
    changed = up_to_date([folder], keep)
    assert (changed.changed, changed.removed) == (("mail.md",), ("disk.md",))
    assert changed.index.count == 1
    assert list(changed.index.sections_with("spool").sections) == [0]
    assert changed.index.occurrences("queue") == 0
    assert up_to_date([folder], keep, anew=True).changed == ("mail.md",)


def test_what_is_kept_is_what_would_be_made(folder: Path, tmp_path: Path) -> None:
    up_to_date([folder], tmp_path / "keep")
    (folder / "new.md").write_text("---\nalerts: [X]\nchecks: [a.b]\nreviewed: 2026-01-02\n---\n# New\n\nText.\n")
    kept, made = up_to_date([folder], tmp_path / "keep").index, up_to_date([folder], None).index
    assert kept.runbooks() == made.runbooks()
    for number in range(made.count):
        assert kept.section(number) == made.section(number)
        assert kept.terms_in(number) == made.terms_in(number)


@pytest.mark.parametrize("damage", [b"", b"not a database at all", None])
def test_a_damaged_index_is_made_anew(folder: Path, tmp_path: Path, damage: bytes | None) -> None:
    keep = tmp_path / "keep"
    up_to_date([folder], keep)
    if damage is None:
        raw = (keep / FILE).read_bytes()
        (keep / FILE).write_bytes(raw[: len(raw) // 2])
        with sqlite3.connect(":memory:"):
            pass
    else:
        (keep / FILE).write_bytes(damage)
    search = RunbookSearch([folder], keep, None, up_to_date([folder], keep))
    found = search.find("replace the disk")
    assert found.passages[0].file == "disk.md"
    search.close()


def test_an_index_of_another_version_is_made_anew(folder: Path, tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    up_to_date([folder], keep).index.close()
    with sqlite3.connect(keep / FILE) as connection:
        connection.execute("UPDATE about SET value = 'older'")
    connection.close()
    with pytest.raises(StoreError, match="another version"):
        WordIndex.open(keep / FILE)
    assert up_to_date([folder], keep).changed == ("disk.md", "mail.md")


def test_a_crash_while_writing_leaves_the_old_index(folder: Path, tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    up_to_date([folder], keep).index.close()
    before = (keep / FILE).read_bytes()
    (folder / "mail.md").write_text(MAIL.replace("queue", "spool"))
    code = f"""
import os
from pathlib import Path
from nightshift.knowledge.words import up_to_date
Path.replace = lambda *_: os._exit(9)
up_to_date([Path({str(folder)!r})], Path({str(keep)!r}))
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 9
    assert (keep / FILE).read_bytes() == before
    assert up_to_date([folder], keep).changed == ("mail.md",)


def test_a_reader_keeps_what_it_opened(folder: Path, tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    reader = up_to_date([folder], keep).index
    (folder / "mail.md").write_text(MAIL.replace("queue", "spool"))
    up_to_date([folder], keep)
    shutil.rmtree(keep)
    assert [item.section.text for item in reader.sections_of("mail.md")] == ["Flush the queue."]
    assert list(reader.sections_with("queue").sections) == [1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_for_others(folder: Path, tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    keep.mkdir(mode=0o500)
    words = up_to_date([folder], keep)
    assert (words.index.count, bool(words.trouble)) == (2, True)


def test_where_nothing_can_be_written_the_index_stays_in_memory(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    words = up_to_date([folder], tmp_path / "file" / "keep")
    assert words.index.count == 2
    assert words.trouble is not None
    assert "cannot be written" in words.trouble


def test_a_disk_that_is_full_leaves_the_old_index(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = tmp_path / "keep"
    up_to_date([folder], keep).index.close()
    book = take_apart(read_runbook(FoundFile(folder / "disk.md", "disk.md"), DISK.encode()))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device"):
        write_index(keep / FILE, [book])
    assert WordIndex.open(keep / FILE).count == 2
    assert [file.name for file in keep.iterdir()] == [FILE]


def test_a_running_search_notices_changes(folder: Path, tmp_path: Path) -> None:
    search = RunbookSearch.open([folder], data_dir=tmp_path / "data")
    assert search.sync().changed == ("disk.md", "mail.md")
    assert search.refresh() is None
    (folder / "fan.md").write_text("# Fan\n\n## Steps\n\nClean the fan of dust.\n")
    synced = search.refresh()
    assert synced is not None
    assert synced.changed == ("fan.md",)
    assert search.search("dusty fan")[0].file == "fan.md"
    assert search.refresh() is None
    search.close()


def test_a_search_without_an_embedder_loads_no_heavy_library(folder: Path, tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from nightshift.knowledge.search import RunbookSearch
search = RunbookSearch.open([Path({str(folder)!r})], data_dir=Path({str(tmp_path / "data")!r}))
assert search.search("replace the disk")
print([name for name in ("chromadb", "langchain_core", "onnxruntime", "openai") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
