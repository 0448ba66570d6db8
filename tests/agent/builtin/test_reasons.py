"""`why` about one side of a thing, and about jobs, rules and disks by their names: the lead is what was read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import NOW, FakeSweeper

from nightshift.facts.finding import Entity, Finding

LEADS = {
    "why is DatastoreAlmostFull firing": "Datastore tank is 98.8 % full (critical, since 2026-11-23 00:45 CET)",
    "why is HighCpu pending": "Alert HighCpu is pending since 2026-11-23 22:42 CET. CPU is high.",
    "why is immich:9100 down": "Target immich:9100 (job node) is down: connection refused [E1].",
    "why isn't gitea backed up": "gitea (CT 115) has no backup in any datastore that I can see",
    "why is 123 unknown": "VM 123 on pve3: PVE does not know its state, its node is not reporting [E1].",
    "Why do I get no metrics from immich?": "Target immich:9100 (job node) is down: connection refused [E3].",
    "why was immich moved": "Its tasks of that kind [E3]:\n- 2026-11-22 16:45 CET qmigrate of immich",
    "why is pve1 so full of memory": "The guests there that use most [E2]:\n- web: 3.72 GiB",
    "why is windows-11 off": "windows-11 (VM 120) is stopped on pve2; since when is not known, I see no task",
    "why did the nightly job fail": "Its tasks of that kind [E2]:\n- 2026-11-23 02:45 CET vzdump of web",
    "why did backup-1 fail last night": "Its tasks of that kind [E2]:\n- 2026-11-23 02:45 CET vzdump of web",
    "why does the OldDisk rule not work": "Rule OldDisk is inactive, its health error: no such datasource [E1].",
    "what is the matter with BB22": "Nothing is known to be wrong with 1 disk [E1].",
    "when does job backup-1 run": "The job nightly is enabled, its next run is 2026-11-24 02:45 CET [E1]",
    "what is behind the DatastoreAlmostFull alert": "Datastore tank is 98.8 % full (critical",
    "why does web eat so much ram": "web (VM 104) is running on pve1, up for 4 d 8 h: CPU 62 % of 4 cores",
    "why is jellyfin not working": "I see nothing wrong with jellyfin (CT 112) [E1].\n\nWrong elsewhere [E3]:",
    "what depends on tank": "The backups of 13 guests lie in it [E6]: web (VM 104)",
    "what did we lose with pve3": "pve3 is offline already [E3]. Gone with it, their state unknown [E4]: VM 123.",
}


@pytest.mark.parametrize(("question", "lead"), LEADS.items(), ids=list(LEADS))
async def test_why_leads_with_what_was_read(question: str, lead: str) -> None:
    said = await ask(question)

    assert said.text.startswith(lead), said.text
    assert said.unverified == ()


@pytest.mark.parametrize("since", ["since when?", "how long has that been going on"])
@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("ceph:pve", "Ceph of pve"),
        ("target:traefik/traefik:8080", "target traefik/traefik:8080"),
        ("pbs:pbs2", "Backup server pbs2"),
        ("datasource:grafana/prometheus", "data source Prometheus"),
    ],
)
async def test_since_when_of_what_no_tool_knows_by_name(since: str, key: str, label: str) -> None:
    """What was found is told of it all the same, and never that nothing is wrong with it."""
    about = Entity(key, label)
    found = Finding(
        "x.y", "warning", about, f"{label} is in trouble", "It is.", "Look.", since=NOW - timedelta(hours=3)
    )
    said = (await talk(["what's wrong", since], FakeSweeper(findings=(found,))))[1]

    assert said.text.startswith("Since 2026-11-23 19:45 CET [E")
    assert "nothing wrong" not in said.text
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("question", "began"),
    [
        ("since when is pve1 degraded?", "Since 2026-11-22 16:45 CET [E3]: Pool rpool of pve1 is degraded."),
        (
            "since when has the pool on pve1 been degraded?",
            "Since 2026-11-22 16:45 CET [E3]: Pool rpool of pve1 is degraded.",
        ),
        ("since when has pve1 been in that state?", "Since 2026-11-23 20:45 CET [E3]: Load of pve1 is high."),
    ],
)
async def test_since_when_is_told_of_what_the_words_describe(question: str, began: str) -> None:
    """Where no finding has words of the question, of the first; its title is said either way."""
    about = Entity("node:pve/pve1", "pve1")
    found = (
        Finding("node.load", "critical", about, "Load of pve1 is high", "", "Look.", since=NOW - timedelta(hours=2)),
        Finding(
            "zfs.pool", "warning", about, "Pool rpool of pve1 is degraded", "", "", since=NOW - timedelta(hours=30)
        ),
        Finding("node.root", "warning", about, "The root of pve1 is read-only", "", "", since=NOW - timedelta(hours=9)),
    )
    said = await ask(question, FakeSweeper(findings=found))

    assert said.text.splitlines()[0] == began
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("is anything wrong with jellyfin?", "No: I see nothing wrong with jellyfin (CT 112) [E1]."),
        ("is nothing wrong with jellyfin?", "I see nothing wrong with jellyfin (CT 112) [E1]."),
    ],
)
async def test_no_is_said_to_something_and_not_to_nothing(question: str, first: str) -> None:
    assert (await ask(question)).text.startswith(first)
