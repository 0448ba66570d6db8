"""`python -m nightshift_evals`: ask the product everything in every scenario and report an honest score."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from nightshift_evals.processes import ProcessFailed
from nightshift_evals.questions import FOLDER, QuestionError, load
from nightshift_evals.run import Case, details, report_of, run_scenario


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every goal is met, 1 when one is not, 2 when it could not be run."""
    options = _parser().parse_args(arguments)
    try:
        questions = load(options.questions)
        chosen = _chosen(options.scenario, sorted(questions))
        cases: list[Case] = []
        for number, scenario in enumerate(chosen, 1):
            _tell(f"[{number}/{len(chosen)}] {scenario}")
            cases += run_scenario(scenario, questions[scenario], brain=options.brain, seed=options.seed)
    except (QuestionError, ProcessFailed) as error:
        _tell(str(error))
        return 2
    report = report_of(cases, options.brain)
    if options.json:
        data = report.to_json() | {"cases": [_case_json(case) for case in cases]}
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        print(report.to_text(as_json=False), details(cases), sep="\n\n")
    return report.exit_code


def _chosen(wanted: list[str] | None, known: list[str]) -> list[str]:
    unknown = set(wanted or ()) - set(known)
    if unknown:
        raise QuestionError(f"no questions for {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return wanted or known


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nightshift_evals", description=__doc__)
    parser.add_argument("--brain", choices=["builtin", "model"], default="builtin", help="a model needs OPENAI_*")
    parser.add_argument("--scenario", action="append", metavar="NAME", help="only this one; may be given again")
    parser.add_argument("--questions", type=Path, default=FOLDER, metavar="FOLDER", help="YAML files to ask instead")
    parser.add_argument("--seed", type=int, default=1, help="of the lab's world")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _case_json(case: Case) -> dict[str, object]:
    return {
        "scenario": case.scenario,
        "question": case.question.id,
        "asked": case.asked,
        "right": case.grade.right,
        "reasons": list(case.grade.reasons),
        "latency_s": round(case.latency_s, 3),
        "text": case.answer["text"] if case.answer else None,
    }


if __name__ == "__main__":
    sys.exit(main())
