"""The backup server's disks. One that is a guest has its data disks passed through from the node it runs on."""

from __future__ import annotations

from nightshift_lab.pbs.api import Call, Data, Refusal
from nightshift_lab.world.hardware import PhysicalDisk, ZfsPool
from nightshift_lab.world.smart import ata_attributes, health, wear_fraction

_STATUS = {"PASSED": "passed", "FAILED!": "failed"}


def _entity(call: Call, disk: PhysicalDisk) -> str:
    return f"disk/{call.server.name}/{disk.serial}"


def disks(call: Call) -> Data:
    """`wearout` is what is used up, in percent, other than in PVE."""
    rows = []
    for disk in call.server.disks:
        entity = _entity(call, disk)
        if call.world.condition(entity, "present", call.at, True):
            wear = wear_fraction(call.world, entity, disk, call.at)
            row: dict[str, Data] = {
                "name": disk.name,
                "devpath": disk.path,
                "disk-type": "ssd" if disk.kind == "nvme" else disk.kind,
                "size": disk.size_bytes,
                "model": disk.model,
                "serial": disk.serial,
                "vendor": disk.vendor,
                "wwn": disk.wwn,
                "gpt": True,
                "used": "zfs" if disk.used_for == "ZFS" else "lvm",
                "status": "unknown" if call.flag("skipsmart") else _status(call, entity),
            }
            row |= {"rpm": disk.rpm} if disk.rpm else {}
            rows.append(row | ({"wearout": round(100 * wear, 1)} if wear is not None else {}))
    return rows


def _status(call: Call, entity: str) -> str:
    return _STATUS.get(health(call.world, entity, call.at), "unknown")


def smart(call: Call) -> Data:
    disk = next((disk for disk in call.server.disks if disk.name == call.query.get("disk")), None)
    if disk is None:
        raise Refusal(400, f"unable to find disk '{call.query.get('disk', '')}'")
    entity = _entity(call, disk)
    rows = [
        {
            "id": row.number,
            "name": row.name,
            "flags": row.flags,
            "normalized": float(row.value),
            "worst": float(row.value),
            "threshold": float(row.threshold),
            "value": str(row.raw),
            "raw": str(row.raw),
        }
        for row in ata_attributes(call.world, entity, disk, call.at)
    ]
    wear = wear_fraction(call.world, entity, disk, call.at)
    answer: dict[str, Data] = {"status": _status(call, entity), "attributes": rows}
    return answer | ({"wearout": round(100 * wear, 1)} if wear is not None else {})


def zfs_pools(call: Call) -> Data:
    return [_pool(call, pool) for pool in call.server.pools]


def _pool(call: Call, pool: ZfsPool) -> dict[str, Data]:
    used = 0.0
    for store in call.server.datastores:
        if store.path.endswith(f"/{pool.name}"):
            used = call.world.at(f"datastore/{call.server.name}/{store.name}", "used_bytes", call.at)
    state = call.world.condition(f"pool/{call.server.name}/{pool.name}", "state", call.at, "ONLINE")
    size = pool.size_bytes
    return {"name": pool.name, "size": size, "alloc": int(used), "free": size - int(used), "frag": 4, "dedup": 1.0,
            "health": state}  # fmt: skip


def zfs_pool(call: Call) -> Data:
    for pool in call.server.pools:
        if pool.name == call.path["name"]:
            state = _pool(call, pool)["health"]
            by_serial = {disk.serial: disk for disk in call.server.disks}
            children = [{"name": by_serial[serial].by_id, "state": state, "leaf": True} for serial in pool.serials]
            return {"name": pool.name, "state": state, "errors": "No known data errors", "leaf": False,
                    "children": [{"name": pool.name, "state": state, "leaf": False, "children": children}]}  # fmt: skip
    raise Refusal(400, f"no such pool '{call.path['name']}'")


def directories(call: Call) -> Data:
    """File systems that the server mounts for datastores; none on a server with ZFS."""
    if call.server.pools:
        return []
    return [
        {
            "unitfile": f"/etc/systemd/system/mnt-datastore-{store.name}.mount",
            "name": store.name,
            "path": store.path,
            "device": f"/dev/disk/by-uuid/{store.name}",
            "filesystem": "ext4",
            "options": "defaults",
            "removable": False,
        }
        for store in call.server.datastores
    ]
