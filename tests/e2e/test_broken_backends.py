"""Any one backend fails in any way while a question is asked: an answer comes in time and says what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpx
import pytest

from nightshift_evals.processes import Lab, Product, running_product

BACKENDS = ("prometheus", "grafana", "pve", "pbs")
KNOBS = ("refuse", "hang", "error500", "error401", "error403", "malformed", "truncated", "html", "huge")
TLS_BACKENDS = ("pve", "pbs")
WITHIN_S = 10.0

pytestmark = pytest.mark.parametrize("lab", ["datastore-full"], indirect=True, scope="session")


@pytest.fixture(scope="module")
def product(lab: Lab) -> Iterator[Product]:
    """A product of its own: what it saw while backends failed must not answer other tests' questions."""
    with running_product(lab, {"NIGHTSHIFT_BRAIN": "builtin"}) as running:
        yield running


@pytest.fixture
def broken(lab: Lab, request: pytest.FixtureRequest) -> Iterator[str]:
    """The backend of the parameter with its knob turned, and turned back afterwards."""
    backend, knob = request.param
    lab.set_knob(backend, knob, None)
    try:
        yield backend
    finally:
        lab.set_knob(backend, knob, value=False)


def _ask(product: Product, question: str) -> dict[str, Any]:
    started = monotonic()
    answer = product.ask(question, fresh=True)
    took_s = monotonic() - started
    assert took_s < WITHIN_S, f"the answer took {took_s:.1f} s"
    return answer


CASES = [
    *((backend, knob) for backend in BACKENDS for knob in KNOBS),
    *((backend, "expired_certificate") for backend in TLS_BACKENDS),
]


@pytest.mark.parametrize("broken", CASES, indirect=True, ids=lambda case: "-".join(case))
def test_the_rest_of_the_answer_still_comes(broken: str, product: Product) -> None:
    answer = _ask(product, "Is anything wrong?")
    gaps = [gap for gap in answer["gaps"] if gap["source"] == broken]
    assert gaps, "the answer does not admit what is missing"
    assert all(gap["detail"] for gap in gaps)
    assert answer["verdict"] in ("problem", "unknown")
    assert broken in answer["text"].lower(), answer["text"]
    if broken in ("prometheus", "grafana"):
        assert answer["root_causes"][0]["entity"] == "datastore:pbs/tank", answer["text"]
    if broken == "pbs":
        assert any("pve" in evidence["source"] for evidence in _ask_inventory(product)["evidence"])


def _ask_inventory(product: Product) -> dict[str, Any]:
    answer = _ask(product, "Which VMs are running?")
    assert "nextcloud" in answer["text"]
    return answer


@pytest.mark.parametrize("broken", [("prometheus", "hang")], indirect=True, ids=["prometheus-hang"])
def test_health_answers_at_once_while_a_backend_hangs(broken: str, product: Product) -> None:
    started = monotonic()
    health = httpx.get(f"{product.url}/health", timeout=5, trust_env=False).json()
    assert monotonic() - started < 1.0
    assert broken in {component["name"] for component in health["components"]}


def test_all_is_well_again_afterwards(lab: Lab, product: Product) -> None:
    """The breaker of one question must not outlast it."""
    for backend in BACKENDS:
        lab.set_knob(backend, "hang", value=False)
    answer = _ask(product, "Is anything wrong?")
    assert answer["gaps"] == []
    assert answer["verdict"] == "problem"
