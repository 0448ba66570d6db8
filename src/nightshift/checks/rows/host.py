"""What node_exporter says of a machine: processors, memory, network, kernel. Its file systems are judged elsewhere."""

from __future__ import annotations

from nightshift.checks.rows.row import Row

_BY = "job, instance"
_FAMILY = "machines"
_NODE = "node_exporter"
# What the hypervisor and container engines make for their guests: these come and go, and the real port is judged.
_PORTS = 'device!~"lo|(veth|tap|fwbr|fwpr|fwln|vmbr|docker|br-|virbr|cali|flannel|cni|wg|tun|bond).*"'


def _cpu_share(mode: str, window: str) -> str:
    return f'avg by ({_BY}) (rate(node_cpu_seconds_total{{mode="{mode}"}}[{window}]))'


def _per_packet(direction: str) -> str:
    errors = f"rate(node_network_{direction}_errs_total{{{_PORTS}}}[15m])"
    packets = f"rate(node_network_{direction}_packets_total{{{_PORTS}}}[15m])"
    share = f"max by ({_BY}, device) ({errors} / ({packets} > 1))"
    return f'label_replace({share}, "direction", "{direction}", "", "")'


def _of_speed(direction: str) -> str:
    octets = f"rate(node_network_{direction}_bytes_total{{{_PORTS}}}[30m])"
    share = f"max by ({_BY}, device) ({octets} / (node_network_speed_bytes{{{_PORTS}}} > 0))"
    return f'label_replace({share}, "direction", "{direction}", "", "")'


ROWS: tuple[Row, ...] = (
    Row(
        id="host.cpu",
        family=_FAMILY,
        title="Processors that are always busy",
        exporter=_NODE,
        metric="node_cpu_seconds_total",
        # Without half an hour of samples a rate over it is too low, and what is not idle too high.
        value=f"1 - {_cpu_share('idle', '30m')} and on ({_BY}) "
        f'count by ({_BY}) (node_cpu_seconds_total{{mode="idle"}} offset 29m)',
        meaning="the share of its processors that a machine used over the last 30 min",
        warning="host_cpu_warning",
        unit="fraction",
        headline="{about} has been busy for half an hour ({value} of its processors)",
        detail="Its processors were {value} busy over the last 30 min: everything on it waits for its turn.",
        remedy="`top -o %CPU` on it shows who; give it more cores, or move work away.",
        yields_to=("node.cpu", "node.load", "guest.cpu"),
        runbook="node-load.md#steps",
    ),
    Row(
        id="host.cpu_steal",
        family=_FAMILY,
        title="Processor time that neighbours take",
        exporter=_NODE,
        metric="node_cpu_seconds_total",
        value=_cpu_share("steal", "15m"),
        meaning="the share of its processor time that the hypervisor gave to others, over the last 15 min",
        warning="cpu_steal_warning",
        unit="fraction",
        headline="{about} does not get the processor time that it asks for",
        detail="The hypervisor gave {value} of it to others over the last 15 min: its node has too few processors.",
        remedy="Move a busy guest to another node, or give fewer cores to those that do not need them; `top` in the "
        "guest shows it as `st`.",
        runbook="guest-cpu.md#steps",
    ),
    Row(
        id="host.iowait",
        family=_FAMILY,
        title="Processors that wait for disks",
        exporter=_NODE,
        metric="node_cpu_seconds_total",
        value=_cpu_share("iowait", "15m"),
        meaning="the share of its processor time that a machine waited for disks, over the last 15 min",
        warning="iowait_warning",
        unit="fraction",
        headline="{about} waits for its disks ({value} of the time)",
        detail="{value} of its processor time went into waiting over the last 15 min.",
        remedy="`iostat -x 5` shows the disk and `iotop -o` who keeps it busy; a failing disk is slow before it dies "
        "(`smartctl -a`).",
        yields_to=("node.iowait", "node.pressure"),
        runbook="node-load.md#steps",
    ),
    Row(
        id="host.load",
        family=_FAMILY,
        title="Work that queues for processors",
        exporter=_NODE,
        metric="node_load5",
        value=f"max by ({_BY}) (min_over_time(node_load5[15m])) / on ({_BY}) "
        f'count by ({_BY}) (count by ({_BY}, cpu) (node_cpu_seconds_total{{mode="idle"}})) '
        f"and on ({_BY}) count by ({_BY}) (node_load5 offset 14m)",
        meaning="the load of the last 5 min for each processor, at every moment of the last 15 min",
        warning="load_warning",
        unit="ratio",
        headline="{about} has more work than processors (load {value} for each)",
        detail="For 15 min at least {value} tasks have been running or waiting for each of its processors.",
        remedy="`vmstat 5`: many in column r want a processor, many in b wait for a disk.",
        yields_to=("node.load", "node.cpu", "guest.cpu", "host.cpu"),
        runbook="node-load.md#steps",
    ),
    Row(
        id="host.memory",
        family=_FAMILY,
        title="Memory of machines",
        exporter=_NODE,
        metric="node_memory_MemAvailable_bytes",
        value=f"(max by ({_BY}) (max_over_time(node_memory_MemAvailable_bytes[10m])) + on ({_BY}) "
        f"(max by ({_BY}) (clamp_min(node_zfs_arc_size - node_zfs_arc_c_min, 0)) or "
        f"max by ({_BY}) (node_memory_MemTotal_bytes * 0))) / on ({_BY}) "
        f"max by ({_BY}) (node_memory_MemTotal_bytes)",
        meaning="the most memory that was free to use within the last 10 min (what the ZFS cache can give "
        "back included), "
        "as a share",
        worse="below",
        warning="host_memory_available_warning",
        critical="host_memory_available_critical",
        unit="fraction",
        headline="{about} has {value} of its memory left",
        detail="For 10 min never more than {value} of its memory was free to use, what the ZFS cache can "
        "give back included.",
        remedy="`free -h`, then `ps aux --sort=-rss | head` on it; give it more memory or stop what it does not need.",
        yields_to=("node.memory", "guest.memory"),
        runbook="memory-pressure.md#steps",
    ),
    Row(
        id="host.memory_thrashing",
        family=_FAMILY,
        title="Pages that are read back from disk",
        exporter=_NODE,
        metric="node_vmstat_pgmajfault",
        value=f"max by ({_BY}) (rate(node_vmstat_pgmajfault[15m]))",
        meaning="pages a second that had to be read from disk, over the last 15 min",
        warning="major_faults_warning",
        unit="ratio",
        headline="{about} reads its memory back from disk",
        detail="{value} pages a second over the last 15 min: it has too little memory for what runs on it.",
        remedy="`free -h` and `vmstat 5` (columns si and so); give it more memory.",
        yields_to=("node.memory", "guest.memory", "host.memory", "node.swap", "host.swap"),
        runbook="memory-pressure.md#steps",
    ),
    Row(
        id="host.swap",
        family=_FAMILY,
        title="Swap of machines",
        exporter=_NODE,
        metric="node_memory_SwapFree_bytes",
        value=f"(1 - max by ({_BY}) (max_over_time(node_memory_SwapFree_bytes[10m])) / on ({_BY}) "
        f"(max by ({_BY}) (node_memory_SwapTotal_bytes) > 0)) and on ({_BY}) "
        f"(max by ({_BY}) (rate(node_vmstat_pswpin[15m])) > 10)",
        meaning="the share of its swap that was used at every moment of the last 10 min, where pages are "
        "read back from it",
        warning="host_swap_warning",
        unit="fraction",
        headline="{about} lives in its swap ({value} used)",
        detail="{value} of its swap is used, and pages are read back from it all the time.",
        remedy="`ps aux --sort=-rss | head` shows who has the memory; give it more, or stop what it does not need.",
        yields_to=("node.swap", "node.memory", "host.memory"),
        runbook="swap.md#steps",
    ),
    Row(
        id="host.network_saturated",
        family=_FAMILY,
        title="Network ports at their limit",
        exporter=_NODE,
        metric="node_network_speed_bytes",
        value=f"{_of_speed('receive')} or {_of_speed('transmit')}",
        meaning="traffic over the last 30 min as a share of the port's speed",
        warning="network_share_warning",
        unit="fraction",
        labels=("device", "direction"),
        headline="Port {device} of {about} is at its limit ({direction})",
        detail="It has carried {value} of what it can for 30 min. Backups and migrations do that; always, "
        "it is too slow.",
        remedy="`iftop -i {device}` shows who; give backups a bandwidth limit or a port of their own.",
        runbook="network-link.md#steps",
    ),
    Row(
        id="host.network_errors",
        family=_FAMILY,
        title="Packets with errors",
        exporter=_NODE,
        metric="node_network_receive_errs_total",
        value=f"{_per_packet('receive')} or {_per_packet('transmit')}",
        meaning="share of packets with errors over the last 15 min",
        warning="network_errors_warning",
        unit="fraction",
        labels=("device", "direction"),
        headline="Port {device} of {about} loses packets ({direction})",
        detail="{value} of the packets had errors over the last 15 min: a cable, a plug or the port is bad.",
        remedy="`ethtool -S {device} | grep -i err` on it; change the cable, then the port of the switch.",
        runbook="network-link.md#steps",
    ),
    Row(
        id="host.link_flapping",
        family=_FAMILY,
        title="Network ports that lose their link",
        exporter=_NODE,
        metric="node_network_carrier_changes_total",
        value=f"max by ({_BY}, device) (increase(node_network_carrier_changes_total{{{_PORTS}}}[1h]))",
        meaning="how often a port lost or got its link within 1 h",
        warning="link_changes_warning",
        unit="count",
        labels=("device",),
        headline="Port {device} of {about} keeps losing its link",
        detail="Its link changed {value} times within 1 h: a plug, a cable or the other end is bad.",
        remedy="`journalctl -k | grep -i '{device}.*link'` on it; change the cable, then the port of the switch.",
        runbook="network-link.md#steps",
    ),
    Row(
        id="host.bond_degraded",
        family=_FAMILY,
        title="Bonds that miss a port",
        exporter=_NODE,
        metric="node_bonding_slaves",
        value=f"max by ({_BY}, master) (node_bonding_slaves - max_over_time(node_bonding_active[5m])) > 0",
        meaning="ports of a bond that were down for 5 min",
        labels=("master",),
        headline="Bond {master} of {about} misses {value} of its ports",
        detail="It works with what is left; when that fails too, the machine is off the network.",
        remedy="`cat /proc/net/bonding/{master}` on it shows which port is down.",
        runbook="network-link.md#steps",
    ),
    Row(
        id="host.file_descriptors",
        family=_FAMILY,
        title="Open files of machines",
        exporter=_NODE,
        metric="node_filefd_allocated",
        value=f"max by ({_BY}) (min_over_time(node_filefd_allocated[5m]) / node_filefd_maximum)",
        meaning="open files as a share of what the kernel allows, at every moment of the last 5 min",
        warning="file_descriptors_warning",
        critical="file_descriptors_critical",
        unit="fraction",
        headline="{about} has {value} of the files open that it may",
        detail="When none is left, nothing on it can open a file or take a connection.",
        remedy="`lsof -n | awk '{{print $1}}' | sort | uniq -c | sort -rn | head` on it shows who; "
        "restart that, or raise "
        "`fs.file-max`.",
        runbook="node-load.md#steps",
    ),
    Row(
        id="host.overheating",
        family=_FAMILY,
        title="Sensors in alarm",
        exporter=_NODE,
        metric="node_hwmon_temp_crit_alarm_celsius",
        value=f"max by ({_BY}, chip, sensor) (node_hwmon_temp_crit_alarm_celsius or node_hwmon_temp_alarm) == 1",
        meaning="1: the sensor itself says that it is too hot",
        severity="critical",
        unit="state",
        labels=("chip", "sensor"),
        headline="{about} overheats ({chip} {sensor})",
        detail="The hardware raises its own alarm: it will slow down or switch itself off.",
        remedy="`sensors` on it; clean the filters, see that every fan turns, take load away until it cools down.",
        runbook="overheating.md#steps",
    ),
    Row(
        id="host.hot",
        family=_FAMILY,
        title="Temperatures above what the maker allows",
        exporter=_NODE,
        metric="node_hwmon_temp_celsius",
        value=f"max by ({_BY}, chip, sensor) (min_over_time(node_hwmon_temp_celsius[10m]) >= "
        "(node_hwmon_temp_max_celsius > 40 < 130))",
        meaning="degrees Celsius, where above the sensor's own maximum at every moment of the last 10 min",
        unit="celsius",
        labels=("chip", "sensor"),
        headline="{about} is hot: {value} ({chip} {sensor})",
        detail="For 10 min it has been above the maximum that the part names for itself.",
        remedy="`sensors` on it; clean the filters and see that every fan turns.",
        yields_to=("host.overheating",),
        runbook="overheating.md#steps",
    ),
    Row(
        id="host.clock_offset",
        family=_FAMILY,
        title="Clocks that are wrong",
        exporter=_NODE,
        metric="node_timex_offset_seconds",
        value=f"max by ({_BY}) (min_over_time(abs(node_timex_offset_seconds)[10m:1m]))",
        meaning="seconds that a clock was off at every moment of the last 10 min",
        warning="clock_offset_warning_s",
        critical="clock_offset_critical_s",
        unit="seconds",
        headline="The clock of {about} is {value} off",
        detail="Certificates, logins, backups' times and a cluster's membership go by the clock.",
        remedy="`chronyc tracking` and `chronyc sources` on it; `systemctl restart chrony` when its servers answer.",
        yields_to=("node.clock",),
        runbook="clock.md#steps",
    ),
    Row(
        id="host.clock_unsynchronised",
        family=_FAMILY,
        title="Clocks that nobody sets",
        exporter=_NODE,
        metric="node_timex_sync_status",
        value=f"max by ({_BY}) (max_over_time(node_timex_sync_status[15m])) == 0 and on ({_BY}) "
        f"(max by ({_BY}) (node_timex_maxerror_seconds) >= 16)",
        meaning="0: the kernel has had no time source for 15 min and does not trust its clock any more",
        unit="state",
        headline="The clock of {about} is not synchronised",
        detail="No time server has set it for 15 min: it will drift.",
        remedy="`timedatectl` and `chronyc sources` on it; the time servers must answer on UDP port 123.",
        yields_to=("node.clock", "host.clock_offset"),
        runbook="clock.md#steps",
    ),
    Row(
        id="host.memory_errors",
        family=_FAMILY,
        title="Errors of memory modules",
        exporter=_NODE,
        metric="node_edac_uncorrectable_errors_total",
        value=f"sum by ({_BY}) (increase(node_edac_uncorrectable_errors_total[1d:10m])) > 0",
        meaning="errors within a day that ECC could not correct",
        severity="critical",
        headline="Memory of {about} is broken",
        detail="{value} errors within a day could not be corrected: data may be damaged.",
        remedy="`edac-util -v` or `ras-mc-ctl --errors` on it names the module; migrate the guests and replace it.",
        runbook="memory-errors.md#steps",
    ),
    Row(
        id="host.memory_errors_corrected",
        family=_FAMILY,
        title="Corrected errors of memory modules",
        exporter=_NODE,
        metric="node_edac_correctable_errors_total",
        value=f"sum by ({_BY}) (increase(node_edac_correctable_errors_total[1d:10m])) > 0",
        meaning="errors within a day that ECC corrected",
        severity="info",
        headline="Memory of {about} has errors, which were corrected",
        detail="{value} within a day: a few are normal over months, many announce a module that fails.",
        remedy="`ras-mc-ctl --errors` on it names the module.",
        yields_to=("host.memory_errors",),
        runbook="memory-errors.md#steps",
    ),
    Row(
        id="host.conntrack",
        family=_FAMILY,
        title="Connections that the firewall keeps",
        exporter=_NODE,
        metric="node_nf_conntrack_entries",
        value=f"max by ({_BY}) (min_over_time(node_nf_conntrack_entries[5m]) / node_nf_conntrack_entries_limit)",
        meaning="tracked connections as a share of what is allowed, at every moment of the last 5 min",
        warning="conntrack_warning",
        critical="conntrack_critical",
        unit="fraction",
        headline="The firewall of {about} tracks {value} of the connections that it can",
        detail="When the table is full, new connections are dropped without a word.",
        remedy="`conntrack -S` on it; raise `net.netfilter.nf_conntrack_max`, and see who opens so many "
        "(`conntrack -L | head`).",
        runbook="network-link.md#steps",
    ),
    Row(
        id="host.textfile_error",
        family=_FAMILY,
        title="Figures from text files",
        exporter=_NODE,
        metric="node_textfile_scrape_error",
        value=f"max by ({_BY}) (min_over_time(node_textfile_scrape_error[10m])) == 1",
        meaning="1: a text file could not be read for 10 min",
        severity="info",
        unit="state",
        headline="Figures of {about} from text files are missing",
        detail="node_exporter cannot read one of the files of its textfile collector.",
        remedy="`journalctl -u prometheus-node-exporter | grep textfile` on it names the file.",
        runbook="target-down.md#steps",
    ),
)
