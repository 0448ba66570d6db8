"""What began clearly later than a symptom does not explain it; what is not known changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from tests.checks.world import (
    NOW,
    ago,
    alert,
    complete,
    container,
    datastore,
    guest,
    job,
    node,
    pbs_storage,
    rule,
    storage,
    world,
)

from nightshift.checks.cluster import node_offline
from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import Finding, Severity
from nightshift.facts.ids import Entity
from nightshift.facts.monitoring import Alert, AlertRule
from nightshift.facts.snapshot import Snapshot
from nightshift.sweep.causes import explain

DB, PVE2, TANK = "guest:pve/105", "node:pve/pve2", "datastore:pbs/tank"
OLD = alert("BackupTooOld", instance_hash="old", rule_uid="old", labels=(("datastore", "tank"),), entity_key=DB)


def finding(check: str, key: str, since: datetime | None = None, severity: Severity = "critical") -> Finding:
    return Finding(check, severity, Entity(key, key), f"{check} {key}", "d", "r", since=since)


def too_old(since: datetime | None) -> Finding:
    return replace(finding("alert.firing", DB, since, "warning"), discriminator="old/old")


def with_alerts(*alerts: Alert, rules: tuple[AlertRule, ...] = ()) -> Snapshot:
    return world(
        nodes=complete(node("pve1"), node("pve2", online=False)),
        guests=complete(guest(), container(node="pve2")),
        storages=complete(storage(), pbs_storage()),
        datastores=complete(datastore()),
        backup_jobs=complete(job()),
        alerts=complete(OLD, *alerts),
        alert_rules=complete(*rules),
    )


def node_down(**changes: object) -> Alert:
    return replace(alert("NodeDown", instance_hash="n", rule_uid="n", entity_key=PVE2), **changes)


NODE_DOWN = rule("NodeDown", uid="n", for_s=300.0)
CASES = [
    ("the node went long after the alert", too_old(ago(hours=3)), ago(minutes=20), (), (), TANK),
    ("they came at once, as far as one can tell", too_old(ago(minutes=30)), ago(minutes=20), (), (), PVE2),
    ("the node went first", too_old(ago(hours=1)), ago(hours=3), (), (), PVE2),
    ("since when the alert fires is not known", too_old(None), ago(minutes=20), (), (), PVE2),
    ("since when the node is gone is not known", too_old(ago(hours=3)), None, (), (), PVE2),
    ("its alert dates the node", too_old(ago(hours=3)), None, (node_down(),), (NODE_DOWN,), TANK),
    ("its oldest alert does", too_old(ago(hours=3)), None,
     (node_down(), node_down(instance_hash="m", active_since=ago(hours=4))), (NODE_DOWN,), PVE2),
    ("its alert waited for hours first", too_old(ago(hours=3)), None, (node_down(),),
     (replace(NODE_DOWN, for_s=7200.0),), PVE2),
    ("how long its alert waited is not known", too_old(ago(hours=3)), None, (node_down(),),
     (replace(NODE_DOWN, for_s=None),), PVE2),
    ("its alert does not say since when", too_old(ago(hours=3)), None, (node_down(active_since=None),),
     (NODE_DOWN,), PVE2),
    ("its alert fires no more", too_old(ago(hours=3)), None, (node_down(state="normal"),), (NODE_DOWN,), PVE2),
    ("a run failed before the node went", finding("backup.failed", DB, ago(hours=3)), ago(minutes=20), (), (), None),
    ("a run failed since it went", finding("backup.failed", DB, ago(hours=1)), ago(hours=2), (), (), PVE2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("symptom", "went", "alerts", "rules", "cause"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_cause_is_no_younger_than_its_symptom(
    symptom: Finding,
    went: datetime | None,
    alerts: tuple[Alert, ...],
    rules: tuple[AlertRule, ...],
    cause: str | None,
) -> None:
    causes = (finding("node.offline", PVE2, went), finding("datastore.full", TANK))
    told = explain((symptom, *causes), with_alerts(*alerts, rules=rules))
    keys = {item.fingerprint: item.entity.key for item in told}
    found = next(item.cause for item in told if item.check == symptom.check)
    assert keys.get(found or "") == cause


def test_what_fills_slowly_is_not_dated_by_its_alert() -> None:
    """A datastore may refuse backups hours before somebody's alert on its last percent."""
    late = alert("DatastoreFull", rule_uid="full", instance_hash="full", entity_key=TANK, active_since=ago(minutes=5))
    snapshot = with_alerts(late, rules=(rule("DatastoreFull", uid="full", for_s=0.0),))
    told = explain((too_old(ago(hours=9)), finding("datastore.full", TANK)), snapshot)
    assert [item.entity.key for item in told if item.cause is None] == [TANK]


def test_what_a_symptom_explains_is_no_older_than_its_cause_either() -> None:
    """A stale backup of unknown age takes its alert along, and that dates it."""
    stale = finding("backup.stale", DB, None, "warning")
    offline = finding("node.offline", PVE2, ago(minutes=20))
    for order in ((stale, too_old(ago(hours=3)), offline), (offline, too_old(ago(hours=3)), stale)):
        told = {item.check: item.cause for item in explain(order, with_alerts())}
        assert told["alert.firing"] is None
        assert told["backup.stale"] == offline.fingerprint


@pytest.mark.parametrize(
    ("previous", "since"),
    [
        (Previous(), None),  # the first sweep of all
        (Previous(taken_at=ago(minutes=5), uptimes_s={PVE2: 900}), NOW),
        (Previous(taken_at=ago(hours=5), uptimes_s={PVE2: 900}), None),  # nobody looked for hours
        (Previous(taken_at=ago(minutes=5), watching_since=ago(days=9)), None),  # it was not seen running then
        (
            Previous(
                open_findings=frozenset({fingerprint_of("node.offline", Entity(PVE2, "pve2"))}),
                since={fingerprint_of("node.offline", Entity(PVE2, "pve2")): ago(hours=2)},
            ),
            ago(hours=2),
        ),
    ],
    ids=["first seen", "watched", "not watched of late", "not seen before", "remembered"],
)
def test_since_when_a_node_is_offline(previous: Previous, since: datetime | None) -> None:
    (found,) = node_offline(with_alerts(), previous, Thresholds()).findings
    assert found.since == since
