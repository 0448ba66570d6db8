"""What is read node by node and of the cluster: by whom, how often, and what a refusal leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.collect.doubles import NOW, ProxmoxDouble, Pve, sources

from nightshift.collect.collector import Collector
from nightshift.collect.hardware import in_local_time
from nightshift.collect.pve_nodes import telling_lines
from nightshift.errors import SourceForbidden, SourceUnreachable
from nightshift.facts.cluster import ReplicationJob
from nightshift.facts.hardware import ZfsStatus
from nightshift.facts.inventory import Cluster, Node
from nightshift.facts.nodes import BootJournal, NodeClock, NodeHistory, NodePoint
from nightshift.facts.snapshot import Dataset, Snapshot

REFUSED = SourceUnreachable("pve", "GET /", "connection refused")
NO_SYSLOG = SourceForbidden("pve", "GET /", "Permission check failed (/nodes/pve1, Sys.Syslog)", fix="grant it")
JOB = ReplicationJob("pve", "105-0", 105, "pve2", "pve1", "*/15", True, NOW, NOW, NOW)
OFFLINE = (Node("pve", "pve1", True), Node("pve", "pve2", False))


async def collect(pve: ProxmoxDouble) -> Snapshot:
    snapshot, _ = await Collector(sources(pve=(pve,)), queries={}).collect(NOW)
    return snapshot


async def test_nobody_asks_for_replication_where_there_is_none() -> None:
    pve = ProxmoxDouble()
    snapshot = await collect(pve)
    assert (snapshot.replication.state, len(snapshot.replication)) == ("complete", 0)
    assert not [call for call in pve.calls if call.startswith("replication")]


async def test_only_the_node_of_a_replicated_guest_is_asked() -> None:
    pve = ProxmoxDouble(Pve(replicated=(JOB,)))
    snapshot = await collect(pve)
    assert snapshot.replication.rows == (JOB,)
    assert [call for call in pve.calls if call.startswith("replication")] == ["replication pve2"]


async def test_every_node_is_asked_when_nobody_knows_where_the_guest_is() -> None:
    pve = ProxmoxDouble(Pve(replicated=(JOB,)), resources=REFUSED)
    snapshot = await collect(pve)
    assert snapshot.replication.rows == (JOB,)
    assert [call for call in pve.calls if call.startswith("replication")] == ["replication pve1", "replication pve2"]


async def test_how_the_jobs_of_an_offline_node_stand_is_a_gap() -> None:
    snapshot = await collect(ProxmoxDouble(Pve(nodes=OFFLINE, replicated=(JOB,))))
    assert snapshot.replication.state == "partial"
    assert [(gap.kind, gap.detail) for gap in snapshot.replication.gaps] == [
        ("unreachable", "node pve2 is offline: how the replication of its guests stands cannot be read")
    ]


async def test_an_offline_node_is_not_asked_and_hides_nothing_of_the_others() -> None:
    pve = ProxmoxDouble(Pve(nodes=OFFLINE))
    snapshot = await collect(pve)
    for name in ("node_history", "services", "clocks", "software", "repositories", "certificates"):
        dataset = getattr(snapshot, name)
        assert (dataset.state, {row.node for row in dataset}) == ("complete", {"pve1"}), name
    asked = [call for call in pve.calls if call.endswith(" pve2")]
    assert asked == []


async def test_a_node_that_refuses_hides_itself_only() -> None:
    snapshot = await collect(ProxmoxDouble(**{"services pve1": REFUSED}))
    assert {row.node for row in snapshot.services} == {"pve2"}
    assert [(gap.detail, gap.hides) for gap in snapshot.services.gaps] == [
        ("node pve1: connection refused", ("node:pve/pve1",))
    ]


async def test_a_stand_alone_host_has_no_votes_to_read() -> None:
    pve = ProxmoxDouble(Pve(cluster=Cluster("pve", None, None, None), nodes=(Node("pve", "solo", True),)))
    snapshot = await collect(pve)
    assert (snapshot.corosync.state, len(snapshot.corosync)) == ("complete", 0)
    assert "corosync" not in pve.calls


async def test_without_any_node_nothing_is_known_of_nodes() -> None:
    snapshot = await collect(ProxmoxDouble(cluster_status=REFUSED, resources=REFUSED))
    for name in ("node_history", "services", "clocks", "software", "repositories", "certificates", "boot_journals"):
        dataset = getattr(snapshot, name)
        assert (dataset.state, {gap.dataset for gap in dataset.gaps}) == ("unavailable", {name})


async def test_slow_facts_are_read_hourly_and_clocks_every_quarter() -> None:
    pve = ProxmoxDouble()
    collector = Collector(sources(pve=(pve,)), queries={})
    await collector.collect(NOW)
    slow = ("node_clock", "node_software", "node_repositories", "node_certificates", "corosync", "ha_rules")
    for minutes, expected in ((14, set()), (16, {"node_clock"}), (61, set(slow))):
        pve.calls.clear()
        await collector.collect(NOW + timedelta(minutes=minutes))
        assert {call.partition(" ")[0] for call in pve.calls} & set(slow) == expected, minutes


LINES = (
    "Nov 23 03:00:01 pve1 CRON[1]: (root) CMD (run-parts --report /etc/cron.hourly)",
    "Nov 23 03:01:00 pve1 kernel: mce: [Hardware Error]: Machine check events logged",
    *(f"Nov 23 03:02:{second:02} pve1 pvestatd[1]: status update time" for second in range(20)),
    "Nov 23 03:05:00 pve1 kernel: Linux version 6.17.4-1-pve (build@proxmox)",
    "Nov 23 03:05:01 pve1 kernel: BIOS-provided physical RAM map:",
    "Nov 23 03:05:02 pve1 systemd-journald[412]: File system.journal corrupted or uncleanly shut down",
)


def test_the_telling_lines_of_a_journal() -> None:
    assert telling_lines(LINES) == (LINES[1], *LINES[16:22], LINES[22], LINES[24])
    assert telling_lines(()) == ()
    assert telling_lines(["x" * 5_000 + " panic", "panic " + "x" * 5_000]) == (("panic " + "x" * 5_000)[:300],)
    assert len(telling_lines(f"watchdog {n}" for n in range(100))) == 30
    noisy = [f"I/O error {n}" for n in range(100)]
    boot = ["pve1 watchdog-mux[788]: client watchdog expired", "pve1 kernel: Linux version 6.17"]
    assert telling_lines([*noisy, *boot])[-2:] == tuple(boot)


def booted(**failures: Exception) -> ProxmoxDouble:
    nodes = (Node("pve", "pve1", True, uptime_s=7_200), Node("pve", "pve2", True, uptime_s=90_000))
    return ProxmoxDouble(Pve(nodes=nodes, journal=LINES, uptime_s=7_200), **failures)


async def test_the_journal_is_read_of_a_node_that_booted_within_a_day_and_once() -> None:
    pve = booted()
    collector = Collector(sources(pve=(pve,)), queries={})
    first, _ = await collector.collect(NOW)
    expected = BootJournal("pve", "pve1", NOW - timedelta(hours=2), telling_lines(LINES))
    assert (first.boot_journals.state, first.boot_journals.rows) == ("complete", (expected,))
    pve.calls.clear()
    second, _ = await collector.collect(NOW + timedelta(seconds=1))
    assert second.boot_journals.rows == (expected,)
    assert not [call for call in pve.calls if call.startswith("journal")]


async def test_a_journal_that_may_not_be_read_is_no_blind_spot_of_the_sweep() -> None:
    snapshot = await collect(booted(journal=NO_SYSLOG))
    (row,) = snapshot.boot_journals.rows
    assert (row.node, row.lines, snapshot.boot_journals.state) == ("pve1", (), "complete")
    assert row.gap is not None
    assert (row.gap.kind, row.gap.fix) == ("forbidden", "grant it")
    assert snapshot.gaps == ()


@pytest.mark.parametrize("failure", [REFUSED])
async def test_a_journal_that_fails_otherwise_is_a_gap(failure: Exception) -> None:
    snapshot = await collect(booted(journal=failure))
    assert snapshot.boot_journals.rows == ()
    assert [(gap.dataset, gap.kind) for gap in snapshot.gaps] == [("boot_journals", "unreachable")]


def test_a_job_names_its_guest_and_its_target() -> None:
    job = replace(JOB, target="pve3")
    assert (job.entity.key, job.guest, job.target_node) == ("job:pve/105-0", "guest:pve/105", "node:pve/pve3")


class Recording(ProxmoxDouble):
    """A cluster whose nodes wrote their last figures some minutes ago, by a clock that is behind."""

    def __init__(self, minutes: float, behind_s: float = 0.0, uptime_s: int = 900_000) -> None:
        super().__init__(Pve(nodes=(replace(PVE1, uptime_s=uptime_s),), uptime_s=uptime_s))
        self._last, self._behind_s = NOW - timedelta(minutes=minutes), behind_s

    async def node_history(self, node: str) -> NodeHistory:
        return NodeHistory(self.source, node, (NodePoint(self._last, cpu=0.1),))

    async def node_clock(self, node: str, *, read_at: datetime) -> NodeClock:
        return NodeClock(self.source, node, -self._behind_s - 0.5, 0.5 - self._behind_s, "UTC", read_at)


PVE1 = Node("pve", "pve1", True)
ENDED = [("truncated", "node pve1: its records ended 25 min ago", ("node:pve/pve1",))]


@pytest.mark.parametrize(
    ("pve", "gaps"),
    [
        (Recording(1), []),
        (Recording(10), []),
        (Recording(25), ENDED),
        (Recording(25, uptime_s=600), []),
        (Recording(25, behind_s=1_500), []),
    ],
    ids=["fresh", "ten minutes", "stopped", "just booted", "its clock is behind"],
)
async def test_records_that_ended_hide_what_a_node_goes_through(pve: Recording, gaps: list[object]) -> None:
    snapshot = await collect(pve)
    assert [(gap.kind, gap.detail, gap.hides) for gap in snapshot.node_history.gaps] == gaps


@pytest.mark.parametrize(
    ("zone", "scanned_at"),
    [
        ("Europe/Berlin", datetime(2026, 11, 7, 23, 36, 34, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 8, 5, 36, 34, tzinfo=UTC)),
        ("Mars/Olympus", datetime(2026, 11, 8, 0, 36, 34, tzinfo=UTC)),
        (None, datetime(2026, 11, 8, 0, 36, 34, tzinfo=UTC)),
    ],
)
def test_a_scrub_ended_by_the_clock_of_its_node(zone: str | None, scanned_at: datetime) -> None:
    told = datetime(2026, 11, 8, 0, 36, 34, tzinfo=UTC)
    status = ZfsStatus("pve", "pve1", "rpool", NOW, "ONLINE", (), scanned_at=told)
    clocks = (NodeClock("pve", "pve1", -0.5, 0.5, zone, NOW),)
    (found,) = in_local_time(Dataset("complete", (status,)), clocks)
    assert found.scanned_at == scanned_at
