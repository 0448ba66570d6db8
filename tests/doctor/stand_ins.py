"""Stand-ins for the clients: each state that a watched system can be in, without a network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from pydantic import SecretStr

from nightshift.checks.rows.table import ROWS
from nightshift.errors import SourceError
from nightshift.facts.monitoring import AlertRule, DataSource, MetricNames, QueryResult, Sample, Silenced, Target
from nightshift.sources import (
    BearerToken,
    Connection,
    GrafanaClient,
    GrafanaViewer,
    PbsClient,
    PbsToken,
    Permissions,
    PrometheusClient,
    ProxmoxClient,
    PveToken,
    Tls,
)

PIN = Tls(False, None, "ab" * 32)
PVE = Connection("pve", "pve", "https://pve1.lan:8006", PveToken(SecretStr("n@pve!read=s3cr3t")), PIN, "PROXMOX")
PBS = Connection("pbs", "pbs", "https://pbs.lan:8007", PbsToken(SecretStr("n@pbs!read:s3cr3t")), PIN, "PBS")
PROMETHEUS = Connection("prometheus", "prometheus", "http://prom.lan:9090", None, Tls(), "PROMETHEUS")
GRAFANA = Connection("grafana", "grafana", "https://graf.lan", BearerToken(SecretStr("glsa_s3cr3t")), Tls(), "GRAFANA")

AUDITOR = frozenset(
    {"Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit", "VM.GuestAgent.Audit"}
)
PVE_AUDITOR: Permissions = {"/": AUDITOR, "/nodes": AUDITOR, "/vms": AUDITOR, "/storage": AUDITOR}
PBS_AUDIT: Permissions = {"/": frozenset({"Datastore.Audit", "Sys.Audit"})}


@dataclass
class Answers:
    """What a stand-in answers, method by method; an exception is raised instead."""

    values: dict[str, Any] = field(default_factory=dict)

    def give(self, method: str) -> Any:
        value = self.values[method]
        if isinstance(value, Exception):
            raise value
        return value


def reached_by(way: Connection) -> Any:
    """A transport that is asked only which way it uses."""
    return SimpleNamespace(way=way)


class FakePve(ProxmoxClient):
    def __init__(self, connection: Connection = PVE, **answers: Any) -> None:
        self.connection, self.source = connection, connection.source
        self.transport = reached_by(connection)
        self.answers = Answers({"version": "9.1.4", "permissions": PVE_AUDITOR, **answers})

    async def version(self) -> str:
        return self.answers.give("version")

    async def permissions(self) -> Permissions:
        return self.answers.give("permissions")


class FakePbs(PbsClient):
    def __init__(self, connection: Connection = PBS, **answers: Any) -> None:
        self.connection, self.source = connection, connection.source
        self.transport = reached_by(connection)
        self.answers = Answers({"version": "4.1-2", "permissions": PBS_AUDIT, **answers})

    async def version(self) -> str:
        return self.answers.give("version")

    async def permissions(self) -> Permissions:
        return self.answers.give("permissions")


def target(health: str) -> Target:
    return Target("prometheus", "node", "web:9100", health, None, None)


def counted(value: float | None) -> QueryResult:
    """The answer to a count: one sample, or none where there is nothing to count."""
    samples = () if value is None else (Sample((), value, datetime(2026, 11, 23, tzinfo=UTC)),)
    return QueryResult("count(x)", samples)


class FakePrometheus(PrometheusClient):
    def __init__(self, connection: Connection = PROMETHEUS, **answers: Any) -> None:
        self.connection, self.source = connection, connection.source
        self.transport = reached_by(connection)
        usual = {"version": "2.53.1", "targets": (target("up"), target("down")), "query": counted(3.0),
                 "metric_names": MetricNames("prometheus", frozenset(row.metric for row in ROWS))}  # fmt: skip
        self.answers = Answers({**usual, **answers})

    async def version(self) -> str:
        return self.answers.give("version")

    async def targets(self) -> tuple[Target, ...]:
        return self.answers.give("targets")

    async def query(self, expr: str, *, at: datetime | None = None, limit: int | None = None) -> QueryResult:
        return self.answers.give("query")

    async def metric_names(self) -> MetricNames:
        return self.answers.give("metric_names")


class FakeGrafana(GrafanaClient):
    def __init__(self, connection: Connection = GRAFANA, **answers: Any) -> None:
        self.connection, self.source = connection, connection.source
        self.transport = reached_by(connection)
        usual = {"version": "12.3.0", "viewer": GrafanaViewer("sa-nightshift", "Viewer", False), "rules": (),
                 "provisioned_rules": (), "silenced": (), "datasources": ()}  # fmt: skip
        self.answers = Answers({**usual, **answers})

    async def version(self) -> str:
        return self.answers.give("version")

    async def viewer(self) -> GrafanaViewer:
        return self.answers.give("viewer")

    async def rules(self) -> tuple[AlertRule, ...]:
        return self.answers.give("rules")

    async def provisioned_rules(self) -> tuple[AlertRule, ...]:
        return self.answers.give("provisioned_rules")

    async def silenced(self) -> tuple[Silenced, ...]:
        return self.answers.give("silenced")

    async def datasources(self) -> tuple[DataSource, ...]:
        return self.answers.give("datasources")


def unverified(connection: Connection) -> Connection:
    return replace(connection, tls=Tls(False))


def failure(kind: type[SourceError], source: str = "pve") -> SourceError:
    return kind(source, "GET /version", "what failed", fix="What mends it.")
