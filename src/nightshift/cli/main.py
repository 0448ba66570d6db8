"""The way in: `nightshift COMMAND`. Nothing heavy is imported here; every command brings what it needs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from nightshift import __version__
from nightshift.cli.acknowledge import accept, ack, snooze
from nightshift.cli.ask import ask
from nightshift.cli.backups import backups, recovery_sheet
from nightshift.cli.chat import chat
from nightshift.cli.check import check
from nightshift.cli.demo import demo
from nightshift.cli.doctor import doctor
from nightshift.cli.exits import EXPLAINED, exit_code_of
from nightshift.cli.inventory import inventory
from nightshift.cli.runbooks import runbooks
from nightshift.cli.serve import serve, ui
from nightshift.cli.show import show

_DEBUG = "--debug"
_CODES = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXPLAINED.items())


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"\b\nExit codes:\n{_CODES}",
)
@click.option(_DEBUG, is_flag=True, expose_value=False, help="Show where an error came from.")
@click.version_option(__version__, message="nightshift %(version)s")
def cli() -> None:
    """Ask your homelab what is wrong, why, and what to do.

    Reads Prometheus, Grafana, Proxmox VE and Proxmox Backup Server, as far as they are set up in the environment or in
    a file .env, and never changes them.

    \b
    Begin with one of these:
      nightshift demo                          see it at work on a simulated homelab
      nightshift doctor                        look at your own connections
      nightshift check                         what is wrong now?
      nightshift ask "Is anything wrong?"      the same, and any other question
    """


@cli.command()
def version() -> None:
    """Print the version.

    \b
    Example:
      nightshift version
    """
    click.echo(f"nightshift {__version__}")


_COMMANDS = (
    ask, chat, check, backups, inventory, show, ack, snooze, accept, recovery_sheet, doctor, serve, ui, demo, runbooks,
)  # fmt: skip
for command in _COMMANDS:
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Never raises, except with `--debug`."""
    debug = _DEBUG in arguments
    return exit_code_of(lambda: _invoke(arguments), debug=debug)


def _invoke(arguments: Sequence[str]) -> int | None:
    # --debug may stand anywhere; a question that holds the word as one argument is not meant, and loses nothing.
    words = [word for word in arguments if word != _DEBUG]
    outcome = cli.main(args=words or ["--help"], prog_name="nightshift", standalone_mode=False)
    return outcome if isinstance(outcome, int) else None


def main() -> NoReturn:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
