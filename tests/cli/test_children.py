"""Processes that must not outlive the demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nightshift.cli.children import Children

# Starts a grandchild, says both pids, and ignores SIGTERM when told to.
TREE = """
import os, signal, subprocess, sys, time
if "stubborn" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), grandchild.pid, flush=True)
time.sleep(60)
"""


def pids_in(log: Path) -> list[int]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        words = log.read_text().split() if log.exists() else []
        if len(words) == 2:
            return [int(word) for word in words]
        time.sleep(0.02)
    raise AssertionError("the child did not start")


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_tree_ends_with_its_block(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        child = children.start("tree", [sys.executable, "-c", TREE], os.environ)
        pids = pids_in(child.log)
        assert child.running
    assert not child.running
    assert [gone(pid) for pid in pids] == [True, True]


def test_what_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightshift.cli.children._GRACE_S", 0.5)
    with Children(tmp_path) as children:
        child = children.start("tree", [sys.executable, "-c", TREE, "stubborn"], os.environ)
        pids = pids_in(child.log)
    assert child.process.returncode == -signal.SIGKILL
    assert [gone(pid) for pid in pids] == [True, True]


def test_an_error_in_the_block_ends_them_too(tmp_path: Path) -> None:
    pids: list[int] = []

    def fail() -> None:
        with Children(tmp_path) as children:
            pids.extend(pids_in(children.start("tree", [sys.executable, "-c", TREE], os.environ).log))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [gone(pid) for pid in pids] == [True, True]


def test_the_last_words_of_a_child_that_failed(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        child = children.start("short", [sys.executable, "-c", "print('why it ended'); exit(3)"], os.environ)
        assert child.process.wait(10) == 3
        assert child.last_words() == "why it ended"


PARENT = """
import os, sys, time
from pathlib import Path
from nightshift.cli.children import Children, ending_on_signals
try:
    with ending_on_signals(), Children(Path(sys.argv[1])) as children:
        children.start("tree", [sys.executable, "-c", sys.argv[2]], os.environ)
        time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGHUP, 130), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_however_the_parent_ends(tmp_path: Path, number: signal.Signals, code: int) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), TREE])
    pids = pids_in(tmp_path / "tree.log")
    parent.send_signal(number)
    assert parent.wait(15) == code
    if number == signal.SIGKILL:
        # Nobody is left to end the tree: its head is told by the kernel. The lab's own children end with the lab.
        assert gone(pids[0])
        os.kill(pids[1], signal.SIGKILL)
    else:
        assert [gone(pid) for pid in pids] == [True, True]
