"""Sweeps held against the truth of a scenario: one that is right, and others that are wrong in one thing."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from nightshift.checks.registry import CHECKS
from nightshift_evals.names import Names
from nightshift_evals.scenarios import Claim, Scenario, scenarios_of_lab
from nightshift_evals.sweeps import Swept, about, categories, judge, visible_unmonitored

NAMES = Names({"unifi": 116, "paperless": 114}, frozenset({"pbs-tank", "nas-media"}))
OOM = Scenario(
    "container-oom-loop",
    "single",
    "container-oom-loop",
    root_causes=(Claim(entity="guest/unifi", category="guest-out-of-memory"),),
    required=(Claim(check="guest.restart_loop", entity="guest/unifi"),),
    forbidden=(Claim(check="node.*"), Claim(check="guest.*", severity="critical")),
)
HEALTHY = Scenario("healthy", "healthy", "healthy", (), (), (Claim(check="*", severity="warning"),))
BLIND = Scenario(
    "prometheus-down",
    "blind",
    "prometheus-down",
    root_causes=(Claim(entity="cluster/homelab", category="watcher-blind"),),
    required=(Claim(category="prometheus-unreachable"),),
    forbidden=(),
)


def finding(check: str, key: str, severity: str = "warning", title: str = "t", detail: str = "d") -> dict[str, Any]:
    return {
        "fingerprint": f"{check} {key}",
        "check": check,
        "severity": severity,
        "state": "new",
        "entity": {"key": key, "label": key.rpartition("/")[2]},
        "title": title,
        "detail": detail,
    }


LOOP = finding("guest.restart_loop", "guest:pve/116")
OTHER = finding("target.down", "target:node/unrelated:9100")


def sweep(*findings: dict[str, Any], gaps: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "findings": deepcopy(list(findings)),
        "causes": [item["fingerprint"] for item in findings],
        "gaps": [{"source": source} for source in gaps],
        "progress": [],
        "duration_s": 0.1,
    }


def judged(scenario: Scenario, given: dict[str, Any]) -> Swept:
    return judge(scenario, given, NAMES, seed=1)


def test_a_right_sweep_is_right() -> None:
    one = judged(OOM, sweep(LOOP, OTHER))
    assert (one.ranks, one.missing, one.forbidden, one.false_all_clear) == ((1,), (), (), False)


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        (sweep(OTHER, LOOP), "ranks", (2,)),
        (sweep(OTHER), "ranks", (None,)),
        (sweep(finding("guest.restart_loop", "guest:pve/114")), "missing", ("guest.restart_loop guest/unifi",)),
        (sweep(LOOP | {"state": "resolved"}), "missing", ("guest.restart_loop guest/unifi",)),
        (sweep(LOOP, finding("node.memory", "node:pve/pve2")), "forbidden", ("warning node.memory: t",)),
        (sweep(LOOP, finding("node.memory", "node:pve/pve2", "info")), "forbidden", ()),
        (sweep(), "false_all_clear", True),
        (sweep(finding("x.y", "node:pve/pve1", "info")), "false_all_clear", True),
        (sweep(gaps=("pve",)), "false_all_clear", False),
        (sweep() | {"progress": [{"source": "pve"}]}, "false_all_clear", False),
        (sweep(LOOP | {"severity": "info"}), "false_all_clear", False),
    ],
)
def test_what_is_wrong_shows(given: dict[str, Any], field: str, value: object) -> None:
    assert getattr(judged(OOM, given), field) == value


@pytest.mark.parametrize(
    ("given", "alarm"), [(sweep(), False), (sweep(finding("a.b", "node:pve/pve1", "info")), False), (sweep(LOOP), True)]
)
def test_a_healthy_control(given: dict[str, Any], alarm: bool) -> None:
    assert judged(HEALTHY, given).false_alarm is alarm


def test_a_blind_spot_must_be_admitted() -> None:
    assert judged(BLIND, sweep()).unadmitted == ("prometheus",)
    assert judged(BLIND, sweep(gaps=("prometheus",))).unadmitted == ()
    assert judged(BLIND, sweep()).false_all_clear


@pytest.mark.parametrize(
    ("found", "place"),
    [
        (finding("target.down", "target:node/unifi:9100"), 1),
        (finding("target.down", "target:node/10.0.0.16:9100", detail="It runs on unifi."), 1),
        (OTHER, None),
        (finding("alert.firing", "alert:grafana/x", title="TargetDown fires for unifi"), 1),
        (finding("alert.firing", "alert:grafana/x", title="TargetDown fires for paperless"), None),
        (finding("probe.failed", "target:blackbox/https://wlan.home.arpa"), 1),  # a page names no machine
    ],
)
def test_a_target_of_another_machine_is_not_the_root(found: dict[str, Any], place: int | None) -> None:
    down = replace(OOM, root_causes=(Claim(entity="guest/unifi", category="service-down"),))
    assert judged(down, sweep(found)).ranks == (place,)


def test_the_second_of_two_causes_is_not_blamed() -> None:
    two = Scenario(
        "two", "compound", "two",
        (Claim(entity="guest/unifi", category="x"), Claim(entity="guest/paperless", category="x")), (), (),
    )  # fmt: skip
    given = sweep(LOOP, finding("backup.uncovered", "guest:pve/114"), OTHER)
    assert judged(two, given).ranks == (1, 1)
    assert judged(two, sweep(LOOP, OTHER, finding("backup.uncovered", "guest:pve/114"))).ranks == (1, 2)


def test_a_further_cause_may_be_told_as_a_remark() -> None:
    two = Scenario(
        "two", "compound", "two",
        (Claim(entity="guest/unifi", category="x"), Claim(entity="guest/paperless", category="x")), (), (),
    )  # fmt: skip
    off = finding("guest.stopped", "guest:pve/114", "info")
    standing = [finding("copies.orphaned", f"datastore:pbs/{number}", "info") for number in range(3)]
    assert judged(two, sweep(LOOP, off, *standing)).ranks == (1, 1)
    assert judged(two, sweep(LOOP, *standing, off)).ranks == (1, 3)
    assert judged(two, sweep(LOOP, *standing)).ranks == (1, None)
    quiet = LOOP | {"severity": "info"}
    assert judged(two, sweep(finding("backup.uncovered", "guest:pve/114"), quiet)).ranks == (None, 1)


def test_that_a_source_fails_competes_with_no_cause_where_it_is_made_to() -> None:
    blind = replace(OOM, family="blind")
    away = finding("source.unreachable", "source:pbs")
    assert judged(blind, sweep(away, LOOP)).ranks == (1,)
    assert judged(OOM, sweep(away, LOOP)).ranks == (2,)


@pytest.mark.parametrize(
    ("entity", "key", "there"),
    [
        ("guest/unifi", "guest:pve/116", True),
        ("guest/unifi", "guest:pve/117", False),
        ("node/pve1", "node:pve/pve1", True),
        ("node/pve1", "node:pve/pve10", False),
        ("datastore/pbs/tank", "datastore:pbs/tank", True),
        ("datastore/pbs/tank", "datastore:pbs/vault", False),
        ("datastore/pbs/tank", "group:pbs/tank/homelab/vm/104", True),
        ("datastore/pbs/tank", "group:pbs/tank2/homelab/vm/104", False),
        ("storage/nas-media", "storage:pve/shared/nas-media", True),
        ("storage/pve3/local-lvm", "storage:pve/pve3/local-lvm", True),
        ("target/postgres/postgres:9187", "target:postgres/postgres:9187", True),
        ("disk/pve1/WD-CA1L4J7K", "disk:pve/pve1/WD-CA1L4J7K", True),
        ("ups/apc", "target:nut/apc", True),
        ("ups/apc", "target:nut/other", False),
        ("guest/unifi", "target:node/unifi:9100", True),
    ],
)
def test_the_names_of_the_lab(entity: str, key: str, there: bool) -> None:
    assert about(entity, finding("x.y", key), NAMES) is there


def test_what_only_metrics_can_tell_is_not_asked_without_them() -> None:
    """A lab of PVE and PBS alone: no cause, no finding and no gap is missed that it could not show."""
    down = Scenario("d", "single", "d", (Claim(entity="target/a/b:1", category="target-down"),),
                    (Claim(check="target.down"), Claim(check="guest.state")), ())  # fmt: skip
    one = judge(down, sweep(), NAMES, seed=1, monitored=False)
    assert (one.ranks, one.missing, one.required, one.ill) == ((), ("guest.state",), 1, False)
    assert judged(down, sweep()).missing == ("target.down", "guest.state")
    assert judge(BLIND, sweep(), NAMES, seed=1, monitored=False).unadmitted == ()


def test_what_pve_and_pbs_alone_can_tell_is_known() -> None:
    """The evals know nothing of the product: this holds their list against its registry of checks."""
    monitoring = {"targets", "alerts", "alert_rules", "grafana_datasources"}
    for check in CHECKS:
        needs = any(name in monitoring or name.startswith("metrics.") for name in check.datasets)
        assert visible_unmonitored(Claim(check=check.id)) is not needs, check.id


@pytest.mark.parametrize(
    ("category", "entity", "shows"),
    [
        ("certificate-expiring", "node/pve2", True),
        ("certificate-expiring", "guest/traefik", False),
        ("certificate-expiring", "", True),
        ("service-down", "guest/postgres", False),
        ("datasource-broken", "cluster/homelab", False),
        ("guest-crash-loop", "guest/vaultwarden", True),
        ("of-ones-own", "guest/vaultwarden", True),
    ],
)
def test_whether_a_category_shows_without_metrics_hangs_on_what_it_is_about(
    category: str, entity: str, shows: bool
) -> None:
    assert visible_unmonitored(Claim(category=category, entity=entity)) is shows


def test_a_category_of_ones_own_is_judged_by_its_entity() -> None:
    own = Scenario("o", "single", "o", (), (Claim(category="too-loud", entity="guest/unifi"),), ())
    assert judged(own, sweep(LOOP)).missing == ()
    assert judged(own, sweep(OTHER)).missing == ("too-loud guest/unifi",)


def test_every_category_of_the_lab_is_known() -> None:
    named = {
        claim.category
        for scenario in scenarios_of_lab().values()
        for claim in (*scenario.root_causes, *scenario.required, *scenario.forbidden)
        if claim.category
    }
    assert named - set(categories()) == set()
