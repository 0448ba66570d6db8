"""Exit codes, and the outermost edge of the command line: every failure becomes one clear message and one code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import click

from nightshift.errors import BrainError, BudgetExceeded, ConfigError, NightshiftError

OK = 0
WARNING = 1
CRITICAL = 2
UNDETERMINED = 3
USAGE = 64
UNAVAILABLE = 69
BUG = 70
CONFIGURATION = 78
INTERRUPTED = 128 + signal.SIGINT
PIPE_CLOSED = 128 + signal.SIGPIPE

EXPLAINED = {
    OK: "all well, or done",
    WARNING: "`check`, `doctor`: a warning; `backups`: a guest is at risk",
    CRITICAL: "`check`: something critical; `doctor`: something failed; `backups`: a guest is unprotected",
    UNDETERMINED: "`check`, `backups`: something could not be determined; `inventory`: a list could not be read",
    USAGE: "the command was called wrongly: an unknown option, an empty question",
    UNAVAILABLE: "something that is needed could not be used: a port, the disk, a model",
    BUG: "a bug in Nightshift; `--debug` shows where",
    CONFIGURATION: "a setting is missing or wrong; the message names it",
    INTERRUPTED: "ended by Ctrl-C",
}
"""The codes above 3 are those of sysexits.h, so that none is mistaken for a verdict."""


class Unusable(NightshiftError):
    """Something that the command needs cannot be used; the message says what, and what to do."""


def exit_code_of(body: Callable[[], int | None], *, debug: bool) -> int:
    """Run a command and return its exit code. A traceback is shown with `debug` only."""
    try:
        return body() or OK
    except KeyboardInterrupt:
        _say("Interrupted.")
        return INTERRUPTED
    except click.exceptions.Abort:
        _say("Interrupted.")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return USAGE
    except BrokenPipeError:
        # Whoever reads us has seen enough. Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except NightshiftError as error:
        if debug:
            raise
        _say(_message(error))
        return CONFIGURATION if isinstance(error, ConfigError) else UNAVAILABLE
    except Exception as error:
        if debug:
            raise
        # Only the kind: the text of an unknown error may hold anything.
        _say(f"A bug in Nightshift ({type(error).__name__}). Run it again with --debug to see where, and report that.")
        return BUG


def _message(error: NightshiftError) -> str:
    if isinstance(error, ConfigError) and str(error).startswith("- "):
        return f"The settings are not right:\n{error}"
    if isinstance(error, BudgetExceeded | BrainError):
        return f"There is no answer: {error}"
    return str(error)


def _say(text: str) -> None:
    click.echo(f"nightshift: {text}", err=True)
