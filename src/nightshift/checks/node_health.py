"""What keeps a node sound besides its figures: services, clock, certificates."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from nightshift.checks.check import Check
from nightshift.checks.evidence import iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import DAY_S, Thresholds
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.ids import Entity, node_key, source_key
from nightshift.facts.nodes import Certificate, NodeCertificates, NodeClock, Service
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_duration, format_time

SERVICES = "GET /nodes/{node}/services"
CLOCK = "GET /nodes/{node}/time"
CERTIFICATES = "GET /nodes/{node}/certificates/info"

# Without these the cluster file system is gone; without the others something stands still that nobody starts again.
_VITAL = frozenset({"pve-cluster", "corosync"})
_ALWAYS_ON = _VITAL | {"pvedaemon", "pveproxy", "pvestatd", "pvescheduler"}
_NO_SERVICE = frozenset({"not-found", "masked", "masked-runtime", "disabled"})
_FAILED = frozenset({"failed", "auto-restart", "auto-restart-queued"})
_WHAT_FOR = {
    "corosync": "the node leaves the cluster",
    "pve-cluster": "/etc/pve is empty and nothing can be configured or started",
    "pvedaemon": "the API of the node does not answer",
    "pveproxy": "the web interface and the API of the node do not answer",
    "pvestatd": "states and figures of its guests stand still",
    "pvescheduler": "neither backups nor replication start by themselves",
    "pve-firewall": "changes of the firewall have no effect any more",
    "pve-ha-lrm": "high availability cannot start or stop guests on it",
    "pve-ha-crm": "high availability loses one of its managers",
    "chrony": "its clock drifts",
    "sshd": "migration and replication over SSH fail",
    "ssh": "migration and replication over SSH fail",
}


def service(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A service of a node that failed, or one that PVE cannot do without and that does not run. What is not installed,
    masked or switched off is no failure, nor is corosync on a host that stands alone.

    Judges (PVE API: /nodes/{node}/services):
        {"service": "pve-firewall", "desc": "Proxmox VE firewall", "state": "failed", "active-state": "failed",
         "unit-state": "enabled"}
    """
    alone = {cluster.source for cluster in snapshot.clusters if cluster.name is None}
    findings = [
        _not_running(snapshot, item)
        for item in snapshot.services
        if item.unit not in _NO_SERVICE and not (item.name == "corosync" and item.source in alone) and _is_down(item)
    ]
    return CheckResult(tuple(findings))


def _is_down(item: Service) -> bool:
    if item.state in _FAILED or item.active == "failed":
        return True
    # Before PVE 7 nobody tells whether a unit is wanted: one that is dead may be meant to be.
    return item.name in _ALWAYS_ON and item.state == "dead" and item.unit == "enabled"


def _not_running(snapshot: Snapshot, item: Service) -> Finding:
    node = Entity(node_key(item.source, item.node), item.node)
    meaning = _WHAT_FOR.get(item.name)
    return Finding(
        check="node.service",
        severity="critical" if item.name in _VITAL else "warning",
        entity=node,
        discriminator=item.name,
        title=f"Service {item.name} of {item.node} {'does not run' if item.state == 'dead' else 'has failed'}",
        detail=f"systemd says `{item.state}` of {item.name} ({item.description or 'no description'}) on {item.node}"
        + (f": {meaning}." if meaning else "."),
        remedy=f"On {item.node}: `systemctl status {item.name}` and `journalctl -u {item.name} -n 50` say why. When "
        f"that is mended: `systemctl reset-failed {item.name} && systemctl start {item.name}`.",
        evidence=(
            table(
                snapshot,
                item.source,
                SERVICES.format(node=item.node),
                f"Service {item.name} of {item.node}",
                ("service", "state", "active", "unit"),
                ((item.name, item.state, item.active, item.unit),),
            ),
        ),
        runbook="services.md#steps",
    )


def clock(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A clock that is off. PVE tells whole seconds, so that only what is surely different counts. When all nodes differ
    from us by the same, it is ours that is off.

    Judges (PVE API: /nodes/{node}/time), against our own clock around the request:
        {"time": 1763884803, "localtime": 1763888403, "timezone": "Europe/Berlin"}
    """
    clocks = snapshot.clocks.rows
    ours = _own_skew(clocks, thresholds.clock_skew_warning_s)
    if ours is not None:
        return CheckResult((_own_clock_off(snapshot, clocks, ours),))
    return CheckResult(
        tuple(_clock_off(snapshot, item) for item in clocks if abs(item.skew_s) >= thresholds.clock_skew_warning_s)
    )


def _own_skew(clocks: Iterable[NodeClock], limit_s: float) -> float | None:
    """How far all nodes are from us together; None when one of them agrees with us, or they differ among themselves."""
    known = tuple(clocks)
    if len(known) < 2 or any(abs(item.skew_s) < limit_s for item in known):
        return None
    least, most = max(item.ahead_at_least_s for item in known), min(item.ahead_at_most_s for item in known)
    return median(item.skew_s for item in known) if least <= most else None


def _clock_rows(clocks: Iterable[NodeClock]) -> list[tuple[str, float, float, str | None, str | None]]:
    return [
        (item.node, item.ahead_at_least_s, item.ahead_at_most_s, item.timezone, iso(item.read_at)) for item in clocks
    ]


_CLOCK_COLUMNS = ("node", "ahead_at_least_s", "ahead_at_most_s", "timezone", "read_at")


def _clock_off(snapshot: Snapshot, item: NodeClock) -> Finding:
    peers = [other for other in snapshot.clocks if other.source == item.source]
    or_ours = " With no second node to ask, it may as well be ours that is off." if len(snapshot.clocks) == 1 else ""
    return Finding(
        check="node.clock",
        severity="warning",
        entity=Entity(node_key(item.source, item.node), item.node),
        title=f"The clock of {item.node} is {_off(item.skew_s)}",
        detail=f"It is off by {format_duration(abs(item.skew_s))} at least. High availability, logs, tickets and "
        f"certificates go by it: from two seconds on, high availability takes its neighbours for dead.{or_ours}",
        remedy=f"On {item.node}: `chronyc tracking` and `chronyc sources -v` (or `timedatectl timesync-status`). When "
        "no source is reachable, look at the network and at /etc/chrony/chrony.conf; then `chronyc makestep`.",
        evidence=(
            table(
                snapshot,
                item.source,
                CLOCK.format(node=item.node),
                "Clocks of the nodes against ours",
                _CLOCK_COLUMNS,
                _clock_rows(peers),
            ),
        ),
        runbook="clock.md#steps",
    )


def _own_clock_off(snapshot: Snapshot, clocks: tuple[NodeClock, ...], skew_s: float) -> Finding:
    return Finding(
        check="node.clock",
        severity="warning",
        entity=Entity(source_key("nightshift"), "the machine that Nightshift runs on"),
        title=f"Our own clock is {_off(-skew_s)}: all nodes agree on another time",
        detail=f"Every node differs from the machine that Nightshift runs on by {format_duration(abs(skew_s))} at "
        "least, in the same direction. Ages and times in this report are off by as much.",
        remedy="On the machine that Nightshift runs on: `timedatectl` and `chronyc tracking`.",
        evidence=(
            table(
                snapshot,
                clocks[0].source,
                CLOCK,
                "Clocks of the nodes against ours",
                _CLOCK_COLUMNS,
                _clock_rows(clocks),
            ),
        ),
        runbook="clock.md#steps",
    )


def _off(skew_s: float) -> str:
    return f"{format_duration(abs(skew_s))} {'ahead' if skew_s > 0 else 'behind'}"


def certificate(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A certificate of a node that ends soon. PVE renews its own two weeks before the end and ACME's a month before:
    one with fewer than 12 days was not renewed.

    Judges (PVE API: /nodes/{node}/certificates/info):
        {"filename": "pve-ssl.pem", "subject": "/OU=PVE Cluster Node/…/CN=pve2.lan", "notafter": 1764230400}
    """
    findings = []
    for row in snapshot.certificates:
        for item in row.certificates:
            left_s = (item.ends_at - snapshot.taken_at).total_seconds()
            if left_s < thresholds.certificate_days_warning * DAY_S:
                critical = left_s < thresholds.certificate_days_critical * DAY_S
                findings.append(_ending(snapshot, row, item, left_s, "critical" if critical else "warning"))
    return CheckResult(tuple(findings))


def _ending(snapshot: Snapshot, row: NodeCertificates, item: Certificate, left_s: float, severity: Severity) -> Finding:
    when = f"ends in {format_duration(left_s)}" if left_s > 0 else f"ended {format_duration(-left_s)} ago"
    remedy = {
        "pve-ssl.pem": f"On {row.node}: `pvecm updatecerts --force && systemctl restart pveproxy`; if it was not "
        "renewed by itself, `systemctl status pve-daily-update.timer` says why.",
        "pveproxy-ssl.pem": f"On {row.node}: `pvenode acme cert renew` where it came from ACME (`pvenode config get`), "
        "else upload a new one: `pvenode cert set CERTIFICATE KEY --force 1 --restart 1`.",
        "pve-root-ca.pem": "It is the authority of the whole cluster: plan its renewal, every node's certificate has "
        "to be made anew (`pvecm updatecerts --force`).",
    }
    return Finding(
        check="node.certificate",
        severity=severity,
        entity=Entity(node_key(row.source, row.node), row.node),
        discriminator=item.file,
        title=f"Certificate {item.file} of {row.node} {when}",
        detail=f"It is valid until {format_time(item.ends_at)} ({item.subject or 'without a subject'}). After that, "
        "browsers, other nodes and everything that checks it refuse the connection.",
        remedy=remedy.get(item.file, f"On {row.node}: `pvenode cert info`, and replace {item.file}."),
        evidence=(
            table(
                snapshot,
                row.source,
                CERTIFICATES.format(node=row.node),
                f"Certificates of {row.node}",
                ("file", "subject", "issuer", "ends_at"),
                ((other.file, other.subject, other.issuer, iso(other.ends_at)) for other in row.certificates),
            ),
        ),
        runbook="node-certificate.md#steps",
    )


CHECKS = (
    Check("node.service", "nodes", "critical", ("services",), service, "Services of nodes", also=("clusters",)),
    Check("node.clock", "nodes", "warning", ("clocks",), clock, "Clocks of nodes"),
    Check("node.certificate", "nodes", "critical", ("certificates",), certificate, "Certificates of nodes"),
)
