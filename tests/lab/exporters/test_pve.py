"""The history of the PVE exporter is what the real exporter of a third party says at that moment."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pve_exporter.collector import CollectorsOptions, collect_pve

from nightshift_lab.exporters.exposition import Figures
from nightshift_lab.exporters.pve import DROPPED_METRICS, DROPPED_STATES, pve_families
from nightshift_lab.scenarios import SCENARIOS

StartApi = Callable[..., Awaitable[Any]]
Series = tuple[str, frozenset[tuple[str, str]]]
EVENING = 1_795_469_000.0
IN_THE_BACKUP_WINDOW = EVENING - EVENING % 86_400 + 2 * 3_600 + 90.0
BETWEEN_TWO_STATISTICS = EVENING + 7.3
SECRET = re.compile(r"PVEAPIToken=(?P<user>[^!]+)!(?P<name>[^=]+)=(?P<secret>.+)")


def _key(name: str, labels: Mapping[str, str]) -> Series:
    """As Prometheus stores it: an empty label is no label."""
    return name, frozenset((label, value) for label, value in labels.items() if value)


def _dropped(name: str, labels: Mapping[str, str]) -> bool:
    state = labels.get("status" if name.endswith("_status") else "state")
    return name in DROPPED_METRICS or state in DROPPED_STATES.get(name, ())


def _told(api: Any) -> dict[Series, float]:
    """What the exporter says of the lab's PVE, without what Prometheus drops."""
    token = SECRET.fullmatch(api.client.headers["Authorization"])
    assert token is not None
    settings = {"user": token["user"], "token_name": token["name"], "token_value": token["secret"], "verify_ssl": False}
    options = CollectorsOptions(**dict.fromkeys(CollectorsOptions._fields, True))
    text = collect_pve(settings, f"127.0.0.1:{api.server.server.port}", True, True, options).decode()
    return {
        _key(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not _dropped(sample.name, sample.labels)
    }


def _reckoned(api: Any, at: float) -> dict[Series, float]:
    families = pve_families(Figures(api.holder.world, np.array([at])))
    rows = [(_key(f.name, labels), float(values[0])) for f in families for labels, values in f.series]
    present = [(key, value) for key, value in rows if not np.isnan(value)]
    assert len(present) == len(dict(present))
    return dict(present)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("scenario", "at"),
    [
        *((name, EVENING) for name in SCENARIOS),
        ("healthy", IN_THE_BACKUP_WINDOW),
        ("healthy", BETWEEN_TWO_STATISTICS),
    ],
)
async def test_history_and_exporter_agree_on_every_series_and_value(
    scenario: str, at: float, start_pve: StartApi
) -> None:
    api = await start_pve(scenario, at=at)
    told, reckoned = await asyncio.to_thread(_told, api), _reckoned(api, at)
    assert len(told) > 500
    assert {"missing": told.keys() - reckoned.keys(), "too many": reckoned.keys() - told.keys()} == {
        "missing": set(),
        "too many": set(),
    }
    assert {key: reckoned[key] for key in told} == pytest.approx(told, rel=1e-9)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_backup_locks_its_guest(start_pve: StartApi) -> None:
    api = await start_pve("healthy", at=IN_THE_BACKUP_WINDOW)
    told = await asyncio.to_thread(_told, api)
    locked = [dict(labels)["id"] for (name, labels), value in told.items() if name == "pve_lock_state" and value]
    assert locked
