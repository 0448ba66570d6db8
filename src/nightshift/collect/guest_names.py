"""Names and tags of guests whose node is away: PVE forgets them after five minutes, Prometheus and we do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nightshift.facts.inventory import Guest
from nightshift.facts.monitoring import Sample, label
from nightshift.facts.snapshot import Dataset

ROW_ID = "guest_names"
EXPR = "max by (id, name, tags) (last_over_time(pve_guest_info[24h]))"

_Known = tuple[str, tuple[str, ...]]


class GuestNames:
    """Remembers every name that was seen, with the tags beside it, by source and vmid."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], _Known] = {}

    def restore(self, guests: Dataset[Guest], metrics: Iterable[Sample]) -> Dataset[Guest]:
        """The guests, those without a name with the last one that is known, and its tags.

        `metrics` are samples of prometheus-pve-exporter's `pve_guest_info{id="qemu/104", name="nextcloud",
        tags="web;critical"}`. It does not tell the cluster, so that it counts only for a vmid that one cluster has.
        """
        self._known |= {(guest.source, guest.vmid): (guest.name, guest.tags) for guest in guests if guest.name}
        if all(guest.name for guest in guests):
            return guests
        told = _told_by_id(metrics)
        owners: dict[str, int] = {}
        for guest in guests:
            owners[_id(guest)] = owners.get(_id(guest), 0) + 1
        return replace(guests, rows=tuple(self._named(guest, told, owners) for guest in guests))

    def _named(self, guest: Guest, told: dict[str, _Known | None], owners: dict[str, int]) -> Guest:
        if guest.name:
            return guest
        known = self._known.get((guest.source, guest.vmid))
        if known is None and owners[_id(guest)] == 1:
            known = told.get(_id(guest))
        return guest if known is None else replace(guest, name=known[0], tags=guest.tags or known[1])


def _id(guest: Guest) -> str:
    return f"{guest.kind}/{guest.vmid}"


def _told_by_id(samples: Iterable[Sample]) -> dict[str, _Known | None]:
    """The name and tags of each id; None when it had several names in that time, no tags when they changed."""
    found: dict[str, _Known | None] = {}
    for sample in samples:
        guest, name = label(sample.labels, "id"), label(sample.labels, "name")
        if not guest or not name:
            continue
        tags = tuple(tag for tag in (label(sample.labels, "tags") or "").split(";") if tag)
        known = found.get(guest, (name, tags))
        same = known is not None and known[0] == name
        found[guest] = (name, tags if known is not None and known[1] == tags else ()) if same else None
    return found
