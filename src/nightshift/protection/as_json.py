"""The matrix as JSON values, in the shape that docs/backups.md promises. Times are ISO 8601, sizes bytes."""

from __future__ import annotations

from typing import Any

from nightshift.facts.as_json import gap_to_json, iso
from nightshift.protection.leftovers import Orphan
from nightshift.protection.matrix import Matrix
from nightshift.protection.verdict import Copy, Covering, Failure, Protection

Json = dict[str, Any]


def matrix_to_json(matrix: Matrix, shown: tuple[Protection, ...]) -> Json:
    """The matrix with these of its guests and hosts; counts are always those of all."""
    return {
        "schema": 1,
        "taken_at": iso(matrix.taken_at),
        "counts": dict(matrix.counts),
        "protections": [protection_to_json(item) for item in shown],
        "orphans": [_orphan(orphan) for orphan in matrix.orphans],
        "blind": [gap_to_json(gap) for gap in matrix.blind],
    }


def protection_to_json(item: Protection) -> Json:
    guest = item.guest
    return {
        "entity": {"key": item.entity.key, "label": item.entity.label},
        "guest": None
        if guest is None
        else {"source": guest.source, "vmid": guest.vmid, "name": guest.name, "kind": guest.kind, "node": guest.node},
        "verdict": item.verdict,
        "reasons": [{"code": reason.code, "weight": reason.weight, "text": reason.text} for reason in item.reasons],
        "last_at": iso(item.last_at),
        "last_good_at": iso(item.last_good_at),
        "jobs": [_covering(entry) for entry in item.covering],
        "copies": [_copy(copy) for copy in item.copies],
        "left_out": [{"key": volume.key, "volume": volume.volume, "reason": volume.reason} for volume in item.left_out],
        "failure": _failure(item.failure),
        "tested": None
        if item.tested is None
        else {"at": iso(item.tested.at), "kind": item.tested.kind, "by": item.tested.by, "note": item.tested.note},
        "blind": [gap_to_json(gap) for gap in item.blind],
    }


def _covering(entry: Covering) -> Json:
    job = entry.job
    return {
        "id": job.id,
        "comment": job.comment,
        "storage": job.storage,
        "schedule": job.schedule,
        "next_run_at": iso(job.next_run),
        "state": entry.state,
        "last_at": iso(entry.last_at),
        "interval_s": entry.interval_s,
    }


def _copy(copy: Copy) -> Json:
    return {
        "place": copy.place,
        "container": copy.container,
        "namespace": copy.namespace,
        "domain": copy.domain,
        "newest_at": iso(copy.newest_at),
        "newest_good_at": iso(copy.good_at),
        "oldest_at": iso(copy.oldest_at),
        "count": copy.count,
        "verified": copy.verified,
        "encrypted": copy.encrypted,
        "size_bytes": copy.size_bytes,
        "protected": copy.protected,
        "synced": copy.synced,
        "offline": copy.offline,
        "keeps": str(copy.keep) if copy.keep is not None else None,
        "as_of": iso(copy.as_of),
    }


def _failure(failure: Failure | None) -> Json | None:
    if failure is None:
        return None
    return {
        "at": iso(failure.at),
        "reason": failure.reason,
        "node": failure.node,
        "upid": failure.upid,
        "open": failure.open,
        "failed": failure.failed,
        "runs": failure.runs,
    }


def _orphan(orphan: Orphan) -> Json:
    group = orphan.group
    return {
        "key": group.key,
        "name": orphan.name,
        "newest_at": iso(orphan.newest_at),
        "count": group.backup_count,
        "size_bytes": orphan.size_bytes,
        "owner": group.owner,
        "last_owner": orphan.last_owner,
        "foreign": orphan.foreign,
        "protected": orphan.protected,
    }
