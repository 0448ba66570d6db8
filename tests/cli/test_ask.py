"""`nightshift ask` and `chat`: the question, the answer on the terminal, Ctrl-C, time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import click
import pytest

from nightshift.agent.answer import AgentEvent, Answer, BrainUsed, Grounding, RootCause, Unverified, Usage
from nightshift.cli import chat as chat_module
from nightshift.cli.answer_text import _sparkline, answer_lines
from nightshift.cli.ask import tell_event
from nightshift.cli.question import checked, question_of
from nightshift.cli.screen import paragraph, printable, table
from nightshift.errors import StoreError
from nightshift.facts.evidence import Document, Evidence, LabelledSeries, Stats, Window
from nightshift.facts.gap import Gap

NOW = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
STATS = Stats(4, 1.0, 4.0, 2.5, 3.9, 1.0, 4.0, 0.01, "bytes", 90_000.0)
EVIDENCE = (
    Evidence(
        "pve", "rows", "GET /cluster/resources", "Guests", NOW, id="E1",
        columns=("name", "memory_bytes", "key", "lock"),
        rows=tuple((f"guest\x1b]0;{number}", 1024.0 * number, f"guest:pve/{number}", None) for number in range(10)),
        total=12, shown=10,
    ),
    Evidence(
        "prometheus", "series", "up", "Memory", NOW, id="E2", age_s=90.0, window=Window(NOW - timedelta(hours=1), NOW),
        series=(LabelledSeries((("__name__", "up"), ("instance", "web")), ((1.0, 1.0), (2.0, float("nan")), (3.0, 4.0)),
                               STATS),),
    ),
    Evidence(
        "runbooks", "document", "search 'disk'", "Full disk", NOW, id="E3",
        document=Document("\n".join(f"step {number}" for number in range(10)), "disk.md", "Steps", 7),
    ),
    Evidence("grafana", "none", "GET alerts", "Alerts", NOW, id="E4"),
)  # fmt: skip
ANSWER = Answer(
    id="01A",
    conversation_id="01C",
    question="?",
    text="Two things are wrong [E1][E2].\nSee the runbook [E3].\x07",
    verdict="problem",
    root_causes=(RootCause("guest:pve/1", "is full", ("E1",)),),
    findings=(),
    evidence=EVIDENCE,
    gaps=(Gap("pbs", "tasks", "timed_out", "No answer within 8 s.", "Look at it."),
          Gap("grafana", "alerts", "not_configured", "")),
    grounding=Grounding(3, (Unverified("42 %", "number"),)),
    brain=BrainUsed("builtin", "built-in", "the model did not answer"),
    usage=Usage(),
    started_at=NOW,
    duration_s=1.5,
)  # fmt: skip


def test_the_answer_on_the_terminal() -> None:
    assert "\n".join(answer_lines(ANSWER, ZoneInfo("Europe/Berlin"))).splitlines() == [
        "Two things are wrong [E1][E2].",
        "See the runbook [E3].�",
        "Not found in the evidence: 42 %",
        "",
        "Evidence",
        "E1  Guests",
        "  pve · GET /cluster/resources · now",
        "  name        memory",
        "  guest�]0;0  0 B",
        "  guest�]0;1  1 KiB",
        "  guest�]0;2  2 KiB",
        "  guest�]0;3  3 KiB",
        "  guest�]0;4  4 KiB",
        "  guest�]0;5  5 KiB",
        "  guest�]0;6  6 KiB",
        "  guest�]0;7  7 KiB",
        "  … 4 more (--json prints what was read)",
        "E2  Memory",
        "  prometheus · up · 1 min 30 s old",
        "  2026-11-23 02:15 CET to 2026-11-23 03:15 CET",
        "  ▁█  instance=web",
        "  now 4 B · min 1 B · mean 2 B · p95 4 B · max 4 B · full in 1 d 1 h",
        "E3  Full disk",
        "  runbooks · search 'disk' · now",
        "  disk.md:7  Steps",
        "  │ step 0",
        "  │ step 1",
        "  │ step 2",
        "  │ step 3",
        "  │ step 4",
        "  │ step 5",
        "  │ step 6",
        "  │ step 7",
        "  … 2 more lines",
        "Also looked at: E4 Alerts",
        "",
        "Could not be seen",
        "  pbs, tasks: timed out. No answer within 8 s. Look at it.",
        "Not set up: grafana",
        "",
        "built-in brain · because: the model did not answer · 2 s · conversation 01C",
    ]


@pytest.mark.parametrize(
    ("values", "spark"),
    [
        ([], ""),
        ([float("nan"), float("inf")], ""),
        ([2.0, 2.0], "▁▁"),
        ([0.0, float("-inf"), 7.0], "▁█"),
        ([0.0] * 79 + [9.0], "▁" * 39 + "█"),
    ],
)
def test_the_course_of_a_series_in_a_line(values: list[float], spark: str) -> None:
    assert _sparkline(values) == spark


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain ü 漢", "plain ü 漢"), ("a\x1b[31mb", "a�[31mb"), ("a\r\nb", "a� b"), ("a\tb", "a    b"),
     ("\u202egnp.exe", "�gnp.exe"), ("zero\u200bwidth", "zero�width"), ("\ud800", "�"), ("\x9b2J", "�2J")],
)  # fmt: skip
def test_strangers_text_cannot_move_the_cursor(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_table_fits_its_width_and_cuts_the_widest_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightshift.cli.screen.width", lambda: 40)
    text = table(["name", "detail"], [["web", "x" * 100], ["漢字漢字漢字", "y"]])
    assert text.splitlines() == [
        "  name          detail",
        "  web           " + "x" * 23 + "…",
        "  漢字漢字漢字  y",
    ]


def test_columns_that_nobody_could_read_are_left_out_from_the_right() -> None:
    columns = [f"column {number}" for number in range(9)]
    shown = table(columns, [["x" * 60] * 9]).splitlines()[0].split("column")
    assert [name.strip() for name in shown if name.strip()] == ["0", "1", "2", "3"]


def test_a_paragraph_is_one_line_where_nobody_reads_along() -> None:
    assert paragraph("a " * 200, indent="  ", first="→ ") == "  → " + "a " * 200


@pytest.mark.parametrize("words", [("Is", "anything", "wrong?"), ("  Is anything wrong?  ",)])
def test_a_question_may_come_with_or_without_quotes(words: tuple[str, ...]) -> None:
    assert question_of(words) == "Is anything wrong?"


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_an_empty_question_is_refused(text: str) -> None:
    with pytest.raises(click.UsageError, match="The question is empty"):
        checked(text)


def test_a_question_has_its_limit() -> None:
    assert checked("x" * 4000) == "x" * 4000
    with pytest.raises(click.UsageError, match="at most 4,000 characters"):
        checked("x" * 4001)


@pytest.mark.parametrize(
    ("stdin", "code", "words"),
    [("", 64, "The question is empty"), ("x" * 100_000, 64, "at most 4,000 characters"), ("hi", 78, "PROMETHEUS_URL")],
)
def test_a_question_from_stdin(process: Callable, stdin: str, code: int, words: str) -> None:
    outcome = process("ask", "-", stdin=stdin)
    assert (outcome.code, outcome.out) == (code, "")
    assert words in outcome.err


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (AgentEvent("tool_started", "task_log", "upid=x"), ["looking at task log upid=x"]),
        (AgentEvent("tool_started", "health"), ["looking at health"]),
        (AgentEvent("tool_finished", "health"), []),
        (AgentEvent("text", detail="An answer"), []),
        (AgentEvent("fell_back", detail="the model did not answer"), ["the model did not answer"]),
    ],
)
def test_progress(event: AgentEvent, told: list[str]) -> None:
    lines: list[str] = []
    tell_event(lines.append, event)
    assert lines == told


def test_a_whole_question_over_a_dead_system(process: Callable, closed_port: int) -> None:
    outcome = process("ask", "--json", "Is anything wrong?", PROMETHEUS_URL=f"http://127.0.0.1:{closed_port}")
    assert outcome.code == 0
    answer = json.loads(outcome.out)
    assert (answer["schema"], answer["verdict"]) == (1, "problem")
    assert "unreachable" in {gap["kind"] for gap in answer["gaps"]}


def test_an_unknown_conversation_is_named(process: Callable, closed_port: int) -> None:
    environ = {"PROMETHEUS_URL": f"http://127.0.0.1:{closed_port}"}
    outcome = process("ask", "-q", "--conversation", "01NOSUCH", "hello", **environ)
    assert (outcome.code, outcome.out) == (69, "")
    assert "01NOSUCH" in outcome.err
    assert "Traceback" not in outcome.err


def test_too_little_time_is_said(process: Callable, silent_server: socket.socket) -> None:
    url = f"http://127.0.0.1:{silent_server.getsockname()[1]}"
    outcome = process("ask", "-q", "--timeout", "1", "Hello?", PROMETHEUS_URL=url)
    assert (outcome.code, outcome.out) == (69, "")
    assert outcome.err == "nightshift: No answer within 1 s. Give it longer with --timeout.\n"


@pytest.mark.parametrize("command", [("check",), ("ask", "Is anything wrong?"), ("doctor",)])
def test_ctrl_c_ends_with_130_and_no_traceback(
    home: Path, silent_server: socket.socket, command: tuple[str, ...]
) -> None:
    environ = {**os.environ, "PROMETHEUS_URL": f"http://127.0.0.1:{silent_server.getsockname()[1]}"}
    running = subprocess.Popen(
        [sys.executable, "-m", "nightshift.cli", *command], env=environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    silent_server.settimeout(30)
    connection, _ = silent_server.accept()
    with connection:
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (130, "")
    assert err.endswith("nightshift: Interrupted.\n")
    assert "Traceback" not in err


class ScriptedAgent:
    """Answers, fails or is interrupted, question by question."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    async def ask(self, question: str, *, conversation_id: str | None, on_event: object) -> Answer:
        self.asked.append((question, conversation_id))
        if question == "fail":
            raise StoreError("The disk is full.")
        if question == "wait":
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(10)
        return ANSWER


def test_a_conversation_survives_a_failure_and_a_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["", "fail", "first", "x" * 5000, "wait", "second", "EXIT", "never"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(typed))
    agent = ScriptedAgent()
    with asyncio.Runner() as runner:
        chat_module._converse(runner, agent, SimpleNamespace(zone=UTC), None)
    assert agent.asked == [("fail", None), ("first", None), ("wait", "01C"), ("second", "01C")]
    captured = capsys.readouterr()
    assert captured.out.count("Two things are wrong") == 2
    assert "nightshift: The disk is full." in captured.err
    assert "at most 4,000 characters" in captured.err
    assert "Broken off." in captured.err


def test_a_chat_over_a_pipe_ends_with_its_input(process: Callable, closed_port: int) -> None:
    outcome = process("chat", stdin="Is anything wrong?\n", PROMETHEUS_URL=f"http://127.0.0.1:{closed_port}")
    assert outcome.code == 0
    assert "conversation " in outcome.out
    assert "you>" not in outcome.out
