"""What is kept quiet, and where alerts go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from nightshift.facts.evidence import Evidence
from nightshift.facts.ids import Entity, alert_key, source_key
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.context import ToolContext
from nightshift.tools.subsystems.shape import Subsystem, Told
from nightshift.tools.tables import iso, nothing_seen, table

LONGEST_PATTERN = 200
MOST_REPEATED = 4
# What may take for ever: a group that is repeated, and many repetitions in a row.
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_REPEATED = re.compile(r"[*+{]")
IN_FORCE = "Silences in force"
FORCE_COLUMNS = ("matchers", "by", "comment", "starts_at", "ends_at", "source")


async def in_force(ctx: ToolContext, snapshot: Snapshot, about: Entity | None, now: datetime) -> list[Evidence]:
    """The silences that are set, whoever they keep quiet now; of one thing those that name it. Matchers and comments
    are a stranger's words."""
    if snapshot.silences.state == "not_configured":
        return []
    read = await ctx.live.silences()
    if read.value is None:
        return [nothing_seen(read.source, read.request, IN_FORCE, taken_at=read.taken_at, now=now, gaps=read.gaps)]
    rows = [
        (", ".join(row.matchers), row.by, row.comment, iso(row.starts_at), iso(row.ends_at), row.source)
        for row in read.value
        if about is None or any(_names(matcher, about) for matcher in row.matchers)
    ]
    return [table(read.source, read.request, IN_FORCE, FORCE_COLUMNS, rows, taken_at=read.taken_at, now=now,
                  gaps=read.gaps)]  # fmt: skip


def _names(matcher: str, about: Entity) -> bool:
    """Whether a matcher has a thing's bare name in full: `instance=pve10:9100` is not about `pve1`. A regular
    expression matches it, by its name or as the target of an exporter: `instance=~pve.*`."""
    label = about.label
    if about.kind == "alert":
        name = label.removeprefix("alert ").removeprefix("rule ")
    else:
        name = label.split(" (")[0].split(" on ")[0].rpartition(" ")[2]
    if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", matcher):
        return "!=" not in matcher and "!~" not in matcher
    _, regex, pattern = matcher.partition("=~")
    return bool(regex) and _fits(pattern.strip('"'), name)


def _fits(pattern: str, name: str) -> bool:
    """Whether a silence's expression, which a stranger wrote, means this name; none that cannot be read does."""
    if len(pattern) > LONGEST_PATTERN or _REPEATED_GROUP.search(pattern):
        return False
    if len(_REPEATED.findall(pattern)) > MOST_REPEATED:
        return False
    try:
        return any(re.fullmatch(pattern, text) for text in (name, f"{name}:9100"))
    except re.error:
        return False


def _silences(snapshot: Snapshot) -> Iterator[Told]:
    """One row for each instance of a rule that a silence keeps quiet."""
    alerts = {(alert.source, alert.rule_uid, alert.labels): alert for alert in snapshot.alerts}
    for row in snapshot.silences:
        labels = " ".join(f"{name}={value}" for name, value in row.labels if name != "alertname")
        alert = alerts.get((row.source, row.rule_uid, row.labels))
        own = alert_key(alert.source, alert.rule_uid, alert.instance_hash) if alert else source_key(row.source)
        about = (alert.entity_key,) if alert and alert.entity_key else ()
        yield Told((own, *about), (row.rule, labels or None, row.source, own))


def _receivers(snapshot: Snapshot) -> Iterator[Told]:
    for row in snapshot.alertmanagers:
        yield Told((source_key(row.source),), (row.source, ", ".join(row.active) or None))


SILENCES = Subsystem(
    "Silences", "grafana", ("silences",), "GET /api/alertmanager/grafana/api/v2/alerts",
    ("rule", "labels", "source", "key"), _silences, (), (),
)  # fmt: skip
NOTIFICATIONS = Subsystem(
    "Notifications", "prometheus", ("alertmanagers",), "GET /api/v1/alertmanagers",
    ("source", "alertmanagers"), _receivers,
    ("prometheus.no_alertmanager", "prometheus.notification", "alertmanager."), ("notification", "alertmanager"),
)  # fmt: skip
