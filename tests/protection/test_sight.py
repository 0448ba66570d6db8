"""Where nobody could look: which datastore a Gap is about."""

from __future__ import annotations

import pytest
from tests.protection.world import guest, job, partial, storage_config, world

from nightshift.facts.gap import Gap
from nightshift.protection.places import Places
from nightshift.protection.sight import Sight


@pytest.mark.parametrize(
    ("detail", "can_see"),
    [
        ("datastore tank: permission check failed", False),
        ("datastore tank, namespace home: timed out", False),
        ("datastore tank is not available: not mounted", False),
        ("datastore tank2: permission check failed", True),
        ("datastore tank-2, namespace home: timed out", True),
        ("datastore ta: permission check failed", True),
        ("connection refused", False),
    ],
)
def test_a_gap_hides_the_datastore_that_it_names(detail: str, can_see: bool) -> None:
    snapshot = world(backup_groups=partial(gap=Gap("pbs", "backup_groups", "forbidden", detail)))
    places = Places(snapshot.storage_configs.rows, snapshot.datastores.rows, snapshot.storages.rows, ())
    assert places.places_of("pve", storage_config().name), "the job writes to the watched datastore tank"
    assert Sight(snapshot, places).can_see_target(job(storage=storage_config().name), guest()) is can_see
