"""Faults: composable changes of the world, by kind."""

from nightshift_lab.world.faults.fault import Fault, Flags, Reading
from nightshift_lab.world.faults.registry import AREAS, FAULT_KINDS

__all__ = ["AREAS", "FAULT_KINDS", "Fault", "Flags", "Reading"]
