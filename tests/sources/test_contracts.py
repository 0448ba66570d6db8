"""The shared contracts, where they lie beside the checkout: models accept every sample, fields exist in the schemas."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nightshift.sources.grafana import client as grafana
from nightshift.sources.pbs import client as pbs
from nightshift.sources.prometheus import client as prometheus
from nightshift.sources.proxmox import client as pve
from nightshift.sources.proxmox import cluster_reads as pve_cluster
from nightshift.sources.proxmox import hardware
from nightshift.sources.proxmox import node_reads as pve_nodes

CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts"
HERE = CONTRACTS.is_dir()
pytestmark = [
    pytest.mark.contracts,
    pytest.mark.skipif(not HERE, reason="the shared contracts are not beside the checkout"),
]

PVE = [
    # schema, sample names (regular expression), endpoint
    ("version", r"nodes\.node1\.version", pve.VERSION),
    ("cluster.status", r"cluster\.status", pve.CLUSTER_STATUS),
    ("cluster.resources", r"cluster\.resources(\.\d|\.offline-node)?", pve.RESOURCES),
    ("nodes.node.status", r"nodes\.(node\d|cinode)\.status", pve.NODE_STATUS),
    ("cluster.ha.status.current", r"cluster\.ha\.status\.current", pve_cluster.HA_STATUS),
    ("cluster.replication", r"cluster\.replication", pve_cluster.REPLICATION_JOBS),
    ("nodes.node.replication", r"nodes\.node1\.replication", pve_cluster.REPLICATION),
    ("nodes.node.rrddata", r"nodes\.node1\.rrddata", pve_nodes.NODE_RRD),
    ("nodes.node.services", r"nodes\.node1\.services", pve_nodes.SERVICES),
    ("nodes.node.time", r"nodes\.node1\.time", pve_nodes.NODE_TIME),
    ("nodes.node.apt.versions", r"nodes\.node1\.apt\.versions", pve_nodes.APT_VERSIONS),
    ("nodes.node.apt.update", r"nodes\.node1\.apt\.update", pve_nodes.APT_UPDATES),
    ("nodes.node.apt.repositories", None, pve_nodes.REPOSITORIES),
    ("nodes.node.subscription", r"nodes\.node1\.subscription", pve_nodes.SUBSCRIPTION),
    ("nodes.node.certificates.info", r"nodes\.node1\.certificates\.info", pve_nodes.CERTIFICATES),
    ("nodes.node.journal", r"nodes\.node1\.journal", pve_nodes.JOURNAL),
    ("nodes.node.tasks", r"cluster\.tasks", pve.TASKS),
    ("nodes.node.tasks.upid.log", r"nodes\.node1\.tasks\.UPID\.log(\.\d)?", pve.TASK_LOG),
    ("cluster.backup", r"cluster\.backup", pve.BACKUP_JOBS),
    ("cluster.backup-info.not-backed-up", r"cluster\.backup-info\.not-backed-up", pve.NOT_BACKED_UP),
    ("nodes.node.qemu.vmid.config", r"nodes\.node1\.qemu\.\d+\.config", pve.GUEST_CONFIG),
    ("nodes.node.lxc.vmid.config", r"nodes\.node1\.lxc\.\d+\.config", pve.GUEST_CONFIG),
    ("nodes.node.qemu.vmid.status.current", r"nodes\.node1\.qemu\.\d+\.status\.current", pve.GUEST_CURRENT),
    ("nodes.node.lxc.vmid.status.current", r"nodes\.node1\.lxc\.\d+\.status\.current", pve.GUEST_CURRENT),
    ("nodes.node.storage.storage.status", r"nodes\.\w+\.storage\.[\w-]+\.status", pve.STORAGE_STATUS),
    ("cluster.backup.id.included_volumes", None, pve.INCLUDED_VOLUMES),
    ("nodes.node.storage.storage.content", r"nodes\.\w+\.storage\.[\w-]+\.content", pve.STORAGE_CONTENT),
    ("access.permissions", r"access\.permissions(\.\d)?", pve.PERMISSIONS),
    ("nodes.node.qemu.vmid.snapshot", r"nodes\.node1\.qemu\.\d+\.snapshot", pve.GUEST_SNAPSHOTS),
    ("nodes.node.lxc.vmid.snapshot", r"nodes\.node1\.lxc\.\d+\.snapshot", pve.GUEST_SNAPSHOTS),
    (
        "nodes.node.qemu.vmid.agent.get-fsinfo",
        r"nodes\.node1\.qemu\.\d+\.agent\.get-fsinfo",
        pve.AGENT_FILE_SYSTEMS,
    ),
    ("nodes.node.disks.list", r"nodes\.node1\.disks\.list", hardware.DISKS),
    ("nodes.node.disks.smart", r"nodes\.node1\.disks\.smart", hardware.SMART),
    ("nodes.node.disks.zfs", r"nodes\.node1\.disks\.zfs", hardware.ZFS_POOLS),
    ("nodes.node.disks.zfs.name", r"nodes\.node1\.disks\.zfs\.rpool", hardware.ZFS_STATUS),
    ("nodes.node.disks.lvmthin", r"nodes\.node1\.disks\.lvmthin", hardware.THIN_POOLS),
    (None, r"nodes\.node1\.ceph\.status", hardware.CEPH_STATUS),
]
PBS = [
    ("version", r"version", pbs.VERSION),
    ("status.datastore-usage", r"status\.datastore-usage(\.offline)?", pbs.USAGE),
    ("admin.datastore", None, pbs.DATASTORES),
    ("admin.datastore.store.namespace", None, pbs.NAMESPACES),
    ("admin.datastore.store.groups", r"admin\.datastore\.groups", pbs.GROUPS),
    ("admin.datastore.store.snapshots", r"admin\.datastore\.snapshots", pbs.SNAPSHOTS),
    ("admin.gc", r"admin\.gc", pbs.GC),
    ("admin.sync", None, pbs.SYNC_JOBS),
    ("admin.verify", None, pbs.VERIFY_JOBS),
    ("admin.prune", None, pbs.PRUNE_JOBS),
    ("nodes.node.tasks", r"nodes\.tasks", pbs.TASKS),
    ("nodes.node.status", r"nodes\.status", pbs.HOST),
    ("nodes.node.services", None, pbs.SERVICES),
    ("nodes.node.apt.update", None, pbs.UPDATES),
    ("access.permissions", r"access\.permissions", pbs.PERMISSIONS),
]
GRAFANA = [
    ("health.v13", r"api_health", grafana.HEALTH),
    ("prometheus.alerts", r"api_prometheus\.L(118|160|202)", grafana.ALERTS),
    ("prometheus.rules", r"api_prometheus\.L(230|283|334|384|427|462)", grafana.RULES),
    (None, r"alertmanager\.v2\.alerts", grafana.NOTIFICATIONS),
    ("provisioning.alert-rules.v13", r"provisioning\.alert-rules", grafana.PROVISIONED_RULES),
    ("datasources.v13", None, grafana.DATASOURCES),
    ("annotations.v13", r"api_annotations", grafana.ANNOTATIONS),
    ("user.current.v13", None, grafana.USER),
    ("org.v13", None, grafana.ORGANISATION),
]
PROMETHEUS = [
    (None, r"status_buildinfo(\.200\.buildInfo)?", prometheus.BUILD_INFO),
    (None, r"query(\.200\.\w+|\.default\.tsdbNotReady)?", prometheus.QUERY),
    (None, r"query_range(\.200\.\w+)?", prometheus.QUERY_RANGE),
    (None, r"metadata(\.\d|\.200\.metricMetadata)?", prometheus.METADATA),
    (None, r"label_(label_)?name_values(\.\d|\.200\.labelValues)?", prometheus.LABEL_VALUES),
    (None, r"targets(\.\d|\.200\.targetsList)?", prometheus.TARGETS),
    (None, r"rules(\.200\.ruleGroups)?", prometheus.RULES),
    (None, r"scrape_pools(\.200\.\w+)?", prometheus.SCRAPE_POOLS),
    (None, r"alertmanagers(\.200\.alertmanagerDiscovery)?", prometheus.ALERTMANAGERS),
]
TABLE = [
    pytest.param(kind, *row, id=f"{kind} {row[0] or row[1]}")
    for kind, rows in (("pve", PVE), ("pbs", PBS), ("grafana", GRAFANA), ("prometheus", PROMETHEUS))
    for row in rows
]
PREFIX = r"(recorded|openapi|it|docs|go-proxmox\.pve9x|derived)\."


def samples(kind: str, pattern: str) -> list[Path]:
    found = [
        path
        for path in sorted((CONTRACTS / "samples" / kind).glob("*.json"))
        if re.fullmatch(f"{PREFIX}{pattern}\\.json", path.name)
    ]
    assert found, f"no sample is called {pattern}"
    return found


@pytest.mark.parametrize(("kind", "schema", "pattern", "endpoint"), TABLE)
def test_models_accept_every_sample(kind, schema, pattern, endpoint):
    if pattern is None:
        pytest.skip("no sample of this endpoint")
    for path in samples(kind, pattern):
        endpoint.shape.model_validate_json(path.read_bytes())


def names_in(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = set(schema.get("properties", {})) if isinstance(schema.get("properties"), dict) else set()
        return own.union(*(names_in(value) for value in schema.values()))
    if isinstance(schema, list):
        return set().union(*(names_in(item) for item in schema))
    return set()


def samples_module():
    spec = importlib.util.spec_from_file_location("wire_samples", Path(__file__).with_name("test_wire_samples.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("wire_samples", module)
    spec.loader.exec_module(module)
    return module


ENVELOPE = {"total"}
ONLY_VMS = {"qmpstatus", "vmstate"}
# What the API's description leaves open, and its server sends.
BEYOND = {
    "nodes.node.tasks.upid.log": {"n", "t"},
    "nodes.node.disks.smart": {"id", "name", "value", "raw", "fail", "wearout"},
    "nodes.node.disks.zfs.name": {"leaf"},
}


@pytest.mark.parametrize(("kind", "schema", "pattern", "endpoint"), TABLE)
def test_the_fields_that_are_read_exist(kind, schema, pattern, endpoint):
    if schema is None:
        pytest.skip("no schema of this endpoint")
    names = names_in(json.loads((CONTRACTS / kind / f"{schema}.schema.json").read_text()))
    extra = ENVELOPE | (ONLY_VMS if ".lxc." in schema else set())
    extra |= BEYOND.get(schema, set())
    assert samples_module().names_read(endpoint.shape) - names - extra == set()


@pytest.mark.parametrize(("kind", "schema", "pattern", "endpoint"), TABLE)
def test_our_own_samples_fit_the_schemas(kind, schema, pattern, endpoint):
    """What `tests/wire` claims an API to send validates against that API's description."""
    if schema is None or ".lxc." in schema:
        pytest.skip("no schema of this sample")
    body = samples_module().sample(kind, endpoint)["body"]
    validator = Draft202012Validator(json.loads((CONTRACTS / kind / f"{schema}.schema.json").read_text()))
    problems = [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(body)]
    assert problems == []
