"""The slow lane: who is read when, what a failure leaves, and what the next process still knows."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.collect.doubles import NOW

from nightshift.collect.lane_file import LaneFile
from nightshift.collect.lanes import FIRST_READS, STEADY_READS, WHOLE_READS, Kind, Order, SlowLane, lane_of
from nightshift.collect.reading import Deadline
from nightshift.errors import SourceFailed, SourceForbidden, SourceUnreachable
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, Progress

HOUR = timedelta(hours=1)
URL = "https://pve.example:8006"


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    read_at: datetime
    sizes: tuple[int, ...] = ()
    note: str | None = None


FACTS = Kind("facts", Fact, HOUR, "guests' facts", unkept=("note",))
RARE = Kind("rare", Fact, 24 * HOUR, "disks' facts", rank=1)


@dataclass
class World:
    """Items by key; `fails` says which reads raise."""

    keys: tuple[str, ...]
    now: datetime = NOW
    fails: dict[str, Exception] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    idle: frozenset[str] = frozenset()
    suspects: frozenset[str] = frozenset()

    def orders(self) -> Iterable[Order[Fact]]:
        return (
            Order(key, f"guest:pve/{key}", self._reader(key), likely=key not in self.idle, suspect=key in self.suspects)
            for key in self.keys
        )

    def _reader(self, key: str):  # type: ignore[no-untyped-def]
        async def read() -> Fact:
            self.read.append(key)
            await asyncio.sleep(0)
            if key in self.fails:
                raise self.fails[key]
            return Fact(key, self.now, (1, 2), "hunter2")

        return read

    async def sweep(self, lane: SlowLane, kind: Kind[Fact] = FACTS) -> Dataset[Fact]:
        turn = lane.turn(self.now, Deadline.after("pve", 2.0))
        turn.want(kind, self.orders())
        await turn.run()
        return turn.dataset(kind)


def files(folder: Path) -> list[str]:
    return [item.name for item in folder.iterdir()]


def names(dataset: Dataset[Fact]) -> list[str]:
    return [fact.name for fact in dataset]


async def test_everything_is_read_once_then_when_its_time_is_up() -> None:
    world, lane = World(("1", "2")), SlowLane("pve")
    assert await world.sweep(lane) == Dataset(
        "complete", (Fact("1", NOW, (1, 2), "hunter2"), Fact("2", NOW, (1, 2), "hunter2")), (), NOW
    )
    world.now = NOW + timedelta(minutes=59)
    assert [fact.read_at for fact in await world.sweep(lane)] == [NOW, NOW]
    assert world.read == ["1", "2"]
    world.now = NOW + HOUR
    assert [fact.read_at for fact in await world.sweep(lane)] == [world.now, world.now]


async def test_what_has_not_had_its_turn_is_told_and_is_no_gap() -> None:
    world, lane = World(("1", "2", "3")), SlowLane("pve", budget=2)
    first = await world.sweep(lane)
    assert (first.state, names(first), first.gaps) == ("partial", ["1", "2"], ())
    assert first.progress == (Progress("pve", "guests' facts", 2, 3, frozenset({"guest:pve/3"})),)
    second = await world.sweep(lane)
    assert (second.state, names(second), second.progress) == ("complete", ["1", "2", "3"], ())


async def test_nothing_to_read_is_complete() -> None:
    assert await World(()).sweep(SlowLane("pve")) == Dataset("complete", (), (), NOW)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["2", "10", "33"]),
        ({"idle": frozenset({"2"})}, ["10", "33", "2"]),
        ({"suspects": frozenset({"33"})}, ["33", "2", "10"]),
    ],
)
async def test_the_most_useful_first(changes: dict[str, frozenset[str]], expected: list[str]) -> None:
    world = World(("10", "33", "2"), **changes)  # type: ignore[arg-type]
    lane = SlowLane("pve", budget=1)
    for _ in range(3):
        await world.sweep(lane)
    assert world.read == expected


async def test_never_read_goes_before_old_and_the_longest_overdue_before_the_rest() -> None:
    world, lane = World(("1",)), SlowLane("pve", budget=1)
    await world.sweep(lane)
    world.now += timedelta(minutes=30)
    world.keys = ("1", "2")
    await world.sweep(lane)
    world.now += 2 * HOUR
    world.keys = ("2", "1", "3")
    for _ in range(3):
        await world.sweep(lane)
    assert world.read == ["1", "2", "3", "1", "2"]


async def test_a_suspect_is_read_anew_after_five_minutes() -> None:
    world, lane = World(("1", "2")), SlowLane("pve")
    await world.sweep(lane)
    world.suspects = frozenset({"2"})
    world.now = NOW + timedelta(minutes=4)
    await world.sweep(lane)
    world.now = NOW + timedelta(minutes=5)
    await world.sweep(lane)
    assert world.read == ["1", "2", "2"]


async def test_kinds_share_one_budget_by_rank() -> None:
    facts, rare = World(("1", "2")), World(("a", "b"))
    turn = SlowLane("pve", budget=3).turn(NOW, Deadline.after("pve", 2.0))
    turn.want(FACTS, facts.orders())
    turn.want(RARE, rare.orders())
    await turn.run()
    assert (names(turn.dataset(FACTS)), names(turn.dataset(RARE))) == (["1"], ["a", "b"])
    assert turn.read_at(RARE, "a") == NOW


async def test_a_second_run_of_a_turn_spends_what_the_first_left() -> None:
    facts, more = World(("1", "2")), World(("3", "4"))
    turn = SlowLane("pve", budget=3).turn(NOW, Deadline.after("pve", 2.0))
    turn.want(FACTS, facts.orders())
    await turn.run()
    turn.want(RARE, more.orders())
    await turn.run()
    assert (facts.read, more.read) == (["1", "2"], ["3"])


async def test_budgets_a_larger_one_until_everything_was_read_once() -> None:
    keys = tuple(str(number) for number in range(WHOLE_READS + 1))
    world, lane = World(keys), SlowLane("pve")
    await world.sweep(lane)
    assert len(world.read) == FIRST_READS
    await world.sweep(lane)
    assert len(world.read) == WHOLE_READS + 1
    world.read.clear()
    world.now += HOUR
    await world.sweep(lane)
    assert len(world.read) == STEADY_READS + 2  # one node


async def test_what_a_small_source_has_is_read_in_one_sweep() -> None:
    world, lane = World(tuple(str(number) for number in range(WHOLE_READS))), SlowLane("pve")
    await world.sweep(lane)
    assert len(world.read) == WHOLE_READS


async def test_a_failed_read_is_a_gap_that_hides_its_entity_and_is_tried_again_later() -> None:
    world, lane = World(("1", "2")), SlowLane("pve")
    world.fails["2"] = SourceFailed("pve", "GET /x", "no such disk", status=500)
    found = await world.sweep(lane)
    gap = Gap("pve", "facts", "unreachable", "1 of 2 guests' facts: no such disk", None, ("guest:pve/2",))
    assert (found.state, names(found), found.progress) == ("partial", ["1"], ())
    assert [(item.source, item.dataset, item.detail, item.hides) for item in found.gaps] == [
        (gap.source, gap.dataset, gap.detail, gap.hides)
    ]
    world.now += timedelta(minutes=14)
    assert (await world.sweep(lane)).gaps == found.gaps
    assert world.read == ["1", "2"]
    world.now += timedelta(minutes=1)
    world.fails.clear()
    assert (await world.sweep(lane)).state == "complete"


async def test_a_failure_keeps_what_was_read_before() -> None:
    world, lane = World(("1",)), SlowLane("pve")
    await world.sweep(lane)
    world.now += HOUR
    world.fails["1"] = SourceUnreachable("pve", "GET /x", "connection refused")
    found = await world.sweep(lane)
    assert (found.state, [fact.read_at for fact in found], len(found.gaps)) == ("partial", [NOW], 1)


async def test_after_three_refusals_the_others_are_not_asked() -> None:
    world, lane = World(tuple(str(number) for number in range(40))), SlowLane("pve")
    world.fails = {key: SourceForbidden("pve", "GET /x", "not allowed", fix="Grant VM.Monitor.") for key in world.keys}
    found = await world.sweep(lane)
    assert found.state == "unavailable"
    assert [(gap.kind, gap.detail) for gap in found.gaps] == [("forbidden", "40 of 40 guests' facts: not allowed")]
    assert found.gaps[0].hides == ()
    assert 3 <= len(world.read) < 10


async def test_one_refusal_among_many_hides_only_itself() -> None:
    world, lane = World(("1", "2", "3", "4", "5")), SlowLane("pve")
    refused = SourceForbidden("pve", "GET /x", "not allowed", fix="Grant VM.Monitor.")
    world.fails = dict.fromkeys(("2", "3", "4", "5"), refused)
    found = await world.sweep(lane)
    assert (found.state, names(found), len(world.read)) == ("partial", ["1"], 5)


async def test_a_read_that_hangs_is_a_gap_and_the_rest_waits_for_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nightshift.collect.lanes._STARTS_FOR_S", 0.02)
    world = World(("1",))

    async def hang() -> Fact:
        await asyncio.sleep(60)
        raise AssertionError

    stuck = tuple(Order(f"h{number}", f"guest:pve/h{number}", hang, suspect=True) for number in range(5))
    turn = SlowLane("pve").turn(NOW, Deadline.after("pve", 0.1))
    turn.want(FACTS, (*stuck, *world.orders()))
    await turn.run()
    found = turn.dataset(FACTS)
    assert [(gap.kind, len(gap.hides)) for gap in found.gaps] == [("timed_out", 5)]
    assert found.progress[0].waiting == frozenset({"guest:pve/1"})


async def test_the_next_process_starts_where_the_last_one_ended(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "slow-lane"
    world = World(("1", "2"))
    before = await world.sweep(lane_of("pve", URL, folder))
    path = folder / "pve.jsonl"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    assert "hunter2" not in path.read_text()
    world.now += timedelta(minutes=1)
    after = await world.sweep(lane_of("pve", URL, folder))
    assert world.read == ["1", "2"]
    assert (after.state, names(after), [fact.sizes for fact in after]) == ("complete", names(before), [(1, 2), (1, 2)])
    assert [fact.note for fact in after] == [None, None]
    assert files(folder) == ["pve.jsonl"]


async def test_failures_are_remembered_but_not_refusals(tmp_path: Path) -> None:
    world = World(("1", "2", "3"))
    world.fails = {
        "1": SourceFailed("pve", "GET /x", "no such disk", status=500),
        "2": SourceForbidden("pve", "GET /x", "not allowed", fix="Grant VM.Monitor."),
    }
    before = await world.sweep(lane_of("pve", URL, tmp_path))
    world.read.clear()
    world.now += timedelta(minutes=1)
    after = await world.sweep(lane_of("pve", URL, tmp_path))
    assert world.read == ["2"]
    assert sorted(gap.kind for gap in after.gaps) == sorted(gap.kind for gap in before.gaps)


DAMAGES = {
    "missing": None,
    "empty": "",
    "no JSON": "hello\nworld\n",
    "of another version": '{"nightshift": "0.0.0", "format": 1, "of": "x"}\n',
    "bytes": "\x00\x01",
}


@pytest.mark.parametrize("text", DAMAGES.values(), ids=list(DAMAGES))
async def test_a_file_that_is_no_use_is_started_anew(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "pve.jsonl"
    if text is not None:
        path.write_text(text)
    world = World(("1",))
    assert (await world.sweep(lane_of("pve", URL, tmp_path))).state == "complete"
    assert world.read == ["1"]
    assert len(path.read_text().splitlines()) == 2


LINES = {
    "cut": lambda line: line[: len(line) // 2],
    "another shape": lambda line: line.replace('"sizes"', '"widths"'),
    "a wrong type": lambda line: line.replace("[1,2]", '"x"'),
    "an older meaning": lambda line: line.replace('"version":1', '"version":0'),
    "from the future": lambda line: line.replace("2026-11-23", "2027-11-23"),
    "no time": lambda line: line.replace('"at":', '"when":'),
}


@pytest.mark.parametrize("damage", LINES.values(), ids=list(LINES))
async def test_a_line_that_is_no_use_costs_only_itself(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    world = World(("1", "2"))
    await world.sweep(lane_of("pve", URL, tmp_path))
    path = tmp_path / "pve.jsonl"
    head, *lines = path.read_text().splitlines()
    spoilt = [damage(line) if '"key":"1"' in line else line for line in lines]
    path.write_text("\n".join((head, *spoilt, "")))
    world.read.clear()
    found = await world.sweep(lane_of("pve", URL, tmp_path))
    assert (world.read, found.state) == (["1"], "complete")


async def test_results_of_another_system_under_the_same_id_are_not_taken(tmp_path: Path) -> None:
    world = World(("1",))
    await world.sweep(lane_of("pve", URL, tmp_path))
    await world.sweep(lane_of("pve", "https://other.example:8006", tmp_path))
    assert world.read == ["1", "1"]


async def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    world = World(("1",))
    lane = lane_of("pve", URL, tmp_path / "file" / "slow-lane")
    assert (await world.sweep(lane)).state == "complete"
    assert (await world.sweep(lane)).state == "complete"
    assert world.read == ["1"]


async def test_what_nobody_wants_for_a_week_is_forgotten(tmp_path: Path) -> None:
    world = World(("1", "2"))
    await world.sweep(lane_of("pve", URL, tmp_path))
    world.keys, world.now = ("3",), NOW + timedelta(days=6)
    await world.sweep(lane_of("pve", URL, tmp_path))
    assert len((tmp_path / "pve.jsonl").read_text().splitlines()) == 1 + 3
    world.keys, world.now = ("4",), NOW + timedelta(days=8)
    await world.sweep(lane_of("pve", URL, tmp_path))
    assert len((tmp_path / "pve.jsonl").read_text().splitlines()) == 1 + 2


async def test_the_file_is_bounded_and_the_newest_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightshift.collect.lane_file.MOST_BYTES", 1024 + 400)
    world = World(tuple(str(number) for number in range(20)))
    lane = lane_of("pve", URL, tmp_path)
    await world.sweep(lane)
    world.now += timedelta(minutes=1)
    world.keys = (*world.keys, "new")
    await world.sweep(lane)
    text = (tmp_path / "pve.jsonl").read_text()
    assert len(text) < 1024 + 400
    assert '"key":"new"' in text
    assert LaneFile(tmp_path / "pve.jsonl", URL).load(world.now)


async def test_an_interrupted_sweep_keeps_what_it_had(tmp_path: Path) -> None:
    world = World(("1",))

    async def hang() -> Fact:
        await asyncio.sleep(60)
        raise AssertionError

    async def sweep() -> None:
        turn = lane_of("pve", URL, tmp_path).turn(NOW, Deadline.after("pve", 30.0))
        turn.want(FACTS, (*world.orders(), Order("h", "guest:pve/h", hang)))
        await turn.run()

    task = asyncio.create_task(sweep())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await world.sweep(lane_of("pve", URL, tmp_path))
    assert world.read == ["1"]


async def test_halves_of_killed_processes_are_swept_up(tmp_path: Path) -> None:
    (tmp_path / ".pve.jsonl.abc").write_text("half")
    world = World(("1",))
    world.now = datetime.now(NOW.tzinfo) + 2 * HOUR
    await world.sweep(lane_of("pve", URL, tmp_path))
    assert files(tmp_path) == ["pve.jsonl"]


async def test_two_processes_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    worlds = [World(tuple(str(number) for number in range(50))) for _ in range(4)]
    await asyncio.gather(*(world.sweep(lane_of("pve", URL, tmp_path)) for world in worlds))
    assert len(LaneFile(tmp_path / "pve.jsonl", URL).load(NOW)) == 50
