"""Starts the web page: Streamlit on loopback, in this process, so that whoever holds its pid can end it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

_PAGE = Path(__file__).with_name("app.py")


def command(port: int, host: str = "127.0.0.1") -> list[str]:
    """The command line of the page: no usage statistics, no browser opened, no menus for developers."""
    options = {
        "server.port": str(port),
        "server.address": host,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "theme.light.primaryColor": "#2f6ea5",
        "theme.dark.primaryColor": "#7fb2e0",
        "logger.level": "warning",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(_PAGE), *flags]


def run(port: int, api_url: str) -> NoReturn:
    """Become the web page on `http://127.0.0.1:PORT`, over the API at `api_url`. Does not return.

    The page takes its API key from `NIGHTSHIFT_API_KEY`. The process is replaced, so SIGTERM and Ctrl-C end the page
    itself.
    """
    print(f"Nightshift's page: http://127.0.0.1:{port} (API: {api_url})", flush=True)
    os.execve(sys.executable, command(port), {**os.environ, "NIGHTSHIFT_API_URL": api_url})  # noqa: S606 - no shell wanted
