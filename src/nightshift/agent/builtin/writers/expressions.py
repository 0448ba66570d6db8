"""A PromQL expression in words, read off its parsed tree: what it computes, of which series, over which time.

sum by (instance) (rate(node_network_receive_bytes_total{device!="lo"}[5m])) > 1e6
the sum for each instance of the increase per second, averaged over 5 minutes, of node_network_receive_bytes_total
(device is not lo), only where that is above 1e6
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promql_parser import AggregateExpr, BinaryExpr, Call, Expr, SubqueryExpr, VectorSelector

LONGEST = 600
_MATCH = {"Equal": "is", "NotEqual": "is not", "Re": "fits", "NotRe": "does not fit"}
_UNITS = ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_ARITHMETIC = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo", "^": "to the power of"}
_COMPARISONS = {
    "==": "equal to", "!=": "other than", ">": "above", "<": "below", ">=": "at least", "<=": "at most",
}  # fmt: skip
_SETS = {
    "and": "{a}, where there is also {b}",
    "or": "{a}, or where there is none, {b}",
    "unless": "{a}, but not where there is {b}",
}
_AGGREGATES = {
    "sum": "the sum", "avg": "the average", "max": "the highest", "min": "the lowest", "count": "the number of series",
    "stddev": "the standard deviation", "stdvar": "the variance", "group": "1 for each group",
    "topk": "the {param} highest", "bottomk": "the {param} lowest", "quantile": "the {param} quantile",
    "count_values": "how often each value occurs", "limitk": "any {param}",
}  # fmt: skip
# `{0}` and on are the arguments in words, `{range}` the time that the range selector spans.
_FUNCTIONS: Mapping[str, str] = {
    "rate": "the increase per second, averaged over {range}, of {0}",
    "irate": "the increase per second between the last two samples of {0}",
    "increase": "the increase within {range} of {0}",
    "delta": "the difference within {range} of {0}",
    "idelta": "the difference of the last two samples of {0}",
    "deriv": "the slope per second over {range} of {0}",
    "changes": "how often within {range} it changed: {0}",
    "resets": "how often within {range} it started anew: {0}",
    "predict_linear": "what, by its line over {range}, {0} will be in {1} seconds",
    "histogram_quantile": "the {0} quantile of the histogram {1}",
    "quantile_over_time": "the {0} quantile over {range} of {1}",
    "absent": "1 if there is no {0}, else nothing",
    "absent_over_time": "1 if there was no {0} within {range}, else nothing",
    "present_over_time": "1 where there was any sample within {range} of {0}",
    "time": "the time now, in seconds since 1970",
    "timestamp": "the time of the last sample of {0}",
    "abs": "without its sign, {0}",
    "ceil": "rounded up, {0}",
    "floor": "rounded down, {0}",
    "round": "rounded, {0}",
    "sqrt": "the square root of {0}",
    "ln": "the natural logarithm of {0}",
    "scalar": "{0} as one number",
    "vector": "{0}",
    "sort": "in ascending order, {0}",
    "sort_desc": "in descending order, {0}",
    "clamp_min": "{0}, but at least {1}",
    "clamp_max": "{0}, but at most {1}",
    "clamp": "{0}, but from {1} to {2}",
    "label_replace": "with a label rewritten, {0}",
    "label_join": "with labels joined, {0}",
}
_OVER_TIME = {
    "avg": "the average", "max": "the highest", "min": "the lowest", "sum": "the sum", "count": "the number of samples",
    "last": "the last sample", "stddev": "the standard deviation", "stdvar": "the variance",
}  # fmt: skip
_HINTS = (
    (
        re.compile(r"expected type matrix in call to function '(\w+)'"),
        "`{0}` needs a range behind the metric, such as `[5m]`",
    ),
    (
        re.compile(r"expected type (?:vector|instant vector).* '?(\w+)'?, got matrix"),
        "a range such as `[5m]` stands only inside functions such as `rate` or `max_over_time`",
    ),
    (re.compile(r"expected type vector in aggregation"), "the aggregation needs a plain vector, without a range"),
)


def in_words(query: str) -> str:
    """What the expression computes, as a phrase; empty when it is too long to be of help. Raises ValueError with what
    is wrong with it when it is no PromQL."""
    from promql_parser import MatrixSelector, parse  # a compiled module: only who asks in PromQL pays for it

    expr = parse(query)
    text = _of(expr)
    if isinstance(expr, MatrixSelector):
        text = f"every sample within {_span(expr.range)} of {text}"
    return text if len(text) <= LONGEST else ""


def hint(error: str) -> str:
    """What to do about a complaint of the parser; the complaint itself when there is no better word."""
    for pattern, advice in _HINTS:
        match = pattern.search(error)
        if match:
            return advice.format(*match.groups())
    return error


def _of(expr: Expr) -> str:
    from promql_parser import (
        AggregateExpr,
        BinaryExpr,
        Call,
        MatrixSelector,
        NumberLiteral,
        ParenExpr,
        StringLiteral,
        SubqueryExpr,
        UnaryExpr,
        VectorSelector,
    )

    if isinstance(expr, VectorSelector):
        return _selector(expr)
    if isinstance(expr, MatrixSelector):
        return _selector(expr.vector_selector)
    if isinstance(expr, NumberLiteral):
        return f"{expr.val:.15g}"
    if isinstance(expr, StringLiteral):
        return f"“{expr.val}”"
    if isinstance(expr, ParenExpr):
        return _of(expr.expr)
    if isinstance(expr, UnaryExpr):
        return f"minus {_of(expr.expr)}"
    if isinstance(expr, SubqueryExpr):
        return f"{_of(expr.expr)}{_every(expr)}"
    if isinstance(expr, AggregateExpr):
        return _aggregate(expr)
    if isinstance(expr, BinaryExpr):
        return _binary(expr)
    if isinstance(expr, Call):
        return _call(expr)
    return f"`{expr}`"


def _selector(selector: VectorSelector) -> str:
    """`up (job is node), as it was 1 hour before`."""
    wanted = [
        f"{matcher.name} {_MATCH[str(matcher.op).rpartition('.')[2]]} {matcher.value or 'empty'}"
        for matcher in selector.matchers.matchers
        if matcher.name != "__name__"
    ]
    text = (selector.name or "every series") + (f" ({', '.join(wanted)})" if wanted else "")
    return f"{text}, as it was {_span(selector.offset)} before" if selector.offset else text


def _span(length: timedelta) -> str:
    """`5 minutes`, `1 hour`: in the largest unit that leaves nothing over."""
    seconds = round(abs(length.total_seconds()))
    size, name = next((size, name) for size, name in _UNITS if size == 1 or (seconds >= size and not seconds % size))
    count = seconds // size
    return f"{count} {name}" + ("" if count == 1 else "s")


def _every(expr: SubqueryExpr) -> str:
    return f", looked at every {_span(expr.step)}" if expr.step else ""


def _aggregate(expr: AggregateExpr) -> str:
    head = _AGGREGATES.get(str(expr.op), f"`{expr.op}`")
    if "{param}" in head:
        head = head.format(param=_of(expr.param) if expr.param else "")
    if expr.modifier and expr.modifier.labels:
        kept = str(expr.modifier.type).endswith("By")
        head += f" {'for each' if kept else 'over'} {' and '.join(expr.modifier.labels)}"
    return f"{head} of {_of(expr.expr)}"


def _binary(expr: BinaryExpr) -> str:
    operator, left, right = str(expr.op), _of(expr.lhs), _of(expr.rhs)
    if operator in _SETS:
        return _SETS[operator].format(a=left, b=right)
    matching = expr.modifier.matching if expr.modifier else None
    joined = f", matched {str(matching).replace('(', '').replace(')', '')}" if matching else ""
    if operator in _COMPARISONS:
        compared = f"{_COMPARISONS[operator]} {right}{joined}"
        if expr.modifier and expr.modifier.return_bool:
            return f"1 where it is {compared}, else 0: {left}"
        return f"{left}, only where that is {compared}"
    return f"{_operand(left)} {_ARITHMETIC.get(operator, operator)} {_operand(right)}{joined}"


def _operand(text: str) -> str:
    return f"({text})" if " " in text else text


def _call(expr: Call) -> str:
    name = expr.func.name
    arguments = [_of(argument) for argument in expr.args]
    template = _FUNCTIONS.get(name, "")
    statistic = _OVER_TIME.get(name.removesuffix("_over_time")) if name.endswith("_over_time") else None
    if not template and statistic:
        template = f"{statistic} over {{range}} of {{0}}"
    if not template or template.count("{") - template.count("{range}") > len(arguments):
        return f"`{name}` of {', '.join(arguments)}" if arguments else f"`{name}()`"
    return template.format(*arguments, range=_range_of(expr))


def _range_of(expr: Call) -> str:
    from promql_parser import MatrixSelector, SubqueryExpr

    ranges = (item.range for item in expr.args if isinstance(item, MatrixSelector | SubqueryExpr))
    length = next(ranges, None)
    return _span(length) if length is not None else "the range"
