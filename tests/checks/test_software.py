"""Versions that differ, updates that wait, kernels that were not started, repositories that give nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.checks.world import NOW, Told, complete, node, repositories, run, software, told, world

from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import NOTHING, Previous
from nightshift.checks.software import kernel_version
from nightshift.facts.cluster import cluster_entity
from nightshift.facts.inventory import Cluster
from nightshift.facts.nodes import Update
from nightshift.facts.snapshot import Snapshot

HOMELAB = cluster_entity("pve", "homelab")
MIXED = "The nodes of homelab run different versions of PVE"
MANAGER = Update("pve-manager", "9.1.4", "9.1.6", "Proxmox")
OPENSSL = Update("openssl", "3.5.4-1", "3.5.4-2", "Debian")


def on_versions(*versions: str | None, offline: bool = False) -> Snapshot:
    nodes = [node(f"pve{number + 1}", pve_version=version) for number, version in enumerate(versions)]
    if offline:
        nodes[-1] = node("pve9", online=False, pve_version="8.4.14")
    return world(nodes=complete(*nodes))


def with_updates(*counts: int, whole: bool = False) -> Snapshot:
    rows = (software(f"pve{n + 1}", updates=(MANAGER,) * count, whole=whole) for n, count in enumerate(counts))
    return world(software=complete(*rows))


def kernels(running: str | None, *installed: str) -> Snapshot:
    return world(software=complete(software(running_kernel=running, kernels=installed)))


def with_repositories(**changes: Any) -> Snapshot:
    return world(repositories=complete(repositories(**changes)))


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("one version", "cluster.versions", on_versions("9.1.4", "9.1.4"), []),
    ("two versions", "cluster.versions", on_versions("9.1.4", "8.4.14"), [("info", "cluster:pve/homelab", MIXED)]),
    ("a version that is not told", "cluster.versions", on_versions("9.1.4", None), []),
    ("an offline node does not count", "cluster.versions", on_versions("9.1.4", "9.1.4", offline=True), []),
    ("nothing to update", "node.updates", with_updates(0, 0), []),
    (
        "updates on one node",
        "node.updates",
        with_updates(0, 3),
        [("info", "cluster:pve/homelab", "3 updates wait on pve2")],
    ),
    (
        "updates on all nodes are one remark",
        "node.updates",
        with_updates(1, 3),
        [("info", "cluster:pve/homelab", "3 updates wait on pve2, some on 1 other node")],
    ),
    ("no packages told", "node.updates", world(software=complete()), []),
    ("the newest kernel runs", "node.reboot_needed", kernels("6.17.4-1-pve", "6.17.4-1", "6.14.11-4"), []),
    (
        "an older kernel runs",
        "node.reboot_needed",
        kernels("6.17.2-1-pve", "6.14.11-4", "6.17.4-1"),
        [
            (
                "info",
                "node:pve/pve1",
                "pve1 should be restarted: it runs kernel 6.17.2-1-pve, 6.17.4-1 is installed",
            )
        ],
    ),
    (
        "6.9 is older than 6.17",
        "node.reboot_needed",
        kernels("6.9.1-1-pve", "6.17.4-1"),
        [("info", "node:pve/pve1", "pve1 should be restarted: it runs kernel 6.9.1-1-pve, 6.17.4-1 is installed")],
    ),
    ("a kernel of one's own", "node.reboot_needed", kernels("6.12.0-custom", "6.17.4-1"), []),
    ("the running kernel is not told", "node.reboot_needed", kernels(None, "6.17.4-1"), []),
    ("no kernel told", "node.reboot_needed", kernels("6.17.4-1-pve"), []),
    ("the free repository", "node.repositories", with_repositories(), []),
    (
        "the enterprise repository with a subscription",
        "node.repositories",
        with_repositories(standard=("enterprise",), subscription="active"),
        [],
    ),
    (
        "the enterprise repository without a subscription",
        "node.repositories",
        with_repositories(standard=("enterprise",)),
        [("warning", "node:pve/pve1", "pve1 gets no updates: enterprise is on")],
    ),
    (
        "that of Ceph without a subscription, beside the free one",
        "node.repositories",
        with_repositories(standard=("no-subscription", "ceph-squid-enterprise"), subscription="expired"),
        [("warning", "node:pve/pve1", "pve1 gets no updates: ceph-squid-enterprise is on")],
    ),
    (
        "a subscription that is not told",
        "node.repositories",
        with_repositories(standard=("enterprise",), subscription=None),
        [],
    ),
    (
        "a file with a mistake",
        "node.repositories",
        with_repositories(errors=(("/etc/apt/x.list", "malformed"),)),
        [("warning", "node:pve/pve1", "pve1 gets no updates: apt cannot read its repositories")],
    ),
    (
        "none of Proxmox' own",
        "node.repositories",
        with_repositories(standard=()),
        [("info", "node:pve/pve1", "pve1 gets no updates: none of Proxmox' own repositories is on")],
    ),
    ("a server that does not list its standard ones", "node.repositories", with_repositories(standard=None), []),
    ("no repositories told", "node.repositories", world(repositories=complete()), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def seen(days: float) -> Previous:
    fingerprint = fingerprint_of("cluster.versions", HOMELAB)
    since = NOW - timedelta(days=days)
    return Previous(open_findings=frozenset({fingerprint}), since={fingerprint: since}, watching_since=since)


@pytest.mark.parametrize(
    ("previous", "severity", "since"),
    [
        (NOTHING, "info", NOW),
        (seen(2.9), "info", NOW - timedelta(days=2.9)),
        (seen(3), "warning", NOW - timedelta(days=3)),
    ],
)
def test_versions_that_stay_mixed_for_days_become_a_warning(previous: Previous, severity: str, since: datetime) -> None:
    (finding,) = run("cluster.versions", on_versions("9.1.4", "8.4.14"), previous).findings
    assert (finding.severity, finding.since) == (severity, since)


@pytest.mark.parametrize(("whole", "words"), [(True, "pve-manager."), (False, "not those of Debian.")])
def test_updates_say_which_packages_were_looked_at(whole: bool, words: str) -> None:
    (finding,) = run("node.updates", with_updates(1, whole=whole)).findings
    assert finding.detail.endswith(words)
    assert finding.evidence[0].request == f"GET /nodes/pve1/apt/{'update' if whole else 'versions'}"


def test_a_stand_alone_host_is_its_own_cluster() -> None:
    alone = world(
        clusters=complete(Cluster("pve", None, None, None)),
        nodes=complete(node("pve1")),
        software=complete(software(updates=(OPENSSL, MANAGER))),
    )
    assert told("node.updates", alone) == [("info", "node:pve/pve1", "2 updates wait on pve1")]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("6.17.4-1-pve", (6, 17, 4, 1)),
        ("6.8.12-16", (6, 8, 12, 16)),
        ("6.17", None),
        ("", None),
        ("6.12.48+deb13-amd64", None),
    ],
)
def test_the_version_of_a_kernel(text: str, version: tuple[int, ...] | None) -> None:
    assert kernel_version(text) == version
