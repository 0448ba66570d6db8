"""What is installed on the nodes: versions that differ, updates that wait, kernels that were not started, repositories
that give nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nightshift.checks.check import Check
from nightshift.checks.evidence import cluster_of, counted, iso, table
from nightshift.checks.levels import fingerprint_of
from nightshift.checks.node_load import NODE_STATUS
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, node_key
from nightshift.facts.inventory import Node
from nightshift.facts.nodes import NodeRepositories, NodeSoftware
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age

VERSIONS = "GET /nodes/{node}/apt/versions"
UPDATES = "GET /nodes/{node}/apt/update"
REPOSITORIES = "GET /nodes/{node}/apt/repositories"
_OWN_REPOSITORIES = ("enterprise", "no-subscription", "test")
_PACKAGES_SHOWN = 4


def versions(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Nodes of one cluster on different versions of PVE. During a rolling upgrade that is as it should be; after days
    one was forgotten.

    Judges (PVE API: /nodes/{node}/status) of all nodes that are online:
        {"pveversion": "pve-manager/8.4.14/b502d23c55afcba1"}
    """
    findings = []
    for source, nodes in _by_source(snapshot).items():
        known = {node.pve_version for node in nodes if node.online and node.pve_version}
        if len(known) > 1:
            findings.append(_mixed(snapshot, source, nodes, previous, thresholds))
    return CheckResult(tuple(findings))


def _by_source(snapshot: Snapshot) -> dict[str, list[Node]]:
    by_source: dict[str, list[Node]] = {}
    for node in snapshot.nodes:
        by_source.setdefault(node.source, []).append(node)
    return by_source


def whole(snapshot: Snapshot, source: str) -> Entity:
    """The cluster of a source, or its only node where that stands alone."""
    named = any(cluster.source == source and cluster.name for cluster in snapshot.clusters)
    nodes = [node for node in snapshot.nodes if node.source == source]
    return nodes[0].entity if len(nodes) == 1 and not named else cluster_of(snapshot, source)


def _mixed(snapshot: Snapshot, source: str, nodes: list[Node], previous: Previous, thresholds: Thresholds) -> Finding:
    entity = whole(snapshot, source)
    since = previous.began(fingerprint_of("cluster.versions", entity), snapshot.taken_at) or snapshot.taken_at
    age_s = (snapshot.taken_at - since).total_seconds()
    told = sorted((node.pve_version or "unknown", node.name) for node in nodes if node.online)
    listed = "; ".join(f"{name} {version}" for version, name in told)
    age = f", and have been since {format_age(since, snapshot.taken_at)} at least" if age_s >= 1 else ""
    return Finding(
        check="cluster.versions",
        severity="warning" if age_s >= thresholds.versions_mixed_warning_s else "info",
        entity=entity,
        title=f"The nodes of {entity.label.removeprefix('cluster ')} run different versions of PVE",
        detail=f"They are on {len({version for version, _ in told})} versions ({listed}){age}. During an upgrade that "
        "is as it should be; left so, guests cannot be migrated from a newer node to an older one.",
        remedy="Finish the upgrade: on each node that is behind, `pveversion -v` and `apt update`, move its guests "
        "away, then `apt dist-upgrade` (between major releases first `pve8to9 --full`).",
        evidence=(
            table(
                snapshot,
                source,
                NODE_STATUS,
                "Versions of the nodes",
                ("node", "version", "kernel", "online"),
                ((node.name, node.pve_version, node.kernel, node.online) for node in nodes),
            ),
        ),
        since=since,
        runbook="node-maintenance.md#steps",
    )


def updates(snapshot: Snapshot, previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """Packages that wait to be upgraded: one remark for all nodes of a cluster. Without a privilege to modify, which
    Nightshift better has not, only PVE's own packages are known.

    Judges (PVE API: /nodes/{node}/apt/versions, and /nodes/{node}/apt/update where the token may):
        {"Package": "pve-manager", "OldVersion": "9.1.4", "Version": "9.1.6", "Origin": "Proxmox"}
    """
    waiting: dict[str, list[NodeSoftware]] = {}
    for row in snapshot.software:
        if row.updates:
            waiting.setdefault(row.source, []).append(row)
    return CheckResult(tuple(_waiting(snapshot, source, rows, previous) for source, rows in waiting.items()))


def _waiting(snapshot: Snapshot, source: str, rows: list[NodeSoftware], previous: Previous) -> Finding:
    entity = whole(snapshot, source)
    most = max(rows, key=lambda row: len(row.updates))
    names = ", ".join(item.package for item in most.updates[:_PACKAGES_SHOWN])
    of_what = "" if all(row.whole for row in rows) else " PVE's own packages were looked at, not those of Debian."
    counts = ", ".join(f"{row.node} {len(row.updates)}" for row in rows)
    return Finding(
        check="node.updates",
        severity="info",
        entity=entity,
        title=f"{counted(len(most.updates), 'update')} wait on {most.node}"
        + (f", some on {counted(len(rows) - 1, 'other node')}" if len(rows) > 1 else ""),
        detail=f"Packages that can be upgraded: {counts}. On {most.node}: {names}"
        + (" and others" if len(most.updates) > _PACKAGES_SHOWN else "")
        + f".{of_what}",
        remedy="On each node: `apt update && apt list --upgradable`; then, one node after the other and its guests "
        "moved away, `apt dist-upgrade`.",
        evidence=tuple(_packages(snapshot, row) for row in rows[:3]),
        since=previous.began(fingerprint_of("node.updates", entity), snapshot.taken_at),
        runbook="updates.md#steps",
    )


def _packages(snapshot: Snapshot, row: NodeSoftware) -> Evidence:
    return table(
        snapshot,
        row.source,
        (UPDATES if row.whole else VERSIONS).format(node=row.node),
        f"Updates that wait on {row.node}",
        ("package", "installed", "available", "origin", "read_at"),
        ((item.package, item.installed, item.available, item.origin, iso(row.read_at)) for item in row.updates),
    )


def reboot_needed(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A node that runs an older kernel than the newest that is installed: it was updated and not started anew, or the
    older one was pinned on purpose.

    Judges (PVE API: /nodes/{node}/apt/versions):
        {"Package": "proxmox-ve", "RunningKernel": "6.17.2-1-pve"}
        {"Package": "proxmox-kernel-6.17", "OldVersion": "6.17.4-1", "CurrentState": "Installed"}
    """
    findings = []
    for row in snapshot.software:
        running = kernel_version(row.running_kernel or "")
        installed = max((version for name in row.kernels if (version := kernel_version(name))), default=None)
        if running and installed and installed > running:
            findings.append(_old_kernel(snapshot, row))
    return CheckResult(tuple(findings))


def kernel_version(text: str) -> tuple[int, ...] | None:
    """`6.17.4-1-pve` and `6.17.4-1` → (6, 17, 4, 1); None when it does not begin so."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)-(\d+)", text)
    return tuple(int(part) for part in found.groups()) if found else None


def _old_kernel(snapshot: Snapshot, row: NodeSoftware) -> Finding:
    newest = max(row.kernels, key=lambda name: kernel_version(name) or (0,))
    node = next((item for item in snapshot.nodes if (item.source, item.name) == (row.source, row.node)), None)
    return Finding(
        check="node.reboot_needed",
        severity="info",
        entity=Entity(node_key(row.source, row.node), row.node),
        title=f"{row.node} should be restarted: it runs kernel {row.running_kernel}, {newest} is installed",
        detail=f"What the newer kernel mends takes effect on {row.node} with its next start, unless the older one is "
        "pinned on purpose.",
        remedy=f"On {row.node}: `proxmox-boot-tool kernel list` (is one pinned?). Else move its guests away and "
        "restart it when it suits you.",
        evidence=(
            table(
                snapshot,
                row.source,
                VERSIONS.format(node=row.node),
                f"Kernels of {row.node}",
                ("node", "running", "installed", "uptime_s", "read_at"),
                ((row.node, row.running_kernel, ", ".join(row.kernels), node.uptime_s if node else None,
                  iso(row.read_at)),),
            ),
        ),
        runbook="updates.md#steps",
    )  # fmt: skip


def repositories(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A node whose package repositories give nothing: then "no updates" is false. The enterprise repository answers 401
    without a subscription; a file with a mistake stops all of them; with none of Proxmox' own, PVE never changes.

    Judges (PVE API: /nodes/{node}/apt/repositories and /nodes/{node}/subscription):
        {"standard-repos": [{"handle": "enterprise", "status": 1}, {"handle": "no-subscription", "status": 0}],
         "errors": []}
        {"status": "notfound", "message": "There is no subscription key"}
    """
    findings: list[Finding] = []
    for row in snapshot.repositories:
        enterprise = [handle for handle in row.standard or () if "enterprise" in handle]
        if row.errors:
            files = ", ".join(f"{path or 'a file'}: {error.strip()}" for path, error in row.errors)
            findings.append(_no_packages(snapshot, row, "errors", f"apt cannot read its repositories ({files})"))
        if enterprise and row.subscription is not None and row.subscription != "active":
            told = (
                f"{', '.join(enterprise)} is on, which answers 401 without a subscription (its state here: "
                f"{row.subscription})"
            )
            findings.append(_no_packages(snapshot, row, "enterprise", told))
        if row.standard is not None and not row.errors and not _gets_pve(row.standard):
            findings.append(_no_packages(snapshot, row, "none", "none of Proxmox' own repositories is on"))
    return CheckResult(tuple(findings))


def _gets_pve(standard: Iterable[str]) -> bool:
    return any(handle in _OWN_REPOSITORIES for handle in standard)


def _no_packages(snapshot: Snapshot, row: NodeRepositories, what: str, why: str) -> Finding:
    return Finding(
        check="node.repositories",
        severity="info" if what == "none" else "warning",
        entity=Entity(node_key(row.source, row.node), row.node),
        discriminator=what,
        title=f"{row.node} gets no updates: {why.partition(',')[0].partition(' (')[0]}",
        detail=f"On {row.node} {why}. That it shows no updates does not mean that there are none.",
        remedy=f"On {row.node}: `apt update` shows the error; /etc/apt/sources.list.d and, in the web interface, "
        "Updates, Repositories: without a subscription disable the enterprise repositories and add No-Subscription.",
        evidence=(
            table(
                snapshot,
                row.source,
                REPOSITORIES.format(node=row.node),
                f"Repositories of {row.node}",
                ("node", "standard_on", "subscription", "errors", "read_at"),
                (
                    (
                        row.node,
                        ", ".join(row.standard) if row.standard is not None else None,
                        row.subscription,
                        "; ".join(error for _, error in row.errors),
                        iso(row.read_at),
                    ),
                ),
            ),
        ),
        runbook="updates.md#steps",
    )


CHECKS = (
    Check(
        "cluster.versions",
        "software",
        "warning",
        ("nodes",),
        versions,
        "Versions of PVE in one cluster",
        also=("clusters",),
    ),
    Check(
        "node.updates",
        "software",
        "info",
        ("software",),
        updates,
        "Updates that wait",
        also=("nodes", "clusters"),
    ),
    Check(
        "node.reboot_needed", "software", "info", ("software",), reboot_needed, "Kernels not started", also=("nodes",)
    ),
    Check("node.repositories", "software", "warning", ("repositories",), repositories, "Package repositories"),
)
