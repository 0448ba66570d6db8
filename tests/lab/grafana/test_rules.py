"""The rules as data, and their templates."""

from __future__ import annotations

import re

import pytest

from nightshift_lab.grafana.rules import FOLDERS, RULES
from nightshift_lab.grafana.template import expand


def test_rules_are_distinct_and_filed() -> None:
    assert sum(not rule.paused for rule in RULES) >= 40
    assert len(RULES) == len({rule.uid for rule in RULES}) == len({rule.title for rule in RULES})
    assert {rule.folder for rule in RULES} == set(FOLDERS)
    for rule in RULES:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", rule.uid)
        assert rule.for_s % 10 == 0


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("Host {{ $labels.instance }} is down", None, "Host pve1:9100 is down"),
        ("{{$labels.instance}}", None, "pve1:9100"),
        ("{{ $value }} % full", 93.26541, "93.27 % full"),
        ("{{ $value }} times", 3.0, "3 times"),
        ("{{ $labels.gone }} and {{ $value }}", None, "[no value] and [no value]"),
        ("100 {% raw %}", None, "100 {% raw %}"),
    ],
)
def test_templates(text: str, value: float | None, expected: str) -> None:
    assert expand(text, {"instance": "pve1:9100"}, value) == expected


def test_no_template_of_a_rule_is_left_unexpanded() -> None:
    for rule in RULES:
        for text in rule.annotations.values():
            assert "{{" not in expand(text, {}, 1.0), rule.title
