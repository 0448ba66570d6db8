from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.knowledge.library import load_library

from nightshift.knowledge.loading import MAX_FILE_BYTES


def only_warning(folder: Path) -> str:
    (warning,) = load_library([folder]).warnings
    return warning.problem


TEXTS: list[tuple[str, bytes, str, str | None]] = [
    ("utf-8", "# Größe\nvoll".encode(), "Größe", None),
    ("BOM", "\ufeff# Größe\nvoll".encode(), "Größe", None),
    ("CRLF", b"# Disk\r\nfull\r\n", "Disk", None),
    ("CR", b"# Disk\rfull\r", "Disk", None),
    ("UTF-16", "# Größe\nvoll".encode("utf-16"), "Größe", None),
    ("Windows-1252", "# Größe\nvoll".encode("cp1252"), "Größe", "it is not UTF-8; read as Windows-1252"),
    ("BOM and CRLF frontmatter", b"\xef\xbb\xbf---\r\ntitle: Full\r\n---\r\n# Other\r\nx", "Full", None),
    ("broken frontmatter", b"---\ntitle: [\n---\n# Disk\nfull", "Disk", "the frontmatter is not valid YAML (line 3)"),
]


@pytest.mark.parametrize(("raw", "title", "problem"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_texts_of_all_kinds_are_read(tmp_path: Path, raw: bytes, title: str, problem: str | None) -> None:
    (tmp_path / "disk.md").write_bytes(raw)
    library = load_library([tmp_path])
    assert [(file.file, file.title) for file in library.files] == [("disk.md", title)]
    assert [warning.problem for warning in library.warnings] == ([problem] if problem else [])


NO_TEXTS: list[tuple[str, bytes, str]] = [
    ("empty", b"", "it has no text"),
    ("blank", b" \n\n\t", "it has no text"),
    ("headings alone", b"# A\n## B\n", "it has no text"),
    ("binary", b"\x7fELF\x00\x01\x02", "it is not text"),
    ("broken UTF-16", b"\xff\xfea", "it begins like UTF-16 and is not"),
    ("enormous", b"x" * (MAX_FILE_BYTES + 1), "it has 2.0 MiB; at most 2 MiB are read"),
]


@pytest.mark.parametrize(("raw", "problem"), [row[1:] for row in NO_TEXTS], ids=[row[0] for row in NO_TEXTS])
def test_what_is_no_text_is_a_warning_and_the_rest_is_read(tmp_path: Path, raw: bytes, problem: str) -> None:
    (tmp_path / "bad.md").write_bytes(raw)
    (tmp_path / "good.md").write_text("# Good\ntext")
    library = load_library([tmp_path])
    assert [file.file for file in library.files] == ["good.md"]
    assert [(Path(warning.path).name, warning.problem) for warning in library.warnings] == [("bad.md", problem)]


def test_folders_are_walked_in_order_and_hidden_ones_left_alone(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.markdown", "a/y.MD", ".git/no.md", "notes.txt", "a/.hidden.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("# T\nx")
    assert [file.file for file in load_library([tmp_path]).files] == ["b.md", "a/y.MD", "a/z.markdown"]


def test_a_folder_that_links_to_itself(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.md").write_text("# T\nx")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    library = load_library([tmp_path])
    assert [file.file for file in library.files] == ["a/one.md"]
    assert [warning.problem for warning in library.warnings] == [
        "the link leads back into a folder that was read already"
    ]


def test_the_same_file_twice_is_one_runbook(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# T\nx")
    (tmp_path / "two.md").symlink_to(tmp_path / "one.md")
    assert len(load_library([tmp_path, tmp_path]).files) == 1


def test_links_and_folders_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "gone.md").symlink_to(tmp_path / "nothing")
    assert only_warning(tmp_path) == "it is a link to nothing"
    assert only_warning(tmp_path / "missing") == "there is no such folder: no runbooks are read from it"
    (tmp_path / "file").write_text("x")
    assert only_warning(tmp_path / "file") == "it is not a folder: no runbooks are read from it"
    os.mkfifo(tmp_path / "pipe.md")
    assert {warning.problem for warning in load_library([tmp_path]).warnings} == {
        "it is a link to nothing",
        "it is not a regular file",
    }


def test_what_may_not_be_read_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.md").write_text("# T\nx")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert only_warning(tmp_path) == "cannot be read: Permission denied"
