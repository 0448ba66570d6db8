"""How many bytes the first request to a model takes, with every source set up: `python -m bench.model_request --json`.

A real server on loopback counts the body that the client library really sends: instructions, the schemas of all tools,
and the question. The bound matters twice: small local models have small windows, and every call carries it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from tests.support.first_request import first_request

from bench.report import Figure, at_most, exactly, main
from nightshift.tools.registry import TOOLS

GOAL_BYTES = 12_288


def measure() -> Iterable[Figure]:
    request = asyncio.run(first_request())
    yield Figure("first request to a model", request.size_bytes, "bytes", at_most(GOAL_BYTES))
    yield Figure("tools in it", len(request.tool_names), "tools", exactly(len(TOOLS)))


if __name__ == "__main__":
    main("model_request", measure)
