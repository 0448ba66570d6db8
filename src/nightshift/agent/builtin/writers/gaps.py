"""How an answer says what could not be seen."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nightshift.agent.builtin.story import joined, one_line, sentence
from nightshift.facts.gap import Gap

SHOWN = 4
DETAILS_SHOWN = 3
DATASETS_SHOWN = 6

_DATASET = re.compile(r"[a-z0-9_, .]+")
DETAIL_CHARS = 200


def gap_lines(gaps: Iterable[Gap], shown: int = SHOWN) -> list[str]:
    """One line for each blind source: why it did not tell, what is missing, and what would help."""
    by_source: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_source.setdefault(gap.source, []).append(gap)
    lines = [_line(source, found) for source, found in by_source.items()]
    return lines if len(lines) <= shown else [*lines[:shown], "Further gaps are listed beside the answer."]


def _line(source: str, gaps: list[Gap]) -> str:
    details = _distinct(one_line(gap.detail) for gap in gaps)
    missing = list(dict.fromkeys(name for gap in gaps for name in _datasets(gap)))
    fixes = list(dict.fromkeys(one_line(gap.fix) for gap in gaps if gap.fix))
    said = [sentence(_cut(detail)) for detail in details[:DETAILS_SHOWN]]
    said += [f"Missing: {joined(missing, DATASETS_SHOWN)}."] if missing else []
    return f"{source}: {' '.join([*said, *map(sentence, fixes[:2])])}"


def _cut(detail: str) -> str:
    return detail if len(detail) <= DETAIL_CHARS else detail[:DETAIL_CHARS].rpartition(" ")[0].rstrip(",") + " …"


def _distinct(details: Iterable[str]) -> list[str]:
    """Each detail once; one that another one repeats with more words around it is left out."""
    every = list(dict.fromkeys(details))
    return [one for one in every if not any(other != one and other.rstrip(".") in one for other in every)]


def _datasets(gap: Gap) -> list[str]:
    """What is missing, in words: `backup_groups, gc` → backup groups; gc. A PromQL expression is only "metrics"."""
    if gap.dataset == "checks":
        return []
    if gap.dataset.startswith("GET "):
        return [one_line(gap.dataset)]
    if not _DATASET.fullmatch(gap.dataset):
        return ["metrics"]
    return [name.partition(".")[0].replace("_", " ").strip() for name in gap.dataset.split(",")]


def blind_sources(gaps: Iterable[Gap]) -> str:
    """`pbs and grafana`: the sources that left gaps."""
    return joined(list(dict.fromkeys(gap.source for gap in gaps)))


def not_seen(gaps: Iterable[Gap]) -> str:
    """The closing paragraph about gaps, empty when there are none."""
    lines = gap_lines(gaps)
    return "Not seen:\n" + "\n".join(f"- {line}" for line in lines) if lines else ""
