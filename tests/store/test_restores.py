"""Restores that went well are remembered, each once, and what was recorded by hand can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nightshift.facts.backup_runs import RestoreTest
from nightshift.store.database import Database
from nightshift.store.restores import RestoreStore

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SEEN = RestoreTest("pve", 904, NOW - timedelta(days=3), "whole", "root@pam", 104, "", "UPID:x")
BY_HAND = RestoreTest("pve", 104, NOW, "by hand", "anna", None, "opened the calendar in it")


def test_they_come_back_whole_the_newest_first(database: Database) -> None:
    RestoreStore(database).remember([SEEN, BY_HAND])
    assert RestoreStore(database).known() == (BY_HAND, SEEN)


def test_one_that_is_known_stays_as_it_is(database: Database) -> None:
    store = RestoreStore(database)
    store.remember([SEEN])
    store.remember([SEEN, SEEN])
    assert store.known() == (SEEN,)


def test_only_what_was_recorded_by_hand_is_taken_back(database: Database) -> None:
    store = RestoreStore(database)
    store.remember([SEEN, BY_HAND, RestoreTest("pve", 105, NOW, "by hand", "anna")])
    assert store.forget("pve", 104) == 1
    assert store.forget("pve", 904) == 0
    assert [test.vmid for test in store.known()] == [105, 904]
