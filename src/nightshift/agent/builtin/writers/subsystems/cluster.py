"""How what nodes do together is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from nightshift.agent.builtin.story import Row, joined, plural
from nightshift.agent.builtin.writers.subsystems.telling import MOST, Telling, age, planned

_BROKEN = ("error", "fence", "old timestamp - dead?")


def _quorum(rows: Sequence[Row], _now: datetime) -> str:
    return "; ".join(_quorum_line(row, _now) for row in rows)


def _quorum_line(row: Row, _now: datetime) -> str:
    if not row.known("cluster"):
        return "this host stands alone: it needs no quorum"
    known = row.get("quorate")
    state = "whether it is quorate is not told" if known is None else ("quorate" if known else "NOT quorate")
    votes = f"{row.show('votes')} of {row.show('votes_of_all')} votes are there, {row.show('votes_needed')} are needed"
    offline = f"; offline: {row.show('offline')}" if row.known("offline") else ""
    external = f"; external vote: {row.show('qdevice')}" if row.known("qdevice") else ""
    return f"cluster {row.show('cluster')} is {state}: {votes}{offline}{external}"


def _is_quorate(rows: Sequence[Row], _soon: bool) -> bool | None:
    known = [row.get("quorate") for row in rows if row.known("cluster")]
    return all(known) if known and None not in known else None


def _guests_of(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.get("what") == "guest"]


def _ha(rows: Sequence[Row], _now: datetime) -> str:
    guests = _guests_of(rows)
    daemons = [row for row in rows if row.get("what") == "manager"]
    lead = f"; the manager is {daemons[0].show('name')} ({daemons[0].show('state')})" if daemons else ""
    if not guests:
        return f"no guest is under high availability{lead}"
    states = joined([f"{row.show('name')} {row.show('state')}" for row in guests], 8)
    be = "is" if len(guests) == 1 else "are"
    return f"{plural(len(guests), 'guest')} {be} under high availability: {states}{lead}"


def _ha_line(row: Row, _now: datetime) -> str:
    if row.get("what") != "guest":
        return f"{row.show('what')} on {row.show('node')}: {row.show('state')}"
    wanted = f", wanted {row.show('requested')}" if row.known("requested") else ""
    return f"{row.show('name')} on {row.show('node')}: {row.show('state')}{wanted}"


def _replication(rows: Sequence[Row], now: datetime) -> str:
    enabled = [row for row in rows if row.get("enabled")]
    failing = [row for row in enabled if row.number("failures")]
    off = f", {len(rows) - len(enabled)} of them disabled" if len(enabled) < len(rows) else ""
    text = f"{plural(len(rows), 'replication job')}{off}"
    if failing:
        names = joined([f"{row.show('job')} of {row.show('guest')}" for row in failing], MOST)
        return f"{text}, {len(failing)} failing: {names}"
    done = [row for row in enabled if row.known("last_sync_at")]
    if not done:
        return f"{text}, none of which has copied anything yet"
    eldest = min(done, key=lambda row: str(row.get("last_sync_at")))
    return f"{text}, none failing; the eldest copy is of {age(eldest, 'last_sync_at', now)}, {eldest.show('guest')}"


def _replication_line(row: Row, now: datetime) -> str:
    often = row.number("failures") or 0
    bad = f", failed {often:.0f} times in a row" if often > 1 else (", its last try failed" if often else "")
    off = "" if row.get("enabled") else ", DISABLED"
    way = f"{row.show('from')} to {row.show('to')}"
    return f"{row.show('job')}, {row.show('guest')}, {way}: last sync {age(row, 'last_sync_at', now)}{bad}{off}"


def _replicates(rows: Sequence[Row]) -> bool | None:
    """Whether every job copies; of one that is disabled or has copied nothing yet this cannot be said."""
    if any(row.number("failures") for row in rows if row.get("enabled")):
        return False
    return None if any(not row.get("enabled") or not row.known("last_sync_at") for row in rows) else True


def _replicated(rows: Sequence[Row], now: datetime) -> str:
    told = [f"{row.show('guest')} last replicated to {row.show('to')} {age(row, 'last_sync_at', now)}" for row in rows]
    return "; ".join(told[:MOST])


def _ceph(rows: Sequence[Row], _now: datetime) -> str:
    return "; ".join(_ceph_line(row, _now) for row in rows)


def _ceph_line(row: Row, _now: datetime) -> str:
    used = f", {row.show('used_bytes')} of {row.show('total_bytes')} used" if row.known("total_bytes") else ""
    complaints = f": {row.show('complaints')}" if row.known("complaints") else ""
    used += f" ({row.show('used_fraction')})" if used and row.known("used_fraction") else ""
    osds = f", {row.show('osds_up')} of {row.show('osds')} OSDs up" if row.known("osds") else ""
    return f"Ceph says {row.show('health')}{complaints}{osds}{used}"


TELLINGS: Mapping[str, Telling] = {
    "Quorum": Telling(
        "quorum", "No cluster is known here.", _quorum, _quorum_line, holds=_is_quorate,
        well=lambda rows: all(row.get("quorate") is not False for row in rows),
        counted=lambda rows: joined([f"{row.show('votes')} votes, {row.show('votes_needed')} needed" for row in rows]),
    ),
    "High availability": Telling(
        "high availability", "High availability is not set up.", _ha, _ha_line,
        holds=lambda rows, _soon: bool(_guests_of(rows)), none_of="{who} is not under high availability",
        well=lambda rows: all(row.get("state") not in _BROKEN for row in rows),
        counted=lambda rows: str(len(_guests_of(rows))),
    ),
    "Replication": Telling(
        "replication", "No replication job is set up.", _replication, _replication_line, _replicated,
        none_of="no replication job copies {who}", coming=planned,
        well=_replicates,
    ),
    "Ceph": Telling(
        "Ceph", "There is no Ceph here.", _ceph, _ceph_line,
        well=lambda rows: all(row.get("health") == "HEALTH_OK" or not row.known("complaints") for row in rows),
    ),
}  # fmt: skip
