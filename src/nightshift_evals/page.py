"""`python -m nightshift_evals.page report.json`: the tables of a report for docs/accuracy.md, as Markdown.

Whoever works on the brain reads that page: of the answers to questions of the half `test` it tells how many were right,
and neither what was asked nor what was answered.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from nightshift_evals.figures import Figure, Goal, Report, wilson_interval
from nightshift_evals.report import Wrong

_Json = Mapping[str, Any]


def page(report: _Json) -> str:
    """The tables: answers by batch, figures, the scenarios with something wrong, wrong answers of the half `dev`."""
    cases, figures = report["cases"], figures_of(report)
    others = tuple(figure for figure in figures.figures if not figure.figure.startswith("right: "))  # see `_by_batch`
    told = replace(figures, figures=others).to_markdown()
    return "\n\n".join((_opening(report), *_by_batch(cases), told, *_scenarios(report), *_wrong(cases)))


def figures_of(report: _Json) -> Report:
    """The figures of a report that was written as JSON."""
    figures = tuple(_figure(row) for row in report["figures"])
    return Report(report["name"], figures, datetime.fromisoformat(report["at"]), report.get("partial", ""))


def _figure(row: _Json) -> Figure:
    goal = None
    if "goal" in row:
        sense, _, bound = row["goal"].partition(" ")
        goal = Goal(sense, float(bound))
    value = math.nan if row["value"] is None else row["value"]
    return Figure(row["figure"], value, row["unit"], goal, row["n"], tuple(row["spread"]) if row["spread"] else None)


def _opening(report: _Json) -> str:
    cases, machine = report["cases"], report["machine"]
    questions = {_name(case) for case in cases}
    scenarios = {one["scenario"] for one in (*cases, *report["sweeps"])}
    seeds = {one["seed"] for one in report["sweeps"]}
    halves = " and ".join(sorted({case["half"] for case in cases})) or "none asked"
    return (
        f"Finished {report['at'][:16].replace('T', ' ')} UTC on {machine['cores']} cores of {machine['cpu']}:"
        f" {len(scenarios)} scenarios, {len(report['sweeps'])} sweeps with {len(seeds)} seeds, {len(cases)} answers to"
        f" {len(questions)} questions ({halves})."
    )


def _by_batch(cases: Sequence[_Json]) -> Iterable[str]:
    """How many answers were right, by the batch and half that the questions belong to, and side by side by topic."""
    batches: dict[str, list[_Json]] = {}
    for case in sorted(cases, key=lambda case: (case["half"], case["batch"])):
        batches.setdefault(f"`{case['half']}`" + f" {case['batch']}" * bool(case["batch"]), []).append(case)
    if not batches:
        return
    rows = ["| answers right | right | of | share | spread |", "| --- | ---: | ---: | ---: | --- |"]
    for name, own in {**batches, "all": cases}.items():
        right = sum(case["right"] for case in own)
        low, high = wilson_interval(right, len(own))
        rows.append(f"| {name} | {right} | {len(own)} | {right / len(own):.3f} | {low:.3f} … {high:.3f} |")
    yield "\n".join(rows)
    yield _kinds_of_errors("wrong", {**batches, "all": cases})
    rows = [f"| topic | {' | '.join(batches)} |", f"| --- |{' ---: |' * len(batches)}"]
    topics = sorted({case["topic"] for case in cases})
    for topic in topics:
        right_by_batch = [[case["right"] for case in batch if case["topic"] == topic] for batch in batches.values()]
        shown = (f"{sum(right)} of {len(right)}" if right else "" for right in right_by_batch)
        rows.append(f"| {topic} | {' | '.join(shown)} |")
    yield "\n".join(rows)
    by_topic = {topic: [case for case in cases if case["topic"] == topic] for topic in topics}
    yield _kinds_of_errors("wrong by topic", by_topic)


def _kinds_of_errors(head: str, groups: Mapping[str, Sequence[_Json]]) -> str:
    """What the wrong answers were instead: it is one thing to decline and another to say what is not so."""
    kinds = get_args(Wrong)
    rows = [f"| {head} | {' | '.join(kinds)} |", f"| --- |{' ---: |' * len(kinds)}"]
    for name, own in groups.items():
        counts = Counter(case["wrong_as"] for case in own)
        rows.append(f"| {name} | {' | '.join(str(counts[kind]) for kind in kinds)} |")
    return "\n".join(rows)


def _name(case: _Json) -> str:
    return str(case["question"]).partition("/")[0]


def _scenarios(report: _Json) -> Iterable[str]:
    """A row for each in which an answer or a sweep was wrong. The same error with several seeds stands once."""
    names = sorted({one["scenario"] for one in (*report["cases"], *report["sweeps"])})
    rows = []
    for name in names:
        own = [case["right"] for case in report["cases"] if case["scenario"] == name]
        errors = dict.fromkeys(
            error for sweep in report["sweeps"] if sweep["scenario"] == name for error in sweep["errors"]
        )
        if errors or not all(own):
            told = "; ".join(errors).replace("|", "\\|")
            rows.append(f"| {name} | {sum(own)} | {len(own)} | {told} |")
    yield f"{len(names) - len(rows)} scenarios had nothing wrong" + ("; the others:" if rows else ".")
    if rows:
        head = ["| scenario | right | asked | what its sweeps got wrong |", "| --- | ---: | ---: | --- |"]
        yield "\n".join([*head, *rows])


def _wrong(cases: Sequence[_Json]) -> Iterable[str]:
    """What was wrong: of `dev` each question once, with what was missing where it was asked first."""
    wrong = [case for case in cases if not case["right"]]
    test = [case for case in wrong if case["half"] == "test"]
    told: dict[str, list[_Json]] = {}
    for case in wrong:
        if case["half"] == "dev":
            told.setdefault(case["asked"], []).append(case)
    questions = {_name(case) for case in test}
    if test:
        yield f"Of the half `test` {len(test)} answers to {len(questions)} questions were wrong; which, is not said."
    if told:
        lines = []
        for asked, own in told.items():
            where = f"{own[0]['scenario']}{f' and {len(own) - 1} more' if len(own) > 1 else ''}"
            reasons = "; ".join(own[0]["reasons"]).replace("](", "]\\(")  # a pattern is no link
            lines.append(f"- {where}, “{asked}”: {reasons}")
        yield "\n".join([f"Of the half `dev` {len(wrong) - len(test)} were wrong:", "", *lines])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page of a report."""
    parser = argparse.ArgumentParser(prog="python -m nightshift_evals.page", description=__doc__)
    parser.add_argument("report", type=Path, help="what `python -m nightshift_evals --json-file` wrote")
    file: Path = parser.parse_args(arguments).report
    try:
        print(page(json.loads(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError, KeyError) as error:
        print(f"{file} is no report: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
