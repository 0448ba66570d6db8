"""The page without a browser, over a real API with a double behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.api.support import CAUSE, CONVERSATION, EFFECT, SWEEP, Double, Step, serving

import nightshift.ui
from nightshift.api.service import Probe
from nightshift.errors import SourceUnauthorized
from nightshift.facts.ids import Entity

PAGE = str(Path(nightshift.ui.__file__).with_name("app.py"))
HOSTILE = "<img src=x onerror=alert(1)> ![x](http://evil/x.png) [click](javascript:alert(1)) :red[fine]"

Open = Callable[[str], AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(url: str) -> AppTest:
        monkeypatch.setenv("NIGHTSHIFT_API_URL", url)
        page = AppTest.from_file(PAGE, default_timeout=20).run()
        assert not page.exception
        return page

    return opened


def _words(page: AppTest) -> str:
    """Everything written on the page, Markdown as the browser gets it."""
    parts = [*page.markdown, *page.caption, *page.warning, *page.error, *page.info, *page.code]
    return "\n".join([*(str(part.value) for part in parts), *(box.label for box in page.expander)])


async def _fine() -> str:
    return "version 8.2.4"


async def _refused() -> str:
    raise SourceUnauthorized("grafana", "GET /api/health", "Grafana did not accept the token.")


def test_a_question_its_answer_and_its_evidence(open_page: Open) -> None:
    double = Double()
    with serving(double) as url:
        page = open_page(url)
        page.chat_input[0].set_value("Is anything wrong?").run()
        assert not page.exception
    assert double.asked == [("Is anything wrong?", None, False)]
    words = _words(page)
    assert r"The datastore **tank** is 97\.1 \% full :gray-badge[E1]\." in words
    assert ":red-badge[:material/error: Problem]" in words
    assert "built\\-in brain · 2 look-ups · 400 ms" in words
    assert r":gray-badge[E1] Datastores · pbs · 12 s old" in words
    (gap,) = page.warning
    assert r"**grafana**, alerts: Grafana did not accept the token\." in gap.value
    assert [code.value for code in page.code] == [
        "GET /status/datastore-usage",
        "pve_disk_usage_bytes",
        "1. Run **garbage collection**.\n2. Look at the prune job.",
        "runbooks: full datastore",
    ]
    table, figures = page.dataframe
    assert list(table.value["name"]) == ["tank", "offsite"]
    assert table.value["used_fraction"][0] == 0.971
    assert figures.value.to_dict("records")[0]["time to full"] == "41 min"
    assert page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")


def test_the_conversation_goes_on_and_can_be_left(open_page: Open) -> None:
    double = Double()
    with serving(double) as url:
        page = open_page(url)
        page.button(key="suggestion_0").click().run()
        page.chat_input[0].set_value("and its memory?").run()
        assert [box.value for box in page.markdown if box.value in ("Is anything wrong\\?", "and its memory\\?")] == [
            "Is anything wrong\\?",
            "and its memory\\?",
        ]
        page.button(key="new_conversation").click().run()
        page.chat_input[0].set_value("Which VMs are running?").run()
    assert [(question, conversation) for question, conversation, _ in double.asked] == [
        ("Is anything wrong?", None),
        ("and its memory?", CONVERSATION),
        ("Which VMs are running?", None),
    ]


def test_the_panel_groups_by_cause(open_page: Open) -> None:
    probes = (Probe("pve", _fine), Probe("grafana", _refused), Probe("pbs", missing="Set PBS_URL."))
    double = Double(probes=probes)
    with serving(double, probe_interval_s=0.05) as url:
        page = open_page(url)
        page.button(key="look_again").click().run()
    assert double.swept == [False, True]
    words = _words(page)
    cause = next(box for box in page.expander if "tank" in box.label)
    assert cause.label == r":red[:material/error:] tank is 97\.1 \% full :gray-badge[+1]"
    assert r"- The last backup of web failed" in words
    assert r"**Do\:** Prune\, then run garbage collection\." in words
    assert ":orange[:material/visibility_off:] 1 thing not seen" in words
    assert ":green[●] pve" in words
    assert r":red[●] grafana" in words
    assert r"Grafana did not accept the token\." in words
    assert ":gray[○] pbs :gray[not set up]" in words


@pytest.mark.parametrize(
    ("sweep", "told"),
    [
        (replace(SWEEP, findings=(), gaps=()), "Nothing is wrong."),
        (replace(SWEEP, findings=()), "Nothing wrong was seen, but not everything was seen."),
        (replace(SWEEP, findings=(replace(CAUSE, severity="info"),), gaps=()), "Nothing is wrong."),
    ],
)
def test_the_panel_never_says_fine_for_what_it_did_not_see(open_page: Open, sweep: object, told: str) -> None:
    double = Double()
    double.sweep_result = sweep  # type: ignore[assignment]
    with serving(double) as url:
        assert told in _words(open_page(url))


def test_strangers_text_is_shown_and_not_obeyed(open_page: Open) -> None:
    hostile = replace(CAUSE, title=HOSTILE, detail=HOSTILE, remedy=HOSTILE, entity=Entity("guest:pve/1", HOSTILE))
    gap = {"source": HOSTILE, "dataset": HOSTILE, "kind": "malformed", "detail": HOSTILE, "fix": HOSTILE}
    double = Double(
        steps=(Step("tool_started", HOSTILE, HOSTILE),),
        sweep_result=replace(SWEEP, findings=(hostile, replace(EFFECT, title=HOSTILE, cause=hostile.fingerprint))),
        answer_changes={
            "text": HOSTILE,
            "gaps": [gap],
            "grounding": {"checked": 1, "unverified": [{"text": HOSTILE, "kind": "entity"}]},
            "brain": {"kind": "model", "name": HOSTILE, "fell_back_because": HOSTILE},
        },
    )
    with serving(double) as url:
        page = open_page(url)
        page.chat_input[0].set_value(HOSTILE).run()
    assert not page.exception
    words = _words(page)
    assert words.count("onerror") >= 12, "it is shown everywhere"
    assert re.findall(r"(?<!\\)<img|(?<!\\)!\[|(?<!\\)\]\(|(?<!\\):red\[fine", words) == []
    assert not [box for box in page.markdown if box.allow_html]


@pytest.mark.parametrize("more", [1, 20])
def test_at_most_ten_causes_and_the_rest_counted(open_page: Open, more: int) -> None:
    causes = tuple(replace(CAUSE, entity=Entity(f"guest:pve/{n}", f"g{n}"), title=f"cause {n}") for n in range(more))
    with serving(Double(sweep_result=replace(SWEEP, findings=causes))) as url:
        page = open_page(url)
    assert len([box for box in page.expander if "cause" in box.label]) == min(more, 10)
    assert ("and 10 more" in _words(page)) is (more == 20)


def test_without_the_api_it_says_how_to_start_it(open_page: Open) -> None:
    page = open_page("http://127.0.0.1:9")
    page.chat_input[0].set_value("Is anything wrong?").run()
    assert not page.exception
    assert "The API is not running" in page.error[0].value
    assert page.code[0].value == "nightshift serve"
    assert r"set NIGHTSHIFT\_API\_URL (now http\:\/\/127\.0\.0\.1\:9)" in _words(page)


def test_a_failed_question_leaves_the_page_usable(open_page: Open) -> None:
    double = Double(failure=ZeroDivisionError())
    with serving(double) as url:
        page = open_page(url)
        page.chat_input[0].set_value("one").run()
        assert "should not" in page.error[0].value
        double.failure = None
        page.chat_input[0].set_value("two").run()
    assert not page.exception
    assert "97\\.1" in _words(page)
