"""What the runbook search costs: 1,000 files with 5,000 sections, no embedder.

The sections are made of the words of the starter runbooks, as often as they occur there, so that the index has the
shape of a real one. The questions are the dev half of the retrieval questions.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter

from bench.report import Figure, at_most, main, median_of, percentile_of
from nightshift.knowledge.search import RunbookSearch
from nightshift_evals.retrieval.corpus import questions_of, sections_of

FILES, SECTIONS, WORDS = 1_000, 5, 110
SYNCS = 5

_MEMORY = """
import json, re, sys
from pathlib import Path
from nightshift.knowledge.search import RunbookSearch
search = RunbookSearch.open([Path(sys.argv[1])], data_dir=Path(sys.argv[2]))
for question in json.loads(sys.stdin.read()):
    search.find(question)
print(int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024)
"""


def measure() -> Iterable[Figure]:
    """The first sync, syncs without a change, a change of one file, then every question."""
    asked = [item.question for corpus in ("starter", "workshop") for item in questions_of(corpus, "dev")]
    with tempfile.TemporaryDirectory(prefix="nightshift-bench-") as made:
        folder, data = Path(made) / "books", Path(made) / "data"
        write_books(folder)
        started = perf_counter()
        search = RunbookSearch.open([folder], data_dir=data)
        yield Figure(f"first sync of {FILES:,} files", perf_counter() - started, "s", at_most(10))
        assert search.section_count == FILES * SECTIONS
        unchanged = [_timed(lambda: RunbookSearch.open([folder], data_dir=data).close()) for _ in range(SYNCS)]
        yield median_of(f"sync of {FILES:,} unchanged files", unchanged, "s", goal=at_most(1))
        first = folder / "book-0000.md"
        first.write_text(first.read_text() + "\nOne more line.\n")
        yield Figure("sync after a change of one file", _timed(search.sync), "s")
        samples = [_timed(lambda question=question: search.find(question)) for question in asked]
        yield median_of("search p50, first time asked", samples, "s", goal=at_most(0.010))
        yield percentile_of("search p95, first time asked", samples, 95, "s")
        again = [_timed(lambda question=question: search.find(question)) for question in asked]
        yield median_of("search p50, asked again", again, "s", goal=at_most(0.010))
        search.close()
        command = [sys.executable, "-c", _MEMORY, str(folder), str(data)]
        done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
        yield Figure("memory of a process with the index, all questions asked", float(done.stdout), "bytes")
        size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
        yield Figure("size of the index on disk", float(size), "bytes")


def write_books(folder: Path) -> None:
    """Files with headings, prose, lists and commands, the same at every run."""
    chance = random.Random(1)
    text = " ".join(section.text for section in sections_of("starter"))
    words = re.findall(r"[A-Za-z][\w.-]+", text)
    folder.mkdir(parents=True)
    for number in range(FILES):
        parts = [f"---\ntitle: {' '.join(chance.sample(words, 4))} {number}\ntags: [{chance.choice(words)}]\n---\n"]
        for _ in range(SECTIONS):
            body = " ".join(chance.choices(words, k=WORDS))
            command = " ".join(chance.choices(words, k=5))
            parts.append(f"## {' '.join(chance.sample(words, 3))}\n\n{body}\n\n1. {body[:90]}\n\n```\n{command}\n```\n")
        (folder / f"book-{number:04}.md").write_text("\n".join(parts))


def _timed(call: object) -> float:
    assert callable(call)
    started = perf_counter()
    call()
    return perf_counter() - started


if __name__ == "__main__":
    main("knowledge", measure)
