"""`python -m nightshift.cli.docs [--check]`: docs/cli.md, made from the help of the commands.

With `--check` nothing is written: exit 1 when the page is not what it would be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from nightshift.cli.exits import EXPLAINED
from nightshift.cli.main import cli

PAGE = Path(__file__).resolve().parents[3] / "docs" / "cli.md"
_WIDTH = 100
_HEAD = """\
# The command line

Made from the help of the commands by `python -m nightshift.cli.docs`; do not edit it by hand.

Results go to stdout, progress and warnings to stderr. Colour is used on a terminal only, and never when `NO_COLOR` is
set. `--debug` before a command shows where an error came from; without it there is never a traceback.
"""


def page() -> str:
    """The text of docs/cli.md."""
    settings = {**cli.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    root = click.Context(cli, info_name="nightshift", **settings)
    parts = [_HEAD, _exit_codes()]
    return "\n".join([*parts, *_commands(cli, root)])


def _commands(group: click.Group, parent: click.Context) -> Iterator[str]:
    """The help of every command of a group, and of the groups in it."""
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent)
        yield f"## {context.command_path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"
        if isinstance(command, click.Group):
            yield from _commands(command, context)


def _exit_codes() -> str:
    rows = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in EXPLAINED.items())
    return f"## Exit codes\n\n| code | meaning |\n| --- | --- |\n{rows}\n"


def main() -> int:
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    click.echo("docs/cli.md is not up to date; run: make docs", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
