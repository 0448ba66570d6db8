"""Lists of the inventory that a word of the question names: the newest copies, settings of guests, data sources."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import NOW, FakeSweeper, complete, snapshot

from nightshift.facts.backups import BackupSnapshot, NamespaceSnapshots
from nightshift.facts.gap import Gap
from nightshift.facts.monitoring import DataSource
from nightshift.facts.snapshot import Dataset

DAY = timedelta(days=1)
COPIES = NamespaceSnapshots.of(
    "pbs", "tank", "homelab", NOW,
    (
        BackupSnapshot("pbs", "tank", "homelab", "vm", "113", NOW - DAY, 96 << 30, True, encrypted=True),
        BackupSnapshot("pbs", "tank", "homelab", "ct", "112", NOW - DAY, 20 << 30, None, encrypted=False),
    ),
)  # fmt: skip
WORLD = snapshot(
    backup_snapshots=complete(COPIES),
    grafana_datasources=complete(
        DataSource("grafana", "a", "Prometheus", "prometheus", True),
        DataSource("grafana", "b", "Loki", "loki", False, "connection refused"),
    ),
)
ANSWERS = {
    "are my backups encrypted?": "1 of 2 groups of backups is encrypted [E1], 1 is not",
    "are the backups verified?": "1 of 2 groups of backups is verified [E1], 0 are not; of 1 it is not known",
    "which is the biggest backup?": "The largest: immich: in tank",
    "which guests do not start at boot?": "web is set to start at boot [E1]",
    "are the grafana datasources ok?": (
        "1 of 2 data sources of Grafana is not healthy [E1]:\n- Loki: loki, healthy: no, connection refused"
    ),
    "which node is down?": "pve3 is offline, 2 of 3 nodes are online [E1]:",
}


@pytest.mark.parametrize(("question", "expected"), ANSWERS.items(), ids=list(ANSWERS))
async def test_a_subject(question: str, expected: str) -> None:
    said = await ask(question, FakeSweeper(WORLD))

    assert said.text.startswith(expected)
    assert said.unverified == ()


async def test_what_is_not_here_is_said() -> None:
    said = await ask("are the grafana datasources ok?", FakeSweeper(snapshot(grafana_datasources=Dataset("complete"))))

    assert said.text == "No data source of Grafana is known [E1]."


async def test_what_cannot_be_read_is_no_all_clear() -> None:
    gap = Gap("pbs", "backup_snapshots", "forbidden", "needs Datastore.Audit", "Grant it.")
    said = await ask(
        "are my backups encrypted?", FakeSweeper(snapshot(backup_snapshots=Dataset("unavailable", gaps=(gap,))))
    )

    assert said.text.startswith("The groups of backups could not be read.\n\nNot seen:\n- pbs: Needs Datastore.Audit.")


async def test_a_data_source_that_was_not_asked_is_not_called_healthy() -> None:
    asked = DataSource("grafana", "a", "Prometheus", "prometheus", True)
    not_asked = DataSource("grafana", "c", "Tempo", "tempo", None)
    some = await ask(
        "are the grafana datasources ok?", FakeSweeper(snapshot(grafana_datasources=complete(asked, not_asked)))
    )
    none = await ask("are the grafana datasources ok?", FakeSweeper(snapshot(grafana_datasources=complete(not_asked))))

    assert some.text.startswith("1 of 2 data sources of Grafana is healthy [E1]; of 1 it is not known:\n- Tempo: tempo")
    assert none.text.startswith("Whether the data source of Grafana is healthy is not known [E1]:")


async def test_the_age_of_a_copy_is_reckoned_from_when_it_was_taken() -> None:
    old = BackupSnapshot("pbs", "tank", "homelab", "vm", "113", NOW - 5 * DAY, 96 << 30, True, encrypted=True)
    young = BackupSnapshot("pbs", "tank", "homelab", "ct", "112", NOW - DAY, 20 << 30, None, encrypted=False)
    copies = NamespaceSnapshots.of("pbs", "tank", "homelab", NOW, (old, young))
    world = FakeSweeper(snapshot(backup_snapshots=complete(copies)))

    said = await ask("which encrypted backups are older than 2 days?", world)
    assert said.text.startswith("immich is encrypted [E1]: immich: in tank")
    said = await ask("which encrypted backups are older than 9 days?", world)
    assert said.text.startswith("No group of backups fits what you ask for [E1].")
