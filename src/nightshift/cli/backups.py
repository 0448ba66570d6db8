"""`nightshift backups`: could everything be restored, tonight? And what would have to change; and what was tried."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from nightshift.cli import screen
from nightshift.cli.exits import CRITICAL, OK, UNDETERMINED, WARNING, Unusable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nightshift.facts.snapshot import Snapshot
    from nightshift.protection import Matrix, Protection
    from nightshift.protection.recovery import Sheet
    from nightshift.settings import Settings

_MORE_ROUNDS = 3
_VERDICTS = ("unprotected", "unknown", "at-risk", "protected", "excluded")


class _Backups(click.Group):
    """A verdict or a guest after `backups` is an option that was written as a command: the message says which."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            option = "verdict" if args[0] in _VERDICTS else "guest"
            hint = f"{option.capitalize()}s are options: nightshift backups --{option} {args[0]}"
            raise click.UsageError(f"{error.message} {hint}", ctx) from error


@click.group(cls=_Backups, short_help="Could everything be restored, tonight?", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the matrix as JSON.")
@click.option("--markdown", is_flag=True, help="Print the matrix as a Markdown table.")
@click.option("--verdict", "verdicts", multiple=True, type=click.Choice(_VERDICTS),
              help="Show these verdicts only; may be given several times.")  # fmt: skip
@click.option("--guest", metavar="NAME", help="Show one guest with all that is known: a name, a vmid, or source/vmid.")
@click.option("--datastore", metavar="NAME", help="Show guests with copies in this datastore or storage.")
@click.option("--node", metavar="NAME", help="Show guests on this node.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@click.pass_context
def backups(context: click.Context, *, as_json: bool, markdown: bool, verdicts: tuple[str, ...], guest: str | None,
            datastore: str | None, node: str | None, quiet: bool) -> int | None:  # fmt: skip
    """The backup matrix: every guest with its verdict, its copies, and the reason.

    \b
    protected    a job saves it, the last backup is fresh and not known to be broken, and it
                 lies where the guest is not
    at risk      it can be restored, but something is wrong: late, failing, partly saved,
                 broken at the newest, or beside the guest
    unprotected  no job saves it, it was never saved, or no backup can be restored
    unknown      too little could be seen to say; `doctor` names the privilege
    excluded     left out on purpose: by a job, a tag (no-backup), or nightshift.yaml

    docs/backups.md explains every reason. The exit code is for scripts, and that of what is
    shown: 0 all protected or excluded, 1 something at risk, 2 something unprotected,
    3 something unknown; the worst known wins: 2, then 3, then 1.

    \b
    Examples:
      nightshift backups
      nightshift backups --verdict unprotected --verdict at-risk
      nightshift backups --guest nextcloud
      nightshift backups --json | jq -r '.protections[] | select(.verdict != "protected").entity.label'
      nightshift backups plan
      nightshift backups tested nextcloud --note "opened the calendar in it"
    """
    if context.invoked_subcommand is not None:
        return None
    from nightshift.cli.backups_text import Chosen, guest_lines, markdown_lines, matrix_lines
    from nightshift.protection.as_json import matrix_to_json

    if as_json and markdown:
        raise click.UsageError("--json and --markdown exclude one another.")
    settings, snapshot, matrix = _look(quiet=quiet)
    chosen = Chosen.of(snapshot, matrix, verdicts=verdicts, guest=guest, datastore=datastore, node=node)
    if as_json:
        screen.line(json.dumps(matrix_to_json(matrix, chosen.protections), ensure_ascii=False, indent=2))
    else:
        lines = markdown_lines if markdown else guest_lines if guest else matrix_lines
        for text in lines(matrix, chosen, settings.zone):
            screen.line(text)
    return exit_code(matrix, chosen.protections)


@backups.command(short_help="The shortest list of changes that would make every guest protected.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def plan(*, as_json: bool, quiet: bool) -> int:
    """What would have to change so that every guest is protected, the most useful change first.

    The commands are for you to read, and to run as root where they say, or not. Nightshift runs none of them: it only
    reads. The exit code is that of `nightshift backups`.

    \b
    Examples:
      nightshift backups plan
      nightshift backups plan --json | jq -r '.changes[].commands[]'
    """
    from nightshift.cli.backups_text import plan_lines, plan_to_json
    from nightshift.protection.plan import plan_of

    _, snapshot, matrix = _look(quiet=quiet)
    changes = plan_of(snapshot, matrix)
    if as_json:
        screen.line(json.dumps(plan_to_json(changes), ensure_ascii=False, indent=2))
    else:
        for text in plan_lines(changes, matrix):
            screen.line(text)
    return exit_code(matrix, matrix.protections)


@backups.command(short_help="Record that a restore of a guest was tried.")
@click.argument("guest")
@click.option("--note", default="", metavar="TEXT", help="What was tried, for those who come later.")
@click.option("--forget", is_flag=True, help="Take back what was recorded by hand for this guest.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def tested(*, guest: str, note: str, forget: bool, quiet: bool) -> int:
    """Record that a restore of GUEST was tried by hand and went well: a name, a vmid, or source/vmid.

    Restores that PVE did itself (qmrestore, pct restore, file restore) are seen in its task history and need no record.
    It is kept in the data folder of Nightshift, nowhere else.

    \b
    Examples:
      nightshift backups tested nextcloud
      nightshift backups tested 104 --note "booted it without a network, logged in"
      nightshift backups tested nextcloud --forget
    """
    from nightshift.cli.backups_text import guest_named
    from nightshift.facts.backup_runs import RestoreTest
    from nightshift.runtime import utc_now
    from nightshift.store.database import open_database
    from nightshift.store.restores import RestoreStore

    settings, snapshot, _ = _look(quiet=quiet)
    found = guest_named(snapshot, guest)
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = open_database(settings.data_dir, url)
    try:
        store = RestoreStore(database)
        if forget:
            count = store.forget(found.source, found.vmid)
            screen.line(f"Taken back: {count} restore tests of {screen.printable(found.entity.label)}.")
            return OK
        who = _whoami()
        store.remember([RestoreTest(found.source, found.vmid, utc_now(), "by hand", who, note=note)])
    finally:
        database.close()
    screen.line(f"Recorded: a restore of {screen.printable(found.entity.label)} was tried by {screen.printable(who)}.")
    return OK


def _whoami() -> str:
    """The name of whoever runs this, as far as the system tells."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "somebody"


@click.command("recovery-sheet", short_help="One page for the day when the cluster is down.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True), metavar="FILE",
              help="Write into FILE; .html makes a web page, everything else Markdown. Default: stdout.")  # fmt: skip
@click.option("--html", "as_html", is_flag=True, help="A web page, whatever the file is called.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def recovery_sheet(*, output: str | None, as_html: bool, quiet: bool) -> int:
    """Every guest, where its newest good backups lie, how large they are, the command that restores it, and the order
    in which to do it: one file to print or to keep where the cluster is not. It holds no secrets. The exit code is 0
    when it was written, and 3 when no guest could be seen: FILE is then left as it is. `nightshift backups` has that of
    the verdicts.

    \b
    Examples:
      nightshift recovery-sheet > recovery.md
      nightshift recovery-sheet -o recovery.html
      nightshift recovery-sheet -q -o /mnt/usb/recovery.html     # from cron, every night
    """
    from pathlib import Path

    from nightshift.cli.recovery_text import html_page, markdown_page
    from nightshift.protection.recovery import sheet_of

    settings, snapshot, matrix = _look(quiet=quiet)
    sheet = sheet_of(snapshot, matrix)
    wants_html = as_html or (output is not None and output.lower().endswith((".html", ".htm")))
    text = html_page(sheet, settings.zone) if wants_html else markdown_page(sheet, settings.zone)
    if output is None:
        screen.line(text)
        return _of_sheet(sheet)
    if not sheet.steps:
        told = "".join(f"\n- {screen.printable(why)}" for why in sheet.blind)
        screen.line(f"Not written, {output} is left as it is: no guest could be seen.{told}")
        return UNDETERMINED
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unusable(f"{output} cannot be written: {error.strerror or error}.") from error
    screen.line(f"Written: {output}, for {sheet.guests}.")
    return _of_sheet(sheet)


def _of_sheet(sheet: Sheet) -> int:
    """A sheet without a single guest is none."""
    return OK if sheet.steps else UNDETERMINED


def exit_code(matrix: Matrix, shown: Iterable[Protection]) -> int:
    """Of what is shown: 2 something unprotected, 3 something unknown, 1 something at risk, 0 all protected or excluded.
    3 too when all is shown and not all guests could be listed."""
    shown = tuple(shown)
    verdicts = {item.verdict for item in shown}
    if "unprotected" in verdicts:
        return CRITICAL
    unlisted = shown == matrix.protections and (matrix.unlisted or not shown)
    if "unknown" in verdicts or unlisted:
        return UNDETERMINED
    return WARNING if "at risk" in verdicts else OK


def _look(*, quiet: bool) -> tuple[Settings, Snapshot, Matrix]:
    """A sweep of now, and the verdicts."""
    import asyncio

    from nightshift.cli.opening import read_settings_with_sources

    settings = read_settings_with_sources()
    if not any(connection.kind in ("pve", "pbs") for connection in settings.connections):
        raise Unusable(
            "Neither Proxmox VE nor Proxmox Backup Server is set up. Set PROXMOX_URL and PBS_URL with tokens."
        )
    snapshot, matrix = asyncio.run(_sweep(settings, quiet=quiet))
    return settings, snapshot, matrix


async def _sweep(settings: Settings, *, quiet: bool) -> tuple[Snapshot, Matrix]:
    import asyncio

    from nightshift.cli.opening import show_warnings
    from nightshift.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        show_warnings(runtime.warnings)
        with screen.progress(quiet=quiet) as tell:
            sweep = await runtime.sweeper.sweep(fresh=True, on_progress=tell)
            for _ in range(_MORE_ROUNDS):
                # Logs and configurations come item by item, and a verdict without them would be another one tomorrow.
                slow = any(gap.kind == "timed_out" for gap in sweep.snapshot.backup_snapshots.gaps)
                if not sweep.snapshot.progress and not slow:
                    break
                if slow:
                    tell("a backup server takes its time over the list of snapshots: it reads every manifest")
                    await runtime.collector.finish_lists()
                tell("what is read guest by guest and log by log is not whole yet: another round")
                sweep = await runtime.sweeper.sweep(fresh=True, on_progress=tell)
            tell("verdicts")
            return sweep.snapshot, await asyncio.to_thread(runtime.sweeper.matrix, sweep)
