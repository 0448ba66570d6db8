"""Vectors in Chroma: none is lost, a crash leaves the old ones, and whatever fails leaves the search by words."""

from __future__ import annotations

import gc
import hashlib
import json
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from tests.support.embedding_server import EmbeddingServer
from tests.support.tiny_onnx import make_model

from nightshift.errors import EmbedderError, StoreError
from nightshift.knowledge.cosines import UNRELATED
from nightshift.knowledge.embedding import EmbedderSettings, OnnxEmbedder, OpenAIEmbedder
from nightshift.knowledge.search import How, RunbookSearch
from nightshift.knowledge.vectors import POINTER, Vectors


class HashEmbedder:
    """Every text has a direction of its own. `fails_after` so many texts it fails."""

    name = "hash"

    def __init__(self, identity: str = "hash:1", fails_after: int = 10**9) -> None:
        self.identity = identity
        self.fails_after = fails_after
        self.embedded: list[str] = []

    def prepare(self) -> None:
        pass

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if texts == UNRELATED:  # they only tell what a cosine is worth
            return [self.vector(text) for text in texts]
        if len(self.embedded) + len(texts) > self.fails_after:
            raise EmbedderError("The embedder is tired.")
        self.embedded += texts
        return [self.vector(text) for text in texts]

    def vector(self, text: str) -> list[float]:
        chance = random.Random(hashlib.sha256((self.identity + text).encode()).digest())
        return [chance.gauss(0, 1) for _ in range(24)]


def found_by_itself(vectors: Vectors, texts: dict[str, str]) -> list[str]:
    """The keys of the texts that a search for themselves does not find first."""
    return [key for key, text in texts.items() if vectors.nearest(text, 1)[0][0] != key]


def test_every_section_stays_reachable_after_two_hundred_changes(tmp_path: Path) -> None:
    chance, vectors = random.Random(6), Vectors(tmp_path, HashEmbedder())
    texts = {f"key{number}": f"text {number}" for number in range(60)}
    for step in range(200):
        if chance.random() < 0.45 and len(texts) > 30:
            del texts[chance.choice(sorted(texts))]
        else:
            texts[f"key{step}-{chance.randrange(1000)}"] = f"text at {step}"
        if step % 10 == 9:
            vectors.refresh(texts)
    assert found_by_itself(vectors, texts) == []
    pointer = vectors.pointer
    assert pointer is not None
    assert pointer.count == len(texts)
    vectors.close()


def test_only_what_is_new_is_embedded(tmp_path: Path) -> None:
    embedder = HashEmbedder()
    vectors = Vectors(tmp_path, embedder)
    texts = {"a": "one", "b": "two"}
    assert (vectors.refresh(texts).embedded, vectors.refresh(texts).embedded) == (2, 0)
    refreshed = vectors.refresh({"a": "one", "c": "three"})
    assert (refreshed.embedded, refreshed.kept, embedder.embedded) == (1, 1, ["one", "two", "three"])
    vectors.close()


def test_another_embedder_makes_all_anew(tmp_path: Path) -> None:
    texts = {"a": "one", "b": "two"}
    Vectors(tmp_path, HashEmbedder()).refresh(texts)
    other = Vectors(tmp_path, HashEmbedder("hash:2"))
    assert other.pointer is None
    with pytest.raises(StoreError, match="no vectors yet"):
        other.nearest("one", 1)
    assert other.refresh(texts).embedded == 2
    assert found_by_itself(other, texts) == []
    other.close()


def test_an_embedder_that_fails_half_way_loses_nothing(tmp_path: Path) -> None:
    texts = {f"k{number:03}": f"text {number}" for number in range(100)}
    refreshed = Vectors(tmp_path, HashEmbedder(fails_after=70)).refresh(texts)
    assert (refreshed.embedded, str(refreshed.trouble)) == (64, "The embedder is tired.")
    again = Vectors(tmp_path, HashEmbedder())
    assert (again.refresh(texts).embedded, again.refresh(texts).kept) == (36, 100)
    again.close()


def test_a_crash_while_writing_leaves_the_old_ones(tmp_path: Path) -> None:
    texts = {"a": "one", "b": "two"}
    Vectors(tmp_path, HashEmbedder()).refresh(texts)
    code = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from nightshift.knowledge import vectors as module
from tests.knowledge.test_vectors import HashEmbedder
module.Vectors._swap = lambda *_: os._exit(9)
module.Vectors(Path({str(tmp_path)!r}), HashEmbedder()).refresh({{"a": "one", "c": "three"}})
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 9
    vectors = Vectors(tmp_path, HashEmbedder())
    assert found_by_itself(vectors, texts) == []
    assert vectors.refresh({"a": "one", "c": "three"}).embedded == 1
    folders = {folder.name for folder in tmp_path.glob("vectors-*")}
    assert len(folders) == 2, "the half-made one is gone, the last two are kept"
    vectors.close()


def test_a_full_disk_leaves_the_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"a": "one", "b": "two"}
    vectors = Vectors(tmp_path, HashEmbedder())
    vectors.refresh(texts)

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StoreError, match="No space left on device"):
        vectors.refresh({"a": "one", "c": "three"})
    monkeypatch.undo()
    assert found_by_itself(vectors, texts) == []
    vectors.close()


def test_one_process_reads_while_another_writes(tmp_path: Path) -> None:
    texts = {"a": "one", "b": "two"}
    reader, writer = Vectors(tmp_path, HashEmbedder()), Vectors(tmp_path, HashEmbedder())
    writer.refresh(texts)
    assert reader.nearest("two", 1)[0][0] == "b"
    for number in range(4):
        texts[f"n{number}"] = f"number {number}"
        writer.refresh(texts)
        assert reader.nearest(f"number {number}", 1)[0][0] == f"n{number}", "the reader follows the swap"
    reader.close()
    writer.close()


RUNBOOKS = {
    "disk.md": "# Crammed platter\n\n## Steps\n\nThe drive is crammed: give the ssd some room.\n",
    "mail.md": "# Postfix\n\n## Steps\n\nA letter waits in the inbox queue.\n",
    "net.md": "# Wire\n\n## Steps\n\nThe cable of the switch is loose.\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "runbooks"
    folder.mkdir()
    for name, text in RUNBOOKS.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def model(tmp_path: Path) -> OnnxEmbedder:
    return OnnxEmbedder(make_model(tmp_path / "model"), tmp_path)


def opened(
    folder: Path, tmp_path: Path, embedder: OnnxEmbedder | OpenAIEmbedder, url: str | None = None
) -> RunbookSearch:
    return RunbookSearch.open([folder], data_dir=tmp_path / "data", embedder=embedder, chroma_url=url)


BY_MEANING = How(words=False)


def test_meaning_finds_what_words_do_not(folder: Path, tmp_path: Path, model: OnnxEmbedder) -> None:
    search = opened(folder, tmp_path, model)
    before = search.find("disk space")
    assert [gap.kind for gap in before.gaps] == ["unreachable"]
    assert "nightshift runbooks sync" in before.gaps[0].detail
    assert search.sync().vectors is not None
    found = search.find("network", 3, BY_MEANING)
    assert (found.passages[0].file, found.gaps) == ("net.md", ())
    assert search.find("disk space").passages[0].file == "disk.md"
    assert search.find("zebra giraffe", 3, BY_MEANING).passages == ()
    search.close()


@pytest.mark.parametrize("damage", ["corrupted", "emptied", "deleted", "pointer", "everything"])
def test_a_damaged_index_costs_the_meaning_only(folder: Path, tmp_path: Path, model: OnnxEmbedder, damage: str) -> None:
    first = opened(folder, tmp_path, model)
    first.sync()
    first.close()
    (kept,) = (tmp_path / "data" / "runbooks").iterdir()
    (vectors,) = kept.glob("vectors-*")
    if damage == "corrupted":
        for file in vectors.rglob("*"):
            if file.is_file():
                file.write_bytes(b"\x00rubbish" * 500)
    elif damage == "emptied":
        for file in vectors.rglob("*"):
            if file.is_file():
                file.write_bytes(b"")
    elif damage == "deleted":
        shutil.rmtree(vectors)
    elif damage == "pointer":
        (kept / POINTER).write_text("{")
    else:
        shutil.rmtree(tmp_path / "data")
    search = opened(folder, tmp_path, model)
    found = search.find("letter in the inbox")
    assert found.passages[0].file == "mail.md"
    assert [(gap.source, gap.dataset) for gap in found.gaps] == [("runbooks", "embeddings")]
    synced = search.sync()
    assert synced.trouble == ()
    assert search.find("network", 3, BY_MEANING).passages[0].file == "net.md"
    assert search.find("letter in the inbox").gaps == ()
    search.close()


def test_the_data_folder_vanishes_under_a_running_search(folder: Path, tmp_path: Path, model: OnnxEmbedder) -> None:
    search = opened(folder, tmp_path, model)
    search.sync()
    shutil.rmtree(tmp_path / "data")
    found = search.find("letter in the inbox")
    assert found.passages[0].file == "mail.md"
    assert [gap.dataset for gap in found.gaps] == ["embeddings"]
    search.close()


def test_an_embedder_that_fails_leaves_the_words(folder: Path, tmp_path: Path) -> None:
    with EmbeddingServer() as server:
        embedder = OpenAIEmbedder(EmbedderSettings("openai", model="tiny", base_url=server.base_url), str)
        search = opened(folder, tmp_path, embedder)
        assert search.sync().trouble == ()
        assert search.find("letter in the inbox").gaps == ()
        server.fail_with = 503
        found = search.find("letter in the inbox")
        assert found.passages[0].file == "mail.md"
        (gap,) = found.gaps
        assert gap.detail.endswith("failed (HTTP 503); runbooks were searched by their words alone")
        (folder / "new.md").write_text("# New\n\nSomething else about paper and toner.\n")
        (trouble,) = search.sync().trouble
        assert "HTTP 503" in trouble
        assert search.find("paper and toner").passages[0].file == "new.md"
        search.close()


@pytest.fixture(scope="module")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real Chroma server on a free port."""
    folder = tmp_path_factory.mktemp("chroma")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder), "--port", str(port)]
    process = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(f"{url}/api/v2/heartbeat", trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url, process
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_chroma_server_and_its_loss(
    folder: Path, tmp_path: Path, model: OnnxEmbedder, chroma_server: tuple[str, subprocess.Popen[bytes]]
) -> None:
    url, process = chroma_server
    search = opened(folder, tmp_path, model, url)
    assert search.sync().trouble == ()
    assert search.find("network", 3, BY_MEANING).passages[0].file == "net.md"
    (folder / "paper.md").write_text("# Printer\n\nThe paper jams.\n")
    assert search.sync().vectors is not None
    assert search.find("toner", 3, BY_MEANING).passages[0].file == "paper.md"
    (kept,) = (tmp_path / "data" / "runbooks").iterdir()
    assert json.loads((kept / POINTER).read_text())["server"] == url
    assert list(kept.glob("vectors-*")) == []

    process.terminate()
    process.wait(10)
    found = search.find("letter in the inbox")
    assert found.passages[0].file == "mail.md"
    assert [gap.dataset for gap in found.gaps] == ["embeddings"]
    (trouble,) = opened(folder, tmp_path, model, url).sync().trouble
    assert "Chroma server 127.0.0.1" in trouble
    search.close()
    del search
    gc.collect()  # Chroma's HTTP client leaves its connections to the garbage collector: here and now, and not later
