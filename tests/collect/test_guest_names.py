"""Names and tags that PVE has forgotten."""

from __future__ import annotations

import pytest
from tests.collect.doubles import NOW

from nightshift.collect.guest_names import GuestNames
from nightshift.facts.inventory import Guest
from nightshift.facts.monitoring import Sample
from nightshift.facts.snapshot import Dataset

FORGOTTEN = Guest("pve", 128, "qemu", "pve3", None, "unknown")


def info(name: str, tags: str) -> Sample:
    return Sample((("id", "qemu/128"), ("name", name), ("tags", tags)), 1.0, NOW)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([info("matrix", "chat;core")], ("matrix", ("chat", "core"))),
        ([info("matrix", "")], ("matrix", ())),
        ([info("matrix", "chat"), info("matrix", "core")], ("matrix", ())),
        ([info("matrix", "chat"), info("synapse", "chat")], (None, ())),
        ([], (None, ())),
    ],
    ids=["told", "without tags", "other tags since", "another name since", "nothing told"],
)
def test_what_prometheus_tells(samples: list[Sample], expected: tuple[str | None, tuple[str, ...]]) -> None:
    (guest,) = GuestNames().restore(Dataset("complete", (FORGOTTEN,)), samples)
    assert (guest.name, guest.tags) == expected


def test_what_was_seen_before_counts_more() -> None:
    names = GuestNames()
    names.restore(Dataset("complete", (Guest("pve", 128, "qemu", "pve3", "matrix", "running", tags=("chat",)),)), [])
    (guest,) = names.restore(Dataset("complete", (FORGOTTEN,)), [info("synapse", "x")])
    assert (guest.name, guest.tags) == ("matrix", ("chat",))
