"""What a task is, and the history of a machine's tasks: newest first, a UTC day at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.world import World

HISTORY_DAYS = 14


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a node or of a backup server. `status` is how it ends; it has not ended before `ended_at`."""

    node: str
    kind: str
    id: str
    user: str
    started_at: float
    ended_at: float
    status: str
    upid: str
    vmids: tuple[int, ...] = ()
    write_log: Callable[[], tuple[str, ...]] = field(default=lambda: ("TASK OK",), repr=False, compare=False)

    def running_at(self, t: float) -> bool:
        return self.started_at <= t < self.ended_at

    def log_at(self, t: float) -> tuple[str, ...]:
        """The log as far as it is written at `t`: without its end while the task runs."""
        lines = self.write_log()
        if t >= self.ended_at:
            return lines
        share = (t - self.started_at) / max(self.ended_at - self.started_at, 1.0)
        return lines[: max(1, int((len(lines) - 2) * share))]


def newest_first(
    world: World, t: float, of_day: Callable[[int], tuple[Task, ...]], days: int = HISTORY_DAYS
) -> Iterator[Task]:
    """The tasks that have begun by `t`, so many days back; `of_day` gives a day's, the newest first.

    Lazily: who needs only the last hours does not pay for the fortnight.
    """
    first, last = int(world.started_at // DAY_S) - days, int(t // DAY_S)
    for day in range(last, first - 1, -1):
        for task in of_day(day):
            if task.started_at <= t:
                yield task


def sorted_day(tasks: Iterator[Task], day: int) -> tuple[Task, ...]:
    """Those that begin on that day, the newest first."""
    mine = (task for task in tasks if task.started_at // DAY_S == day)
    return tuple(sorted(mine, key=lambda task: task.started_at, reverse=True))
