"""Which PromQL measures what, and how names get into it."""

from __future__ import annotations

import pytest
from tests.tools.homelab import snapshot

from nightshift.tools.metric_queries import candidates, entity_selectors, escape, over_steps, regex_literal

SNAPSHOT = snapshot()
NETWORK = 'rate(pve_network_receive_bytes_total{id="lxc/112"}[5m]) or rate(pve_network_receive_bytes{id="lxc/112"}[5m])'


@pytest.mark.parametrize(
    ("key", "quantity", "first", "unit", "count"),
    [
        ("guest:pve/104", "cpu", 'pve_cpu_usage_ratio{id="qemu/104"}', "fraction", 2),
        ("guest:pve/112", "cpu", 'pve_cpu_usage_ratio{id="lxc/112"}', "fraction", 1),
        (
            "guest:pve/104", "memory",
            'node_memory_MemTotal_bytes{instance="web:9100"} - node_memory_MemAvailable_bytes{instance="web:9100"}',
            "bytes", 2,
        ),
        ("guest:pve/112", "memory", 'pve_memory_usage_bytes{id="lxc/112"}', "bytes", 1),
        ("guest:pve/104", "load", 'node_load5{instance="web:9100"}', "", 1),
        ("guest:pve/112", "load", "", "", 0),
        (
            "node:pve/pve1", "cpu",
            ('sum by (instance) (rate(node_cpu_seconds_total{instance="pve1:9100",mode!="idle"}[5m])) / '
            'sum by (instance) (rate(node_cpu_seconds_total{instance="pve1:9100"}[5m]))'),
            "fraction", 2,
        ),
        ("node:pve/pve2", "cpu", 'pve_cpu_usage_ratio{id="node/pve2"}', "fraction", 1),
        ("storage:pve/pve1/local-lvm", "disk", 'max(pve_disk_usage_bytes{id="storage/pve1/local-lvm"})', "bytes", 1),
        (
            "storage:pve/shared/nas.media", "disk",
            'max(pve_disk_usage_bytes{id=~"storage/[^/]+/nas\\\\.media"})', "bytes", 1,
        ),
        ("storage:pve/pve1/local-lvm", "cpu", "", "", 0),
        ("target:node/web:9100", "up", 'up{job="node",instance="web:9100"}', "", 2),
        ("datastore:pbs/tank", "disk", "", "", 0),
        (
            "guest:pve/112", "network_in",
            NETWORK,
            "bytes/s", 1,
        ),
    ],
)  # fmt: skip
def test_the_best_query_comes_first(key: str, quantity: str, first: str, unit: str, count: int) -> None:
    found = candidates(SNAPSHOT, key, quantity)  # type: ignore[arg-type]
    assert len(found) == count
    assert [(found[0].expr, found[0].unit)] == [(first, unit)] if count else first == ""


@pytest.mark.parametrize(
    ("key", "selectors"),
    [
        ("guest:pve/104", ('id="qemu/104"', 'instance="web:9100"')),
        ("guest:pve/112", ('id="lxc/112"',)),
        ("node:pve/pve1", ('id="node/pve1"', 'instance="pve1:9100"')),
        ("storage:pve/pve1/local-lvm", ('id="storage/pve1/local-lvm"',)),
        ("storage:pve/shared/nas.media", ('id=~"storage/[^/]+/nas\\\\.media"',)),
        ("target:node/web:9100", ('instance="web:9100"',)),
        ("datastore:pbs/tank", ()),
    ],
)
def test_the_series_about_a_thing(key: str, selectors: tuple[str, ...]) -> None:
    assert entity_selectors(SNAPSHOT, key) == selectors


@pytest.mark.parametrize(
    ("value", "inside"),
    [("web", "web"), ('a"b', 'a\\"b'), ("a\\b", "a\\\\b"), ("a\nb", "a\\nb"), ('x"} or up{a="', 'x\\"} or up{a=\\"')],
)
def test_a_label_value_cannot_leave_its_string(value: str, inside: str) -> None:
    assert escape(value) == inside


def test_a_name_is_literal_in_a_regular_expression() -> None:
    """The string of PromQL eats one backslash before the regular expression sees the other."""
    assert regex_literal("a.b*c") == "a\\\\.b\\\\*c"


@pytest.mark.parametrize(("step_s", "reach"), [(15.0, "5m"), (120.0, "5m"), (300.0, "600s"), (600.0, "900s")])
def test_a_rate_reaches_back_to_the_point_before(step_s: float, reach: str) -> None:
    assert over_steps("rate(x[5m]) or rate(y[5m])", step_s) == f"rate(x[{reach}]) or rate(y[{reach}])"
