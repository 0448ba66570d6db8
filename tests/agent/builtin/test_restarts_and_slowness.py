"""Why did it restart, when, and why is it slow: the result first, and what cannot be known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import GUESTS, NODES, NOW, TASKS, FakeLive, FakeSweeper, complete, guest, node, snapshot, task

from nightshift.facts.gap import Gap
from nightshift.facts.monitoring import Series
from nightshift.facts.nodes import BootJournal
from nightshift.facts.snapshot import Snapshot

HOURS_3 = 3 * 3600
REBOOTED = replace(node("pve2"), uptime_s=HOURS_3)
BOOTED_AT = NOW - timedelta(seconds=HOURS_3 + 20)


def rebooted(*lines: str, gap: Gap | None = None) -> Snapshot:
    """pve2 and its guests are up for three hours."""
    journal = BootJournal("pve", "pve2", BOOTED_AT, lines, gap)
    guests = [replace(g, uptime_s=HOURS_3 - 60) if g.node == "pve2" and g.uptime_s else g for g in GUESTS]
    return snapshot(
        nodes=complete(NODES[0], REBOOTED, NODES[2]), guests=complete(*guests), boot_journals=complete(journal)
    )


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("when did immich last restart?", "immich (VM 113) last started at 2026-11-19 05:44 CET, 4 d 17 h ago [E1]."),
        ("when was pve2 last rebooted?", "pve2 last started at 2026-11-13 22:44 CET, 10 d ago [E1]."),
        (
            "why did web restart last night?",
            "No restart of web (VM 104) last night (2026-11-22 18:00 to 2026-11-23 08:00 CET): it has been up since ",
        ),
        (
            "did anything reboot last night?",
            "Nothing that runs now started last night (2026-11-22 18:00 to 2026-11-23 08:00 CET) [E1].",
        ),
        ("did windows-11 reboot?", "windows-11 (VM 120) is stopped, so when it last started is not known [E1]."),
    ],
)
async def test_no_restart_is_said_with_since_when_it_runs(question: str, start: str) -> None:
    said = await ask(question)

    assert said.text.startswith(start)
    assert said.unverified == ()


async def test_a_guest_that_started_with_its_node() -> None:
    said = await ask("why did immich reboot today?", FakeSweeper(rebooted()))

    assert said.text.startswith("immich (VM 113) restarted today (2026-11-23 00:00 to 22:45 CET): it is up since ")
    assert "It started with its node: pve2 is up since 2026-11-23 19:44 CET [E1]." in said.text
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("lines", "gap", "why"),
    [
        (("kernel: Out of memory: Killed process 88 (kvm)", "kernel: Linux version 6.8"), None,
         "The journal says why: it had run out of memory before [E3]."),
        (("pveproxy[1]: worker 7 started", "kernel: Linux version 6.8"), None, "Its journal breaks off without a word"),
        ((), Gap("pve", "boot_journals", "forbidden", "403", "Give the token Sys.Syslog."),
         "Why cannot be known: the token may not read its journal (Sys.Syslog) [E3]."),
    ],
)  # fmt: skip
async def test_why_a_node_restarted(lines: tuple[str, ...], gap: Gap | None, why: str) -> None:
    said = await ask("why did pve2 reboot?", FakeSweeper(rebooted(*lines, gap=gap), findings=()))

    assert why in said.text
    assert "`journalctl -b -1 -e` on pve2" in said.text
    assert ("Not seen:" in said.text) == (gap is not None)


async def test_who_restarted_a_guest() -> None:
    young = replace(guest(112, "jellyfin", "ct", "pve2"), uptime_s=1800)
    others = [g for g in GUESTS if g.vmid != 112]
    live = FakeLive(tasks_known=(*TASKS, task("vzreboot", "112", timedelta(minutes=31), where="pve2")))
    said = await ask("why did jellyfin restart?", FakeSweeper(snapshot(guests=complete(*others, young))), live)

    assert "2026-11-23 22:14 CET vzreboot of jellyfin (CT 112) on pve2 (ok), by root@pam" in said.text
    assert said.unverified == ()


async def test_who_stopped_a_guest() -> None:
    off = replace(guest(112, "jellyfin", "ct", "pve2"), status="stopped", uptime_s=0)
    others = [g for g in GUESTS if g.vmid != 112]
    live = FakeLive(tasks_known=(*TASKS, task("vzshutdown", "112", timedelta(minutes=31), where="pve2")))
    said = await ask("who turned jellyfin off?", FakeSweeper(snapshot(guests=complete(*others, off))), live)

    assert said.text.startswith(
        "root@pam stopped jellyfin (CT 112) [E2]: 2026-11-23 22:14 CET vzshutdown of jellyfin (CT 112) on pve2 (ok)."
    )


async def test_what_started_lately() -> None:
    said = await ask("did anything restart today?", FakeSweeper(rebooted(), findings=()))

    assert said.text.startswith("6 things that run now started today (2026-11-23 00:00 to 22:45 CET) [E1]:\n- pve2 on")


@pytest.mark.parametrize(
    "question",
    ["things seem slow", "everything is sluggish today", "my stuff lags", "is anything overloaded?", "is it all busy?"],
)
async def test_nothing_is_busy(question: str) -> None:
    said = await ask(question, FakeSweeper(snapshot(alerts=complete()), findings=()))

    assert said.text.startswith("Nothing is unusually busy, and nothing is found that would make it slow [")
    assert "The busiest guests by CPU: web 62 % of 4 cores, jellyfin 41 % of 4 cores" in said.text
    assert "No task is running now" in said.text
    assert said.unverified == ()


async def test_what_is_busy_comes_first() -> None:
    hot = snapshot(nodes=complete(node("pve1", cpu=0.97, memory=0.95), NODES[1]))
    said = await ask("why is everything so slow?", FakeSweeper(hot, findings=()))

    assert said.text.startswith("1 thing is busy at this moment:\n\n- pve1: CPU 97 % and memory 95 %")
    assert said.unverified == ()


async def test_a_guest_is_as_fast_as_its_node() -> None:
    hot = snapshot(nodes=complete(node("pve1", cpu=0.97), NODES[1]))
    said = await ask("why is web slow?", FakeSweeper(hot, findings=()))

    assert [(name, a.get("name")) for name, a in said.calls][:3] == [
        ("entity", "web"), ("alerts", None), ("tasks", None),
    ]  # fmt: skip
    assert ("entity", {"name": "node pve1"}) in said.calls
    assert said.text.startswith("1 thing is busy at this moment:\n\n- pve1: CPU 97 %")


async def test_an_alert_about_speed_takes_the_all_clear_away() -> None:
    said = await ask("why is web so sluggish", FakeSweeper(findings=()))

    assert said.text.startswith("Nothing of web (VM 104) and what it runs on is unusually busy [")
    assert "- HighCpu (warning) pending on web (VM 104), since 2026-11-23 22:42 CET: CPU is high" in said.text
    assert "nothing is found" not in said.text


async def test_no_all_clear_about_speed_with_gaps() -> None:
    gap = Gap("pve", "nodes", "unreachable", "connection refused")
    partial = snapshot(nodes=replace(complete(NODES[0]), state="partial", gaps=(gap,)))
    said = await ask("things seem slow", FakeSweeper(partial, findings=()))

    assert said.text.startswith("Nothing is unusually busy in what I could see: pve left gaps")
    assert "Not seen:\n- pve: Connection refused." in said.text


async def test_a_full_datastore_makes_nothing_slow() -> None:
    said = await ask("things seem slow")

    assert "Wrong, and it may slow things down [E4]:\n- Node pve3 is offline (critical)." in said.text
    assert "tank" not in said.text


@pytest.mark.parametrize(
    ("metric", "said"),
    [("memory", "Whether anything was unusually busy yesterday at 20:00"), ("cpu", "Nothing was unusually busy")],
)
async def test_only_what_has_a_limit_tells_that_nothing_was_busy(metric: str, said: str) -> None:
    live = FakeLive(series={metric: (Series((), tuple((NOW.timestamp() - 60 * at, 0.2) for at in range(30, 0, -1))),)})
    answer = await ask("was web slow yesterday at 20:00?", FakeSweeper(findings=()), live)

    assert answer.text.startswith(said)


@pytest.mark.parametrize(
    "question", ["how many days has pve1 been running without interruption?", "what is the uptime of pve1?"]
)
async def test_an_uptime_that_pve_keeps_to_itself_is_in_prometheus(question: str) -> None:
    world = FakeSweeper(snapshot(nodes=complete(replace(NODES[0], uptime_s=None), *NODES[1:])))
    points = tuple((NOW.timestamp() - 60 * back, 86_400.0 * 12 - 60 * back) for back in range(9, -1, -1))
    live = FakeLive(series={"node_boot_time_seconds": (Series((("instance", "pve1:9100"),), points),)})
    said = await ask(question, world, live)

    assert said.text.startswith("pve1 has been up for 12 d ["), said.text
    assert said.unverified == ()
