"""PVE's answers about disks and pools on the wire. Fields are those that Nightshift reads."""

from __future__ import annotations

from pydantic import Field

from nightshift.sources.wire import Flag, Text, Whole, WireModel


class DiskRow(WireModel):
    """`{"devpath": "/dev/sda", "type": "hdd", "size": 4000787030016, "model": "WDC_WD40EFPX", "serial": "WD-CA1L4J7K",
    "by_id_link": "/dev/disk/by-id/ata-WDC_WD40EFPX_WD-CA1L4J7K", "used": "ZFS", "osdid": -1}`; nothing but the path is
    sure to be there, and -1 is no OSD."""

    devpath: str
    type: Text | None = None
    size: Whole | None = None
    model: Text | None = None
    serial: Text | None = None
    by_id_link: Text | None = None
    used: Text | None = None
    mounted: Flag | Text | None = None
    osdid: Whole | None = None


class SmartAttribute(WireModel):
    """`{"id": "197", "name": "Current_Pending_Sector", "value": 28, "threshold": 0, "raw": "72", "fail": "-"}`"""

    id: Whole
    name: Text
    value: Whole | None = None
    raw: Text | None = None
    fail: Text | None = None


class SmartWire(WireModel):
    """Of an ATA disk `{"health": "PASSED", "type": "ata", "attributes": […], "wearout": 97}`, of others `{"health":
    "PASSED", "type": "text", "text": "…Percentage Used: 3%…"}`. `wearout` is what is left, in percent, or `N/A`."""

    health: Text
    type: Text | None = None
    text: Text | None = None
    attributes: list[SmartAttribute] = Field(default_factory=list)
    wearout: float | Text | None = None


class ZfsPoolRow(WireModel):
    """`{"name": "rpool", "size": 1000000000000, "alloc": 200000000000, "free": 800000000000, "health": "ONLINE",
    "frag": 12}`"""

    name: Text
    health: Text
    size: Whole | None = None
    alloc: Whole | None = None
    frag: Whole | None = None


class ZfsDeviceWire(WireModel):
    """`{"name": "/dev/disk/by-id/ata-…-part3", "state": "FAULTED", "read": 14, "write": 236, "cksum": 0, "leaf": 1,
    "msg": "too many errors"}`; groups have `children`."""

    name: Text
    state: Text | None = None
    read: Whole | None = None
    write: Whole | None = None
    cksum: Whole | None = None
    leaf: Flag | None = None
    msg: Text | None = None
    children: list[ZfsDeviceWire] = Field(default_factory=list)


class ZfsStatusWire(WireModel):
    """`{"name": "rpool", "state": "DEGRADED", "status": "…", "action": "…", "scan": "scrub repaired 0B in 00:12:34 with
    0 errors on Sun Nov  8 00:24:35 2026", "errors": "No known data errors", "children": […]}`"""

    name: Text
    state: Text
    status: Text | None = None
    action: Text | None = None
    scan: Text | None = None
    errors: Text | None = None
    children: list[ZfsDeviceWire] = Field(default_factory=list)


class ThinPoolRow(WireModel):
    """`{"lv": "data", "vg": "pve", "lv_size": 400000000000, "used": 50000000000, "metadata_size": 4000000000,
    "metadata_used": 100000000}`"""

    lv: Text
    vg: Text | None = None
    lv_size: Whole
    used: Whole
    metadata_size: Whole | None = None
    metadata_used: Whole | None = None


class CephSummaryWire(WireModel):
    message: Text | None = None


class CephCheckWire(WireModel):
    """`{"severity": "HEALTH_WARN", "summary": {"message": "1 osds down"}, "muted": false}`"""

    severity: Text | None = None
    summary: CephSummaryWire | None = None
    muted: Flag | None = None


class CephHealthWire(WireModel):
    """`{"status": "HEALTH_WARN", "checks": {"OSD_DOWN": {…}}}`"""

    status: Text
    checks: dict[str, CephCheckWire] = Field(default_factory=dict)


class CephPgmapWire(WireModel):
    bytes_used: Whole | None = None
    bytes_total: Whole | None = None


class CephOsdmapWire(WireModel):
    """`{"epoch": 1893, "num_osds": 6, "num_up_osds": 5, "num_in_osds": 5}`"""

    num_osds: Whole | None = None
    num_up_osds: Whole | None = None


class CephStatusWire(WireModel):
    """Ceph's own status, as PVE passes it on: `{"health": {…}, "osdmap": {…}, "pgmap": {"bytes_used": …}}`"""

    health: CephHealthWire
    osdmap: CephOsdmapWire | None = None
    pgmap: CephPgmapWire | None = None
