# ruff: noqa: E501  (one mistake a row: this is a table)
"""Scenario files: what is allowed, and how a mistake is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from nightshift_lab.scenarios import FAULTS, SCENARIOS, ScenarioError, build_scenario, scenario_from
from nightshift_lab.scenarios.library import FOLDER
from nightshift_lab.scenarios.read import parse_scenario
from nightshift_lab.scenarios.units import Moment, duration_s, fraction, size_bytes
from nightshift_lab.world.current import WorldHolder
from nightshift_lab.world.faults import FAULT_KINDS

START = 1_795_469_000.0
HEAD = "summary: x\nfamily: single\n"
FAULT = f"{HEAD}faults:\n  - kind: "
PAGE = Path(__file__).parents[3] / "docs" / "lab.md"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "my.yaml:1:1: the file is empty"),
        ("- a\n", "my.yaml:1:1: a scenario is a mapping: name, summary, family, faults, …"),
        ("summary: [\n", "my.yaml:2:1: this is not YAML: did not find expected node content"),
        ("summary: x\nsummary: y\n", "my.yaml:2:1: summary: written twice"),
        ("summary: x\n", "my.yaml:1:1: family is missing"),
        ("summary: x\nfamily: odd\n", "my.yaml:2:9: family: input should be 'healthy', 'single', 'compound', 'blind' or "),
        (f"{HEAD}fautls: []\n", "my.yaml:3:1: fautls: unknown field (did you mean faults?); there are: name, summary, "),
        (f"{HEAD}world: {{pve: 7}}\n", "my.yaml:3:14: world.pve: input should be 8 or 9"),
        (
            f"{HEAD}world:\n  guests:\n    nass: {{runs: false}}\n",
            "my.yaml:5:11: world.guests.nass: unknown entity 'guest/nass' (guest); near are: guest/nas",
        ),
        (f"{FAULT}meteor\n    start: -1h\n", "my.yaml:4:11: faults[0].kind: unknown kind of fault 'meteor'; there are: agent-dead, "),
        (f"{FAULT}oom-loop\n    target: guest/unifi\n", "my.yaml:4:5: faults[0]: start is missing"),
        (f"{FAULT}oom-loop\n    start: -1h\n", "my.yaml:4:5: faults[0]: target is missing: oom-loop befalls a guest"),
        (
            f"{FAULT}oom-loop\n    target: guest/unify\n    start: -1h\n",
            "my.yaml:5:13: faults[0].target: unknown entity 'guest/unify' (guest); near are: guest/unifi",
        ),
        (
            f"{FAULT}oom-loop\n    target: node/pve1\n    start: -1h\n",
            "my.yaml:5:13: faults[0].target: unknown entity 'node/pve1' (guest); near are: guest/",
        ),
        (
            f"{FAULT}service-down\n    target: [guest/adguard1, guest/adgard2]\n    start: -1h\n",
            "my.yaml:5:30: faults[0].target[1]: unknown entity 'guest/adgard2' (guest); near are: guest/adguard2",
        ),
        (
            f"{FAULT}datasource-broken\n    target: node/pve1\n    start: -1h\n",
            "my.yaml:5:5: faults[0].target: datasource-broken has no target",
        ),
        (
            f"{FAULT}oom-loop\n    target: guest/unifi\n    start: yesterday\n",
            "my.yaml:6:12: faults[0].start: 'yesterday' is not a time; write -40m, -6d, last night, last night -2h, now ",
        ),
        (
            f"{FAULT}oom-loop\n    target: guest/unifi\n    start: -1h\n    with: {{perod: 7m}}\n",
            "my.yaml:7:12: faults[0].with.perod: oom-loop has no parameter 'perod'; there are: period, down, process",
        ),
        (
            f"{FAULT}oom-loop\n    target: guest/unifi\n    start: -1h\n    with: {{period: often}}\n",
            "my.yaml:7:20: faults[0].with.period: 'often' is not a duration; write 90s, 7m, 2h, 1d12h",
        ),
        (
            f"{FAULT}guest-stopped\n    target: guest/nas\n    start: -1h\n    live: {{with: {{how: magic}}}}\n",
            "my.yaml:7:24: faults[0].live.with.how: 'magic' is not one of: crash, operator",
        ),
        (
            f"{FAULT}oom-loop\n    target: guest/unifi\n    start: -1h\n    shape: {{kind: wave}}\n",
            "my.yaml:7:19: faults[0].shape.kind: 'wave' is not one of: 'step', 'ramp', 'burst', 'flap'",
        ),
        (
            f"{FAULT}oom-loop\n    target: guest/unifi\n    start: -1h\n    shape: {{kind: ramp, over: 1h, lasts: 1h}}\n",
            "my.yaml:7:35: faults[0].shape.lasts: unknown field; there are: kind, over",
        ),
        (
            f"{FAULT}oom-loop\n    target: guest/unifi\n    start: -1h\n    shape: {{kind: flap, period: 1m, \"on\": 2m}}\n",
            "my.yaml:7:12: faults[0].shape: on must be shorter than period",
        ),
        (f"{HEAD}knobs:\n  pve: {{loud: true}}\n", "my.yaml:4:9: knobs.pve.loud: unknown knob 'loud'; there are: slow, "),
        (f"{HEAD}knobs:\n  nas: {{slow: 1}}\n", "my.yaml:4:3: knobs.nas: input should be 'pve', 'pbs', 'prometheus', 'grafana', 'attic' or 'pbs2'"),
        (
            f"{HEAD}truth:\n  root_causes:\n    - {{entity: node/pve4, category: x}}\n",
            "my.yaml:5:16: truth.root_causes[0].entity: unknown entity 'node/pve4'; near are: node/pve",
        ),
        (
            f"{HEAD}truth:\n  findings_required:\n    - {{entity: node/pve1}}\n",
            "my.yaml:5:7: truth.findings_required[0]: say check or category",
        ),
        (f"{HEAD}truth:\n  facts:\n    - {{name: x}}\n", "my.yaml:5:7: truth.facts[0]: say either value or figure"),
        (
            f"{HEAD}truth:\n  facts:\n    - {{name: x, figure: node/pve9 cpu_fraction}}\n",
            "my.yaml:5:25: truth.facts[0].figure: unknown entity 'node/pve9'; near are: node/pve",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_with_what_is_allowed(text: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, source="my.yaml", name="my")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_all_mistakes_are_told_at_once() -> None:
    text = f"{FAULT}meteor\n    start: -1h\n  - kind: oom-loop\n    target: guest/x\n    start: -1h\n"
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, source="my.yaml", name="my")
    assert [problem.split(": ")[0] for problem in caught.value.problems] == ["my.yaml:4:11", "my.yaml:7:13"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("-40m", Moment("start", -2_400.0)),
        ("-1d12h", Moment("start", -129_600.0)),
        ("+5m", Moment("start", 300.0)),
        ("now", Moment("start")),
        ("always", Moment("always")),
        ("last night", Moment("last night")),
        ("last night -12d -5m", Moment("last night", -1_037_100.0)),
        ("last night + 20m", Moment("last night", 1_200.0)),
    ],
)
def test_times(written: str, moment: Moment) -> None:
    assert Moment.parse(written) == moment


def test_quantities() -> None:
    assert [duration_s(text) for text in ("90s", "7m", "1d12h", "2400ms", 5)] == [90.0, 420.0, 129_600.0, 2.4, 5.0]
    assert [fraction(text) for text in ("98%", 0.98, "9600%")] == [0.98, 0.98, 96.0]
    assert [size_bytes(text) for text in ("512 MiB", "20GiB", 7)] == [536_870_912.0, 21_474_836_480.0, 7.0]
    for wrong, read in (("soon", duration_s), ("m7", duration_s), ("much", fraction), ("20 GB", size_bytes)):
        with pytest.raises(ValueError, match="write"):
            read(wrong)


def test_a_file_elsewhere_is_a_scenario_like_those_of_the_package(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text((FOLDER / "node-offline.yaml").read_text())
    scenario = scenario_from(str(file))
    assert scenario.name == "my"
    ours, packaged = (build_scenario(found, seed=7, started_at=START) for found in (scenario, "node-offline"))
    assert ours.faults == packaged.faults
    with pytest.raises(KeyError):
        scenario_from("meteor")
    with pytest.raises(FileNotFoundError):
        scenario_from(str(tmp_path / "none.yaml"))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_file_obeys_the_schema_and_its_name(name: str, schema: dict[str, Any]) -> None:
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    jsonschema.Draft202012Validator(schema).validate(content)
    assert SCENARIOS[name].name == name
    assert not SCENARIOS[name].summary.endswith(".")
    assert bool(SCENARIOS[name].truth.root_causes) == (SCENARIOS[name].family != "healthy")


@pytest.mark.parametrize(
    "wrong",
    [
        "faults: [{kind: meteor, start: -1h}]",
        "faults: [{kind: oom-loop, start: -1h}]",
        "faults: [{kind: oom-loop, target: guest/unifi, start: -1h, with: {often: 7m}}]",
        "faults: [{kind: oom-loop, target: guest/unifi, start: -1h, with: {period: often}}]",
        "knobs: {pve: {loud: true}}",
        "fautls: []",
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(wrong: str, schema: dict[str, Any]) -> None:
    text = HEAD + wrong + "\n"
    assert not jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(text))
    with pytest.raises(ScenarioError):
        parse_scenario(text, source="my.yaml", name="my")


def test_there_are_as_many_scenarios_as_promised() -> None:
    families = [scenario.family for scenario in SCENARIOS.values()]
    wanted = {"single": 32, "compound": 6, "healthy": 8, "blind": 3, "hostile": 4}
    assert {family: families.count(family) >= count for family, count in wanted.items()} == dict.fromkeys(wanted, True)


def test_every_kind_of_fault_has_a_scenario_and_a_docstring() -> None:
    used = {entry.kind for scenario in SCENARIOS.values() for entry in scenario.entries}
    assert used == set(FAULT_KINDS)
    assert all(kind.__doc__ and kind.kind == name for name, kind in FAULT_KINDS.items())
    standard = [scenario for scenario in SCENARIOS.values() if scenario.world.base == "homelab"]
    assert {entry.known_as for scenario in standard for entry in scenario.entries} == set(FAULTS)


def test_the_example_of_the_page_is_whole_and_builds() -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)[0]
    scenario = parse_scenario(example, source="docs/lab.md", name="example")
    world = build_scenario(scenario, seed=7, started_at=START)
    assert [fault.kind for fault in world.faults] == ["guest-stopped", "cpu-busy", "node-reboot"]
    assert not world.inventory_at(START).guests[103].running


def test_the_page_and_the_schema_are_what_the_code_says() -> None:
    from nightshift_lab.docs import main

    assert main(["--check"]) == 0


def test_a_fault_of_a_file_elsewhere_is_switched_by_its_name() -> None:
    text = f"{FAULT}guest-stopped\n    name: nas-crash\n    target: guest/nas\n    start: -50m\n"
    scenario = parse_scenario(text, source="my.yaml", name="my")
    holder = WorldHolder(build_scenario(scenario, seed=7, started_at=START), scenario)
    assert set(holder.known_faults) == {*FAULTS, "nas-crash"}
    assert holder.active_faults(START) == ("nas-crash",)
    holder.switch("nas-crash", active=False, now=START + 10)
    assert holder.world.up("guest/103", START + 11)
    assert not holder.world.up("guest/103", START + 9)
    holder.switch("nas-crash", active=True, now=START + 600)
    assert not holder.world.up("guest/103", START + 601)
