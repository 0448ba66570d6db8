"""Names of guests whose node is away: PVE forgets them after five minutes, Prometheus and we do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nightshift.facts.inventory import Guest
from nightshift.facts.monitoring import Sample, label
from nightshift.facts.snapshot import Dataset

ROW_ID = "guest_names"
EXPR = "max by (id, name) (last_over_time(pve_guest_info[24h]))"


class GuestNames:
    """Remembers every name that was seen, by source and vmid."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], str] = {}

    def restore(self, guests: Dataset[Guest], metrics: Iterable[Sample]) -> Dataset[Guest]:
        """The guests, those without a name with the last one that is known.

        `metrics` are samples of prometheus-pve-exporter's `pve_guest_info{id="qemu/104", name="nextcloud"}`. It does
        not tell the cluster, so that it counts only for a vmid that one cluster has.
        """
        self._known |= {(guest.source, guest.vmid): guest.name for guest in guests if guest.name}
        if all(guest.name for guest in guests):
            return guests
        told = _names_by_id(metrics)
        owners: dict[str, int] = {}
        for guest in guests:
            owners[_id(guest)] = owners.get(_id(guest), 0) + 1
        rows = []
        for guest in guests:
            name = guest.name or self._known.get((guest.source, guest.vmid))
            if name is None and owners[_id(guest)] == 1:
                name = told.get(_id(guest))
            rows.append(replace(guest, name=name))
        return replace(guests, rows=tuple(rows))


def _id(guest: Guest) -> str:
    return f"{guest.kind}/{guest.vmid}"


def _names_by_id(samples: Iterable[Sample]) -> dict[str, str | None]:
    """The name of each id; None when it had several in that time."""
    names: dict[str, str | None] = {}
    for sample in samples:
        guest, name = label(sample.labels, "id"), label(sample.labels, "name")
        if guest and name:
            names[guest] = name if names.get(guest, name) == name else None
    return names
