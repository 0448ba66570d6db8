"""The index of meanings: vectors of all sections in a Chroma collection, embedded in the data folder or on a server.

    nightshift/runbooks/3f2a91c0/vectors.json          which collection is the current one
    nightshift/runbooks/3f2a91c0/vectors-01JD…/        that collection, when no Chroma server is set

A collection is written once and never changed: what is new is put into a new one beside it, with the vectors of all
texts that were embedded before, and `vectors.json` is swapped when the new one is whole. So a crash or a full disk
leaves the old one; other processes go on reading it; and the graph that Chroma searches is built in one go, which
spares it the holes that updates and deletions tear into it (docs/decisions/0008).
"""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from ulid import ULID

from nightshift.errors import EmbedderError, StoreError
from nightshift.knowledge.cosines import MINILM_UNRELATED, unrelated_cosine
from nightshift.knowledge.embedding import BATCH, Embedder, Vector

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

_OF_ITS_RUST_PART = (ValueError, RuntimeError, TypeError, KeyError, AttributeError)
POINTER = "vectors.json"
LOCK = "sync.lock"
LOCK_WAIT_S = 60.0
HNSW_CONFIGURATION: CreateCollectionConfiguration = {
    "hnsw": {"space": "cosine", "max_neighbors": 48, "ef_construction": 500, "ef_search": 500}
}
_ADD = 500

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pointer:
    """The current collection. `folder` is its folder's name, None for one on a server; `server` is where that is;
    `unrelated` is the cosine that the embedder finds between texts that have nothing to do with each other."""

    collection: str
    folder: str | None
    server: str | None
    embedder: str
    count: int
    unrelated: float = 0.0


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did. `trouble` is set when some texts have no vector yet, and says why."""

    embedded: int
    kept: int
    trouble: EmbedderError | None = None


class Vectors:
    """The vectors of one set of runbook folders. `server` is the address of a Chroma server, None for the data folder.

    Every method raises StoreError when Chroma or the disk fails, and EmbedderError when the embedder does.
    """

    def __init__(self, keep_in: Path, embedder: Embedder, server: str | None = None) -> None:
        self.keep_in = keep_in
        self.embedder = embedder
        self.server = server
        self._opened: _Collection | None = None

    @property
    def pointer(self) -> Pointer | None:
        """The current collection, None when there is none for this embedder and place."""
        pointer = self._read_pointer()
        if pointer is None or pointer.embedder != self.embedder.identity or pointer.server != self.server:
            return None
        return pointer

    def nearest(self, question: str, count: int) -> list[tuple[str, float]]:
        """(key, similarity) of the texts that mean the most similar, best first: the cosine that MiniLM would find."""
        pointer = self.pointer
        if pointer is None or not pointer.count:
            raise StoreError("The runbooks have no vectors yet: run `nightshift runbooks sync`.")
        vector = list(self.embedder.embed([question])[0])
        with _failures_of_chroma(self._where):
            store = self._open(pointer).store
            found = store.similarity_search_by_vector_with_relevance_scores(vector, k=min(count, pointer.count))
        stretch = (1.0 - MINILM_UNRELATED) / (1.0 - pointer.unrelated)
        return [(str(document.id), 1.0 - float(distance) * stretch) for document, distance in found]

    def refresh(self, texts: Mapping[str, str], on_progress: Progress | None = None) -> Refreshed:
        """Make vectors for all `texts` (key → text), and only for those that have none. When the embedder fails in
        between, what it made so far is kept, and the rest waits for the next time."""
        with self._only_one():
            self.embedder.prepare()
            pointer = self.pointer
            known = self._known(pointer) if pointer else {}
            if pointer and known.keys() == texts.keys():
                return Refreshed(0, len(known))
            kept = {key: known[key] for key in texts if key in known}
            try:
                unrelated = pointer.unrelated if pointer else unrelated_cosine(self.embedder)
            except EmbedderError as error:
                return Refreshed(0, len(kept), error)
            made, trouble = self._embed({key: text for key, text in texts.items() if key not in kept}, on_progress)
            if not made and trouble:
                return Refreshed(0, len(kept), trouble)
            with _failures_of_chroma(self._where):
                new = self._write({**kept, **made}, unrelated)
            self._swap(new)
            return Refreshed(len(made), len(kept), trouble)

    def close(self) -> None:
        """Let go of the collection that is open."""
        opened, self._opened = self._opened, None
        if opened is not None:
            with suppress(*_chroma_errors()):
                opened.client.close()

    @property
    def _where(self) -> str:
        return (
            f"the Chroma server {urlsplit(self.server).netloc.rpartition('@')[2]}" if self.server else str(self.keep_in)
        )

    def _embed(
        self, texts: Mapping[str, str], on_progress: Progress | None
    ) -> tuple[dict[str, Vector], EmbedderError | None]:
        made: dict[str, Vector] = {}
        keys = list(texts)
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            try:
                made |= zip(batch, self.embedder.embed([texts[key] for key in batch]), strict=True)
            except EmbedderError as error:
                return made, error
            if on_progress:
                on_progress(f"embedded {len(made)} of {len(keys)} sections")
        return made, None

    def _known(self, pointer: Pointer) -> dict[str, Vector]:
        """The vectors of the current collection; none when it cannot be read: then all are made anew."""
        try:
            with _failures_of_chroma(self._where):
                found = self._open(pointer).store.get(include=["embeddings"])
        except StoreError:
            if pointer.server:
                raise
            self.close()
            return {}
        return {
            str(key): [float(x) for x in vector] for key, vector in zip(found["ids"], found["embeddings"], strict=True)
        }

    def _write(self, vectors: Mapping[str, Vector], unrelated: float) -> Pointer:
        name = f"nightshift-{ULID()}".lower()
        folder = None if self.server else f"vectors-{name}"
        pointer = Pointer(name, folder, self.server, self.embedder.identity, len(vectors), unrelated)
        collection = self._connect(pointer, vectors)
        keys = list(vectors)
        for start in range(0, len(keys), _ADD):
            collection.store.add_texts(keys[start : start + _ADD], ids=keys[start : start + _ADD])
        if len(collection.store.get(include=[])["ids"]) != len(vectors):
            raise StoreError(f"{self._where} did not keep all vectors")
        collection.client.close()
        return pointer

    def _swap(self, new: Pointer) -> None:
        """Point to the new collection; the one before it stays for those who still read it, older ones go."""
        old = self._read_pointer()
        file = self.keep_in / POINTER
        beside = file.with_suffix(".new")
        try:
            beside.write_text(json.dumps(asdict(new)), encoding="utf-8")
            beside.replace(file)
        except OSError as error:
            raise StoreError(f"{file} cannot be written: {error.strerror or error}") from error
        self.close()
        keep = {new.folder, old.folder if old else None}
        for folder in self.keep_in.glob("vectors-*"):
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)
        if old and old.server and old.server == self.server:
            with suppress(StoreError), _failures_of_chroma(self._where):
                client = self._client(new)
                try:
                    client.delete_collection(old.collection)
                finally:
                    client.close()

    def _read_pointer(self) -> Pointer | None:
        try:
            return Pointer(**json.loads((self.keep_in / POINTER).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _open(self, pointer: Pointer) -> _Collection:
        if self._opened is None or self._opened.pointer != pointer:
            self.close()
            self._opened = self._connect(pointer)
        return self._opened

    def _connect(self, pointer: Pointer, vectors: Mapping[str, Vector] | None = None) -> _Collection:
        """The collection of a pointer; a new one, to be filled with `vectors`, when they are given."""
        from langchain_chroma import Chroma

        if vectors is None and pointer.folder and not (self.keep_in / pointer.folder / "chroma.sqlite3").is_file():
            raise StoreError(f"{self.keep_in / pointer.folder} is gone")
        client = self._client(pointer)
        store = Chroma(
            client=client,
            collection_name=pointer.collection,
            embedding_function=_given(vectors or {}),
            collection_configuration=HNSW_CONFIGURATION if vectors is not None else None,
            create_collection_if_not_exists=vectors is not None,
        )
        return _Collection(pointer, client, store)

    def _client(self, pointer: Pointer) -> Client:
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if pointer.server:
            parts = urlsplit(pointer.server)
            port = parts.port or (443 if parts.scheme == "https" else 8000)
            client = chromadb.HttpClient(str(parts.hostname), port, ssl=parts.scheme == "https", settings=settings)
        else:
            client = chromadb.PersistentClient(str(self.keep_in / str(pointer.folder)), settings=settings)
        return cast("Client", client)

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """One process writes at a time; readers are not kept from reading."""
        until = time.monotonic() + LOCK_WAIT_S
        try:
            self.keep_in.mkdir(parents=True, exist_ok=True)
            lock = (self.keep_in / LOCK).open("w")
        except OSError as error:
            raise StoreError(f"{self.keep_in} cannot be written: {error.strerror or error}") from error
        with lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise StoreError("another process is bringing the runbooks up to date") from None
                    time.sleep(0.1)
            yield


@dataclass(frozen=True, slots=True)
class _Collection:
    """A collection that is open."""

    pointer: Pointer
    client: Client
    store: Chroma


def _given(vectors: Mapping[str, Vector]) -> Embeddings:
    """What langchain-chroma asks for vectors: they are there already, so the "texts" are their keys."""
    from langchain_core.embeddings import Embeddings

    class Given(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [list(vectors[key]) for key in texts]

        def embed_query(self, text: str) -> list[float]:
            return list(vectors[text])

    return Given()


def _chroma_errors() -> tuple[type[Exception], ...]:
    import httpx
    from chromadb.errors import ChromaError

    # Chroma raises its own errors, those of its HTTP client, and plain ones from its Rust part.
    return ChromaError, httpx.HTTPError, OSError, sqlite3.Error, *_OF_ITS_RUST_PART


@contextmanager
def _failures_of_chroma(where: str) -> Iterator[None]:
    """Whatever Chroma raises, as a StoreError that says where it happened."""
    try:
        yield
    except StoreError:
        raise
    except _chroma_errors() as error:
        raise StoreError(f"{where} cannot be used ({type(error).__name__})") from error
