"""How long an answer of the built-in brain takes, against the simulated homelab over HTTP.

The questions are those of an operator's morning, each asked in a conversation of its own: the sweep behind them is at
most a minute old, metrics and the entity asked about are read live. `fresh` asks for a new sweep each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter

from bench.report import Figure, at_most, main, median_of, percentile_of
from nightshift_evals.processes import Product, running_lab, running_product

SCENARIO = "datastore-full"
ROUNDS = 5
QUESTIONS = (
    "Is anything wrong?",
    "Which VMs are running?",
    "When was nextcloud last backed up?",
    "How full is the backup storage?",
    "What alerts are firing?",
    "CPU of nextcloud over the last hour?",
    "Why is paperless failing?",
    "Is there a runbook for a full datastore?",
    "What failed last night?",
    "How is node pve1?",
)


def measure() -> Iterable[Figure]:
    """The first answer, then every question several times, then answers that need a new sweep."""
    with running_lab(SCENARIO) as lab, running_product(lab, {"NIGHTSHIFT_BRAIN": "builtin"}) as product:
        first = _timed(product, QUESTIONS[0])
        by_question = {question: [_timed(product, question) for _ in range(ROUNDS)] for question in QUESTIONS}
        fresh = [_timed(product, QUESTIONS[0], fresh=True) for _ in range(ROUNDS)]
    samples = [sample for samples in by_question.values() for sample in samples]
    yield Figure("first answer after the start", first, "s")
    yield median_of("answer p50", samples, "s")
    yield percentile_of("answer p95", samples, 95, "s", goal=at_most(1.5))
    yield median_of("answer with a new sweep p50", fresh, "s")
    slowest = max(by_question, key=lambda question: sum(by_question[question]))
    yield median_of(f"slowest question p50: {slowest}", by_question[slowest], "s")


def _timed(product: Product, question: str, *, fresh: bool = False) -> float:
    started = perf_counter()
    product.ask(question, fresh=fresh)
    return perf_counter() - started


if __name__ == "__main__":
    main("ask", measure)
