"""Many labs at once, each for itself: one that fails, however it does, takes nothing of the others along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event

from nightshift_evals.names import Names
from nightshift_evals.questions import Question
from nightshift_evals.run import Options, Outcome, failed, run_scenario
from nightshift_evals.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Todo:
    """One start of a lab."""

    scenario: Scenario
    seed: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """One start on its way. `own` is what came of it so far."""

    todo: Todo
    future: Future[None]
    own: Outcome = field(repr=False)


class Labs:
    """Runs of labs in threads, a few at a time. They spend their time waiting for processes."""

    def __init__(self, todo: Sequence[Todo], names: Names, options: Options, jobs: int) -> None:
        self._options = options
        self._stop = Event()
        self._pool = ThreadPoolExecutor(max_workers=jobs)
        self._runs = [self._submitted(item, names) for item in todo]

    def _submitted(self, item: Todo, names: Names) -> _Run:
        own = Outcome(stop=self._stop)
        given = (item.scenario, item.questions, names, self._options, own, item.seed)
        return _Run(item, self._pool.submit(run_scenario, *given), own)

    def done(self) -> Iterator[Todo]:
        """Each start when it is over."""
        by_future = {run.future: run.todo for run in self._runs}
        for future in as_completed(by_future):
            yield by_future[future]

    def end(self) -> None:
        """Start no further ones, let the others end after the question that is being asked."""
        self._stop.set()
        with suppress(KeyboardInterrupt):  # asked twice: what still runs is not waited for, and not counted
            self._pool.shutdown(cancel_futures=True)

    def graded(self) -> tuple[Outcome, int]:
        """What came of those that are over, and how many those are."""
        total, done = Outcome(), 0
        for run in self._runs:
            outcome = self._outcome(run)
            if outcome is not None:
                total.add(outcome)
                done += 1
        return total, done

    def told(self, item: Todo) -> str:
        """A few words about one that is over."""
        outcome = next((self._outcome(run) for run in self._runs if run.todo is item), None)
        if outcome is None:
            return "left out"
        right = sum(case.grade.right for case in outcome.cases)
        words = [f"FAILED: {one.failure}" if one.failed else f"cause ranks {list(one.ranks)}" for one in outcome.sweeps]
        return "; ".join(words + [f"{right}/{len(outcome.cases)} right"] * bool(outcome.cases))

    def _outcome(self, run: _Run) -> Outcome | None:
        """None of one that is not over or was never begun."""
        if not run.future.done() or run.future.cancelled():
            return None
        error = run.future.exception()
        if error is not None:
            return failed(run.todo.scenario, run.todo.questions, self._options, run.own, run.todo.seed, error)
        return run.own if run.own.sweeps else None
