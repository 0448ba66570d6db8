"""A node's journal, and the same lines as the older syslog endpoint numbers them."""

from __future__ import annotations

from datetime import UTC, datetime

from nightshift_lab.pve.api import Call, Data
from nightshift_lab.world.node_tasks import pve_tasks

_DAY_S = 86_400.0


def journal(call: Call) -> Data:
    """The journal's last lines of the wanted span; without any of the last day."""
    count = call.integer("lastentries", 500)
    since = float(call.integer("since", int(call.at - _DAY_S)))
    until = min(call.at, float(call.integer("until", int(call.at))))
    lines = journal_lines(call, since, until)
    return lines[-count:] if count else []


def syslog(call: Call) -> Data:
    """`start` and `limit` count from the beginning of the wanted span."""
    lines = journal_lines(call, call.at - _DAY_S, call.at)
    wanted = call.query.get("service", "")
    numbered = [{"n": number + 1, "t": line} for number, line in enumerate(lines) if wanted in line]
    start, limit = call.integer("start", 0), call.integer("limit", 50)
    return numbered[start:] if limit == 0 else numbered[start : start + limit]


def journal_lines(call: Call, since: float, until: float) -> list[str]:
    """What the faults of the moment write, what tasks leave behind, and little else."""
    name = call.path["node"]
    entries = [(at, text) for fault in call.world.here for at, text in fault.journal(name, since, until)]
    hours = range(int(since // 3_600) + 1, int(until // 3_600) + 1)
    cron = "CRON[1]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)"
    entries += [(hour * 3_600.0 + 17.0, cron) for hour in hours]
    for task in pve_tasks(call.world, name, until):
        if task.started_at < since:
            break
        entries.append((task.started_at, f"pvedaemon[1713]: <{task.user}> starting task {task.upid}"))
        if task.ended_at <= until:
            entries.append((task.ended_at, f"pvedaemon[1713]: <{task.user}> end task {task.upid} {task.status}"))
    return [f"{datetime.fromtimestamp(at, UTC):%b %d %H:%M:%S} {name} {text}" for at, text in sorted(entries)]
