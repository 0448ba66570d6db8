"""Help, exit codes and messages of the command line as a whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from nightshift.cli import docs, exits
from nightshift.cli.exits import exit_code_of
from nightshift.errors import BrainError, ConfigError, SourceUnreachable, StoreError

COMMANDS = [
    "accept", "ack", "ask", "backups", "chat", "check", "demo", "doctor", "inventory", "recovery-sheet", "runbooks",
    "serve", "show", "snooze", "ui", "version",
]  # fmt: skip
HEAVY = ("langchain", "langchain_openai", "chromadb", "streamlit", "fastapi", "uvicorn", "sqlalchemy", "rich",
         "pydantic", "httpx", "asyncio", "yaml")  # fmt: skip
NEVER_IN_CHECK = ("langchain", "langchain_core", "langgraph", "langchain_openai", "chromadb", "streamlit", "fastapi",
                  "uvicorn")  # fmt: skip


def test_help_names_every_command_and_the_exit_codes(process: Callable) -> None:
    outcome = process("--help")
    assert (outcome.code, outcome.err) == (0, "")
    listed = outcome.out.partition("Commands:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in listed.splitlines()] == COMMANDS
    assert all(meaning in outcome.out for meaning in exits.EXPLAINED.values())


def test_no_command_at_all_shows_the_help(here: Callable) -> None:
    assert here().out == here("--help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example(here: Callable, command: str) -> None:
    outcome = here(command, "--help")
    assert outcome.code == 0
    assert "Example" in outcome.out
    assert f"nightshift {command}" in outcome.out.partition("Example")[2]


def test_the_page_of_the_documentation_is_the_help() -> None:
    assert docs.PAGE.read_text() == docs.page()


@pytest.mark.parametrize("arguments", [("version",), ("--version",)])
def test_version(here: Callable, arguments: tuple[str, ...]) -> None:
    outcome = here(*arguments)
    assert (outcome.code, outcome.out) == (0, "nightshift 0.1.0\n")


def test_the_help_imports_nothing_heavy() -> None:
    code = f"import sys, nightshift.cli.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_check_imports_no_language_model_and_no_server(process: Callable, home, closed_port: int) -> None:
    code = (
        "import sys; from nightshift.cli.main import run; code = run(['check', '-q']); "
        f"print('loaded', [name for name in {NEVER_IN_CHECK!r} if name in sys.modules], code)"
    )
    environ = {"PATH": "/usr/bin", "PROMETHEUS_URL": f"http://127.0.0.1:{closed_port}",
               "NIGHTSHIFT_DATA_DIR": str(home / "data")}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout.splitlines()[-1] == "loaded [] 3"


@pytest.mark.parametrize("command", ["ask", "chat", "check", "doctor"])
def test_without_any_system_it_says_what_to_set(here: Callable, command: str) -> None:
    arguments = [command, "Is anything wrong?"] if command == "ask" else [command]
    outcome = here(*arguments)
    assert (outcome.code, outcome.out) == (exits.CONFIGURATION, "")
    for word in ("PROMETHEUS_URL", "GRAFANA_URL", "PROXMOX_URL", "PBS_URL", "nightshift demo"):
        assert word in outcome.err


def test_wrong_settings_are_listed_without_values(here: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXMOX_API_TOKEN", "hidden-token")
    monkeypatch.setenv("NIGHTSHIFT_PORT", "hidden-port")
    outcome = here("check")
    assert outcome.code == exits.CONFIGURATION
    assert [line.partition(":")[0] for line in outcome.err.splitlines()] == [
        "nightshift", "- NIGHTSHIFT_PORT", "- PROXMOX_URL", "- PROXMOX_API_TOKEN"]  # fmt: skip
    assert "hidden" not in outcome.err + outcome.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nonsense",), "No such command"),
        (("backups", "at-risk"), "Verdicts are options: nightshift backups --verdict at-risk"),
        (("backups", "nextcloud"), "Guests are options: nightshift backups --guest nextcloud"),
        (("check", "--nonsense"), "No such option"),
        (("check", "--severity", "mild"), "'mild' is not one of"),
        (("serve", "--port", "0"), "not in the range"),
        (("ask", "--timeout", "0", "x"), "not in the range"),
        (("demo", "--scenario", "nonsense"), "is not one of"),
    ],
)
def test_wrong_usage_is_explained(here: Callable, arguments: tuple[str, ...], words: str) -> None:
    outcome = here(*arguments)
    assert (outcome.code, outcome.out) == (exits.USAGE, "")
    assert words in outcome.err


def raising(error: BaseException) -> Callable[[], int]:
    def body() -> int:
        raise error

    return body


ERRORS = [
    (ConfigError("PROXMOX_URL", "is missing", "https://pve:8006"), exits.CONFIGURATION,
     "nightshift: PROXMOX_URL: is missing. Example: PROXMOX_URL=https://pve:8006"),
    (StoreError("The disk is full."), exits.UNAVAILABLE, "nightshift: The disk is full."),
    (SourceUnreachable("pve", "GET /version", "refused the connection"), exits.UNAVAILABLE,
     "nightshift: pve: refused the connection (GET /version)"),
    (BrainError("no model"), exits.UNAVAILABLE, "nightshift: There is no answer: no model"),
    (KeyboardInterrupt(), 130, "nightshift: Interrupted."),
    (click.exceptions.Abort(), 130, "nightshift: Interrupted."),
    (ValueError("a secret in a bug"), exits.BUG, "nightshift: A bug in Nightshift (ValueError)."),
]  # fmt: skip


@pytest.mark.parametrize(("error", "code", "message"), ERRORS, ids=[type(row[0]).__name__ for row in ERRORS])
def test_every_failure_is_one_message_and_one_code(
    error: BaseException, code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(raising(error), debug=False) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)
    assert "Traceback" not in captured.err
    assert "secret" not in captured.err


@pytest.mark.parametrize("error", [StoreError("x"), ValueError("x")])
def test_debug_shows_where(error: Exception) -> None:
    with pytest.raises(type(error)):
        exit_code_of(raising(error), debug=True)


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (3, 3)])
def test_a_command_gives_its_code(returned: int | None, code: int) -> None:
    assert exit_code_of(lambda: returned, debug=False) == code


def test_a_reader_that_goes_away_is_no_error(home) -> None:
    line = f"{sys.executable} -c \"from nightshift.cli.main import run; run(['--help'] )\" | head -c 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
