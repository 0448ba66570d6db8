"""What PVE tells about backups: storages as configured, what jobs save, which archives a storage holds → facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from nightshift.facts.backup_runs import GuestVolumes, JobVolume, JobVolumes, PveArchive
from nightshift.facts.inventory import GuestKind, StorageConfig
from nightshift.sources.proxmox.models import ContentRow, IncludedVolumesWire, StorageConfigRow
from nightshift.sources.proxmox.properties import properties, split_list

_ALWAYS_SHARED: Final = frozenset({"nfs", "cifs", "pbs", "cephfs", "rbd", "glusterfs", "iscsi", "iscsidirect", "zfs"})
_NAMED: Final = re.compile(r"(?:vzdump-(?P<kind>qemu|lxc|openvz)-|backup/(?P<type>vm|ct)/)(?P<vmid>\d+)")
_KINDS: Final[dict[str, GuestKind]] = {"qemu": "qemu", "vm": "qemu", "lxc": "lxc", "ct": "lxc", "openvz": "lxc"}


def storage_config(source: str, row: StorageConfigRow) -> StorageConfig:
    return StorageConfig(
        source=source,
        name=row.storage,
        plugin=row.type,
        content=split_list(row.content),
        nodes=split_list(row.nodes) or None,
        shared=bool(row.shared) or row.type in _ALWAYS_SHARED,
        enabled=not row.disable,
        server=row.server or None,
        datastore=row.datastore or None,
        namespace=row.namespace or "",
        username=row.username or None,
        encrypted=bool(row.encryption_key),
        prune=_prune(row.prune_backups),
        pool=f"{row.vgname}/{row.thinpool}" if row.vgname and row.thinpool else row.pool or None,
    )


def _prune(value: str | Mapping[str, JsonValue] | None) -> str | None:
    """`keep-daily=7,keep-weekly=4`, or None when everything is kept."""
    if not value:
        return None
    rules = properties(value) if isinstance(value, str) else {name: str(rule) for name, rule in value.items()}
    if rules.get("keep-all") == "1":
        return None
    return ",".join(f"{name}={rule}" for name, rule in sorted(rules.items())) or None


def job_volumes(source: str, job_id: str, wire: IncludedVolumesWire, read_at: datetime) -> JobVolumes:
    guests = tuple(
        GuestVolumes(
            guest.id, tuple(JobVolume(item.id, item.name, item.included, item.reason) for item in guest.children)
        )
        for guest in wire.children
    )
    return JobVolumes(source, job_id, read_at, guests)


_NO_DISKS = ("iso", "vztmpl", "backup", "snippets", "import")


def is_disk(volid: str) -> bool:
    """Whether a volume is a guest's disk: `local-lvm:vm-104-disk-0`, `nas:104/vm-104-disk-0.qcow2`; what else a storage
    holds is in a folder of its kind, `local:iso/debian.iso`."""
    return volid.partition(":")[2].partition("/")[0] not in _NO_DISKS


def archives(source: str, storage: str, node: str | None, rows: Iterable[ContentRow]) -> tuple[PveArchive, ...]:
    """The backups among a storage's contents; one whose guest or time nobody can tell is left out."""
    found = (_archive(source, storage, node, row) for row in rows)
    return tuple(archive for archive in found if archive is not None)


def _archive(source: str, storage: str, node: str | None, row: ContentRow) -> PveArchive | None:
    named = _NAMED.search(row.volid)
    vmid = row.vmid if row.vmid is not None else int(named["vmid"]) if named else None
    if vmid is None or row.ctime is None:
        return None
    kind = (named["kind"] or named["type"]) if named else ""
    return PveArchive(
        source=source,
        storage=storage,
        node=node,
        vmid=vmid,
        kind=_KINDS.get(kind),
        taken_at=row.ctime,
        volid=row.volid,
        size_bytes=row.size,
        protected=row.protected,
        verified=row.verification.state == "ok" if row.verification else None,
        encrypted=bool(row.encrypted) if row.verification or row.encrypted else None,
        notes=row.notes,
    )
