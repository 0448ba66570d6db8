"""What PVE tells only guest by guest, for the slow lane."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from nightshift.collect.lanes import Kind, Order, Turn
from nightshift.facts.inventory import Guest, GuestConfig

if TYPE_CHECKING:
    from nightshift.sources import ProxmoxClient

# Notes are free text, and some operators keep passwords in them.
CONFIGS: Final = Kind(
    "guest_configs", GuestConfig, timedelta(hours=1), "guests' configurations", rank=1, unkept=("description",)
)


def want_configs(turn: Turn, client: ProxmoxClient, guests: Iterable[Guest], now: datetime) -> None:
    """The configuration of every guest whose node can be asked."""
    turn.want(
        CONFIGS,
        (
            Order(
                str(guest.vmid),
                guest.entity.key,
                partial(client.guest_config, guest, read_at=now),
                likely=guest.status == "running",
            )
            for guest in guests
            if guest.status != "unknown"
        ),
    )
