"""Replication of guests' disks between nodes: the jobs, how they stand, and what they wrote."""

from __future__ import annotations

from datetime import UTC, datetime

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import Replication
from nightshift_lab.world.replications import Standing, standing


def _visible(call: Call) -> list[Replication]:
    jobs = call.world.cluster.replications
    return [job for job in jobs if call.token.may(f"/vms/{job.vmid}", "VM.Audit")]


def jobs(call: Call) -> Data:
    return [
        {
            "id": job.id,
            "guest": job.vmid,
            "jobnum": job.number,
            "source": job.source,
            "target": job.target,
            "schedule": job.schedule,
            "type": "local",
        }
        for job in _visible(call)
    ]


def of_node(call: Call) -> Data:
    """The jobs of guests that are on this node now."""
    guest = call.query.get("guest")
    mine = [job for job in _visible(call) if job.source == call.path["node"]]
    return [_row(call, job) for job in mine if guest is None or str(job.vmid) == guest]


def status(call: Call) -> Data:
    return _row(call, _named(call))


def _named(call: Call) -> Replication:
    for job in call.world.cluster.replications:
        if job.id == call.path["id"]:
            if not call.token.may(f"/vms/{job.vmid}", "VM.Audit"):
                raise Refusal(403, f"Permission check failed (/vms/{job.vmid}, VM.Audit)")
            return job
    raise Refusal(500, "no such replication job '{}'".format(call.path["id"]))


def _row(call: Call, job: Replication) -> dict[str, Data]:
    told = standing(call.world, job, call.at)
    row: dict[str, Data] = {
        "id": job.id,
        "guest": job.vmid,
        "jobnum": job.number,
        "source": job.source,
        "target": job.target,
        "type": "local",
        "vmtype": call.world.cluster.guest(job.vmid).kind,
        "schedule": job.schedule,
        "last_sync": int(told.last_sync_at),
        "last_try": int(told.last_try_at),
        "next_sync": int(told.next_at),
        "duration": told.duration_s,
        "fail_count": told.failures,
    }
    return row | ({"error": told.error} if told.error else {})


def log(call: Call) -> Data:
    """What the last run wrote."""
    job = _named(call)
    told = standing(call.world, job, call.at)
    lines = _lines(call, job, told)
    start, limit = call.integer("start", 0), call.integer("limit", 50)
    end = len(lines) if limit == 0 else start + limit
    return [{"n": number + 1, "t": line} for number, line in enumerate(lines)][start:end]


def _lines(call: Call, job: Replication, told: Standing) -> list[str]:
    guest = call.world.cluster.guest(job.vmid)
    kind = "CT" if guest.kind == "lxc" else "VM"
    volume = f"{guest.disks[0].storage}:{'subvol' if guest.kind == 'lxc' else 'vm'}-{job.vmid}-disk-0"
    snapshot = f"__replicate_{job.id}_{int(told.last_try_at)}__"

    def at(after_s: float, text: str) -> str:
        stamp = datetime.fromtimestamp(told.last_try_at + after_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
        return f"{stamp} {job.id}: {text}"

    head = [
        at(0, "start replication job"),
        at(0, f"guest => {kind} {job.vmid}, running => {int(bool(call.world.up(f'guest/{job.vmid}', call.at)))}"),
        at(0, f"volumes => {volume}"),
    ]
    if told.error:
        return [*head, at(2, f"end replication job with error: {told.error}")]
    sent = between(0.4, 9.0, call.world.seed, job.id, told.last_try_at, "sent")
    return [
        *head,
        at(1, f"create snapshot '{snapshot}' on {volume}"),
        at(1, f"using secure transmission, rate limit: none; incremental sync '{volume}' ({sent:.1f} MiB)"),
        at(told.duration_s, f"delete previous replication snapshot on {volume}"),
        at(told.duration_s, "end replication job"),
    ]
