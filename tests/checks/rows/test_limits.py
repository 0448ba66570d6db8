"""The limits of every row, at their borders; what a row does without data; and that all its texts can be filled in."""

from __future__ import annotations

import pytest
from tests.checks.world import BY_ID, NOW, complete, container, disk, guest, run, sample, smart, world

from nightshift.checks.judge import judge, run_checks
from nightshift.checks.metric_rows import queries_for
from nightshift.checks.previous import NOTHING
from nightshift.checks.rows.row import Row
from nightshift.checks.rows.table import ROWS
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset

LIMITS = Thresholds()
LIMITED = [row for row in ROWS if row.warning or row.critical]
BY_ROW = {row.id: row for row in ROWS}


@pytest.mark.parametrize("row", LIMITED, ids=lambda row: row.id)
def test_a_limit_counts_as_reached_when_the_value_equals_it(row: Row) -> None:
    warning, critical = row.limits(LIMITS)
    away = 1.001 if row.worse == "below" else 0.999
    if warning is not None:
        assert row.severity_of(warning, LIMITS) == ("critical" if warning == critical else "warning")
        assert row.severity_of(warning * away, LIMITS) is None
    if critical is not None:
        assert row.severity_of(critical, LIMITS) == "critical"
        assert row.severity_of(critical * away, LIMITS) == ("warning" if warning is not None else None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_without_data_it_is_silent_and_without_prometheus_it_says_so(row: Row) -> None:
    check = BY_ID[row.id]
    assert judge(check, world(metrics={row.key: complete()}), NOTHING, LIMITS).result == run(row.id, world())
    gap = Gap("prometheus", f"metrics.{row.key}", "unreachable", "connection refused")
    unseen = world(metrics={row.key: Dataset("unavailable", (), (gap,), NOW)})
    result = judge(check, unseen, NOTHING, LIMITS).result
    assert result.findings == ()
    assert [item.dataset for item in result.gaps] == [f"check {row.id}"]
    assert judge(check, world(metrics={}), NOTHING, LIMITS).result.gaps == ()


def test_limits_of_the_operator_reach_the_expression() -> None:
    queries = queries_for(Thresholds(host_cpu_warning=0.5))
    assert queries["host_cpu"].endswith(">= 0.5")
    assert queries_for(LIMITS)["host_cpu"].endswith(">= 0.95")


def test_a_value_that_is_no_number_is_no_finding() -> None:
    broken = sample(float("nan"), job="node", instance="web:9100")
    assert run("host.cpu", world(metrics={"host_cpu": complete(broken)})).findings == ()


def test_a_series_without_an_instance_is_about_nothing() -> None:
    assert run("host.cpu", world(metrics={"host_cpu": complete(sample(0.99, job="node"))})).findings == ()


def test_two_servers_that_scrape_one_machine_make_one_finding() -> None:
    twice = complete(
        sample(0.85, job="nut", instance="pve1:9199", ups="apc"),
        sample(0.97, job="ups", instance="pve1:9199", ups="apc"),
    )
    findings = run("ups.load", world(metrics={"ups_load": twice})).findings
    assert [(item.severity, item.entity.key, item.discriminator) for item in findings] == [
        ("critical", "node:pve/pve1", "apc")
    ]


def test_a_stopped_guest_is_no_more_than_a_remark() -> None:
    stopped = world(
        guests=complete(guest(status="stopped")),
        metrics={"host_cpu": complete(sample(0.99, job="node", instance="web:9100"))},
    )
    assert [item.severity for item in run("host.cpu", stopped).findings] == ["info"]


def test_a_disk_of_a_node_is_known_by_its_serial_number() -> None:
    labels = {"job": "smartctl", "instance": "pve1:9633", "device": "sda", "serial_number": "WD-1", "model_name": "WDC"}
    (finding,) = run("smart.failed", world(metrics={"smart_failed": complete(sample(0.0, **labels))})).findings
    assert (finding.entity.key, finding.title) == ("disk:pve/pve1/WD-1", "Disk sda (WDC) of pve1 fails")
    assert "by-id | grep WD-1" in finding.remedy


@pytest.mark.parametrize(
    ("row", "value", "labels", "told"),
    [
        ("raid.degraded", 1.0, {"device": "md0"}, [("node:pve/pve1", "md0")]),
        ("zpool.unhealthy", 1.0, {"zpool": "rpool", "state": "degraded"}, [("pool:pve/pve1/rpool", "rpool")]),
        ("host.clock_offset", 9.0, {}, [("node:pve/pve1", "")]),
        ("host.load", 9.0, {}, []),
        ("host.cpu", 0.99, {}, [("guest:pve/105", "")]),
    ],
)
def test_what_a_container_shows_of_its_host_is_told_of_the_host_once(
    row: str, value: float, labels: dict[str, str], told: list[tuple[str, str]]
) -> None:
    samples = complete(
        sample(value, job="node", instance="db:9100", **labels), sample(value, job="node", instance="db", **labels)
    )
    containers = world(guests=complete(guest(), container()), metrics={row.replace(".", "_"): samples})
    assert [(item.entity.key, item.discriminator) for item in run(row, containers).findings] == told


def test_a_worn_disk_that_fails_is_told_to_fail() -> None:
    """PVE reads SMART once a day: what it knows of a disk must not hide what the exporter saw a minute ago."""
    labels = {"job": "smartctl", "instance": "pve1:9633", "device": "sda", "serial_number": "S1", "model_name": "WDC"}
    worn = world(
        disks=complete(disk("S1")),
        smart=complete(smart(wear_left=0.02)),
        metrics={"smart_failed": complete(sample(0.0, **labels)), "smart_wear": complete(sample(0.99, **labels))},
    )
    checks = [BY_ID["disk.health"], BY_ID["disk.wear"], BY_ID["smart.failed"], BY_ID["smart.wear"]]
    told = [item.check for found in run_checks(checks, worn, NOTHING, LIMITS) for item in found.result.findings]
    assert told == ["disk.wear", "smart.failed"]


def test_an_end_of_a_certificate_is_told_before_and_after() -> None:
    def title(days: float) -> str:
        ends = sample(days, job="blackbox", instance="https://web.lan")
        (finding,) = run("probe.certificate", world(metrics={"probe_certificate": complete(ends)})).findings
        return finding.title

    assert title(6.0) == "The certificate of https://web.lan ends in 6 d"
    assert title(-2.0) == "The certificate of https://web.lan ended 2 d ago"
