"""What operators configured in PVE, guests and backup jobs → facts."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from pydantic import JsonValue

from nightshift.facts.inventory import BackupJob, Guest, GuestConfig
from nightshift.sources.proxmox.models import BackupJobRow
from nightshift.sources.proxmox.properties import is_on, properties

_DISK_KEY: Final = re.compile(r"(?:scsi|sata|ide|virtio|efidisk|tpmstate|mp|unused)\d+|rootfs")
_NETWORK_KEY: Final = re.compile(r"net\d+")
_DEVICE_KEY: Final = re.compile(r"(?:hostpci|usb|dev)\d+")
_MOUNT_KEY: Final = re.compile(r"mp\d+")


def backup_job(source: str, row: BackupJobRow) -> BackupJob:
    selects_guests = not row.all and not row.pool
    return BackupJob(
        source=source,
        id=row.id,
        enabled=row.enabled,
        schedule=row.schedule,
        storage=row.storage,
        selects_all=row.all,
        vmids=_vmids(row.vmid) if selects_guests else None,
        excluded_vmids=_vmids(row.exclude),
        pool=row.pool or None,
        node=row.node or None,
        next_run=row.next_run,
        comment=row.comment,
        fleecing=_fleecing(row.fleecing),
    )


def _vmids(value: str | list[str] | None) -> tuple[int, ...]:
    parts = re.split(r"[,;\s]+", value) if isinstance(value, str) else (value or [])
    return tuple(int(part) for part in parts if part.strip().isdigit())


def _fleecing(value: str | Mapping[str, JsonValue] | None) -> bool | None:
    if value is None:
        return None
    options = properties(value) if isinstance(value, str) else {key: str(item) for key, item in value.items()}
    return is_on(options.get("enabled", options.get("", "0")))


def guest_config(guest: Guest, config: Mapping[str, JsonValue], read_at: datetime) -> GuestConfig:
    agent = properties(str(config.get("agent", "0")))
    description = config.get("description")
    cpu = properties(str(config.get("cpu") or ""))
    devices = tuple((key, str(value)) for key, value in sorted(config.items()) if _is_device(key, str(value)))
    return GuestConfig(
        source=guest.source,
        vmid=guest.vmid,
        onboot=is_on(str(config.get("onboot", "0"))),
        agent_enabled=is_on(agent.get("enabled", agent.get("", "0"))),
        ips=_fixed_ips(config),
        disks=tuple((key, str(value)) for key, value in sorted(config.items()) if _is_disk(key, value)),
        description=str(description) if description else None,
        read_at=read_at,
        passthrough=tuple(key for key, value in devices if _binds(key, value)),
        startup=str(config["startup"]) if config.get("startup") else None,
        os_type=str(config["ostype"]) if config.get("ostype") else None,
        networks=tuple((key, str(value)) for key, value in sorted(config.items()) if _NETWORK_KEY.fullmatch(key)),
        devices=devices,
        protected=is_on(str(config.get("protection", "0"))),
        firmware=str(config.get("bios", "seabios")) if guest.kind == "qemu" else None,
        cpu_type=cpu.get("cputype", cpu.get("")) or None,
        unprivileged=is_on(str(config.get("unprivileged", "0"))) if guest.kind == "lxc" else None,
        created_at=_created_at(config),
    )


def _is_device(key: str, value: str) -> bool:
    """`usb0: host=10c4:ea60`, `hostpci0`, `dev0`, a whole disk (`scsi1: /dev/disk/by-id/…`), and a folder of the node
    in a container."""
    return bool(_DEVICE_KEY.fullmatch(key)) or (_is_disk(key, value) and value.startswith("/"))


def _binds(key: str, device: str) -> bool:
    """Whether only this node has it. A resource mapping (`mapping=gpu`) exists on several nodes, USB over SPICE on
    none, and a folder may be marked as shared."""
    if _MOUNT_KEY.fullmatch(key):
        return not is_on(properties(device).get("shared", "0"))
    return key.startswith("dev") or ("mapping=" not in device and not device.startswith("spice"))


def _created_at(config: Mapping[str, JsonValue]) -> datetime | None:
    """`meta: creation-qemu=9.2.0,ctime=1737830400`; containers have none."""
    told = properties(str(config.get("meta", ""))).get("ctime", "")
    return datetime.fromtimestamp(int(told), UTC) if told.isdigit() else None


def _is_disk(key: str, value: JsonValue) -> bool:
    text = str(value)
    return bool(_DISK_KEY.fullmatch(key)) and "media=cdrom" not in text and not text.startswith("none")


def _fixed_ips(config: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Addresses that the configuration fixes (`ipconfigN` of VMs, `netN` of containers), not dhcp or auto."""
    found: dict[str, None] = {}
    for key, value in sorted(config.items()):
        if not re.fullmatch(r"(?:ipconfig|net)\d+", key):
            continue
        options = properties(str(value))
        for name in ("ip", "ip6"):
            address = options.get(name, "").partition("/")[0]
            try:
                found[str(ipaddress.ip_address(address))] = None
            except ValueError:
                continue
    return tuple(found)
