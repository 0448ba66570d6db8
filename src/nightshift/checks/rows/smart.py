"""What smartctl_exporter says of disks. PVE's own word about the same disk comes first."""

from __future__ import annotations

from nightshift.checks.rows.row import Row

_BY = "job, instance"
_SMART = "smartctl_exporter"
_SMART_FAMILY = "disks"
_DISK = ("device",)
# PVE reads the same disks: its finding about the same trouble, which also knows the pool, stands. Another trouble of
# the disk silences nothing: PVE reads SMART once a day, and a worn disk can fail an hour later.
_FAILS = ("disk.health",)
_UNREADABLE = ("disk.health", "disk.sectors")
# A VM's disk has no SMART, and the exporter says 0 of what smartctl does not tell.
_REAL = 'model_name!~"(?i)(qemu|virtual|vmware|vbox|msft|lio-org|drbd).*"'


def _with_serial(condition: str) -> str:
    """The condition, each series with the serial number and model of its disk, that disk by disk it can be joined."""
    info = f"max by ({_BY}, device, serial_number, model_name) (smartctl_device{{{_REAL}}})"
    return f"({condition}) * on ({_BY}, device) group_left (serial_number, model_name) {info}"


def _attribute(number: int) -> str:
    return f'smartctl_device_attribute{{attribute_id="{number}",attribute_value_type="raw"}}'


def _of_nvme(condition: str, *, nvme: bool) -> str:
    """The condition, of NVMe disks or of all others: their makers allow for different temperatures."""
    among = "and" if nvme else "unless"
    return f'{condition} {among} on ({_BY}, device) smartctl_device{{interface="nvme"}}'


def _temperature(kind: str) -> str:
    return f'max by ({_BY}, device) (min_over_time(smartctl_device_temperature{{temperature_type="{kind}"}}[10m]))'


ROWS: tuple[Row, ...] = (
    Row(
        id="smart.failed",
        family=_SMART_FAMILY,
        title="SMART's verdict",
        exporter=_SMART,
        metric="smartctl_device_smart_status",
        value=_with_serial(f"max by ({_BY}, device) (smartctl_device_smart_status) == 0"),
        meaning="0: the disk says of itself that it fails",
        severity="critical",
        unit="state",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} fails",
        detail="SMART's own verdict on disk {serial_number} is FAILED: it may stop at any moment.",
        remedy="Back up what is on it now. `ls -l /dev/disk/by-id | grep {serial_number}` finds it; replace it "
        "(`zpool replace`, `mdadm --replace`).",
        yields_to=_FAILS,
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.failed_by_script",
        family=_SMART_FAMILY,
        title="SMART's verdict, by text file",
        exporter="smartmon.sh or smartmon.py, over node_exporter",
        metric="smartmon_device_smart_healthy",
        value=f"max by ({_BY}, disk) (smartmon_device_smart_healthy) == 0",
        meaning="0: the disk says of itself that it fails",
        severity="critical",
        unit="state",
        labels=("disk",),
        headline="Disk {disk} of {about} fails",
        detail="SMART's own verdict on it is FAILED: it may stop at any moment.",
        remedy="Back up what is on it now. `smartctl -i {disk}` on it tells the serial number; replace it "
        "(`zpool replace`, `mdadm --replace`).",
        yields_to=(*_FAILS, "smart.failed"),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.critical_warning",
        family=_SMART_FAMILY,
        title="Critical warnings of NVMe disks",
        exporter=_SMART,
        metric="smartctl_device_critical_warning",
        value=_with_serial(f"max by ({_BY}, device) (smartctl_device_critical_warning) > 0"),
        meaning="bits of the warning: 1 spare, 2 temperature, 4 reliability, 8 read-only, 16 backup of its cache",
        severity="critical",
        unit="state",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} raises a critical warning",
        detail="Its warning has the bits {value} (1 spare used up, 2 too hot, 4 unreliable, 8 read-only).",
        remedy="`nvme smart-log /dev/{device}` on {machine}; unless it is the temperature, replace the disk.",
        yields_to=(*_FAILS, "smart.failed"),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.media_errors",
        family=_SMART_FAMILY,
        title="Data that disks could not read",
        exporter=_SMART,
        metric="smartctl_device_media_errors",
        value=_with_serial(f"max by ({_BY}, device) (increase(smartctl_device_media_errors[7d:10m])) > 0"),
        meaning="data errors that were added within 7 days",
        severity="critical",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} has new data errors",
        detail="{value} were added within 7 days: some of what was written could not be read back.",
        remedy="`smartctl -a /dev/{device}` on {machine}; check what is on it (`zpool scrub`), plan its replacement.",
        yields_to=(*_UNREADABLE, "smart.failed"),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.pending_sectors",
        family=_SMART_FAMILY,
        title="Sectors that cannot be read",
        exporter=_SMART,
        metric="smartctl_device_attribute",
        value=_with_serial(f"max by ({_BY}, device) ({_attribute(197)} or {_attribute(198)}) > 0"),
        meaning="sectors that are pending or cannot be corrected (attributes 197 and 198)",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} has {value} sectors that it cannot read",
        detail="What was in them is lost unless a mirror has it.",
        remedy="`smartctl -t long /dev/{device}` on {machine}, and a scrub of its pool; replace the disk "
        "when they grow.",
        yields_to=(*_UNREADABLE, "smart.failed"),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.reallocated",
        family=_SMART_FAMILY,
        title="Sectors that were replaced",
        exporter=_SMART,
        metric="smartctl_device_attribute",
        value=_with_serial(
            f"max by ({_BY}, device) ({_attribute(5)}) - on ({_BY}, device) "
            f"max by ({_BY}, device) (min_over_time({_attribute(5)}[7d:10m])) > 0"
        ),
        meaning="sectors that were replaced by spare ones within 7 days (attribute 5)",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} replaces sectors",
        detail="{value} within 7 days: the surface is failing.",
        remedy="`smartctl -a /dev/{device}` on {machine}; plan its replacement while it still reads.",
        yields_to=(*_UNREADABLE, "smart.failed", "smart.pending_sectors"),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.wear",
        family=_SMART_FAMILY,
        title="Wear of solid-state disks",
        exporter=_SMART,
        metric="smartctl_device_percentage_used",
        value=_with_serial(f"max by ({_BY}, device) (smartctl_device_percentage_used) / 100"),
        meaning="the share of the writes that its maker promised which are used up",
        warning="disk_wear_warning",
        critical="disk_wear_critical",
        unit="fraction",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} is worn out ({value})",
        detail="{value} of the writes that its maker promises are used up.",
        remedy="Order a replacement. `smartctl -a /dev/{device}` on {machine} tells how fast it goes.",
        yields_to=("disk.wear",),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.spare",
        family=_SMART_FAMILY,
        title="Spare blocks of NVMe disks",
        exporter=_SMART,
        metric="smartctl_device_available_spare",
        value=_with_serial(
            f"(max by ({_BY}, device) (smartctl_device_available_spare) <= on ({_BY}, device) "
            f"max by ({_BY}, device) (smartctl_device_available_spare_threshold)) / 100"
        ),
        meaning="the share of its spare blocks that is left, where at or below the maker's limit",
        severity="critical",
        unit="fraction",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} has no spare blocks left",
        detail="{value} are left, which is at or below its maker's limit: the next bad block is lost data.",
        remedy="Replace it now: `ls -l /dev/disk/by-id | grep {serial_number}` on {machine} finds it.",
        yields_to=(*_FAILS, "smart.critical_warning", "smart.failed"),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.temperature",
        family=_SMART_FAMILY,
        title="Temperature of disks other than NVMe",
        exporter=_SMART,
        metric="smartctl_device_temperature",
        value=_with_serial(_of_nvme(_temperature("current"), nvme=False)),
        meaning="degrees Celsius at every moment of the last 10 min",
        warning="disk_temperature_warning",
        critical="disk_temperature_critical",
        unit="celsius",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} is hot: {value}",
        detail="For 10 min it has not been cooler than {value}: heat shortens its life.",
        remedy="See that air reaches it and that the fans turn.",
        yields_to=("disk.temperature", "smart.trip_temperature"),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.nvme_temperature",
        family=_SMART_FAMILY,
        title="Temperature of NVMe disks",
        exporter=_SMART,
        metric="smartctl_device_temperature",
        value=_with_serial(_of_nvme(_temperature("current"), nvme=True)),
        meaning="degrees Celsius at every moment of the last 10 min",
        warning="nvme_temperature_warning",
        critical="nvme_temperature_critical",
        unit="celsius",
        labels=_DISK,
        about="disk",
        headline="NVMe disk {device} ({model_name}) of {machine} is hot: {value}",
        detail="For 10 min it has not been cooler than {value}: it slows itself down, and its life is shortened.",
        remedy="See that air reaches it and that the fans turn; an NVMe disk wants a heat sink.",
        yields_to=("disk.temperature", "smart.trip_temperature"),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.trip_temperature",
        family=_SMART_FAMILY,
        title="Disks beyond their maker's temperature",
        exporter=_SMART,
        metric="smartctl_device_temperature",
        value=_with_serial(f"{_temperature('current')} >= on ({_BY}, device) ({_temperature('drive_trip')} > 30)"),
        meaning="degrees Celsius, where at or above the temperature that the maker calls the limit",
        severity="critical",
        unit="celsius",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} is beyond its limit: {value}",
        detail="Its maker does not answer for what it does at this temperature; it may switch itself off.",
        remedy="Take load away (stop scrubs and backups), see that the fans turn, and that air reaches the disk.",
        yields_to=("disk.temperature",),
        runbook="smart.md#steps",
    ),
    Row(
        id="smart.slow_link",
        family=_SMART_FAMILY,
        title="Disks on a slow link",
        exporter=_SMART,
        metric="smartctl_device_interface_speed",
        value=_with_serial(
            f'max by ({_BY}, device) (smartctl_device_interface_speed{{speed_type="current"}}) / on ({_BY}, device) '
            f'max by ({_BY}, device) (smartctl_device_interface_speed{{speed_type="max"}}) < 1'
        ),
        meaning="the link's speed as a share of what the disk can, where less",
        severity="info",
        unit="fraction",
        labels=_DISK,
        about="disk",
        headline="Disk {device} ({model_name}) of {machine} runs at {value} of its link's speed",
        detail="An old port does that, or a cable that is going bad.",
        remedy="`smartctl -x /dev/{device} | grep -i crc` on {machine}: errors there mean the cable.",
        runbook="smart.md#steps",
    ),
)
