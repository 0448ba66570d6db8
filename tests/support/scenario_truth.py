"""What a scenario of the lab says is the case, held against a sweep: required, forbidden, root cause first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from nightshift_lab.scenarios.entities import names_of
from nightshift_lab.scenarios.model import Finding as Claim
from nightshift_lab.scenarios.model import Scenario

Found = Mapping[str, Any]
"""A finding as `nightshift check --json` prints it."""

# What a scenario names by category → the checks that say so. A root cause has always a category.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "agent-dead": ("guest.agent",),
    "alertmanager-missing": ("prometheus.*", "alertmanager.*"),
    "backup-failing": ("backup.failed",),
    "backup-job-disabled": ("backup.job_disabled", "backup.uncovered"),
    "backup-server-offline": ("source.unreachable", "copies.*", "server.job_overdue", "server.*"),
    "cardinality-jump": ("prometheus.cardinality", "prometheus.target_cardinality"),
    "ceph-damaged": ("ceph.*",),
    "ceph-monitor-down": ("ceph.*",),
    "ceph-osd-down": ("ceph.*",),
    "ceph-osd-nearfull": ("ceph.*",),
    "ceph-unhealthy": ("ceph.*",),
    "certificate-expiring": ("node.certificate", "probe.certificate", "tls.certificate", "alert.firing"),
    "checksum-errors": ("zfs.errors", "zfs.state"),
    "chunks-bad": ("datastore.gc",),
    "clock-skew": ("node.clock", "host.clock*", "alert.firing"),
    "datasource-broken": ("alert.rule_health", "grafana.*"),
    "datastore-full": ("datastore.full",),
    "datastore-maintenance": ("datastore.maintenance",),
    "datastore-unavailable": ("datastore.unavailable",),
    "discard-missing": ("guest.no_discard",),
    "disk-excluded": ("backup.partial",),
    "disk-failing": ("disk.*", "smart.*"),
    "disk-gone": ("zfs.state", "disk.*"),
    "disk-hot": ("disk.temperature", "smart.*temperature"),
    "disk-unused": ("guest.unused_disks",),
    "disk-worn": ("disk.wear", "smart.wear"),
    "filesystem-filling": ("filesystem.full", "node.rootfs", "guest.filesystem"),
    "gc-failing": ("datastore.gc",),
    "gc-never-ran": ("datastore.gc",),
    "gc-overdue": ("datastore.gc",),
    "grafana-unauthorized": (),
    "guest-cpu": ("guest.cpu", "host.cpu", "alert.firing"),
    "guest-crash-loop": ("guest.restart_loop",),
    "guest-internal-error": ("guest.state",),
    "guest-io-error": ("guest.state",),
    "guest-locked": ("guest.locked",),
    "guest-memory": ("guest.memory",),
    "guest-out-of-memory": ("guest.restart_loop",),
    "guest-stopped": ("guest.stopped", "ha.resource"),
    "guest-unprotected": ("backup.uncovered", "backup.never", "backup.*"),
    "ha-error": ("ha.resource",),
    "link-flapping": ("host.link_flapping", "alert.firing"),
    "maintenance-left-on": ("node.maintenance",),
    "node-iowait": ("node.iowait", "node.pressure", "host.iowait", "host.disk*", "alert.firing"),
    "node-memory": ("node.memory",),
    "node-offline": ("node.offline",),
    "node-reboot": ("node.reboot",),
    "node-swap": ("node.swap", "node.memory", "host.swap"),
    "pool-degraded": ("zfs.state", "zpool.*", "alert.firing"),
    "prometheus-unreachable": ("source.unreachable",),
    "prune-failing": ("server.task_failed", "server.*"),
    "pve-forbidden": (),
    "reload-failed": ("prometheus.reload_failed",),
    "remote-write-behind": ("prometheus.remote_write*",),
    "replication-failing": ("replication.failing",),
    "rule-failing": ("prometheus.rule_failures", "alert.rule_health"),
    "rule-without-data": ("alert.rule_health", "alert.unknown_metric"),
    "scrape-job-gone": ("target.*", "alert.firing", "alert.rule_health"),
    "scrub-overdue": ("zfs.scrub",),
    "service-down": ("service.down", "target.down", "probe.*", "guest.*", "alert.firing"),
    "service-failed": ("node.service", "server.service", "systemd.unit_failed", "alert.firing"),
    "snapshot-forgotten": ("guest.snapshots",),
    "statistics-stuck": ("node.statistics_stuck",),
    "storage-full": ("storage.full", "thin.data"),
    "storage-missing": ("guest.missing_storage",),
    "storage-unreachable": ("storage.inactive",),
    "sync-failing": ("server.task_failed", "copies.*", "server.*"),
    "target-down": ("target.down",),
    "target-slow": ("target.*", "prometheus.*"),
    "thin-metadata-full": ("thin.metadata",),
    "ups-on-battery": ("ups.on_battery", "ups.*", "alert.firing"),
    "verification-failed": ("server.task_failed", "backup.corrupt"),
    "watcher-blind": (),
}


def checks_of(category: str) -> tuple[str, ...]:
    """The checks that may say it; any, of a category that is not known here yet."""
    return CATEGORIES.get(category, ("*",))


# Of these a sweep says in a gap, not in a finding, what is the case.
BLIND = {"grafana-unauthorized": "grafana", "prometheus-unreachable": "prometheus", "pve-forbidden": "pve"}


def broken_promises(scenario: Scenario, sweep: Found, *, judged: Iterable[str] | None = None) -> list[str]:
    """What a sweep owes to the truth of a scenario, one sentence each; empty when all is as it should be.

    `judged` are the checks that this sweep could judge at all (a lab without Prometheus shows less): what only others
    could find is not asked for. A remark (`info`) breaks no prohibition unless that is what is forbidden.
    """
    findings = [item for item in sweep["findings"] if item["state"] not in ("unknown", "resolved")]
    base = scenario.world.base
    able = None if judged is None else frozenset(judged)
    broken = [
        f"missing: {_words(claim)}"
        for claim in scenario.truth.findings_required
        if _askable(claim, able) and not any(_fits(claim, item, base) for item in findings) and not _gap(claim, sweep)
    ]
    allowed = scenario.truth.findings_required
    for claim in scenario.truth.findings_forbidden:
        for item in findings:
            told = item["severity"] != "info" or claim.severity == "info"
            if told and _fits(claim, item, base) and not any(_fits(other, item, base) for other in allowed):
                broken.append(f"forbidden: {_words(claim)}: {_told(item)}")
    if able is None:
        broken += _first_causes(scenario, sweep, findings)
    return broken


def _first_causes(scenario: Scenario, sweep: Found, findings: list[Found]) -> list[str]:
    """The root causes come first, as many as there are."""
    roots = [cause for cause in scenario.truth.root_causes if cause.category != "watcher-blind"]
    by_fingerprint = {item["fingerprint"]: item for item in findings}
    causes = [by_fingerprint[key] for key in sweep["causes"] if key in by_fingerprint]
    loud = [item for item in causes if item["severity"] != "info"]
    first = loud[: len(roots)] if loud else causes  # a story may be worth no more than a remark
    return [
        f"not first: {cause.entity} {cause.category}; first is {'; '.join(map(_told, first)) or 'nothing'}"
        for cause in roots
        if not any(_about(cause.entity, item, scenario.world.base) or _speaks(cause.category, item) for item in first)
    ]


def _askable(claim: Claim, able: frozenset[str] | None) -> bool:
    if able is None:
        return True
    if BLIND.get(claim.category) in ("grafana", "prometheus"):
        return False  # who cannot judge it has no such source
    patterns = (claim.check,) if claim.check else checks_of(claim.category)
    return any(fnmatchcase(check, pattern) for check in able for pattern in patterns)


def _fits(claim: Claim, item: Found, base: str) -> bool:
    speaks = fnmatchcase(item["check"], claim.check) if claim.check else _speaks(claim.category, item)
    severe = not claim.severity or item["severity"] == claim.severity
    return speaks and severe and (not claim.entity or _about(claim.entity, item, base))


def _speaks(category: str, item: Found) -> bool:
    return any(fnmatchcase(item["check"], pattern) for pattern in checks_of(category))


def _gap(claim: Claim, sweep: Found) -> bool:
    source = BLIND.get(claim.category)
    return source is not None and any(gap["source"] == source for gap in sweep["gaps"])


def _about(entity: str, item: Found, base: str) -> bool:
    """Whether a finding is about what the lab calls `entity`: by its key, or by the name of a part in its words."""
    kind, _, rest = names_of(base).get(entity, entity).partition("/")
    key, last = item["entity"]["key"], rest.rpartition("/")[2]
    known, _, parts = key.partition(":")
    if kind == "target":
        return key == f"target:{rest}"
    if kind in ("node", "guest", "datastore", "storage", "disk"):
        same = parts.rpartition("/")[2] == last
        if kind in ("guest", "node"):
            # A scrape target or an alert on the machine is about it as well.
            return (known == kind and same) or (known in ("target", "alert") and _named(entity, item))
        return known == kind and same
    if kind == "server":
        return parts.partition("/")[0] == last or _named(entity, item)
    if kind == "cluster":
        return True
    return _named(entity, item)


def _named(entity: str, item: Found) -> bool:
    name = entity.rpartition("/")[2]
    return name in f"{item['entity']['key']} {item['entity']['label']} {item['title']} {item['detail']}"


def _words(claim: Claim) -> str:
    return " ".join(filter(None, (claim.check or claim.category, claim.entity, claim.severity)))


def _told(item: Found) -> str:
    return f"{item['severity']} {item['check']} {item['title']!r} ({item['entity']['key']})"
