"""Questions that lean on the one before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.agent.builtin.driver import talk
from tests.tools.homelab import NOW, ZONE, snapshot

from nightshift.agent.builtin.questions.question import Topic
from nightshift.agent.builtin.reading.reader import Reader
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)


@pytest.mark.parametrize(
    ("first", "then", "intent", "entities", "quantity", "time"),
    [
        ("CPU of web over the last hour", "and its memory?", "metric", ["web"], "memory", "over the last hour"),
        ("CPU of web over the last hour", "memory?", "metric", ["web"], "memory", "over the last hour"),
        ("CPU of web over the last hour", "and yesterday?", "metric", ["web"], "cpu", "yesterday"),
        ("CPU of web over the last hour", "and over the last 24h", "metric", ["web"], "cpu", "over the last 24h"),
        ("CPU of web over the last hour", "what about jellyfin?", "metric", ["jellyfin"], "cpu", "over the last hour"),
        ("CPU of web over the last hour", "and jellyfin", "metric", ["jellyfin"], "cpu", "over the last hour"),
        ("CPU of web", "compared to jellyfin?", "compare", ["web", "jellyfin"], "cpu", ""),
        ("How is node pve1?", "what about pve2?", "describe", ["pve2"], "", ""),
        ("How is node pve1?", "and pve3?", "describe", ["pve3"], "", ""),
        ("How is node pve1?", "why?", "explain", ["pve1"], "", ""),
        ("How is web?", "when was it last backed up?", "backups", ["web"], "", ""),
        ("How is web?", "restart it", "action", ["web"], "", ""),
        ("How is web?", "what is its uptime", "describe", ["web"], "uptime", ""),
        ("How is web?", "is it running?", "describe", ["web"], "", ""),
        ("How is web?", "any alerts for it?", "alerts", ["web"], "", ""),
        ("When was web last backed up?", "and jellyfin?", "backups", ["jellyfin"], "", ""),
        ("When was web last backed up?", "what about pve1", "describe", ["pve1"], "", ""),
        ("Which VMs are running?", "and the containers?", "list", [], "", ""),
        ("Which VMs are running?", "on pve2?", "list", ["pve2"], "", ""),
        ("Which VMs are running?", "and the stopped ones?", "list", [], "", ""),
        ("which guest uses most memory", "and the least?", "rank", [], "memory", ""),
        ("What failed last night?", "and yesterday?", "tasks", [], "", "yesterday"),
        # Where nothing is known that `it` could be, nothing is told of all.
        ("which container restarts all the time", "how much memory does it get", "unclear", [], "memory", ""),
        # What stands on its own is not bent.
        ("CPU of web", "What alerts are firing?", "alerts", [], "", ""),
        ("CPU of web", "Which VMs are running?", "list", [], "", ""),
        ("CPU of web", "and which guests have no backup?", "backups", [], "", ""),
        ("CPU of web", "how is foobar?", "describe", [], "", ""),
        ("How is web?", "is anything wrong?", "health", [], "", ""),
        ("How is web?", "tell me a joke", "unclear", [], "", ""),
    ],
)
def test_what_is_left_out_comes_from_before(
    first: str, then: str, intent: str, entities: list[str], quantity: str, time: str
) -> None:
    question = READER.read(then, READER.read(first).topic)
    assert (question.intent, question.quantity, question.span.text if question.span else "") == (intent, quantity, time)
    assert [entity.label.split(" (")[0] for entity in question.entities] == entities


def test_what_was_found_wrong_and_is_in_no_inventory_is_explained() -> None:
    probe = Entity("probe:dns:53", "dns:53")
    node = READER.read("how is pve3?").entities
    topic = replace(READER.read("is anything wrong?").topic, listed=(*node, probe), implied=node)
    question = READER.read("the second one?", topic)
    assert (question.intent, question.entities) == ("explain", (probe,))


def test_a_mode_of_now_tells_nothing_of_last_night() -> None:
    topic = READER.read("how full is tank?").topic
    assert READER.read("does it take backups?", topic).has("@maintenance")
    assert not READER.read("did it take backups last night?", topic).has("@maintenance")


def test_a_topic_survives_the_store() -> None:
    topic = READER.read("CPU of web over the last hour").topic
    assert Topic.from_json(topic.to_json()) == topic


@pytest.mark.parametrize(
    "stored", [None, "x", {}, {"intent": "rm -rf"}, {"intent": "metric"}, {"intent": "metric", "entities": 3}]
)
def test_a_damaged_topic_is_none(stored: object) -> None:
    assert Topic.from_json(stored) is None


async def test_why_after_a_health_check_is_about_the_first_cause() -> None:
    first, why, what_now = await talk(["Is anything wrong?", "why?", "what should I do?"])
    assert first.text.startswith("2 things are wrong, both critical; they explain 1 symptom [E1].")
    assert why.calls[0] == ("entity", {"name": "datastore tank"})
    assert why.text.startswith("Datastore tank is 98.8 % full (critical, since 2026-11-23 00:45 CET)")
    assert what_now.calls == (("runbooks", {"query": "datastore.full"}), ("entity", {"name": "datastore tank"}))


async def test_a_question_back_is_answered_with_a_name() -> None:
    asked, answered = await talk(["How is adguard?", "adguard2"])
    assert asked.text == "Which one do you mean by “adguard”? It fits adguard1 (CT 100), adguard2 (CT 121) [E1]."
    assert answered.text.startswith("adguard2 (CT 121) is running on pve2")


TALKS = [
    ("is anything wrong? | tell me more about the second", "Node pve3 is offline", "entity pve3"),
    ("which node is down | what was running there", "VM 123", "inventory guests"),
    ("is anything wrong? | since when?", "- Since 2026-11-23 00:45 CET", "health"),
    ("is anything wrong? | what do I do about it?", "The runbook for it", "runbooks datastore.full"),
    ("is anything wrong? | is that critical?", "(critical, since", "entity datastore tank"),
    ("how full is tank? | when will it be full?", "full in 4 d 6 h", "storage tank"),
    ("tank is full? | how do I free it?", "The runbook for it", "runbooks datastore.full datastore how do I free it?"),
    ("is pve3 up? | what runs on it?", "No guests on pve3 are known to be running", "inventory guests"),
    ("is pve3 up? | what dies with it?", "pve3 is offline already", "impact pve3"),
    ("how is gitea? | how is the node?", "Node pve2 is online", "entity pve2"),
    ("when was jellyfin last backed up? | can it be restored?", "Yes, by all that I can see", "backups jellyfin"),
    ("which guests have no backup? | why?", "Only the disabled job", "backups gitea"),
    ("restart web | ok, and how do I do that by hand?", "qm reboot 104", "inventory guests"),
    ("restart web | is it safe?", "Whether to touch it now stays your decision", "impact web"),
    ("what alerts are firing? | what does the first one mean?", "DatastoreAlmostFull", "alerts DatastoreAlmostFull"),
    ("cpu of pve2 | who caused it?", "jellyfin (CT 112, pve2) uses the most CPU", "inventory guests"),
    ("who uses the most memory? | and cpu? | and on pve2?", "jellyfin (CT 112, pve2) uses", "inventory guests"),
    ("which vms are running? | and containers? | how many are that?", "7 containers", "inventory containers"),
    ("how is vm 999? | I meant 112", "jellyfin (CT 112) is running", "entity jellyfin"),
    ("what changed today? | and yesterday?", "Tasks yesterday", "alerts"),
    ("when was web last backed up? | thx!", "You are welcome.", ""),
]  # fmt: skip


@pytest.mark.parametrize(("turns", "says", "call"), TALKS, ids=[turns for turns, _, _ in TALKS])
async def test_a_conversation_of_several_turns(turns: str, says: str, call: str) -> None:
    last = (await talk(turns.split(" | ")))[-1]

    assert says in last.text
    assert last.unverified == ()
    made = [f"{tool} {next(iter(arguments.values()), '')}".strip() for tool, arguments in last.calls]
    assert call in made or not (call or made)
