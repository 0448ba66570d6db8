"""`nightshift show`: everything that is known about one thing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from nightshift.cli import screen

if TYPE_CHECKING:
    from nightshift.settings import Settings
    from nightshift.tools.spec import ToolResult

_MOST_ROWS = 20


@click.command(short_help="Everything that is known about one thing.")
@click.argument("name", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, cells as raw values.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def show(name: tuple[str, ...], *, as_json: bool, quiet: bool) -> None:
    """Show all that is known about NAME: a guest, node, storage, datastore, alert, target, disk or finding.

    Names may be written as you say them: with a typo, by vmid, IP or host name, a disk by its serial number or path, a
    finding by the first digits of its fingerprint or by words of its title. What several things are called is asked
    back.

    \b
    Examples:
      nightshift show nextcloud
      nightshift show 104
      nightshift show pve2
      nightshift show tank
      nightshift show WD-CA1L4J7K
      nightshift show 9c1f
    """
    import asyncio

    from nightshift.cli.opening import read_settings_with_sources
    from nightshift.errors import ToolInputError

    settings = read_settings_with_sources()
    try:
        result = asyncio.run(_show(settings, " ".join(name), quiet=quiet))
    except ToolInputError as error:
        raise click.UsageError(screen.printable(str(error))) from None
    if as_json:
        screen.line(json.dumps(_to_json(result), ensure_ascii=False, indent=2))
        return
    from nightshift.cli.answer_text import evidence_lines, gap_lines
    from nightshift.cli.sweep_text import finding_lines

    for finding in result.findings:
        for text in finding_lines(finding, settings.zone):
            screen.line(text)
        screen.line()
    for evidence in result.evidence:
        for text in evidence_lines(evidence, settings.zone, most_rows=_MOST_ROWS):
            screen.line(text)
    for text in gap_lines(result.gaps):
        screen.line(text)


async def _show(settings: Settings, name: str, *, quiet: bool) -> ToolResult:
    import asyncio

    from nightshift.cli.opening import show_warnings
    from nightshift.runtime import open_runtime
    from nightshift.tools.show import show as show_all

    async with open_runtime(settings) as runtime:
        show_warnings(runtime.warnings)
        with screen.progress(quiet=quiet) as tell:
            await runtime.sweeper.sweep(fresh=True, on_progress=tell)
            history = await asyncio.to_thread(runtime.findings.remembered)
            return await show_all(runtime.tools, name, history)


def _to_json(result: ToolResult) -> dict[str, object]:
    from nightshift.facts.as_json import evidence_to_json, finding_to_json, gap_to_json

    return {
        "findings": [finding_to_json(finding) for finding in result.findings],
        "evidence": [evidence_to_json(evidence) for evidence in result.evidence],
        "gaps": [gap_to_json(gap) for gap in result.gaps],
    }
