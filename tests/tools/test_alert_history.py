"""When alerts began and ended, from the changes of state that Grafana keeps."""

from __future__ import annotations

from datetime import UTC, datetime

from nightshift.facts.monitoring import AlertChange
from nightshift.tools.alerts import episodes
from nightshift.tools.stats import extremes_by_hour, mean_by_hour


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 26, hour, minute, tzinfo=UTC)


def test_each_time_that_it_fired_is_one_row_and_the_newest_comes_first() -> None:
    changes = [
        AlertChange("grafana", "NodeDown", "NodeDown {instance=pve1:9100}", "firing", at(3)),
        AlertChange("grafana", "NodeDown", "NodeDown {instance=pve1:9100}", "normal", at(3, 10)),
        AlertChange("grafana", "HighCpu", "HighCpu {instance=web:9100}", "pending", at(4)),
        AlertChange("grafana", "HighCpu", "HighCpu {instance=web:9100}", "firing", at(5)),
    ]
    assert episodes(reversed(changes)) == [
        ("HighCpu", "HighCpu {instance=web:9100}", "2026-11-26T05:00:00+00:00", None, None, "grafana"),
        ("NodeDown", "NodeDown {instance=pve1:9100}", "2026-11-26T03:00:00+00:00", "2026-11-26T03:10:00+00:00", 600.0,
         "grafana"),
    ]  # fmt: skip


def test_the_hours_of_a_day_are_the_viewers_and_their_average_is_over_the_days() -> None:
    points = [(at(6).timestamp(), 1.0), (at(6).timestamp() - 86_400, 3.0), (at(18).timestamp(), 9.0)]
    means = mean_by_hour(points, UTC)
    assert means == {6: 2.0, 18: 9.0}
    assert extremes_by_hour(means) == (("busiest", 18), ("quietest", 6))
    assert extremes_by_hour({}) == ()
