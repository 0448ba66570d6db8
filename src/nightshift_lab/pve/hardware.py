"""PVE's endpoints of a node's hardware: disks with SMART, ZFS pools, volume groups, thin pools, links, PCI devices."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.figures import whole
from nightshift_lab.pve.nodes import node_state
from nightshift_lab.world.hardware import Link, PhysicalDisk, ThinPool, ZfsPool
from nightshift_lab.world.nouns import GIB
from nightshift_lab.world.smart import ata_attributes, health, nvme_text, wear_fraction
from nightshift_lab.world.zfs import member_state, pool_state, pool_used_bytes, scan, verdict


def disks(call: Call) -> Data:
    """`skipsmart` leaves sleeping disks asleep: then health is UNKNOWN. `wearout` is what is left, in percent."""
    node = node_state(call).node
    rows = []
    for disk in node.disks:
        entity = f"disk/{node.name}/{disk.serial}"
        if not call.world.condition(entity, "present", call.at, True):
            continue
        asked = not call.flag("skipsmart") and disk.kind != "usb"
        wear = wear_fraction(call.world, entity, disk, call.at)
        rows.append(
            {
                "devpath": disk.path,
                "type": disk.kind,
                "size": disk.size_bytes,
                "model": disk.model.replace(" ", "_"),
                "serial": disk.serial,
                "vendor": disk.vendor if disk.kind == "nvme" else f"{disk.vendor:<8}",
                "wwn": disk.wwn,
                "by_id_link": disk.by_id,
                "rpm": disk.rpm,
                "gpt": int(bool(disk.used_for)),
                "used": disk.used_for or None,
                "health": health(call.world, entity, call.at) if asked else "UNKNOWN",
                "wearout": round(100 * (1 - wear)) if asked and wear is not None else "N/A",
                "osdid": -1 if disk.osd is None else disk.osd,
                "osdid-list": None if disk.osd is None else [str(disk.osd)],
            }
        )
    return rows


def smart(call: Call) -> Data:
    """Attributes of ATA disks; of NVMe drives what smartctl prints."""
    node = node_state(call).node
    path = call.query["disk"]
    disk = next((disk for disk in node.disks if path in {disk.path, disk.by_id}), None)
    if disk is None or not call.world.condition(f"disk/{node.name}/{disk.serial}", "present", call.at, True):
        raise Refusal(500, f"Error getting S.M.A.R.T. data: Exit code: 2 ({path}: Unable to detect device type)")
    entity = f"disk/{node.name}/{disk.serial}"
    if disk.kind == "usb":
        return {"health": "UNKNOWN", "type": "text", "text": "Unknown USB bridge, please specify device type with -d"}
    answer: dict[str, Data] = {"health": health(call.world, entity, call.at)}
    if call.flag("healthonly"):
        return answer
    if disk.kind == "nvme":
        return answer | {
            "type": "text",
            "text": nvme_text(call.world, entity, disk, call.at),
            **_left(call, entity, disk),
        }
    rows = [
        {
            "id": f"{row.number:>3}",
            "name": row.name,
            "value": row.value,
            "worst": row.value,
            "threshold": row.threshold,
            "raw": str(row.raw),
            "flags": row.flags,
            "fail": "FAILING_NOW" if row.value <= row.threshold > 0 else "-",
        }
        for row in ata_attributes(call.world, entity, disk, call.at)
    ]
    return answer | {"type": "ata", "attributes": rows, **_left(call, entity, disk)}


def _left(call: Call, entity: str, disk: PhysicalDisk) -> dict[str, Data]:
    wear = wear_fraction(call.world, entity, disk, call.at)
    return {} if wear is None else {"wearout": round(100 * (1 - wear))}


def zfs_pools(call: Call) -> Data:
    node = node_state(call).node
    rows = []
    for pool in node.pools:
        used = int(pool_used_bytes(call.world, node.name, pool, call.at))
        rows.append(
            {
                "name": pool.name,
                "size": pool.size_bytes,
                "alloc": used,
                "free": pool.size_bytes - used,
                "frag": int(used * 30 / pool.size_bytes),
                "dedup": 1.0,
                "health": pool_state(call.world, node.name, pool, call.at),
            }
        )
    return rows


def zfs_pool(call: Call) -> Data:
    """`zpool status` as a tree: the pool, its vdev, its disks."""
    node = node_state(call).node
    pool = next((pool for pool in node.pools if pool.name == call.path["name"]), None)
    if pool is None:
        message = f"cannot open '{call.path['name']}': no such pool"
        raise Refusal(500, f"command 'zpool status -P {call.path['name']}' failed: exit code 1 ({message})")
    entity = f"pool/{node.name}/{pool.name}"
    state = pool_state(call.world, node.name, pool, call.at)
    leaves = [_member(call, node.name, pool, serial) for serial in pool.serials]
    vdev = {"name": pool.layout, "state": state, "read": 0, "write": 0, "cksum": 0, "leaf": 0, "children": leaves}
    top = {"name": pool.name, "state": state, "read": 0, "write": 0, "cksum": 0, "leaf": 0}
    answer: dict[str, Data] = {
        "name": pool.name,
        "state": state,
        "scan": scan(call.world, node.name, pool, call.at),
        "errors": call.world.condition(entity, "errors", call.at, "No known data errors"),
        "leaf": 0,
        "children": [top | {"children": [vdev] if pool.layout else leaves}],
    }
    status, action = verdict(call.world, node.name, pool, call.at)
    return answer | ({"status": status, "action": action} if status else {})


def _member(call: Call, node: str, pool: ZfsPool, serial: str) -> Data:
    disk = call.world.cluster.node(node).disk(serial)
    state = member_state(call.world, node, pool, serial, call.at)
    states = {other: member_state(call.world, node, pool, other, call.at) for other in pool.serials}
    counted = next((other for other in pool.serials if states[other] != "ONLINE"), pool.serials[0])
    counts = {
        name: call.world.condition(f"pool/{node}/{pool.name}", name, call.at, 0) if serial == counted else 0
        for name in ("read", "write", "cksum")
    }
    part = "-part3" if pool.name == "rpool" else "-part1"
    return {"name": f"{disk.by_id}{part}", "state": state, "leaf": 1, **counts}


def volume_groups(call: Call) -> Data:
    node = node_state(call).node
    groups = []
    for disk in node.disks:
        if disk.used_for == "LVM":
            free = 16 * GIB if node.thin_pools else disk.size_bytes - node.rootfs_bytes - node.swap_bytes
            device = {"name": f"{disk.path}3", "size": disk.size_bytes - GIB, "free": free, "leaf": 1}
            groups.append(
                {**device, "name": "pve", "leaf": 0, "lvcount": 3 if node.thin_pools else 2, "children": [device]}
            )
    return {"leaf": 0, "children": groups}


def thin_pools(call: Call) -> Data:
    node = node_state(call).node
    return [_thin_pool(call, node.name, pool) for pool in node.thin_pools]


def _thin_pool(call: Call, node: str, pool: ThinPool) -> Data:
    used = whole(call.world, f"storage/{node}/{pool.storage}", "used_bytes", call.statistics_at)
    entity = f"thin/{node}/{pool.group}/{pool.volume}"
    metadata = call.world.condition(entity, "metadata_fraction", call.at, 0.012 + 0.03 * used / pool.size_bytes)
    return {
        "lv": pool.volume,
        "vg": pool.group,
        "lv_size": pool.size_bytes,
        "used": used,
        "metadata_size": pool.metadata_bytes,
        "metadata_used": int(pool.metadata_bytes * metadata),
    }


def network(call: Call) -> Data:
    node = node_state(call).node
    wanted = call.query.get("type")
    rows = [_interface(call, node.name, number, link) for number, link in enumerate(node.links, start=3)]
    groups = {"any_bridge": {"bridge"}, "any_local_bridge": {"bridge"}}
    return [row for row in rows if wanted is None or row["type"] in groups.get(wanted, {wanted})]


def _interface(call: Call, node: str, priority: int, link: Link) -> dict[str, Data]:
    ports = link.ports or (link.name,)
    carrier = all(call.world.condition(f"link/{node}/{port}", "carrier", call.at, True) for port in ports)
    row: dict[str, Data] = {
        "iface": link.name,
        "type": link.kind,
        "method": "static" if link.cidr else "manual",
        "method6": "manual",
        "families": ["inet"],
        "priority": priority,
        "exists": 1 if link.kind == "eth" else None,
    }
    if carrier:
        row["active"] = 1
    if link.kind == "bridge":
        row |= {"autostart": 1, "bridge_ports": " ".join(link.ports), "bridge_stp": "off", "bridge_fd": "0"}
    if link.cidr:
        address, _, prefix = link.cidr.partition("/")
        row |= {"cidr": link.cidr, "address": address, "netmask": prefix}
    if link.gateway:
        row["gateway"] = link.gateway
    if link.comment:
        row["comments"] = f"{link.comment}\n"
    return row


def pci_devices(call: Call) -> Data:
    """Graphics, storage and network: what a guest could be given."""
    node = node_state(call).node
    intel = "Intel" in node.cpu_model
    graphics = ("0x8086", "Intel Corporation", "Graphics") if intel else ("0x1002", "AMD/ATI", "Radeon Vega")
    rows = [("0000:00:02.0", "0x030000", *graphics, 0), ("0000:00:1f.2", "0x010601", "0x8086", "Intel", "AHCI", 9)]
    rows += [(f"0000:{number + 2:02x}:00.0", "0x020000", "0x8086", "Intel Corporation", "Ethernet I226-V", 14 + number)
             for number, link in enumerate(node.links) if link.kind == "eth"]  # fmt: skip
    return [
        {
            "id": address,
            "class": kind,
            "vendor": vendor,
            "vendor_name": maker,
            "device": "0x125c",
            "device_name": name,
            "iommugroup": group,
        }
        for address, kind, vendor, maker, name, group in rows
    ]
