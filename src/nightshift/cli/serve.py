"""`nightshift serve` and `nightshift ui`: the HTTP API and the web page over it.

The faces of Nightshift do not import each other: the two are started by name.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import replace

import click

_PORT = click.IntRange(1, 65535)


@click.command(short_help="Serve the HTTP API.")
@click.option("--host", metavar="ADDRESS", help="Listen here instead of at NIGHTSHIFT_HOST.")
@click.option("--port", type=_PORT, help="Listen on this port instead of NIGHTSHIFT_PORT.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the HTTP API until Ctrl-C, and look at everything every few minutes.

    Beyond this machine it needs a key: see NIGHTSHIFT_API_KEYS in docs/configuration.md.

    \b
    Examples:
      nightshift serve
      nightshift serve --port 9000
      curl -s http://127.0.0.1:8000/ask -H 'content-type: application/json' \\
           -d '{"question": "Is anything wrong?"}'
    """
    from nightshift.cli.opening import read_settings

    settings = read_settings()
    server = settings.server
    server = replace(server, host=host or server.host, port=port or server.port)
    importlib.import_module("nightshift.api.server").serve(replace(settings, server=server), announce=click.echo)


@click.command(short_help="Serve the web page.")
@click.option("--port", type=_PORT, help="Serve the page on this port instead of NIGHTSHIFT_UI_PORT.")
def ui(port: int | None) -> None:
    """Serve the web page on this machine, over a running `nightshift serve`.

    \b
    Examples:
      nightshift ui
      NIGHTSHIFT_API_URL=http://nas.lan:8000 nightshift ui --port 9001
    """
    from nightshift.cli.opening import read_settings

    server = read_settings().server
    if server.page_key is not None:
        os.environ["NIGHTSHIFT_API_KEY"] = server.page_key.get_secret_value()
    importlib.import_module("nightshift.ui.server").run(port or server.ui_port, server.api_url)
