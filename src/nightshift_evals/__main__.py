"""`python -m nightshift_evals`: ask the product everything in every scenario and report an honest score."""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import get_args

from nightshift_evals.figures import Report
from nightshift_evals.files import QuestionError
from nightshift_evals.labs import Labs, Todo
from nightshift_evals.plan import plan, questions_of
from nightshift_evals.programs import ProcessFailed
from nightshift_evals.report import details, json_of, report_of
from nightshift_evals.run import Level, Options, Outcome, read_names
from nightshift_evals.scenarios import Scenario, scenarios_in, scenarios_of_lab
from nightshift_evals.split import order_of, split_of
from nightshift_evals.truth import check_truths

_SAVED_S = 60.0
_ONCE_S = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every goal is met, 1 when one is not, 2 when it could not be run, 130 when it was interrupted."""
    options = _parser().parse_args(arguments)
    try:
        todo = _todo(options)
        _writable(options.json_file)
        labs = _run(todo, options)
    except (QuestionError, ProcessFailed) as error:
        _tell(str(error))
        return 2
    except KeyboardInterrupt:
        _tell("interrupted before anything was graded")
        return 130
    outcome, done = labs.graded()
    for reason in outcome.not_asked:
        _tell(f"not asked: {reason}")
    partial = "" if done == len(todo) else f"it was interrupted when {done} of {len(todo)} labs were done"
    report = report_of(outcome, options.brain, partial)
    _save(options.json_file, outcome, report)
    _print(options, outcome, report)
    return 130 if partial else report.exit_code


def _print(options: argparse.Namespace, outcome: Outcome, report: Report) -> None:
    if options.json:
        print(json.dumps(json_of(outcome, report), indent=2, ensure_ascii=False))
    else:
        print(report.to_markdown() if options.markdown else report.to_text(as_json=False), details(outcome), sep="\n\n")


def _writable(file: Path | None) -> None:
    """An hour is not lost to a folder that is not there."""
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    except OSError as error:
        raise QuestionError(f"{file} cannot be written: {error.strerror}") from error


def _save(file: Path | None, outcome: Outcome, report: Report) -> None:
    """Write the report as JSON, whole or not at all."""
    if file is not None:
        text = json.dumps(json_of(outcome, report), indent=2, ensure_ascii=False)
        made = file.with_name(f"{file.name}.part")
        made.write_text(f"{text}\n", encoding="utf-8")
        made.replace(file)


def _todo(options: argparse.Namespace) -> list[Todo]:
    scenarios = scenarios_of_lab() if options.scenario_dir is None else scenarios_in(options.scenario_dir)
    chosen = _chosen(options, scenarios)
    own = options.questions is not None or options.scenario_dir is not None
    questions = () if options.sweeps_only else questions_of(options.split, options.questions)
    check_truths(questions)
    if options.level == "snapshots":
        questions = tuple(question for question in questions if not question.needs_monitoring)
    planned = plan(questions, scenarios, everywhere=own)
    seeds = range(options.seed, options.seed + options.seeds)
    # The first seed of every scenario first: the longest, and a run that is cut short has seen every scenario.
    return [
        Todo(scenarios[name], seed, tuple(planned[name]) if seed == options.seed else ())
        for seed in seeds
        for name in chosen
    ]


def _chosen(options: argparse.Namespace, scenarios: Mapping[str, Scenario]) -> list[str]:
    unknown = set(options.scenario or ()) - set(scenarios)
    if unknown:
        raise QuestionError(f"there is no scenario {', '.join(sorted(unknown))}; there are {', '.join(scenarios)}")
    if options.scenario:
        return list(options.scenario)
    wanted = [name for name in scenarios if options.split in (None, split_of(name)) or options.scenario_dir]
    # Neither by name nor by family, so that a run that is cut short has seen a fair part.
    return sorted(wanted, key=lambda name: order_of("", name))


def _run(todo: Sequence[Todo], options: argparse.Namespace) -> Labs:
    """Ctrl-C ends it after the questions that are being asked; what was graded is kept."""
    wanted = Options(options.brain, options.level, options.seed, options.repeat)
    names = read_names(wanted.start)
    began = saved = monotonic()
    labs = Labs(todo, names, wanted, options.jobs)
    try:
        for number, item in enumerate(labs.done(), 1):
            seconds = monotonic() - began
            _tell(f"[{number}/{len(todo)}, {seconds:.0f} s] {item.scenario.name} seed {item.seed}: {labs.told(item)}")
            if options.json_file is not None and monotonic() - saved > _SAVED_S:
                partial = f"{number} of {len(todo)} labs were done, the others still ran"
                outcome = labs.graded()[0]
                _save(options.json_file, outcome, report_of(outcome, options.brain, partial))
                saved = monotonic()
    except KeyboardInterrupt:
        _tell("interrupted: ending what runs, keeping what was graded")
        labs.end()
    return labs


_EPILOG = """\
levels:
  snapshots  PVE and PBS alone: a lab is ready at once; what only metrics and alerts can tell is not asked for
  quick      a real Prometheus and Grafana with a day and a half of history (default)
  full       the same with a week, for trends of several days

examples:
  python -m nightshift_evals --scenario datastore-full               one scenario: its sweep and its questions
  python -m nightshift_evals --split dev --level snapshots           the half to work against, in a few minutes
  python -m nightshift_evals --seeds 8 --markdown --json-file report.json > report.md     everything, as `make eval`
  OPENAI_BASE_URL=… OPENAI_MODEL=… OPENAI_API_KEY=… python -m nightshift_evals --brain model
  python -m nightshift_evals --scenario-dir mine --questions mine    scenarios and questions of your own

A line on stderr tells of each lab that is done; Ctrl-C ends early and prints what was graded until then. A lab that
fails ends nothing: it is told, and what could not be asked there is not right.
Exit code: 0 every goal is met, 1 one is not, 2 it could not be run, 130 interrupted.
docs/accuracy.md says what the figures mean and how to write scenarios and questions.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nightshift_evals",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--brain", choices=["builtin", "model"], default="builtin", help="a model needs the variables OPENAI_*")
    add("--scenario", action="append", metavar="NAME", help="only this one; may be given again")
    add("--split", choices=["dev", "test"], help="only the scenarios and questions of one half (default both)")
    add("--scenario-dir", type=Path, metavar="DIR", help="play the scenario files of this folder instead of the lab's")
    add("--questions", type=Path, metavar="DIR", help="ask the questions of this folder instead of ours")
    add("--level", choices=list(get_args(Level)), default="quick", help="how much of a lab: see below")
    add("--seed", type=int, default=1, metavar="N", help="of the lab's world; with --seeds the first one (default 1)")
    add("--seeds", type=_positive, default=1, metavar="N",
        help="sweep each with so many seeds, those after the first at the level of snapshots (default 1)")  # fmt: skip
    add("--sweeps-only", action="store_true", help="ask nothing")
    add("--repeat", type=_positive, default=1, metavar="N", help="ask everything so many times (default 1)")
    add("--jobs", type=_positive, default=4, metavar="N",
        help="labs that run at once; they wait more than they work (default 4)")  # fmt: skip
    add("--json-file", type=Path, metavar="FILE",
        help="write the report as JSON there as well, after every minute and at the end")  # fmt: skip
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print the report as JSON")
    output.add_argument("--markdown", action="store_true", help="print the report as Markdown")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Interrupted:
    """Ctrl-C, or the SIGTERM of a time limit: both keep what was graded. `timeout make eval` sends it twice at once."""

    at_s = -math.inf

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        before, self.at_s = self.at_s, monotonic()
        if self.at_s - before > _ONCE_S:
            raise KeyboardInterrupt


if __name__ == "__main__":
    interrupted = Interrupted()
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    sys.exit(main())
