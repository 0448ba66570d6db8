"""Is something slow, and what makes it so: what is busy, what runs, what is found to be wrong with speed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural
from nightshift.agent.builtin.writers.alerts import alert_line
from nightshift.agent.builtin.writers.findings import causes_of, entity_rows, graded
from nightshift.agent.builtin.writers.gaps import blind_sources, not_seen
from nightshift.agent.builtin.writers.lines import summary_line
from nightshift.agent.builtin.writers.reasons import trend_lines
from nightshift.agent.builtin.writers.task_lines import task_line
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.tools.render import format_value

SHOWN = 6
_LIMITS = Thresholds()
_SLOWS = (
    "cpu", "memory", "swap", "load", "iowait", "pressure", "latency", "steal", "stuck", "oom", "restart_loop", "thin",
    "full", "inactive", "offline", "zfs", "ceph", "disk", "network", "link", "throttl", "temperature", "balloon",
)  # fmt: skip


def slow(story: Story) -> str:
    """The result first: nothing is unusually busy, or what is."""
    rows = _rows(story)
    if not rows:
        return "\n\n".join(filter(None, ("I cannot tell what is busy.", not_seen(story.gaps()))))
    busy = [text for row in rows if (text := _busy(row))]
    findings = _about_speed(story)
    alerts = _alerts(story)
    scrubs = _scrubs(story)
    parts = [_then(story), _head(story, busy, [*findings, *alerts, *filter(None, [scrubs])], rows)]
    parts.append(bullet(busy))
    if alerts:
        parts.append(f"Alerts about it{cite(*_evidence(alerts))}:\n{bullet(map(alert_line, alerts[:SHOWN]))}")
    if findings:
        table = story.table("health", "finding", "remedy") or story.table("entity", "finding", "remedy")
        lines = [f"{graded(f)}. Do: {one_line(f.remedy)}" for f in findings[:SHOWN]]
        parts.append(f"Wrong, and it may slow things down{cite(table)}:\n{bullet(lines)}")
    parts += [_running(story), scrubs]
    parts.append(_figures(story, rows))
    parts += [trend_lines(story), not_seen(story.gaps())]
    return "\n\n".join(filter(None, parts))


def _then(story: Story) -> str:
    """For a time in the past: whether it was busy then, before how it is now."""
    past = story.question.span
    if past is None:
        return ""
    limits = {"CPU": _LIMITS.node_cpu_warning, "I/O wait": _LIMITS.node_iowait_warning}
    over, seen = [], []
    for item in story.evidence("metrics", "series"):
        limit = next((limits[word] for word in limits if item.title.startswith(word)), None)
        stats = item.series[0].stats
        if limit is None or stats is None or stats.unit != "fraction":
            continue
        seen.append(item)
        if stats.maximum >= limit:
            over.append(f"{one_line(item.title)}, up to {format_value(stats.maximum, stats.unit)}{cite(item)}")
    if over:
        return f"Busy {story.when}: {joined(over)}."
    if not seen:
        return f"Whether anything was unusually busy {past.text} I cannot tell." if past.over else ""
    return f"Nothing was unusually busy {story.when}{cite(*seen)}."


def _rows(story: Story) -> list[Row]:
    """Each thing once: as it was read live where it was, else as it is listed."""
    listed = [row for item in story.evidence("inventory") if "cpu_fraction" in item.columns for row in story.rows(item)]
    found: dict[object, Row] = {}
    for row in (*entity_rows(story), *listed):
        if "cpu_fraction" in row.evidence.columns:
            found.setdefault(row.get("key"), row)
    return list(found.values())


def _name(row: Row) -> str:
    return row.show("name") if row.known("name") else f"{row.show('type')} {row.show('vmid')}"


def _busy(row: Row) -> str:
    """What of it is past the limit at which the checks would warn if it lasted; empty when nothing is."""
    guest = row.known("vmid")
    limits = {
        "cpu_fraction": ("CPU {}", _LIMITS.guest_cpu_warning if guest else _LIMITS.node_cpu_warning),
        "memory_fraction": ("memory {}", _LIMITS.guest_memory_warning if guest else _LIMITS.node_memory_warning),
        "iowait_fraction": ("I/O wait {}", _LIMITS.node_iowait_warning),
    }
    over = [text.format(row.show(c)) for c, (text, limit) in limits.items() if (row.number(c) or 0.0) >= limit]
    load, cpus = row.number("load5"), row.number("cpus")
    if load is not None and cpus and load / cpus >= _LIMITS.node_load_per_cpu_warning:
        over.append(f"load {row.show('load5')} on {row.show('cpus')} processors")
    used, total = row.number("swap_used_bytes"), row.number("swap_total_bytes")
    if used is not None and total and used / total >= _LIMITS.node_swap_warning:
        over.append(f"swap {row.show('swap_used_bytes')} of {row.show('swap_total_bytes')}")
    return f"{_name(row)}: {joined(over)}{cite(row.evidence)}" if over else ""


def _about_speed(story: Story) -> list[Finding]:
    """The causes among the findings that can make something slow."""
    found = [
        f for f in story.findings("health", "entity") if f.severity != "info" and not f.check.startswith("backup.")
    ]
    causes = [f for f in causes_of(found) if not f.check.startswith("datastore.")]  # backups wait for it, guests do not
    return [f for f in causes if any(word in f.check for word in _SLOWS)]


def _alerts(story: Story) -> list[Row]:
    """The alerts that fire or are about to, and whose names say that they are about speed."""
    rows = [row for item in story.evidence("alerts") for row in story.rows(item) if row.known("alert")]
    return [
        row
        for row in rows
        if row.get("state") in ("firing", "pending")
        and not row.show("entity").startswith("datastore ")
        and any(word in row.show("alert").lower() for word in _SLOWS)
    ]


def _head(story: Story, busy: Sequence[str], found: Sequence[object], rows: Sequence[Row]) -> str:
    names = joined([one_line(entity.label) for entity in story.question.entities])
    about = f" of {names} and what it runs on" if names else ""
    if busy:
        return f"{plural(len(busy), 'thing')} {'is' if len(busy) == 1 else 'are'} busy at this moment:"
    gaps = story.gaps()
    but = f" in what I could see: {blind_sources(gaps)} left gaps" if gaps else ""
    also = "" if found else ", and nothing is found that would make it slow"
    if names:
        return f"Nothing{about} is unusually busy{but}{also}{cite(*_evidence(rows))}."
    return f"Nothing is unusually busy{but}{also}{cite(*_evidence(rows))}."


def _evidence(rows: Iterable[Row]) -> list[Evidence]:
    return list({row.evidence.id: row.evidence for row in rows}.values())


def _running(story: Story) -> str:
    table = story.table("tasks", "task", "outcome")
    if table is None or table.kind == "none":
        return ""
    if not table.rows:
        seen = " that I can see" if story.gaps("tasks") else ""
        return f"No task{seen} is running now{cite(table)}."
    lines = [task_line(row) for row in story.rows(table)[:SHOWN]]
    return f"Running now, and tasks such as backups slow things down{cite(table)}:\n{bullet(lines)}"


def _scrubs(story: Story) -> str:
    """Pools that are being scrubbed or rebuilt: of that no task tells."""
    tables = [item for item in story.evidence("subsystem") if "scanning" in item.columns]
    busy = [row for item in tables for row in story.rows(item) if row.get("scanning")]
    lines = [f"{row.show('pool')} on {row.show('node')}: {row.show('scan')}" for row in busy[:SHOWN]]
    return f"ZFS is at work, which slows disks down{cite(*tables)}:\n{bullet(lines)}" if lines else ""


def _figures(story: Story, rows: Sequence[Row]) -> str:
    """What was asked about in full, else the nodes and the busiest guests."""
    own = {entity.key for entity in story.question.entities}
    first = [row for row in rows if row.get("key") in own or not row.known("vmid")]
    lines = [line for row in first[:SHOWN] if (line := summary_line(row))]
    guests = [row for row in rows if row.known("vmid") and row.get("key") not in own]
    guests.sort(key=lambda row: -(row.number("cpu_fraction") or 0.0))
    if guests:
        busiest = [f"{_name(row)} {row.show('cpu_fraction')} of {row.show('cpus')} cores" for row in guests[:3]]
        lines.append(f"The busiest guests by CPU: {joined(busiest)}{cite(guests[0].evidence)}.")
    return "\n".join(lines)
