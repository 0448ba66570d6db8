"""What a vzdump log says, and which logs are read."""

from __future__ import annotations

import pytest
from tests.collect.doubles import ProxmoxDouble, Pve, backup

from nightshift.collect.reading import Deadline
from nightshift.collect.tasks import BackupLog, read_backup_log, with_reasons

START = "INFO: starting new backup job: vzdump 104 105 --mode snapshot --storage pbs-tank --quiet 1"
CLIENT = "command '/usr/bin/proxmox-backup-client backup …' failed: exit code 255"

LOGS: list[tuple[str, list[str], BackupLog]] = [
    ("nothing", [], BackupLog((), None, None)),
    (
        "a run that went well",
        [START, "INFO: Finished Backup of VM 104 (00:00:10)", "TASK OK"],
        BackupLog((), None, "pbs-tank"),
    ),
    (
        "one guest of two",
        [START, "ERROR: Backup of VM 105 failed - no space left", "TASK ERROR: job errors"],
        BackupLog((105,), "no space left", "pbs-tank"),
    ),
    (
        "the guest's own number is left out of the reason",
        [START, "ERROR: Backup of VM 105 failed - VM 105 qmp command 'backup' failed - timeout"],
        BackupLog((105,), "qmp command 'backup' failed - timeout", "pbs-tank"),
    ),
    (
        "a container's client says why",
        ["INFO: Error: ENOSPC: No space left on device", f"ERROR: Backup of VM 105 failed - {CLIENT}"],
        BackupLog((105,), "ENOSPC: No space left on device", None),
    ),
    (
        "a container's client says nothing",
        [f"ERROR: Backup of CT 105 failed - {CLIENT}"],
        BackupLog((105,), CLIENT, None),
    ),
    (
        "the most frequent reason comes first",
        [
            "ERROR: Backup of VM 1 failed - locked",
            "ERROR: Backup of VM 3 failed - full",
            "ERROR: Backup of VM 2 failed - full",
        ],
        BackupLog((1, 2, 3), "full", None),
    ),
    (
        "the task failed before any guest",
        ["TASK ERROR: could not activate storage 'nas'"],
        BackupLog((), "could not activate storage 'nas'", None),
    ),
    (
        "an error that is more than 'job errors'",
        ["ERROR: got signal", "TASK ERROR: job errors"],
        BackupLog((), "got signal", None),
    ),
]


@pytest.mark.parametrize(("lines", "expected"), [case[1:] for case in LOGS], ids=[case[0] for case in LOGS])
def test_what_a_log_says(lines: list[str], expected: BackupLog) -> None:
    assert read_backup_log(lines) == expected


async def test_runs_that_followed_a_failure_are_told_apart_by_their_storage() -> None:
    failed, later = backup("F", hours=8), backup("L", "OK", hours=7)
    elsewhere, earlier = backup("E", "OK", hours=7, node="pve2"), backup("B", "OK", hours=9)
    alone = backup("A", "OK", hours=7, worker_id="104")
    holds = Pve(logs={"L": ("INFO: starting new backup job: vzdump 1 --storage vault",)})
    client = ProxmoxDouble(holds)
    tasks = (failed, later, elsewhere, earlier, alone)
    gathered = await with_reasons(client, tasks, Deadline.after("pve", 2))  # type: ignore[arg-type]
    assert client.calls == ["task_log F", "task_log L"]
    assert {task.upid: task.storage for task in gathered.rows} == {
        "F": None,
        "L": "vault",
        "E": None,
        "B": None,
        "A": None,
    }


async def test_no_failure_no_log() -> None:
    client = ProxmoxDouble()
    await with_reasons(client, (backup("L", "OK"),), Deadline.after("pve", 2))  # type: ignore[arg-type]
    assert client.calls == []
