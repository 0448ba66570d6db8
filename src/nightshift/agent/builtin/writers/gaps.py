"""How an answer says what could not be seen."""

from __future__ import annotations

from collections.abc import Iterable

from nightshift.agent.builtin.story import joined, one_line, sentence
from nightshift.facts.gap import Gap

SHOWN = 4

_DATASETS = 5


def gap_lines(gaps: Iterable[Gap], shown: int = SHOWN) -> list[str]:
    """One line for each cause of blindness: who did not tell what, why, and what would help."""
    causes: dict[tuple[str, str, str, str | None], list[str]] = {}
    for gap in gaps:
        causes.setdefault((gap.source, gap.kind, gap.detail, gap.fix), []).append(gap.dataset.replace("_", " "))
    lines = [_line(cause, list(dict.fromkeys(datasets))) for cause, datasets in causes.items()]
    return (
        lines if len(lines) <= shown else [*lines[:shown], f"{len(lines) - shown} further gaps are listed beside it."]
    )


def _line(cause: tuple[str, str, str, str | None], datasets: list[str]) -> str:
    source, _kind, detail, fix = cause
    what = joined([one_line(name)[:60] for name in datasets], _DATASETS)
    text = f"{source}: {sentence(one_line(detail))} Missing: {what}."
    return f"{text} {sentence(one_line(fix))}" if fix else text


def blind_sources(gaps: Iterable[Gap]) -> str:
    """`pbs and grafana`: the sources that left gaps."""
    return joined(list(dict.fromkeys(gap.source for gap in gaps)))


def not_seen(gaps: Iterable[Gap]) -> str:
    """The closing paragraph about gaps, empty when there are none."""
    lines = gap_lines(gaps)
    return "Not seen:\n" + "\n".join(f"- {line}" for line in lines) if lines else ""
