"""No all-clear for a thing while something is wrong with it, with what it rests on, or with what is on it."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.machinery import FINDINGS, sweeper

from nightshift.facts.finding import Finding
from nightshift.facts.ids import Entity

JOB_OFF = Finding(
    "backup.job_disabled", "warning", Entity("job:pve/backup-2", "job old"), "Backup job old is disabled",
    "No enabled job selects gitea (CT 115).", "Enable it.",
)  # fmt: skip
NODE_FULL = Finding("node.memory", "critical", Entity("node:pve/pve1", "pve1"), "Memory of pve1 is 99 % used", "", "")
PAPERS = Finding(
    "node.certificate", "warning", Entity("node:pve/pve1", "pve1"), "Certificate of pve1 ends in 4 d", "", ""
)


@pytest.mark.parametrize(
    ("question", "head", "lines"),
    [
        ("is web ok?", "No: The replication of web (VM 104) to pve2 fails [E3].", ["keeps 1 snapshot"]),
        ("is traefik ok?", "No: High availability has traefik (CT 101) in state error [E3].", []),
        ("is pve2 ok?", "No: Certificate pve-ssl.pem of pve2 ends in 4 d [E3].", []),
        ("is pve1 ok?", "Yes, by itself, but not all around it is well: Node pve1 is online",
         ["Wrong with what is on it [E3]:", "- High availability has traefik (CT 101) in state error (critical",
          "- The replication of web (VM 104) to pve2 fails (warning"]),
        ("is postgres ok?", "Yes: postgres (CT 105) is running on pve1", ["No warnings about it."]),
    ],
)  # fmt: skip
async def test_is_it_ok(question: str, head: str, lines: list[str]) -> None:
    answer = await ask(question, sweeper(*FINDINGS))

    assert answer.text.startswith(head)
    assert [line for line in lines if line not in answer.text] == []
    assert answer.unverified == ()


async def test_a_job_is_about_the_guests_that_it_names() -> None:
    assert (await ask("is gitea ok?", sweeper(JOB_OFF))).text.startswith("No: Backup job old is disabled [E3].")


async def test_a_guest_feels_its_node_but_not_its_papers() -> None:
    answer = await ask("is postgres ok?", sweeper(NODE_FULL, PAPERS))

    assert answer.text.startswith("Yes, by itself, but not all around it is well: postgres (CT 105) is running")
    assert "Wrong with what it rests on [E3]:\n- Memory of pve1 is 99 % used (critical)" in answer.text
    assert "Certificate" not in answer.text


async def test_nothing_wrong_is_no_answer_for_a_guest_whose_node_is_away() -> None:
    answer = await ask("what is wrong with number 123?")

    assert answer.text.startswith("VM 123 on pve3: PVE does not know its state, its node is not reporting [E1].")
    assert (
        "Wrong with what it rests on [E3]:\n- Node pve3 is offline (critical, since 2026-11-23 20:45 CET)"
        in answer.text
    )


async def test_since_when_an_alert_fires() -> None:
    _, answer = await talk(["which alerts are firing?", "since when?"])

    assert answer.text.startswith("DatastoreAlmostFull is firing since 2026-11-23 17:45 CET [E1].")
