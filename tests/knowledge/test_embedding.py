"""Embedders: the model on this machine, and the server elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.support.embedding_server import EmbeddingServer, vector_of
from tests.support.tiny_onnx import make_model

from nightshift.agent.masking import SecretMask
from nightshift.errors import EmbedderError
from nightshift.knowledge.embedding import EmbedderSettings, OnnxEmbedder, OpenAIEmbedder, open_embedder


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_a_model_on_this_machine(tmp_path: Path) -> None:
    embedder = OnnxEmbedder(make_model(tmp_path / "model"), tmp_path)
    embedder.prepare()
    disk, drive, mail = (list(vector) for vector in embedder.embed(["the disk", "a drive", "some letter"]))
    assert cosine(disk, drive) > 0.95
    assert cosine(disk, mail) < 0.3
    assert len(embedder.embed(["disk"] * 70)) == 70
    assert embedder.embed(["word " * 1000])[0]


def test_another_model_has_another_identity(tmp_path: Path) -> None:
    one = OnnxEmbedder(make_model(tmp_path / "model", seed=1), tmp_path)
    before = one.identity
    make_model(tmp_path / "model", seed=2)
    assert one.identity != before
    assert OnnxEmbedder(make_model(tmp_path / "other", seed=2), tmp_path).identity != one.identity


def test_a_model_that_is_not_there_is_never_fetched_by_a_question(tmp_path: Path) -> None:
    embedder = OnnxEmbedder(None, tmp_path)
    with pytest.raises(EmbedderError, match="not on this machine yet") as caught:
        embedder.embed(["disk"])
    assert caught.value.gap_kind == "not_configured"
    assert "nightshift runbooks sync" in (caught.value.fix or "")


def test_the_model_is_fetched_once_and_then_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

    fetched = []

    def fetch(model: ONNXMiniLM_L6_V2) -> None:
        fetched.append(make_model(Path(model.DOWNLOAD_PATH) / model.EXTRACTED_FOLDER_NAME))

    monkeypatch.setattr(ONNXMiniLM_L6_V2, "_download_model_if_not_exists", fetch)
    embedder = OnnxEmbedder(None, tmp_path)
    embedder.prepare()
    embedder.prepare()
    assert len(fetched) == 1
    assert embedder.embed(["the disk"])[0]


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"no model\.onnx and tokenizer\.json"):
        OnnxEmbedder(tmp_path, tmp_path).prepare()


@pytest.mark.parametrize("content", [b"", b"half a fi", b"{}"])
@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_a_damaged_model(tmp_path: Path, file: str, content: bytes) -> None:
    folder = make_model(tmp_path / "model")
    (folder / file).write_bytes(content)
    with pytest.raises(EmbedderError, match="cannot be used"):
        OnnxEmbedder(folder, tmp_path).embed(["disk"])


def settings(server: EmbeddingServer, **changes: object) -> EmbedderSettings:
    return EmbedderSettings("openai", model="tiny", base_url=server.base_url, **changes)  # type: ignore[arg-type]


def test_a_server_gets_texts_without_secrets(tmp_path: Path) -> None:
    with EmbeddingServer() as server:
        mask = SecretMask([SecretStr("hunter2-hunter2")])
        embedder = open_embedder(settings(server, api_key=SecretStr("sk-key")), tmp_path, mask.outgoing)
        assert embedder is not None
        vectors = embedder.embed(["log in with hunter2-hunter2", "password: abcdefgh"])
    assert server.texts == ["log in with [secret]", "password: [secret]"]
    assert set(server.keys) == {"Bearer sk-key"}
    assert [list(vector) for vector in vectors] == [vector_of(text) for text in server.texts]


@pytest.mark.parametrize(
    ("failure", "words", "kind"),
    [
        (401, "did not accept the API key", "unreachable"),
        (404, "does not exist", "unreachable"),
        (503, "failed (HTTP 503)", "unreachable"),
        ("html", "sent something that is no embedding", "malformed"),
    ],
)
def test_a_server_that_fails(failure: int | str, words: str, kind: str) -> None:
    with EmbeddingServer(failure) as server, pytest.raises(EmbedderError) as caught:
        OpenAIEmbedder(settings(server), str).embed(["disk"])
    assert words in str(caught.value)
    assert caught.value.gap_kind == kind
    assert "sk-hidden" not in str(caught.value)


def test_a_server_that_is_not_there() -> None:
    with EmbeddingServer() as server:
        gone = settings(server)
    with pytest.raises(EmbedderError, match="could not be reached"):
        OpenAIEmbedder(gone, str).embed(["disk"])


def test_no_embedder(tmp_path: Path) -> None:
    assert open_embedder(EmbedderSettings(), tmp_path, str) is None
