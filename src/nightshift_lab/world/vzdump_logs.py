"""What vzdump writes into its task log, backup by backup, when all goes well and when it does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from nightshift_lab.world.backups import OWNER, BackupRun
from nightshift_lab.world.hashing import hex_digits
from nightshift_lab.world.nouns import GIB, MIB, Guest

# What vzdump leaves out of containers.
_EXCLUDED = ("/tmp/?*", "/var/tmp/?*", "/var/run/?*.pid")  # noqa: S108  (patterns, not files of ours)


def vzdump_log(runs: Sequence[BackupRun], others: Sequence[Guest]) -> tuple[str, ...]:
    """The log of one vzdump task. `others` are the job's guests on other nodes."""
    first = runs[0]
    vmids = sorted([run.guest.vmid for run in runs] + [guest.vmid for guest in others])
    options = f"--mode {first.job.mode} --storage {first.job.storage} --prune-backups 'keep-all=1'"
    notes = "--notes-template '{{guestname}}' --quiet 1"
    lines = [f"INFO: starting new backup job: vzdump {' '.join(map(str, vmids))} {options} {notes}"]
    if others:
        lines.append(f"INFO: skip external VMs: {', '.join(str(guest.vmid) for guest in others)}")
    if first.stops_the_job:
        return (f"TASK ERROR: {first.error}",)
    for run in runs:
        lines += _one_guest(run)
    failed = any(run.error for run in runs)
    lines.append(f"INFO: Backup job finished {'with errors' if failed else 'successfully'}")
    lines.append("TASK ERROR: job errors" if failed else "TASK OK")
    return tuple(lines)


def _one_guest(run: BackupRun) -> list[str]:
    lines = [
        f"INFO: Starting Backup of VM {run.guest.vmid} ({run.guest.kind})",
        f"INFO: Backup started at {_local(run.started_at)}",
        f"INFO: status = {'running' if run.guest.runs else 'stopped'}",
    ]
    if run.refused:
        refusal = f"ERROR: Backup of VM {run.guest.vmid} failed - {run.error}"
        return [*lines, refusal, f"INFO: Failed at {_local(run.ended_at)}"]
    lines += _of_vm(run) if run.guest.kind == "qemu" else _of_container(run)
    if run.error:
        return [*lines, f"INFO: Failed at {_local(run.ended_at)}"]
    return [
        *lines,
        "INFO: adding notes to backup",
        f"INFO: Finished Backup of VM {run.guest.vmid} ({_clock(run.ended_at - run.started_at)})",
        f"INFO: Backup finished at {_local(run.ended_at)}",
    ]


def _of_vm(run: BackupRun) -> list[str]:
    guest = run.guest
    total = run.size_bytes
    mode = run.job.mode if guest.runs else "stop"
    lines = [f"INFO: backup mode: {mode}", "INFO: ionice priority: 7", f"INFO: VM Name: {guest.name}"]
    for number, disk in enumerate(guest.disks):
        volume = f"'{disk.key}' '{disk.storage}:vm-{guest.vmid}-disk-{number}'"
        kept = (
            f"include disk {volume} {disk.size_bytes // GIB}G"
            if disk in run.disks
            else f"exclude disk {volume} (backup=no)"
        )
        lines.append(f"INFO: {kept}")
    lines.append(f"INFO: creating Proxmox Backup Server archive '{run.snapshot}'")
    if not guest.runs:
        lines.append("INFO: starting kvm to execute backup task")
    if guest.agent and guest.runs:
        lines += ["INFO: issuing guest-agent 'fs-freeze' command", "INFO: issuing guest-agent 'fs-thaw' command"]
    identifier = hex_digits(32, run.snapshot)
    uuid = "-".join((identifier[:8], identifier[8:12], identifier[12:16], identifier[16:20], identifier[20:]))
    lines += [f"INFO: started backup task '{uuid}'", "INFO: resuming VM again"]
    if run.error:
        upload = f"write_data upload error: pipelined request failed: {chunk_error(run)}"
        reason = f"backup write data failed: command error: {upload}"
        lines += [f"ERROR: {reason}", "INFO: aborting backup job", "INFO: resuming VM again"]
        return [*lines, f"ERROR: Backup of VM {guest.vmid} failed - {reason}"]
    dirty = _size(run.transferred_bytes)
    seconds = max(1, int(run.ended_at - run.started_at) - 3)
    speed = _size(run.transferred_bytes / seconds)
    told = (
        ["INFO: scsi0: dirty-bitmap status: existing bitmap was invalid and has been cleared"]
        if run.bitmap_lost
        else [
            f"INFO: scsi0: dirty-bitmap status: OK ({dirty} of {_size(total)} dirty)",
            f"INFO: using fast incremental mode (dirty-bitmap), {dirty} dirty of {_size(total)} total",
        ]
    )
    reused = total - run.transferred_bytes if not run.bitmap_lost else int(total * 0.97)
    return [
        *lines,
        *told,
        f"INFO: 100% ({dirty} of {dirty}) in {seconds}s, read: {speed}/s, write: {speed}/s",
        f"INFO: backup was done incrementally, reused {_size(reused)} ({reused * 100 // max(total, 1)}%)",
        f"INFO: transferred {dirty} in {seconds} seconds ({speed}/s)",
    ]


def _of_container(run: BackupRun) -> list[str]:
    guest = run.guest
    repository = f"{OWNER}@192.0.2.111:{run.datastore}"
    excluded = " ".join(f"'--exclude={pattern}'" for pattern in _EXCLUDED)
    command = (
        "/usr/bin/proxmox-backup-client backup '--crypt-mode=none' "
        f"pct.conf:/var/tmp/vzdumptmp_{guest.vmid}/etc/vzdump/pct.conf root.pxar:/mnt/vzsnap0 "
        f"--include-dev /mnt/vzsnap0/./ --skip-lost-and-found {excluded} --backup-type ct "
        f"--backup-id {guest.vmid} --backup-time {int(run.started_at)} --entries-max 1048576 "
        f"--repository {repository} --ns {run.namespace}"
    )
    lines = [f"INFO: CT Name: {guest.name}"]
    for disk in guest.disks:
        what = "including" if disk in run.disks else "excluding"
        why = "in backup" if disk in run.disks else "from backup (disabled)"
        lines.append(f"INFO: {what} mount point {disk.key} ('{disk.mountpoint}') {why}")
    lines += [
        f"INFO: excluding bind mount point {bind.key} ('{bind.mountpoint}') from backup (not a volume)"
        for bind in guest.binds
    ]
    lines += [
        "INFO: backup mode: snapshot",
        "INFO: ionice priority: 7",
        "INFO: create storage snapshot 'vzdump'",
        f"INFO: creating Proxmox Backup Server archive '{run.snapshot}'",
        "INFO: set max number of entries in memory for file-based backups to 1048576",
        f"INFO: run: {command}",
        f"INFO: Starting backup: [{run.namespace}]:{run.snapshot}",
        f"INFO: Client name: {run.node}",
        f"INFO: Starting backup protocol: {_ctime(run.started_at + 1)}",
        "INFO: Downloading previous manifest (previous night)",
        f"INFO: Upload directory '/mnt/vzsnap0' to '{repository}' as root.pxar.didx",
    ]
    if run.error:
        return [
            *lines,
            f"INFO: Error: {chunk_error(run)}",
            "INFO: cleanup temporary 'vzdump' snapshot",
            f"ERROR: Backup of VM {guest.vmid} failed - command '{command}' failed: exit code 255",
        ]
    seconds = run.ended_at - run.started_at - 2
    reused = run.size_bytes - run.transferred_bytes
    done = (
        f"{_size(run.transferred_bytes)} of {_size(run.size_bytes)} (compressed {_size(run.transferred_bytes * 0.38)})"
    )
    share = f"{reused * 100 / run.size_bytes:.1f}%"
    return [
        *lines,
        f"INFO: root.pxar: had to backup {done} in {seconds:.2f} s",
        f"INFO: root.pxar: backup was done incrementally, reused {_size(reused)} ({share})",
        f"INFO: Duration: {seconds:.2f}s",
        f"INFO: End Time: {_ctime(run.ended_at - 1)}",
        "INFO: cleanup temporary 'vzdump' snapshot",
    ]


def chunk_error(run: BackupRun) -> str:
    """What the backup server answers when a chunk cannot be written."""
    digest = hex_digits(64, run.snapshot, "chunk")
    path = f"/mnt/datastore/{run.datastore}/.chunks/{digest[:4]}/{digest}.tmp_{hex_digits(6, digest)}"
    return f"inserting chunk on store '{run.datastore}' failed for {digest} - mkstemp \"{path}\" failed: {run.error}"


def _size(size_bytes: float) -> str:
    if size_bytes >= GIB:
        return f"{size_bytes / GIB:.2f} GiB"
    if size_bytes >= MIB:
        return f"{size_bytes / MIB:.2f} MiB"
    return f"{size_bytes / 1024:.2f} KiB"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _local(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _ctime(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%a %b %e %H:%M:%S %Y")
