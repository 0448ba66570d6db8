"""What `nightshift runbooks` shows, as lines of text or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nightshift.cli import screen

if TYPE_CHECKING:
    from nightshift.knowledge.coverage import Covered
    from nightshift.knowledge.lint import Complaint
    from nightshift.knowledge.search import Found, Synced

SNIPPET_CHARS = 240
SHOWN_LINES = 12


def found_json(found: Found) -> list[dict[str, Any]]:
    """`[{file, heading, heading_path, line, score, fits, snippet}]`."""
    return [
        {
            "file": passage.file,
            "heading": passage.heading,
            "heading_path": list(passage.heading_path),
            "line": passage.line,
            "score": passage.score,
            "fits": passage.fits,
            "snippet": " ".join(passage.text.split())[:SNIPPET_CHARS],
        }
        for passage in found.passages
    ]


def none_lines(nearest: Found) -> Iterator[str]:
    """That no runbook fits, and what comes nearest: it is named and not quoted, for it is no answer."""
    yield "No runbook fits. Begin one: nightshift runbooks new."
    if nearest.passages:
        yield "The nearest ones (--weak shows them whole):"
    for passage in nearest.passages:
        title = " › ".join(passage.heading_path) or passage.heading
        yield f"    {screen.printable(title)}  {screen.printable(passage.file)}:{passage.line}"


def found_lines(found: Found) -> Iterator[str]:
    """Each section with its place and the beginning of its text, those that are no answer under a line that says so."""
    fits = True
    for number, passage in enumerate(found.passages):
        if number:
            yield ""
        if passage.fits != fits:
            fits = passage.fits
            yield "Fits:" if fits else "May not fit:"
        title = " › ".join(passage.heading_path) or passage.heading
        yield f"{screen.styled(screen.printable(title), bold=True)}  {screen.printable(passage.file)}:{passage.line}"
        lines = screen.printable(passage.text, keep_lines=True).strip().splitlines()
        yield from (f"    {line}".rstrip() for line in lines[:SHOWN_LINES])
        if len(lines) > SHOWN_LINES:
            yield f"    … {len(lines) - SHOWN_LINES} more lines"


def synced_lines(synced: Synced, embedder: str | None) -> Iterator[str]:
    """What is indexed, and what was done for it."""
    changed = f"{len(synced.changed)} changed, {len(synced.removed)} removed"
    yield f"{synced.files} runbooks, {synced.sections} sections; {changed}"
    if embedder is None:
        yield "Searched by their words; NIGHTSHIFT_EMBEDDER would add their meaning."
    elif synced.vectors is not None:
        total = synced.vectors.embedded + synced.vectors.kept
        yield f"{total} vectors by {embedder}; {synced.vectors.embedded} new"
    if synced.warnings:
        yield f"{len(synced.warnings)} files or folders need a look: nightshift runbooks lint"


def lint_lines(complaints: Sequence[Complaint], count: int) -> Iterator[str]:
    """One line a complaint, as compilers write them."""
    for item in complaints:
        yield screen.printable(f"{item.path}{f':{item.line}' if item.line else ''}: {item.problem}")
    what = f"{len(complaints)} thing{'' if len(complaints) == 1 else 's'} to mend" if complaints else "nothing to mend"
    yield f"{count} runbooks, {what}"


def coverage_json(found: Sequence[Covered]) -> dict[str, Any]:
    def row(item: Covered) -> dict[str, Any]:
        subject = item.subject
        return {"kind": subject.kind, "name": subject.name, "about": subject.about, "runbooks": list(item.files)}

    return {
        "with": [row(item) for item in found if item.files],
        "without": [row(item) for item in found if not item.files],
    }


def coverage_lines(found: Sequence[Covered], *, with_rules: bool) -> Iterator[str]:
    """What has no runbook, then the counts."""
    without = [item for item in found if not item.files]
    if without:
        rows = [(item.subject.kind, item.subject.name, item.subject.about, item.hint) for item in without]
        yield screen.table(("kind", "without a runbook", "about", "closest"), rows)
        yield ""
    for kind in dict.fromkeys(item.subject.kind for item in found):
        own = [item for item in found if item.subject.kind == kind]
        yield f"{sum(bool(item.files) for item in own)} of {len(own)} {kind}s have a runbook"
    if not with_rules:
        yield "Alert rules were not looked at: neither Grafana nor Prometheus is set up."
