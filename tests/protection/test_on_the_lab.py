"""Verdicts end to end: the lab's PVE and PBS over HTTPS, collected, judged. What each story does to whose backups."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.sweep.test_on_the_lab import lab

from nightshift.checks.backup_evidence import matrix
from nightshift.checks.thresholds import Thresholds
from nightshift.collect.collector import Collector
from nightshift.facts.snapshot import Snapshot
from nightshift.protection import Matrix
from nightshift.settings import load_settings
from nightshift.sources import Sources

SOAK = bool(os.environ.get("NIGHTSHIFT_SOAK"))
PBS = ("guest:pve/111", "at risk", "same-place")  # the lab's backup server saves itself into itself


@dataclass(frozen=True)
class Story:
    """A scenario, what is said of some guests (key, verdict, code of a reason), and how many have another verdict
    than protected or excluded in all; None where that is not the point."""

    scenario: str
    told: tuple[tuple[str, str, str], ...]
    others: int | None = None
    always: bool = False


STORIES = (
    Story("healthy", (
        PBS, ("guest:pve/104", "protected", "left-out"), ("guest:pve/112", "protected", "with-server")), 1,
        always=True),
    Story("guest-without-backup", (PBS, ("guest:pve/114", "unprotected", "uncovered")), 2, always=True),
    Story("guest-dropped-from-job", (PBS, ("guest:pve/118", "unprotected", "uncovered")), 2),
    Story("guest-backup-failing", (("guest:pve/117", "at risk", "failed"), ("guest:pve/117", "at risk", "late")), 2,
          always=True),
    Story("backup-job-disabled", (("guest:pve/104", "at risk", "uncovered"), ("guest:pve/100", "protected", "saved"))),
    Story("backup-stale", (("guest:pve/115", "unprotected", "uncovered"), ("guest:pve/104", "protected", "saved"))),
    Story("verification-failed", (("guest:pve/104", "at risk", "corrupt"),), 2),
    Story("backup-encryption-dropped", (("guest:pve/102", "at risk", "encryption"),), 8),
    Story("backup-pool-left", (("guest:pve/134", "unprotected", "uncovered"),), 2),
    Story("backup-slow", (("guest:pve/113", "protected", "slow"),), 1),
    Story("backup-weekly-missed", (("guest:pve/123", "at risk", "late"),), 2),
    Story("backup-server-on-guest-storage", (("guest:pve/112", "at risk", "same-place"),)),
    Story("backup-groups-mixed", (("guest:pve/104", "protected", "saved"),), 1, always=True),
    Story("guest-bind-mount", (("guest:pve/114", "protected", "bind-mount"),), 1),
    Story("host-backup-stale", (("group:pbs/tank//host/thinkpad-anna", "at risk", "late"),), 2),
    Story("healthy-orphaned-groups", (PBS,), 1),
    Story("healthy-fresh-guest", (("guest:pve/135", "at risk", "first-run"),), 2),
    Story("datastore-unavailable", (
        ("guest:pve/111", "unknown", "same-place"), ("guest:pve/104", "protected", "saved"),
        ("guest:pve/100", "at risk", "failed"))),
)  # fmt: skip
RELEASES = {"PVE 9, PBS 4": (), "PVE 8, PBS 3": ("--pve", "8.4", "--pbs", "3.4")}
TOLD = [
    pytest.param(story, RELEASES[release], id=f"{story.scenario} on {release}")
    for story in STORIES
    for release in RELEASES
    if SOAK or (story.always and (release == "PVE 9, PBS 4" or story.scenario == "healthy"))
]


@pytest.mark.parametrize(("story", "release"), TOLD)
async def test_a_story_is_told_by_the_verdicts(story: Story, release: tuple[str, ...], tmp_path: Path) -> None:
    """By the newest releases and by those before them, whose API gives less."""
    with lab(story.scenario, tmp_path, *release) as environ:
        snapshot = await seen(environ)
    found = matrix(snapshot, Thresholds())
    for key, verdict, code in story.told:
        item = found.get(key)
        assert item is not None, key
        assert (item.verdict, item.reason(code) is not None) == (verdict, True), (key, code, item.reasons)
    if story.others is not None:
        assert len(_others(found)) == story.others, _others(found)
    if story.scenario == "healthy":
        assert_whose_they_are(snapshot, found)


async def seen(environ: dict[str, str]) -> Snapshot:
    """A snapshot for which the slow lane had as many turns as it needed."""
    sources = Sources.open(load_settings(environ=environ).connections)
    try:
        collector = Collector(sources, queries={})
        for _ in range(6):
            snapshot, _ = await collector.collect(datetime.now(UTC))
            if not snapshot.progress:
                break
    finally:
        await sources.aclose()
    return snapshot


def _others(found: Matrix) -> list[tuple[str, str]]:
    return [
        (item.entity.key, item.headline) for item in found.protections if item.verdict not in ("protected", "excluded")
    ]


def assert_whose_they_are(snapshot: Snapshot, found: Matrix) -> None:
    """The attic's guests have the numbers of the cluster's, one even its name: their backups are nobody's here."""
    attic = [group for group in snapshot.backup_groups if group.namespace == "attic-host"]
    assert len(attic) == 5
    assert [group.key for group in attic if group.guest is not None] == []
    foreign = [orphan.group.backup_id for orphan in found.orphans if orphan.foreign]
    assert sorted(foreign) == ["100", "300"], "the numbers that the cluster does not have as that kind"
    gone = [(orphan.name, orphan.last_owner) for orphan in found.orphans if not orphan.foreign]
    assert gone == [("old-mail", "pve@pbs!homelab")]
