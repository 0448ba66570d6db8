"""PromQL in words."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import NOW, FakeLive

from nightshift.agent.builtin.questions.queries import promql_in
from nightshift.agent.builtin.writers.expressions import hint, in_words
from nightshift.facts.monitoring import Sample


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("up", "up"),
        ('up{job="node"} == 0', "up (job is node), only where that is equal to 0"),
        (
            'sum by (job) (rate(received_total{device!="lo"}[5m])) > 1e6',
            (
                "the sum for each job of the increase per second, averaged over 5 minutes, of received_total "
                "(device is not lo), only where that is above 1000000"
            ),
        ),
        (
            "topk(5, rate(x_total[1h] offset 1d))",
            "the 5 highest of the increase per second, averaged over 1 hour, of x_total, as it was 1 day before",
        ),
        ("100 * a / b", "(100 times a) divided by b"),
        (
            "predict_linear(free[6h], 86400) < 0",
            "what, by its line over 6 hours, free will be in 86400 seconds, only where that is below 0",
        ),
        (
            "max_over_time(deriv(x[5m])[1h:1m])",
            "the highest over 1 hour of the slope per second over 5 minutes of x, looked at every 1 minute",
        ),
        ('absent(up{job="pve"})', "1 if there is no up (job is pve), else nothing"),
        ("a * on(instance) group_left(x) b", "a times b, matched on instance"),
        ("x > bool 3", "1 where it is above 3, else 0: x"),
        ("avg without (cpu) (x)", "the average over cpu of x"),
        ("a unless b", "a, but not where there is b"),
        ("x[90m]", "every sample within 90 minutes of x"),
        ("quantile_over_time(0.9, x[1w])", "the 0.9 quantile over 1 week of x"),
        ("hour()", "`hour()`"),
    ],
)
def test_in_words(query: str, words: str) -> None:
    assert in_words(query) == words


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ("sum(rate(x[5m])", "unclosed left parenthesis"),
        ("rate(x)", "`rate` needs a range behind the metric, such as `[5m]`"),
        ("sum(x[5m])", "a range such as `[5m]` stands only inside functions such as `rate` or `max_over_time`"),
        ("foo(x)", "unknown function with name 'foo'"),
    ],
)
def test_what_is_no_promql(query: str, advice: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        in_words(query)

    assert hint(str(caught.value)) == advice


async def test_it_is_run_and_explained() -> None:
    live = FakeLive(samples={"rate": (Sample((("instance", "web:9100"),), 0.25, NOW),)})
    said = await ask("what is sum by (instance) (rate(node_cpu_seconds_total[5m]))", live=live)

    assert said.text == (
        "`sum by (instance) (rate(node_cpu_seconds_total[5m]))` gives 1 series [E1]:\n- instance=web:9100: 0.25\n\n"
        "In words: the sum for each instance of the increase per second, averaged over 5 minutes, of "
        "node_cpu_seconds_total."
    )
    assert said.unverified == ()


async def test_an_error_is_explained() -> None:
    said = await ask("run `rate(node_cpu_seconds_total)`")

    assert "cannot be read as PromQL: `rate` needs a range behind the metric, such as `[5m]`." in said.text


@pytest.mark.parametrize(
    ("text", "expr"),
    [
        ('sum by (job) (rate(up{job!="x"}[5m]))  - what does this say?', 'sum by (job) (rate(up{job!="x"}[5m]))'),
        ("what is avg_over_time(node_load5[1h]) ?", "avg_over_time(node_load5[1h])"),
        ("up == 0 right now please", "up == 0"),
        ("labels of pve_cpu_usage_ratio", "pve_cpu_usage_ratio"),
        ("what does node_load5 look like", "node_load5"),
        ('up{job="node"', 'up{job="node"'),
        ("could you run count(up == 1) and explain what it says?", "count(up == 1)"),
        ("how much is sum(node_load5) right now, and what does it mean?", "sum(node_load5)"),
        ('100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])))',) * 2,
        ("is my_vm up?", ""),
        ("how is nas?", ""),
    ],
)
def test_the_expression_in_a_question(text: str, expr: str) -> None:
    assert promql_in(text) == expr


async def test_a_pasted_alert_is_the_alert() -> None:
    said = await ask('DatastoreAlmostFull{datastore="tank"} 0.98 critical - why?')

    assert said.text.startswith("Datastore tank is 98.8 % full (critical")


async def test_the_labels_of_a_metric() -> None:
    sample = Sample((("__name__", "node_load5"), ("instance", "pve1:9100"), ("job", "node")), 1.5, NOW)
    said = await ask("what labels does node_load5 have?", live=FakeLive(samples={"node_load5": (sample,)}))

    assert "Its labels [E1]: instance, job." in said.text
