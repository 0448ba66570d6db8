"""The doctor on the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nightshift.cli.doctor_text import examination_lines
from nightshift.sweep.doctor_lines import Examination, Line

LINES = (
    Line("pve", "connection", "ok", "pve1.lan:8006 answers"),
    Line("pve", "privileges", "warn", "VM.Audit is missing\x1b[2J", "Grant it.", None, ("pveum acl modify",),
         ("a.b", "c.d")),
    Line("pbs", "token", "fail", "was not accepted", "", "PBS_API_TOKEN"),
    Line("grafana", "connection", "info", "Grafana is not set up", variable="GRAFANA_URL"),
)  # fmt: skip


def test_lines_with_what_mends_them() -> None:
    assert list(examination_lines(Examination(LINES))) == [
        "pve",
        "  OK   connection: pve1.lan:8006 answers",
        "  WARN privileges: VM.Audit is missing�[2J",
        "       → Grant it.",
        "       $ pveum acl modify",
        "       cannot judge until then: a.b, c.d",
        "",
        "pbs",
        "  FAIL token: was not accepted",
        "       → setting: PBS_API_TOKEN",
        "",
        "grafana",
        "  -    connection: Grafana is not set up",
        "",
        "1 failed, 1 warning.",
    ]


@pytest.mark.parametrize(
    ("lines", "code", "summary"),
    [((), 0, "All well."), (LINES[:1], 0, "All well."), (LINES[:2], 1, "1 warning."), (LINES[2:], 2, "1 failed."),
     (LINES[1:2] * 2, 1, "2 warnings.")],
)  # fmt: skip
def test_the_worst_line_decides(lines: tuple[Line, ...], code: int, summary: str) -> None:
    examination = Examination(lines)
    assert (examination.exit_code, list(examination_lines(examination))[-1]) == (code, summary)


def test_as_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from nightshift.cli.main import run

    run_command: Callable[[list[str]], int] = run
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PROXMOX_URL", "https://127.0.0.1:1")
    monkeypatch.setenv("PROXMOX_API_TOKEN", "a@pve!b=s3cr3t")
    assert run_command(["doctor", "--json"]) == 2
    captured = capsys.readouterr()
    body = json.loads(captured.out)
    assert body["exit_code"] == 2
    assert [(line["subject"], line["status"]) for line in body["lines"][:4]] == [
        ("pve", "fail"), ("brain", "ok"), ("data folder", "ok"), ("runbooks", "ok")]  # fmt: skip
    assert "… looked at pve" in captured.err
    assert "s3cr3t" not in captured.out + captured.err
