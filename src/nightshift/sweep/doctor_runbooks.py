"""Which runbooks there are, which could not be read, and with what they are searched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nightshift.errors import EmbedderError
from nightshift.knowledge.search import RunbookSearch
from nightshift.knowledge.vectors import Vectors
from nightshift.sweep.doctor_lines import Line

SYNC = "Run `nightshift runbooks sync`."


async def runbook_lines(open_search: Callable[[], RunbookSearch], *, own: bool) -> tuple[Line, ...]:
    """What the doctor has to say of the runbooks. `own` says whether the operator named the folders."""
    return await asyncio.to_thread(_lines, open_search, own=own)


def _lines(open_search: Callable[[], RunbookSearch], *, own: bool) -> tuple[Line, ...]:
    search = open_search()
    try:
        count = len(search.runbooks)
        text = f"{count} in {'your folders' if own else 'the starter set'}, {search.section_count} sections"
        lines = [Line("runbooks", "files", "ok" if count else "warn", text, variable="RUNBOOK_DIRS")]
        lines += [Line("runbooks", "files", "warn", f"{item.path}: {item.problem}") for item in search.warnings]
        if search.trouble:
            text = f"{search.trouble}; it is made anew at every start"
            lines.append(Line("runbooks", "index", "warn", text, variable="NIGHTSHIFT_DATA_DIR"))
        return (*lines, _embedder_line(search.vectors, search.section_count))
    finally:
        search.close()


def _embedder_line(vectors: Vectors | None, sections: int) -> Line:
    """Whether meanings are searched, and with what: one text is embedded to see."""
    variable = "NIGHTSHIFT_EMBEDDER"
    if vectors is None:
        return Line("runbooks", "embedder", "ok", "searched by their words; no embedder is set", variable=variable)
    name = vectors.embedder.name
    try:
        vectors.embedder.embed(["a disk is full"])
    except EmbedderError as error:
        text = f"{error.problem} Until then they are searched by their words"
        return Line("runbooks", "embedder", "warn", text, fix=error.fix or "", variable=variable)
    pointer = vectors.pointer
    where = f"in {vectors.server}" if vectors.server else "in the data folder"
    if pointer is None:
        text = f"{name} works, and no section has a vector yet: they are searched by their words"
        return Line("runbooks", "embedder", "warn", text, fix=SYNC, variable=variable)
    text = f"searched by words and by meaning: {name}, {pointer.count} vectors {where} for {sections} sections"
    return Line("runbooks", "embedder", "ok", text, variable=variable)
