"""PVE's endpoints of backup jobs: what they save, when they run next, and which guests none of them names."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.world.backups import enabled, night_at, night_of, saved_disks, vmids_of, weekday_of
from nightshift_lab.world.nouns import DAY_S, BackupJob, Disk, Guest
from nightshift_lab.world.states import disks_of

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def backup_jobs(call: Call) -> Data:
    return [_job(call, job) for job in call.world.cluster.backup_jobs]


def backup_job(call: Call) -> Data:
    return _job(call, _job_named(call))


def _job_named(call: Call) -> BackupJob:
    for job in call.world.cluster.backup_jobs:
        if job.id == call.path["id"]:
            return job
    raise Refusal(500, "No such job '{}'".format(call.path["id"]))


def _job(call: Call, job: BackupJob) -> Data:
    begins_s = int(call.world.rhythm.window_start_s + job.start_offset_s)
    row: dict[str, Data] = {
        "id": job.id,
        "type": "vzdump",
        "enabled": int(enabled(call.world, job, call.at)),
        "schedule": _schedule(job, begins_s),
        "storage": job.storage,
        "mode": job.mode,
        "comment": job.comment,
        "notes-template": "{{guestname}}",
        "notification-mode": "notification-system",
        "fleecing": {"enabled": "0"},
        "prune-backups": {"keep-all": "1"},
        "repeat-missed": 0,
    }
    row |= _selection(call, job) | ({"node": job.node} if job.node else {})
    return row | ({"next-run": _next_run(call, job)} if row["enabled"] else {})


def _schedule(job: BackupJob, begins_s: int) -> str:
    """As calendar events have it: `02:00`, `sat 02:00`. A time past midnight is on the following day."""
    clock = f"{begins_s // 3600 % 24:02d}:{begins_s // 60 % 60:02d}"
    return clock if job.weekday is None else f"{_DAYS[job.weekday]} {clock}"


def _selection(call: Call, job: BackupJob) -> dict[str, Data]:
    if job.pool:
        return {"pool": job.pool}
    listed = job.vmids if job.everything or job.node else vmids_of(call.world, job, call.at)
    vmids = ",".join(str(vmid) for vmid in listed)
    return ({"all": 1} | ({"exclude": vmids} if vmids else {})) if job.everything else {"vmid": vmids}


def _next_run(call: Call, job: BackupJob) -> int:
    at = night_at(call.world, night_of(call.world, call.at)) + job.start_offset_s
    while at <= call.at or (job.weekday is not None and weekday_of(at) != job.weekday):
        at += DAY_S
    return int(at)


def included_volumes(call: Call) -> Data:
    """Which volumes a job saves, guest by guest, and why not the others."""
    children = []
    for vmid in vmids_of(call.world, _job_named(call), call.at):
        guest = call.world.cluster.guest(vmid)
        saved = saved_disks(call.world, guest, call.at)
        volumes = [
            {
                "id": disk.key,
                "name": f"{disk.storage}:{volume_name(guest.kind, vmid, number)}",
                "included": int(disk in saved),
                "reason": _reason(guest, disk, disk in saved),
            }
            for number, disk in enumerate(disks_of(call.world, guest, call.at))
        ]
        volumes += [
            {"id": bind.key, "name": bind.path, "included": 0, "reason": "not a volume"} for bind in guest.binds
        ]
        children.append({"id": vmid, "name": guest.name, "type": guest.kind, "children": volumes})
    return {"children": children}


def _reason(guest: Guest, disk: Disk, saved: bool) -> str:
    """VMs and containers word it differently."""
    if guest.kind == "qemu":
        return "backup=yes" if saved else "backup=no"
    return "rootfs" if disk.key == "rootfs" else "enabled" if saved else "disabled"


def volume_name(kind: str, vmid: int, number: int) -> str:
    return f"{'vm' if kind == 'qemu' else 'subvol'}-{vmid}-disk-{number}"


def unused_volume(guest: Guest) -> str:
    """A disk that was detached and left."""
    return volume_name(guest.kind, guest.vmid, 9)


def not_backed_up(call: Call) -> Data:
    """Guests that no job names; like PVE, whether the job is enabled plays no part."""
    covered = {vmid for job in call.world.cluster.backup_jobs for vmid in vmids_of(call.world, job, call.at)}
    return [
        {"vmid": guest.vmid, "name": guest.name, "type": guest.kind}
        for guest in call.world.cluster.guests
        if guest.vmid not in covered and call.token.may(f"/vms/{guest.vmid}", "VM.Audit")
    ]
