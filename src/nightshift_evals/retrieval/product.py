"""The product's search, asked through its command line: `nightshift runbooks search --batch`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightshift_evals.programs import ProcessFailed
from nightshift_evals.retrieval.corpus import Corpus
from nightshift_evals.retrieval.plain import Place

LIMIT = 10
_FROM_OUTSIDE = ("NIGHTSHIFT_EMBEDDER", "NIGHTSHIFT_EMBEDDING_", "NIGHTSHIFT_ONNX_", "OPENAI_", "CHROMA_")
_OURS = ("PROMETHEUS_", "GRAFANA_", "PROXMOX_", "PBS_", "NIGHTSHIFT_", "RUNBOOK_")


def has_embedder() -> bool:
    """Whether the environment sets an embedder to be measured."""
    return os.environ.get("NIGHTSHIFT_EMBEDDER", "none") != "none"


def sync(corpus: Corpus, data_dir: Path) -> None:
    """Index a corpus, with its vectors. Raises ProcessFailed."""
    _run(["sync", "-q"], corpus.folder, data_dir)


@dataclass(frozen=True, slots=True)
class Places:
    """Places by question id, best first: those that an answer would quote, and those that a search shows."""

    answered: Mapping[str, list[Place]]
    searched: Mapping[str, list[Place]]


def search(corpus: Corpus, data_dir: Path, *, by: str = "both", weak: bool = False) -> Places:
    """What is found for each question. `weak` shows whatever was found. Raises ProcessFailed."""
    command = ["search", "--batch", "--limit", str(LIMIT), "--by", by, *(["--weak"] if weak else [])]
    asked = "".join(json.dumps({"id": item.id, "question": item.question}) + "\n" for item in corpus.questions)
    answered: dict[str, list[Place]] = {}
    searched: dict[str, list[Place]] = {}
    for line in _run(command, corpus.folder, data_dir, asked).splitlines():
        answer = json.loads(line)
        if answer["gaps"]:
            raise ProcessFailed(f"the search over {corpus.name} was not whole: {'; '.join(answer['gaps'])}")
        answered[answer["id"]] = _places(item for item in answer["results"] if item["fits"])
        searched[answer["id"]] = _places(answer["results"])
    return Places(answered, searched)


def _places(results: Iterable[Mapping[str, str]]) -> list[Place]:
    return list(dict.fromkeys((item["file"], item["heading"]) for item in results))


def _run(arguments: Sequence[str], folder: Path, data_dir: Path, stdin: str = "") -> str:
    environ = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_FROM_OUTSIDE) or not name.startswith(_OURS)
    }
    environ |= {"RUNBOOK_DIRS": str(folder.resolve()), "NIGHTSHIFT_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "nightshift.cli", "runbooks", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=environ, cwd=data_dir, check=False)
    if done.returncode:
        raise ProcessFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout
