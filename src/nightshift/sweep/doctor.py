"""The doctor's walk: every connection, then what Nightshift itself needs. It reads, and changes nothing.

    examination = await examine(sources, data_dir=…, …)

Each connection is looked at by itself and at the same time as the others; one that hangs costs its own lines only.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from nightshift.checks.check import Check
from nightshift.checks.registry import CHECKS
from nightshift.checks.rows.table import ROWS
from nightshift.errors import (
    ConfigError,
    SourceError,
    SourceForbidden,
    SourceUnauthorized,
    SourceUnsupported,
    StoreError,
)
from nightshift.sources import Client, Connection, GrafanaClient, PbsClient, PrometheusClient, ProxmoxClient, Sources
from nightshift.store.database import open_database
from nightshift.store.findings import FindingStore
from nightshift.sweep.doctor_lines import METRICS, Examination, Line, Status, checks_needing, to_json
from nightshift.sweep.doctor_privileges import privilege_lines
from nightshift.sweep.doctor_tls import certificate_line

__all__ = ["Examination", "Line", "data_folder_line", "examine", "to_json"]

Progress = Callable[[str], None]

_NAMES = {
    "pve": "Proxmox VE",
    "pbs": "Proxmox Backup Server",
    "prometheus": "Prometheus",
    "grafana": "Grafana",
}
_URL_VARIABLES = {"prometheus": "PROMETHEUS_URL", "grafana": "GRAFANA_URL", "pve": "PROXMOX_URL", "pbs": "PBS_URL"}
_OLDEST = {"pve": (8,), "pbs": (3,), "grafana": (9, 3), "prometheus": (2, 40)}
_DATASETS = {
    "pve": (
        *("clusters", "nodes", "guests", "guest_configs", "storages", "backup_jobs", "not_backed_up", "tasks"),
        *(
            "corosync",
            "ha",
            "ha_rules",
            "replication",
            "node_history",
            "services",
            "clocks",
            "software",
            "repositories",
        ),
        *("certificates", "disks", "smart", "zfs_pools", "zfs_status", "thin_pools", "ceph"),
        *("space_history", "guest_filesystems", "guest_snapshots", "guest_tasks"),
    ),
    "pbs": ("datastores", "backup_groups", "backup_snapshots", "gc", "pbs_tasks", "pbs_jobs", "pbs_hosts"),
    "prometheus": ("targets", "scrape_pools", "recording_rules", "alertmanagers", "metric_names", METRICS),
    "grafana": ("alerts", "silences", "alert_rules", "grafana_datasources", "alert_changes"),
}
_EXPORTERS = (
    ("prometheus-pve-exporter", "count(pve_up)", "the course of guests over time"),
    ("node_exporter", "count(node_uname_info)", "file systems and memory inside nodes and guests"),
)


async def examine(
    sources: Sources, *, others: Iterable[Awaitable[tuple[Line, ...]]] = (), on_progress: Progress | None = None
) -> Examination:
    """Walk every client of `sources`; `others` are further examinations (brain, data folder) to run beside.

    Never raises a SourceError: a failure is a line.
    """
    tell = on_progress or (lambda _step: None)

    async def one(client: Client) -> tuple[Line, ...]:
        lines = await _examine_client(client)
        tell(f"looked at {client.source}")
        return lines

    groups = await asyncio.gather(*(one(client) for client in sources.clients), *others)
    configured = {client.connection.kind for client in sources.clients}
    absent = tuple(
        Line(kind, "connection", "info", f"{name} is not set up", variable=_URL_VARIABLES[kind])
        for kind, name in _NAMES.items()
        if kind not in configured
    )
    return Examination((*(line for lines in groups for line in lines), *absent))


async def _examine_client(client: Client) -> tuple[Line, ...]:
    connection = client.connection
    try:
        version = await client.version()
    except SourceUnsupported:
        version = "of unknown version"  # some of Prometheus' kin do not tell
    except SourceError as error:
        return (_failed_line(connection, error),)
    way = client.transport.way
    certificate, rest = await asyncio.gather(certificate_line(way), _examine_reading(client, version))
    return (_reachable_line(connection, way), certificate, _version_line(connection, version), *rest)


def _reachable_line(connection: Connection, way: Connection) -> Line:
    if way.host == connection.host:
        return Line(connection.source, "connection", "ok", f"{way.host} answers")
    text = f"{connection.host} does not answer; {way.host} does, and is used instead"
    fix = f"See whether {connection.host} is up, or put another address first."
    return Line(connection.source, "connection", "warn", text, fix=fix, variable=connection.setting("URL"))


async def _examine_reading(client: Client, version: str) -> tuple[Line, ...]:
    """What the token may do. Each kind of server tells that in another way."""
    try:
        if isinstance(client, ProxmoxClient | PbsClient):
            accepted = _accepted(client.connection)
            major = next(iter(_numbers(version)), None)
            return (accepted, *privilege_lines(client.connection, await client.permissions(), CHECKS, major))
        if isinstance(client, GrafanaClient):
            return await _examine_grafana(client)
        return await _examine_prometheus(client)
    except SourceError as error:
        return (_failed_line(client.connection, error),)


def _accepted(connection: Connection) -> Line:
    return Line(connection.source, "token", "ok", "is accepted")


def _failed_line(connection: Connection, error: SourceError) -> Line:
    unauthorized = isinstance(error, SourceUnauthorized)
    usual = connection.token_setting if unauthorized else connection.setting("URL")
    return Line(
        connection.source,
        "token" if unauthorized else "connection",
        "fail",
        f"{error.detail} ({error.request})",
        fix=error.fix or "",
        variable=_named_in(error.fix or "", connection) or usual,
        checks=checks_needing(_DATASETS[connection.kind], CHECKS),
    )


def _named_in(fix: str, connection: Connection) -> str | None:
    """The first setting of this connection that a fix speaks of."""
    stem = re.escape(connection.setting("URL").removesuffix("URL").removesuffix("url"))
    match = re.search(rf"{stem}\w+", fix)
    return match.group() if match else None


def _version_line(connection: Connection, version: str) -> Line:
    name, oldest = _NAMES[connection.kind], _OLDEST[connection.kind]
    known = _numbers(version)
    if known and known < oldest:
        text = f"{name} {version} is older than {'.'.join(map(str, oldest))}, from which on Nightshift is tested"
        return Line(connection.source, "version", "warn", text, fix="Expect gaps, or upgrade it.")
    return Line(connection.source, "version", "ok", f"{name} {version}")


def _numbers(version: str) -> tuple[int, ...]:
    """`8.4-1` → (8, 4); empty when it does not begin with a number."""
    parts = version.lstrip("v").replace("-", ".").split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


async def _examine_grafana(client: GrafanaClient) -> tuple[Line, ...]:
    connection = client.connection
    viewer = await client.viewer()
    lines: list[Line | None] = [Line(client.source, "token", "ok", f"is accepted: {viewer.login}")]
    role = viewer.org_role
    if viewer.is_admin or role in ("Admin", "Editor"):
        text = f"the token may change things (role {'server administrator' if viewer.is_admin else role})"
        fix = "A service account with the role Viewer is enough."
        lines.append(Line(client.source, "privileges", "warn", text, fix=fix, variable=connection.token_setting))
    lines.append(await _grafana_rules_line(client, role))
    lines.append(await _grafana_definitions_line(client))
    lines.append(await _unseen_line(client, client.silenced(), "silences", "an alert that is silenced counts as loud"))
    lines.append(await _unseen_line(client, client.datasources(), "data sources", "one that fails stays unseen"))
    return tuple(line for line in lines if line is not None)


async def _unseen_line(client: GrafanaClient, read: Awaitable[object], what: str, so: str) -> Line | None:
    """Only a refusal is worth a line."""
    try:
        await read
    except SourceForbidden as error:
        text = f"{what} may not be read, so that {so}: {error.detail}"
        fix = error.fix or "Give the service account the role Viewer."
        return Line(client.source, "privileges", "warn", text, fix=fix, variable=client.connection.token_setting)
    except SourceUnsupported:
        return None
    return None


async def _grafana_rules_line(client: GrafanaClient, role: str | None) -> Line:
    try:
        rules = await client.rules()
    except SourceForbidden as error:
        return Line(
            client.source,
            "privileges",
            "fail",
            f"alert rules may not be read: {error.detail}",
            fix="Give the service account the role Viewer: Administration, Users and access, Service accounts.",
            variable=client.connection.token_setting,
            checks=checks_needing(_DATASETS["grafana"], CHECKS),
        )
    return Line(client.source, "privileges", "ok", f"{role or 'the role'} may read alert rules; there are {len(rules)}")


async def _grafana_definitions_line(client: GrafanaClient) -> Line:
    """The provisioning endpoint is for administrators on old versions; going without costs little."""
    try:
        await client.provisioned_rules()
    except (SourceForbidden, SourceUnsupported):
        text = "queries and pending times of alert rules stay unseen: only an administrator may read them here"
        return Line(client.source, "privileges", "info", f"{text}. Better go without")
    return Line(client.source, "privileges", "ok", "alert rules may be read with their queries")


async def _examine_prometheus(client: PrometheusClient) -> tuple[Line, ...]:
    answers = await asyncio.gather(_targets_line(client), *(_exporter_line(client, *item) for item in _EXPORTERS))
    return (*answers, *await _row_lines(client))


async def _row_lines(client: PrometheusClient) -> tuple[Line, ...]:
    """Which exporters of the table of checks are there, by one metric of each, and what stays unlooked at without the
    others. A row whose exporter is not there is no fault."""
    try:
        stored = (await client.metric_names()).names
    except SourceUnsupported:
        return (
            Line(client.source, "exporters", "info", "does not list its metrics: which exporters exist is unknown"),
        )
    there: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    for row in ROWS:
        (there if row.metric in stored else missing).setdefault(row.exporter, []).append(row.id)
    lines = []
    if there:
        text = ", ".join(f"{exporter} ({len(rows)})" for exporter, rows in there.items())
        lines.append(Line(client.source, "exporters", "ok", f"checks that have their metrics: {text}"))
    if missing:
        text = ", ".join(f"{exporter} ({len(rows)})" for exporter, rows in missing.items())
        lines.append(Line(client.source, "exporters", "info", f"skipped, for nothing provides their metrics: {text}"))
    return tuple(lines)


async def _targets_line(client: PrometheusClient) -> Line:
    try:
        targets = await client.targets()
    except SourceUnsupported:
        text = "does not tell its scrape targets, as Thanos, Mimir and VictoriaMetrics do not"
        return Line(client.source, "targets", "info", text, checks=checks_needing(("targets",), CHECKS))
    up = sum(target.health == "up" for target in targets)
    status: Status = "ok" if targets else "warn"
    return Line(client.source, "targets", status, f"{up} of {len(targets)} targets are up")


async def _exporter_line(client: PrometheusClient, name: str, expr: str, purpose: str) -> Line:
    result = await client.query(expr)
    found = int(result.samples[0].value) if result.samples else 0
    if found:
        return Line(client.source, "exporters", "ok", f"{name}: {found} series of its kind")
    return Line(client.source, "exporters", "info", f"no metrics of {name}, which would show {purpose}")


async def data_folder_line(data_dir: Path, database_url: str | None) -> tuple[Line, ...]:
    """Whether the history can be kept: opens the database and makes its tables, as the first sweep would."""
    variable = "NIGHTSHIFT_DATABASE_URL" if database_url else "NIGHTSHIFT_DATA_DIR"

    def write() -> str:
        database = open_database(data_dir, database_url)
        try:
            FindingStore(database)
            return database.where
        finally:
            database.close()

    try:
        where = await asyncio.to_thread(write)
    except (StoreError, ConfigError) as error:
        return (Line("data folder", "storage", "fail", str(error), variable=variable),)
    return (Line("data folder", "storage", "ok", f"history is kept in {where}"),)


def checks_of(kind: str, checks: Iterable[Check] = CHECKS) -> tuple[str, ...]:
    """The ids of the checks that need a system of this kind."""
    return checks_needing(_DATASETS[kind], checks)
