"""`python -m nightshift_evals`: ask the product everything in every scenario and report an honest score."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import get_args

from nightshift_evals.figures import Report
from nightshift_evals.files import QuestionError
from nightshift_evals.names import Names
from nightshift_evals.plan import plan, questions_of
from nightshift_evals.programs import ProcessFailed
from nightshift_evals.questions import Question
from nightshift_evals.report import case_json, details, report_of, sweep_json
from nightshift_evals.run import Level, Options, Outcome, read_names, run_scenario
from nightshift_evals.scenarios import Scenario, scenarios_in, scenarios_of_lab
from nightshift_evals.split import order_of, split_of
from nightshift_evals.truth import check_truths


@dataclass(frozen=True, slots=True)
class _Todo:
    """One start of a lab."""

    scenario: Scenario
    seed: int
    questions: tuple[Question, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every goal is met, 1 when one is not, 2 when it could not be run, 130 when it was interrupted."""
    options = _parser().parse_args(arguments)
    outcome = Outcome()
    try:
        todo = _todo(options)
        done = _run(todo, options, outcome)
    except (QuestionError, ProcessFailed) as error:
        _tell(str(error))
        return 2
    except KeyboardInterrupt:
        _tell("interrupted before anything was graded")
        return 130
    for reason in outcome.not_asked:
        _tell(f"not asked: {reason}")
    partial = "" if done == len(todo) else f"it was interrupted when {done} of {len(todo)} labs were done"
    _print(outcome, report_of(outcome, options.brain, partial), options)
    return 130 if partial else report_of(outcome, options.brain).exit_code


def _print(outcome: Outcome, report: Report, options: argparse.Namespace) -> None:
    if options.json:
        data = report.to_json() | {
            "cases": [case_json(case) for case in outcome.cases],
            "sweeps": [sweep_json(one) for one in outcome.sweeps],
            "not_asked": outcome.not_asked,
        }
        print(json.dumps(data, indent=2, ensure_ascii=False))
    elif options.markdown:
        print(report.to_markdown(), details(outcome), sep="\n\n")
    else:
        print(report.to_text(as_json=False), details(outcome), sep="\n\n")


def _todo(options: argparse.Namespace) -> list[_Todo]:
    scenarios = scenarios_of_lab() if options.scenario_dir is None else scenarios_in(options.scenario_dir)
    chosen = _chosen(options, scenarios)
    own = options.questions is not None or options.scenario_dir is not None
    questions = () if options.sweeps_only else questions_of(options.split, options.questions)
    check_truths(questions)
    planned = plan(questions, scenarios, everywhere=own)
    seeds = range(options.seed, options.seed + options.seeds)
    # The first seed of every scenario first: the longest, and a run that is cut short has seen every scenario.
    return [
        _Todo(scenarios[name], seed, tuple(planned[name]) if seed == options.seed else ())
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


def _run(todo: Sequence[_Todo], options: argparse.Namespace, outcome: Outcome) -> int:
    """How many were done. Ctrl-C ends it after the questions that are being asked; what was graded is kept."""
    wanted = Options(options.brain, options.level, options.seed, options.repeat)
    names = read_names(wanted.start)
    began = monotonic()
    pool = ThreadPoolExecutor(max_workers=options.jobs)
    pending = {pool.submit(_one, item, names, wanted, outcome): item for item in todo}
    try:
        for number, done in enumerate(as_completed(pending), 1):
            _tell_progress(number, len(todo), pending[done], done, monotonic() - began)
    except KeyboardInterrupt:
        _tell("interrupted: ending what runs, keeping what was graded")
        outcome.stop.set()
        with suppress(KeyboardInterrupt):  # asked twice: what still runs is not waited for, and not counted
            pool.shutdown(cancel_futures=True)
    return sum(done.done() and not done.cancelled() and done.result() != _LEFT_OUT for done in pending)


_LOCK = threading.Lock()
_LEFT_OUT = "left out"


def _one(item: _Todo, names: Names, wanted: Options, outcome: Outcome) -> str:
    """Run one and add what came of it; returns a few words about it."""
    if outcome.stop.is_set():
        return _LEFT_OUT
    own = Outcome(stop=outcome.stop)
    run_scenario(item.scenario, item.questions, names, wanted, own, item.seed)
    with _LOCK:
        outcome.cases += own.cases
        outcome.sweeps += own.sweeps
        outcome.not_asked += own.not_asked
    right = sum(case.grade.right for case in own.cases)
    found = "; ".join(f"cause ranks {list(one.ranks)}" if not one.failed else "FAILED" for one in own.sweeps)
    return f"{found}; {right}/{len(own.cases)} right" if own.cases else found


def _tell_progress(number: int, total: int, item: _Todo, done: Future[str], seconds: float) -> None:
    words = done.result()
    _tell(f"[{number}/{total}, {seconds:.0f} s] {item.scenario.name} seed {item.seed}: {words}")


_EPILOG = """\
levels:
  snapshots  PVE and PBS alone: a lab is ready at once; what only metrics and alerts can tell is not asked for
  quick      a real Prometheus and Grafana with a day and a half of history (default)
  full       the same with a week, for trends of several days

examples:
  python -m nightshift_evals --scenario datastore-full               one scenario: its sweep and its questions
  python -m nightshift_evals --split dev --level snapshots           the half to work against, in a few minutes
  python -m nightshift_evals --seeds 8 --markdown > report.md        everything, as `make eval` does it
  OPENAI_BASE_URL=… OPENAI_MODEL=… OPENAI_API_KEY=… python -m nightshift_evals --brain model
  python -m nightshift_evals --scenario-dir mine --questions mine    scenarios and questions of your own

A line on stderr tells of each lab that is done; Ctrl-C ends early and prints what was graded until then.
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


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a time limit keeps what was graded, as Ctrl-C does
    sys.exit(main())
