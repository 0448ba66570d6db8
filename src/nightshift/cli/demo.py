"""`nightshift demo`: a simulated homelab with something broken in it, three questions, then the API and the page."""

from __future__ import annotations

import os

import click

from nightshift.cli import screen
from nightshift.cli.demo_scenes import DEFAULT, scene_named


@click.command(short_help="See it at work on a simulated homelab.")
@click.option(
    "--scenario",
    metavar="NAME|FILE|random",
    default=DEFAULT,
    show_default=True,
    help="What is broken: one of --list, a scenario file of yours, or a surprise.",
)
@click.option("--list", "listing", is_flag=True, help="Describe the scenarios.")
@click.option("--once", is_flag=True, help="End after the answers, as NIGHTSHIFT_DEMO_ONCE=1 does.")
def demo(scenario: str, *, listing: bool, once: bool) -> None:
    """See Nightshift at work on a simulated homelab, without touching your own.

    Starts a three-node Proxmox cluster, a backup server, a Grafana and a real Prometheus with history, all on this
    machine, breaks something, asks what is wrong and two more questions, and then serves the API and the web page
    until Ctrl-C.

    \b
    Examples:
      nightshift demo
      nightshift demo --scenario node-offline
      nightshift demo --scenario random
      nightshift demo --scenario my.yaml
      nightshift demo --list
    """
    if listing:
        from nightshift.cli.demo_play import listing_of_lab

        screen.line(listing_of_lab())
        return
    from nightshift.cli.demo_play import play, scene_of_lab

    play(scene_named(scenario) or scene_of_lab(scenario), once=once or os.environ.get("NIGHTSHIFT_DEMO_ONCE") == "1")
