"""Targets that are down, alerts that fire, rules that cannot be evaluated, jobs of the backup server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import (
    Told,
    alert,
    complete,
    container,
    guest,
    metrics,
    rule,
    run,
    sample,
    target,
    task,
    told,
    world,
)

from nightshift.facts.monitoring import RecordingRule
from nightshift.facts.snapshot import Snapshot

WEB = "guest:pve/104"
DOWN = target("db:9187", "down", job="postgres", last_error="connection refused", entity_key="guest:pve/105")


RECORDING = RecordingRule("prometheus", "load/x:ratio", "x:ratio", "load", "error", "many-to-many matching", None)


def firing(**changes: object) -> Snapshot:
    return world(alerts=complete(alert(**changes)))


def server_task(kind: str, status: str = "verification failed", **changes: object) -> object:
    return replace(task(kind, status=status, **changes), source="pbs", node="localhost")


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("all targets up", "target.down", world(), []),
    (
        "a target down",
        "target.down",
        world(targets=complete(target(), DOWN)),
        [("warning", "target:postgres/db:9187", "Prometheus cannot scrape db:9187 (job postgres)")],
    ),
    (
        "a target of a guest that is stopped",
        "target.down",
        world(targets=complete(DOWN), guests=complete(guest(), container(status="stopped"))),
        [("info", "target:postgres/db:9187", "Prometheus cannot scrape db:9187 (job postgres)")],
    ),
    (
        "one scrape failed",
        "target.down",
        world(targets=complete(DOWN), metrics=metrics(up_recently=[sample(1, job="postgres", instance="db:9187")])),
        [("info", "target:postgres/db:9187", "Prometheus cannot scrape db:9187 (job postgres)")],
    ),
    ("not scraped yet", "target.down", world(targets=complete(target(health="unknown"))), []),
    ("no alert", "alert.firing", world(), []),
    ("pending", "alert.firing", firing(state="pending"), []),
    ("no data is the rule's affair", "alert.firing", firing(state="nodata"), []),
    ("an alert of Grafana about no data", "alert.firing", firing(name="DatasourceNoData"), []),
    (
        "firing, joined",
        "alert.firing",
        firing(entity_key=WEB),
        [("warning", WEB, "Alert DiskFull fires for web (VM 104)")],
    ),
    (
        "firing about nothing known",
        "alert.firing",
        firing(),
        [("warning", "alert:grafana/uid1/hash1", "Alert DiskFull fires")],
    ),
    (
        "critical",
        "alert.firing",
        firing(severity="Critical", entity_key=WEB),
        [("critical", WEB, "Alert DiskFull fires for web (VM 104)")],
    ),
    (
        "information",
        "alert.firing",
        firing(severity="info", entity_key=WEB),
        [("info", WEB, "Alert DiskFull fires for web (VM 104)")],
    ),
    (
        "a severity of one's own",
        "alert.firing",
        firing(severity="P3", entity_key=WEB),
        [("warning", WEB, "Alert DiskFull fires for web (VM 104)")],
    ),
    (
        "no severity",
        "alert.firing",
        firing(severity=None, entity_key=WEB),
        [("warning", WEB, "Alert DiskFull fires for web (VM 104)")],
    ),
    (
        "silenced",
        "alert.firing",
        firing(severity="critical", silenced=True, entity_key=WEB),
        [("info", WEB, "Alert DiskFull fires for web (VM 104)")],
    ),
    ("a watchdog", "alert.firing", firing(name="Watchdog"), []),
    (
        "a watchdog by any name is one",
        "alert.firing",
        replace(firing(name="PrometheusAlive"), alert_rules=complete(rule("PrometheusAlive", query="vector(1) > 0"))),
        [],
    ),
    ("a watchdog by another name", "alert.firing", firing(name="Dead Man's Switch"), []),
    ("rules well", "alert.rule_health", world(), []),
    (
        "a rule in error",
        "alert.rule_health",
        world(alert_rules=complete(rule(health="error", last_error="bad query"))),
        [("warning", "alert:grafana/uid1/rule", "Alert rule DiskFull cannot be evaluated")],
    ),
    (
        "a rule without data",
        "alert.rule_health",
        world(alert_rules=complete(rule(health="nodata"))),
        [("info", "alert:grafana/uid1/rule", "Alert rule DiskFull finds no data")],
    ),
    (
        "a recording rule in error",
        "alert.rule_health",
        world(recording_rules=complete(RECORDING)),
        [("warning", "alert:prometheus/load/x:ratio/rule", "Recording rule x:ratio cannot be evaluated")],
    ),
    (
        "a recording rule not evaluated yet",
        "alert.rule_health",
        world(recording_rules=complete(replace(RECORDING, health="unknown"))),
        [],
    ),
    ("a paused rule", "alert.rule_health", world(alert_rules=complete(rule(health="error", paused=True))), []),
    ("no failed job", "server.task_failed", world(), []),
    (
        "a verification failed",
        "server.task_failed",
        world(pbs_tasks=complete(server_task("verificationjob", worker_id="tank:v-3f2a"))),
        [("warning", "datastore:pbs/tank", "Verification of datastore tank failed")],
    ),
    (
        "a sync of an unknown datastore failed",
        "server.task_failed",
        world(pbs_tasks=complete(server_task("syncjob", worker_id="remote:x"))),
        [("warning", "source:pbs", "Sync failed")],
    ),
    (
        "made good since",
        "server.task_failed",
        world(
            pbs_tasks=complete(
                server_task("verificationjob", worker_id="tank:v", hours=9),
                server_task("verificationjob", status="OK", worker_id="tank:v", hours=3),
            )
        ),
        [],
    ),
    ("backups have their own check", "server.task_failed", world(pbs_tasks=complete(server_task("backup"))), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_two_instances_of_one_rule_are_two_findings() -> None:
    both = world(alerts=complete(alert(entity_key=WEB), alert(entity_key=WEB, instance_hash="hash2")))
    found = run("alert.firing", both).findings
    assert len({finding.fingerprint for finding in found}) == 2


def test_a_target_says_what_it_is_part_of_and_how_to_look() -> None:
    (finding,) = run("target.down", world(targets=complete(DOWN))).findings
    assert "Error: connection refused. It runs on db (CT 105)." in finding.detail
    assert "curl -sS http://db:9187/metrics" in finding.remedy


@pytest.mark.parametrize(
    ("instance", "scraped_at", "on_its_machine", "from_prometheus"),
    [
        ("https://wiki.example", "prober:9115", "`ss -ltnp | grep 9115`", "`curl -sS http://prober:9115 | head`"),
        ("pve1", "metrics.example", "`ss -ltnp`", "`curl -sS http://metrics.example | head`"),
        ("pve1", None, "`ss -ltnp`", "the URL that it has there"),
    ],
)
def test_of_a_target_without_a_port_the_exporter_that_asks_it_is_looked_at(
    instance, scraped_at, on_its_machine, from_prometheus
):
    (finding,) = run("target.down", world(targets=complete(target(instance, "down", scraped_at=scraped_at)))).findings
    assert finding.remedy == (
        f"See whether the exporter runs and listens: on its machine {on_its_machine} and `systemctl status "
        f"'*exporter*'`; from Prometheus {from_prometheus}."
    )


def test_an_alert_quotes_its_summary_as_the_words_of_others() -> None:
    (finding,) = run("alert.firing", firing()).findings
    assert finding.detail == "It has been firing for 1 h. Its summary says: the disk is full"


@pytest.mark.parametrize(
    ("source", "silenced", "said"),
    [
        ("grafana", True, ", silenced."),
        ("grafana", None, "; whether it is silenced could not be seen."),
        ("prometheus", None, "."),
    ],
)
def test_whether_an_alert_is_silenced_is_said_where_it_can_be_known(source, silenced, said):
    (finding,) = run("alert.firing", firing(source=source, silenced=silenced, annotations=())).findings
    assert finding.detail == f"It has been firing for 1 h{said}"
