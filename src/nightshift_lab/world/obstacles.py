"""What stands in the way of a backup: what the faults of a homelab, and of the servers that it saves to, say."""

from __future__ import annotations

from nightshift_lab.world.world import World


def unprotected(world: World, vmid: int, t: float) -> bool:
    """Whether a guest is in no backup job at `t`, whatever the jobs say."""
    return any(fault.unprotected(vmid, t) for fault in world.asked.unprotected)


def guest_error(world: World, vmid: int, t: float) -> str | None:
    """Why vzdump cannot even begin to save a guest at `t`, in its words; None when it can."""
    return next(
        (error for fault in world.asked.guest_backup_error if (error := fault.guest_backup_error(vmid, t))), None
    )


def connection_error(world: World, store: str, t: float) -> str | None:
    """Why a backup server does not let a backup to a datastore (`server/name`) begin at `t`; None when it does."""
    faults = world.here if world.home is None else (*world.here, *world.home.here)
    return next((error for fault in faults if (error := fault.connection_error(store, t))), None)


def data_error(world: World, store: str, t: float) -> str | None:
    """Why the data of a backup cannot be written to a datastore (`server/name`) at `t`; None when it can."""
    faults = world.here if world.home is None else (*world.here, *world.home.here)
    return next((error for fault in faults if (error := fault.backup_error(store, t))), None)
