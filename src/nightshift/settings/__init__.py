"""Settings: environment, .env and nightshift.yaml → frozen values.

`load_settings()` is the only way in; only `runtime.py` and the faces call it. Everything that is wrong is reported at
once, by the name of the variable and never by its value.
"""

from __future__ import annotations

from nightshift.settings.load import load_settings, local_zone
from nightshift.settings.problems import ConfigProblems
from nightshift.settings.values import ApiKey, BrainMode, BrainSettings, ServerSettings, Settings

__all__ = [
    "ApiKey",
    "BrainMode",
    "BrainSettings",
    "ConfigProblems",
    "ServerSettings",
    "Settings",
    "load_settings",
    "local_zone",
]
