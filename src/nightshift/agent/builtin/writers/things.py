"""Answers about things: one node, guest or storage in depth, and lists of them."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.plan import listing_kind
from nightshift.agent.builtin.story import Row, Story, bullet, cite, guest_name, joined, one_line, plural
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.health import causes_of, effect_on, entity_rows
from nightshift.facts.evidence import Evidence

LISTED = 40
GUESTS_NAMED = 12

_NOUNS = {
    "vms": ("VM", "VMs"),
    "containers": ("container", "containers"),
    "guests": ("guest", "guests"),
    "nodes": ("node", "nodes"),
    "storages": ("storage", "storages"),
    "datastores": ("datastore", "datastores"),
}


def describe(story: Story) -> str:
    """One thing: its state first, what is wrong with it, then the figures."""
    rows = entity_rows(story)
    if not rows:
        return versions(story) if story.question.has("VERSION") else listing(story)
    parts = [_one(story, row) for row in rows]
    if not story.question.has("VERSION", "WHERE", "UPTIME"):
        parts.append(_findings_line(story))
    parts.append(not_seen(story.gaps()))
    return "\n\n".join(filter(None, parts))


def _one(story: Story, row: Row) -> str:
    question = story.question
    if question.has("VERSION") and row.known("pve_version"):
        kernel = f", kernel {row.show('kernel')}" if row.known("kernel") else ""
        return f"{row.show('name')} runs PVE {row.show('pve_version')}{kernel}{cite(row.evidence)}."
    if question.has("WHERE") and row.known("vmid"):
        return f"{row.show('name')} runs on {row.show('node')} ({row.show('status')}){cite(row.evidence)}."
    if question.has("UPTIME") and row.known("uptime_s"):
        return f"{row.show('name')} has been up for {row.show('uptime_s')}{cite(row.evidence)}."
    return summary_line(row) + _guests_on(story, row)


def summary_line(row: Row) -> str:
    """The state of one thing in a sentence or two."""
    if row.known("vmid"):
        return _guest_line(row)
    if "online" in row.evidence.columns:
        return _node_line(row)
    if "free_bytes" in row.evidence.columns:
        from nightshift.agent.builtin.writers.storage import usage_line

        return f"{usage_line(row)}{cite(row.evidence)}."
    if "instance" in row.evidence.columns:
        error = f": {row.show('last_error')}" if row.known("last_error") else ""
        return (
            f"Target {row.show('instance')} (job {row.show('job')}) is {row.show('health')}{error}{cite(row.evidence)}."
        )
    if "alert" in row.evidence.columns:
        about = f" {row.show('summary')}" if row.known("summary") else ""
        since = f" since {row.show('since_at')}" if row.known("since_at") else ""
        return f"Alert {row.show('alert')} is {row.show('state')}{since}.{about}{cite(row.evidence)}"
    return ""


def _guest_line(row: Row) -> str:
    name = guest_name(row)
    if row.get("status") == "unknown":
        return (
            f"{name} on {row.show('node')}: PVE does not know its state, its node is not reporting{cite(row.evidence)}."
        )
    text = f"{name} is {row.show('status')} on {row.show('node')}"
    if row.get("status") != "running":
        return f"{text}{cite(row.evidence)}."
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
        figures.append(f"root file system {row.show('rootfs_used_bytes')} of {row.show('rootfs_total_bytes')}")
    if row.known("pve_version"):
        figures.append(f"PVE {row.show('pve_version')}")
    return f"{text}: {', '.join(figures)}{cite(row.evidence)}." if figures else f"{text}{cite(row.evidence)}."


def _guests_on(story: Story, row: Row) -> str:
    """For a node: what runs there."""
    if "online" not in row.evidence.columns:
        return ""
    table = next(
        (
            item
            for result in story.of("entity")
            if row.evidence in result.evidence
            for item in result.evidence
            if "vmid" in item.columns and "cpu_fraction" in item.columns
        ),
        None,
    )
    if table is None:
        return ""
    guests = [guest for guest in story.rows(table) if guest.get("status") != "template"]
    running = sum(guest.get("status") == "running" for guest in guests)
    unknown = sum(guest.get("status") == "unknown" for guest in guests)
    if not guests:
        return f" It has no guests{cite(table)}."
    if unknown == len(guests):
        return f" The state of its {plural(unknown, 'guest')} is unknown{cite(table)}."
    count = (
        f"All {running} of its guests run" if running == len(guests) else f"{running} of its {len(guests)} guests run"
    )
    return f" {count}{f'; the state of {unknown} is unknown' if unknown else ''}{cite(table)}."


def _findings_line(story: Story) -> str:
    findings = [finding for finding in story.findings("entity") if finding.severity != "info"]
    table = story.table("entity", "finding", "remedy")
    if not findings:
        return "No warnings about it." if not story.gaps() else "No warnings about it in what could be read."
    lines = []
    own = {entity.key for entity in story.question.entities}
    for finding in causes_of(findings)[:3]:
        since = f", since {story.time(finding.since)}" if finding.since else ""
        remedy = f" Do: {one_line(finding.remedy)}" if finding.remedy else ""
        effect = effect_on(own, finding, findings) if finding.entity.key not in own else None
        because = f"{one_line(effect.title)}, because: " if effect else ""
        lines.append(f"{because}{one_line(finding.title)} ({finding.severity}{since}).{remedy}")
    return f"Wrong with it{cite(table)}:\n{bullet(lines)}"


def versions(story: Story) -> str:
    nodes = story.table("inventory", "pve_version")
    sources = story.table("inventory", "reachable")
    lines = [f"{row.show('name')}: PVE {row.show('pve_version')}" for row in (story.rows(nodes) if nodes else [])
             if row.known("pve_version")]  # fmt: skip
    lines += [
        f"{row.show('id')} ({row.show('kind')}): {row.show('version')}"
        for row in (story.rows(sources) if sources else [])
        if row.known("version")
    ]
    body = bullet(lines) if lines else "No version could be read."
    return "\n\n".join(filter(None, (f"Versions{cite(nodes, sources)}:\n{body}", not_seen(story.gaps()))))


def listing(story: Story) -> str:
    """A list or a count, with the other kind of guest mentioned beside it."""
    results = list(story.of("inventory"))
    if not results or not results[0].evidence:
        return "\n\n".join(filter(None, ("The inventory could not be read.", not_seen(story.gaps()))))
    kind = listing_kind(story.question)
    main = results[0].evidence[0]
    if main.kind == "none":
        text = results[0].note or f"The {_NOUNS[kind][1]} could not be read."
        return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
    rows = _real(story, main)
    if kind == "nodes":
        head = _nodes_head(story, rows)
    else:
        head = _count(story, kind, len(rows))
    body = "" if story.question.has("COUNT") and len(rows) > GUESTS_NAMED else _table_lines(story, kind, rows)
    text = f"{head}{cite(main)}{':' if body else '.'}\n{body}".strip()
    unknown = "\n".join(_unknown_states(story, table) for result in results for table in result.evidence[1:])
    other = _other_kind(story, kind, results[1].evidence[0]) if len(results) > 1 and results[1].evidence else ""
    return "\n\n".join(filter(None, (text, unknown, other, not_seen(story.gaps()))))


def _real(story: Story, table: Evidence) -> list[Row]:
    """The rows without templates, which can never run."""
    return [row for row in story.rows(table) if row.get("status") != "template"]


def _nodes_head(story: Story, rows: Sequence[Row]) -> str:
    online = sum(bool(row.get("online")) for row in rows)
    if story.question.has("RUNNING", "DOWN", "STOPPED"):
        return f"{online} of {plural(len(rows), 'node')} {'is' if online == 1 else 'are'} online"
    return _count(story, "nodes", len(rows))


def _unknown_states(story: Story, table: Evidence) -> str:
    """Guests that no one can tell of are neither running nor stopped."""
    names = joined([guest_name(row) for row in story.rows(table)], GUESTS_NAMED)
    nodes = joined(list(dict.fromkeys(row.show("node") for row in story.rows(table))))
    return f"The state of {table.total} on {nodes} is unknown, because it does not report: {names}{cite(table)}."


def _count(story: Story, kind: str, count: int) -> str:
    one, many = _NOUNS[kind]
    nodes = story.question.of_kind("node")
    where = f" on {nodes[0].label}" if nodes else ""
    number = "No" if count == 0 else str(count)
    noun = one if count == 1 else many
    if story.question.has("STOPPED", "DOWN") and kind in ("vms", "containers", "guests"):
        return f"{number} {noun}{where} {'is' if count == 1 else 'are'} stopped"
    if story.question.has("RUNNING") and kind in ("vms", "containers", "guests"):
        return f"{number} {noun}{where} {'is' if count == 1 else 'are'} running"
    verb = "There is" if count == 1 else "There are"
    return f"{verb} {number.lower()} {noun}{where}"


def _other_kind(story: Story, kind: str, table: Evidence) -> str:
    other = "containers" if kind == "vms" else "vms"
    text = _count(story, other, len(_real(story, table)))
    return f"Besides, {text[0].lower() + text[1:] if not text.startswith('VM') else text}{cite(table)}."


def _table_lines(story: Story, kind: str, rows: Sequence[Row]) -> str:
    lines = [_list_line(story, kind, row) for row in rows[:LISTED]]
    more = f"\nand {len(rows) - LISTED} more." if len(rows) > LISTED else ""
    return bullet(lines) + more


def _list_line(story: Story, kind: str, row: Row) -> str:
    if kind in ("vms", "containers", "guests"):
        said = row.get("status") == "running" or story.question.has("STOPPED", "DOWN")
        state = "" if said else f", {row.show('status')}"
        return f"{guest_name(row)} on {row.show('node')}{state}"
    if kind == "nodes":
        state = "online" if row.get("online") else "OFFLINE"
        figures = f", CPU {row.show('cpu_fraction')}, memory {row.show('memory_fraction')}" if row.get("online") else ""
        return (
            f"{row.show('name')}: {state}{figures}, {row.show('running_guests')} of {row.show('guests')} guests running"
        )
    where = f" on {row.show('node')}" if row.known("node") else ""
    state = "" if row.get("active") in (None, True) else ", not reachable"
    return f"{row.show('name')}{where}: {row.show('used_fraction')} of {row.show('total_bytes')} used{state}"


def targets(story: Story) -> str:
    """Scrape targets: which are down, how many are up."""
    table = story.table("inventory", "job", "instance")
    if table is None or table.kind == "none":
        note = next(iter(story.notes("inventory")), "The scrape targets could not be read.")
        return "\n\n".join(filter(None, (note, not_seen(story.gaps()))))
    rows = story.rows(table)
    down = [row for row in rows if row.get("health") == "down"]
    others = [row for row in rows if row.get("health") not in ("up", "down")]
    if not rows:
        return f"Prometheus has no scrape targets{cite(table)}."
    if not down:
        head = f"All {len(rows)} scrape targets are up{cite(table)}." if not others else (
            f"No scrape target is down; {len(others)} of {len(rows)} were not scraped yet{cite(table)}."
        )  # fmt: skip
        return "\n\n".join(filter(None, (head, not_seen(story.gaps()))))
    lines = [f"{row.show('instance')} (job {row.show('job')}): {row.show('last_error')}" for row in down[:LISTED]]
    head = f"{len(down)} of {len(rows)} scrape targets {'is' if len(down) == 1 else 'are'} down{cite(table)}:"
    return "\n\n".join(filter(None, (f"{head}\n{bullet(lines)}", not_seen(story.gaps()))))


def sources(story: Story) -> str:
    """The watched systems, and what keeps one from being seen."""
    table = story.table("inventory", "reachable")
    if table is None:
        return "No system is set up yet."
    lines = []
    for row in story.rows(table):
        version = f" {row.show('version')}" if row.known("version") else ""
        state = "reachable" if row.get("reachable") else f"NOT reachable: {row.show('problem')}"
        lines.append(f"{row.show('id')} ({row.show('kind')}{version}): {state}")
    seen = sum(bool(row.get("reachable")) for row in story.rows(table))
    head = f"I watch {plural(table.total, 'system')}, {seen} of them reachable{cite(table)}:"
    return "\n\n".join(filter(None, (f"{head}\n{bullet(lines)}", not_seen(story.gaps()))))


def safety(story: Story) -> str:
    """What speaks for or against touching a thing now; no more than is known."""
    rows = entity_rows(story)
    if not rows:
        return "Name the guest or node that you want to touch, and I tell what runs on it and what it is doing."
    row = rows[0]
    name = row.show("name")
    running = story.table("tasks", "task", "outcome")
    busy = [task for task in story.rows(running)] if running else []
    mine = [task for task in busy if name in (task.get("node"), task.show("about").split(" (")[0])]
    parts = [f"What I can tell about touching {name} now; whether it is safe stays your decision."]
    parts.append(summary_line(row) + _guests_on(story, row))
    if "online" in row.evidence.columns:
        parts.append("Everything that runs there stops with it, unless it is migrated or managed by HA.")
    if mine:
        tasks = joined([f"{task.show('task')} {task.show('about')}" for task in mine])
        parts.append(f"Wait: {plural(len(mine), 'task')} still running there: {tasks}{cite(running)}.")
    elif running is not None:
        parts.append(f"No task is running on it{cite(running)}.")
    parts.append(_findings_line(story))
    parts.append(not_seen(story.gaps()))
    return "\n\n".join(filter(None, parts))
