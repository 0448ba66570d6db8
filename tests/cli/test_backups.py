"""`nightshift backups`, its plan, `nightshift recovery-sheet`: what is shown, escaped, counted; the exit codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import click
import pytest
from tests.cli.conftest import Outcome
from tests.protection.world import (
    GIB,
    LAST_NIGHT,
    LOCAL_ZFS,
    SOURCES,
    TANK,
    ago,
    backups,
    complete,
    config,
    container,
    datastore,
    group,
    guest,
    job,
    kept,
    listed,
    log,
    logs,
    nights,
    partial,
    restored,
    run,
    storage_config,
    world,
)

from nightshift.cli import backups as commands
from nightshift.cli.backups import exit_code
from nightshift.cli.backups_text import (
    Chosen,
    guest_lines,
    guest_named,
    markdown_lines,
    matrix_lines,
    plan_lines,
    plan_to_json,
)
from nightshift.cli.markup import code, escaped, literal
from nightshift.cli.recovery_text import html_page, markdown_page
from nightshift.facts.backup_runs import GuestVolumes, JobVolume, JobVolumes
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus
from nightshift.protection import matrix_of
from nightshift.protection.as_json import matrix_to_json
from nightshift.protection.plan import plan_of
from nightshift.protection.recovery import sheet_of
from nightshift.settings import load_settings

WIKI = guest(106, "wiki", node="pve2")
LOST = world(guests=complete(guest(), container(), WIKI))  # in no job, and never saved
LATE = world((listed(backups(*map(kept, nights()[:-1])), TANK[1]),), backup_runs=complete(
    *logs(nights()[:-1]), log(run(ok=False, reason="got timeout"))))  # fmt: skip
HOSTILE = "x|<script>alert(1)</script> `rm -rf /` [y](http://z) \x1b[31m"


def lines(snapshot: Snapshot, **chosen: Any) -> list[str]:
    matrix = matrix_of(snapshot)
    return list(matrix_lines(matrix, Chosen.of(snapshot, matrix, **chosen), UTC))


def test_the_worst_comes_first_and_the_summary_counts() -> None:
    head, _, columns, first, reason, *rest = lines(LOST)
    assert head == "1 unprotected, 2 protected · 3 guests · 2026-11-23 08:00 UTC"
    assert columns.split() == ["verdict", "guest", "last", "backup", "where", "reason"]
    assert first.split("  ")[1:3] == ["unprotected", "wiki (VM 106)"]
    assert reason == "      It was never backed up. No enabled backup job selects it."
    assert "tank/home ×7 ✓" in rest[0]


MIXED = world(
    (listed(*TANK, backups(kept(LAST_NIGHT), kind="host", number="thinkpad")),),
    guests=complete(guest(), container(), guest(900, "debian", template=True)),
)


def test_guests_are_counted_in_the_same_words_everywhere() -> None:
    """A template and a host are no guests."""
    matrix = matrix_of(MIXED)
    assert " · 2 guests, 1 template and 1 host · " in lines(MIXED)[0]
    sheet = sheet_of(MIXED, matrix)
    assert (len(sheet.steps), sheet.guests) == (2, "2 guests and 1 template")
    for page in (markdown_page(sheet, UTC), html_page(sheet, UTC)):
        assert "There are 2 guests and 1 template; templates are restored when they are wanted" in page


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ({}, ["wiki", "web", "db"]),
        ({"verdicts": ("unprotected",)}, ["wiki"]),
        ({"verdicts": ("protected", "at-risk")}, ["web", "db"]),
        ({"guest": "web"}, ["web"]),
        ({"guest": "pve/105"}, ["db"]),
        ({"guest": "106"}, ["wiki"]),
        ({"datastore": "tank"}, ["web", "db"]),
        ({"datastore": "tank/home"}, ["web", "db"]),
        ({"node": "pve2"}, ["wiki"]),
    ],
)
def test_filters(chosen: dict[str, Any], shown: list[str]) -> None:
    matrix = matrix_of(LOST)
    found = Chosen.of(LOST, matrix, **chosen).protections
    assert [item.guest.name for item in found if item.guest] == shown


@pytest.mark.parametrize("chosen", [{"guest": "nobody"}, {"datastore": "usb"}, {"node": "pve9"}])
def test_a_name_of_nothing_is_a_usage_error_that_names_what_there_is(chosen: dict[str, Any]) -> None:
    with pytest.raises(click.UsageError):
        Chosen.of(LOST, matrix_of(LOST), **chosen)


def test_a_guest_is_shown_with_everything() -> None:
    matrix = matrix_of(LATE)
    text = "\n".join(guest_lines(matrix, Chosen.of(LATE, matrix, guest="web"), UTC))
    assert text.startswith("web (VM 104): at risk\n  ! The last backup by job nightly is 1 d 6 h old")
    assert "the run to tank 6 h ago failed: something did not answer in time (got timeout)" in text
    assert text.count("got timeout") == 1
    assert "Job nightly to tank: late, next run 2026-11-24 02:00 UTC" in text
    assert "tank/home: 2026-11-22 02:00 UTC, 64 GiB, verified; 6 kept" in text
    assert "Restore tried 30 d ago (whole, by root@pam)." in text


def test_two_clusters_with_a_guest_of_one_name_are_told_apart() -> None:
    far = replace(guest(), source="site2", node="far1")
    twins = world(
        guests=complete(guest(), container(), far), sources=(*SOURCES, SourceStatus("site2", "pve", True, "9", 1))
    )
    shown = "\n".join(lines(twins))
    assert "pve: web (VM 104)" in shown
    assert "site2: web (VM 104)" in shown
    with pytest.raises(click.UsageError):
        guest_named(twins, "web")
    assert guest_named(twins, "site2/104").source == "site2"


def test_what_was_not_seen_is_said_once_with_its_way_out() -> None:
    gaps = tuple(Gap("pbs", name, "unreachable", "no route", "Check PBS_URL.") for name in ("backup_groups", "x"))
    away = replace(LOST, backup_groups=replace(LOST.backup_groups, state="partial", gaps=gaps))
    assert [line for line in lines(away) if "no route" in line] == ["  pbs: no route → Check PBS_URL."]


def test_groups_of_guests_that_are_gone_are_counted_apart_from_strangers() -> None:
    gone = backups(*map(kept, nights(2)), number=201)
    strange = backups(*map(kept, nights(2)), number=300, owner="pve@pbs!strange")
    snapshot = world((listed(*TANK, gone), listed(strange, place=("pbs", "tank", "strangers"))))
    text = "\n".join(lines(snapshot))
    assert "Of guests that are gone: 1 group, 64 GiB before deduplication: vm/201." in text
    assert "Of clusters that are not watched here: 1 group." in text


PVE_AWAY = Gap("pve", "guests", "unauthorized", "the token is not accepted", fix="Set PROXMOX_API_TOKEN.")
UNLISTED = world(
    (listed(backups(*map(kept, nights()), kind="host", number="thinkpad"), place=("pbs", "tank", "hosts")),),
    guests=Dataset("unavailable", gaps=(PVE_AWAY,)),
)
PARTLY = replace(world(), guests=replace(world().guests, state="partial", gaps=(PVE_AWAY,)))


CODES = [
    ("all protected", world(), 0),
    ("at risk", LATE, 1),
    ("unprotected", LOST, 2),
    ("unknown", world(backup_jobs=complete(), guests=complete()), 3),
    ("only a host, and the guests were not read", UNLISTED, 3),
    ("guests of a cluster were not read", PARTLY, 3),
]


@pytest.mark.parametrize(("snapshot", "code_"), [case[1:] for case in CODES], ids=[case[0] for case in CODES])
def test_exit_codes(snapshot: Snapshot, code_: int) -> None:
    matrix = matrix_of(snapshot)
    assert exit_code(matrix, matrix.protections) == code_


def test_guests_that_could_not_be_listed_are_no_all_clear() -> None:
    """The host that the backup server knows is not all there is."""
    matrix = matrix_of(UNLISTED)
    assert [item.entity.label for item in matrix.protections] == ["host thinkpad"]
    assert " · not all guests could be listed · " in lines(UNLISTED)[0]
    assert "  pve: the token is not accepted → Set PROXMOX_API_TOKEN." in lines(UNLISTED)
    plan = list(plan_lines(plan_of(UNLISTED, matrix), matrix))
    assert plan[0] == "This is no whole plan: not all guests could be listed."
    assert "Nothing has to change" not in "\n".join(plan)
    one = Chosen.of(PARTLY, matrix_of(PARTLY), guest="web")
    assert exit_code(matrix_of(PARTLY), one.protections) == 0, "of one that was read, all is known"


def test_the_exit_code_is_that_of_what_is_shown() -> None:
    matrix = matrix_of(LOST)
    for verdict, code_ in (("unprotected", 2), ("protected", 0), ("at-risk", 0)):
        chosen = Chosen.of(LOST, matrix, verdicts=(verdict,))
        assert exit_code(matrix, chosen.protections) == code_, verdict


def test_what_is_wrong_is_told_whole_however_narrow_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    told = " ".join(" ".join(lines(LOST)).split())
    assert "It was never backed up. No enabled backup job selects it." in told


def test_json_has_the_whole_matrix() -> None:
    matrix = matrix_of(LOST)
    told = json.loads(json.dumps(matrix_to_json(matrix, matrix.protections), allow_nan=False))
    assert told["counts"] == {"unprotected": 1, "unknown": 0, "at risk": 0, "protected": 2, "excluded": 0}
    web = told["protections"][0]
    assert web["guest"] == {"source": "pve", "vmid": 104, "name": "web", "kind": "qemu", "node": "pve1"}
    assert web["copies"][0]["newest_at"] == LAST_NIGHT.isoformat()
    assert web["jobs"][0]["state"] == "fresh"
    assert [reason["code"] for reason in told["protections"][2]["reasons"]] == ["never"]


def test_markdown_shows_strangers_text_as_it_is() -> None:
    snapshot = world(guests=complete(guest(name=HOSTILE), container()))
    matrix = matrix_of(snapshot)
    text = "\n".join(markdown_lines(matrix, Chosen.of(snapshot, matrix), UTC))
    rows = [row for row in text.split("\n") if row.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert "<script>" not in text
    assert "\x1b" not in text


def test_the_plan_is_short_and_says_for_whom() -> None:
    changes = plan_of(LOST, matrix_of(LOST))
    assert [change.what for change in changes] == ["Add 106 to the backup job nightly.", "Save 106 now."]
    assert changes[0].commands == ("pvesh set /cluster/backup/nightly --vmid 104,105,106",)
    assert (changes[1].commands, changes[1].where) == (("vzdump 106 --mode snapshot --storage tank",), "node pve2")
    text = "\n".join(plan_lines(changes, matrix_of(LOST)))
    assert text.startswith("Read before you run: Nightshift runs none of this.\n\n1. Add 106")
    assert plan_to_json(changes)["changes"][0]["mends"] == [{"key": "guest:pve/106", "label": "wiki (VM 106)"}]


AWAY = Gap("pbs", "backup_groups", "unreachable", "datastore tank is not available: not mounted")
OLD = {"at": ago(days=2, hours=6), "as_of": ago(days=1)}
OFFLINE = world(
    (listed(backups(*map(kept, nights(newest=ago(days=2, hours=6)))),
            backups(*map(kept, nights(newest=ago(days=2, hours=6))), kind="ct", number=105)),),
    datastores=complete(datastore(error="not mounted")),
    backup_groups=partial(group(104, **OLD), group(105, backup_type="ct", **OLD), gap=AWAY),
)  # fmt: skip
FAILED_RUN = complete(*logs(nights()[:-1]), log(run(ok=False, reason="not mounted")))
PLANS = [
    ("nothing", world(), []),
    ("a job is enabled again", world(backup_jobs=complete(job(vmids=(105,)), job("old", enabled=False, vmids=(104,)))),
     ["Enable the backup job old again."]),
    ("there is no job", world((listed(TANK[1]),), backup_jobs=complete(), backup_runs=complete(), tasks=complete()),
     ["Make a backup job for all guests.", "Save 104 now."]),
    ("a guest left the job's node", world(guests=complete(guest(node="pve2"), container()),
                                         backup_jobs=complete(job(node="pve1"))),
     ["Take the node out of the backup job nightly, so that it follows its guests."]),
    ("a mount point", world(
        guest_configs=complete(config(105, ("mp0", "local-zfs:subvol-105-disk-1,mp=/data,size=8G"))),
        job_volumes=complete(JobVolumes("pve", "nightly", LAST_NIGHT, (GuestVolumes(105, (
            JobVolume("rootfs", "z:1", True, ""), JobVolume("mp0", "local-zfs:subvol-105-disk-1", False, ""))),)))),
     ["Tick Backup on mp0 of db (CT 105)."]),
    ("the datastore that the job writes to is away", OFFLINE,
     ["Bring the datastore tank back: not mounted."]),
    ("… and a run failed for that reason", replace(OFFLINE, backup_runs=FAILED_RUN),
     ["Bring the datastore tank back: not mounted.", "Save 104 and 105 as soon as the datastore tank is back."]),
    ("a storage lost its key", world((listed(backups(
        *(kept(moment, encrypted=True) for moment in nights()[:-1]), kept(LAST_NIGHT, encrypted=False)), TANK[1]),)),
     ["Give the storage tank its encryption key again, the one that the older backups need."]),
    ("a disk is gone", world((listed(backups(*map(kept, nights()[:-1]), kept(LAST_NIGHT, size_bytes=GIB)), TANK[1]),)),
     ["See whether a disk of web (VM 104) was lost, or taken out on purpose."]),
]  # fmt: skip


@pytest.mark.parametrize(("snapshot", "changes"), [case[1:] for case in PLANS], ids=[case[0] for case in PLANS])
def test_plans(snapshot: Snapshot, changes: list[str]) -> None:
    assert [change.what for change in plan_of(snapshot, matrix_of(snapshot))] == changes


def test_commands_quote_what_operators_named() -> None:
    odd = world(backup_jobs=complete(job(vmids=(105,)), job("a; reboot", enabled=False, vmids=(104,))))
    (change,) = plan_of(odd, matrix_of(odd))
    assert change.commands == ("pvesh set /cluster/backup/'a; reboot' --enabled 1",)


PBS_VM = guest(111, "pbs", node="pve2")
SHEET = world(
    (listed(*TANK, backups(*map(kept, nights()), number=111)),),
    guests=complete(guest(name=HOSTILE), container(), PBS_VM, guest(106, "wiki"), guest(9000, "tpl", template=True)),
    names={"192.0.2.9": PBS_VM.entity},
    storage_configs=complete(LOCAL_ZFS, storage_config(encrypted=True)),
    guest_configs=complete(config(104), config(105, ("rootfs", "local-zfs:subvol-105-disk-0,size=8G"))),
)


def test_the_recovery_sheet_begins_with_the_backup_server() -> None:
    sheet = sheet_of(SHEET, matrix_of(SHEET))
    assert [step.guest.vmid for step in sheet.steps] == [111, 104, 105, 106]
    assert sheet.steps[0].first_because == "it serves the backups tank"
    commands = [copy.command for step in sheet.steps for copy in step.copies]
    assert commands == [
        "qmrestore tank:backup/vm/111/2026-11-23T02:00:00Z 111",
        "qmrestore tank:backup/vm/104/2026-11-23T02:00:00Z 104 --storage local-zfs",
        "pct restore 105 tank:backup/ct/105/2026-11-23T02:10:00Z --storage local-zfs",
    ]
    assert sheet.steps[3].copies == ()
    assert any("encryption key of the storage tank" in key for key in sheet.keys)


def test_a_broken_newest_backup_is_not_what_one_restores() -> None:
    snapshot = world((listed(backups(*map(kept, nights()[:-1]), kept(LAST_NIGHT, verified=False)), TANK[1]),))
    sheet = sheet_of(snapshot, matrix_of(snapshot))
    assert (
        sheet.steps[0].copies[0].command == "qmrestore tank:backup/vm/104/2026-11-22T02:00:00Z 104 --storage local-zfs"
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]


def test_the_web_page_is_one_file_without_scripts() -> None:
    page = html_page(sheet_of(SHEET, matrix_of(SHEET)), UTC)
    tags = Tags()
    tags.feed(page)
    assert {"script", "img", "link", "iframe"}.isdisjoint(tags.seen)
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page


def test_the_markdown_page_shows_strangers_text_as_it_is() -> None:
    page = markdown_page(sheet_of(SHEET, matrix_of(SHEET)), UTC)
    assert "<script>" not in page
    assert "\n### 1. pbs (VM 111)\n" in page
    assert "**No backup that could be restored is known.**" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a|b", "a\\|b"), ("<b>", "\\<b\\>"), ("a_b", "a\\_b"), ("plain (VM 1)", "plain (VM 1)"), ("x\ny", "x y")],
)
def test_literal_markdown(text: str, shown: str) -> None:
    assert literal(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``")])
def test_inline_code(text: str, shown: str) -> None:
    assert code(text) == shown


def test_html_is_escaped_with_its_quotes() -> None:
    assert escaped('<a href="x">') == "&lt;a href=&quot;x&quot;&gt;"


def test_a_guest_is_found_by_name_number_or_both() -> None:
    assert guest_named(LOST, "wiki").vmid == guest_named(LOST, "106").vmid == guest_named(LOST, "pve/106").vmid == 106
    assert restored(104).kind == "whole"


def test_a_sheet_of_no_guest_leaves_the_last_one_as_it_is(
    here: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(environ={})
    monkeypatch.setattr(commands, "_look", lambda **_: (settings, UNLISTED, matrix_of(UNLISTED)))
    kept_sheet = tmp_path / "recovery.md"
    kept_sheet.write_text("the sheet of yesterday")
    outcome = here("recovery-sheet", "-q", "-o", str(kept_sheet))
    assert outcome.code == 3
    assert kept_sheet.read_text() == "the sheet of yesterday"
    assert outcome.out == (
        f"Not written, {kept_sheet} is left as it is: no guest could be seen.\n- the token is not accepted\n"
    )
