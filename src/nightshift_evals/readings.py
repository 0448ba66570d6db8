"""How each value that a question may ask for is read from the systems themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from nightshift_evals.graders import TruthValue
from nightshift_evals.jobs import JOBS
from nightshift_evals.systems import NoTruth, Systems

HOUR_S = 3_600.0


def _named(rows: list[dict[str, Any]], key: str = "name") -> tuple[str, ...]:
    if any(key not in row for row in rows):
        raise NoTruth("guests of a node that does not report have no name")
    return tuple(sorted(str(row[key]) for row in rows))


def _kind(systems: Systems, kind: str) -> list[dict[str, Any]]:
    wanted = {"vm": ("qemu",), "ct": ("lxc",)}.get(kind, ("qemu", "lxc"))
    return [row for row in systems.guests() if row["type"] in wanted]


def _in_state(systems: Systems, kind: str, state: str) -> list[dict[str, Any]]:
    return [row for row in _kind(systems, kind) if row["status"] == state]


def _on_node(systems: Systems, node: str) -> list[dict[str, Any]]:
    return [row for row in _kind(systems, "") if row["node"] == node]


def _running_on(systems: Systems, node: str) -> list[dict[str, Any]]:
    return [row for row in _on_node(systems, node) if row["status"] == "running"]


def _tagged(systems: Systems, tag: str) -> tuple[str, ...]:
    return _named([row for row in _kind(systems, "") if tag in str(row.get("tags", "")).split(";")])


def _last_backup(systems: Systems, guest: str) -> datetime:
    return datetime.fromtimestamp(max(map(_made, _backups(systems, guest))), UTC)


def _made(snapshot: Mapping[str, Any]) -> float:
    return float(snapshot["backup-time"])


def _backups(systems: Systems, guest: str) -> list[dict[str, Any]]:
    """Those of the cluster itself: in the namespaces that its storages name, as another host may have the same vmid."""
    vmid = str(systems.guest(guest)["vmid"])
    storages = [row for row in systems.pve("/storage") if row["type"] == "pbs"]
    places = {(str(row["datastore"]), str(row.get("namespace", ""))) for row in storages}
    return [
        row
        for store, namespace in sorted(places)
        for row in systems.pbs(f"/admin/datastore/{store}/snapshots", ns=namespace)
        if row["backup-id"] == vmid and row["backup-type"] in ("vm", "ct")
    ]


def _used(row: Mapping[str, Any]) -> float:
    return 100.0 * float(row["used"]) / float(row["total"])


def _storage(systems: Systems, of: str) -> dict[str, Any]:
    """`pve3 local-lvm`."""
    node, storage = of.split()
    row: dict[str, Any] = systems.pve(f"/nodes/{node}/storage/{storage}/status")
    if not row.get("active"):
        raise NoTruth(f"{of} is not active")
    return row


def _over(systems: Systems, guest: str, function: str, metric: str, window: str) -> float:
    selector = f'{{id="{systems.guest(guest)["id"]}"}}'
    if metric == "memory":
        return systems.query(f"{function}(pve_memory_usage_bytes{selector}[{_evenly(window)}])")
    return 100.0 * systems.query(f"{function}(pve_cpu_usage_ratio{selector}[{_evenly(window)}])")


def _evenly(window: str) -> str:
    """A window of evenly spaced samples: the lab's are denser towards now, which would weigh the last minutes more."""
    return f"{window}:1m" if window == "1h" else f"{window}:5m"


def _guest_over(function: str, metric: str) -> Callable[[Systems, str], TruthValue]:
    """`nextcloud 24h`; an hour when no window is given."""

    def read(systems: Systems, of: str) -> TruthValue:
        guest, _, window = of.partition(" ")
        return _over(systems, guest, function, metric, window or "1h")

    return read


def _memory_share(systems: Systems, of: str) -> TruthValue:
    guest, _, window = of.partition(" ")
    used = _over(systems, guest, "avg_over_time", "memory", window or "1h")
    return 100.0 * used / float(systems.guest(guest)["maxmem"])


def _node_cpu(function: str) -> Callable[[Systems, str], TruthValue]:
    def read(systems: Systems, of: str) -> TruthValue:
        node, _, window = of.partition(" ")
        selector = f'{{id="node/{node}"}}'
        return 100.0 * systems.query(f"{function}(pve_cpu_usage_ratio{selector}[{_evenly(window or '1h')}])")

    return read


def _guest_memory(systems: Systems, guest: str) -> float:
    row = systems.guest(guest)
    return 100.0 * float(row["mem"]) / float(row["maxmem"])


def _node_memory(systems: Systems, node: str) -> float:
    memory = systems.node(node)["memory"]
    return 100.0 * float(memory["used"]) / float(memory["total"])


def _most(key: Callable[[dict[str, Any]], float], *, of_all: bool = False) -> Callable[[Systems, str], TruthValue]:
    """The name of the running guest, or the guest `of_all`, with the most. NoTruth when the second is so near that it
    may be the first in a moment."""

    def read(systems: Systems, kind: str) -> TruthValue:
        rows = sorted(_kind(systems, kind) if of_all else _in_state(systems, kind, "running"), key=key, reverse=True)
        if len(rows) > 1 and key(rows[1]) > 0.85 * key(rows[0]):
            raise NoTruth("two are equal")
        return str(rows[0]["name"])

    return read


def _config(systems: Systems, guest: str) -> dict[str, Any]:
    row = systems.guest(guest)
    config: dict[str, Any] = systems.pve(f"/nodes/{row['node']}/{row['type']}/{row['vmid']}/config")
    return config


def _uncovered(systems: Systems, _of: str) -> TruthValue:
    """Guests in no enabled job, by the volumes' owners in `/cluster/backup`."""
    covered: set[str] = set()
    for job in systems.pve("/cluster/backup"):
        if int(job.get("enabled", 1)):
            if "vmid" not in job:
                raise NoTruth("a job that names no guests")
            covered |= set(str(job["vmid"]).split(","))
    return _named([row for row in _kind(systems, "") if str(row["vmid"]) not in covered])


def _finished(systems: Systems, hours: float) -> list[dict[str, Any]]:
    since = datetime.now(UTC).timestamp() - hours * HOUR_S
    return [row for row in systems.pve("/cluster/tasks") if row["starttime"] >= since and row.get("endtime")]


def _failed_tasks(systems: Systems, hours: str) -> float:
    rows = _finished(systems, float(hours or 24))
    bad = [row for row in rows if row["status"] != "OK" and not str(row["status"]).startswith("WARNINGS")]
    return float(len(bad))


def _at(data: Any, path: str) -> TruthValue:
    """A value in JSON: `memory.total`, `loadavg.0`."""
    for part in path.split("."):
        data = data[int(part)] if isinstance(data, list) else data[part]
    return float(data) if isinstance(data, int | float) else str(data)


def _api(source: str) -> Callable[[Systems, str], TruthValue]:
    """`/nodes/pve1/status memory.total` of PVE or PBS."""

    def read(systems: Systems, of: str) -> TruthValue:
        path, _, inside = of.partition(" ")
        return _at(systems.pve(path) if source == "pve" else systems.pbs(path), inside)

    return read


def _disk(systems: Systems, node: str, path: str) -> Mapping[str, Any]:
    """PVE API: /nodes/{node}/disks/list; `wearout` is what is left, in per cent."""
    (disk,) = [row for row in systems.pve(f"/nodes/{node}/disks/list") if row["devpath"] == path]
    return dict(disk)


def _count(rows: Callable[[Systems, str], Any]) -> Callable[[Systems, str], TruthValue]:
    return lambda systems, of: float(len(rows(systems, of)))


def _nodes(systems: Systems, state: str) -> tuple[str, ...]:
    rows = systems.pve("/nodes")
    return tuple(sorted(row["node"] for row in rows if not state or row["status"] == state))


def _down(systems: Systems, _of: str) -> tuple[str, ...]:
    return tuple(sorted(row["labels"]["instance"] for row in systems.targets() if row["health"] != "up"))


def _store(key: str) -> Callable[[Systems, str], TruthValue]:
    return lambda systems, store: float(systems.datastores()[store][key])


def _fullest(systems: Systems, _of: str) -> TruthValue:
    rows = systems.datastores()
    return max(rows, key=lambda store: _used(rows[store]))


def _snapshots(systems: Systems, guest: str) -> tuple[str, ...]:
    row = systems.guest(guest)
    rows = systems.pve(f"/nodes/{row['node']}/{row['type']}/{row['vmid']}/snapshot")
    return tuple(str(one["name"]) for one in rows if one["name"] != "current")


TRUTHS: Mapping[str, Callable[[Systems, str], TruthValue]] = {
    "pve": _api("pve"),
    "pbs": _api("pbs"),
    "promql": lambda systems, expression: systems.query(expression),
    "series_count": _count(lambda systems, expression: systems.samples(expression)),
    # Guests
    "guests": lambda systems, _of: _named(_kind(systems, "")),
    "guest_count": _count(_kind),
    "running": lambda systems, kind: _named(_in_state(systems, kind, "running")),
    "running_count": _count(lambda systems, kind: _in_state(systems, kind, "running")),
    "stopped": lambda systems, kind: _named(_in_state(systems, kind, "stopped")),
    "stopped_count": _count(lambda systems, kind: _in_state(systems, kind, "stopped")),
    "on_node": lambda systems, node: _named(_on_node(systems, node)),
    "on_node_count": _count(_on_node),
    "running_on_node": lambda systems, node: _named(_running_on(systems, node)),
    "running_on_node_count": _count(_running_on),
    "tagged": _tagged,
    "node_of": lambda systems, guest: str(systems.guest(guest)["node"]),
    "vmid_of": lambda systems, guest: float(systems.guest(guest)["vmid"]),
    "guest_cores": lambda systems, guest: float(systems.guest(guest)["maxcpu"]),
    "guest_memory_bytes": lambda systems, guest: float(systems.guest(guest)["maxmem"]),
    "guest_memory_percent": _guest_memory,
    "guest_memory_used_bytes": lambda systems, guest: float(systems.guest(guest)["mem"]),
    "guest_disk_bytes": lambda systems, guest: float(systems.guest(guest)["maxdisk"]),
    "guest_uptime_s": lambda systems, guest: float(systems.guest(guest)["uptime"]),
    "most_memory": _most(lambda row: float(row["mem"])),
    "most_memory_share": _most(lambda row: float(row["mem"]) / float(row["maxmem"])),
    "most_cpu": _most(lambda row: float(row["cpu"]) / 1.0),
    "longest_up": _most(lambda row: float(row["uptime"])),
    "most_cores": _most(lambda row: float(row["maxcpu"]), of_all=True),
    "largest_memory": _most(lambda row: float(row["maxmem"]), of_all=True),
    "largest_disk": _most(lambda row: float(row["maxdisk"]), of_all=True),
    "ha_guests": lambda systems, _of: _named([row for row in systems.guests() if row.get("hastate")]),
    "snapshots": _snapshots,
    "snapshot_count": _count(_snapshots),
    "config": lambda systems, of: _at(_config(systems, of.split()[0]), of.split()[1]),
    "cpu_mean_percent_1h": _guest_over("avg_over_time", "cpu"),
    "cpu_max_percent_1h": _guest_over("max_over_time", "cpu"),
    "cpu_min_percent": _guest_over("min_over_time", "cpu"),
    "memory_mean_bytes": _guest_over("avg_over_time", "memory"),
    "memory_mean_percent": _memory_share,
    # Nodes
    "nodes": _nodes,
    "node_count": _count(_nodes),
    "node_memory_percent": _node_memory,
    "node_memory_used_bytes": lambda systems, node: float(systems.node(node)["memory"]["used"]),
    "node_cpu_mean_percent": _node_cpu("avg_over_time"),
    "node_cpu_max_percent": _node_cpu("max_over_time"),
    "node_rootfs_percent": lambda systems, node: _used(systems.node(node)["rootfs"]),
    "disk_worn_percent": lambda systems, of: 100.0 - float(_disk(systems, *of.split())["wearout"]),
    "node_uptime_s": lambda systems, node: float(systems.node(node)["uptime"]),
    # Storage and backups
    "storage_used_percent": lambda systems, of: _used(_storage(systems, of)),
    "storage_free_bytes": lambda systems, of: float(_storage(systems, of)["avail"]),
    "datastores": lambda systems, _of: tuple(sorted(systems.datastores())),
    "fullest_datastore": _fullest,
    "datastore_used_percent": lambda systems, store: _used(systems.datastores()[store]),
    "datastore_used_bytes": _store("used"),
    "datastore_free_bytes": _store("avail"),
    "datastore_total_bytes": _store("total"),
    "datastore_snapshot_count": _count(lambda systems, store: systems.snapshots(store)),
    "last_backup": _last_backup,
    "backup_count": _count(_backups),
    "last_backup_bytes": lambda systems, guest: float(max(_backups(systems, guest), key=_made)["size"]),
    "oldest_backup": lambda systems, guest: datetime.fromtimestamp(min(map(_made, _backups(systems, guest))), UTC),
    "uncovered": _uncovered,
    "uncovered_count": lambda systems, of: float(len(_keyed(_uncovered(systems, of)))),
    "backup_job_count": _count(lambda systems, _of: systems.pve("/cluster/backup")),
    "failed_task_count": _failed_tasks,
    # Monitoring
    "firing_alerts": lambda systems, _of: tuple(systems.firing_alerts()),
    "firing_alert_count": lambda systems, _of: float(len(systems.firing_alerts())),
    # A watchdog fires as long as alerting works: some count it, some do not.
    "firing_problem_count": lambda systems, _of: float(len(set(systems.firing_alerts()) - {"Watchdog"})),
    "alert_rule_count": _count(lambda systems, _of: systems.rules()),
    "targets_down": _down,
    "target_count": _count(lambda systems, _of: systems.targets()),
    "targets_down_count": _count(_down),
    **JOBS,
}


def _keyed(value: TruthValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
