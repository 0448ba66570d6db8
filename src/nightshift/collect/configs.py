"""Guest configurations: the slow lane. PVE tells them guest by guest: a sweep reads a few and keeps the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nightshift.collect.reading import Deadline
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import Guest, GuestConfig
from nightshift.facts.snapshot import Dataset

if TYPE_CHECKING:
    from nightshift.sources import ProxmoxClient

READ_PER_SWEEP = 16
KEPT = timedelta(hours=1)


class ConfigCache:
    """The configurations of one PVE source, each with the time at which it was read."""

    def __init__(self) -> None:
        self._known: dict[int, GuestConfig] = {}

    async def refresh(
        self, client: ProxmoxClient, guests: Iterable[Guest], now: datetime, deadline: Deadline
    ) -> Dataset[GuestConfig]:
        """Read the configurations that are missing or older than an hour, running guests first, at most 16.

        The dataset is `partial` until every guest had its turn, which is not a Gap: it is how the slow lane works.
        A read that fails is one, once for all guests.
        """
        present = {guest.vmid: guest for guest in guests}
        self._known = {vmid: config for vmid, config in self._known.items() if vmid in present}
        due = [guest for guest in present.values() if self._is_due(guest, now)]
        due.sort(key=lambda guest: (guest.vmid in self._known, guest.status != "running", guest.vmid))
        answers = await asyncio.gather(
            *(deadline.read("guest_configs", client.guest_config(guest, read_at=now)) for guest in due[:READ_PER_SWEEP])
        )
        gaps = tuple(dict.fromkeys(answer for answer in answers if isinstance(answer, Gap)))
        self._known |= {answer.vmid: answer for answer in answers if not isinstance(answer, Gap)}
        if gaps and not self._known:
            return Dataset("unavailable", (), gaps[:1], now)
        whole = len(self._known) == len(present) and not gaps
        rows = tuple(self._known[vmid] for vmid in sorted(self._known))
        return Dataset("complete" if whole else "partial", rows, gaps[:1], now)

    def _is_due(self, guest: Guest, now: datetime) -> bool:
        if guest.status == "unknown":  # its node cannot be asked
            return False
        known = self._known.get(guest.vmid)
        return known is None or now - known.read_at > KEPT
