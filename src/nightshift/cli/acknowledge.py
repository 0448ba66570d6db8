"""`nightshift ack`, `snooze` and `accept`: the operator's word on a finding."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from nightshift.cli import screen

if TYPE_CHECKING:
    from datetime import datetime

    from nightshift.facts.finding import AckKind, Finding
    from nightshift.settings import Settings

_SHORTEST_FINGERPRINT = 4


@click.command(short_help="Say that you know of a finding.")
@click.argument("finding", nargs=-1, required=True)
@click.option("--reason", default="", metavar="TEXT", help="Why, for whoever reads it later.")
@click.option("--undo", is_flag=True, help="Take your word back, whichever of the three it was.")
def ack(finding: tuple[str, ...], *, reason: str, undo: bool) -> None:
    """Acknowledge a FINDING until it gets worse, or goes and comes back: it is told after the others then.

    A finding is named by the first digits of its fingerprint (`check --json` has them) or by words of its title that
    only it has. It still counts for the exit code: to leave something out, see exclusions in docs/configuration.md.

    \b
    Examples:
      nightshift ack 9c1f --reason "new disk is ordered"
      nightshift ack datastore tank full
      nightshift ack 9c1f --undo
    """
    _keep("acknowledged", finding, reason, None, undo=undo)


@click.command(short_help="Put a finding off for a while.")
@click.argument("finding", nargs=-1, required=True)
@click.option("--for", "duration", default="1d", show_default=True, metavar="TIME", help="How long: 4h, 2d.")
@click.option("--reason", default="", metavar="TEXT", help="Why, for whoever reads it later.")
def snooze(finding: tuple[str, ...], *, duration: str, reason: str) -> None:
    """Put a FINDING off: until the time is over it is told after the others.

    \b
    Example:
      nightshift snooze 9c1f --for 2d --reason "on Saturday"
    """
    from datetime import timedelta

    from nightshift.runtime import utc_now
    from nightshift.settings.parse import duration_s

    try:
        until = utc_now() + timedelta(seconds=duration_s(duration))
    except ValueError as error:
        raise click.UsageError(f"--for {error}, as in 4h or 2d.") from None
    _keep("snoozed", finding, reason, until)


@click.command(short_help="Say that a finding is as it should be.")
@click.argument("finding", nargs=-1, required=True)
@click.option("--reason", required=True, metavar="TEXT", help="Why it is right as it is.")
def accept(finding: tuple[str, ...], *, reason: str) -> None:
    """Accept a FINDING for good: it is told after the others, also when it comes back.

    \b
    Example:
      nightshift accept 9c1f --reason "scratch guest, needs no backup"
    """
    _keep("accepted", finding, reason, None)


def _keep(kind: AckKind, words: tuple[str, ...], reason: str, until: datetime | None, *, undo: bool = False) -> None:
    from nightshift.cli.opening import read_settings
    from nightshift.facts.finding import Ack
    from nightshift.store.database import open_database
    from nightshift.store.findings import FindingStore

    settings = read_settings()
    database = open_database(settings.data_dir, _url_of(settings))
    try:
        store = FindingStore(database)
        still_open = [item.finding for item in store.remembered().values() if item.resolved_at is None]
        finding = _meant(still_open, " ".join(words))
        store.acknowledge(finding.fingerprint, None if undo else Ack(kind, getpass.getuser(), reason, until))
    finally:
        database.close()
    told = "is as if you had said nothing" if undo else f"is {kind}"
    screen.line(screen.printable(f"{finding.title} ({finding.fingerprint}) {told}."))


def _url_of(settings: Settings) -> str | None:
    return settings.database_url.get_secret_value() if settings.database_url else None


def _meant(findings: list[Finding], text: str) -> Finding:
    """The one open finding that is meant. Raises click.UsageError when there is none, or more than one."""
    wanted = text.strip().lower()
    found = [item for item in findings if item.fingerprint.startswith(wanted) and len(wanted) >= _SHORTEST_FINGERPRINT]
    if not found:
        said = wanted.split()
        found = [item for item in findings if all(word in f"{item.check} {item.title}".lower() for word in said)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError("No finding that was open at the last check is called that. See: nightshift check")
    listed = "\n".join(f"  {item.fingerprint}  {screen.printable(item.title)}" for item in found[:10])
    raise click.UsageError(f"{len(found)} findings could be meant:\n{listed}")
