"""A sweep as Markdown, for a ticket or a chat: what strangers wrote stays text, whatever it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo

from nightshift.cli.screen import printable
from nightshift.cli.sweep_text import MAX_CAUSES, Filter, headline, unchecked_line
from nightshift.facts.finding import Finding
from nightshift.facts.sweep import Sweep

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&@$-])")
_CODE = re.compile(r"`([^`]+)`")


def markdown_lines(sweep: Sweep, chosen: Filter, zone: tzinfo) -> Iterator[str]:
    """The report, heading by heading: causes with what they explain, gaps, the last line."""
    shown = chosen.of_sweep(sweep)
    fingerprints = {finding.fingerprint for finding in shown}
    causes = [finding for finding in shown if finding.cause not in fingerprints]
    yield "# Nightshift"
    yield ""
    yield escaped(headline(sweep, shown, zone))
    explained: dict[str, list[Finding]] = {}
    for finding in shown:
        if finding.cause is not None:
            explained.setdefault(finding.cause, []).append(finding)
    for cause in causes[:MAX_CAUSES]:
        yield from _cause(cause, explained.get(cause.fingerprint, []))
    if len(causes) > MAX_CAUSES:
        yield ""
        yield f"… and {len(causes) - MAX_CAUSES} more causes."
    blind = [gap for gap in sweep.gaps if gap.is_blind_spot]
    if blind:
        yield ""
        yield "## Could not be seen"
        yield ""
    for gap in blind:
        yield f"- {escaped(f'{gap.source}, {gap.dataset}: {gap.detail}')} {_remedy(gap.fix or '')}".rstrip()
    yield ""
    yield escaped(unchecked_line(sweep))


def _cause(cause: Finding, explained: list[Finding]) -> Iterator[str]:
    yield ""
    yield f"## {cause.severity.capitalize()}: {escaped(cause.title)}"
    yield ""
    yield escaped(cause.detail)
    yield ""
    yield f"**What to do:** {_remedy(cause.remedy)}"
    if explained:
        yield ""
        yield f"Explains {len(explained)} more:"
        yield ""
    for finding in explained:
        yield f"- {finding.severity}: {escaped(finding.title)}"


def escaped(text: str) -> str:
    """Text in which nothing is markup, a link, HTML or a mention."""
    return _SPECIAL.sub(r"\\\1", printable(text))


def _remedy(text: str) -> str:
    """Our own commands stay code; between them everything is escaped."""
    parts = _CODE.split(printable(text))
    return "".join(f"`{part}`" if number % 2 else escaped(part) for number, part in enumerate(parts))
