"""The faults of one site by what they have a say in: most have none in most, and all are asked very often."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift_lab.world.faults.fault import Fault

Faults = tuple[Fault, ...]


class FaultIndex:
    """`faults` are in the order in which they were laid over the world; so is whatever is given of them. `up`, `boots`
    and so on are those that do not leave this hook of `Fault` as it is."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = tuple(faults)
        self._touching: dict[tuple[str, str], Faults] = {}
        self.up = self._overriding("up")
        self.boots = self._overriding("boots")
        self.signal = self._overriding("signal")
        self.added = self._overriding("added")
        self.unprotected = self._overriding("unprotected")
        self.guest_backup_error = self._overriding("guest_backup_error")

    def touching(self, entity: str, name: str) -> Faults:
        """Those that ever bend a condition of an entity."""
        known = self._touching.get((entity, name))
        if known is None:
            known = tuple(fault for fault in self._faults if fault.touches(entity, name))
            self._touching[entity, name] = known
        return known

    def _overriding(self, hook: str) -> Faults:
        return tuple(fault for fault in self._faults if getattr(type(fault), hook) is not getattr(Fault, hook))
