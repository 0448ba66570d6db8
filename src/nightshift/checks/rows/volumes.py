"""What exporters say of ZFS, software RAID and file systems."""

from __future__ import annotations

from nightshift.checks.rows.row import Row, lowest

_BY = "job, instance"
_NODE = "node_exporter"
_SMART_FAMILY = "disks"
_FS_FAMILY = "file systems of machines"
_LOCAL = 'fstype!~"tmpfs|ramfs|devtmpfs|overlay|squashfs|iso9660|erofs|autofs|efivarfs|nfs.*|cifs|fuse.*|9p|virtiofs"'
# What a file server holds is judged there; that it does not answer is judged where it is mounted.
_MOUNTED = 'fstype!~"tmpfs|ramfs|devtmpfs|overlay|squashfs|iso9660|erofs|autofs|efivarfs|fuse.*|9p|virtiofs"'
_DISK = ("device",)

ROWS: tuple[Row, ...] = (
    Row(
        id="zpool.unhealthy",
        family=_SMART_FAMILY,
        title="State of ZFS pools",
        exporter="node_exporter or zfs_exporter",
        metric="node_zfs_zpool_state",
        value=f'max by ({_BY}, zpool, state) (node_zfs_zpool_state{{state!="online"}}) == 1 or '
        f'label_replace(label_replace(max by ({_BY}, pool) (zfs_pool_health) > 0, "zpool", "$1", "pool", "(.*)"), '
        '"state", "not online", "", "")',
        meaning="1 for a state other than online; of zfs_exporter: 1 degraded, 2 faulted, 3 offline, 4 unavailable, "
        "5 removed, 6 suspended",
        severity="critical",
        unit="state",
        labels=("zpool",),
        about="pool",
        in_container="host's",
        headline="ZFS pool {zpool} of {machine} is {state}",
        detail="A pool that is not online has lost a disk or more: the next one may take the data with it.",
        remedy="`zpool status -v {zpool}` on {machine} names the disk; replace it (`zpool replace {zpool} OLD NEW`).",
        yields_to=("zfs.*",),
        runbook="zfs-degraded.md#steps",
    ),
    Row(
        id="zpool.full",
        family=_SMART_FAMILY,
        title="Space in ZFS pools",
        exporter="zfs_exporter",
        metric="zfs_pool_size_bytes",
        value=f"1 - max by ({_BY}, pool) (zfs_pool_free_bytes) / on ({_BY}, pool) "
        f"(max by ({_BY}, pool) (zfs_pool_size_bytes) > 0)",
        meaning="the share of a pool that is used",
        warning="storage_warning",
        critical="storage_critical",
        unit="fraction",
        labels=("pool",),
        about="pool",
        in_container="host's",
        headline="ZFS pool {pool} of {machine} is {value} full",
        detail="A ZFS pool slows down from 80 % on, and cannot even delete when nothing is left.",
        remedy="`zfs list -o space -r {pool}` on {machine}: snapshots (USEDSNAP) are the usual reason.",
        yields_to=("zfs.full",),
        runbook="storage-full.md#steps",
    ),
    Row(
        id="zpool.collector_failed",
        family=_SMART_FAMILY,
        title="Sight of ZFS pools",
        exporter="zfs_exporter",
        metric="zfs_scrape_collector_success",
        value=f"max by ({_BY}, collector) (max_over_time(zfs_scrape_collector_success[10m])) == 0",
        meaning="0: the exporter could not read one kind of figure for 10 min",
        unit="state",
        labels=("collector",),
        headline="ZFS of {about} cannot be read ({collector})",
        detail="What its pools do is unknown until the exporter can read them again.",
        remedy="`systemctl status zfs_exporter` on it, then `zpool list` as the user of the exporter.",
        runbook="target-down.md#steps",
    ),
    Row(
        id="raid.degraded",
        family=_SMART_FAMILY,
        title="Software RAID that misses disks",
        exporter=_NODE,
        metric="node_md_disks_required",
        value=f"max by ({_BY}, device) (node_md_disks_required) - on ({_BY}, device) "
        f'max by ({_BY}, device) (node_md_disks{{state="active"}}) > 0',
        meaning="disks that a RAID needs and does not have",
        severity="critical",
        labels=_DISK,
        in_container="host's",
        headline="RAID {device} of {about} misses {value} of its disks",
        detail="It works without them for now; depending on its level the next failure takes the data.",
        remedy="`cat /proc/mdstat` and `mdadm --detail /dev/{device}` on it; add a disk with "
        "`mdadm /dev/{device} --add /dev/NEW`.",
        runbook="raid-degraded.md#steps",
    ),
    Row(
        id="raid.disk_failed",
        family=_SMART_FAMILY,
        title="Failed disks of software RAID",
        exporter=_NODE,
        metric="node_md_disks",
        value=f'max by ({_BY}, device) (node_md_disks{{state="failed"}}) > 0',
        meaning="disks of a RAID that have failed",
        labels=_DISK,
        in_container="host's",
        headline="A disk of RAID {device} of {about} has failed",
        detail="{value} of its disks failed; a spare may have taken over.",
        remedy="`mdadm --detail /dev/{device}` on it names the disk; replace it.",
        yields_to=("raid.degraded",),
        same_thing=True,
        runbook="raid-degraded.md#steps",
    ),
    Row(
        id="host.inodes",
        family=_FS_FAMILY,
        title="Inodes of file systems",
        exporter=_NODE,
        metric="node_filesystem_files_free",
        value=f"max by ({_BY}, mountpoint) (node_filesystem_files_free{{{_LOCAL}}} / "
        f"(node_filesystem_files{{{_LOCAL}}} > 0) and node_filesystem_readonly{{{_LOCAL}}} == 0)",
        meaning="the share of its inodes that a file system has left",
        worse="below",
        warning="inodes_warning",
        critical="inodes_critical",
        unit="fraction",
        labels=("mountpoint",),
        headline="{mountpoint} of {about} has {value} of its inodes left",
        detail="When none is left no file can be made there, however many bytes are free.",
        remedy="`du --inodes -xd2 {mountpoint} | sort -n | tail` on it finds the folder with the many small files.",
        yields_to=("filesystem.full",),
        same_thing=True,
        runbook="guest-disk-full.md#steps",
    ),
    Row(
        id="host.inodes_filling",
        family=_FS_FAMILY,
        title="Inodes that run out",
        exporter=_NODE,
        metric="node_filesystem_files_free",
        value=f"max by ({_BY}, mountpoint) (node_filesystem_files_free{{{_LOCAL}}} / "
        f"-(deriv(node_filesystem_files_free{{{_LOCAL}}}[6h]) < 0) and "
        f"node_filesystem_files_free{{{_LOCAL}}} / (node_filesystem_files{{{_LOCAL}}} > 0) < 0.4 and "
        f"node_filesystem_files_free{{{_LOCAL}}} offset 6h) / 86400",
        meaning="days until no inode is left at the rate of the last 6 h, where fewer than 40 % are left",
        worse="below",
        warning="inodes_days_to_full_warning",
        unit="days",
        labels=("mountpoint",),
        headline="{mountpoint} of {about} runs out of inodes in {value}",
        detail="At the rate of the last 6 h none is left then, and no file can be made there any more.",
        remedy="`du --inodes -xd2 {mountpoint} | sort -n | tail` on it finds what makes so many files.",
        yields_to=("host.inodes",),
        same_thing=True,
        runbook="guest-disk-full.md#steps",
    ),
    Row(
        id="host.filesystem_error",
        family=_FS_FAMILY,
        title="File systems that cannot be read",
        exporter=_NODE,
        metric="node_filesystem_device_error",
        value=f"max by ({_BY}, mountpoint) (min_over_time(node_filesystem_device_error{{{_MOUNTED}}}[5m])) == 1",
        meaning="1: the file system could not be asked for its size for 5 min",
        unit="state",
        labels=("mountpoint",),
        headline="{mountpoint} of {about} cannot be read",
        detail="node_exporter cannot ask the file system: a broken disk, a file server that does not answer, or a "
        "mount that the exporter may not see.",
        remedy="`findmnt {mountpoint}` and `dmesg | tail -50` on it; when only the exporter may not look, leave that "
        "mount out with `--collector.filesystem.mount-points-exclude`.",
        runbook="guest-disk-full.md#steps",
    ),
    Row(
        id="host.filesystem_readonly",
        family=_FS_FAMILY,
        title="File systems that turned read-only",
        exporter=_NODE,
        metric="node_filesystem_readonly",
        value=f"max by ({_BY}, mountpoint) ({lowest(f'node_filesystem_readonly{{{_LOCAL}}}', '2m')} == 1 and "
        f"min_over_time(node_filesystem_readonly{{{_LOCAL}}}[1d:10m]) == 0)",
        meaning="1: a file system that could be written to within the last day is read-only now",
        severity="critical",
        unit="state",
        labels=("mountpoint",),
        headline="{mountpoint} of {about} has turned read-only",
        detail="It could be written to within the last day. Kernels do that when the disk beneath fails.",
        remedy="`dmesg | grep -i -E 'remount|I/O error'` on it; look at the disk before anything is written again.",
        runbook="guest-disk-full.md#steps",
    ),
    Row(
        id="host.disk_busy",
        family=_FS_FAMILY,
        title="Disks that are always busy",
        exporter=_NODE,
        metric="node_disk_io_time_seconds_total",
        value=f"max by ({_BY}, device) "
        f'(rate(node_disk_io_time_seconds_total{{device!~"(loop|ram|zram|sr|fd|zd|nbd).*"}}'
        "[30m]))",
        meaning="the share of the last 30 min in which a disk was busy",
        warning="disk_busy_warning",
        unit="fraction",
        labels=_DISK,
        in_container="host's",
        headline="Disk {device} of {about} is busy all the time",
        detail="It was busy {value} of the last 30 min. Backups and scrubs do that; always, it is too slow.",
        remedy="`iotop -o` on it shows who.",
        yields_to=("host.iowait", "node.iowait"),
        runbook="node-load.md#steps",
    ),
    Row(
        id="host.disk_latency",
        family=_FS_FAMILY,
        title="Disks that answer slowly",
        exporter=_NODE,
        metric="node_disk_read_time_seconds_total",
        value=f"max by ({_BY}, device) (rate(node_disk_read_time_seconds_total[15m]) / "
        "(rate(node_disk_reads_completed_total[15m]) > 1 and node_disk_reads_completed_total offset 14m) or "
        "rate(node_disk_write_time_seconds_total[15m]) / "
        "(rate(node_disk_writes_completed_total[15m]) > 1 and node_disk_writes_completed_total offset 14m))",
        meaning="seconds that a read (or a write, where nothing is read) took on average over the last 15 min",
        warning="disk_latency_warning_s",
        unit="seconds",
        labels=_DISK,
        in_container="host's",
        headline="Disk {device} of {about} takes {value} for one operation",
        detail="That is the mean of the last 15 min: the disk is overloaded, or it is failing.",
        remedy="`iostat -x 5` on it, then `smartctl -a /dev/{device}`.",
        runbook="node-load.md#steps",
    ),
)
