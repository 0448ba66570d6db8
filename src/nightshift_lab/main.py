"""The command `nightshift-lab`: start a simulated homelab, break it and mend it while it runs."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import typing
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nightshift_lab.knobs import KNOBS
from nightshift_lab.scenarios import FAULTS, SCENARIOS, Scenario, ScenarioError, random_scenario, scenario_from
from nightshift_lab.scenarios.model import Family

if TYPE_CHECKING:
    from nightshift_lab.process import Lab

_CONTROL_VARIABLE = "NIGHTSHIFT_LAB_CONTROL"
_BACKENDS = ("pve", "pbs", "prometheus", "grafana", "attic", "pbs2")


def _last_control_file() -> Path:
    """Where a running lab leaves its control address for `fault` and `knob`."""
    return Path(tempfile.gettempdir()) / f"nightshift-lab-{os.getuid()}.control"


def _known_scenario(_context: click.Context, _parameter: click.Parameter, value: str) -> Scenario:
    """A name, a file, or `random`: any scenario in which something is wrong."""
    if value == "random":
        return random_scenario()
    try:
        return scenario_from(value)
    except KeyError:
        there = ", ".join(SCENARIOS)
        raise click.BadParameter(f"unknown scenario {value!r}; there are: {there}; or a file: my.yaml") from None
    except ScenarioError as error:
        raise click.BadParameter(f"the scenario cannot be used:\n{error}") from error
    except OSError as error:
        raise click.BadParameter(f"{value}: {error.strerror}") from error


@click.group(invoke_without_command=True)
@click.option(
    "--scenario",
    metavar="NAME|FILE|random",
    default="healthy",
    show_default=True,
    callback=_known_scenario,
    help="What is wrong in it.",
)
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same homelab.")
@click.option("--state-dir", type=click.Path(path_type=Path, file_okay=False), help="Keep its files here.")
@click.option("--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="Write addresses here when ready.")
@click.option("--without-prometheus", is_flag=True, help="Only PVE and PBS: starts at once.")
@click.option("--without-history", is_flag=True, help="Let Prometheus start empty: quick, but nothing to look back on.")
@click.option("--short-history", is_flag=True, help="A day and a half instead of a week: for many labs in a row.")
@click.option("--nodes", type=click.IntRange(1, 32), help="A fleet of so many nodes, without history.")
@click.option("--guests", type=click.IntRange(0, 5_000), help="… and so many guests.")
@click.option(
    "--snapshots", type=click.IntRange(1, 100), default=7, show_default=True, help="… with so many backups each."
)
@click.option("--pve", type=click.Choice(["8.4", "9.1"]), help="The release of the first cluster.")
@click.option("--pbs", type=click.Choice(["3.4", "4.1"]), help="The release of the first backup server.")
@click.option("--latency-ms", type=click.FloatRange(0.0), default=0.0, help="Added to every answer of every backend.")
@click.option("--end-with-parent", is_flag=True, help="Stop when the starting process ends (Linux).")
@click.pass_context
def main(
    context: click.Context,
    scenario: Scenario,
    seed: int,
    state_dir: Path | None,
    ready_file: Path | None,
    without_prometheus: bool,
    without_history: bool,
    short_history: bool,
    nodes: int | None,
    guests: int | None,
    snapshots: int,
    pve: str | None,
    pbs: str | None,
    latency_ms: float,
    end_with_parent: bool,
) -> None:
    """Run a simulated homelab: PVE, PBS, Prometheus and Grafana on free ports, until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    from nightshift_lab.children import ChildFailed
    from nightshift_lab.children import end_with_parent as tie_to_parent
    from nightshift_lab.process import Fleet, LabOptions, serve
    from nightshift_lab.prometheus.binaries import PrometheusMissing

    if end_with_parent:
        tie_to_parent()
    with ExitStack() as afterwards:
        scratch = afterwards.enter_context(tempfile.TemporaryDirectory(prefix="nightshift-lab-"))
        folder = state_dir or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        options = LabOptions(
            scenario,
            folder,
            seed,
            ready_file,
            prometheus=not without_prometheus,
            history=not without_history,
            short_history=short_history,
            fleet=None if nodes is guests is None else Fleet(nodes or 1, guests or 0, snapshots),
            pve=pve,
            pbs=pbs,
            latency_ms=latency_ms,
        )
        try:
            asyncio.run(serve(options, lambda lab: _announce(lab, afterwards)))
        except (PrometheusMissing, ChildFailed, OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error


def _announce(lab: Lab, afterwards: ExitStack) -> None:
    """Say where everything is; the tokens are the lab's own and open nothing else."""
    _last_control_file().write_text(lab.control.url)
    afterwards.callback(_forget, lab.control.url)
    scenario = lab.scenario
    click.echo(f"Simulated homelab is ready: {scenario.name} ({scenario.summary}), seed {lab.options.seed}.")
    for name, value in lab.env.items():
        click.echo(f"  {name}={value}")
    click.echo(f"  control: {lab.control.url}  (nightshift-lab fault|knob|list; Ctrl-C ends it)")


def _forget(control_url: str) -> None:
    """Take our address away again, unless a lab that started later has left its own there."""
    path = _last_control_file()
    if path.exists() and path.read_text() == control_url:
        path.unlink()


@main.command("list")
@click.option("--scenarios", "scenarios_only", is_flag=True, help="Only the scenarios.")
@click.option("--json", "as_json", is_flag=True, help="The scenarios as JSON, for programs.")
def list_everything(*, scenarios_only: bool, as_json: bool) -> None:
    """List scenarios, faults and knobs."""
    if as_json:
        told = {"name", "summary", "family", "questions"}
        rows = [scenario.model_dump(include=told) for scenario in SCENARIOS.values()]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(map(len, SCENARIOS)) + 1
    for family in typing.get_args(Family):
        click.echo(f"Scenarios: {family}")
        for scenario in SCENARIOS.values():
            if scenario.family == family:
                click.echo(f"  {scenario.name:<{width}}{scenario.summary}")
    if scenarios_only:
        return
    click.echo("Faults (nightshift-lab fault NAME on|off)")
    for name in FAULTS:
        click.echo(f"  {name}")
    click.echo("Knobs (nightshift-lab knob BACKEND KNOB [VALUE]; value off turns it back)")
    for name, meaning in KNOBS.items():
        click.echo(f"  {name:<24}{meaning}")


@main.command()
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
@click.option("--control-url", envvar=_CONTROL_VARIABLE, help="The lab's control address, if several run.")
def fault(name: str, state: str, control_url: str | None) -> None:
    """Switch a fault on or off in the running lab."""
    now = _tell(control_url, "faults", {"name": name, "active": state == "on"})
    click.echo(f"active faults: {', '.join(map(str, now['faults'])) or 'none'}")


@main.command()
@click.argument("backend", type=click.Choice(_BACKENDS))
@click.argument("knob", metavar="KNOB")
@click.argument("value", required=False)
@click.option("--control-url", envvar=_CONTROL_VARIABLE, help="The lab's control address, if several run.")
def knob(backend: str, knob: str, value: str | None, control_url: str | None) -> None:
    """Turn a knob of a backend in the running lab; VALUE off turns it back."""
    now = _tell(control_url, "knobs", {"backend": backend, "knob": knob, "value": value})
    click.echo(f"{backend}: {now['knobs'][backend] or 'as usual'}")


def _tell(control_url: str | None, path: str, body: dict[str, object]) -> dict[str, dict[str, object]]:
    """Post to the control endpoint. Raises ClickException with the lab's own words when it refuses."""
    address = control_url
    if address is None:
        if not _last_control_file().exists():
            raise click.ClickException("no lab is running (start one: nightshift-lab --scenario healthy)")
        address = _last_control_file().read_text().strip()
    if not address.startswith("http://127.0.0.1:"):
        raise click.ClickException(f"{_CONTROL_VARIABLE} must look like http://127.0.0.1:PORT")
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/{path}", data, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            answer: dict[str, dict[str, object]] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        raise click.ClickException(str(json.load(error).get("error", error))) from error
    except OSError as error:
        raise click.ClickException(f"the lab does not answer at {address}: {error}") from error
