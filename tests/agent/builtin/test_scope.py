"""How far a trouble goes: of one thing alone, or of others too."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask

from nightshift.agent.builtin.steps.signs import words_of_trouble
from nightshift.facts.ids import Entity


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("is tank the only datastore in trouble?", "Yes: only datastore tank [E1]:"),
        (
            "does vault have trouble, too full as well?",
            "No: of datastore vault no such thing is found, only of datastore tank",
        ),
        (
            "do vault and tank have trouble, too full as well?",
            "In part: datastore tank too, but of datastore vault no such thing is found [E1]:",
        ),
        ("tank aside, which datastore has trouble too?", "Nowhere else: only datastore tank [E1]:"),
        (
            "is the quantum trouble limited to one host?",
            "I find nothing of that kind, neither there nor elsewhere [E1].",
        ),
    ],
)
async def test_how_far_a_trouble_goes(question: str, first: str) -> None:
    said = await ask(question)

    assert said.text.startswith(first), said.text
    assert said.unverified == ()


@pytest.mark.parametrize("name", ["nas", "postgres", "home-assistant"])
def test_a_name_is_no_word_of_a_trouble(name: str) -> None:
    guest = Entity("guest:pve/105", f"{name} (CT 105)")

    assert words_of_trouble(f"does {name} have such problems too?", (guest,)) == frozenset()
    assert words_of_trouble(f"is {name} the only one that is slow?", (guest,)) == {"slow"}
