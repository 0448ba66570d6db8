"""The course of the demo: the lab, three questions, the API and the page, and the end of all of them."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import click

from nightshift.cli import screen
from nightshift.cli.children import Child, Children, ending_on_signals
from nightshift.cli.demo_scenes import OPENING, USUAL_QUESTIONS, Scene
from nightshift.cli.exits import Unusable
from nightshift.settings.checks_config import guess

_LAB_PACKAGES = ("nightshift_lab", "aiohttp", "cryptography", "numpy", "pve_exporter")
_LAB_READY_S = 150.0
_SERVICE_READY_S = 60.0
_POLL_S = 0.1
_ANSWER_S = 120.0
_PREFIXES = ("PROMETHEUS_", "GRAFANA_", "PROXMOX_", "PBS_", "NIGHTSHIFT_", "RUNBOOK_")
_KEPT = frozenset({"NIGHTSHIFT_BRAIN", "NIGHTSHIFT_TIMEZONE", "NIGHTSHIFT_LOG_LEVEL", "NIGHTSHIFT_PROMETHEUS_BIN"})


def play(scene: Scene, *, once: bool) -> None:
    """Show the scene; `once` ends after the answers. Raises Unusable when something of it cannot start."""
    _require_lab()
    with ending_on_signals(), tempfile.TemporaryDirectory(prefix="nightshift-demo-") as folder:
        _play(scene, Path(folder), once=once)


def listing_of_lab() -> str:
    """What the lab says about its scenarios, a line each. Raises Unusable when it is not installed or fails."""
    return _asked_of_lab("list", "--scenarios")


def scene_of_lab(name: str) -> Scene:
    """The lab's own scenario of that name. Raises click.BadParameter, with the nearest name, when it has none, and
    Unusable as `listing_of_lab` does."""
    rows = {str(row["name"]): row for row in json.loads(_asked_of_lab("list", "--json"))}
    if name not in rows:
        raise click.BadParameter(
            f"{name!r} is not one of the scenarios (nightshift demo --list), nor a file (my.yaml), nor random"
            f"{guess(name, rows)}",
            param_hint="--scenario",
        )
    return Scene(name, str(rows[name]["summary"]), tuple(map(str, rows[name]["questions"])) or USUAL_QUESTIONS)


def _asked_of_lab(*arguments: str) -> str:
    _require_lab()
    command = [sys.executable, "-m", "nightshift_lab", *arguments]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if told.returncode != 0:
        raise Unusable(f"The simulated homelab could not be asked:\n{screen.printable(told.stderr, keep_lines=True)}")
    return told.stdout.rstrip()


def _require_lab() -> None:
    missing = [name for name in _LAB_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise Unusable(
            f"The simulated homelab is not installed ({', '.join(missing)} missing). Install it with: "
            "pip install 'nightshift[lab]', or run `make demo` in the project's folder."
        )


def _play(scene: Scene, folder: Path, *, once: bool) -> None:
    with Children(folder) as children:
        screen.line(f"A simulated homelab: {scene.summary}.")
        ready_file = folder / "ready.json"
        command = [sys.executable, "-m", "nightshift_lab", "--scenario", scene.name]
        command += ["--state-dir", str(folder / "lab"), "--ready-file", str(ready_file)]
        lab = children.start("lab", command, os.environ)
        ready = asyncio.run(_interview(scene, lab, ready_file, folder))
        if once:
            return
        environ = _environ(ready, folder)
        api, page = _serve(children, environ, folder)
        _show_addresses(api, page, ready, folder_for_shells(environ, folder))
        _wait_for_the_end(children)


async def _interview(scene: Scene, lab: Child, ready_file: Path, folder: Path) -> Mapping[str, Any]:
    """Ask the questions as soon as the lab is ready. Returns what the lab says about itself."""
    from nightshift.runtime import load_agent_libraries
    from nightshift.settings import load_settings

    # The libraries of the agent load while the lab starts.
    loading = asyncio.create_task(asyncio.to_thread(load_agent_libraries))
    with screen.progress(quiet=False) as tell:
        ready = await _until_ready(lab, ready_file, tell)
        await loading
    await _ask_all(scene, load_settings(environ=_environ(ready, folder)))
    return ready


async def _until_ready(lab: Child, ready_file: Path, tell: screen.Tell) -> Mapping[str, Any]:
    """What the lab wrote when everything in it was ready. Raises Unusable when it ends or takes too long."""
    started = time.monotonic()
    told_s = -1
    while (ready := _read_ready(ready_file)) is None:
        waited_s = int(time.monotonic() - started)
        if not lab.running:
            raise Unusable(
                f"The simulated homelab could not start:\n{screen.printable(lab.last_words(), keep_lines=True)}"
            )
        if waited_s > _LAB_READY_S:
            raise Unusable(f"The simulated homelab was not ready within {_LAB_READY_S:g} s.")
        if waited_s != told_s and (waited_s % 5 == 0 or sys.stderr.isatty()):
            tell(f"starting three nodes, a backup server, Grafana and Prometheus with its history ({waited_s} s)")
            told_s = waited_s
        await asyncio.sleep(_POLL_S)
    return ready


def _read_ready(file: Path) -> Mapping[str, Any] | None:
    """The ready file, None while there is none; it appears whole."""
    try:
        ready: Mapping[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    return ready


async def _ask_all(scene: Scene, settings: Any) -> None:
    from nightshift.cli.answer_text import answer_lines
    from nightshift.cli.ask import tell_event
    from nightshift.runtime import open_runtime

    conversation: str | None = None
    async with open_runtime(settings) as runtime:
        for question in (OPENING, *scene.follow_ups):
            screen.line()
            screen.line(screen.styled(f"> {question}", fg="blue", bold=True))
            with screen.progress(quiet=False) as tell:
                tell("looking at everything")
                agent = await runtime.warm_up()
                async with asyncio.timeout(_ANSWER_S):
                    answer = await agent.ask(
                        question, conversation_id=conversation, on_event=lambda event: tell_event(tell, event)
                    )
            conversation = answer.conversation_id
            for text in answer_lines(answer, settings.zone):
                screen.line(text)


def _environ(ready: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """This process's environment, with the lab's systems instead of the operator's, and a data folder of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIXES) or name in _KEPT}
    environ.update({str(name): str(value) for name, value in ready["env"].items()})
    environ["NIGHTSHIFT_DATA_DIR"] = str(folder / "data")
    return environ


def folder_for_shells(environ: Mapping[str, str], folder: Path) -> Path:
    """A folder whose `.env` names the lab's systems: a command line in it is about the lab, and no other one is."""
    made = folder / "cli"
    made.mkdir(exist_ok=True)
    told = (f"{name}={_quoted(value)}\n" for name, value in environ.items() if name.startswith(_PREFIXES))
    file = made / ".env"
    file.touch(mode=0o600)
    file.write_text("".join(told), encoding="utf-8")
    return made


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _serve(children: Children, environ: Mapping[str, str], folder: Path) -> tuple[int, int]:
    """Start the API and the page; returns their ports when both answer. Raises Unusable."""
    api_port = _free_port(8000)
    page_port = _free_port(8501)
    environ = {**environ, "NIGHTSHIFT_API_URL": f"http://127.0.0.1:{api_port}"}
    me = [sys.executable, "-m", "nightshift.cli"]
    # In a folder without .env and nightshift.yaml, so that nothing of the operator's own set-up comes in.
    api = children.start("api", [*me, "serve", "--port", str(api_port)], environ, folder)
    page = children.start("page", [*me, "ui", "--port", str(page_port)], environ, folder)
    with screen.progress(quiet=False) as tell:
        tell("starting the API and the web page")
        _until_answering(api, api_port, "/health")
        _until_answering(page, page_port, "/_stcore/health")
    return api_port, page_port


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Unusable("There is no free port on this machine.")


def _until_answering(child: Child, port: int, path: str) -> None:
    deadline = time.monotonic() + _SERVICE_READY_S
    while not _answers(port, path):
        if not child.running or time.monotonic() > deadline:
            words = screen.printable(child.last_words(), keep_lines=True)
            raise Unusable(f"{child.name} could not start:\n{words}")
        time.sleep(_POLL_S)


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _show_addresses(api: int, page: int, ready: Mapping[str, Any], shells: Path) -> None:
    screen.line()
    screen.line(screen.styled(f"Web page   http://127.0.0.1:{page}", bold=True))
    screen.line(screen.styled(f"API        http://127.0.0.1:{api}", bold=True))
    screen.line(f"Lab        {ready['control_url']}")
    screen.line()
    lab = _program("nightshift-lab")
    screen.line("In another terminal, break something else, mend it again, and ask once more on the page:")
    screen.line(f"  {lab} fault node-offline on")
    screen.line(f"  {lab} knob pbs error500")
    screen.line(f"  {lab} list")
    screen.line()
    screen.line("The command line is about this homelab in the folder that says where it is:")
    nightshift = _program("nightshift", absolute=True)
    screen.line(f"  cd {shlex.quote(str(shells))}")
    screen.line(f'  {nightshift} ask "What is wrong?"')
    screen.line(f"  {nightshift} check")
    screen.line()
    screen.line("Ctrl-C ends everything.")


def _program(name: str, *, absolute: bool = False) -> str:
    """How to call a program of this environment from the current folder, or from any."""
    program = Path(sys.executable).with_name(name)
    if shutil.which(name) or not program.exists():
        return name
    if absolute:
        return shlex.quote(str(program))
    return str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program)


def _wait_for_the_end(children: Children) -> None:
    """Return on Ctrl-C, the way in which a demo ends. Raises Unusable when something ends before that."""
    try:
        while True:
            for child in children.started:
                if not child.running:
                    words = screen.printable(child.last_words(), keep_lines=True)
                    raise Unusable(f"{child.name} ended by itself:\n{words}")
            time.sleep(0.5)
    except KeyboardInterrupt:
        screen.line()
        screen.line("Ending the demo.")
