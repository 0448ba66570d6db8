"""`nightshift inventory`: what there is, with its figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from nightshift.cli import screen
from nightshift.cli.exits import OK, UNDETERMINED

if TYPE_CHECKING:
    from nightshift.settings import Settings
    from nightshift.tools.inventory import InventoryArguments
    from nightshift.tools.spec import ToolResult

_KINDS = ("guests", "vms", "containers", "nodes", "storages", "datastores", "targets", "backup_jobs", "sources")
_SORTS = ("name", "cpu", "memory", "disk", "uptime")
_MOST = 500


@click.command(short_help="What there is, with its figures.")
@click.argument("kinds", nargs=-1, type=click.Choice(_KINDS), metavar="[KIND]...")
@click.option("--status", default="", metavar="STATE", help="Only what is in this state: running, stopped, offline…")
@click.option("--node", default="", metavar="NAME", help="Only what is on this node.")
@click.option("--match", default="", metavar="TEXT", help="Only what has this in its name, vmid or tags.")
@click.option("--sort", "sort_by", type=click.Choice(_SORTS), default="name", show_default=True,
              help="By what to sort; figures from the highest.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1, _MOST), default=_MOST, show_default=True, help="At most so many rows.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, cells as raw values.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def inventory(
    kinds: tuple[str, ...],
    *,
    status: str,
    node: str,
    match: str,
    sort_by: str,
    limit: int,
    as_json: bool,
    quiet: bool,
) -> int:
    """List guests and nodes, or the KINDs that you name, with their figures. The exit code is 3 when one of these lists
    could not be read at all.

    \b
    Kinds: guests, vms, containers, nodes, storages, datastores, targets, backup_jobs, sources

    \b
    Examples:
      nightshift inventory
      nightshift inventory guests --node pve2 --sort memory
      nightshift inventory vms --status stopped
      nightshift inventory storages datastores --json
    """
    import asyncio

    from nightshift.cli.opening import read_settings_with_sources
    from nightshift.tools.inventory import InventoryArguments

    settings = read_settings_with_sources()
    wanted = [
        InventoryArguments.model_validate(
            {"kind": kind, "status": status, "node": node, "match": match, "sort_by": sort_by, "limit": limit}
        )
        for kind in kinds or ("nodes", "guests")
    ]
    results = asyncio.run(_list(settings, wanted, quiet=quiet))
    if as_json:
        screen.line(json.dumps(_to_json(wanted, results), ensure_ascii=False, indent=2))
        return _exit_code(results)
    from nightshift.cli.answer_text import evidence_lines, gap_lines

    for result in results:
        for evidence in result.evidence:
            for text in evidence_lines(evidence, settings.zone, most_rows=limit):
                screen.line(text)
        if result.note:
            screen.line(screen.printable(result.note))
        screen.line()
    for text in gap_lines(tuple(dict.fromkeys(gap for result in results for gap in result.gaps))):
        screen.line(text)
    return _exit_code(results)


def _exit_code(results: list[ToolResult]) -> int:
    """An empty list that nobody could read is no list of nothing."""
    unread = (all(not item.rows for item in result.evidence) for result in results if result.gaps)
    return UNDETERMINED if any(unread) else OK


async def _list(settings: Settings, wanted: list[InventoryArguments], *, quiet: bool) -> list[ToolResult]:
    from nightshift.cli.opening import show_warnings
    from nightshift.runtime import open_runtime
    from nightshift.tools.inventory import inventory as list_inventory

    async with open_runtime(settings) as runtime:
        show_warnings(runtime.warnings)
        with screen.progress(quiet=quiet) as tell:
            await runtime.sweeper.sweep(fresh=True, on_progress=tell)
            return [await list_inventory(runtime.tools, arguments) for arguments in wanted]


def _to_json(wanted: list[InventoryArguments], results: list[ToolResult]) -> dict[str, Any]:
    from nightshift.facts.as_json import evidence_to_json, gap_to_json

    gaps = dict.fromkeys(gap for result in results for gap in result.gaps)
    return {
        **{
            arguments.kind: [evidence_to_json(evidence) for evidence in result.evidence]
            for arguments, result in zip(wanted, results, strict=True)
        },
        "gaps": [gap_to_json(gap) for gap in gaps],
    }
