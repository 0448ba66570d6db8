from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nightshift.errors import SourceForbidden, SourceTimedOut
from nightshift.facts import ids
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import Node
from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus
from nightshift.facts.sweep import Sweep
from nightshift.facts.tasks import outcome_of

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "expected", "kind", "source"),
    [
        (ids.node_key("pve", "pve1"), "node:pve/pve1", "node", "pve"),
        (ids.guest_key("pve", 104), "guest:pve/104", "guest", "pve"),
        (ids.storage_key("pve", "pve1", "local"), "storage:pve/pve1/local", "storage", "pve"),
        (ids.storage_key("pve", None, "nas"), "storage:pve/shared/nas", "storage", "pve"),
        (ids.datastore_key("pbs", "tank"), "datastore:pbs/tank", "datastore", "pbs"),
        (ids.group_key("pbs", "tank", "", "vm", "104"), "group:pbs/tank//vm/104", "group", "pbs"),
        (ids.group_key("pbs", "tank", "a/b", "ct", "7"), "group:pbs/tank/a/b/ct/7", "group", "pbs"),
        (ids.target_key("node", "pve1:9100"), "target:node/pve1:9100", "target", "node"),
        (ids.alert_key("grafana", "uid1", "abc"), "alert:grafana/uid1/abc", "alert", "grafana"),
        (ids.disk_key("pve", "pve1", "S3R1AL"), "disk:pve/pve1/S3R1AL", "disk", "pve"),
        (ids.job_key("pve", "backup-1"), "job:pve/backup-1", "job", "pve"),
        (ids.source_key("pbs"), "source:pbs", "source", "pbs"),
    ],
)
def test_entity_keys(key: str, expected: str, kind: str, source: str) -> None:
    entity = Entity(key, "label")
    assert (key, entity.kind, entity.source) == (expected, kind, source)


def finding(**changes: object) -> Finding:
    base = Finding(
        check="storage.full",
        severity="warning",
        entity=Entity("storage:pve/pve1/local", "local on pve1"),
        title="local is nearly full",
        detail="92 % of 100 GiB used",
        remedy="free space",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_a_fingerprint_does_not_change_with_what_varies_over_time() -> None:
    later = finding(severity="critical", title="local is full", detail="99 % used", since=NOW, state="ongoing")
    assert later.fingerprint == finding().fingerprint
    assert len(later.fingerprint) == 16


@pytest.mark.parametrize(
    "other",
    [
        finding(check="storage.other"),
        finding(entity=Entity("storage:pve/pve2/local", "local on pve2")),
        finding(discriminator="/var"),
    ],
)
def test_a_fingerprint_tells_apart(other: Finding) -> None:
    assert other.fingerprint != finding().fingerprint


@pytest.mark.parametrize(
    ("status", "running", "outcome"),
    [
        ("OK", False, "ok"),
        ("WARNINGS: 2", False, "warnings"),
        ("job errors", False, "failed"),
        ("RUNNING", False, "running"),
        (None, True, "running"),
        (None, False, "unknown"),
        ("unexpected status", False, "unknown"),
        ("", False, "unknown"),
    ],
)
def test_task_outcomes(status: str | None, running: bool, outcome: str) -> None:
    assert outcome_of(status, running=running) == outcome


def test_a_failed_read_leaves_a_gap_that_says_what_would_close_it() -> None:
    error = SourceForbidden("pve", "GET /cluster/backup", "permission denied", fix="grant Sys.Audit on /")
    assert Gap.of(error, "backup_jobs") == Gap(
        "pve", "backup_jobs", "forbidden", "permission denied", "grant Sys.Audit on /"
    )


def test_a_snapshot_tells_each_gap_once_and_only_complete_means_there_are_none() -> None:
    gap = Gap.of(SourceTimedOut("pve", "GET /cluster/resources", "no answer within 8 s"), "resources")
    snapshot = Snapshot(
        taken_at=NOW,
        sources=(SourceStatus("pve", "pve", reachable=False, version=None, latency_ms=None, gap=gap),),
        nodes=Dataset("unavailable", gaps=(gap,)),
        guests=Dataset("partial", gaps=(gap,)),
        metrics={"row": Dataset("unavailable", gaps=(gap,))},
    )
    assert snapshot.gaps == (gap,)
    assert (snapshot.nodes.known, snapshot.guests.known, snapshot.storages.known) == (False, True, False)
    assert (snapshot.configured("pve"), snapshot.configured("pbs")) == (True, False)


def test_a_sweep_knows_causes_and_what_they_explain() -> None:
    cause = finding()
    symptom = finding(check="backup.failed", cause=cause.fingerprint)
    sweep = Sweep("01", Snapshot(NOW), (cause, symptom), (), NOW, 1.0)
    assert sweep.causes == (cause,)
    assert sweep.explained_by(cause) == (symptom,)


def test_nodes_and_guests_name_themselves() -> None:
    assert Node("pve", "pve1", online=True).entity == Entity("node:pve/pve1", "pve1")
