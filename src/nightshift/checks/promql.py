"""Which metrics a PromQL expression cannot do without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promql_parser import BinaryExpr, Expr

# Grafana fills these in before it asks; any duration will do to read the rest.
_VARIABLES = {
    "__rate_interval": "5m",
    "__interval_ms": "60000",
    "__interval": "1m",
    "__range_s": "3600",
    "__range": "1h",
}
_VARIABLE = re.compile(r"\$\{?(" + "|".join(_VARIABLES) + r")\}?")
_MAY_BE_ABSENT = frozenset({"absent", "absent_over_time"})
_ALWAYS_THERE = frozenset({"up", "ALERTS", "ALERTS_FOR_STATE"})


@lru_cache(maxsize=4096)
def needed_metrics(query: str) -> frozenset[str] | None:
    """The names of the metrics without which the expression can give nothing, or gives nonsense.

    Left out is what may well be absent: the argument of `absent`, what stands after `unless` and on both sides of
    `or`, selections by a pattern of names. None when it is no PromQL (a rule may ask Loki), or has variables that only
    a dashboard can fill in.
    """
    from promql_parser import parse  # a compiled module: only who has rules pays for it

    text = _VARIABLE.sub(lambda match: _VARIABLES[match[1]], query)
    if "$" in text or not text.strip():
        return None
    found: set[str] = set()
    for part in text.split("; "):  # a rule of several queries, as the client joins them
        try:
            found.update(_names(parse(part)))
        except ValueError:
            return None
    return frozenset(found - _ALWAYS_THERE)


def _names(expr: Expr) -> Iterator[str]:
    from promql_parser import (
        AggregateExpr,
        BinaryExpr,
        Call,
        MatrixSelector,
        ParenExpr,
        SubqueryExpr,
        UnaryExpr,
        VectorSelector,
    )

    if isinstance(expr, VectorSelector):
        if expr.name:
            yield expr.name
    elif isinstance(expr, MatrixSelector):
        yield from _names(expr.vector_selector)
    elif isinstance(expr, Call):
        if expr.func.name not in _MAY_BE_ABSENT:
            for argument in expr.args:
                yield from _names(argument)
    elif isinstance(expr, BinaryExpr):
        yield from _names_of_both(expr)
    elif isinstance(expr, AggregateExpr | ParenExpr | SubqueryExpr | UnaryExpr):
        yield from _names(expr.expr)


def _names_of_both(expr: BinaryExpr) -> Iterator[str]:
    operator = str(expr.op)
    if operator == "or":
        return
    yield from _names(expr.lhs)
    if operator != "unless":
        yield from _names(expr.rhs)
