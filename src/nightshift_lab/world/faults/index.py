"""The faults of one site by what they have a say in: most have none in most, and all are asked very often."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from nightshift_lab.world.faults.fault import Fault

Faults = tuple[Fault, ...]


class FaultIndex:
    """`faults` are in the order in which they were laid over the world; so is whatever is given of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = tuple(faults)
        self._touching: dict[tuple[str, str], Faults] = {}

    def touching(self, entity: str, name: str) -> Faults:
        """Those that ever bend a condition of an entity."""
        known = self._touching.get((entity, name))
        if known is None:
            known = tuple(fault for fault in self._faults if fault.touches(entity, name))
            self._touching[entity, name] = known
        return known

    @cached_property
    def up(self) -> Faults:
        return self._overriding("up")

    @cached_property
    def boots(self) -> Faults:
        return self._overriding("boots")

    @cached_property
    def signal(self) -> Faults:
        return self._overriding("signal")

    @cached_property
    def added(self) -> Faults:
        return self._overriding("added")

    @cached_property
    def unprotected(self) -> Faults:
        return self._overriding("unprotected")

    @cached_property
    def guest_backup_error(self) -> Faults:
        return self._overriding("guest_backup_error")

    def _overriding(self, hook: str) -> Faults:
        """Those that do not leave this hook of `Fault` as it is."""
        return tuple(fault for fault in self._faults if getattr(type(fault), hook) is not getattr(Fault, hook))
