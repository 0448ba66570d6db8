"""One sentence about one thing: a guest, a node, a storage, a target, an alert."""

from __future__ import annotations

import re

from nightshift.agent.builtin.story import Row, cite, guest_name, one_line, sentence
from nightshift.agent.builtin.writers.strangers import is_fit_to_repeat
from nightshift.facts.units import format_cell
from nightshift.tools.render import format_value
from nightshift.tools.storage import NOTHING_LEFT_S

FORESEEABLE_S = 180 * 86_400.0


def summary_line(row: Row) -> str:
    """The state of one thing in a sentence or two."""
    if row.known("vmid"):
        return _guest_line(row)
    if "online" in row.evidence.columns:
        return _node_line(row)
    if "free_bytes" in row.evidence.columns:
        return f"{usage_line(row)}{cite(row.evidence)}."
    if "instance" in row.evidence.columns:
        error = f": {row.show('last_error')}" if row.known("last_error") else ""
        return (
            f"Target {row.show('instance')} (job {row.show('job')}) is {row.show('health')}{error}{cite(row.evidence)}."
        )
    if "rule" in row.evidence.columns:
        error = f": {row.show('last_error')}" if row.known("last_error") else ""
        paused = ", paused" if row.get("paused") else ""
        health = f"its health {row.show('health')}{error}"
        return f"Rule {row.show('rule')} is {row.show('state')}{paused}, {health}{cite(row.evidence)}."
    if "alert" in row.evidence.columns:
        about = f" {sentence(row.show('summary'))}" if row.known("summary") else ""
        since = f" since {row.show('since_at')}" if row.known("since_at") else ""
        value = f" Its value: {row.show('value')}." if row.known("value") else ""
        return f"Alert {row.show('alert')} is {row.show('state')}{since}.{about}{value}{cite(row.evidence)}"
    return _known_line(row) if row.evidence.request.startswith("dataset ") else ""


def is_as_it_should(row: Row) -> bool:
    """Whether the state of a thing is the usual one: it runs, is online, up, not firing."""
    if row.known("vmid"):
        return row.get("status") == "running"
    if "online" in row.evidence.columns:
        return bool(row.get("online"))
    if "instance" in row.evidence.columns:
        return row.get("health") == "up"
    if "rule" in row.evidence.columns:
        return row.get("health") == "ok" and row.get("state") == "inactive"
    if "alert" in row.evidence.columns:
        return row.get("state") == "normal"
    return row.get("state") in (None, "ok") if "free_bytes" in row.evidence.columns else True


_UNTOLD = frozenset({"id", "uid", "key", "by_id", "selects_all", "last_run_upid"})


_UNITS = re.compile("_(?:bytes|at|fraction|celsius|s)$")


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")


def _shown(row: Row, column: str) -> str:
    """A cell; a time in the viewer's zone whatever its column is called."""
    if _MOMENT.match(str(row.get(column))):
        return one_line(format_cell(f"{column}_at", row.get(column), row.zone))
    return row.show(column)


def _known_line(row: Row) -> str:
    """Whatever is known of a job, a disk or a pool: `Backup jobs of nightly: enabled yes, schedule 21:00`."""
    told = [
        f"{_UNITS.sub('', column).replace('_', ' ')} {_shown(row, column)}"
        for column in row.evidence.columns
        if column not in _UNTOLD and row.known(column)
    ]
    return f"{one_line(row.evidence.title)}: {', '.join(told)}{cite(row.evidence)}." if told else ""


def _guest_line(row: Row) -> str:
    name = guest_name(row)
    if row.get("status") == "unknown":
        return (
            f"{name} on {row.show('node')}: PVE does not know its state, its node is not reporting{cite(row.evidence)}."
        )
    text = f"{name} is {row.show('status')} on {row.show('node')}"
    if row.get("status") != "running":
        return f"{text}{_off_since(row)}{cite(row.evidence)}.{notes_line(row)}"
    figures = []
    if row.known("uptime_s"):
        text += f", up for {row.show('uptime_s')}"
    if row.known("cpu_fraction"):
        figures.append(f"CPU {row.show('cpu_fraction')} of {row.show('cpus')} cores")
    if row.known("memory_used_bytes"):
        share = f" ({row.show('memory_fraction')})" if row.known("memory_fraction") else ""
        figures.append(f"memory {row.show('memory_used_bytes')} of {row.show('memory_total_bytes')}{share}")
    if row.known("disk_used_bytes"):
        figures.append(f"root disk {row.show('disk_used_bytes')} of {row.show('disk_total_bytes')}")
    if row.known("lock"):
        figures.append(f"locked ({row.show('lock')})")
    return f"{text}: {', '.join(figures)}{cite(row.evidence)}." if figures else f"{text}{cite(row.evidence)}."


def _off_since(row: Row) -> str:
    """Since when it is off and who stopped it, as far as the tasks tell; empty where nobody looked for that."""
    if row.get("status") != "stopped" or "stopped_at" not in row.evidence.columns:
        return ""
    if not row.known("stopped_at"):
        return "; since when is not known, I see no task that stopped it"
    return f" since {row.show('stopped_at')}, stopped by {row.show('stopped_by')}"


def notes_line(row: Row) -> str:
    """What its owner wrote down about a guest: nobody else knows what it is for, or whether it is off on purpose."""
    if not row.known("notes"):
        return ""
    if not is_fit_to_repeat(str(row.get("notes"))):
        return f" Its notes are not for reading out: `notes of {row.show('name')}` shows them."
    return f" Its notes say: “{row.show('notes')}”"


def _node_line(row: Row) -> str:
    if not row.get("online"):
        return f"Node {row.show('name')} is offline{cite(row.evidence)}."
    text = f"Node {row.show('name')} is online"
    if row.known("uptime_s"):
        text += f", up for {row.show('uptime_s')}"
    figures = []
    if row.known("cpu_fraction"):
        figures.append(f"CPU {row.show('cpu_fraction')} of {row.show('cpus')} cores")
    if row.known("load1"):
        figures.append(f"load {row.show('load1')}, {row.show('load5')}, {row.show('load15')}")
    if row.known("iowait_fraction"):
        figures.append(f"I/O wait {row.show('iowait_fraction')}")
    if row.known("memory_used_bytes"):
        share = f" ({row.show('memory_fraction')})" if row.known("memory_fraction") else ""
        figures.append(f"memory {row.show('memory_used_bytes')} of {row.show('memory_total_bytes')}{share}")
    if row.known("rootfs_used_bytes"):
        figures.append(f"root file system {_of_total(row, 'rootfs_used_bytes', 'rootfs_total_bytes')}")
    if row.known("pve_version"):
        figures.append(f"PVE {row.show('pve_version')}")
    return f"{text}: {', '.join(figures)}{cite(row.evidence)}." if figures else f"{text}{cite(row.evidence)}."


def _of_total(row: Row, used: str, total: str) -> str:
    """`26.5 GiB of 91.6 GiB (28.9 %)`."""
    part, whole = row.number(used), row.number(total)
    share = f" ({format_value(part / whole, 'fraction')})" if part is not None and whole else ""
    return f"{row.show(used)} of {row.show(total)}{share}"


def usage_line(row: Row) -> str:
    """`tank: 98.9 % full, 3.5 TiB of 3.6 TiB used, 40 GiB free; grows by 20 GiB each day, full in 2 d`."""
    if row.known("name"):
        where = f" on {row.show('where')}" if row.known("where") and row.get("where") != "all nodes" else ""
        name = f"{row.show('name')}{where}"
    else:
        name = f"{row.show('instance')} {row.show('mountpoint')}"
    state = row.get("state")
    if not row.known("used_fraction"):
        return f"{name}: usage unknown ({row.show('state')})"
    text = (
        f"{name}: {row.show('used_fraction')} full, {row.show('used_bytes')} of {row.show('total_bytes')} used, "
        f"{row.show('free_bytes')} free"
    )
    if state not in (None, "ok"):
        text += f" ({row.show('state')})"
    return text + _trend(row)


def _trend(row: Row) -> str:
    growth, left = row.number("growth_per_day_bytes"), row.number("time_to_full_s")
    if growth is None:
        return ""
    if left is None:
        return "; not growing" if growth <= 0 else ""
    if left < NOTHING_LEFT_S:
        return "; it is full"
    grows = f"; grows by {row.show('growth_per_day_bytes')} each day"
    return f"{grows}, full in {row.show('time_to_full_s')} ({row.show('full_at')})" if left < FORESEEABLE_S else grows
