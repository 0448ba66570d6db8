"""`python -m nightshift_evals`: ask the product everything in every scenario and report an honest score."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from nightshift_evals.names import Names
from nightshift_evals.plan import plan, questions_of
from nightshift_evals.processes import ProcessFailed
from nightshift_evals.questions import Question, QuestionError
from nightshift_evals.report import case_json, details, report_of, sweep_json
from nightshift_evals.run import Options, Outcome, read_names, run_scenario
from nightshift_evals.scenarios import Scenario, scenarios_in, scenarios_of_lab
from nightshift_evals.split import order_of, split_of


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
        finished = _run(todo, options, outcome)
    except (QuestionError, ProcessFailed) as error:
        _tell(str(error))
        return 2
    if outcome.not_asked:
        _tell(f"{len(outcome.not_asked)} questions were not asked: what is true could not be read where they were due")
    report = report_of(outcome, options.brain)
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
    return report.exit_code if finished else 130


def _todo(options: argparse.Namespace) -> list[_Todo]:
    scenarios = scenarios_of_lab() if options.scenario_dir is None else scenarios_in(options.scenario_dir)
    chosen = _chosen(options, scenarios)
    own = options.questions is not None or options.scenario_dir is not None
    questions = () if options.sweeps_only else questions_of(options.split, options.questions)
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


def _run(todo: Sequence[_Todo], options: argparse.Namespace, outcome: Outcome) -> bool:
    """Whether all was done. Ctrl-C ends it after the questions that are being asked; what was graded is kept."""
    names = read_names()
    wanted = Options(options.brain, options.level, options.seed, options.seeds, options.repeat)
    began = monotonic()
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        pending = {pool.submit(_one, item, names, wanted, outcome): item for item in todo}
        try:
            for number, done in enumerate(as_completed(pending), 1):
                _tell_progress(number, len(todo), pending[done], done, monotonic() - began)
        except KeyboardInterrupt:
            _tell("interrupted: ending what runs, keeping what was graded")
            outcome.stop.set()
            for future in pending:
                future.cancel()
            return False
    return True


_LOCK = threading.Lock()


def _one(item: _Todo, names: Names, wanted: Options, outcome: Outcome) -> str:
    """Run one and add what came of it; returns a few words about it."""
    if outcome.stop.is_set():
        return "left out"
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nightshift_evals",
        description=__doc__,
        epilog="See docs/accuracy.md for what the figures mean. Example, quick: --scenario datastore-full --split test",
    )
    add = parser.add_argument
    add("--brain", choices=["builtin", "model"], default="builtin", help="a model needs OPENAI_*")
    add("--scenario", action="append", metavar="NAME", help="only this one; may be given again")
    add("--split", choices=["dev", "test"], help="only the scenarios and questions of one half")
    add("--scenario-dir", type=Path, metavar="DIR", help="play the scenario files of this folder instead of the lab's")
    add("--questions", type=Path, metavar="DIR", help="ask the questions of this folder instead of ours")
    add("--level", choices=["quick", "full"], default="quick", help="quick: a short history (default); full: a week")
    add("--seed", type=int, default=1, help="of the lab's world; with --seeds the first one")
    add("--seeds", type=int, default=1, metavar="N", help="sweep each scenario with so many seeds (default 1)")
    add("--sweeps-only", action="store_true", help="ask nothing")
    add("--repeat", type=int, default=1, metavar="N", help="ask everything so many times")
    add("--jobs", type=int, default=2, metavar="N", help="labs that run at once (default 2)")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print the report as JSON")
    output.add_argument("--markdown", action="store_true", help="print the report as Markdown")
    return parser


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a time limit keeps what was graded, as Ctrl-C does
    sys.exit(main())
