"""Programs as processes, in an interpreter of their own or forked: the same words, exit codes and ends."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic, sleep

import pytest

from nightshift_evals import programs
from nightshift_evals.programs import (
    Command,
    Forked,
    Fresh,
    ProcessFailed,
    Start,
    must_run,
    run_through,
    running,
    wait_until,
)

STARTS = pytest.mark.parametrize("start", [Fresh, Forked])
PROGRAM = """
import os, sys, time
print("in", os.getcwd(), os.environ["WORD"], *sys.argv[1:], flush=True)
print("alas", file=sys.stderr, flush=True)
if sys.argv[1] == "wait":
    time.sleep(60)
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def quick_to_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_WARM", ("json",))


def command(tmp_path: Path, argument: str) -> Command:
    (tmp_path / "program_of_a_test.py").write_text(PROGRAM)
    environ = {**os.environ, "WORD": "hi", "PYTHONPATH": str(tmp_path)}
    output, errors = tmp_path / "out", tmp_path / "err"
    return Command("program_of_a_test", (argument,), environ, output, errors, cwd=str(tmp_path))


@STARTS
def test_it_runs_as_its_command_line_would(start: Start, tmp_path: Path) -> None:
    assert run_through(command(tmp_path, "3"), start, 60) == 3
    assert (tmp_path / "out").read_text() == f"in {tmp_path} hi 3\n"
    assert (tmp_path / "err").read_text() == "alas\n"
    assert "WORD" not in os.environ


@STARTS
def test_it_is_ended(start: Start, tmp_path: Path) -> None:
    told = command(tmp_path, "wait")
    with running(told, start) as program:
        wait_until(program, lambda: (tmp_path / "out").exists() and bool((tmp_path / "out").read_text()), 60)
        must_run(program)
        with pytest.raises(ProcessFailed, match=r"program_of_a_test wait is not ready after 0.2 s:\nalas"):
            wait_until(program, lambda: False, 0.2)
    assert program.exit_code() == -15
    assert run_through(told, start, 0.3) is None


@STARTS
def test_an_end_before_it_is_ready_is_told(start: Start, tmp_path: Path) -> None:
    with running(command(tmp_path, "2"), start) as program, pytest.raises(ProcessFailed, match="ended with 2:\nalas"):
        wait_until(program, lambda: False, 60)
    with pytest.raises(ProcessFailed, match="ended with 2 in the middle:\nalas"):
        must_run(program)


DEAF = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
signal.pause()
"""


@STARTS
def test_what_does_not_end_is_made_to_with_all_that_it_started(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "STOP_S", 0.2)
    told = command(tmp_path, "")
    (tmp_path / "program_of_a_test.py").write_text(DEAF)
    with running(told, start) as program:
        wait_until(program, lambda: told.output.exists() and told.output.read_text().endswith("\n"), 60)
        child = Path("/proc") / told.output.read_text().strip()
        assert child.exists()
    assert program.exit_code() == -9
    until = monotonic() + 10
    while not _has_ended(child):
        assert monotonic() < until, "a child of an ended one is ended"
        sleep(0.02)


def _has_ended(process: Path) -> bool:
    """By its folder in /proc, which may go while it is read."""
    try:
        return (process / "stat").read_text().split()[2] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
