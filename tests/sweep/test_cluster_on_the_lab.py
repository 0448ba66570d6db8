"""Every story of the lab about a cluster and its nodes, from its API over HTTPS to the first cause: PVE alone, in this
process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.sweep.test_on_the_lab import sweep_of

from nightshift.checks.metric_rows import QUERIES
from nightshift.checks.registry import CHECKS
from nightshift.collect.collector import Collector
from nightshift.facts.sweep import Sweep
from nightshift.settings import load_settings
from nightshift.sources import Sources
from nightshift_lab.access import Delays
from nightshift_lab.process import Lab, LabOptions

_AT_ONCE = Delays(0.0, 0.0, 0.0)
_FAMILIES = ("cluster", "nodes", "software", "high availability", "replication")
JUDGED = [
    check.id
    for check in CHECKS
    if check.family in _FAMILIES and not any(name.startswith("metrics.") for name in check.datasets)
]
NODE, HOMELAB = "node:pve/{}", "cluster:pve/homelab"

STORIES: dict[str, list[tuple[str, str, str]]] = {
    "cluster-even-votes": [("info", "cluster.even_votes", HOMELAB)],
    "external-vote-lost": [("warning", "cluster.qdevice", HOMELAB)],
    "failover-forbidden": [("warning", "failover.guest", "guest:pve/101")],
    "failover-doomed": [("warning", "failover.guest", "guest:pve/109")],
    "ha-error": [("critical", "ha.resource", "guest:pve/101")],
    "ha-agent-dead": [("warning", "node.service", NODE.format("pve1"))],
    "ha-manager-dead": [("warning", "node.service", NODE.format(name)) for name in ("pve1", "pve2", "pve3")],
    "node-certificate-expiring": [("warning", "node.certificate", NODE.format("pve2"))],
    "node-clock-skew": [("warning", "node.clock", NODE.format("pve3"))],
    "node-disk-pressure": [("warning", "node.pressure", NODE.format("pve2"))],
    "node-fenced": [("warning", "node.reboot", NODE.format("pve2"))],
    "node-high-iowait": [("warning", "node.iowait", NODE.format("pve2"))],
    "node-maintenance-left-on": [("warning", "node.maintenance", NODE.format("pve3"))],
    "node-memory-pressure": [("critical", "node.memory", NODE.format("pve2"))],
    "node-offline": [("critical", "node.offline", NODE.format("pve3"))],
    "node-reboot-needed": [("info", "node.reboot_needed", NODE.format("pve1"))],
    "node-repository-broken": [("warning", "node.repositories", NODE.format("pve3"))],
    "node-service-failed": [("warning", "node.service", NODE.format("pve2"))],
    "node-statistics-stuck": [("warning", "node.statistics_stuck", NODE.format("pve2"))],
    "node-swap-storm": [("warning", "node.memory", NODE.format("pve3"))],
    "node-unexpected-reboot": [("warning", "node.reboot", NODE.format("pve2"))],
    "node-updates-pending": [("info", "node.updates", HOMELAB)],
    "replication-behind": [("warning", "replication.behind", "job:pve/116-0")],
    "replication-failing": [("warning", "replication.failing", "job:pve/102-0")],
    "versions-mixed": [("info", "cluster.versions", HOMELAB)],
    "healthy": [],
    "healthy-backup-window": [],
    "healthy-external-vote": [],
    "healthy-migration": [],
    "healthy-rolling-upgrade": [("info", "node.maintenance", NODE.format("pve3"))],
}
ALWAYS = {("info", "node.updates", HOMELAB), ("info", "cluster.single_link", HOMELAB)}


async def swept(scenario: str, folder: Path) -> Sweep:
    lab = Lab(LabOptions(scenario, folder, prometheus=False, delays=_AT_ONCE))
    await lab.start()
    try:
        return await sweep_of({name: value for name, value in lab.env.items() if name.startswith("PROXMOX_")})
    finally:
        await lab.stop()


@pytest.mark.parametrize("scenario", STORIES)
async def test_a_story_is_told_by_its_cause_and_nothing_else(scenario: str, tmp_path: Path) -> None:
    sweep = await swept(scenario, tmp_path)
    own = [finding for finding in sweep.causes if finding.check in JUDGED]
    told = {(finding.severity, finding.check, finding.entity.key) for finding in own}
    expected = set(STORIES[scenario])
    assert told - (ALWAYS - expected) == expected


async def test_the_journal_says_why_a_node_was_fenced(tmp_path: Path) -> None:
    sweep = await swept("node-fenced", tmp_path)
    (finding,) = [finding for finding in sweep.findings if finding.check == "node.reboot"]
    assert finding.detail.endswith(
        "The journal says why: its watchdog expired: the node had lost the cluster, and high availability fenced it."
    )
    assert finding.evidence[-1].kind == "document"


async def test_without_the_privilege_nobody_knows_why_and_nothing_else_is_missing(tmp_path: Path) -> None:
    sweep = await swept("node-unexpected-reboot", tmp_path)
    (finding,) = [finding for finding in sweep.findings if finding.check == "node.reboot"]
    assert finding.detail.endswith("Why cannot be known: the token may not read its journal (Sys.Syslog).")
    assert [gap.kind for gap in finding.evidence[-1].gaps] == ["forbidden"]
    assert sweep.gaps == ()


async def test_updates_of_the_whole_system_take_a_privilege_that_can_write(tmp_path: Path) -> None:
    (whole,) = [
        item for item in (await swept("node-updates-pending", tmp_path)).findings if item.check == "node.updates"
    ]
    assert whole.title == "143 updates wait on pve2, some on 2 other nodes"
    (own,) = [item for item in (await swept("healthy", tmp_path)).findings if item.check == "node.updates"]
    assert own.detail.endswith("PVE's own packages were looked at, not those of Debian.")


async def test_a_token_without_audit_leaves_gaps_that_name_the_privilege(tmp_path: Path) -> None:
    sweep = await swept("privilege-missing", tmp_path)
    assert not [finding for finding in sweep.findings if finding.check.startswith(("node.", "cluster.", "ha."))]
    hidden = {name for gap in sweep.gaps if gap.kind == "forbidden" for name in gap.dataset.split(", ")}
    assert hidden >= {
        "clusters", "nodes", "ha", "node_history", "services", "clocks", "software", "repositories", "checks",
    }  # fmt: skip
    assert all("Sys.Audit" in f"{gap.detail} {gap.fix}" for gap in sweep.gaps if gap.dataset != "checks")


async def test_requests_stay_within_their_bound(tmp_path: Path) -> None:
    """The fast lane is at most 25 and 10 for each node; a second sweep has no share of the slow lane left."""
    lab = Lab(LabOptions("healthy", tmp_path, prometheus=False, delays=_AT_ONCE))
    await lab.start()
    environ = {name: value for name, value in lab.env.items() if name.startswith("PROXMOX_")}
    sources = Sources.open(load_settings(environ=environ).connections)
    try:
        collector = Collector(sources, queries=QUERIES)
        for _ in range(12):
            _, timings = await collector.collect(datetime.now(UTC))
            requests = next(item.requests for item in timings if item.stage == "collect pve")
            if requests <= 25 + 10 * 3:
                break
        assert requests <= 25 + 10 * 3
    finally:
        await sources.aclose()
        await lab.stop()


TWO_OF_THREE = """\
summary: two of three nodes are gone
family: compound
faults:
  - {kind: node-offline, name: first, target: node/pve2, start: -20m}
  - {kind: node-offline, name: second, target: node/pve3, start: -18m}
"""


async def test_a_cluster_without_quorum_is_told_by_the_nodes_that_it_misses(tmp_path: Path) -> None:
    (tmp_path / "two-of-three.yaml").write_text(TWO_OF_THREE, encoding="utf-8")
    sweep = await swept(str(tmp_path / "two-of-three.yaml"), tmp_path)
    causes = [(item.severity, item.check, item.entity.key) for item in sweep.causes if item.check in JUDGED]
    assert set(causes[:2]) == {("critical", "node.offline", NODE.format(name)) for name in ("pve2", "pve3")}
    (lost,) = [item for item in sweep.findings if item.check == "cluster.quorum"]
    assert (lost.severity, lost.entity.key) == ("critical", HOMELAB)
    assert lost.cause in {item.fingerprint for item in sweep.causes if item.check == "node.offline"}
    assert not [item for item in sweep.findings if item.check == "cluster.quorum_margin"]
