"""The doctor's walk over every state that a system can be in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.doctor.stand_ins import (
    AUDITOR,
    GRAFANA,
    PBS_AUDIT,
    PVE,
    PVE_AUDITOR,
    FakeGrafana,
    FakePbs,
    FakePrometheus,
    FakePve,
    counted,
    failure,
    target,
    unverified,
)

from nightshift.checks.registry import CHECKS
from nightshift.errors import (
    SourceError,
    SourceFailed,
    SourceForbidden,
    SourceMalformed,
    SourceTimedOut,
    SourceUnauthorized,
    SourceUnreachable,
    SourceUnsupported,
)
from nightshift.facts.monitoring import MetricNames
from nightshift.knowledge.loading import starter_runbooks
from nightshift.knowledge.search import RunbookSearch
from nightshift.sources import Client, GrafanaViewer, Sources
from nightshift.sweep.doctor import checks_of, data_folder_line, examine, to_json
from nightshift.sweep.doctor_lines import Examination, Line, checks_needing
from nightshift.sweep.doctor_runbooks import runbook_lines

ABSENT = {
    "pve": Line("pve", "connection", "info", "Proxmox VE is not set up", variable="PROXMOX_URL"),
    "pbs": Line("pbs", "connection", "info", "Proxmox Backup Server is not set up", variable="PBS_URL"),
    "prometheus": Line("prometheus", "connection", "info", "Prometheus is not set up", variable="PROMETHEUS_URL"),
    "grafana": Line("grafana", "connection", "info", "Grafana is not set up", variable="GRAFANA_URL"),
}


def sources(*clients: Client) -> Sources:
    return Sources(
        pve=tuple(client for client in clients if isinstance(client, FakePve)),
        pbs=tuple(client for client in clients if isinstance(client, FakePbs)),
        prometheus=tuple(client for client in clients if isinstance(client, FakePrometheus)),
        grafana=tuple(client for client in clients if isinstance(client, FakeGrafana)),
    )


async def lines_of(client: Client) -> list[Line]:
    """The doctor's lines about one system."""
    examination = await examine(sources(client))
    return [line for line in examination.lines if line not in ABSENT.values()]


async def test_everything_well() -> None:
    told: list[str] = []
    clients = (FakePve(), FakePbs(), FakePrometheus(), FakeGrafana())
    examination = await examine(sources(*clients), on_progress=told.append)
    assert examination.exit_code == 0
    assert [(line.subject, line.topic, line.status) for line in examination.lines] == [
        ("pve", "connection", "ok"), ("pve", "certificate", "ok"), ("pve", "version", "ok"), ("pve", "token", "ok"),
        ("pve", "privileges", "ok"), ("pve", "privileges", "info"), ("pve", "privileges", "info"),
        ("pbs", "connection", "ok"), ("pbs", "certificate", "ok"), ("pbs", "version", "ok"), ("pbs", "token", "ok"),
        ("pbs", "privileges", "ok"), ("pbs", "privileges", "info"), ("pbs", "privileges", "info"),
        ("prometheus", "connection", "ok"), ("prometheus", "certificate", "ok"), ("prometheus", "version", "ok"),
        ("prometheus", "targets", "ok"), ("prometheus", "exporters", "ok"), ("prometheus", "exporters", "ok"),
        ("prometheus", "exporters", "ok"),
        ("grafana", "connection", "ok"), ("grafana", "certificate", "ok"), ("grafana", "version", "ok"),
        ("grafana", "token", "ok"), ("grafana", "privileges", "ok"), ("grafana", "privileges", "ok"),
    ]  # fmt: skip
    assert sorted(told) == ["looked at grafana", "looked at pbs", "looked at prometheus", "looked at pve"]
    assert "s3cr3t" not in repr(examination)


async def test_nothing_set_up_is_no_fault() -> None:
    assert await examine(Sources()) == Examination(tuple(ABSENT.values()))


UNREACHED = [
    (SourceUnreachable, "connection", "PROXMOX_URL"),
    (SourceTimedOut, "connection", "PROXMOX_URL"),
    (SourceMalformed, "connection", "PROXMOX_URL"),
    (SourceUnauthorized, "token", "PROXMOX_API_TOKEN"),
    (SourceForbidden, "connection", "PROXMOX_URL"),
]


@pytest.mark.parametrize(("kind", "topic", "variable"), UNREACHED, ids=[row[0].__name__ for row in UNREACHED])
async def test_what_cannot_be_read_names_the_setting_and_the_checks(
    kind: type[SourceError], topic: str, variable: str
) -> None:
    line = Line("pve", topic, "fail", "what failed (GET /version)", "What mends it.", variable, (), checks_of("pve"))
    assert await lines_of(FakePve(version=failure(kind))) == [line]
    assert checks_of("pve")


async def test_a_failing_server_names_its_setting_in_nightshift_yaml() -> None:
    error = SourceFailed("attic", "GET /version", "says that it failed", status=500)
    client = FakePve(replace(PVE, source="attic", variable_prefix=None), version=error)
    (line,) = await lines_of(client)
    assert (line.subject, line.status, line.variable) == ("attic", "fail", "sources.attic.url")


async def test_one_that_hangs_does_not_hold_up_the_others() -> None:
    class Hanging(FakePbs):
        async def version(self) -> str:
            await asyncio.sleep(0.2)
            raise failure(SourceTimedOut, "pbs")

    examination = await examine(sources(FakePve(), Hanging()))
    assert examination.exit_code == 2
    assert [line.status for line in examination.lines if line.subject == "pve"][:5] == ["ok"] * 5


async def test_a_token_that_expires_during_the_walk() -> None:
    lines = await lines_of(FakePve(permissions=failure(SourceUnauthorized)))
    assert [(line.topic, line.status) for line in lines] == [
        ("connection", "ok"), ("certificate", "ok"), ("version", "ok"), ("token", "fail")]  # fmt: skip


GRANTS_PVE = (
    "pveum acl modify / --users 'n@pve' --roles PVEAuditor",
    "pveum acl modify / --tokens 'n@pve!read' --roles PVEAuditor",
)
MISSING_PVE = [
    # privileges on paths, the privilege and path that are named, words, a dataset whose checks are listed
    ({}, 5, "Sys.Audit on / is missing", "backup_jobs"),
    ({**PVE_AUDITOR, "/": AUDITOR - {"Sys.Audit"}}, 1, "Sys.Audit on / is missing", "clusters"),
    ({**PVE_AUDITOR, "/nodes": frozenset()}, 1, "Sys.Audit on /nodes is missing", "tasks"),
    ({**PVE_AUDITOR, "/vms": frozenset()}, 2, "VM.Audit on /vms is missing", "guests"),
    ({**PVE_AUDITOR, "/vms": frozenset(), "/vms/100": AUDITOR}, 2, "VM.Audit is there on /vms/100 only", "guests"),
    (
        {**PVE_AUDITOR, "/vms": AUDITOR - {"VM.GuestAgent.Audit"}},
        1,
        "VM.GuestAgent.Audit on /vms is missing",
        "guest_filesystems",
    ),
    ({**PVE_AUDITOR, "/storage": frozenset()}, 1, "Datastore.Audit on /storage is missing", "storages"),
]


@pytest.mark.parametrize(("permissions", "count", "words", "dataset"), MISSING_PVE, ids=[r[2] for r in MISSING_PVE])
async def test_a_missing_privilege_of_pve(
    permissions: dict[str, frozenset[str]], count: int, words: str, dataset: str
) -> None:
    lines = [line for line in await lines_of(FakePve(permissions=permissions)) if line.status == "warn"]
    assert len(lines) == count
    assert lines[0].text.startswith(words)
    assert lines[0].commands == GRANTS_PVE
    assert set(lines[0].checks) >= {check.id for check in CHECKS if dataset in check.datasets}


async def test_privileges_of_pve_are_inherited_from_above() -> None:
    lines = await lines_of(FakePve(permissions={"/": AUDITOR}))
    assert [line.status for line in lines if line.topic == "privileges"] == ["ok", "info", "info"]


async def test_a_privilege_that_only_reads_is_welcome_and_not_needed() -> None:
    (line,) = [line for line in await lines_of(FakePve(permissions={"/": AUDITOR})) if "Sys.Syslog" in line.text]
    assert (line.status, line.checks) == ("info", ())
    assert line.text == "Sys.Syslog on /nodes is not granted, and not needed; it can only read"
    assert line.fix == "With it, node.reboot could tell why a node restarted by itself, from its journal."
    assert line.commands == (
        "pveum role add NightshiftLogs --privs Sys.Syslog",
        "pveum acl modify /nodes --users 'n@pve' --roles NightshiftLogs",
        "pveum acl modify /nodes --tokens 'n@pve!read' --roles NightshiftLogs",
    )


async def test_sync_jobs_that_pbs_hides_without_a_word_are_told() -> None:
    lines = await lines_of(FakePbs())
    (line,) = [line for line in lines if line.text.startswith("Remote.Audit on /remote is not granted")]
    assert line.status == "info"
    assert line.fix is not None
    assert line.fix.endswith("of sync jobs with another server, which PBS leaves out of its list without a word.")
    assert line.commands[0] == "proxmox-backup-manager acl update /remote RemoteAudit --auth-id 'n@pbs'"
    granted = await lines_of(FakePbs(permissions=PBS_AUDIT | {"/remote": frozenset({"Remote.Audit"})}))
    assert not [line for line in granted if "Remote.Audit" in line.text]


async def test_a_token_that_can_write_is_warned_about() -> None:
    permissions = {"/": AUDITOR | {"Sys.Modify", "VM.PowerMgmt", "Datastore.Allocate", "VM.Allocate", "Sys.Syslog",
                                   "Permissions.Modify"}}  # fmt: skip
    lines = [line for line in await lines_of(FakePve(permissions=permissions)) if line.topic == "privileges"]
    assert [line.status for line in lines] == ["ok", "warn"]
    assert lines[1].text == (
        "the token may change things (Datastore.Allocate, Permissions.Modify, Sys.Modify, VM.Allocate and 1 more), "
        "and Nightshift only reads"
    )
    assert (lines[1].variable, lines[1].commands) == ("PROXMOX_API_TOKEN", ())


@pytest.mark.parametrize(("version", "monitor"), [("8.4-1", True), ("9.0.3", False)])
async def test_what_only_writing_would_show_is_left_out_on_purpose(version: str, monitor: bool) -> None:
    informed = [line for line in await lines_of(FakePve(version=version)) if line.status == "info"]
    (line,) = [line for line in informed if line.text.startswith("rightly not granted")]
    assert "Sys.Modify: pending updates" in line.text
    assert "Datastore.Allocate: backup archives" in line.text
    assert ("VM.Monitor" in line.text) is monitor
    assert line.commands == ()


MISSING_PBS = [
    ({}, ["Datastore.Audit on /datastore is missing", "Sys.Audit on /system/tasks is missing",
          "Sys.Audit on /system/status is missing"]),
    ({"/datastore": frozenset({"Datastore.Audit"})},
     ["Sys.Audit on /system/tasks is missing", "Sys.Audit on /system/status is missing"]),
    ({"/datastore/tank": frozenset({"Datastore.Audit"}), "/system": frozenset({"Sys.Audit"})},
     ["Datastore.Audit is there on /datastore/tank only"]),
]  # fmt: skip


@pytest.mark.parametrize(("permissions", "words"), MISSING_PBS, ids=["all", "tasks", "one datastore"])
async def test_a_missing_privilege_of_pbs(permissions: dict[str, frozenset[str]], words: list[str]) -> None:
    lines = [line for line in await lines_of(FakePbs(permissions=permissions)) if line.status == "warn"]
    assert [line.text.partition(",")[0].partition(" only")[0] + (" only" if " only" in line.text else "")
            for line in lines] == words  # fmt: skip
    assert lines[0].commands == (
        "proxmox-backup-manager acl update / Audit --auth-id 'n@pbs'",
        "proxmox-backup-manager acl update / Audit --auth-id 'n@pbs!read'",
    )
    assert lines[0].checks


VERSIONS = [
    (FakePve, "9.1.4", "ok"), (FakePve, "8.0-1", "ok"), (FakePve, "7.4-3", "warn"), (FakePve, "weird", "ok"),
    (FakePbs, "4.1-2", "ok"), (FakePbs, "2.4-1", "warn"), (FakeGrafana, "9.3.0", "ok"), (FakeGrafana, "9.2.1", "warn"),
    (FakeGrafana, "unknown", "ok"), (FakePrometheus, "2.42.0+ds", "ok"), (FakePrometheus, "v1.8.2", "warn"),
]  # fmt: skip


@pytest.mark.parametrize(("fake", "version", "status"), VERSIONS, ids=[f"{r[0].__name__}-{r[1]}" for r in VERSIONS])
async def test_old_versions(fake: Callable[..., Client], version: str, status: str) -> None:
    (line,) = [line for line in await lines_of(fake(version=version)) if line.topic == "version"]
    assert (line.status, version in line.text) == (status, True)


async def test_a_server_of_the_prometheus_family_without_version_and_targets() -> None:
    error = failure(SourceUnsupported, "prometheus")
    lines = await lines_of(FakePrometheus(version=error, targets=error))
    assert [(line.topic, line.status) for line in lines[2:4]] == [("version", "ok"), ("targets", "info")]
    assert lines[3].checks == checks_needing(("targets",), CHECKS)


@pytest.mark.parametrize(
    ("targets", "status", "text"),
    [((target("up"), target("down")), "ok", "1 of 2 targets are up"), ((), "warn", "0 of 0 targets are up")],
)
async def test_targets(targets: tuple[object, ...], status: str, text: str) -> None:
    (line,) = [line for line in await lines_of(FakePrometheus(targets=targets)) if line.topic == "targets"]
    assert (line.status, line.text) == (status, text)


async def test_exporters_that_are_not_there_are_no_fault() -> None:
    names = MetricNames("prometheus", frozenset({"network_ups_tools_ups_status", "probe_success"}))
    empty = FakePrometheus(query=counted(None), metric_names=names)
    lines = [line for line in await lines_of(empty) if line.topic == "exporters"]
    assert [line.status for line in lines] == ["info", "info", "ok", "info"]
    assert "prometheus-pve-exporter" in lines[0].text
    assert lines[2].text == (
        "checks that have their metrics: blackbox_exporter (3), nut_exporter or apcupsd_exporter (1), nut_exporter (2)"
    )
    assert lines[3].text.startswith("skipped, for nothing provides their metrics: node_exporter (")


async def test_a_relative_of_prometheus_may_not_list_its_metrics() -> None:
    told = await lines_of(FakePrometheus(metric_names=failure(SourceUnsupported, "prometheus")))
    assert [line.status for line in told if "does not list its metrics" in line.text] == ["info"]


GRAFANA_STATES = [
    ({}, ["ok", "ok", "ok"]),
    ({"viewer": GrafanaViewer("service account", None, False)}, ["ok", "ok", "ok"]),
    ({"viewer": GrafanaViewer("admin", "Admin", False)}, ["ok", "warn", "ok", "ok"]),
    ({"viewer": GrafanaViewer("root", "Viewer", True)}, ["ok", "warn", "ok", "ok"]),
    ({"viewer": failure(SourceUnauthorized, "grafana")}, ["fail"]),
    ({"rules": failure(SourceForbidden, "grafana")}, ["ok", "fail", "ok"]),
    ({"rules": failure(SourceTimedOut, "grafana")}, ["fail"]),
    ({"provisioned_rules": failure(SourceForbidden, "grafana")}, ["ok", "ok", "info"]),
    ({"provisioned_rules": failure(SourceUnsupported, "grafana")}, ["ok", "ok", "info"]),
    ({"silenced": failure(SourceForbidden, "grafana")}, ["ok", "ok", "ok", "warn"]),
    ({"silenced": failure(SourceUnsupported, "grafana")}, ["ok", "ok", "ok"]),
    ({"datasources": failure(SourceForbidden, "grafana")}, ["ok", "ok", "ok", "warn"]),
]


@pytest.mark.parametrize(("answers", "statuses"), GRAFANA_STATES)
async def test_states_of_grafana(answers: dict[str, object], statuses: list[str]) -> None:
    lines = await lines_of(FakeGrafana(**answers))
    assert [line.status for line in lines[3:]] == statuses
    failed = [line for line in lines if line.status == "fail"]
    assert all(line.variable and line.checks == checks_of("grafana") for line in failed)


@pytest.mark.parametrize(
    ("client", "status", "words"),
    [
        (FakePve(), "ok", "is the one that is pinned"),
        (FakePrometheus(), "ok", "none: plain HTTP, but there is no token to lose"),
        (FakeGrafana(), "ok", "verified with the CAs of this system"),
        (FakeGrafana(replace(GRAFANA, base_url="http://graf.lan")), "warn", "the token travels unencrypted"),
        (FakeGrafana(replace(GRAFANA, base_url="http://127.0.0.1:3")), "ok", "plain HTTP, but nothing leaves"),
        (FakeGrafana(replace(GRAFANA, tls=replace(GRAFANA.tls, ca_file=Path("/ca.pem")))), "ok", "the CA in /ca.pem"),
        (FakePve(replace(unverified(PVE), base_url="https://127.0.0.1:1")), "warn", "is not verified"),
    ],
)
async def test_certificates(client: Client, status: str, words: str) -> None:
    (line,) = [line for line in await lines_of(client) if line.topic == "certificate"]
    assert line.status == status
    assert words in line.text


async def test_the_data_folder(tmp_path: Path) -> None:
    assert await data_folder_line(tmp_path / "new", None) == (
        Line("data folder", "storage", "ok", f"history is kept in {tmp_path / 'new' / 'nightshift.db'}"),
    )
    (tmp_path / "file").touch()
    (line,) = await data_folder_line(tmp_path / "file", None)
    assert (line.status, line.variable) == ("fail", "NIGHTSHIFT_DATA_DIR")
    (line,) = await data_folder_line(tmp_path, "postgresql+nonsense://me:s3cr3t@db/x")
    assert (line.status, line.variable) == ("fail", "NIGHTSHIFT_DATABASE_URL")
    assert "s3cr3t" not in line.text


async def test_runbooks(tmp_path: Path) -> None:
    files, words = await runbook_lines(lambda: RunbookSearch.open([starter_runbooks()]), own=False)
    assert (files.status, "in the starter set" in files.text) == ("ok", True)
    assert (words.status, words.text) == ("ok", "searched by their words; no embedder is set")
    files, _ = await runbook_lines(lambda: RunbookSearch.open([tmp_path]), own=True)
    assert (files.status, files.text) == ("warn", "0 in your folders, 0 sections")


async def test_json_says_everything_and_no_secret() -> None:
    examination = await examine(sources(FakePve(permissions={})))
    body = to_json(examination)
    assert (body["schema"], body["exit_code"], len(body["lines"])) == (1, 1, len(examination.lines))
    assert body["lines"][4]["commands"] == GRANTS_PVE
    assert "s3cr3t" not in str(body)


def test_every_dataset_of_the_checks_belongs_to_a_kind_of_system() -> None:
    known = {check for kind in ABSENT for check in checks_of(kind)}
    # whether a system answers at all needs no dataset
    assert {check.id for check in CHECKS if check.datasets} <= known


async def test_a_login_that_is_no_token_gets_an_example() -> None:
    lines = await lines_of(FakePve(replace(PVE, auth=None), permissions={}))
    commands = {command for line in lines for command in line.commands}
    assert "pveum acl modify / --tokens 'nightshift@pve!read' --roles PVEAuditor" in commands


async def test_before_pve_9_there_is_no_privilege_for_guest_agents_alone() -> None:
    old = {path: held - {"VM.GuestAgent.Audit"} for path, held in PVE_AUDITOR.items()}
    lines = [line for line in await lines_of(FakePve(permissions=old, version="8.4.1")) if line.status == "warn"]
    assert lines == []
