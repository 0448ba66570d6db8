from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.agent.support import SNAPSHOT
from tests.support.first_request import first_request

from nightshift.agent.prompt import mend_prompt, system_prompt
from nightshift.tools.registry import TOOLS


def test_it_tells_the_time_of_the_viewer_and_what_is_watched() -> None:
    prompt = system_prompt(SNAPSHOT.sources[1:], datetime(2026, 11, 23, 21, 40, tzinfo=UTC), ZoneInfo("Asia/Kolkata"))
    assert "Now: Tuesday 2026-11-24 03:10 IST; all times are in this zone." in prompt
    assert prompt.endswith(
        "Watched: Proxmox Backup Server: pbs; Prometheus: prometheus; Grafana alerting: grafana (not reachable). "
        "Not set up: Proxmox VE."
    )


def test_nothing_is_set_up() -> None:
    prompt = system_prompt((), datetime(2026, 11, 23, tzinfo=UTC), UTC)
    assert "Watched: nothing is set up. Not set up: Proxmox VE, Proxmox Backup Server, Prometheus" in prompt


def test_a_model_is_told_what_to_mend() -> None:
    assert "- 97 % (number)\n- [E9] (citation)\n" in mend_prompt(["97 % (number)", "[E9] (citation)"])
    assert mend_prompt(["x"] * 100).count("- x") == 20


async def test_the_first_request_is_small() -> None:
    request = await first_request()
    assert request.tool_names == [tool.name for tool in TOOLS]
    assert request.size_bytes <= 9_216
