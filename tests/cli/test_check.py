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
from nightshift.cli.sweep_markdown import markdown_lines
from nightshift.cli.sweep_text import Filter, profile_lines, sweep_lines
from nightshift.facts.as_json import sweep_to_json
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Ack, Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Dataset, Progress, Snapshot, SourceStatus
from nightshift.facts.sweep import SetAside, StageTiming, Sweep

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
    put_off = replace(CAUSE, discriminator="y", ack=Ack("snoozed", "me", "tomorrow", NOW))
    lines = list(sweep_lines(sweep((CAUSE, *SYMPTOMS, OTHER, put_off)), Filter(), UTC))
    assert lines == [
        "2 critical, 7 warning, 1 remark · pbs, pve (no answer) · 2026-11-23 02:15 UTC, took 1 s",
        "",
        "CRITICAL Datastore tank is full  (regressed, 2 h ago)",
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
        'Remarks (more: nightshift show "words of one")',
        "  Alert�[2J rule without data  (2 h ago)",
        "",
        "Known to you",
        "  critical Datastore tank is full  (regressed, 2 h ago, snoozed by me)",
        "",
        "Could not be seen",
        "  pbs, tasks: forbidden. Sys.Audit is missing. Grant it.",
        "Not set up: grafana",
        "Could not be checked: pbs tasks (forbidden).",
    ]


def test_what_nightshift_yaml_left_out_is_counted() -> None:
    away = Gap("attic", "datastores", "unreachable", "no answer")
    left_out = replace(
        sweep((), ()), set_aside=(SetAside(OTHER, "why"),), away=(away, away), switched_off=("guest.memory",)
    )
    lines = list(sweep_lines(left_out, Filter(), UTC))
    gone = "attic, expected to be away now"
    assert lines[-2:] == [
        f"Left out by nightshift.yaml: 1 finding (--json lists them); 1 check (guest.memory); {gone}",
        "Everything that is set up could be checked.",
    ]


def test_the_last_line_names_the_first_reasons() -> None:
    gaps = (
        Gap("pve", "nodes", "timed_out", "no answer"),
        Gap("pve", "check node.offline", "timed_out", "no answer"),
        *(Gap(f"pbs{number}", "tasks", "forbidden", "no right") for number in range(4)),
    )
    told = "pve nodes, node.offline (timed out); pbs0 tasks (forbidden); pbs1 tasks (forbidden), and 2 more."
    assert list(sweep_lines(sweep((), gaps), Filter(), UTC))[-1] == f"Could not be checked: {told}"


def test_a_profile_has_a_line_a_stage() -> None:
    stages = (StageTiming("collect pve", 0.25, 40, 12), StageTiming("checks", 0.01, cpu_s=0.009))
    assert "\n".join(profile_lines(stages)).splitlines() == [
        "  stage        time     processor  requests  of the slow lane",
        "  collect pve  0.250 s  –          40        12",
        "  checks       0.010 s  0.009 s    –         –",
    ]


def test_markdown_holds_no_markup_of_strangers() -> None:
    evil = replace(
        CAUSE,
        title="[click](https://evil) <img src=x> @all\n# Head",
        detail="a | b `c` *d*",
        remedy="Do `qm stop 1` <b>",
    )
    lines = list(markdown_lines(sweep((evil, replace(SYMPTOMS[0], cause=evil.fingerprint)), GAPS), Filter(), UTC))
    assert lines == [
        "# Nightshift",
        "",
        "1 critical, 1 warning · pbs, pve \\(no answer\\) · 2026\\-11\\-23 02:15 UTC, took 1 s",
        "",
        "## Critical: \\[click\\]\\(https://evil\\) \\<img src=x\\> \\@all \\# Head",
        "",
        "a \\| b \\`c\\` \\*d\\*",
        "",
        "**What to do:** Do `qm stop 1` \\<b\\>",
        "",
        "Explains 1 more:",
        "",
        "- warning: Backup of 100 failed",
        "",
        "## Could not be seen",
        "",
        "- pbs, tasks: Sys.Audit is missing. Grant it.",
        "",
        "Could not be checked: pbs tasks \\(forbidden\\).",
    ]


@pytest.mark.parametrize(
    ("gaps", "words"), [(GAPS, "Nothing found in what could be seen"), (GAPS[1:], "All well"), ((), "All well")]
)
def test_nothing_found_is_all_well_only_when_everything_was_seen(gaps: tuple[Gap, ...], words: str) -> None:
    assert next(sweep_lines(sweep((), gaps), Filter(), UTC)).startswith(f"{words} · pbs, pve (no answer)")


def test_a_wrong_token_is_no_dead_server() -> None:
    refused = replace(sweep(()).snapshot, sources=(
        SourceStatus("pve", "pve", False, None, None, Gap("pve", "version", "unauthorized", "invalid token")),
    ))  # fmt: skip
    shown = next(sweep_lines(replace(sweep(()), snapshot=refused), Filter(), UTC))
    assert " · pve (refuses the token) · " in shown


def test_the_first_look_is_not_the_beginning() -> None:
    earlier = replace(OTHER, first_seen=NOW - timedelta(minutes=5))
    lines = "\n".join(
        sweep_lines(sweep((replace(earlier, since=None), replace(CAUSE, state="ongoing"))), Filter(), UTC)
    )
    assert "without data  (first seen 5 min ago)" in lines
    assert "CRITICAL Datastore tank is full  (2 h ago)" in lines


def test_what_is_not_read_yet_is_told_and_is_not_all_well() -> None:
    item = Progress("pve", "guests' file systems", 12, 50, frozenset({"guest:pve/104"}))
    whole = sweep((), ())
    reading = replace(whole, snapshot=replace(whole.snapshot, guest_configs=Dataset("partial", progress=(item,))))
    lines = list(sweep_lines(reading, Filter(), UTC))
    assert lines[0].startswith("Nothing found in what could be seen")
    assert lines[-2:] == [
        "Read so far: 12 of 50 guests' file systems on pve. The next sweep reads on.",
        "Everything that is set up could be checked. What is read item by item goes on with the next sweep.",
    ]


def test_the_first_screen_has_ten_causes_and_counts_the_rest() -> None:
    many = tuple(replace(CAUSE, discriminator=str(number)) for number in range(13))
    lines = list(sweep_lines(sweep(many, ()), Filter(), UTC))
    assert sum(line.startswith("CRITICAL") for line in lines) == 10
    assert lines[-2:] == [
        "… and 3 more causes; --json prints all of them.",
        "Everything that is set up could be checked.",
    ]


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
