"""`nightshift check`: look at everything once and say what is wrong, grouped by cause."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from nightshift.cli import screen

if TYPE_CHECKING:
    from nightshift.facts.sweep import Sweep
    from nightshift.settings import Settings


@click.command(short_help="What is wrong now, causes first.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole sweep as JSON.")
@click.option("--severity", type=click.Choice(["info", "warning", "critical"]), default="info", show_default=True,
              help="Show findings of this severity and worse. The exit code is always that of everything.")  # fmt: skip
@click.option("--only", metavar="CHECKS", help="Show these checks only: ids or families, comma-separated.")
@click.option("--markdown", is_flag=True, help="Print a report in Markdown, for a ticket or a chat.")
@click.option("--profile", is_flag=True, help="Print how long each stage took, with its requests and processor time.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def check(*, as_json: bool, severity: str, only: str | None, markdown: bool, profile: bool, quiet: bool) -> int:
    """Look at everything once: causes first, and last what could not be checked.

    \b
    The exit code is for scripts: 0 all well, 1 a warning, 2 something critical,
    3 something could not be determined. The worst that is known wins: 2, 3, 1, 0.

    What nightshift.yaml excludes is counted at the end and listed by --json. What you know of is marked by
    "nightshift ack", "snooze" and "accept", and comes after the rest.

    \b
    Examples:
      nightshift check
      nightshift check --severity warning --only storage,backups
      nightshift check --json | jq -r '.findings[].title'
      nightshift check --markdown > report.md
      nightshift check -q || notify-send "Look at the homelab"
    """
    import asyncio
    from dataclasses import asdict

    from nightshift.cli.opening import read_settings_with_sources
    from nightshift.cli.sweep_markdown import markdown_lines
    from nightshift.cli.sweep_text import Filter, profile_lines, sweep_lines
    from nightshift.facts.as_json import sweep_to_json
    from nightshift.sweep.verdict import exit_code

    if as_json and markdown:
        raise click.UsageError("--json and --markdown exclude each other.")
    settings = read_settings_with_sources()
    chosen = Filter.of(severity, only)
    sweep = asyncio.run(_sweep(settings, quiet=quiet))
    if as_json:
        told = sweep_to_json(sweep, chosen.of_sweep(sweep), sweep.snapshot.taken_at)
        if profile:
            told["profile"] = [asdict(stage) for stage in sweep.profile]
        screen.line(json.dumps(told, ensure_ascii=False, indent=2))
    elif markdown:
        for text in markdown_lines(sweep, chosen, settings.zone):
            screen.line(text)
    else:
        for text in sweep_lines(sweep, chosen, settings.zone):
            screen.line(text)
    if profile and not as_json:
        for text in profile_lines(sweep.profile):
            click.echo(text, err=True)
    return exit_code(sweep.findings, sweep.gaps)


async def _sweep(settings: Settings, *, quiet: bool) -> Sweep:
    from nightshift.cli.opening import show_warnings
    from nightshift.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        show_warnings(runtime.warnings)
        with screen.progress(quiet=quiet) as tell:
            return await runtime.sweeper.sweep(fresh=True, on_progress=tell)
