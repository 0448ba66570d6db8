"""Questions about metrics themselves, and about what only a metric tells: a room, a UPS, a DNS filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import NOW, ZONE, FakeLive, snapshot

from nightshift.agent.builtin.reading.reader import Reader
from nightshift.facts.monitoring import Sample
from nightshift.facts.read import Read
from nightshift.sources import MetricMetadata
from nightshift.tools.resolve import EntityIndex

READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)
HELPS = {
    "adguard_queries_blocked_total": ("counter", "Number of DNS queries blocked"),
    "adguard_queries_total": ("counter", "Total number of DNS queries"),
    "homeassistant_sensor_temperature_celsius": ("gauge", "Temperature"),
    "network_ups_tools_battery_charge": ("gauge", "Battery charge (percent of full)"),
    "network_ups_tools_battery_runtime": ("gauge", "Battery runtime (seconds)"),
    "node_hwmon_temp_celsius": ("gauge", "Hardware monitor for temperature (input)"),
    "node_pressure_io_waiting_seconds_total": ("counter", "Total time in seconds that processes have waited due to IO"),
    "node_zfs_arc_size": ("gauge", "kstat.zfs.misc.arcstats.size"),
    "probe_duration_seconds": ("gauge", "Returns how long the probe took to complete in seconds"),
    "smartctl_device_smart_status": ("gauge", "General smart status"),
}


def sample(name: str, value: float, **labels: str) -> Sample:
    return Sample((("__name__", name), *labels.items()), value, NOW.timestamp())


SAMPLES = {
    "increase(": tuple(sample("", 100.0 + at, instance=f"adguard{at}:9617", job="adguard") for at in (1, 2)),
    "__name__": (
        *(sample("adguard_queries_blocked_total", 900, instance=f"adguard{at}:9617", job="adguard") for at in (1, 2)),
        sample("homeassistant_sensor_temperature_celsius", 20.5, entity_id="sensor.living_room", instance="ha:8123"),
        sample("homeassistant_sensor_temperature_celsius", 7.5, entity_id="sensor.garage", instance="ha:8123"),
        sample("network_ups_tools_battery_charge", 87, ups="apc", instance="pve1:9199"),
        sample("network_ups_tools_battery_runtime", 1260, ups="apc", instance="pve1:9199"),
        sample("probe_duration_seconds", 0.25, instance="https://photos.home.example"),
    ),
}


@dataclass
class Metered(FakeLive):
    """With metrics of things that are in no inventory."""

    async def metric_metadata(self, metric: str | None = None) -> Read[Mapping[str, Any]]:
        told = {name: MetricMetadata(kind, text, None) for name, (kind, text) in HELPS.items()}
        return self._read("metadata", told)


def metered() -> Metered:
    return Metered(names=tuple(HELPS), samples=SAMPLES)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("is there anything on temperature?", "Yes: 2 metrics with such a name [E1]:"),
        ("any gpu metrics?", "No: Prometheus has no metric with such a name [E1]."),
        ("is the graphics card being scraped at all", "No: Prometheus has no metric with such a name [E1]."),
        ("dns query stats - whats the metric called", "2 metrics with such a name [E1]:"),
        ("a panel for the drives: which series names exist?", "1 metric with such a name [E1]:"),
        (
            "what does node_pressure_io_waiting_seconds_total mean",
            "`node_pressure_io_waiting_seconds_total` is a counter: Total time in seconds that processes have waited",
        ),
        (
            "how warm is it in the living room",
            "Temperature (`homeassistant_sensor_temperature_celsius`) of sensor.living",
        ),
        ("how warm is it in the living room", "… sensor.living_room on ha:8123, now: 20.5 °C [E2]."),
        (
            "how much juice is left in the ups",
            "… (`network_ups_tools_battery_charge`) of apc on pve1:9199, now: 87 % [E2].",
        ),
        (
            "sum of blocked dns queries, past hour",
            "… (`adguard_queries_blocked_total`), past hour [E3]: 203 in total, of",
        ),
        (
            "response time of the photos page?",
            "… (`probe_duration_seconds`) of https://photos.home.example, now: 250 ms [E2].",
        ),
    ],
)
async def test_the_first_line(question: str, first: str) -> None:
    said = await ask(question, live=metered())

    line = said.text.splitlines()[0]
    assert line.endswith(first.removeprefix("… ")) if first.startswith("… ") else line.startswith(first)
    assert said.unverified == ()


@pytest.mark.parametrize(
    "question",
    ["how warm is it in the sauna", "is it raining", "who is watching a film on jellyfin", "how many mails are unread"],
)
async def test_what_nothing_measures_is_no_guess(question: str) -> None:
    said = await ask(question, live=metered())

    assert said.text.startswith(("I cannot", "I did not understand", "I know nothing"))


async def test_a_metric_of_the_list_before_is_read() -> None:
    live = Metered(
        names=tuple(HELPS), samples={"__name__": (sample("node_zfs_arc_size", 2**31, instance="pve1:9100"),)}
    )
    _, said = await talk(["which metrics exist for zfs", "and how big is that arc?"], live=live)

    assert "2 GiB" in said.text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what can I graph about memory", "find_metrics"),
        ("do we record how warm things get? if so under which names", "find_metrics"),
        ("does something count how many lookups adguard answers", "find_metrics"),
        ("is SMART health in prometheus, whats the series called", "find_metrics"),
        ("what metrics are there for disk temperature", "find_metrics"),
        ("is anything on fire", "health"),
        ("plot cpu of web", "metric"),
    ],
)
def test_what_is_about_metrics(text: str, intent: str) -> None:
    assert READER.read(text).intent == intent


@pytest.mark.parametrize(
    "question", ["is there a metric for the attic temperature?", "does anything measure attic heat"]
)
async def test_where_something_near_is_measured_nothing_is_denied(question: str) -> None:
    said = await ask(question, live=metered())

    assert said.text.startswith("The nearest, since none has all of these words [E1]:")
    assert "homeassistant_sensor_temperature_celsius" in said.text


@pytest.mark.parametrize(
    "question",
    [
        "what were the lowest and the highest charge of the UPS battery over the past 24 hours?",
        "minimum and maximum battery charge of the UPS, past 24 hours",
        "between which minimum and which maximum was the battery charge that the UPS saw in the past 12 hours?",
    ],
)
async def test_both_ends_of_a_figure(question: str) -> None:
    ends = {
        "min_over_time(": (sample("", 61, ups="apc", instance="pve1:9199"),),
        "max_over_time(": (sample("", 98, ups="apc", instance="pve1:9199"),),
    }
    said = await ask(question, live=Metered(names=tuple(HELPS), samples={**ends, **SAMPLES}))

    assert "at its lowest: 61 %" in said.text
    assert "at its highest: 98 %" in said.text
    assert said.unverified == ()
