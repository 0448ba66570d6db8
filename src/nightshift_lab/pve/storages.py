"""PVE's endpoints of storages. Backups are left out of the content, silently, without the privileges for them."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.backup_jobs import unused_volume, volume_name
from nightshift_lab.pve.figures import storage_sizes
from nightshift_lab.world.backups import rfc3339
from nightshift_lab.world.nouns import GIB, MIB, Guest, Storage
from nightshift_lab.world.snapshots import key_at, snapshots_at
from nightshift_lab.world.states import disks_of, guests_on

_SEEN = ("Datastore.Audit", "Datastore.AllocateSpace")


def storage_config(call: Call) -> Data:
    """`storage.cfg` as the token may see it."""
    rows: list[Data] = []
    for storage in call.world.cluster.storages:
        if call.token.may_any(f"/storage/{storage.name}", (*_SEEN, "Datastore.Allocate")):
            row: dict[str, Data] = {"storage": storage.name, "type": storage.kind, "content": ",".join(storage.content)}
            row |= dict(storage.options) | {"digest": "0" * 40}
            if storage.shared:
                row["shared"] = 1
            if len(storage.nodes) < len(call.world.cluster.nodes):
                row["nodes"] = ",".join(storage.nodes)
            if storage.datastore is not None:
                row |= {"datastore": storage.datastore[1], "namespace": storage.namespace}
                key = key_at(call.world, "/".join(storage.datastore), call.at)
                row |= {"encryption-key": key} if key else {}
            rows.append(row)
    return rows


def node_storages(call: Call) -> Data:
    rows: list[Data] = []
    for storage in call.world.cluster.storages:
        on_node = call.path["node"] in storage.nodes
        named = call.query.get("storage") in {None, storage.name}
        holds = call.query.get("content") is None or call.query["content"] in storage.content
        if on_node and named and holds and call.token.may_any(f"/storage/{storage.name}", _SEEN):
            row = {"storage": storage.name, **_state(call, storage)}
            if call.flag("format") and call.release.major >= 9:
                row["formats"] = {"default": "raw", "supported": ["raw"]}
            rows.append(row)
    return rows


def storage_status(call: Call) -> Data:
    return _state(call, _storage_named(call))


def _storage_named(call: Call) -> Storage:
    name, node = call.path["storage"], call.path["node"]
    for storage in call.world.cluster.storages:
        if storage.name == name:
            if node not in storage.nodes:
                raise Refusal(500, f"storage '{name}' is not available on node '{node}'")
            return storage
    raise Refusal(500, f"storage '{name}' does not exist")


def _state(call: Call, storage: Storage) -> dict[str, Data]:
    """An unreachable storage is inactive with all sizes 0."""
    sizes = storage_sizes(call, call.path["node"], storage)
    used, total, available = sizes or (0, 0, 0)
    row: dict[str, Data] = {
        "type": storage.kind,
        "content": ",".join(storage.content),
        "shared": int(storage.shared),
        "enabled": 1,
        "active": int(sizes is not None),
        "used": used,
        "total": total,
        "avail": available,
    }
    if total:
        row["used_fraction"] = used / total
    return row


def content(call: Call) -> Data:
    storage = _storage_named(call)
    if storage_sizes(call, call.path["node"], storage) is None:
        raise Refusal(500, f"storage '{storage.name}' is not online")
    rows = _everything(call, storage)
    wanted, vmid = call.query.get("content"), call.query.get("vmid")
    return [
        row
        for row in rows
        if (wanted is None or row["content"] == wanted) and (vmid is None or str(row.get("vmid")) == vmid)
    ]


def _everything(call: Call, storage: Storage) -> list[dict[str, Data]]:
    return [*_volumes(call, storage), *_backups(call, storage)]


def volume(call: Call) -> Data:
    """One volume, by its id or the part after the storage's name."""
    storage = _storage_named(call)
    wanted = call.path["volume"]
    full = wanted if wanted.startswith(f"{storage.name}:") else f"{storage.name}:{wanted}"
    for row in _everything(call, storage):
        if row["volid"] == full:
            kept = {name: row[name] for name in ("size", "format", "notes", "protected") if name in row}
            return kept | {
                "path": f"{storage.options.get('path', '/dev/zvol')}/{full.partition(':')[2]}",
                "used": row["size"],
            }
    raise Refusal(500, f"unable to parse volume ID '{full}'" if "/" not in full else f"volume '{full}' does not exist")


def prunable(call: Call) -> Data:
    """What pruning by the storage's own rules would do; they keep everything, the backup server prunes."""
    rows = _backups(call, _storage_named(call))
    kind, vmid = call.query.get("type"), call.query.get("vmid")
    return [
        {"volid": row["volid"], "vmid": row["vmid"], "ctime": row["ctime"], "type": row["subtype"], "mark": "keep"}
        for row in rows
        if kind in {None, row["subtype"]} and vmid in {None, str(row["vmid"])}
    ]


def _volumes(call: Call, storage: Storage) -> list[dict[str, Data]]:
    rows: list[dict[str, Data]] = []
    if "iso" in storage.content:
        image = f"{storage.name}:iso/debian-13.2.0-amd64-netinst.iso"
        ctime = int(call.world.started_at - 4e6)
        rows.append({"volid": image, "content": "iso", "format": "iso", "size": 784 * MIB, "ctime": ctime})
    cluster = call.world.cluster
    for guest in cluster.guests if storage.shared else guests_on(call.world, call.path["node"], call.at):
        if not call.token.may(f"/vms/{guest.vmid}", "VM.Audit"):
            continue
        disks = disks_of(call.world, guest, call.at)
        for number, disk in enumerate(disks):
            if disk.storage == storage.name:
                rows.append(_volume(call, storage, guest, volume_name(guest.kind, guest.vmid, number), disk.size_bytes))
        unused = int(call.world.condition(f"guest/{guest.vmid}", "unused_disk_bytes", call.at, 0))
        if unused and disks[0].storage == storage.name:
            rows.append(_volume(call, storage, guest, unused_volume(guest), unused))
    return rows


def _volume(call: Call, storage: Storage, guest: Guest, name: str, size_bytes: int) -> dict[str, Data]:
    return {
        "volid": f"{storage.name}:{name}",
        "content": "images" if guest.kind == "qemu" else "rootdir",
        "format": "raw" if guest.kind == "qemu" or storage.kind == "rbd" else "subvol",
        "size": size_bytes // GIB * GIB,
        "vmid": guest.vmid,
        "ctime": int(call.world.started_at - 3e7 + guest.vmid * 9_000),
    }


def _backups(call: Call, storage: Storage) -> list[dict[str, Data]]:
    if storage.datastore is None:
        return []
    server, datastore = storage.datastore
    path = f"/storage/{storage.name}"
    all_visible = call.token.may(path, "Datastore.Allocate")
    rows: list[dict[str, Data]] = []
    for snapshot in snapshots_at(call.world, server, datastore, storage.namespace, call.at):
        own = call.token.may(path, "Datastore.AllocateSpace") and call.token.may(
            f"/vms/{snapshot.backup_id}", "VM.Backup"
        )
        if snapshot.unfinished or not (all_visible or own):
            continue
        name = f"{snapshot.backup_type}/{snapshot.backup_id}/{rfc3339(snapshot.taken_at)}"
        row: dict[str, Data] = {
            "volid": f"{storage.name}:backup/{name}",
            "content": "backup",
            "format": f"pbs-{snapshot.backup_type}",
            "subtype": "qemu" if snapshot.backup_type == "vm" else "lxc",
            "size": snapshot.size_bytes,
            "ctime": snapshot.taken_at,
            "vmid": int(snapshot.backup_id),
            "notes": snapshot.guest_name,
        }
        key = key_at(call.world, snapshot.stored_at, float(snapshot.taken_at))
        rows.append(row | ({"encrypted": key} if key else {}))
    return rows
