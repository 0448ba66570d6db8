"""What node_exporter says of a machine's network: ports, bonds, connections."""

from __future__ import annotations

from nightshift.checks.rows.row import Row

_BY = "job, instance"
_FAMILY = "machines"
_NODE = "node_exporter"
# What the hypervisor and container engines make for their guests: these come and go, and the real port is judged.
_PORTS = 'device!~"lo|(veth|tap|fwbr|fwpr|fwln|vmbr|docker|br-|virbr|cali|flannel|cni|wg|tun|bond).*"'


def _per_packet(direction: str) -> str:
    errors = f"rate(node_network_{direction}_errs_total{{{_PORTS}}}[15m])"
    counter = f"node_network_{direction}_packets_total{{{_PORTS}}}"
    share = f"max by ({_BY}, device) ({errors} / (rate({counter}[15m]) > 1 and {counter} offset 14m))"
    return f'label_replace({share}, "direction", "{direction}", "", "")'


def _of_speed(direction: str) -> str:
    octets = f"rate(node_network_{direction}_bytes_total{{{_PORTS}}}[30m])"
    share = f"max by ({_BY}, device) ({octets} / (node_network_speed_bytes{{{_PORTS}}} > 0))"
    return f'label_replace({share}, "direction", "{direction}", "", "")'


ROWS: tuple[Row, ...] = (
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
        id="host.link_down",
        family=_FAMILY,
        title="Network ports that lost their link",
        exporter=_NODE,
        metric="node_network_carrier",
        value=f"max by ({_BY}, device) (max_over_time(node_network_carrier{{{_PORTS}}}[5m])) == 0 and on ({_BY}, "
        f"device) max by ({_BY}, device) (max_over_time(node_network_carrier{{{_PORTS}}}[1d:10m])) == 1",
        meaning="0: a port that had a link within the last day has had none for 5 min",
        unit="state",
        labels=("device",),
        in_container="nonsense",
        headline="Port {device} of {about} has lost its link",
        detail="It had one within the last day. What goes over it (storage, backups, the cluster) has no way, or only "
        "a slower one.",
        remedy="`ip -br link` on it, then the plug, the cable and the port of the switch; is the other end on?",
        yields_to=("host.link_flapping",),
        same_thing=True,
        runbook="network-link.md#steps",
    ),
)
