"""`nightshift doctor`: is everything set up so that Nightshift can see what it should?"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import click

from nightshift.cli import screen

if TYPE_CHECKING:
    from nightshift.settings import Settings
    from nightshift.sweep.doctor import Examination


@click.command(short_help="Look at every connection and what mends it.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def doctor(*, as_json: bool, quiet: bool) -> int:
    """Walk every connection: reachable, certificate, version, token, privileges, and what mends each.

    \b
    The exit code is for scripts: 0 all well, 1 a warning, 2 something failed.

    \b
    Examples:
      nightshift doctor
      nightshift doctor --json | jq '.lines[] | select(.status != "ok")'
    """
    import asyncio

    from nightshift.cli.doctor_text import examination_lines
    from nightshift.cli.opening import read_settings_with_sources
    from nightshift.sweep.doctor import to_json

    settings = read_settings_with_sources()
    examination = asyncio.run(_examine(settings, quiet=quiet))
    if as_json:
        screen.line(json.dumps(to_json(examination), ensure_ascii=False, indent=2))
    else:
        for text in examination_lines(examination):
            screen.line(text)
    return examination.exit_code


async def _examine(settings: Settings, *, quiet: bool) -> Examination:
    from nightshift.runtime import open_runbooks
    from nightshift.sources import Sources
    from nightshift.sweep.doctor import data_folder_line, examine
    from nightshift.sweep.doctor_brain import ModelServer, brain_line
    from nightshift.sweep.doctor_runbooks import runbook_lines

    brain, url = settings.brain, settings.database_url
    sources = Sources.open(settings.connections)
    others = (
        brain_line(ModelServer(brain.model, brain.base_url, brain.api_key) if brain.uses_model else None),
        data_folder_line(settings.data_dir, url.get_secret_value() if url else None),
        runbook_lines(partial(open_runbooks, settings), own=bool(settings.runbook_dirs)),
    )
    try:
        with screen.progress(quiet=quiet) as tell:
            return await examine(sources, others=others, on_progress=tell)
    finally:
        await sources.aclose()
