"""The composition: what is made when, and what a bad disk costs."""

from __future__ import annotations

import gc
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nightshift.checks.thresholds import Thresholds
from nightshift.errors import ConfigError
from nightshift.facts.gap import EVERYTHING
from nightshift.runtime import Runtime, open_runtime, utc_now
from nightshift.settings import load_settings

NOW = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


def settings_in(folder: Path, **environ: str):
    return load_settings({"NIGHTSHIFT_DATA_DIR": str(folder), **environ})


async def test_the_parts_fit_together(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, PROMETHEUS_URL="http://127.0.0.1:1")
    async with open_runtime(settings, clock=lambda: NOW) as runtime:
        sweep = await runtime.sweeper.sweep()
        assert sweep.snapshot.taken_at == NOW
        assert [(status.id, status.reachable) for status in sweep.snapshot.sources] == [("prometheus", False)]
        assert await runtime.sweeper.sweep() is sweep
        assert runtime.runbooks.section_count > 0
        assert runtime.runbooks is runtime.runbooks
        assert runtime.conversations.count() == 0
    assert (tmp_path / "nightshift.db").is_file()


async def test_the_agent_is_made_once_and_only_when_it_is_asked_for(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, PROMETHEUS_URL="http://127.0.0.1:1")
    async with open_runtime(settings) as runtime:
        assert "agent" not in runtime.__dict__
        agent = await runtime.warm_up()
        assert agent is runtime.agent
        assert (agent.brain.kind, agent.brain.name) == ("builtin", "built-in")
        answer = await agent.ask("Is anything wrong?")
        assert answer.verdict == "problem"


async def test_a_model_is_handed_to_the_agent(tmp_path: Path) -> None:
    environ = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_MODEL": "qwen3"}
    async with open_runtime(settings_in(tmp_path, **environ)) as runtime:
        assert (runtime.agent.brain.kind, runtime.agent.brain.name) == ("model", "qwen3")
    async with open_runtime(settings_in(tmp_path, **environ, NIGHTSHIFT_BRAIN="builtin")) as runtime:
        assert runtime.agent.brain.kind == "builtin"


async def test_own_runbooks_replace_the_starter_ones(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "nas.md").write_text("# NAS\n\n## Steps\n\nTurn it off and on again.\n")
    async with open_runtime(settings_in(tmp_path, RUNBOOK_DIRS=str(folder))) as runtime:
        assert [file for file, _, _ in runtime.runbooks.runbooks] == ["nas.md"]


async def test_a_data_folder_that_cannot_be_used_costs_the_history_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    async with open_runtime(settings_in(blocked / "data")) as runtime:
        (warning,) = runtime.warnings
        assert "NIGHTSHIFT_DATA_DIR" in warning
        assert "History is kept only until the end of this run." in warning
        assert [gap.dataset for gap in (await runtime.sweeper.sweep()).gaps] == [EVERYTHING]
        assert runtime.conversations.count() == 0
        temporary = Path(runtime.database.where).parent
        assert temporary.is_dir()
    gc.collect()
    assert not temporary.exists()


async def test_a_database_whose_driver_is_missing_is_a_setting_to_mend(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, NIGHTSHIFT_DATABASE_URL="postgresql+nosuch://me:s3cr3t@db/x")
    with pytest.raises(ConfigError) as caught:
        async with open_runtime(settings):
            pass
    assert caught.value.variable == "NIGHTSHIFT_DATABASE_URL"
    assert "s3cr3t" not in str(caught.value)


async def test_warnings_of_the_settings_are_handed_on(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, PROXMOX_URL="https://pve.lan:8006", PROXMOX_API_TOKEN="a@pve!b=s3cr3t")
    async with open_runtime(settings) as runtime:
        assert len(runtime.warnings) == 1
        assert "PROXMOX_FINGERPRINT" in runtime.warnings[0]
        assert "s3cr3t" not in repr(runtime.warnings) + repr(runtime.settings)


async def test_thresholds_reach_the_sweeper(tmp_path: Path) -> None:
    file = tmp_path / "nightshift.yaml"
    file.write_text("thresholds: {storage_warning: 0.5}")
    settings = load_settings({"NIGHTSHIFT_DATA_DIR": str(tmp_path)}, config_file=file)
    async with open_runtime(settings) as runtime:
        assert runtime.sweeper._thresholds == Thresholds(storage_warning=0.5)


def test_the_clock_is_aware() -> None:
    assert utc_now().tzinfo is UTC


def test_a_runtime_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Runtime.__new__(Runtime).settings = None  # type: ignore[misc, assignment]


def test_importing_it_brings_no_heavy_library() -> None:
    heavy = ("langchain", "langchain_core", "chromadb", "streamlit", "fastapi", "sqlalchemy")
    code = f"import sys, nightshift.runtime; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
