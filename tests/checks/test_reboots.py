"""Nodes that restarted by themselves: told from planned restarts, with what the journal says of why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.checks.world import NOW, Told, complete, node, run, task, told, unavailable, world

from nightshift.facts.gap import Gap
from nightshift.facts.nodes import BootJournal
from nightshift.facts.snapshot import Dataset, Snapshot

BOOTED = NOW - timedelta(hours=2)
KERNEL = "Nov 23 06:00:00 pve1 kernel: Linux version 6.17.4-1-pve (build@proxmox)"
NO_SYSLOG = Gap("pve", "boot_journals", "forbidden", "Permission check failed (/nodes/pve1, Sys.Syslog)", "grant it")
TOLD: list[Told] = [("warning", "node:pve/pve1", "pve1 restarted by itself 2 h ago")]
UNSURE: list[Told] = [("info", "node:pve/pve1", "pve1 restarted 2 h ago")]


def booted(hours: float = 2, **changes: Any) -> Snapshot:
    up = node("pve1", uptime_s=round(hours * 3_600))
    return replace(world(nodes=complete(up, node("pve2")), tasks=complete()), **changes)


def stopped(minutes_before: float, *, on: str = "pve1", then: str = "vzshutdown") -> Dataset[Any]:
    at = BOOTED - timedelta(minutes=minutes_before)
    later = at + timedelta(minutes=1)
    tasks = (("stopall", at), (then, later))
    return complete(*(task(kind, node=on, started_at=when, ended_at=when) for kind, when in tasks))


def journal(*before: str, after: str = "", gap: Gap | None = None) -> Dataset[Any]:
    lines = (*before, KERNEL, after) if before or after else ()
    return complete(BootJournal("pve", "pve1", BOOTED, lines, gap))


def said(line: str) -> Snapshot:
    return booted(boot_journals=journal(line))


CASES: list[tuple[str, Snapshot, list[Told]]] = [
    ("nodes that are up for days", world(), []),
    ("up for just over a day", booted(24.1), []),
    ("up for a day", booted(24), [("warning", "node:pve/pve1", "pve1 restarted by itself 1 d ago")]),
    ("nobody stopped its guests", booted(), TOLD),
    ("somebody stopped its guests first", booted(tasks=stopped(3)), []),
    ("somebody stopped the guests of another node", booted(tasks=stopped(3, on="pve2")), TOLD),
    ("it was off for hours after somebody stopped its guests", booted(tasks=stopped(400, then="qmshutdown")), []),
    ("somebody stopped its guests long before, and it was used since", booted(tasks=stopped(46, then="vzdump")), TOLD),
    ("uptime unknown", world(nodes=complete(node(uptime_s=None))), []),
    ("an offline node", world(nodes=complete(node(uptime_s=60, online=False))), []),
    ("the journal tells of an orderly shutdown", said("systemd-logind: The system will reboot now!"), []),
    ("a short press of the power button is an order", said("systemd-logind[7]: Power key pressed short."), []),
    ("words of the boot itself say nothing", booted(boot_journals=journal(after="Reached target reboot.target")), TOLD),
]  # fmt: skip


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_check_says(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("node.reboot", snapshot) == expected


@pytest.mark.parametrize(("minutes", "together"), [(0, True), (5, True), (6, False)])
def test_nodes_that_restart_together_share_a_cause(minutes: int, together: bool) -> None:
    nodes = complete(node("pve1", uptime_s=7_200), node("pve2", uptime_s=7_200 + 60 * minutes))
    (first, _) = run("node.reboot", world(nodes=nodes, tasks=complete())).findings
    assert ("pve2 restarted at the same time" in first.detail) is together


WHYS = [
    (complete(), "Why cannot be known: its journal has not been read."),
    (journal(gap=NO_SYSLOG), "Why cannot be known: the token may not read its journal (Sys.Syslog)."),
    (journal(), "Why cannot be known: its journal does not reach back."),
    (
        journal("pve1 pvestatd: status update time"),
        "Its journal breaks off without a word: power that failed, a reset, or a hang of the hardware look like that.",
    ),
    (
        journal("pve1 watchdog-mux[788]: client watchdog expired - disable watchdog updates"),
        "The journal says why: its watchdog expired: the node had lost the cluster, and high availability fenced it.",
    ),
    (journal("pve1 kernel: Kernel panic - not syncing: Fatal exception"), "The journal says why: the kernel crashed."),
    (journal("kernel: watchdog: BUG: soft lockup - CPU#3 stuck"), "The journal says why: the kernel crashed."),
    (journal("kernel: mce: [Hardware Error]: Machine check"), "The journal says why: the hardware reported an error."),
    (
        journal("systemd-logind[702]: Power key pressed long.", "systemd-logind[702]: Powering off..."),
        "The journal says why: somebody held the power button, or the power supply pretended so.",
    ),
    (
        journal("kernel: Out of memory: Killed process 1 (kvm)"),
        "The journal says why: it had run out of memory before.",
    ),
]


@pytest.mark.parametrize(("journals", "why"), WHYS, ids=[why for _, why in WHYS])
def test_why_it_restarted(journals: Dataset[Any], why: str) -> None:
    (finding,) = run("node.reboot", booted(boot_journals=journals)).findings
    assert finding.detail.endswith(why)
    assert finding.since == BOOTED


def test_a_journal_that_may_not_be_read_is_a_gap_of_the_evidence() -> None:
    (finding,) = run("node.reboot", booted(boot_journals=journal(gap=NO_SYSLOG))).findings
    evidence = finding.evidence[-1]
    assert (evidence.kind, evidence.complete, evidence.gaps) == ("none", False, (NO_SYSLOG,))


def test_the_journal_is_quoted() -> None:
    (finding,) = run("node.reboot", booted(boot_journals=journal("kernel: Kernel panic"))).findings
    document = finding.evidence[-1].document
    assert document is not None
    assert document.text.splitlines()[:2] == ["kernel: Kernel panic", KERNEL]


def test_without_tasks_nobody_can_tell_whether_it_was_planned() -> None:
    hidden = Gap("pve", "tasks", "forbidden", "node pve1: Permission check failed (/nodes/pve1, Sys.Audit)")
    partly = Dataset("partial", (), (hidden,), NOW)
    assert told("node.reboot", booted(tasks=partly)) == UNSURE
    result = run("node.reboot", booted(tasks=unavailable("tasks")))
    assert [(finding.severity, finding.title) for finding in result.findings] == [("info", UNSURE[0][2])]
    assert [gap.dataset for gap in result.gaps] == ["check node.reboot"]
    panic = booted(tasks=partly, boot_journals=journal("kernel: Kernel panic"))
    assert told("node.reboot", panic) == TOLD
