"""From what people write to the entity that they mean."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tools.homelab import GUESTS, NOW, PBS_GONE, complete, guest, snapshot

from nightshift.errors import ToolInputError
from nightshift.facts.guest_items import GuestSnapshot, GuestSnapshots
from nightshift.facts.snapshot import Dataset
from nightshift.tools.names import normalise
from nightshift.tools.resolve import EntityIndex, split_kind

INDEX = EntityIndex.of(snapshot())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("web", "guest:pve/104"),
        ("WEB", "guest:pve/104"),
        ("104", "guest:pve/104"),
        ("vm 104", "guest:pve/104"),
        ("VM104", "guest:pve/104"),
        ("qemu/104", "guest:pve/104"),
        ("guest:pve/104", "guest:pve/104"),
        ("web (VM 104)", "guest:pve/104"),
        ("192.0.2.104", "guest:pve/104"),
        ("web.lan", "guest:pve/104"),
        ("ct 112", "guest:pve/112"),
        ("lxc/112", "guest:pve/112"),
        ("jelyfin", "guest:pve/112"),
        ("jellyfinn", "guest:pve/112"),
        ("home assistant", "guest:pve/109"),
        ("Home_Assistant", "guest:pve/109"),
        ("assistant", "guest:pve/109"),
        ("proxy", "guest:pve/101"),
        ("pve1", "node:pve/pve1"),
        ("node pve1", "node:pve/pve1"),
        ("192.0.2.1", "node:pve/pve1"),
        ("tank", "datastore:pbs/tank"),
        ("datastore tank", "datastore:pbs/tank"),
        ("local-lvm on pve2", "storage:pve/pve2/local-lvm"),
        ("pve2/local-lvm", "storage:pve/pve2/local-lvm"),
        ("nas-media", "storage:pve/shared/nas-media"),
        ("DatastoreAlmostFull", "alert:grafana/ds-full/a1"),
        ("node/web", "target:node/web:9100"),
    ],
)
def test_a_name_is_found(text: str, key: str) -> None:
    assert INDEX.resolve(text).key == key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("adguard", "'adguard' is ambiguous: adguard1 (CT 100), adguard2 (CT 121)."),
        ("local-lvm", "'local-lvm' is ambiguous: local-lvm on pve1, local-lvm on pve2."),
        ("media", "'media' is ambiguous: jellyfin (CT 112), immich (VM 113)."),
    ],
)
def test_what_is_ambiguous_names_every_meaning(text: str, said: str) -> None:
    with pytest.raises(ToolInputError, match=r"Use the vmid") as caught:
        INDEX.resolve(text)
    assert caught.value.problem == said


@pytest.mark.parametrize("text", ["adguard3", "web2", "pve9", "999", "vm 999", "zzz", ""])
def test_what_does_not_exist_is_not_guessed(text: str) -> None:
    """A typo in a number is another thing."""
    assert INDEX.find(text) == ()
    with pytest.raises(ToolInputError):
        INDEX.resolve(text)


def test_the_nearest_names_are_offered() -> None:
    with pytest.raises(ToolInputError) as caught:
        INDEX.resolve("adguard3")
    assert caught.value.hint == "Nearest names: adguard1 (CT 100), adguard2 (CT 121)."


def test_an_incomplete_inventory_is_said() -> None:
    partial: Dataset[Any] = Dataset("partial", GUESTS[:3], gaps=(PBS_GONE,))
    with pytest.raises(ToolInputError) as caught:
        EntityIndex.of(snapshot(guests=partial)).resolve("jellyfin")
    assert "may exist all the same: the inventory is incomplete (pbs: connection refused)" in caught.value.problem


def test_two_guests_of_one_name_are_told_apart_by_their_ids() -> None:
    twins = (guest(200, "web", "vm", "pve1"), guest(201, "web", "ct", "pve2"))
    index = EntityIndex.of(snapshot(guests=Dataset("complete", twins), names={}))
    assert [entity.label for entity in index.find("web")] == ["web (VM 200)", "web (CT 201)"]
    assert index.resolve("201").key == "guest:pve/201"


def test_a_snapshot_that_is_called_like_a_thing_does_not_stand_in_its_way() -> None:
    taken = tuple(GuestSnapshot(name, NOW) for name in ("before-upgrade", "home_assistant"))
    index = EntityIndex.of(snapshot(guest_snapshots=complete(GuestSnapshots("pve", 104, taken, NOW))))
    assert index.resolve("home-assistant").key == "guest:pve/109"
    assert index.resolve("before-upgrade").key == "guest:pve/104"
    assert (index.keeps_snapshot("home-assistant"), index.keeps_snapshot("before-upgrade")) == (False, True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("vm 104", ("104", ("guest",))), ("pve1 node", ("pve1", ("node",))), ("web", ("web", ())), ("node", ("node", ()))],
)
def test_kind_words_are_split_off(text: str, wanted: tuple[str, tuple[str, ...]]) -> None:
    assert split_kind(text) == wanted


def test_names_are_normalised() -> None:
    assert [normalise(name) for name in ("Home Assistant", "home_assistant", " 'web' ", "pve1:9100")] == [
        "home-assistant", "home-assistant", "web", "pve1-9100",
    ]  # fmt: skip
