"""Texts → vectors, on this machine or by a server: the part of the search that knows meanings and not only words.

Nothing of it is imported before it is used: without an embedder a search costs milliseconds, and chromadb alone takes
more than a second to import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from nightshift.errors import EmbedderError

if TYPE_CHECKING:
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2
    from langchain_openai import OpenAIEmbeddings

BATCH = 32
OPENAI_URL = "https://api.openai.com/v1"
MODEL_FILES = ("model.onnx", "tokenizer.json")

Vector = Sequence[float]
Outgoing = Callable[[str], str]
Kind = Literal["none", "onnx", "openai"]


class Embedder(Protocol):
    """Something that turns texts into vectors. `identity` changes when its vectors would; `name` is for people."""

    @property
    def identity(self) -> str: ...
    @property
    def name(self) -> str: ...
    def prepare(self) -> None:
        """Fetch what is needed, if the operator has it fetched: may take minutes. Raises EmbedderError."""
        ...

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector a text. Raises EmbedderError."""
        ...


@dataclass(frozen=True, slots=True)
class EmbedderSettings:
    """What the operator chose. `model_dir` is a folder with `model.onnx` and `tokenizer.json`, None for Chroma's own
    model; `model`, `base_url` and `api_key` are those of an OpenAI-compatible server (`base_url` None: OpenAI)."""

    kind: Kind = "none"
    model_dir: Path | None = None
    model: str = "text-embedding-3-small"
    base_url: str | None = None
    api_key: SecretStr | None = None
    timeout_s: float = 20.0


def open_embedder(settings: EmbedderSettings, data_dir: Path, outgoing: Outgoing) -> Embedder | None:
    """The embedder of the settings, None for none. `outgoing` masks every text that leaves this machine."""
    if settings.kind == "onnx":
        return OnnxEmbedder(settings.model_dir, data_dir / "models")
    if settings.kind == "openai":
        return OpenAIEmbedder(settings, outgoing)
    return None


class OnnxEmbedder:
    """Chroma's MiniLM, computed on this machine. It is fetched once by `prepare`, about 80 MB, and never otherwise."""

    def __init__(self, model_dir: Path | None, cache_dir: Path) -> None:
        self._own = model_dir is not None
        self._folder = model_dir or cache_dir / "all-MiniLM-L6-v2" / "onnx"

    @property
    def identity(self) -> str:
        """The model's folder and size: another model has other vectors."""
        try:
            size = (self._folder / MODEL_FILES[0]).stat().st_size
        except OSError:
            size = 0
        return f"onnx:{self._folder.name if self._own else 'all-MiniLM-L6-v2'}:{size}"

    @property
    def name(self) -> str:
        return f"the model in {self._folder}" if self._own else "MiniLM on this machine"

    @property
    def is_there(self) -> bool:
        return all((self._folder / file).is_file() for file in MODEL_FILES)

    def prepare(self) -> None:
        if self.is_there:
            return
        if self._own:
            raise EmbedderError(
                f"There is no {' and '.join(MODEL_FILES)} in {self._folder}.",
                "NIGHTSHIFT_ONNX_MODEL names the folder that holds both.",
                gap_kind="not_configured",
            )
        import httpx

        try:
            self._model._download_model_if_not_exists()  # noqa: SLF001 - the only way to fetch without embedding
        except (OSError, httpx.HTTPError, ValueError, EOFError) as error:
            raise EmbedderError(
                f"The embedding model could not be fetched ({type(error).__name__}).",
                "Where there is no internet, fetch it elsewhere and name its folder in NIGHTSHIFT_ONNX_MODEL.",
            ) from error

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        if not self.is_there:
            raise EmbedderError(
                "The embedding model is not on this machine yet.",
                "Run `nightshift runbooks sync`: it fetches the model once, about 80 MB.",
                gap_kind="not_configured",
            )
        try:
            read = self._readable._forward  # noqa: SLF001 - a call would fetch files that a folder of one's own may lack
            return [vector.tolist() for batch in _batches(texts) for vector in read(list(batch))]
        except _failures_of_onnx() as error:
            raise EmbedderError(
                f"The embedding model in {self._folder} cannot be used ({type(error).__name__}).",
                "Delete that folder and run `nightshift runbooks sync`." if not self._own else None,
                gap_kind="malformed",
            ) from error

    @cached_property
    def _model(self) -> ONNXMiniLM_L6_V2:
        from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

        model = ONNXMiniLM_L6_V2(preferred_providers=["CPUExecutionProvider"])
        model.DOWNLOAD_PATH = self._folder.parent
        model.EXTRACTED_FOLDER_NAME = self._folder.name
        return model

    @cached_property
    def _readable(self) -> ONNXMiniLM_L6_V2:
        """The model, its tokenizer read once: tokenizers raises ValueError for bytes that it cannot read, a bare
        Exception for such a file."""
        self._model.Tokenizer.from_buffer((self._folder / "tokenizer.json").read_bytes())
        return self._model


class OpenAIEmbedder:
    """A model behind any OpenAI-compatible `/embeddings`. Texts pass the masking boundary first."""

    def __init__(self, settings: EmbedderSettings, outgoing: Outgoing) -> None:
        self._settings = settings
        self._outgoing = outgoing

    @property
    def identity(self) -> str:
        return f"openai:{self._host}:{self._settings.model}"

    @property
    def name(self) -> str:
        return f"{self._settings.model} at {self._host}"

    @property
    def _host(self) -> str:
        parts = urlsplit(self._settings.base_url or OPENAI_URL)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    def prepare(self) -> None:
        """Nothing is fetched."""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        import httpx
        import openai

        masked = [self._outgoing(text) for text in texts]
        try:
            vectors = [vector for batch in _batches(masked) for vector in self._client.embed_documents(list(batch))]
        except openai.APIStatusError as error:
            raise EmbedderError(f"{self.name} {_status(error.status_code)}.", _mend(error.status_code)) from error
        except (openai.OpenAIError, httpx.HTTPError) as error:
            late = isinstance(error, openai.APITimeoutError | httpx.TimeoutException)
            raise EmbedderError(
                f"{self.name} {'did not answer in time' if late else 'could not be reached'}.",
                gap_kind="timed_out" if late else "unreachable",
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise EmbedderError(f"{self.name} sent something that is no embedding.", gap_kind="malformed") from error
        if len(vectors) != len(texts) or not all(vectors):
            raise EmbedderError(f"{self.name} sent something that is no embedding.", gap_kind="malformed")
        return list(vectors)

    @cached_property
    def _client(self) -> OpenAIEmbeddings:
        import httpx
        from langchain_openai import OpenAIEmbeddings

        settings = self._settings
        timeout = httpx.Timeout(settings.timeout_s, connect=5.0)
        return OpenAIEmbeddings(
            model=settings.model,
            openai_api_base=settings.base_url or OPENAI_URL,
            openai_api_key=settings.api_key or SecretStr("none"),  # the client insists on one; such servers ignore it
            request_timeout=timeout,
            max_retries=1,
            check_embedding_ctx_length=False,  # else it fetches a tokenizer, and sends numbers instead of texts
            model_kwargs={"encoding_format": "float"},
        )


def _failures_of_onnx() -> tuple[type[Exception], ...]:
    """What a damaged or foreign model makes onnxruntime raise: its classes have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as onnx

    return (
        *(onnx.Fail, onnx.InvalidArgument, onnx.InvalidGraph, onnx.InvalidProtobuf, onnx.NoSuchFile, onnx.NoModel),
        *(onnx.NotImplemented, onnx.RuntimeException, onnx.ModelLoadCanceled, onnx.EPFail, onnx.EngineError),
        *(OSError, ValueError, IndexError, RuntimeError, MemoryError),
    )


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def _status(status: int) -> str:
    words = {
        401: "did not accept the API key",
        403: "refused access with this API key",
        404: "does not exist",
        429: "is over its rate limit or quota",
    }
    return f"{words.get(status, 'failed' if status >= 500 else 'rejected the request')} (HTTP {status})"


def _mend(status: int) -> str | None:
    if status in (401, 403):
        return "Look at NIGHTSHIFT_EMBEDDING_API_KEY or OPENAI_API_KEY."
    if status in (400, 404):
        return "Look at NIGHTSHIFT_EMBEDDING_MODEL and NIGHTSHIFT_EMBEDDING_BASE_URL."
    return None
