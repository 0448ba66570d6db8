"""The one mutable place of the lab: which world is in force now."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from nightshift_lab.scenarios import FAULTS, Scenario
from nightshift_lab.scenarios.build import faults_of
from nightshift_lab.scenarios.library import entries_by_name
from nightshift_lab.scenarios.model import FaultEntry
from nightshift_lab.world.faults import Fault
from nightshift_lab.world.world import World


@dataclass
class WorldHolder:
    """Holds the world in force. Servers keep the holder and read `world` for each request."""

    world: World
    scenario: Scenario | None = None

    @property
    def known_faults(self) -> Mapping[str, tuple[FaultEntry, ...]]:
        """What can be switched, by name: the faults of all scenarios, and first those of the one that is played."""
        own = entries_by_name([self.scenario] if self.scenario is not None else [])
        return {**FAULTS, **own}

    def active_faults(self, now: float) -> tuple[str, ...]:
        """The names of the faults that have begun and are not over, each once."""
        begun = (fault.name for fault in self.world.faults if fault.starts_at <= now < fault.ends_at)
        return tuple(dict.fromkeys(begun))

    def switch(self, name: str, *, active: bool, now: float | None = None) -> None:
        """Begin a fault now or end it now; what it did until then stays in the history. KeyError if unknown.

        A name may stand for several faults: they come and go together. Switching to the state that is already there
        changes nothing.
        """
        at = time.time() if now is None else now
        entries = self.known_faults[name]
        if (name in self.active_faults(at)) == active:
            return
        if active:
            calm = self.world.with_faults(())
            fresh = [fault for entry in entries for fault in faults_of(entry, calm, now=at)]
            self.world = self.world.with_faults((*self.world.faults, *fresh))
        else:
            self.world = self.world.with_faults(_ended(fault, name, at) for fault in self.world.faults)


def _ended(fault: Fault, name: str, at: float) -> Fault:
    begun = fault.name == name and fault.starts_at <= at < fault.ends_at
    return fault.ended(at) if begun else fault
