"""Random snapshots: no check raises, and none says "all well" about what is missing."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.checks.world import LIMITS, NOW

from nightshift.checks.judge import dataset_named, run_checks
from nightshift.checks.metric_rows import QUERIES
from nightshift.checks.previous import Previous
from nightshift.checks.registry import CHECKS
from nightshift.facts.backups import BackupGroup, Datastore, GcStatus
from nightshift.facts.finding import SEVERITY_RANK
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import BackupJob, Cluster, Guest, Node, NotBackedUp, Storage
from nightshift.facts.monitoring import Alert, AlertRule, Sample, Target
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.facts.tasks import Task, outcome_of
from nightshift.sweep.causes import explain
from nightshift.sweep.verdict import exit_code

WORDS = st.sampled_from(["pve", "pve1", "pve2", "web", "tank", "100", "lxc/100", "", "ü 🍳", "a/b:c", "nas:9100"])
BYTES = st.none() | st.integers(0, 2**45)
TIMES = st.floats(-4e6, 1e5).map(lambda seconds: NOW + timedelta(seconds=seconds))
FIGURES = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-10, 200).map(float)
LABELS = st.lists(
    st.tuples(st.sampled_from(["instance", "id", "job", "device", "mountpoint", "storage"]), WORDS), max_size=5
).map(tuple)
VMIDS = st.integers(100, 103)

NODES = st.builds(
    Node, WORDS, WORDS, st.booleans(), memory_used_bytes=BYTES, memory_total_bytes=BYTES,
    rootfs_used_bytes=BYTES, rootfs_total_bytes=BYTES,
)  # fmt: skip
GUESTS = st.builds(
    Guest, WORDS, VMIDS, st.sampled_from(["qemu", "lxc"]), WORDS, st.none() | WORDS,
    st.sampled_from(["running", "stopped", "unknown", "io-error", "paused"]), memory_total_bytes=BYTES,
    disk_used_bytes=BYTES, disk_total_bytes=BYTES,
)  # fmt: skip
STORAGES = st.builds(
    Storage, WORDS, WORDS, st.none() | WORDS, st.sampled_from(["dir", "pbs", "zfspool"]), st.booleans(),
    st.booleans(), used_bytes=BYTES, total_bytes=BYTES,
)  # fmt: skip
JOBS = st.builds(
    BackupJob, WORDS, WORDS, st.booleans(), st.none() | WORDS, st.none() | WORDS, st.booleans(),
    st.none() | st.lists(VMIDS, max_size=3).map(tuple), st.lists(VMIDS, max_size=2).map(tuple), st.none() | WORDS,
    st.none() | WORDS, st.none() | TIMES,
)  # fmt: skip
STATUSES = st.none() | st.sampled_from(["OK", "WARNINGS: 1", "job errors", "unexpected status", "RUNNING"])


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    status = draw(STATUSES)
    return Task(
        draw(WORDS), draw(WORDS), draw(WORDS),
        draw(st.sampled_from(["vzdump", "qmstart", "vzstart", "verificationjob", "qmcreate", "other"])),
        draw(WORDS), "root@pam", draw(TIMES), draw(st.none() | TIMES), status, outcome_of(status, running=False),
        failed_vmids=draw(st.lists(VMIDS, max_size=3).map(tuple)), storage=draw(st.none() | WORDS),
    )  # fmt: skip


DATASTORES = st.builds(
    Datastore, WORDS, WORDS, BYTES, BYTES, BYTES, st.none() | TIMES,
    st.lists(st.none() | st.floats(0, 1), max_size=40).map(tuple), st.none(),
    st.none() | st.sampled_from([0.0, 3600.0, 86_400.0, 1e9]), error=st.none() | WORDS,
)  # fmt: skip
GROUPS = st.builds(
    BackupGroup, WORDS, WORDS, WORDS, st.sampled_from(["vm", "ct", "host"]), WORDS, TIMES, st.integers(0, 9),
    guest=st.none() | st.sampled_from(["guest:pve/100", "guest:pve/101"]),
)  # fmt: skip
GCS = st.builds(GcStatus, WORDS, WORDS, st.none() | WORDS, st.none() | TIMES, STATUSES, st.none() | TIMES, BYTES, BYTES)
TARGETS = st.builds(
    Target, WORDS, WORDS, WORDS, st.sampled_from(["up", "down", "unknown"]), st.none() | WORDS, st.none() | TIMES,
    LABELS, st.none() | st.sampled_from(["guest:pve/100", "node:pve/pve1"]),
)  # fmt: skip
ALERTS = st.builds(
    Alert, WORDS, WORDS, WORDS, st.sampled_from(["firing", "pending", "nodata", "error"]), st.none() | WORDS,
    st.none() | TIMES, st.none() | WORDS, LABELS, LABELS, WORDS, st.booleans(),
    st.none() | st.sampled_from(["guest:pve/100", "node:pve/pve1", "datastore:pbs/tank"]),
)  # fmt: skip
RULES = st.builds(
    AlertRule, WORDS, WORDS, WORDS, st.none() | WORDS, st.none() | WORDS,
    st.sampled_from(["inactive", "firing"]), st.sampled_from(["ok", "error", "nodata", "unknown"]),
    st.none() | WORDS, st.none() | TIMES, paused=st.none() | st.booleans(),
)  # fmt: skip
SAMPLES = st.builds(Sample, LABELS, FIGURES, TIMES)
ROWS: dict[str, st.SearchStrategy[Any]] = {
    "clusters": st.builds(Cluster, WORDS, st.none() | WORDS, st.none() | st.booleans(), st.none() | st.integers(0, 9)),
    "nodes": NODES,
    "guests": GUESTS,
    "storages": STORAGES,
    "backup_jobs": JOBS,
    "not_backed_up": st.builds(NotBackedUp, WORDS, VMIDS, st.none() | WORDS, st.just("qemu")),
    "tasks": tasks(),
    "datastores": DATASTORES,
    "backup_groups": GROUPS,
    "gc": GCS,
    "pbs_tasks": tasks(),
    "targets": TARGETS,
    "alerts": ALERTS,
    "alert_rules": RULES,
}
GAPS = st.builds(
    Gap, st.sampled_from(["pve", "pbs", "prometheus", "grafana"]), WORDS,
    st.sampled_from(["unreachable", "forbidden", "timed_out", "truncated"]), WORDS,
)  # fmt: skip


def datasets(rows: st.SearchStrategy[Any]) -> st.SearchStrategy[Dataset[Any]]:
    several = st.lists(rows, max_size=4).map(tuple)
    return st.one_of(
        st.builds(lambda found: Dataset("complete", found, (), NOW), several),
        st.builds(lambda found, gap: Dataset("partial", found, (gap,), NOW), several, GAPS),
        st.builds(lambda gap: Dataset("unavailable", (), (gap,), NOW), GAPS),
        st.just(Dataset("not_configured")),
    )


SNAPSHOTS = st.builds(
    Snapshot,
    taken_at=st.just(NOW),
    metrics=st.fixed_dictionaries({row: datasets(SAMPLES) for row in QUERIES}),
    names=st.dictionaries(
        WORDS, st.builds(Entity, st.sampled_from(["guest:pve/100", "node:pve/pve1", "storage:pve/shared/x"]), WORDS)
    ),
    **{name: datasets(rows) for name, rows in ROWS.items()},
)


@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(SNAPSHOTS)
def test_no_world_breaks_the_checks_or_makes_them_lie(snapshot: Snapshot) -> None:
    judgements = run_checks(CHECKS, snapshot, Previous(), LIMITS)
    for judgement in judgements:
        check, result = judgement.check, judgement.result
        needed = [dataset_named(snapshot, name) for name in check.datasets]
        states = {dataset.state for dataset in needed}
        if "not_configured" in states:
            assert not result.findings
            continue
        if "unavailable" in states:
            assert not result.findings
            assert result.gaps, check.id
        for finding in result.findings:
            assert finding.check == check.id
            assert SEVERITY_RANK[finding.severity] >= SEVERITY_RANK[check.severity], (check.id, finding.severity)
            assert finding.title
            assert finding.detail
            assert finding.remedy
            assert finding.evidence
            assert finding.runbook
            assert finding.entity.key
            for evidence in finding.evidence:
                assert all(len(row) == len(evidence.columns) for row in evidence.rows)
    findings = [finding for judgement in judgements for finding in judgement.result.findings]
    gaps = [gap for judgement in judgements for gap in judgement.result.gaps]
    explained = explain(findings, snapshot)
    assert sorted(item.fingerprint for item in explained) == sorted(item.fingerprint for item in findings)
    roots = {item.fingerprint for item in explained if item.cause is None}
    assert all(item.cause in roots for item in explained if item.cause)
    if any(dataset_named(snapshot, item.name).state == "unavailable" for item in fields(Snapshot) if item.name in ROWS):
        assert exit_code(explained, (*gaps, *snapshot.gaps)) in (2, 3)
