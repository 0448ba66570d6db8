"""What PVE tells only guest by guest, for the slow lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from nightshift.collect.lanes import Kind, Order, Turn
from nightshift.collect.reading import Probe
from nightshift.facts.guest_items import GuestFileSystems, GuestSnapshots, GuestTasks
from nightshift.facts.inventory import Guest, GuestConfig
from nightshift.facts.snapshot import Dataset

if TYPE_CHECKING:
    from nightshift.sources import ProxmoxClient

_OWN_PRIVILEGE_SINCE: Final = 9  # VM.GuestAgent.Audit, which an auditor's role contains

# Notes are free text, and some operators keep passwords in them.
CONFIGS: Final = Kind(
    "guest_configs", GuestConfig, timedelta(hours=1), "guests' configurations", rank=1, unkept=("description",)
)
FILE_SYSTEMS: Final = Kind(
    "guest_filesystems", GuestFileSystems, timedelta(minutes=15), "VMs' file systems", rank=7,
    fix="Grant VM.GuestAgent.Audit on /vms (before PVE 9: VM.Monitor) to the token and to its user.",
)  # fmt: skip
TASKS: Final = Kind("guest_tasks", GuestTasks, timedelta(hours=1), "tasks of guests that are off", rank=0)
SNAPSHOTS: Final = Kind("guest_snapshots", GuestSnapshots, timedelta(hours=6), "guests' snapshots", rank=9)


def want_configs(turn: Turn, client: ProxmoxClient, guests: Iterable[Guest], now: datetime) -> None:
    """The configuration of every guest whose node can be asked."""
    turn.want(
        CONFIGS,
        (
            Order(
                str(guest.vmid),
                guest.entity.key,
                partial(client.guest_config, guest, read_at=now),
                likely=not guest.template,  # of one that is off it tells whether that is meant so
            )
            for guest in guests
            if guest.status != "unknown"
        ),
    )


def want_details(
    turn: Turn, client: ProxmoxClient, guests: Iterable[Guest], configs: Iterable[GuestConfig], now: datetime
) -> None:
    """What there is to read once the configurations are known: file systems of running VMs with an agent, why a guest
    is off that should run, and everybody's snapshots."""
    known = {config.vmid: config for config in configs}
    reachable = [guest for guest in guests if guest.status != "unknown"]
    turn.want(
        FILE_SYSTEMS,
        (
            Order(str(guest.vmid), guest.entity.key, partial(client.guest_file_systems, guest, read_at=now))
            for guest in reachable
            if guest.kind == "qemu" and guest.status == "running" and has_agent(known.get(guest.vmid))
        ),
    )
    turn.want(
        TASKS,
        (
            Order(str(guest.vmid), guest.entity.key, partial(client.guest_tasks, guest, read_at=now))
            for guest in reachable
            if guest.status == "stopped" and not guest.template and is_wanted(guest, known.get(guest.vmid))
        ),
    )
    turn.want(
        SNAPSHOTS,
        (
            Order(
                str(guest.vmid),
                guest.entity.key,
                partial(client.guest_snapshots, guest, read_at=now),
                likely=guest.status == "running",
            )
            for guest in reachable
            if not guest.template
        ),
    )


def renounced_before_9(
    found: Dataset[GuestFileSystems], version: Probe, guests: Iterable[Guest]
) -> Dataset[GuestFileSystems]:
    """Before PVE 9 asking an agent takes a privilege that can also change a VM: a token does well without it, and what
    it does not see is left out on purpose. The Gap says so, and is no fault."""
    # A Gap with the lane's own fix is a refusal; a list of guests that could not be read leaves another.
    refused = found.state == "unavailable" and all(gap.fix == FILE_SYSTEMS.fix for gap in found.gaps)
    major = (version.version or "").partition(".")[0]
    if not refused or not major.isdigit() or int(major) >= _OWN_PRIVILEGE_SINCE:
        return found
    detail = "guest agents and the file systems that they see, which before PVE 9 takes VM.Monitor"
    hidden = tuple(guest.entity.key for guest in guests if guest.kind == "qemu")
    gaps = tuple(replace(gap, kind="not_configured", detail=detail, hides=hidden) for gap in found.gaps[:1])
    return Dataset("not_configured", (), gaps, found.taken_at)


def has_agent(config: GuestConfig | None) -> bool:
    return config is not None and config.agent_enabled


def is_wanted(guest: Guest, config: GuestConfig | None) -> bool:
    """Whether somebody wants it to run: HA, or the host when it starts."""
    return guest.ha_state is not None or (config is not None and config.onboot)
