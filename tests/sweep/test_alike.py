"""Forty alerts of one rule about one thing are one line with a count."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import ago, alert, complete, datastore, world

from nightshift.checks.monitoring import alert_firing
from nightshift.checks.previous import NOTHING
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import Ack, Finding
from nightshift.sweep.alike import ROWS_KEPT, told_once

TANK = "datastore:pbs/tank"


def firing(number: int, **changes: object) -> Finding:
    labels = (("alertname", "BackupTooOld"), ("datastore", "tank"), ("vm_id", str(number)))
    summary = (("summary", f"guest {number} is late"),)
    one = alert(
        "BackupTooOld", rule_uid="old", instance_hash=f"h{number}", entity_key=TANK, labels=labels, annotations=summary,
        active_since=ago(hours=number),
    )  # fmt: skip
    snapshot = world(datastores=complete(datastore()), alerts=complete(one))
    (found,) = alert_firing(snapshot, NOTHING, Thresholds()).findings
    return replace(found, **changes)


def test_alerts_that_read_the_same_are_one() -> None:
    (found,) = told_once([firing(number) for number in (4, 2, 9, 3)])
    assert (found.title, found.since) == ("Alert BackupTooOld fires (4 instances)", ago(hours=9))
    assert found.fingerprint == firing(9).fingerprint
    assert found.detail == (
        "4 instances of this rule fire for it. (1) It has been firing for 4 h. Its summary says: guest 4 is late. "
        "(2) It has been firing for 2 h. Its summary says: guest 2 is late. "
        "(3) It has been firing for 9 h. Its summary says: guest 9 is late. And 1 more."
    )
    (rows,) = found.evidence
    assert [row[-1] for row in rows.rows] == [
        f"alertname=BackupTooOld, datastore=tank, vm_id={number}" for number in (4, 2, 9, 3)
    ]
    assert (rows.total, rows.shown, rows.complete) == (4, 4, True)


def test_a_long_list_says_that_it_is_cut() -> None:
    (found,) = told_once([firing(number) for number in range(1, 43)])
    assert found.title.endswith("(42 instances)")
    assert (found.evidence[0].total, found.evidence[0].shown, found.evidence[0].complete) == (42, ROWS_KEPT, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": "critical"},
        {"cause": "0123456789abcdef"},
        {"state": "unknown"},
        {"ack": Ack("accepted", "me", "known")},
        {"entity": replace(firing(1).entity, key="datastore:pbs/vault")},
        {"discriminator": "other/h1"},
        {"check": "target.down"},
    ],
    ids=["worse", "under a cause", "out of sight", "accepted", "about another", "of another rule", "no alert"],
)
def test_what_a_reader_can_tell_apart_is_told_apart(changes: dict[str, object]) -> None:
    pair = (firing(1, **changes), firing(2))
    assert told_once(pair) == pair


def test_what_something_is_put_under_stays_itself() -> None:
    under = replace(firing(5), check="target.down", cause=firing(1).fingerprint)
    told = told_once((firing(1), firing(2), firing(3), under))
    assert [(item.title.endswith("(2 instances)"), item.check) for item in told] == [
        (False, "alert.firing"),
        (True, "alert.firing"),
        (False, "target.down"),
    ]
