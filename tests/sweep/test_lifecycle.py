"""Findings from sweep to sweep: new, ongoing, resolved, regressed, and unknown when nobody could look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from nightshift.facts.finding import Ack, Finding, Remembered
from nightshift.facts.ids import Entity
from nightshift.sweep.lifecycle import Lives, advance

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
FOUND = Finding("node.memory", "warning", Entity("node:pve/pve1", "pve1"), "t", "d", "r")


def memory(lives: Lives) -> dict[str, Remembered]:
    return {item.fingerprint: item for item in lives.changed}


def seen(_finding: Finding) -> bool:
    return True


def unseen(_finding: Finding) -> bool:
    return False


def test_the_first_time_is_new() -> None:
    lives = advance({}, [FOUND], seen, NOW)
    assert lives.findings == (replace(FOUND, state="new", first_seen=NOW, last_seen=NOW),)
    assert lives.resolved == ()
    assert memory(lives)[FOUND.fingerprint] == Remembered(lives.findings[0], NOW, NOW)


def test_the_second_time_is_ongoing_and_keeps_its_beginning() -> None:
    before = memory(advance({}, [FOUND], seen, NOW))
    (finding,) = advance(before, [FOUND], seen, LATER).findings
    assert (finding.state, finding.first_seen, finding.last_seen) == ("ongoing", NOW, LATER)


def test_gone_and_judged_is_resolved() -> None:
    before = memory(advance({}, [FOUND], seen, NOW))
    lives = advance(before, [], seen, LATER)
    assert lives.findings == ()
    assert [(item.state, item.last_seen) for item in lives.resolved] == [("resolved", NOW)]
    assert memory(lives)[FOUND.fingerprint].resolved_at == LATER


def test_gone_but_not_judged_is_unknown_and_stays() -> None:
    before = memory(advance({}, [FOUND], seen, NOW))
    lives = advance(before, [], unseen, LATER)
    assert [(item.state, item.first_seen, item.last_seen) for item in lives.findings] == [("unknown", NOW, NOW)]
    assert lives.resolved == ()
    again = advance(memory(lives), [], unseen, LATER + timedelta(days=2))
    assert [(item.state, item.last_seen) for item in again.findings] == [("unknown", NOW)]


def test_unknown_and_found_again_is_ongoing() -> None:
    before = memory(advance(memory(advance({}, [FOUND], seen, NOW)), [], unseen, LATER))
    (finding,) = advance(before, [FOUND], seen, LATER + timedelta(minutes=5)).findings
    assert (finding.state, finding.first_seen) == ("ongoing", NOW)


def test_resolved_and_found_again_is_regressed_then_ongoing() -> None:
    before = memory(advance(memory(advance({}, [FOUND], seen, NOW)), [], seen, LATER))
    third = advance(before, [FOUND], seen, LATER + timedelta(hours=1))
    assert [item.state for item in third.findings] == ["regressed"]
    fourth = advance(memory(third), [FOUND], seen, LATER + timedelta(hours=2))
    assert [item.state for item in fourth.findings] == ["ongoing"]


def test_what_is_resolved_stays_silent() -> None:
    before = memory(advance(memory(advance({}, [FOUND], seen, NOW)), [], seen, LATER))
    lives = advance(before, [], seen, LATER + timedelta(hours=1))
    assert (lives.findings, lives.resolved, lives.changed) == ((), (), ())


def test_the_operators_word_stays_with_it() -> None:
    ack = Ack("accepted", "anna", "known")
    before = {FOUND.fingerprint: Remembered(replace(FOUND, ack=ack), NOW, NOW)}
    (finding,) = advance(before, [FOUND], seen, LATER).findings
    assert finding.ack == ack


def test_a_word_ends_with_its_time() -> None:
    put_off = Ack("snoozed", "anna", "later", NOW + timedelta(hours=1))
    before = {FOUND.fingerprint: Remembered(replace(FOUND, ack=put_off), NOW, NOW)}
    assert advance(before, [FOUND], seen, LATER).findings[0].ack == put_off
    assert advance(before, [FOUND], seen, NOW + timedelta(hours=1)).findings[0].ack is None


def test_what_was_acknowledged_is_told_anew_when_it_gets_worse_or_comes_back() -> None:
    known, accepted = Ack("acknowledged", "anna", "known"), Ack("accepted", "anna", "fine")
    worse = replace(FOUND, severity="critical")
    for ack, kept in ((known, None), (accepted, accepted)):
        there = {FOUND.fingerprint: Remembered(replace(FOUND, ack=ack), NOW, NOW)}
        gone = {FOUND.fingerprint: Remembered(replace(FOUND, ack=ack), NOW, NOW, resolved_at=NOW)}
        assert advance(there, [FOUND], seen, LATER).findings[0].ack == ack
        assert advance(there, [worse], seen, LATER).findings[0].ack == kept
        assert advance(gone, [FOUND], seen, LATER).findings[0].ack == kept
