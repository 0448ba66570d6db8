"""What is in a datastore: groups and snapshots, their notes and their protection."""

from __future__ import annotations

from bisect import bisect_right

from nightshift_lab.pbs.api import Call, Data, Refusal
from nightshift_lab.pbs.datastores import readable
from nightshift_lab.pbs.jobs import finished
from nightshift_lab.world.backup_servers import Datastore
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.server_tasks import job_ids
from nightshift_lab.world.snapshots import Snapshot, key_at, snapshots_at
from nightshift_lab.world.tasks import Task

_LONG_AGO = "UPID:pbs:00000A11:0000B3C2:00000007:67F0A1B2:verificationjob:archive:root@pam:"


def _namespace(call: Call, store: Datastore) -> str:
    namespace = call.query.get("ns", "")
    if namespace not in store.namespaces:
        raise Refusal(400, f"namespace not found: {namespace}")
    return namespace


def groups(call: Call) -> Data:
    store = readable(call)
    return _groups(call, store, _namespace(call, store))


def _groups(call: Call, store: Datastore, namespace: str) -> list[dict[str, Data]]:
    by_group: dict[tuple[str, str], list[Snapshot]] = {}
    for snapshot in snapshots_at(call.world, call.server.name, store.name, namespace, call.at):
        by_group.setdefault((snapshot.backup_type, snapshot.backup_id), []).append(snapshot)
    rows = []
    for (backup_type, backup_id), snapshots in by_group.items():
        finished = [snapshot for snapshot in snapshots if not snapshot.unfinished]
        if finished:
            newest = finished[-1]
            rows.append(
                {
                    "backup-type": backup_type,
                    "backup-id": backup_id,
                    "last-backup": newest.taken_at,
                    "backup-count": len(finished),
                    "files": [name for name, _ in _files(newest)],
                    "owner": newest.owner,
                }
            )
    return rows


def snapshots(call: Call) -> Data:
    store = readable(call)
    namespace = _namespace(call, store)
    wanted_type, wanted_id = call.query.get("backup-type"), call.query.get("backup-id")
    _, verify_id = job_ids(call.world, call.server, store.name)
    verified = sorted(finished(call, "verificationjob", f"{store.name}:{verify_id}"), key=lambda task: task.started_at)
    everything = snapshots_at(call.world, call.server.name, store.name, namespace, call.at)
    return [
        _snapshot_row(call, snapshot, verified)
        for snapshot in everything
        if wanted_type in {None, snapshot.backup_type} and wanted_id in {None, snapshot.backup_id}
    ]


def _snapshot_row(call: Call, snapshot: Snapshot, verified: list[Task]) -> dict[str, Data]:
    row: dict[str, Data] = {
        "backup-type": snapshot.backup_type,
        "backup-id": snapshot.backup_id,
        "backup-time": snapshot.taken_at,
        "owner": snapshot.owner,
        "protected": snapshot.protected,
    }
    if snapshot.unfinished:
        return row | {"files": [{"filename": name} for name, _ in _files(snapshot)[:-1]]}
    row |= {
        "comment": snapshot.guest_name,
        "size": snapshot.size_bytes,
        "files": [
            {"filename": name, "crypt-mode": _crypt_mode(call, snapshot, name), "size": size}
            for name, size in _files(snapshot)
        ],
    }
    following = bisect_right(verified, float(snapshot.taken_at), key=lambda task: task.started_at)
    if following < len(verified):
        task = verified[following]
        row["verification"] = {"state": _verdict(call, snapshot, task.started_at), "upid": task.upid}
    elif snapshot.protected or _verified_before(call, snapshot):
        row["verification"] = {"state": "ok", "upid": _LONG_AGO}
    return row


def _verified_before(call: Call, snapshot: Snapshot) -> bool:
    """Whether the job ran soon after the snapshot was taken, longer ago than the task history goes."""
    after = snapshot.taken_at + 1.5 * DAY_S
    entity = f"verify/{call.server.name}/{snapshot.datastore}"
    looked_after = snapshot.namespace == call.server.datastore(snapshot.datastore).main_namespace
    return looked_after and after < call.at and bool(call.world.condition(entity, "enabled", after, True))


def _crypt_mode(call: Call, snapshot: Snapshot, filename: str) -> str:
    """The index of an encrypted snapshot is signed, its configuration and data are encrypted."""
    key = key_at(call.world, snapshot.stored_at, float(snapshot.taken_at))
    if not key:
        return "none"
    return "sign-only" if filename == "index.json.blob" else "encrypt"


def _verdict(call: Call, snapshot: Snapshot, at: float) -> str:
    """What the verification that began at `at` found: it stands until the next one."""
    if not call.world.here:
        return "ok"
    where = f"{call.server.name}/{snapshot.datastore}/{snapshot.namespace}/{snapshot.group}"
    return str(call.world.condition(f"snapshots/{where}", "verification", at, "ok"))


def _files(snapshot: Snapshot) -> list[tuple[str, int]]:
    if snapshot.backup_type == "vm":
        return [("qemu-server.conf.blob", 431), ("drive-scsi0.img.fidx", snapshot.size_bytes), ("index.json.blob", 512)]
    name = "root.pxar.didx" if snapshot.backup_type == "ct" else "home.pxar.didx"
    files = [
        (name, snapshot.size_bytes),
        ("catalog.pcat1.didx", snapshot.size_bytes // 4_000),
        ("index.json.blob", 530),
    ]
    return [("pct.conf.blob", 294), *files] if snapshot.backup_type == "ct" else files


def _snapshot_named(call: Call) -> Snapshot:
    """The snapshot that the query names by type, id and time."""
    store = readable(call)
    wanted = (call.query["backup-type"], call.query["backup-id"], call.integer("backup-time", 0))
    for snapshot in snapshots_at(call.world, call.server.name, store.name, _namespace(call, store), call.at):
        if (snapshot.backup_type, snapshot.backup_id, snapshot.taken_at) == wanted:
            return snapshot
    raise Refusal(400, f"backup snapshot {wanted[0]}/{wanted[1]}/{wanted[2]} not found")


def notes(call: Call) -> Data:
    return _snapshot_named(call).guest_name


def protected(call: Call) -> Data:
    return _snapshot_named(call).protected


def group_notes(call: Call) -> Data:
    """Nobody has written any."""
    readable(call)
    return ""
