"""What holds for every check: documented, silent about what is not configured, loud about what is missing."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from tests.checks.world import LIMITS, NOW, metrics, node, partial, unavailable, world

from nightshift.checks import docs
from nightshift.checks.check import Check
from nightshift.checks.judge import dataset_named, judge, run_checks
from nightshift.checks.previous import NOTHING
from nightshift.checks.registry import CHECKS
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Dataset, Snapshot, not_configured

RUNBOOKS = Path(docs.__file__).parent.parent / "runbooks"


def with_dataset(snapshot: Snapshot, name: str, dataset: Dataset[object]) -> Snapshot:
    if name.startswith("metrics."):
        return replace(snapshot, metrics={**snapshot.metrics, name.removeprefix("metrics."): dataset})
    return replace(snapshot, **{name: dataset})


NEEDS = [(check, name) for check in CHECKS for name in check.datasets]
USES = [(check, name) for check in CHECKS for name in check.also]


@pytest.mark.parametrize(("check", "name"), NEEDS, ids=[f"{check.id}-{name}" for check, name in NEEDS])
def test_a_check_whose_data_is_missing_says_so(check: Check, name: str) -> None:
    blind = with_dataset(world(), name, unavailable(name, "somewhere"))
    judgement = judge(check, blind, NOTHING, LIMITS)
    assert judgement.result.findings == ()
    (gap,) = judgement.result.gaps
    assert (gap.source, gap.dataset, gap.kind) == ("somewhere", f"check {check.id}", "unreachable")
    assert gap.detail == f"{check.title} could not be checked: connection refused"


@pytest.mark.parametrize(("check", "name"), NEEDS, ids=[f"{check.id}-{name}" for check, name in NEEDS])
def test_a_check_of_what_is_not_configured_is_silent(check: Check, name: str) -> None:
    assert judge(check, with_dataset(world(), name, not_configured()), NOTHING, LIMITS).result == CheckResult()


@pytest.mark.parametrize(("check", "name"), USES, ids=[f"{check.id}-{name}" for check, name in USES])
def test_what_sharpens_a_judgement_is_missed_aloud(check: Check, name: str) -> None:
    judgement = judge(check, with_dataset(world(), name, unavailable(name, "somewhere")), NOTHING, LIMITS)
    assert [(gap.source, gap.dataset) for gap in judgement.result.gaps] == [("somewhere", f"check {check.id}")]


@pytest.mark.parametrize(("check", "name"), NEEDS, ids=[f"{check.id}-{name}" for check, name in NEEDS])
def test_what_was_partly_read_is_a_blind_spot(check: Check, name: str) -> None:
    judgement = judge(check, with_dataset(world(), name, partial(name, source="somewhere")), NOTHING, LIMITS)
    assert [gap.source for gap in judgement.blind_spots] == ["somewhere"]


def test_a_healthy_homelab_has_no_finding_and_no_gap() -> None:
    results = [judgement.result for judgement in run_checks(CHECKS, world(), NOTHING, LIMITS)]
    assert results == [CheckResult()] * len(CHECKS)


def test_two_missing_datasets_for_one_reason_are_one_gap() -> None:
    def never(_snapshot: Snapshot, _previous: object, _thresholds: object) -> CheckResult:
        raise AssertionError

    check = Check("x.y", "x", "info", ("nodes", "guests"), never, "Something")
    blind = world(nodes=unavailable("nodes"), guests=unavailable("guests"))
    assert len(judge(check, blind, NOTHING, LIMITS).result.gaps) == 1


def test_evidence_from_a_partial_dataset_says_that_it_is_not_whole() -> None:
    offline = node("pve2", online=False)
    judgement = judge(
        next(check for check in CHECKS if check.id == "node.offline"),
        world(nodes=partial("nodes", node(), offline)),
        NOTHING,
        LIMITS,
    )
    (finding,) = judgement.result.findings
    assert [(item.complete, [gap.kind for gap in item.gaps]) for item in finding.evidence] == [
        (False, ["timed_out"]),
        (False, ["timed_out"]),
    ]


def test_ids_are_unique_and_datasets_exist() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    known = {item.name for item in fields(Snapshot)}
    rows = metrics()
    for check in CHECKS:
        for name in (*check.datasets, *check.also):
            assert name in known or name.removeprefix("metrics.") in rows, (check.id, name)


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_every_check_shows_the_data_that_it_judges(check: Check) -> None:
    text = check.run.__doc__ or ""
    assert "Judges" in text
    assert len(text) > 100


def test_a_name_that_is_no_dataset_is_a_bug() -> None:
    with pytest.raises(TypeError, match="taken_at is no dataset"):
        dataset_named(world(), "taken_at")


def test_the_fingerprint_does_not_vary_with_time() -> None:
    finding = Finding("a.b", "info", Entity("node:pve/x", "x"), "t", "d", "r", since=NOW)
    assert finding.fingerprint == replace(finding, title="other", severity="critical", since=None).fingerprint


def test_the_page_of_checks_is_what_the_registry_says() -> None:
    page = Path(__file__).parents[2] / docs.PAGE
    assert page.read_text(encoding="utf-8") == docs.page()


def test_checking_the_page_tells_when_it_drifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    assert docs.main(["--check"]) == 1
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    (tmp_path / docs.PAGE).write_text("edited", encoding="utf-8")
    assert docs.main(["--check"]) == 1


def test_every_runbook_link_exists() -> None:
    """All findings of the worst world that the generator makes carry a link to a heading that is there."""
    links = {line for path in (RUNBOOKS.parent / "checks").glob("*.py") for line in _links(path)}
    assert len(links) >= 10
    for link in links:
        name, _, heading = link.partition("#")
        text = (RUNBOOKS / name).read_text(encoding="utf-8").lower()
        assert f"# {heading}" in text, link


def _links(path: Path) -> set[str]:
    import re

    return set(re.findall(r'"([a-z-]+\.md#[a-z-]+)"', path.read_text(encoding="utf-8")))


def test_what_two_monitors_tell_of_one_thing_is_one_finding() -> None:
    mild = Finding("x.y", "warning", Entity("node:pve/pve1", "pve1"), "mild", "d", "r")
    severe = replace(mild, severity="critical", title="severe")
    check = Check("x.y", "x", "critical", ("nodes",), lambda *_: CheckResult((mild, severe, mild)), "Something")
    assert judge(check, world(), NOTHING, LIMITS).result.findings == (severe,)
