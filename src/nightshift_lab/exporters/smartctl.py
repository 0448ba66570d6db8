"""What smartctl_exporter says on a node: each disk's verdict, temperature, wear and the attributes that matter."""

from __future__ import annotations

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures
from nightshift_lab.world.curves import Times
from nightshift_lab.world.hardware import PhysicalDisk

JOB = "smartctl"
_COUNTED = {5: ("Reallocated_Sector_Ct", "reallocated"), 197: ("Current_Pending_Sector", "pending")}
_HELP = {
    "smartctl_device": "Device info",
    "smartctl_device_smart_status": "General smart status",
    "smartctl_device_temperature": "Device temperature celsius",
    "smartctl_device_power_on_seconds": "Device power on seconds",
    "smartctl_device_percentage_used": "Device write percentage used",
    "smartctl_device_media_errors": "Contains the number of occurrences where the controller detected data errors",
    "smartctl_device_attribute": "Device attributes",
}
_COUNTERS = frozenset({"smartctl_device_power_on_seconds", "smartctl_device_media_errors"})


class _Disk:
    """The families of all disks, and one disk's samples on their way into them."""

    def __init__(self, families: dict[str, Family], figures: Figures, node: str, disk: PhysicalDisk) -> None:
        self._families, self._figures, self._disk = families, figures, disk
        self._entity = f"disk/{node}/{disk.serial}"
        self._there = figures.when(self._entity, "present", True, base=True)

    def add(self, metric: str, values: Times, **labels: str) -> None:
        name = f"smartctl_device{metric}"
        if name not in self._families:
            self._families[name] = Family(name, "counter" if name in _COUNTERS else "gauge", _HELP[name])
        there = np.where(self._there, values, np.nan)
        self._families[name].add(there, device=self._disk.name, **labels)

    def condition(self, name: str, base: object) -> Times:
        world, times = self._figures.world, self._figures.times
        return np.array(world.conditions(self._entity, name, times, base), dtype=np.float64)

    def say(self) -> None:
        figures, disk = self._figures, self._disk
        interface = "nvme" if disk.kind == "nvme" else "sat"
        self.add("", figures.constant(1), interface=interface, model_name=disk.model, serial_number=disk.serial)
        passed = figures.when(self._entity, "health", "PASSED", "PASSED")
        self.add("_smart_status", passed.astype(np.float64))
        self.add("_temperature", np.round(figures.of(self._entity, "temperature_celsius")), temperature_type="current")
        hours = disk.power_on_hours + np.floor((figures.times - figures.world.started_at) / 3_600.0)
        self.add("_power_on_seconds", hours * 3_600.0)
        wear = None if disk.wear_fraction is None else self.condition("wear", disk.wear_fraction)
        if disk.kind == "nvme":
            self.add("_media_errors", self.condition("media_errors", 0))
            if wear is not None:
                self.add("_percentage_used", np.round(100.0 * wear))
            return
        for number, (name, counted) in _COUNTED.items():
            self._attribute(number, name, "raw", self.condition(counted, 0))
        if wear is not None:
            self._attribute(177, "Wear_Leveling_Count", "value", np.round(100.0 * (1.0 - wear)))

    def _attribute(self, number: int, name: str, kind: str, values: Times) -> None:
        self.add("_attribute", values, attribute_id=str(number), attribute_name=name, attribute_value_type=kind)


def smartctl_exporter(figures: Figures, owner: str) -> list[Family]:
    """All families of the node `owner` (`node/<name>`); sticks that know no SMART are left out."""
    node = figures.world.cluster.node(owner.partition("/")[2])
    families: dict[str, Family] = {}
    for disk in node.disks:
        if disk.kind != "usb":
            _Disk(families, figures, node.name, disk).say()
    return list(families.values())
