"""Findings from the table of rows: whatever an exporter tells beyond PVE and PBS, joined to what it is about."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import groupby

from nightshift.checks.check import Check, Judge
from nightshift.checks.evidence import metric_source, table
from nightshift.checks.previous import Previous
from nightshift.checks.rows.row import Row, Unit
from nightshift.checks.rows.table import ROWS
from nightshift.checks.samples import hosts_of_containers, instance_entity
from nightshift.checks.thresholds import DAY_S, Thresholds
from nightshift.facts.evidence import Cell
from nightshift.facts.finding import SEVERITY_RANK, CheckResult, Finding
from nightshift.facts.ids import Entity, disk_key, pool_key, target_key
from nightshift.facts.monitoring import Labels, Sample, label
from nightshift.facts.snapshot import Snapshot, not_configured
from nightshift.facts.units import format_bytes, format_duration, format_number, format_percent

_NOT_SHOWN = frozenset({"job", "instance"})


def judge_row(row: Row) -> Judge:
    """The check of one row; its docstring is what the row says of itself."""

    def judged(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
        worst: dict[tuple[str, str], Finding] = {}
        samples = snapshot.metrics.get(row.key, not_configured())
        if not samples.rows:
            return CheckResult()
        stopped, hosts = _stopped(snapshot), hosts_of_containers(snapshot)
        for sample in samples:
            finding = _finding(row, sample, snapshot, thresholds, stopped, hosts)
            if finding is None:
                continue
            known = worst.get((finding.entity.key, finding.discriminator))
            # Two Prometheus servers may scrape one machine: it is one finding.
            if known is None or SEVERITY_RANK[finding.severity] < SEVERITY_RANK[known.severity]:
                worst[finding.entity.key, finding.discriminator] = finding
        return CheckResult(tuple(worst.values()))

    judged.__doc__ = (
        f"{row.title}. A sample is {row.meaning}.\n\n"
        f'Judges (Prometheus API: /api/v1/query, {row.exporter}):\n    {row.metric}{{instance="web:9100", …}}'
    )
    return judged


def devices_of_disks(snapshot: Snapshot) -> dict[str, str]:
    """`sda` by disk key, as the exporters label the disks of which a row tells something."""
    devices = {}
    for row in ROWS:
        if row.about != "disk":
            continue
        for sample in snapshot.metrics.get(row.key, not_configured()):
            machine, device = instance_entity(snapshot, sample.labels), label(sample.labels, "device")
            # The names of disks inside of a guest are not those of its node.
            if machine is not None and machine.kind == "node" and device is not None:
                devices[_entity(row, sample.labels, machine).key] = device
    return devices


def _stopped(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(guest.entity.key for guest in snapshot.guests if guest.status == "stopped")


def _finding(
    row: Row,
    sample: Sample,
    snapshot: Snapshot,
    thresholds: Thresholds,
    stopped: frozenset[str],
    hosts: Mapping[str, Entity],
) -> Finding | None:
    if math.isnan(sample.value):
        return None
    severity = row.severity_of(sample.value, thresholds)
    seen_in = instance_entity(snapshot, sample.labels)
    # A container sees the kernel and the hardware of its host.
    host = hosts.get(seen_in.key) if seen_in is not None and row.in_container != "own" else None
    if seen_in is None or severity is None or (host is not None and row.in_container == "nonsense"):
        return None
    machine = host or seen_in
    entity = _entity(row, sample.labels, machine)
    words = _Words(sample.labels, about=entity.label, machine=machine.label, value=_said(row.unit, sample.value))
    return Finding(
        check=row.id,
        # A guest that is stopped says nothing any more: what is left are its last words.
        severity="info" if machine.key in stopped else severity,
        entity=entity,
        title=" ".join(row.headline.format_map(words).split()),
        detail=row.detail.format_map(words),
        remedy=row.remedy.format_map(words),
        discriminator="/".join(label(sample.labels, name) or "" for name in row.labels),
        runbook=row.runbook,
        evidence=(
            table(
                snapshot,
                metric_source(snapshot),
                row.expr(thresholds),
                f"{row.title}: {row.meaning}",
                *_cells(row, sample),
            ),
        ),
    )


class _Words(dict[str, str]):
    """What a row's texts may name. A label that the series does not have is empty."""

    def __init__(self, labels: Labels, **own: str) -> None:
        super().__init__(dict(labels) | own)

    def __missing__(self, key: str) -> str:
        return ""


def _entity(row: Row, labels: Labels, machine: Entity) -> Entity:
    """What a series of a machine is about: the machine, a disk or a pool of it, or the target itself."""
    if row.about == "target":
        instance = label(labels, "instance") or ""
        return Entity(target_key(label(labels, "job") or "", instance), instance)
    serial = label(labels, "serial_number")
    pool = label(labels, "zpool") or label(labels, "pool")
    if machine.kind != "node":
        return machine
    source, _, name = machine.key.partition(":")[2].partition("/")
    if row.about == "disk" and serial:
        device = label(labels, "device") or serial
        return Entity(disk_key(source, name, serial), f"disk {device} of {machine.label}")
    if row.about == "pool" and pool:
        return Entity(pool_key(source, name, pool), f"pool {pool} of {machine.label}")
    return machine


_SAID: dict[Unit, Callable[[float], str]] = {
    "fraction": format_percent,
    "seconds": format_duration,
    "celsius": lambda value: f"{value:.0f} °C",
    "bytes": format_bytes,
    "count": lambda value: format_number(round(value)),
    "ratio": lambda value: format_number(round(value, 1)),
    "state": lambda value: format_number(round(value)),
    "days": lambda value: format_duration(value * DAY_S),
    "expiry": lambda value: (
        f"ends in {format_duration(value * DAY_S)}" if value > 0 else f"ended {format_duration(-value * DAY_S)} ago"
    ),
}
_CELLS: dict[Unit, tuple[str, float]] = {
    "fraction": ("value_fraction", 1.0),
    "seconds": ("value_s", 1.0),
    "bytes": ("value_bytes", 1.0),
    "days": ("left_s", DAY_S),
    "expiry": ("left_s", DAY_S),
}


def _said(unit: Unit, value: float) -> str:
    return _SAID[unit](value) if math.isfinite(value) else "an endless amount"


def _cells(row: Row, sample: Sample) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """The series as a table of one line: its instance, its labels, and the value with its unit."""
    labels = tuple((name, value) for name, value in sample.labels if name not in _NOT_SHOWN)
    column, factor = _CELLS.get(row.unit, ("value", 1.0))
    columns = ("instance", *(name for name, _ in labels), column)
    value = sample.value * factor if math.isfinite(sample.value) else None
    cells: tuple[Cell, ...] = (label(sample.labels, "instance"), *(text for _, text in labels), value)
    return columns, (cells,)


def _check(row: Row) -> Check:
    return Check(
        row.id,
        row.family,
        row.worst,
        (f"metrics.{row.key}",),
        judge_row(row),
        row.title,
        yields_to=row.yields_to,
        same_thing=row.same_thing,
    )


CHECKS: tuple[Check, ...] = tuple(
    _check(row)
    for _, rows in groupby(sorted(ROWS, key=lambda row: row.family), key=lambda row: row.family)
    for row in rows
)
