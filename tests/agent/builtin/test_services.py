"""Services by what they do, and the question back when two fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import GUESTS, NOW, FakeSweeper, complete, guest, snapshot

from nightshift.agent.builtin.words.daily_words import complained_of
from nightshift.agent.builtin.words.services import ROLES, guests_of, role_of
from nightshift.facts.inventory import GuestConfig
from nightshift.tools.resolve import EntityIndex

MORE = (
    guest(130, "prod-vaultwarden", "ct", "pve1"),
    guest(131, "fw1", "vm", "pve1"),
    guest(132, "stack", "vm", "pve2"),
    guest(133, "eyes", "vm", "pve2", tags="nvr"),
)
NOTES = GuestConfig("pve", 132, True, True, (), (), "# Mail\n<b>mailcow</b> in Docker, see https://wiki.lan/gitea", NOW)
WHOLE = snapshot(guests=complete(*GUESTS, *MORE), guest_configs=complete(NOTES))


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("media server", ["jellyfin"]),
        ("dns", ["adguard1", "adguard2"]),
        ("password manager", ["prod-vaultwarden"]),
        ("firewall", ["fw1"]),
        ("mail server", ["stack"]),
        ("git server", ["gitea"]),
        ("cameras", ["eyes"]),
        ("smart home", ["home-assistant"]),
        ("vpn", []),
    ],
)
def test_a_role_is_found_by_name_then_tag_then_notes(said: str, names: list[str]) -> None:
    role = role_of(said)

    assert role is not None
    assert [entity.label.split(" (")[0] for entity in guests_of(role, EntityIndex.of(WHOLE))] == names


def test_no_phrase_stands_for_two_roles() -> None:
    said = [phrase for role in ROLES for phrase in role.said]

    assert sorted(said) == sorted(set(said))


async def test_all_are_told_when_all_are_asked_for() -> None:
    said = await ask("how are the dns servers?")

    assert [call[1]["name"] for call in said.calls] == ["adguard1", "adguard2"]


async def test_a_role_that_nobody_has_is_no_guess() -> None:
    said = await ask("is the password manager backed up?")

    assert said.text.startswith(
        "I see no guest that looks like “password manager”: none is called, tagged or described so, nor as "
    )


@pytest.mark.parametrize(
    ("reply", "names"),
    [
        ("the second", ["adguard2"]),
        ("I mean the first one", ["adguard1"]),
        ("121", ["adguard2"]),
        ("adguard2 please", ["adguard2"]),
        ("the one on pve2", ["adguard2"]),
        ("the latter", ["adguard2"]),
        ("both", ["adguard1", "adguard2"]),
    ],
)
async def test_a_reply_to_the_question_back(reply: str, names: list[str]) -> None:
    asked, answered = await talk(["how is dns?", reply])

    assert asked.text.startswith("Which one do you mean by “dns”? It fits adguard1 (CT 100), adguard2 (CT 121)")
    assert [call[1]["name"] for call in answered.calls] == names


async def test_what_was_asked_is_kept_over_the_question_back() -> None:
    ordered = await talk(["restart the dns server", "the first one"])
    measured = await talk(["how much memory did dns use last night?", "the second"])

    assert "pct reboot 100" in ordered[1].text
    assert measured[1].calls[0][1]["quantity"] == "memory"
    assert measured[1].calls[0][1]["start"] == "2026-11-22T17:00:00+00:00"


async def test_another_question_is_no_reply() -> None:
    _, answered = await talk(["how is dns?", "how full is tank?"])

    assert answered.calls == (("storage", {"match": "tank"}),)


async def test_a_container_and_a_vm_are_told_apart() -> None:
    two = (replace(guest(140, "plex", "vm", "pve1")), *GUESTS)
    _, answered = await talk(["how is the media server?", "the vm"], FakeSweeper(snapshot(guests=complete(*two))))

    assert answered.calls[0][1]["name"] == "plex"


@pytest.mark.parametrize(
    ("complaint", "works"),
    [
        ("the films won't start", {"films": "media server"}),
        ("so i was watching episode six when it simply stopped, what happened?", {"episode": "media server"}),
        ("why does the music keep stopping", {"music": "music server"}),
        ("since this morning the shared calendar doesn't update", {"calendar": "cloud"}),
        ("i can't see our photos", {"photos": "photo server"}),
        ("the label printer does nothing", {"label printer": ""}),
        # What is asked for is in the service, and nothing is complained of.
        ("which light bulbs are broken?", {}),
        ("how many photos are gone?", {}),
        ("what movie is being streamed on jellyfin", {}),
    ],
)
def test_what_does_not_work_in_daily_life(complaint: str, works: dict[str, str]) -> None:
    assert complained_of(complaint) == works


async def test_a_complaint_is_of_the_guest_whose_work_it_is() -> None:
    for complaint in ("the films won't start", "why do the movies keep stopping?"):
        assert "jellyfin (CT 112) is running" in (await ask(complaint)).text


async def test_of_a_device_nothing_is_seen_and_what_is_wrong_is_told() -> None:
    said = await ask("the label printer does nothing")

    assert said.text.startswith("Of “label printer” I see nothing")
    assert "Datastore tank is 98.8 % full" in said.text


async def test_data_from_inside_of_a_service_are_still_declined() -> None:
    assert (await ask("how many photos did my wife upload?")).text.startswith("I cannot answer that")
