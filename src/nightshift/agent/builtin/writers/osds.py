"""Which OSDs of Ceph are down, and on which disk of which node each of them is."""

from __future__ import annotations

import re

from nightshift.agent.builtin.story import Story, cite, joined, one_line

SHOWN = 6


_ONE_MORE = re.compile(
    r"\b(?:second|another|one more|next|further|any)\b.*\b(?:dies?|fails?|goes|drops?|breaks?|lost)\b|"
    r"\b(?:dies?|fails?|goes|breaks?)\b.*\b(?:data|lose|lost|then|too)\b|\b(?:los(?:e|ing)|without)\b.*\bosd"
)


def one_more_osd(story: Story) -> str:
    """`If a second OSD dies?`: what Ceph's state tells of it; how many copies a pool keeps is not read."""
    table = story.table("subsystem", "health", "osds")
    status = next(iter(story.rows(table)), None) if table else None
    if status is None or not story.question.has("CEPH") or not _ONE_MORE.search(story.question.text.lower()):
        return ""
    well, source = status.get("health") == "HEALTH_OK", cite(status.evidence)
    now = (
        f"Nothing would be lost by one more OSD where a pool keeps two copies or more: Ceph says HEALTH_OK, so that "
        f"all data have all their copies now{source}"
        if well
        else f"It may cost data: Ceph says {status.show('health')}, so that some may lack a copy{source}"
    )
    return (
        f"{now}. With fewer copies left than a pool's min_size, its guests stand still until they are made again; size "
        "and min_size I do not read: `ceph osd pool ls detail` tells them."
    )


def osds_down(story: Story) -> str:
    """`osd.3 is down: WD Red (/dev/sdc on pve2, serial AA11)`; that it is not told which, where nothing tells it."""
    asked = next(iter(story.evidence("promql")), None)
    if asked is None or not any(item.title.startswith("Ceph") and item.rows for item in story.evidence("subsystem")):
        return ""
    status = next((row for item in story.evidence("subsystem") for row in story.rows(item) if row.known("osds")), None)
    missing = status is not None and (status.number("osds") or 0) > (status.number("osds_up") or 0)
    rows = story.rows(asked) if asked.kind != "none" else []
    if not rows:
        hand = "`ceph osd tree` on a node of the cluster tells it"
        return f"Which OSD is down, and on which node, is not told by what I read; {hand}." if missing else ""
    disks = story.table("disks", "disk", "serial")
    places = {row.show("used_for"): row for row in (story.rows(disks) if disks else [])}
    told = []
    for row in rows:
        name = row.show("ceph_daemon")
        disk = places.get(f"Ceph {name}")
        where = f"{one_line(disk.show('disk'))}, {disk.show('path')} on {disk.show('node')}" if disk else ""
        serial = f", serial {disk.show('serial')}" if disk and disk.known("serial") else ""
        told.append(f"{name} ({where}{serial})" if where else f"{name} (on which node PVE does not tell)")
    return f"Down: {joined(told, SHOWN)}{cite(asked, disks)}."
