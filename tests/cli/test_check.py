"""`nightshift check`: grouped by cause, gaps last, pure JSON, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click
import pytest

from nightshift.api.wire import sweep_json as api_sweep_json
from nightshift.checks.registry import CHECKS
from nightshift.cli.sweep_text import Filter, sweep_lines
from nightshift.facts.as_json import sweep_to_json
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Ack, Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Dataset, Progress, Snapshot, SourceStatus
from nightshift.facts.sweep import Sweep

NOW = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
CAUSE = Finding(
    check=CHECKS[0].id,
    severity="critical",
    entity=Entity("datastore:pbs/tank", "datastore tank"),
    title="Datastore tank is full",
    detail="Nothing is left.",
    remedy="Prune it.",
    runbook="datastore-full.md#steps",
    evidence=(Evidence("pbs", "rows", "GET /x", "Usage", NOW, columns=("used_bytes",), rows=((1.0,),)),),
    since=NOW - timedelta(hours=2),
    state="regressed",
    ack=Ack("snoozed", "me", "tomorrow", NOW),
)
SYMPTOMS = tuple(
    replace(
        CAUSE,
        severity="warning",
        entity=Entity(f"guest:pve/{vmid}", f"web (VM {vmid})"),
        title=f"Backup of {vmid} failed",
        cause=CAUSE.fingerprint,
        state="new",
        ack=None,
        since=None,
    )
    for vmid in range(100, 107)
)
OTHER = replace(
    CAUSE, severity="info", title="Alert\x1b[2J rule\nwithout data", discriminator="x", state="new", ack=None
)
GAPS = (
    Gap("pbs", "tasks", "forbidden", "Sys.Audit is missing.", "Grant it."),
    Gap("grafana", "alerts", "not_configured", "not set up"),
)


def sweep(findings: tuple[Finding, ...], gaps: tuple[Gap, ...] = GAPS) -> Sweep:
    sources = (SourceStatus("pbs", "pbs", True, "4.1", 12.0), SourceStatus("pve", "pve", False, None, None))
    return Sweep("01X", Snapshot(NOW, sources), findings, gaps, NOW, 1.25, resolved=())


def test_causes_come_with_what_they_explain_and_gaps_come_last() -> None:
    lines = list(sweep_lines(sweep((CAUSE, *SYMPTOMS, OTHER)), Filter(), UTC))
    assert lines == [
        "1 critical, 7 warning, 1 info · pbs, pve (no answer) · 2026-11-23 02:15 UTC, took 1 s",
        "",
        "CRITICAL Datastore tank is full  (regressed, 2 h ago, snoozed by me)",
        "  Nothing is left.",
        "  → Prune it.",
        "  runbook datastore-full.md#steps",
        "  explains 7 more:",
        "    warning  Backup of 100 failed",
        "    warning  Backup of 101 failed",
        "    warning  Backup of 102 failed",
        "    warning  Backup of 103 failed",
        "    warning  Backup of 104 failed",
        "    … and 2 more",
        "",
        "INFO     Alert�[2J rule without data  (2 h ago)",
        "  Nothing is left.",
        "  → Prune it.",
        "  runbook datastore-full.md#steps",
        "",
        "Could not be seen",
        "  pbs, tasks: forbidden. Sys.Audit is missing. Grant it.",
        "Not set up: grafana",
    ]


@pytest.mark.parametrize(
    ("gaps", "words"), [(GAPS, "Nothing found in what could be seen"), (GAPS[1:], "All well"), ((), "All well")]
)
def test_nothing_found_is_all_well_only_when_everything_was_seen(gaps: tuple[Gap, ...], words: str) -> None:
    assert next(sweep_lines(sweep((), gaps), Filter(), UTC)).startswith(f"{words} · pbs, pve (no answer)")


def test_what_is_not_read_yet_is_told_and_is_not_all_well() -> None:
    item = Progress("pve", "guests' file systems", 12, 50, frozenset({"guest:pve/104"}))
    whole = sweep((), ())
    reading = replace(whole, snapshot=replace(whole.snapshot, guest_configs=Dataset("partial", progress=(item,))))
    lines = list(sweep_lines(reading, Filter(), UTC))
    assert lines[0].startswith("Nothing found in what could be seen")
    assert lines[-1] == "Read so far: 12 of 50 guests' file systems on pve. The next sweep reads on."


def test_the_first_screen_has_ten_causes_and_counts_the_rest() -> None:
    many = tuple(replace(CAUSE, discriminator=str(number)) for number in range(13))
    lines = list(sweep_lines(sweep(many, ()), Filter(), UTC))
    assert sum(line.startswith("CRITICAL") for line in lines) == 10
    assert lines[-1] == "… and 3 more; --json prints all of them."


def test_a_symptom_whose_cause_is_filtered_out_stands_for_itself() -> None:
    chosen = Filter("warning", frozenset())
    assert [finding.title for finding in chosen.of_sweep(sweep((CAUSE, SYMPTOMS[0], OTHER)))] == [
        CAUSE.title, SYMPTOMS[0].title]  # fmt: skip
    lines = list(sweep_lines(sweep((SYMPTOMS[0],), ()), chosen, UTC))
    assert "WARNING  Backup of 100 failed" in lines[2]


def test_only_takes_ids_and_families() -> None:
    family, check = CHECKS[0].family, CHECKS[0].id
    assert check in Filter.of("info", family).checks
    assert Filter.of("critical", f" {check} ,") == Filter("critical", frozenset({check}))
    with pytest.raises(click.UsageError, match="there is no check or family nonsense"):
        Filter.of("info", f"{check},nonsense")


def keys(value: object) -> object:
    """The structure of a JSON value: keys without values."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    return [keys(inner) for inner in value] if isinstance(value, list) else None


def test_json_has_the_shape_of_the_api() -> None:
    whole = sweep((CAUSE, *SYMPTOMS, OTHER))
    shown = Filter().of_sweep(whole)
    ours, theirs = sweep_to_json(whole, shown, whole.snapshot.taken_at), api_sweep_json(whole, NOW, UTC)
    for finding in theirs["findings"]:
        for evidence in finding["evidence"]:
            del evidence["display"]
    assert keys(ours) == keys(theirs)
    assert ours["causes"] == theirs["causes"]
    json.dumps(ours, allow_nan=False)


def test_a_dead_system_is_undetermined_and_json_is_pure(process: Callable, closed_port: int) -> None:
    outcome = process("check", "--json", PROMETHEUS_URL=f"http://127.0.0.1:{closed_port}")
    assert outcome.code == 3
    body = json.loads(outcome.out)
    unreachable = {"id": "prometheus", "kind": "prometheus", "reachable": False, "version": None, "latency_ms": None}
    assert body["sources"] == [unreachable]
    assert {gap["kind"] for gap in body["gaps"] if gap["source"] == "prometheus"} == {"unreachable"}
    assert "… collected prometheus" in outcome.err


def test_quiet_says_nothing_on_stderr(process: Callable, closed_port: int) -> None:
    outcome = process("check", "-q", PROMETHEUS_URL=f"http://127.0.0.1:{closed_port}")
    assert (outcome.code, outcome.err) == (3, "")
    assert outcome.out.startswith("1 warning · prometheus (no answer)")


def test_a_warning_about_the_certificate_goes_to_stderr(process: Callable, closed_port: int) -> None:
    outcome = process("check", "-q", PROXMOX_URL=f"https://127.0.0.1:{closed_port}", PROXMOX_API_TOKEN="a@pve!b=s3cr3t")
    assert outcome.err.startswith("warning: The certificate of 127.0.0.1")
    assert "s3cr3t" not in outcome.err + outcome.out
