"""Recorded figures (`rrddata`): averages on a grid of times, traffic as rates, absent samples without keys."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from nightshift_lab.pve.api import Call, Data
from nightshift_lab.pve.figures import pressure_columns
from nightshift_lab.pve.guests import guest_state
from nightshift_lab.pve.nodes import node_state
from nightshift_lab.world.nouns import DAY_S

Frames = Mapping[str, tuple[float, int]]
# timeframe -> (seconds a point, points), as PVE 9 keeps them
_FRAMES_9: Frames = {
    "hour": (60.0, 60),
    "day": (60.0, 1_440),
    "week": (1_800.0, 336),
    "month": (1_800.0, 1_440),
    "year": (21_600.0, 1_460),
    "decade": (7 * DAY_S, 520),
}
# … and as 8 and those before it kept them
_FRAMES_8: Frames = {
    "hour": (60.0, 70),
    "day": (1_800.0, 70),
    "week": (10_800.0, 70),
    "month": (43_200.0, 70),
    "year": (7 * DAY_S, 70),
}
_RATES = frozenset({"netin", "netout", "diskread", "diskwrite"})


def guest_rrd(call: Call, kind: str) -> Data:
    guest = guest_state(call, kind).guest
    columns = {"cpu": "cpu_fraction", "mem": "mem_used_bytes"} | {rate: rate for rate in _RATES}
    if call.release.major >= 9:
        columns |= {"memhost": "mem_used_bytes"}
    constants = {"maxcpu": guest.cores, "maxmem": guest.memory_bytes, "maxdisk": guest.disks[0].size_bytes}
    return _points(call, f"guest/{guest.vmid}", columns, constants)


def node_rrd(call: Call) -> Data:
    node = node_state(call).node
    columns = {
        "cpu": "cpu_fraction",
        "iowait": "iowait_fraction",
        "loadavg": "load1",
        "memused": "mem_used_bytes",
        "swapused": "swap_used_bytes",
        "netin": "netin",
        "netout": "netout",
    }
    constants = {"maxcpu": node.cores, "memtotal": node.memory_bytes, "swaptotal": node.swap_bytes}
    rows: list[dict[str, Data]] = _points(call, f"node/{node.name}", columns, constants)
    roots: list[dict[str, Data]] = _points(
        call, f"fs/node/{node.name}//", {"rootused": "used_bytes", "roottotal": "size_bytes"}, {}
    )
    for row, root in zip(rows, roots, strict=True):
        row.update(root if len(row) > 1 else {})
    if call.release.major >= 9:
        for row in rows:
            if "memused" in row:
                row["memavailable"] = node.memory_bytes - row["memused"]
                row["arcsize"] = node.arc_bytes
    return rows


def storage_rrd(call: Call) -> Data:
    entity = "storage/{node}/{storage}".format_map(call.path)
    return _points(call, entity, {"used": "used_bytes", "total": "total_bytes"}, {})


def _points(call: Call, entity: str, columns: Mapping[str, str], constants: Mapping[str, float]) -> Data:
    frames = _FRAMES_9 if call.release.major >= 9 else _FRAMES_8
    step, count = frames[call.required("timeframe", frames)]
    last = call.at - call.at % step
    times = last - step * np.arange(count - 1, -1, -1, dtype=np.float64)
    values = {}
    for column, quantity in columns.items():
        if column in _RATES:
            after, before = (
                call.world.signal(entity, quantity, times),
                call.world.signal(entity, quantity, times - step),
            )
            rate = (after - before) / step
            values[column] = np.where(rate >= 0, rate, np.nan)
        else:
            values[column] = call.world.signal(entity, quantity, times)
    if call.release.major >= 9 and not entity.startswith(("storage/", "fs/")):
        values |= pressure_columns(call.world, entity, times)
    rows: list[Data] = []
    for index, t in enumerate(times):
        row: dict[str, Data] = {"time": int(t)}
        figures = {column: float(series[index]) for column, series in values.items()}
        row |= {column: figure for column, figure in figures.items() if not math.isnan(figure)}
        rows.append(row | dict(constants) if len(row) > 1 else row)
    return rows
