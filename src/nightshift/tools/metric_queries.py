"""Which PromQL answers "this quantity of that entity": one table, most exact source first.

Guests are measured from outside by prometheus-pve-exporter (`id="qemu/104"`) and from inside by node_exporter, when a
scrape target is known to be the guest. The inside knows memory without caches and file systems; the outside always
exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nightshift.facts.snapshot import Snapshot

Quantity = Literal[
    "cpu", "memory", "disk", "load", "swap", "network_in", "network_out", "disk_read", "disk_write", "iowait", "uptime",
    "up", "temperature",
]  # fmt: skip

RATE_WINDOW = "5m"
RATE_WINDOW_S = 300.0
_REAL_FS = 'fstype!~"tmpfs|overlay|squashfs|ramfs|devtmpfs|iso9660|autofs|fuse.*"'


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One way to measure it. `unit` is that of the values, `about` says in words what is measured and `detail` how,
    `limit` is a PromQL expression for where it is full, and `fills` tells that reaching it is a matter of time."""

    expr: str
    unit: str
    about: str
    detail: str = ""
    limit: str | None = None
    fills: bool = False


def candidates(snapshot: Snapshot, key: str, quantity: Quantity) -> tuple[MetricQuery, ...]:
    """The queries for one quantity of one entity, best first; empty when the entity has no such quantity."""
    kind, _, rest = key.partition(":")
    instances = instances_of(snapshot, key)
    inside = tuple(_from_node_exporter(matcher(instance), quantity) for instance in instances)
    selectors = _pve_selectors(snapshot, key)
    outside = tuple(_from_pve(selector, quantity) for selector in selectors)
    if kind == "guest":
        # CPU from outside is the share of the cores that PVE assigned; memory from inside knows what is only cache.
        ordered = (*outside, *inside) if quantity in ("cpu", "up", "uptime") else (*inside, *outside)
    elif kind == "node":
        ordered = (*inside, *outside)
    elif kind in ("storage", "datastore"):
        ordered = tuple(_storage(selector, quantity) for selector in selectors)
    elif kind == "target":
        job, _, instance = rest.partition("/")
        ordered = (_target(job, instance, quantity), _from_node_exporter(matcher(instance), quantity))
    else:
        ordered = ()
    return tuple(query for query in ordered if query is not None)


def entity_selectors(snapshot: Snapshot, key: str) -> tuple[str, ...]:
    """Label matchers of the series about an entity, those of every target that is it too; none for what has none."""
    kind, _, rest = key.partition(":")
    if kind == "target":
        return (matcher(rest.partition("/")[2]),)
    named = {guest.name for guest in snapshot.guests if guest.entity.key == key} - {None}
    targets = dict.fromkeys(
        target.instance
        for target in snapshot.targets
        if target.entity_key == key or target.instance.partition(":")[0] in named
    )
    return (*_pve_selectors(snapshot, key), *map(matcher, targets))


def instances_of(snapshot: Snapshot, key: str) -> tuple[str, ...]:
    """The `instance` labels of the node_exporter targets that are this node or guest."""
    found = (
        target.instance
        for target in snapshot.targets
        if target.entity_key == key and ("node" in target.job.lower() or target.instance.endswith(":9100"))
    )
    return tuple(dict.fromkeys(found))


def over_steps(expr: str, step_s: float) -> str:
    """The expression for a range with this distance of points, each rate of which reaches back to the point before.

    A rate over five minutes every ten sees half of the time, and less where samples lie five minutes apart.
    """
    if step_s <= RATE_WINDOW_S / 2:
        return expr
    return expr.replace(f"[{RATE_WINDOW}]", f"[{step_s + RATE_WINDOW_S:.0f}s]")


def escape(value: str) -> str:
    """A label value for inside a double-quoted PromQL string."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def matcher(instance: str) -> str:
    return f'instance="{escape(instance)}"'


def _pve_selectors(snapshot: Snapshot, key: str) -> tuple[str, ...]:
    """Label matchers of what prometheus-pve-exporter tells about an entity. A storage's key ends in `<node or
    shared>/<name>`: the exporter lists a shared storage once for every node. A datastore is what PVE sees of it."""
    kind, _, rest = key.partition(":")
    own = rest.partition("/")[2]
    if kind == "guest":
        return tuple(f'id="{guest.kind}/{guest.vmid}"' for guest in snapshot.guests if guest.entity.key == key)
    if kind == "storage" and own.startswith("shared/"):
        return (f'id=~"storage/[^/]+/{regex_literal(own.removeprefix("shared/"))}"',)
    if kind == "datastore" and sum(store.name == own for store in snapshot.datastores) == 1:
        named = sorted({one.name for one in snapshot.storage_configs if one.plugin == "pbs" and one.datastore == own})
        return (f'id=~"storage/[^/]+/({"|".join(map(regex_literal, named))})"',) if named else ()
    return (f'id="{kind}/{escape(own)}"',) if kind in ("node", "storage") else ()


def _from_pve(selector: str, quantity: Quantity) -> MetricQuery | None:
    at = "{" + selector + "}"
    table: dict[str, MetricQuery] = {
        "cpu": MetricQuery(f"pve_cpu_usage_ratio{at}", "fraction", "CPU", "share of the assigned cores"),
        "memory": MetricQuery(
            f"pve_memory_usage_bytes{at}", "bytes", "Memory", "as PVE sees it", f"pve_memory_size_bytes{at}"
        ),
        "disk": MetricQuery(
            f"pve_disk_usage_bytes{at} > 0",
            "bytes",
            "Root disk",
            "as PVE sees it",
            f"pve_disk_size_bytes{at}",
            fills=True,
        ),
        "network_in": _pve_rate("pve_network_receive_bytes", at, "Network received"),
        "network_out": _pve_rate("pve_network_transmit_bytes", at, "Network sent"),
        "disk_read": _pve_rate("pve_disk_read_bytes", at, "Disk read"),
        "disk_write": MetricQuery(
            f"rate(pve_disk_written_bytes_total{at}[{RATE_WINDOW}]) or rate(pve_disk_write_bytes{at}[{RATE_WINDOW}])",
            "bytes/s",
            "Disk written",
        ),
        "uptime": MetricQuery(f"pve_uptime_seconds{at}", "seconds", "Uptime"),
        "up": MetricQuery(f"pve_up{at}", "", "Running", "1 yes, 0 no"),
    }
    return table.get(quantity)


def _pve_rate(metric: str, at: str, about: str) -> MetricQuery:
    """Newer exporters call the counter `…_total`, older ones do not."""
    expr = f"rate({metric}_total{at}[{RATE_WINDOW}]) or rate({metric}{at}[{RATE_WINDOW}])"
    return MetricQuery(expr, "bytes/s", about)


def _from_node_exporter(where: str, quantity: Quantity) -> MetricQuery | None:
    rate = f"[{RATE_WINDOW}]"
    nic = f'{{{where},device!~"lo|veth.*|tap.*|fw.*"}}'
    disks = f'{{{where},device!~"loop.*|dm-.*|ram.*|sr.*"}}'
    table: dict[str, MetricQuery] = {
        "cpu": MetricQuery(
            # A share of all modes: where a series begins its rate comes out too low, and `1 - idle` peaks for nothing.
            f'sum by (instance) (rate(node_cpu_seconds_total{{{where},mode!="idle"}}{rate})) / '
            f"sum by (instance) (rate(node_cpu_seconds_total{{{where}}}{rate}))",
            "fraction",
            "CPU",
            "share of all cores",
        ),
        "iowait": MetricQuery(
            f'avg by (instance) (rate(node_cpu_seconds_total{{{where},mode="iowait"}}{rate}))', "fraction", "I/O wait"
        ),
        "memory": MetricQuery(
            f"node_memory_MemTotal_bytes{{{where}}} - node_memory_MemAvailable_bytes{{{where}}}",
            "bytes",
            "Memory",
            "in use without caches",
            f"node_memory_MemTotal_bytes{{{where}}}",
        ),
        "swap": MetricQuery(
            f"node_memory_SwapTotal_bytes{{{where}}} - node_memory_SwapFree_bytes{{{where}}}",
            "bytes",
            "Swap",
            "in use",
            f"node_memory_SwapTotal_bytes{{{where}}}",
        ),
        "disk": MetricQuery(
            f"node_filesystem_size_bytes{{{where},{_REAL_FS}}} - node_filesystem_avail_bytes{{{where},{_REAL_FS}}}",
            "bytes",
            "File systems",
            "used",
            f"node_filesystem_size_bytes{{{where},{_REAL_FS}}}",
            fills=True,
        ),
        "load": MetricQuery(f"node_load5{{{where}}}", "", "Load", "average over 5 minutes"),
        "network_in": MetricQuery(
            f"sum by (instance) (rate(node_network_receive_bytes_total{nic}{rate}))", "bytes/s", "network received"
        ),
        "network_out": MetricQuery(
            f"sum by (instance) (rate(node_network_transmit_bytes_total{nic}{rate}))", "bytes/s", "network sent"
        ),
        "disk_read": MetricQuery(
            f"sum by (instance) (rate(node_disk_read_bytes_total{disks}{rate}))", "bytes/s", "disk read"
        ),
        "disk_write": MetricQuery(
            f"sum by (instance) (rate(node_disk_written_bytes_total{disks}{rate}))", "bytes/s", "Disk written"
        ),
        "temperature": MetricQuery(
            f"max by (instance) (node_hwmon_temp_celsius{{{where}}})", "celsius", "Temperature", "of the hottest sensor"
        ),
        "uptime": MetricQuery(f"time() - node_boot_time_seconds{{{where}}}", "seconds", "Uptime"),
        "up": MetricQuery(f"up{{{where}}}", "", "Scraped", "1 yes, 0 no"),
    }
    return table.get(quantity)


def _storage(selector: str, quantity: Quantity) -> MetricQuery | None:
    if quantity != "disk":
        return None
    at = "{" + selector + "}"
    return MetricQuery(
        f"max(pve_disk_usage_bytes{at})", "bytes", "Space", "used", f"max(pve_disk_size_bytes{at})", fills=True
    )


def _target(job: str, instance: str, quantity: Quantity) -> MetricQuery | None:
    if quantity != "up":
        return None
    return MetricQuery(f'up{{job="{escape(job)}",{matcher(instance)}}}', "", "Scraped", "1 yes, 0 no")


def regex_literal(value: str) -> str:
    """A value taken literally in a PromQL regular expression: its backslashes are escaped once more by the string."""
    quoted = "".join(f"\\{char}" if char in r"\.+*?()[]{}|^$" else char for char in value)
    return escape(quoted)
