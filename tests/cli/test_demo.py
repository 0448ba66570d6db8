"""`nightshift demo` over a stand-in for the lab: the course of it, and every way in which it ends."""

from __future__ import annotations

import importlib.util
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from dotenv import dotenv_values

from nightshift.cli import demo_play
from nightshift.cli.demo_scenes import SCENES, USUAL_QUESTIONS, scene_named
from nightshift.errors import NightshiftError
from nightshift.settings import load_settings

FAKE_LAB = """
import json, os, sys, time
from pathlib import Path
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
(Path(os.environ["SEEN"]) / "pid").write_text(f"{os.getpid()} {arguments['--scenario']}")
if os.environ["FAKE_LAB"] == "dies":
    sys.exit("prometheus is missing: install it")
ready = Path(arguments["--ready-file"])
text = json.dumps({"control_url": "http://127.0.0.1:1", "env": {"PROMETHEUS_URL": os.environ["TARGET"]}})
ready.with_suffix(".new").write_text(text)
ready.with_suffix(".new").rename(ready)
time.sleep(60)
"""


@pytest.fixture
def lab(home: Path, closed_port: int) -> dict[str, str]:
    """The environment in which `python -m nightshift_lab` is the stand-in."""
    package = home / "packages" / "nightshift_lab"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(FAKE_LAB)
    return {"PYTHONPATH": str(package.parent), "SEEN": str(home), "FAKE_LAB": "works",
            "TARGET": f"http://127.0.0.1:{closed_port}", "PROXMOX_URL": "https://the-operators-own:8006"}  # fmt: skip


def ended(home: Path) -> bool:
    pid = (home / "pid").read_text().split()[0]
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("how", ["option", "variable"])
def test_once_asks_three_questions_and_leaves_nothing(
    process: Callable, home: Path, lab: dict[str, str], how: str
) -> None:
    once = {"NIGHTSHIFT_DEMO_ONCE": "1"} if how == "variable" else {}
    outcome = process("demo", "--scenario", "node-offline", *([] if once else ["--once"]), **lab, **once)
    assert outcome.code == 0, outcome.err
    asked = [line for line in outcome.out.splitlines() if line.startswith("> ")]
    assert asked == ["> Is anything wrong?", "> How is node pve3?", "> What alerts are firing?"]
    assert outcome.out.count("conversation ") == 3
    assert (
        len({line.rpartition("conversation ")[2] for line in outcome.out.splitlines() if "conversation " in line}) == 1
    )
    assert "the-operators-own" not in outcome.out + outcome.err
    assert (home / "pid").read_text().split()[1] == "node-offline"
    assert ended(home)
    assert not (home / "data").exists()


def test_a_lab_that_dies_says_why(process: Callable, home: Path, lab: dict[str, str]) -> None:
    outcome = process("demo", "--once", **{**lab, "FAKE_LAB": "dies"})
    assert outcome.code == 69
    assert "The simulated homelab could not start:\nprometheus is missing: install it" in outcome.err
    assert ended(home)


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "aiohttp" else real(name))
    with pytest.raises(NightshiftError, match=r"aiohttp missing.*pip install 'nightshift\[lab\]'"):
        demo_play._require_lab()


def test_the_operators_own_systems_stay_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PBS_URL", "PROXMOX_CA_CERT", "NIGHTSHIFT_CONFIG", "NIGHTSHIFT_API_KEYS", "NIGHTSHIFT_TIMEZONE",
                 "OPENAI_API_KEY", "SOMETHING"):  # fmt: skip
        monkeypatch.setenv(name, "own")
    environ = demo_play._environ({"env": {"PBS_URL": "https://127.0.0.1:1"}}, tmp_path)
    assert environ["PBS_URL"] == "https://127.0.0.1:1"
    assert environ["NIGHTSHIFT_DATA_DIR"] == str(tmp_path / "data")
    assert {name for name, value in environ.items() if value == "own"} == {
        "NIGHTSHIFT_TIMEZONE", "OPENAI_API_KEY", "SOMETHING"}  # fmt: skip


def test_a_command_line_beside_the_demo_is_about_the_lab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In another terminal and another folder than the operator's, whose own set-up stays out; no token is printed."""
    monkeypatch.setenv("PBS_URL", "https://the-operators-own:8007")
    lab = {
        "PROXMOX_URL": "https://127.0.0.1:1",
        "PROXMOX_API_TOKEN": "lab@pve!lab=5ecre700-0000-4000-8000-000000000001",
        "RUNBOOK_DIRS": str(tmp_path / "it's $a\\b"),
    }
    Path(lab["RUNBOOK_DIRS"]).mkdir()
    ready = {"env": lab, "control_url": "http://127.0.0.1:2"}
    environ = demo_play._environ(ready, tmp_path)
    folder = demo_play.folder_for_shells(environ, tmp_path)
    assert (folder / ".env").stat().st_mode & 0o077 == 0
    monkeypatch.delenv("PBS_URL")
    monkeypatch.delenv("NIGHTSHIFT_DATA_DIR", raising=False)
    monkeypatch.chdir(folder)
    assert {name: dotenv_values(folder / ".env", interpolate=False)[name] for name in lab} == lab
    settings = load_settings()
    assert [connection.base_url for connection in settings.connections] == ["https://127.0.0.1:1"]
    assert settings.data_dir == tmp_path / "data"
    demo_play._show_addresses(8000, 8501, ready, folder)
    told = capsys.readouterr().out
    assert f"  cd {folder}\n" in told
    assert 'nightshift ask "What is wrong?"' in told
    assert "5ecre7" not in told


def test_the_list_of_scenarios(here: Callable) -> None:
    outcome = here("demo", "--list")
    assert outcome.code == 0
    listed = [line.split()[0] for line in outcome.out.splitlines() if line.startswith("  ")]
    assert set(SCENES) < set(listed)


def test_the_scenes_are_the_scenarios_of_the_lab() -> None:
    scenarios = importlib.import_module("nightshift_lab.scenarios")
    assert set(SCENES) <= set(scenarios.SCENARIOS)


def test_a_scene_may_be_a_file_or_a_surprise() -> None:
    assert scene_named("node-offline") is SCENES["node-offline"]
    for value in ("my.yaml", "random"):
        scene = scene_named(value)
        assert scene is not None
        assert (scene.name, scene.follow_ups) == (value, USUAL_QUESTIONS)
    assert scene_named("nonsense") is None


def test_a_port_in_use_is_not_taken(silent_server: socket.socket) -> None:
    taken = silent_server.getsockname()[1]
    assert demo_play._free_port(taken) != taken


def test_the_environment_of_this_process_is_left_alone(tmp_path: Path) -> None:
    before = dict(os.environ)
    demo_play._environ({"env": {"PBS_URL": "x"}}, tmp_path)
    assert dict(os.environ) == before
