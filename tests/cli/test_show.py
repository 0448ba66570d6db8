"""`inventory`, `show` and the operator's word on a finding, against the lab's PVE and PBS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Outcome
from tests.sweep.test_on_the_lab import lab

Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with lab("disk-failing", tmp_path_factory.mktemp("lab")) as environ:
        yield environ


@pytest.fixture
def call(process: Run, systems: dict[str, str]) -> Run:
    return lambda *arguments: process(*arguments, "-q", **systems)


def test_inventory_lists_nodes_and_guests_with_filters(call: Run) -> None:
    everything = json.loads(call("inventory", "--json").out)
    assert [len(everything[kind][0]["rows"]) for kind in ("nodes", "guests")] == [3, 45]
    assert everything["gaps"] == []
    shown = call("inventory", "guests", "--node", "pve2", "--sort", "memory")
    assert (shown.code, shown.err) == (0, "")
    table = [line for line in shown.out.splitlines() if " pve2 " in line and line.split()[0].isdigit()]
    assert len(table) == 17
    assert "unifi" in shown.out
    assert "nextcloud" not in shown.out


def test_an_inventory_that_nobody_could_read_is_not_empty(process: Run, systems: dict[str, str]) -> None:
    wrong = systems | {"PROXMOX_API_TOKEN": systems["PROXMOX_API_TOKEN"][:-1] + "x"}
    shown = process("inventory", "guests", "-q", **wrong)
    assert shown.code == 3
    assert "Check PROXMOX_API_TOKEN." in shown.out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nextclod", ("nextcloud (VM 104) now", "Backups of nextcloud", "Guest configs of nextcloud")),
        ("pve1", ("pve1 now", "Guests on pve1", "Disks of pve1")),
        ("tank", ("tank",)),
        ("WD-CA1L4J7K", ("Disks of", "WD-CA1L4J7K")),
    ],
)
def test_show_tells_all_about_one_thing(call: Run, name: str, words: tuple[str, ...]) -> None:
    outcome = call("show", name)
    assert outcome.code == 0, outcome.err
    assert [word for word in words if word not in outcome.out] == []


def test_show_asks_back(call: Run) -> None:
    outcome = call("show", "xyzzy")
    assert outcome.code == 64
    assert "Nothing here is called 'xyzzy'" in outcome.err


def test_a_finding_is_acknowledged_put_off_and_accepted_by_its_fingerprint_or_words(call: Run, process: Run) -> None:
    sweep = json.loads(call("check", "--json").out)
    finding = next(item for item in sweep["findings"] if item["cause"] is None)
    told = process("snooze", finding["fingerprint"][:8], "--for", "2d", "--reason", "on Saturday")
    assert told.out == f"{finding['title']} ({finding['fingerprint']}) is snoozed.\n"
    again = json.loads(call("check", "--json").out)
    ack = next(item["ack"] for item in again["findings"] if item["fingerprint"] == finding["fingerprint"])
    assert (ack["kind"], ack["reason"]) == ("snoozed", "on Saturday")
    assert "snoozed by" in call("show", finding["fingerprint"]).out
    assert process("accept", *finding["title"].split(), "--reason", "so be it").out.endswith("is accepted.\n")
    assert process("ack", finding["fingerprint"], "--undo").out.endswith("is as if you had said nothing.\n")
    unknown = process("ack", "xyzzy")
    assert (unknown.code, "No finding that was open" in unknown.err) == (64, True)
    assert process("snooze", finding["fingerprint"], "--for", "soon").code == 64


def test_words_that_fit_several_findings_are_asked_back(call: Run, process: Run, home: Path) -> None:
    call("check")
    outcome = process("ack", "a")
    assert outcome.code == 64
    assert "findings could be meant" in outcome.err
    assert home.is_dir()
