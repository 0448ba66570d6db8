"""The bounds of one question, so that no brain and no backend can make it endless."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`model_time_s` is what a model brain has for all of its calls together; the built-in brain then still finishes.

    `tool_s` bounds one tool, `tool_chars` the text of its result that a model reads. The built-in brain aims at an
    answer within `builtin_time_s`: late tools get less time, but never less than `least_tool_s`.
    """

    model_calls: int = 8
    builtin_calls: int = 12
    tool_calls: int = 16
    model_time_s: float = 60.0
    builtin_time_s: float = 9.5
    tool_s: float = 10.0
    least_tool_s: float = 1.5
    tool_chars: int = 6_000
    malformed_calls: int = 2

    @property
    def recursion(self) -> int:
        """Steps of the graph that the other bounds can never need; only a bug reaches it."""
        return 10 * (self.model_calls + self.builtin_calls + self.malformed_calls + 2)
