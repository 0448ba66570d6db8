"""Two things, two times, or what was given and what there is: which is more, and by how much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import GIB, NOW, ZONE, FakeLive, snapshot

from nightshift.agent.builtin.reading.reader import Reader
from nightshift.agent.builtin.times.two_times import find_two
from nightshift.facts.evidence import Window
from nightshift.facts.monitoring import QueryResult, Sample, Series
from nightshift.facts.read import Read
from nightshift.tools.resolve import EntityIndex

POINTS = tuple((NOW.timestamp() - 60 * at, 0.25) for at in range(30))
READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        (
            "which has more room left, tank or vault, and how much more",
            "vault has more space left than tank: 4 TiB",
        ),
        (
            "free space of vault minus free space of tank?",
            "vault has more space left than tank: 4 TiB against 51.2 GiB",
        ),
        ("is vault fuller than tank", "No: tank is fuller than vault: 98.7 % against 50 %, 48.7 points more [E1]."),
        (
            "do I have more containers or more VMs",
            "There are 7 containers against 7 VMs: as many of one as of the other [",
        ),
        (
            "is pve1 overcommitted on cpus?",
            "Yes: 28 cores are given to its guests against 16 that pve1 has: 1.8 times [",
        ),
        ("which has how much free, tank and vault?", "vault has more space left than tank: 4 TiB against 51.2 GiB"),
        ("tank vs vault by % free: which is tighter?", "tank is fuller than vault: 98.7 % against 50 %"),
        ("web or git: which one uses more memory now?", "web uses more memory: 3.72 GiB against 2 GiB"),
        ("which node was restarted most recently?", "pve1 has been up shortest: 10 d [E1]."),
        ("node with the highest ram percentage and the gap to pve2?", "pve1 uses the most of its memory: "),
    ],
)
async def test_the_first_line(question: str, begins: str) -> None:
    said = await ask(question)

    assert said.text.startswith(begins), said.text
    assert said.unverified == ()


async def test_two_times_of_one_thing() -> None:
    live = FakeLive(series={"pve_cpu_usage_ratio": (Series((("id", "qemu/104"),), POINTS),)})
    said = await ask("compare web's cpu now with 24 hours ago", live=live)

    assert said.text.startswith("CPU of web (VM 104) is the same now as 24 hours ago: 25 % on average [E1, E2].")


class YoungExporter(FakeLive):
    """An exporter on the node that was set up today: before, PVE alone told its CPU."""

    async def query_range(self, expr: str, window: Window) -> Read[QueryResult]:
        of_then = window.end < NOW - timedelta(hours=6)
        shift, value = (86_400.0, 0.1) if of_then else (0.0, 0.25)
        points = tuple((at - shift, value) for at, _ in POINTS)
        told = () if of_then == ("node_cpu" in expr) else (Series((), points),)
        return self._read(expr, QueryResult(expr, series=told))


async def test_the_cpu_of_a_node_is_compared_whoever_measured_it() -> None:
    said = await ask("cpu of pve1 now vs 24 hours ago", live=YoungExporter())

    assert said.text.startswith("CPU of pve1 is higher now than 24 hours ago: 25 % on average against 10 %"), said.text


async def test_the_hour_of_a_peak_is_told() -> None:
    points = tuple((NOW.timestamp() - 3600 * back, value) for back, value in ((5, 0.1), (3, 0.4), (1, 0.2)))
    live = FakeLive(series={"pve_cpu_usage_ratio": (Series((("id", "qemu/104"),), points),)})
    said = await ask("at which moment today was web the busiest?", live=live)

    assert ": at most 40 %, around 2026-11-23 19:45 CET; " in said.text
    assert said.unverified == ()


async def test_when_a_storage_came_to_a_share_and_what_is_known_where_no_series_tells_it() -> None:
    points = tuple(
        (NOW.timestamp() - 3600 * back, value * 2.0**30) for back, value in ((5, 10.0), (3, 90.0), (0, 95.0))
    )
    series = {"pve_disk_usage_bytes": (Series((), points),)}
    samples = {"pve_disk_size_bytes": (Sample((), 100 * 2.0**30, NOW.timestamp()),)}
    said = await ask("when did local-lvm on pve1 reach 80 %?", live=FakeLive(series=series, samples=samples))
    unmeasured = await ask("how much did tank grow since yesterday?")

    assert said.text.startswith("Space of local-lvm on pve1 has been above 80 % since 2026-11-23 19:45 CET"), said.text
    assert unmeasured.text.startswith("tank on pbs: 98.7 % full"), unmeasured.text


async def test_a_bound_over_a_window_is_answered_by_its_highest_value() -> None:
    live = FakeLive(series={"pve_cpu_usage_ratio": (Series((("id", "qemu/104"),), POINTS),)})
    said = await ask("did web's cpu go above 50 % today?", live=live)

    assert said.text.startswith("No: it was at most 25 % [E1].")


async def test_a_time_of_which_nothing_was_kept_is_compared_with_nothing() -> None:
    said = await ask("did web use more memory this week than last week?", live=FakeLive())

    assert said.text.startswith("I cannot compare that: Prometheus has no data of the week before (2026-11-16 00:00 to")


@pytest.mark.parametrize(
    ("text", "earlier", "later"),
    [
        ("cpu now vs 24 hours ago", ("22 21:15", "22 22:15"), ("23 20:45", "23 21:45")),
        ("more than this time yesterday", ("22 21:15", "22 22:15"), ("23 20:45", "23 21:45")),
        ("this week vs last week", ("15 23:00", "22 23:00"), ("22 23:00", "23 21:45")),
        ("this week > last week", ("15 23:00", "22 23:00"), ("22 23:00", "23 21:45")),
        ("more this week than in the previous one", ("15 23:00", "22 23:00"), ("22 23:00", "23 21:45")),
        ("went up against the preceding week", ("15 23:00", "22 23:00"), ("22 23:00", "23 21:45")),
        ("now beside the value from 24 hours ago", ("22 21:15", "22 22:15"), ("23 20:45", "23 21:45")),
        ("today compared with yesterday", ("21 23:00", "22 23:00"), ("22 23:00", "23 21:45")),
    ],
)
def test_the_windows(text: str, earlier: tuple[str, str], later: tuple[str, str]) -> None:
    found = find_two(text, NOW, ZONE)

    assert found is not None
    for span, (start, end) in ((found.earlier, earlier), (found.later, later)):
        assert span.window.start.astimezone(UTC) == datetime.fromisoformat(f"2026-11-{start}+00:00")
        assert span.window.end.astimezone(UTC) == datetime.fromisoformat(f"2026-11-{end}+00:00")


@pytest.mark.parametrize(
    "text", ["cpu of web yesterday", "more than 4 cores", "compare web and nas", "load since noon"]
)
def test_one_time_is_not_two(text: str) -> None:
    assert find_two(text, NOW, ZONE) is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what will the cpu of pve2 be next friday", "unclear"),
        ("by how much has local-lvm on pve1 grown since yesterday", "metric"),
        ("pve1 ram trend 5h: start value, current value", "metric"),
        ("has the memory of pve2 gone up in the last 5 hours", "metric"),
        ("what stopped working in the past eight hours", "changes"),
        ("biggest docker container by RAM?", "rank"),
        ("what is eating pve2's memory", "rank"),
        ("which node has more guests, pve1 or pve2, and how many more", "rank"),
        ("which guests were deleted this week", "tasks"),
        ("what did people change in the last 3 days", "changes"),
        ("when is tank full?", "storage"),
    ],
)
def test_what_is_asked(text: str, intent: str) -> None:
    assert READER.read(text).intent == intent


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "since when has cpu of web been above 15 %?",
            "CPU of web (VM 104) has been above 15 % since 2026-11-23 22:00",
        ),
        ("since when is web's cpu over 50 %?", "CPU of web (VM 104) was not above 50 % between"),
        (
            "median cpu of web today?",
            "CPU of web (VM 104), share of the assigned cores, 2026-11-23 00:00 to 22:45 CET: ",
        ),
    ],
)
async def test_since_when_a_figure_is_beyond_a_bound(question: str, first: str) -> None:
    at = [NOW.timestamp() - 60 * 60, NOW.timestamp() - 45 * 60, NOW.timestamp() - 60]
    points = tuple(zip(at, (0.1, 0.2, 0.25), strict=True))
    said = await ask(question, live=FakeLive(series={"pve_cpu_usage_ratio": (Series((("id", "qemu/104"),), points),)}))

    assert said.text.startswith(first), said.text
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (0.5, "CPU of web (VM 104) was above 20 % since 2026-11-22 23:30 CET: 50 % at the end [E1]."),
        (0.1, "CPU of web (VM 104) did not end above 20 %: 10 % at the end [E1]. It was so first at "),
    ],
)
async def test_what_was_beyond_a_bound_in_the_past_is_not_told_as_of_now(last: float, first: str) -> None:
    end = datetime(2026, 11, 22, 23, 0, tzinfo=UTC).timestamp()
    points = tuple(zip((end - 3600, end - 1800, end - 300), (0.1, 0.5, last), strict=True))
    live = FakeLive(series={"pve_cpu_usage_ratio": (Series((("id", "qemu/104"),), points),)})
    said = await ask("since when was the cpu of web above 20 % yesterday?", live=live)

    assert said.text.startswith(first), said.text
    assert said.unverified == ()


def _disks(web: tuple[int, int], immich: tuple[int, int], size: int | None = None) -> FakeLive:
    """The root disks of both over half an hour, in GiB at its start and at its end."""
    guests = {f"qemu/{vmid}": ends for vmid, ends in ((104, web), (113, immich))}
    at = [NOW.timestamp() - 60 * (30 - minute) for minute in range(31)]
    return FakeLive(
        series={
            guest: (Series((("id", guest),), tuple((t, (a + (b - a) * i / 30) * GIB) for i, t in enumerate(at))),)
            for guest, (a, b) in guests.items()
        },
        samples={} if size is None else {guest: (Sample((("id", guest),), size * GIB, NOW),) for guest in guests},
    )


FILLING = "compare when web and immich run full"
COURSES = [
    (
        FILLING,
        _disks((10, 20), (30, 31), 100),
        "web is full first, in 4 h at this rate; the fuller one now is immich, 31",
    ),
    (FILLING, _disks((10, 20), (40, 40), 40), "immich is full already; the fuller one now is immich, 100 % ["),
    (FILLING, _disks((10, 20), (30, 31)), "Which of them is full first I cannot tell: how much they hold is not known"),
    (
        "which grows faster, web or immich?",
        _disks((10, 20), (30, 31)),
        "web grows faster than immich: by the day 480 GiB",
    ),
    (
        "which grows faster, web or immich?",
        _disks((20, 10), (31, 30)),
        "None of them grows; immich shrinks less than web:",
    ),
]


@pytest.mark.parametrize(("question", "live", "begins"), COURSES)
async def test_which_disk_grows_and_which_is_full_first(question: str, live: FakeLive, begins: str) -> None:
    said = await ask(question, live=live)

    assert said.text.startswith(begins), said.text
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("p95 of the cpu of web today", ": 71.2 % at the 95th percentile; 75 % now"),
        ("99th percentile of the cpu of web over a week", ": 75 % at the 99th percentile; 75 % now"),
    ],
)
async def test_a_percentile_is_the_same_wherever_it_is_told(question: str, said: str) -> None:
    points = tuple((NOW.timestamp() - 60 * (30 - at), at / 40) for at in range(31))
    live = FakeLive(series={"pve_cpu_usage_ratio": (Series((("id", "qemu/104"),), points),)})
    answer = await ask(question, live=live)

    assert said in answer.text
    assert "(95th percentile 71.2 %)" in answer.text
    assert answer.unverified == ()
