"""Services, clocks and certificates of nodes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checks.world import Told, certificates, clock, complete, run, service, told, world

from nightshift.facts.inventory import Cluster
from nightshift.facts.snapshot import Snapshot

ALONE = complete(Cluster("pve", None, None, None))
FAILED = {"state": "failed", "active": "failed"}
DEAD = {"state": "dead", "active": "inactive"}


def with_service(name: str, *, alone: bool = False, **state: Any) -> Snapshot:
    snapshot = world(services=complete(service(name, **state)))
    return world(services=snapshot.services, clusters=ALONE) if alone else snapshot


def failed(name: str, severity: str = "warning", words: str = "has failed") -> list[Told]:
    return [(severity, "node:pve/pve1", f"Service {name} of pve1 {words}")]


def with_clocks(*bounds: tuple[float, float]) -> Snapshot:
    return world(clocks=complete(*(clock(f"pve{n + 1}", *bound) for n, bound in enumerate(bounds))))


def with_certificate(days: float, file: str = "pve-ssl.pem") -> Snapshot:
    return world(certificates=complete(certificates(days=days, file=file)))


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("a service that runs", "node.service", with_service("pve-firewall"), []),
    ("a service that failed", "node.service", with_service("pve-firewall", **FAILED), failed("pve-firewall")),
    ("a service that failed before PVE 7", "node.service", with_service("cron", state="failed", active=None, unit=None),
     failed("cron")),
    ("a service that starts again and again", "node.service", with_service("chrony", state="auto-restart"),
     failed("chrony")),
    ("the cluster file system failed", "node.service", with_service("pve-cluster", **FAILED),
     failed("pve-cluster", "critical")),
    ("what is not installed is no failure", "node.service", with_service("syslog", **DEAD, unit="not-found"), []),
    ("what is not installed, said to have failed", "node.service", with_service("syslog", **FAILED, unit="not-found"),
     []),
    ("what is masked is no failure", "node.service", with_service("postfix", **DEAD, unit="masked"), []),
    ("a service that may be off", "node.service", with_service("ksmtuned", **DEAD), []),
    ("a service that PVE needs is off", "node.service", with_service("pvestatd", **DEAD),
     failed("pvestatd", words="does not run")),
    ("whether it is wanted is not known", "node.service", with_service("pvestatd", **DEAD, unit=None), []),
    ("switched off on purpose", "node.service", with_service("pvescheduler", **DEAD, unit="disabled"), []),
    ("corosync in a cluster", "node.service", with_service("corosync", **DEAD),
     failed("corosync", "critical", "does not run")),
    ("corosync on a host that stands alone", "node.service", with_service("corosync", **DEAD, alone=True), []),
    ("corosync said to have failed there", "node.service", with_service("corosync", **FAILED, alone=True), []),
    ("no services told", "node.service", world(services=complete()), []),
    ("clocks that agree", "node.clock", with_clocks((-0.4, 0.7), (-0.6, 0.5)), []),
    ("a clock that may agree", "node.clock", with_clocks((-0.4, 0.7), (0.9, 2.0)), []),
    ("a clock at the limit", "node.clock", with_clocks((-0.4, 0.7), (1.0, 2.1)),
     [("warning", "node:pve/pve2", "The clock of pve2 is 1 s ahead")]),
    ("a clock behind", "node.clock", with_clocks((-0.4, 0.7), (-3.5, -2.4)),
     [("warning", "node:pve/pve2", "The clock of pve2 is 2 s behind")]),
    ("two clocks that differ among themselves", "node.clock", with_clocks((4.0, 5.1), (-61.1, -60.0)),
     [("warning", "node:pve/pve1", "The clock of pve1 is 4 s ahead"),
      ("warning", "node:pve/pve2", "The clock of pve2 is 1 min behind")]),
    ("all clocks off by the same: it is ours", "node.clock", with_clocks((30.0, 31.1), (30.3, 31.4)),
     [("warning", "source:nightshift", "Our own clock is 30 s behind: all nodes agree on another time")]),
    ("one clock alone may be the one that is off", "node.clock", with_clocks((30.0, 31.1)),
     [("warning", "node:pve/pve1", "The clock of pve1 is 30 s ahead")]),
    ("no clock told", "node.clock", world(clocks=complete()), []),
    ("a certificate with time left", "node.certificate", with_certificate(30), []),
    ("a certificate of 12 days", "node.certificate", with_certificate(12), []),
    ("a certificate of fewer than 12 days", "node.certificate", with_certificate(11.5),
     [("warning", "node:pve/pve1", "Certificate pve-ssl.pem of pve1 ends in 11 d 12 h")]),
    ("a certificate about to end", "node.certificate", with_certificate(1.5, "pveproxy-ssl.pem"),
     [("critical", "node:pve/pve1", "Certificate pveproxy-ssl.pem of pve1 ends in 1 d 12 h")]),
    ("a certificate that ended", "node.certificate", with_certificate(-1),
     [("critical", "node:pve/pve1", "Certificate pve-ssl.pem of pve1 ended 1 d ago")]),
    ("no certificate told", "node.certificate", world(certificates=complete()), []),
]  # fmt: skip


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("pve-ssl.pem", "pvecm updatecerts --force"),
        ("pveproxy-ssl.pem", "pvenode acme cert renew"),
        ("pve-root-ca.pem", "pvecm updatecerts --force"),
        ("own.pem", "pvenode cert info"),
    ],
)
def test_each_certificate_has_its_own_remedy(file: str, command: str) -> None:
    (finding,) = run("node.certificate", with_certificate(5, file)).findings
    assert command in finding.remedy


def test_a_failed_service_says_what_stands_still_and_how_to_look() -> None:
    (finding,) = run("node.service", with_service("pvestatd", **FAILED)).findings
    assert finding.detail == (
        "systemd says `failed` of pvestatd (the pvestatd) on pve1: states and figures of its guests stand still."
    )
    assert finding.remedy.startswith("On pve1: `systemctl status pvestatd` and `journalctl -u pvestatd -n 50`")
    assert finding.discriminator == "pvestatd"
    (unknown,) = run("node.service", with_service("own-thing", **FAILED, description=None)).findings
    assert unknown.detail == "systemd says `failed` of own-thing (no description) on pve1."


def test_of_a_single_clock_nobody_knows_which_one_is_off() -> None:
    (finding,) = run("node.clock", with_clocks((30.0, 31.1))).findings
    assert finding.detail.endswith("With no second node to ask, it may as well be ours that is off.")
    (among_others,) = run("node.clock", with_clocks((-0.4, 0.7), (30.0, 31.1))).findings
    assert "may as well be ours" not in among_others.detail
