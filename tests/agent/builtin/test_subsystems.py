"""First lines of answers about quorum, high availability, replication, certificates and their like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import GUESTS, NOW, FakeLive, FakeSweeper, complete, guest, snapshot
from tests.tools.machinery import (
    CERTIFICATE_ENDS,
    FINDINGS,
    REPLICATION,
    half_read,
    machinery,
    sweeper,
)

from nightshift.facts.gap import Gap
from nightshift.facts.monitoring import Silence
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.snapshot import Dataset


def first_line(text: str) -> str:
    return text.splitlines()[0]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("is ha ok?", "No: High availability has traefik (CT 101) in state error [E2]. 2 guests are under high"),
        ("is high availability set up?", "Yes: 2 guests are under high availability: traefik (CT 101) error and web"),
        ("do we have quorum?", "Yes: cluster homelab is quorate: 2 of 3 votes are there, 2 are needed; offline: pve3"),
        ("is replication fine?", "No: The replication of web (VM 104) to pve2 fails [E2]. 2 replication jobs, 1"),
        ("any replication problems?", "Yes: The replication of web (VM 104) to pve2 fails [E2]."),
        ("when did web replicate last?", "web (VM 104) last replicated to pve2 2026-11-23 15:45 CET (7 h ago) [E1]."),
        ("is traefik replicated?", "No: no replication job copies traefik (CT 101) [E1]."),
        ("is the certificate of pve2 still good?", "No: Certificate pve-ssl.pem of pve2 ends in 4 d [E2]."),
        ("do any certs run out soon?", "Yes: pve-ssl.pem of pve2 ends in 4 d (2026-11-27 22:45 CET), the first of 2"),
        ("has any certificate expired?", "No: pve-ssl.pem of pve2 ends in 4 d"),
        ("when does pve1's certificate run out?", "pve-ssl.pem of pve1 ends in 300 d (2027-09-19 23:45 CEST) [E1]."),
        ("are there updates for pve2?", "No: no updates wait on pve2 [E1]."),
        ("any updates to install?", "Yes: 3 updates on pve1 wait [E1]."),
        ("do we have a subscription?", "No: pve1: subscription notfound [E1]."),
        ("are the clocks in sync?", "No: the clock of pve2 is 40 s ahead [E1]."),
        ("is pveproxy running?", "Yes: pveproxy on pve1: running [E1]."),
        ("any zfs problem?", "No: rpool on pve1 is ONLINE, 40 % full (40 B of 100 B, 60 B free) [E1]."),
        (
            "when was the last scrub of rpool?",
            "rpool on pve1: last scan 2026-11-08 22:45 CET (15 d ago): scrub repaired 0B [E1].",
        ),
        ("does web have snapshots?", "Yes: web (VM 104) keeps before-upgrade, taken 2026-04-25 23:45 CEST (212 d ago)"),
        ("does postgres have snapshots?", "No: postgres (CT 105) has no snapshot [E1]."),
        ("is ceph ok?", "No: Ceph says HEALTH_WARN: OSD_DOWN: 1 osds down [E1]."),
        ("is garbage collection ok on tank?", "No: Garbage collection of datastore tank failed [E2]. Garbage"),
        ("when does gc run next?", "tank: next run 2026-11-24 06:45 CET (in 8 h); vault: next run"),
        ("is the sync job ok?", "Yes: job s-1 of vault last ran 2026-11-23 19:45 CET (3 h ago) and went well [E1]."),
        ("are verify jobs enabled?", "No: job v-1 (DISABLED) of tank has not run yet [E1]."),
        ("what is the retention?", "Job p-1 of tank keeps 7 daily, 4 weekly, last ran 2026-11-23 20:45 CET"),
        ("is HighCpu silenced?", "Yes: 1 alert is silenced in Grafana: HighCpu [E1]."),
        ("has someone acked the tank alert?", "No: no silence covers datastore tank [E1]."),
    ],
)  # fmt: skip
async def test_the_first_line_answers(question: str, said: str) -> None:
    answer = await ask(question, sweeper(*FINDINGS))

    assert first_line(answer.text).startswith(said)
    assert answer.unverified == ()


@pytest.mark.parametrize(
    "asked",
    [
        "can the failed ceph drive come out without hurting our stuff",
        "can the dead osd of ceph be taken out",
        "is it okay to have the down osd of ceph taken out?",
    ],
)
async def test_a_fault_is_no_yes_to_what_may_be_done(asked: str) -> None:
    answer = await ask(asked, sweeper())

    assert answer.text.startswith(
        "Whether that is safe I cannot tell: Ceph says HEALTH_WARN: OSD_DOWN: 1 osds down [E1]."
    ), answer.text


async def test_a_silence_in_force_is_told_though_it_keeps_nothing_quiet() -> None:
    until = NOW + timedelta(days=5)
    known = Silence("grafana", ("alertname=TargetDown", "name=~karakeep|dozzle"), "anna", "new images", NOW, until)
    question = "active silences in grafana: author and comment?"  # of the system, and not of a guest called so
    answer = await ask(question, sweeper(), FakeLive(silences_known=(known,)))

    told = "1 silence is in force [E3]: alertname=TargetDown, name=~karakeep|dozzle, by anna (“new images”)"
    assert told in answer.text
    assert answer.unverified == ()


@pytest.mark.parametrize(
    ("question", "silenced", "first"),
    [
        ("is any alert silenced?", False, "1 silence is in force [E3]: alertname=TargetDown, by anna (“new images”)"),
        ("is the silence because of new images?", True, "1 alert is silenced in Grafana: HighCpu [E1]."),
        ("is any alert silenced?", True, "Yes: 1 alert is silenced in Grafana: HighCpu [E1]."),
    ],
)
async def test_a_silence_confirms_neither_that_it_keeps_something_quiet_nor_its_comment(
    question: str, first: str, *, silenced: bool
) -> None:
    known = Silence("grafana", ("alertname=TargetDown",), "anna", "new images", NOW, NOW + timedelta(days=5))
    world = sweeper() if silenced else sweeper(silences=complete())
    answer = await ask(question, world, FakeLive(silences_known=(known,)))

    assert answer.text.startswith(first), answer.text


async def test_a_last_success_is_told_where_the_last_run_failed() -> None:
    answer = await ask("when did gc on tank succeed last?", sweeper())

    assert "ended with: ENOSPC: no space; it last went well 2026-11-19 22:57 CET (3 d 23 h ago)" in answer.text


async def test_what_is_wrong_comes_first_of_several_parts() -> None:
    answer = await ask("quick check: quorum, ha - all green?", sweeper(*FINDINGS))

    assert first_line(answer.text).startswith("No: High availability has traefik (CT 101) in state error")
    assert "Yes: cluster homelab is quorate" in answer.text


async def test_no_all_clear_while_not_everything_was_read() -> None:
    answer = await ask("are the snapshots ok?", sweeper(guest_snapshots=half_read()))

    assert first_line(answer.text) == (
        "None of it is known in what was read so far [E1]. Only 1 of 12 guests' snapshots have been read so far [E2]."
    )


async def test_what_was_not_read_is_no_all_clear() -> None:
    gap = Gap("pve", "certificates", "forbidden", "Sys.Audit is missing", "Give the token Sys.Audit.")
    answer = await ask(
        "are the certificates ok?", FakeSweeper(machinery(certificates=Dataset("unavailable", gaps=(gap,))))
    )

    assert first_line(answer.text) == "I cannot tell: certificates could not be read."
    assert "Sys.Audit is missing" in answer.text


async def test_nothing_is_said_of_what_nothing_tells_of() -> None:
    answer = await ask("is ceph ok?", FakeSweeper(snapshot()))

    assert answer.text == "I cannot tell: nothing that is set up and read here tells of Ceph."


async def test_who_is_told_of_an_alert_is_not_read() -> None:
    answer = await ask("who gets the mail when HighCpu fires?", sweeper())

    assert "Contact points, notification policies and the routes of an Alertmanager are not read" in answer.text


async def test_a_finding_makes_good_news_bad() -> None:
    fine = await ask("are the certificates ok?", sweeper())
    bad = await ask("are the certificates ok?", sweeper(CERTIFICATE_ENDS))

    assert first_line(fine.text).startswith("Yes: pve-ssl.pem of pve2 ends in 4 d")
    assert first_line(bad.text).startswith("No: Certificate pve-ssl.pem of pve2 ends in 4 d")


@pytest.mark.parametrize(
    ("conversation", "said"),
    [
        (["does web have snapshots?", "how old?"], "web (VM 104) keeps before-upgrade, taken 2026-04-25"),
        (["does web have snapshots?", "is that bad?"], "Nothing urgent: web (VM 104) keeps before-upgrade"),
        (["is replication fine?", "since when?"], "Since 2026-11-23 15:45 CET [E2]: The replication of web"),
        (["is replication fine?", "why?"], "The replication of web (VM 104) to pve2 fails [E2]. It failed 28 times"),
        (["is the certificate of pve2 ok?", "and pve1?", "when does it end?"], "pve-ssl.pem of pve1 ends in 300 d"),
        (["is gc ok?", "and on vault?", "when does it run next?"], "vault: next run 2026-11-24 07:45 CET (in 9 h)"),
        (["are there updates?", "and on pve2?"], "No updates wait on pve2 [E1]."),
    ],
)
async def test_what_follows_leans_on_the_part_that_was_spoken_of(conversation: list[str], said: str) -> None:
    answers = await talk(conversation, sweeper(*FINDINGS))

    assert [call[0] for call in answers[-1].calls] == ["subsystem"]
    assert first_line(answers[-1].text).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"failures": 1}, "No: 1 replication job, 1 failing: 105-0"),
        ({"last_sync_at": None}, "1 replication job, none of which has copied anything yet"),
        ({"enabled": False}, "1 replication job, 1 of them disabled"),
        ({}, "Yes: 1 replication job, none failing"),
    ],
)
async def test_replication_is_well_only_where_it_ran(changes: dict[str, object], said: str) -> None:
    job = replace(REPLICATION[1], **changes)  # type: ignore[arg-type]
    answer = await ask("is replication fine?", sweeper(replication=complete(job)))

    assert first_line(answer.text).startswith(said)


async def test_a_job_that_has_not_run_is_not_called_fine() -> None:
    jobs = complete(PbsJob("pbs", "verify", "v-2", "tank", "", "daily"), PbsJob("pbs", "prune", "p-2", "tank", "", None,
                    False, None, NOW, "OK"))  # fmt: skip
    verify = await ask("are the verify jobs ok?", sweeper(pbs_jobs=jobs))
    prune = await ask("are the prune jobs ok?", sweeper(pbs_jobs=jobs))

    assert first_line(verify.text).startswith("Job v-2 of tank has not run yet")
    assert not prune.text.startswith("Yes")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "any guest snapshots older than 300 days?",
            "No: none of the snapshots that I see is known to be older than 300 d [E1].",
        ),
        (
            "what happens if a second OSD dies?",
            "It may cost data: Ceph says HEALTH_WARN, so that some may lack a copy [",
        ),
    ],
)
async def test_what_is_not_so_is_not_told_as_none(question: str, said: str) -> None:
    answer = await ask(question, sweeper())
    assert first_line(answer.text).startswith(said)
    assert answer.unverified == ()


async def test_what_any_of_its_lists_lacks_takes_the_all_clear_away() -> None:
    gap = Gap("pve", "zfs_status", "forbidden", "Sys.Audit is missing", "Give the token Sys.Audit.")
    answer = await ask("are the zfs pools ok?", sweeper(zfs_status=Dataset("unavailable", gaps=(gap,))))

    assert first_line(answer.text).startswith("Nothing is wrong in what was read: rpool on pve1 is ONLINE")
    assert "Not all of it could be read: pve left gaps." in first_line(answer.text)


async def test_a_list_that_was_cut_is_not_told_as_whole() -> None:
    jobs = (replace(REPLICATION[1], id=f"{vmid}-0", vmid=vmid) for vmid in range(200, 330))
    answer = await ask("is replication fine?", sweeper(replication=complete(*jobs)))

    assert not answer.text.startswith("Yes")
    assert "That is told from the first 100 of 130 [E1]." in first_line(answer.text)
    assert answer.unverified == ()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("is sync job s-1 enabled?", "Yes: Pbs jobs of sync job s-1: datastore vault"),
        ("is the verify job v-1 enabled?", "No: Pbs jobs of verify job v-1: datastore tank, enabled no"),
        ("is the verify job v-1 disabled?", "Yes: Pbs jobs of verify job v-1: datastore tank, enabled no"),
        ("is job 104-0 enabled?", "Yes: Replication of replication 104-0: target pve2"),
        ("is backup-2 enabled?", "No: the job old job is disabled, so it does not run [E1]"),
    ],
)
async def test_a_job_that_is_named_is_looked_up_where_it_is(question: str, said: str) -> None:
    answer = await ask(question, sweeper())

    assert answer.text.startswith(said)
    assert answer.unverified == ()


@pytest.mark.parametrize("question", ["is gc not running on tank?", "did the update of pve1 go fine?"])
async def test_no_yes_to_what_is_denied_or_was(question: str) -> None:
    assert not (await ask(question)).text.startswith(("Yes", "No:"))


@pytest.mark.parametrize(
    "question",
    ["Did anna mute one of the alarms? which one and why", "has anna silenced an alert, and why?",
     "did anna snooze any of the alerts?"],
)  # fmt: skip
async def test_who_silenced_is_a_person_whatever_is_called_so(question: str) -> None:
    known = Silence("grafana", ("alertname=TargetDown",), "anna", "new images", NOW, NOW + timedelta(days=5))
    named = guest(131, "anna-scratch", "vm", "pve1")
    world = sweeper(guests=complete(*GUESTS, named))
    answer = await ask(question, world, FakeLive(silences_known=(known,)))

    assert "by anna (“new images”)" in answer.text
    assert "anna-scratch" not in answer.text
