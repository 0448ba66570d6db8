"""What a sweep owes to the truth of one of the lab's scenarios, as the evals judge it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from nightshift_evals.names import Names
from nightshift_evals.report import errors_of
from nightshift_evals.scenarios import Scenario, scenarios_of_lab
from nightshift_evals.sweeps import judge
from nightshift_lab.world.build import build_world
from nightshift_lab.world.homelab_variants import BASES

known_scenarios = cache(scenarios_of_lab)


def scenario(name: str) -> Scenario:
    """A scenario of the lab by name."""
    return known_scenarios()[name]


def broken_promises(name: str, sweep: Mapping[str, Any], *, monitored: bool = True) -> list[str]:
    """A sentence for each, empty when all is as it should be. `sweep` is what `nightshift check --json` prints.

    Of a lab that is not `monitored`, of PVE and PBS alone, only what they can tell is asked.
    """
    return list(errors_of(judge(scenario(name), sweep, names(), seed=0, monitored=monitored)))


@cache
def names() -> Names:
    """The guests and shared storages of the lab: in all its variants they have the same names."""
    worlds = [build_world(0, 1_800_000_000.0, cluster=base) for base in BASES.values()]
    vmids = {guest.name: guest.vmid for world in worlds for guest in world.cluster.guests}
    storages = [storage for world in worlds for storage in world.cluster.storages]
    return Names(vmids, frozenset(storage.name for storage in storages if storage.shared or storage.kind == "pbs"))
