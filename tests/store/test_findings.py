"""The history of findings: written, read back whole, forgotten after ninety days; acknowledgements outlive sweeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Ack, Finding, Remembered
from nightshift.facts.ids import Entity
from nightshift.store.database import Database
from nightshift.store.findings import FindingStore

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EVIDENCE = Evidence("pve", "rows", "GET /x", "x", NOW)
FINDING = Finding(
    check="storage.full",
    severity="warning",
    entity=Entity("storage:pve/shared/nas", "nas"),
    title="Storage nas is 86 % full",
    detail="86 of 100",
    remedy="free some",
    evidence=(EVIDENCE,),
    discriminator="x",
    runbook="storage-full.md#steps",
    since=NOW - timedelta(days=1),
    state="ongoing",
)


def test_a_finding_comes_back_whole_but_for_its_evidence(database: Database) -> None:
    store = FindingStore(database)
    store.remember([Remembered(FINDING, NOW - timedelta(hours=2), NOW)], NOW)
    expected = replace(FINDING, evidence=(), first_seen=NOW - timedelta(hours=2), last_seen=NOW)
    assert store.remembered() == {
        FINDING.fingerprint: Remembered(expected, NOW - timedelta(hours=2), NOW, resolved_at=None)
    }


def test_a_later_word_replaces_the_earlier(database: Database) -> None:
    store = FindingStore(database)
    store.remember([Remembered(FINDING, NOW, NOW)], NOW)
    later = NOW + timedelta(minutes=5)
    worse = replace(FINDING, severity="critical", title="full", state="resolved")
    store.remember([Remembered(worse, NOW, later, resolved_at=later)], later)
    (kept,) = FindingStore(database).remembered().values()
    assert (kept.finding.severity, kept.finding.title, kept.resolved_at) == ("critical", "full", later)


def test_what_was_resolved_long_ago_is_forgotten(database: Database) -> None:
    store = FindingStore(database)
    gone = Remembered(FINDING, NOW, NOW, resolved_at=NOW)
    store.remember([gone], NOW)
    store.remember([], NOW + timedelta(days=90))
    assert len(store.remembered()) == 1
    store.remember([], NOW + timedelta(days=90, seconds=1))
    assert store.remembered() == {}


def test_what_is_open_is_never_forgotten(database: Database) -> None:
    store = FindingStore(database)
    store.remember([Remembered(FINDING, NOW, NOW)], NOW)
    store.remember([], NOW + timedelta(days=400))
    assert len(store.remembered()) == 1


def test_an_operators_word_outlives_sweeps(database: Database) -> None:
    store = FindingStore(database)
    ack = Ack("snoozed", "anna", "new disk is ordered", NOW + timedelta(days=3))
    assert store.acknowledge(FINDING.fingerprint, ack) is False
    store.remember([Remembered(FINDING, NOW, NOW)], NOW)
    assert store.acknowledge(FINDING.fingerprint, ack) is True
    store.remember([Remembered(FINDING, NOW, NOW)], NOW)
    assert store.remembered()[FINDING.fingerprint].finding.ack == ack
    assert store.acknowledge(FINDING.fingerprint, None) is True
    assert store.remembered()[FINDING.fingerprint].finding.ack is None
