"""What vzdump and restore logs say, guest by guest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nightshift.collect.backup_logs import read_run_log, restored_from
from nightshift.facts.backup_runs import BackupRun
from nightshift.facts.tasks import Task

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 02:00 on the node
TASK = Task("pve", "U1", "pve1", "vzdump", "", "root@pam", AT, AT + timedelta(hours=1), "OK", "ok")
START = "INFO: starting new backup job: vzdump 104 105 --mode snapshot --storage tank --quiet 1"
GIB = 2**30


def run(vmid: int, **told: object) -> BackupRun:
    usual = {"started_at": AT, "ok": True, "storage": "tank"}
    return BackupRun("pve", "U1", "pve1", vmid, **(usual | told))  # type: ignore[arg-type]


VM = (
    "INFO: Starting Backup of VM 104 (qemu)",
    "INFO: Backup started at 2026-11-23 02:00:03",
    "INFO: status = running",
    "INFO: include disk 'scsi0' 'local-zfs:vm-104-disk-0' 64G",
    "INFO: exclude disk 'scsi1' 'local-zfs:vm-104-disk-1' (backup=no)",
    "INFO: scsi0: dirty-bitmap status: OK (2.0 GiB of 64.0 GiB dirty)",
    "INFO: using fast incremental mode (dirty-bitmap), 2.0 GiB dirty of 64.0 GiB total",
    "INFO: backup was done incrementally, reused 62.00 GiB (96%)",
    "INFO: transferred 2.00 GiB in 23 seconds (89.0 MiB/s)",
    "INFO: Finished Backup of VM 104 (00:40:31)",
    "INFO: Backup finished at 2026-11-23 02:40:34",
)
CT = (
    "INFO: Starting Backup of VM 105 (lxc)",
    "INFO: Backup started at 2026-11-23 02:40:35",
    "INFO: excluding bind mount point mp0 ('/data') from backup (not a volume)",
    "INFO: excluding volume mount point mp1 ('/cache') from backup (disabled)",
    "INFO: root.pxar: had to backup 512.00 MiB of 3.00 GiB (compressed 100.00 MiB) in 9.10 s",
    "INFO: root.pxar: backup was done incrementally, reused 2.50 GiB (83.3%)",
    "INFO: Finished Backup of VM 105 (00:00:12)",
)
CLIENT = "command '/usr/bin/proxmox-backup-client backup …' failed: exit code 255"

LOGS = [
    (
        "two guests, one log",
        (START, *VM, *CT, "INFO: Backup job finished successfully", "TASK OK"),
        (
            run(104, duration_s=2431.0, transferred_bytes=2 * GIB, reused_bytes=62 * GIB, bitmap="kept",
                excluded=("scsi1",)),
            run(105, started_at=AT + timedelta(minutes=40, seconds=32), duration_s=12.0, transferred_bytes=GIB // 2,
                reused_bytes=5 * GIB // 2, excluded=("mp0", "mp1")),
        ),
        None,
    ),
    (
        "one failed, and the next succeeded",
        (START, VM[0], VM[1], "ERROR: VM 104 qmp command 'backup' failed - got timeout",
         "ERROR: Backup of VM 104 failed - VM 104 qmp command 'backup' failed - got timeout",
         "INFO: Failed at 2026-11-23 02:01:03", *CT[:2], CT[-1], "TASK ERROR: job errors"),
        (
            run(104, ok=False, duration_s=60.0, reason="qmp command 'backup' failed - got timeout"),
            run(105, started_at=AT + timedelta(minutes=40, seconds=32), duration_s=12.0),
        ),
        None,
    ),
    (
        "the clocks go back an hour meanwhile",
        (START, *VM, CT[0], "INFO: Backup started at 2026-11-23 01:45:00", CT[-1], VM[0],
         "INFO: Backup started at 2026-11-23 02:59:00", "ERROR: Backup of VM 104 failed - got timeout",
         "INFO: Failed at 2026-11-23 02:01:00"),
        (
            run(104, duration_s=2431.0, transferred_bytes=2 * GIB, reused_bytes=62 * GIB, bitmap="kept",
                excluded=("scsi1",)),
            run(105, duration_s=12.0),
            run(104, started_at=AT + timedelta(minutes=58, seconds=57), ok=False, reason="got timeout"),
        ),
        None,
    ),
    (
        "a container's client says why",
        (START, CT[0], "INFO: Error: ENOSPC: No space left on device", f"ERROR: Backup of VM 105 failed - {CLIENT}"),
        (run(105, ok=False, reason="ENOSPC: No space left on device"),),
        None,
    ),
    (
        "the bitmap was lost on one of two disks",
        (START, VM[0], "INFO: scsi0: dirty-bitmap status: OK (drive clean)",
         "INFO: scsi1: dirty-bitmap status: existing bitmap was invalid and has been cleared", VM[-2]),
        (run(104, duration_s=2431.0, bitmap="new"),),
        None,
    ),
    (
        "a stopped VM has a new bitmap",
        (START, VM[0], "INFO: scsi0: dirty-bitmap status: created new", VM[-2]),
        (run(104, duration_s=2431.0, bitmap="new"),),
        None,
    ),
    (
        "an archive in a file",
        (START, VM[0], "INFO: archive file size: 1.50GB", VM[-2]),
        (run(104, duration_s=2431.0, transferred_bytes=3 * GIB // 2),),
        None,
    ),
    ("cut off in the middle", (START, VM[0], VM[1]), (run(104, ok=False, reason="the log ends in the middle of it"),),
     None),
    ("given up before any guest", ("TASK ERROR: could not activate storage 'tank': no route",), (),
     "could not activate storage 'tank': no route"),
    ("nothing to do", (START, "INFO: skip external VMs: 104, 105", "TASK OK"), (), None),
    ("empty", (), (), None),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "runs", "error"), [case[1:] for case in LOGS], ids=[case[0] for case in LOGS])
def test_what_a_log_says_of_each_guest(lines, runs, error):
    log = read_run_log(TASK, lines, AT)
    assert (log.runs, log.error) == (runs, error)
    assert log.storage == ("tank" if lines else None)


@pytest.mark.parametrize(
    ("line", "vmid"),
    [
        ("restore proxmox backup image: /usr/bin/pbs-restore --repository x vm/104/2026-11-23T02:00:03Z drive", 104),
        ("restore vma archive: zstd -q -d -c /mnt/pve/nas/dump/vzdump-qemu-104-2026_11_23-02_00_03.vma.zst | vma", 104),
        ("restoring 'tank:backup/ct/105/2026-11-23T02:00:03Z' now..", 105),
        ("restoring 'nas:backup/vzdump-lxc-105-2026_11_23-02_00_03.tar.zst' now..", 105),
        ("new volume ID is 'local-zfs:vm-904-disk-0'", None),
        ("", None),
    ],
)
def test_whose_backup_a_restore_read(line, vmid):
    assert restored_from(["TASK started", line]) == vmid
