"""What nightshift.yaml takes out of a sweep: by every way to name a thing, with its reason, never silently."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, time, timedelta

import pytest
from tests.checks.world import NOW, complete, container, guest, target, world

from nightshift.checks.absences import EVERY_DAY, Absence, Window
from nightshift.checks.policy import NO_POLICY, Exclusion, Policy
from nightshift.checks.registry import CHECKS
from nightshift.checks.selection import Selector
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.sweep.set_aside import SettingAside, expired

WORLD = world(
    guests=complete(guest(tags=("prod",)), container(tags=("lab",), node="pve2")),
    targets=complete(target("db:9187", "down", job="postgres", entity_key="guest:pve/105")),
)


def about(key: str, check: str = "guest.memory", **changes: object) -> Finding:
    return replace(Finding(check, "warning", Entity(key, key), "t", "d", "r"), **changes)


WEB, DB = about("guest:pve/104"), about("guest:pve/105")
DB_TARGET = about("target:postgres/db:9187", "target.down")
NODE = about("node:pve/pve2", "node.memory")
DISK = about("disk:pve/pve2/S1", "node.memory")
TANK = about("datastore:pbs/tank", "datastore.full")
LOCAL = about("storage:pve/pve1/local", "storage.full")
EVERY = (WEB, DB, DB_TARGET, NODE, DISK, TANK, LOCAL)

EXCLUSIONS = [
    (Selector(guest=("d*",)), (DB, DB_TARGET)),
    (Selector(tag=("lab",)), (DB, DB_TARGET)),
    (Selector(vmid=("100-104",)), (WEB,)),
    (Selector(node=("pve2",)), (DB, DB_TARGET, NODE, DISK)),
    (Selector(node=("pve1",)), (WEB, LOCAL)),
    (Selector(storage=("local",)), (LOCAL,)),
    (Selector(datastore=("ta*",)), (TANK,)),
    (Selector(source=("pve",)), (WEB, DB, DB_TARGET, NODE, DISK, LOCAL)),
    (Selector(target=("db:*",)), (DB_TARGET,)),
    (Selector(check=("storage",)), (LOCAL,)),
    (Selector(check=("node.memory",), node=("pve2",)), (NODE, DISK)),
    (Selector(guest=("nothing",)), ()),
]


@pytest.mark.parametrize(("selector", "aside"), EXCLUSIONS, ids=[str(row[0]) for row in EXCLUSIONS])
def test_an_exclusion_takes_out_what_it_names(selector: Selector, aside: tuple[Finding, ...]) -> None:
    policy = Policy(exclusions=(Exclusion(selector, "known", None, "line 3"),))
    kept = SettingAside(policy, (), CHECKS, WORLD).split(EVERY, ())
    assert tuple(item.finding for item in kept.aside) == aside
    assert {item.why for item in kept.aside} <= {"excluded by line 3: known"}
    assert kept.findings == tuple(finding for finding in EVERY if finding not in aside)


def test_what_is_expected_to_be_away_is_not_missed() -> None:
    night = Window(EVERY_DAY, time(0), time(0), UTC)
    absences = (
        Absence(Selector(source=("pbs",)), (night,), present=False, reason="sleeps"),
        Absence(Selector(guest=("db",)), (night,), present=False),
    )
    gone = about("datastore:pbs/tank", "datastore.unavailable")
    unseen = about("datastore:pbs/tank", "datastore.full", state="unknown")
    unreachable = Gap("pbs", "datastores", "unreachable", "no answer")
    forbidden = Gap("pbs", "tasks", "forbidden", "no right")
    elsewhere = Gap("pve", "nodes", "timed_out", "no answer")
    aside = SettingAside(NO_POLICY, absences, CHECKS, WORLD)
    kept = aside.split((*EVERY, gone, unseen), (unreachable, forbidden, elsewhere))
    assert [item.finding for item in kept.aside] == [DB_TARGET, gone, unseen]
    assert kept.aside[1].why == "expected to be away now: sleeps"
    assert (kept.gaps, kept.away) == ((forbidden, elsewhere), (unreachable,))


def test_nothing_is_taken_out_without_a_word_from_the_operator() -> None:
    gap = Gap("pbs", "datastores", "unreachable", "no answer")
    kept = SettingAside(NO_POLICY, (), CHECKS, WORLD).split(EVERY, (gap,))
    assert (kept.findings, kept.gaps, kept.aside, kept.away) == (EVERY, (gap,), (), ())


def test_an_exclusion_that_has_ended_is_told() -> None:
    ended = Exclusion(Selector(tag=("lab",)), None, NOW, "nightshift.yaml line 3, exclusions[0]")
    policy = Policy(exclusions=(ended, replace(ended, until=NOW + timedelta(days=1)), replace(ended, until=None)))
    assert expired(policy, NOW) == (
        "The exclusion at nightshift.yaml line 3, exclusions[0] has ended: take it out, or give it a later date.",
    )
