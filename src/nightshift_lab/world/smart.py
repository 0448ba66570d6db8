"""What disks say about themselves: health, wear, and the attributes that SMART knows."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift_lab.world.hardware import PhysicalDisk
from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True)
class Attribute:
    """An ATA attribute; `value` is normalised (100 is new), `raw` what it counts."""

    number: int
    name: str
    value: int
    threshold: int
    raw: int
    flags: str = "PO--CK"


def health(world: World, entity: str, t: float) -> str:
    """`PASSED`, or `FAILED!` with smartctl's exclamation mark."""
    told = str(world.condition(entity, "health", t, "PASSED"))
    return "FAILED!" if told.startswith("FAIL") else told


def count(world: World, entity: str, name: str, t: float) -> int:
    """`reallocated`, `pending`, `media_errors` or `crc_errors`."""
    return int(world.condition(entity, name, t, 0))


def wear_fraction(world: World, entity: str, disk: PhysicalDisk, t: float) -> float | None:
    """How much of its endurance is used up; None where nothing wears."""
    if disk.wear_fraction is None:
        return None
    return float(world.condition(entity, "wear", t, disk.wear_fraction))


def power_on_hours(world: World, disk: PhysicalDisk, t: float) -> int:
    return disk.power_on_hours + int((t - world.started_at) / 3_600.0)


def celsius(world: World, entity: str, t: float) -> int:
    value = world.at(entity, "temperature_celsius", t)
    return 0 if value != value else round(value)


def ata_attributes(world: World, entity: str, disk: PhysicalDisk, t: float) -> tuple[Attribute, ...]:
    """The attributes that matter of a SATA disk, by number."""
    reallocated, pending = count(world, entity, "reallocated", t), count(world, entity, "pending", t)
    warm = celsius(world, entity, t)
    rows = [
        Attribute(5, "Reallocated_Sector_Ct", max(1, 100 - reallocated // 8), 10, reallocated),
        Attribute(9, "Power_On_Hours", max(1, 100 - disk.power_on_hours // 876), 0, power_on_hours(world, disk, t)),
        Attribute(12, "Power_Cycle_Count", 100, 0, 61),
        Attribute(187, "Reported_Uncorrect", max(1, 100 - pending), 0, pending, "-O--CK"),
        Attribute(194, "Temperature_Celsius", max(1, 100 - warm), 0, warm, "-O---K"),
        Attribute(197, "Current_Pending_Sector", max(1, 100 - pending), 0, pending, "-O--C-"),
        Attribute(198, "Offline_Uncorrectable", max(1, 100 - pending), 0, pending, "----C-"),
        Attribute(199, "UDMA_CRC_Error_Count", 100, 0, count(world, entity, "crc_errors", t), "-OSRCK"),
    ]
    wear = wear_fraction(world, entity, disk, t)
    if wear is not None:
        rows.insert(4, Attribute(177, "Wear_Leveling_Count", round(100 * (1 - wear)), 0, int(3_000 * wear)))
    return tuple(rows)


def nvme_text(world: World, entity: str, disk: PhysicalDisk, t: float) -> str:
    """The health section that smartctl prints for an NVMe drive."""
    wear = wear_fraction(world, entity, disk, t) or 0.0
    failed = health(world, entity, t) != "PASSED"
    written = int(disk.size_bytes * 600 * wear / 512_000)
    return "\n".join(
        (
            "",
            "SMART/Health Information (NVMe Log 0x02)",
            f"Critical Warning:                   0x{'04' if failed else '00'}",
            f"Temperature:                        {celsius(world, entity, t)} Celsius",
            f"Available Spare:                    {'3' if failed else '100'}%",
            "Available Spare Threshold:          10%",
            f"Percentage Used:                    {round(100 * wear)}%",
            f"Data Units Written:                 {written:,} [{written * 512_000 / 1e12:.1f} TB]",
            f"Power On Hours:                     {power_on_hours(world, disk, t):,}",
            "Unsafe Shutdowns:                   17",
            f"Media and Data Integrity Errors:    {count(world, entity, 'media_errors', t)}",
            "Error Information Log Entries:      0",
            "",
        )
    )
