"""What every command does first: settings, log, warnings."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from nightshift.cli import screen
from nightshift.errors import ConfigError
from nightshift.settings import Settings, load_settings

_NOTHING = """\
there is nothing to look at yet.
Set at least one of PROMETHEUS_URL, GRAFANA_URL, PROXMOX_URL and PBS_URL, with its token,
in the environment or in a file .env; .env.example has all the settings.
To see Nightshift at work without a homelab: nightshift demo"""


def read_settings() -> Settings:
    """The settings of this process, with the log set up. Raises ConfigError."""
    settings = load_settings()
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    return settings


def read_settings_with_sources() -> Settings:
    """Like `read_settings`, and ConfigError when there is nothing to look at."""
    settings = read_settings()
    if not settings.connections:
        raise NothingConfigured
    return settings


class NothingConfigured(ConfigError):
    """There is no system to look at."""

    def __init__(self) -> None:
        super().__init__("PROMETHEUS_URL, GRAFANA_URL, PROXMOX_URL, PBS_URL", "none of them is set")
        self.args = (_NOTHING,)


def show_warnings(warnings: Iterable[str]) -> None:
    for warning in warnings:
        screen.warn(warning)
