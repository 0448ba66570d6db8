"""Field types that take what the servers really send, and refuse what cannot be meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from nightshift.sources.wire import Flag, Moment, Text, Whole, WireModel, first_problem


class Row(WireModel):
    text: Text | None = None
    flag: Flag | None = None
    whole: Whole | None = None
    number: float | None = None
    moment: Moment = None


@pytest.mark.parametrize(
    ("field", "sent", "meant"),
    [
        ("text", 100, "100"),
        ("text", 1.5, "1.5"),
        ("text", "web", "web"),
        ("flag", 0, False),
        ("flag", 1, True),
        ("flag", "0", False),
        ("flag", "1", True),
        ("flag", "", False),
        ("flag", True, True),
        ("whole", "101", 101),
        ("whole", 5.9, 5),
        ("whole", "1e3", 1000),
        ("whole", 2**60, 2**60),
        ("number", "0.15", 0.15),
        ("number", "+Inf", float("inf")),
        ("moment", 1700000000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("moment", "1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("moment", 0, None),
        ("moment", "", None),
        ("moment", "0001-01-01T00:00:00Z", None),
        ("moment", "2026-01-02T13:36:40.200Z", datetime(2026, 1, 2, 13, 36, 40, 200_000, tzinfo=UTC)),
        ("moment", "2017-01-17T15:07:44.723715405+01:00", datetime(2017, 1, 17, 14, 7, 44, 723_715, tzinfo=UTC)),
        ("moment", "2026-01-02T13:36:40", datetime(2026, 1, 2, 13, 36, 40, tzinfo=UTC)),
    ],
)
def test_what_servers_send(field, sent, meant):
    assert getattr(Row.model_validate({field: sent}), field) == meant


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("text", ["a"]),
        ("text", True),
        ("flag", "maybe"),
        ("whole", "N/A"),
        ("whole", float("nan")),
        ("number", "fast"),
        ("moment", "yesterday"),
        ("moment", [1]),
        ("moment", True),
    ],
)
def test_what_cannot_be_meant_names_the_field_and_not_the_value(field, sent):
    with pytest.raises(ValidationError) as caught:
        Row.model_validate({field: sent})
    problem = first_problem(caught.value)
    assert problem.startswith(f"field {field}")
    assert "yesterday" not in problem
    assert "fast" not in problem


def test_unknown_fields_and_missing_ones_are_fine():
    assert Row.model_validate({"new-in-version-10": 1}) == Row()
