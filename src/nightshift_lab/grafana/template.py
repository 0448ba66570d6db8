"""The little of Go's templates that our rules' annotations use: `{{ $labels.name }}` and `{{ $value }}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{\s*\$(?:labels\.(?P<label>\w+)|(?P<value>value))\s*\}\}")


def expand(text: str, labels: Mapping[str, str], value: float | None) -> str:
    """The text with labels and the value filled in; what is not known becomes `[no value]`, as in Grafana."""

    def filled(place: re.Match[str]) -> str:
        if place["label"]:
            return labels.get(place["label"], "[no value]")
        return "[no value]" if value is None else f"{value:.4g}"

    return _PLACE.sub(filled, text)
