"""The scenarios of this package, by name, and those of files elsewhere. Files are read when they are asked for."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from nightshift_lab.scenarios.build import world_of
from nightshift_lab.scenarios.model import FaultEntry, Scenario
from nightshift_lab.scenarios.read import read_scenario
from nightshift_lab.world.world import World

FOLDER = Path(__file__).parent


class Library(Mapping[str, Scenario]):
    """The scenario files of a folder by their names."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
        self._read: dict[str, Scenario] = {}

    def __getitem__(self, name: str) -> Scenario:
        """Raises KeyError; ScenarioError when the file has mistakes."""
        if name not in self._read:
            self._read[name] = read_scenario(self._files[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def entries_by_name(scenarios: Iterable[Scenario]) -> dict[str, tuple[FaultEntry, ...]]:
    """The faults of scenarios by name; the first scenario that has one decides. A name may stand for several."""
    entries: dict[str, tuple[FaultEntry, ...]] = {}
    for scenario in scenarios:
        own: dict[str, tuple[FaultEntry, ...]] = {}
        for entry in scenario.entries:
            own[entry.known_as] = (*own.get(entry.known_as, ()), entry)
        entries = own | entries
    return entries


class Switches(Mapping[str, tuple[FaultEntry, ...]]):
    """Every fault of the library by the name under which it is switched; the first scenario that has it decides.

    Those of other homelabs than the standard one can be switched only while their scenario is played.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    @cached_property
    def _entries(self) -> dict[str, tuple[FaultEntry, ...]]:
        standard = (scenario for scenario in self._library.values() if scenario.world.base == "homelab")
        simple_first = sorted(standard, key=lambda scenario: (len(scenario.entries), scenario.name))
        return dict(sorted(entries_by_name(simple_first).items()))

    def __getitem__(self, name: str) -> tuple[FaultEntry, ...]:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


SCENARIOS = Library(FOLDER)
FAULTS = Switches(SCENARIOS)


def scenario_from(name_or_file: str) -> Scenario:
    """A scenario of this package by name, or that of a file. Raises KeyError, ScenarioError, OSError."""
    if name_or_file.endswith((".yaml", ".yml")):
        return read_scenario(Path(name_or_file))
    return SCENARIOS[name_or_file]


def random_scenario() -> Scenario:
    """Any scenario of this package in which something is wrong, whatever it is."""
    broken = [scenario for scenario in SCENARIOS.values() if scenario.truth.root_causes]
    return random.choice(broken)


def build_scenario(scenario: str | Scenario, *, seed: int, started_at: float) -> World:
    """The world of a scenario or of the scenario of that name. Raises what `scenario_from` raises."""
    found = scenario_from(scenario) if isinstance(scenario, str) else scenario
    return world_of(found, seed=seed, started_at=started_at)
