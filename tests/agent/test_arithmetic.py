"""Figures that follow from two others."""

from __future__ import annotations

import pytest

from nightshift.agent.arithmetic import compares, follows
from nightshift.agent.quantities import Quantity, scan


def quantities(text: str) -> list[Quantity]:
    return [item for item in scan(text) if isinstance(item, Quantity)]


@pytest.mark.parametrize(
    ("figures", "claim", "holds"),
    [
        ("3.67 TiB and 1.32 TiB", "2.35 TiB", True),
        ("3.67 TiB and 1.32 TiB", "2.5 TiB", False),
        ("5.7 % and 2.2 %", "3.5", True),
        ("5.7 % and 2.2 %", "3.5 %", True),
        ("5.7 % and 2.2 %", "2.6", True),
        ("10 GiB and 12 GiB", "20 %", True),
        ("10 GiB and 12 GiB", "22 GiB", True),
        ("10 GiB and 12 GiB", "35 %", False),
        ("30 and 13", "17", True),
        ("30 and 13", "16", False),
        ("26 and 14", "1.9", True),
        ("14 tasks took 28 min", "2 min", True),
        ("2 h against 30 min", "90 min", True),
        ("10 GiB and 12 %", "2", False),
    ],
)
def test_what_follows(figures: str, claim: str, holds: bool) -> None:
    assert follows(quantities(claim)[0], quantities(figures)) is holds


def test_only_a_line_that_compares_reckons() -> None:
    assert compares("nas has more: 12 GiB against 10 GiB")
    assert not compares("nas has 12 GiB, immich 10 GiB")
