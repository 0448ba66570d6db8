"""When alerts began and ended, from the changes of state that Grafana keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.tools.homelab import FakeSweeper, complete, context, snapshot

from nightshift.facts.monitoring import AlertChange
from nightshift.tools.alerts import HISTORY_COLUMNS, AlertsArguments, alerts, episodes


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


@pytest.mark.parametrize("match", ["web", "vm 104"])
async def test_of_a_guest_is_what_a_label_calls_by_its_number(match: str) -> None:
    """The exporter of PVE labels a guest `id=qemu/104`; `web` is its name."""
    instances = (
        "GuestDown {id=qemu/104, severity=critical}",
        "GuestDown {id=qemu/1045}",
        "HighCpu {instance=nas:9100}",
    )
    changes = (AlertChange("grafana", one.partition(" ")[0], one, "firing", at(3)) for one in instances)
    sweeper = FakeSweeper(snapshot(alert_changes=complete(*changes)))

    result = await alerts(context(sweeper), AlertsArguments(state="past", match=match))
    (past,) = (item for item in result.evidence if item.columns == HISTORY_COLUMNS)
    assert [row[1] for row in past.rows] == [instances[0]]
