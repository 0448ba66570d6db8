"""Read the settings from everywhere they may be, and judge them all before complaining."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import ValidationError

from nightshift.errors import ConfigError
from nightshift.knowledge.embedding import EmbedderSettings
from nightshift.settings.config_file import ConfigFile, read_config_file
from nightshift.settings.problems import problems_of, raise_all
from nightshift.settings.systems import FIELDS, KINDS, PREFIXES, Entry, read_connections
from nightshift.settings.values import BrainSettings, ServerSettings, Settings
from nightshift.settings.variables import Variables
from nightshift.sources.connection import Connection, SourceKind

_DOTENV = Path(".env")
_CONFIG_FILE = Path("nightshift.yaml")
_LOOKALIKE = 0.86
_OWN_PREFIXES = ("NIGHTSHIFT_", "PROMETHEUS_", "GRAFANA_", "PROXMOX_", "PBS_", "OPENAI_", "RUNBOOK_", "CHROMA_")
_SWITCHES_OF_TOOLS = frozenset({"NIGHTSHIFT_DEMO_ONCE", "NIGHTSHIFT_SOAK", "NIGHTSHIFT_PROMETHEUS_BIN"})


def load_settings(
    environ: Mapping[str, str] | None = None,
    dotenv: Path | None = None,
    config_file: Path | None = None,
) -> Settings:
    """The settings, from the environment, then `.env`, then `nightshift.yaml` for further systems.

    A variable of the environment wins over the same one in `.env`, also when it is empty: an empty variable is one
    that is not set. `.env` and `nightshift.yaml` are looked for in the current folder. With `environ` given, only that
    and the files that are named count.

    Raises ConfigError, or ConfigProblems for several; no value ever appears in either.
    """
    ambient = environ is None
    variables = _merged(os.environ if environ is None else environ, dotenv, ambient=ambient)
    given, problems = _read_variables(variables)
    file = config_file or _config_path(given, ambient=ambient)
    zone = given.zone or local_zone()
    further = read_config_file(file, variables, zone, problems) if file else ConfigFile()
    connections = read_connections([*_environment_entries(variables), *further.entries], problems)
    if given.brain == "model" and not (given.openai_api_key or given.openai_base_url):
        text = "is model, but no model is set: set OPENAI_API_KEY, or OPENAI_BASE_URL for a local one"
        problems.append(ConfigError("NIGHTSHIFT_BRAIN", text, "auto"))
    if given.embedder == "openai" and not (given.openai_api_key or given.openai_base_url or given.embedding_base_url):
        text = "is openai, but no server is set: set OPENAI_API_KEY, or NIGHTSHIFT_EMBEDDING_BASE_URL for a local one"
        problems.append(ConfigError("NIGHTSHIFT_EMBEDDER", text, "none"))
    raise_all(problems)
    warnings = [connection.warning for connection in connections if connection.warning]
    warnings += _without_effect(given)
    return _settings(given, connections, further, (*warnings, *_unknown_names(variables)))


def _merged(environ: Mapping[str, str], dotenv: Path | None, *, ambient: bool) -> dict[str, str]:
    """All variables that are set, the environment's over those of `.env`."""
    file = dotenv or (_DOTENV if ambient and _DOTENV.is_file() else None)
    from_file = _read_dotenv(file) if file else {}
    return {name: text for name, text in {**from_file, **environ}.items() if text.strip()}


def _read_dotenv(file: Path) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
    else:
        values = dotenv_values(stream=StringIO(text), interpolate=False)
        return {name: value or "" for name, value in values.items()}
    raise ConfigError(str(file), f"cannot be read: {reason}")


def _read_variables(variables: Mapping[str, str]) -> tuple[Variables, list[ConfigError]]:
    """The typed variables and what is wrong; a wrong one falls back to its default so that the rest can be judged."""
    known = {str(item.validation_alias): item for item in Variables.model_fields.values()}
    texts = {name: variables[name].strip() for name in known if name in variables}
    examples = {name: str(item.examples[0]) for name, item in known.items() if item.examples}
    problems: list[ConfigError] = []
    try:
        return Variables.model_validate(texts), problems
    except ValidationError as error:
        problems = problems_of(error, lambda name: name, examples)
    wrong = {problem.variable for problem in problems}
    return Variables.model_validate({name: text for name, text in texts.items() if name not in wrong}), problems


def _config_path(given: Variables, *, ambient: bool) -> Path | None:
    if given.config:
        return Path(given.config).expanduser()
    return _CONFIG_FILE if ambient and _CONFIG_FILE.is_file() else None


# Only a PVE cluster has further addresses by nature; the others' are for nightshift.yaml.
_WITH_MEMBERS = ("pve",)


def _environment_entries(variables: Mapping[str, str]) -> list[Entry]:
    """One entry for each kind of system about which the environment says more than how to check certificates."""
    entries = []
    for kind in KINDS:
        told = (name for name in FIELDS[kind] if kind in _WITH_MEMBERS or name != "failover_urls")
        names = {name: variable_of(kind, name) for name in told}
        texts = {name: variables[variable].strip() for name, variable in names.items() if variable in variables}
        if texts.keys() & {"url", "token", "username", "password", "bearer_token"}:
            entries.append(Entry(kind, kind, texts, names.__getitem__, PREFIXES[kind]))
    return entries


def variable_of(kind: SourceKind, name: str) -> str:
    """The variable that holds a field of the first system of a kind: `pve`, `token` → `PROXMOX_API_TOKEN`."""
    if name == "token":
        name = "service_account_token" if kind == "grafana" else "api_token"
    return f"{PREFIXES[kind]}_{name.upper()}"


def _without_effect(given: Variables) -> list[str]:
    """Sentences about settings that do nothing beside others."""
    sentences: list[str] = []
    if given.embedder == "openai" and given.masking == "names":
        text = "runbooks are full of names, and only a sweep could tell which: they are searched by their words"
        sentences.append(f"NIGHTSHIFT_EMBEDDER=openai has no effect with NIGHTSHIFT_MASKING=names: {text}.")
    return sentences


def _unknown_names(variables: Mapping[str, str]) -> list[str]:
    """Sentences about variables that look like ours and are none: a typo is silent otherwise."""
    known = [str(item.validation_alias) for item in Variables.model_fields.values()]
    sentences = []
    for name in sorted(variables):
        if not name.startswith(_OWN_PREFIXES) or name in known or name in _SWITCHES_OF_TOOLS:
            continue
        close = get_close_matches(name, known, n=1, cutoff=_LOOKALIKE)
        if close:
            sentences.append(f"{name} is not a setting; did you mean {close[0]}?")
        elif name.startswith("NIGHTSHIFT_"):
            sentences.append(f"{name} is not a setting.")
    return sentences


def _settings(
    given: Variables, connections: tuple[Connection, ...], further: ConfigFile, warnings: tuple[str, ...]
) -> Settings:
    return Settings(
        connections=connections,
        brain=BrainSettings(given.brain, given.openai_model, given.openai_base_url, given.openai_api_key),
        server=ServerSettings(
            host=given.host,
            port=given.port,
            ui_port=given.ui_port,
            api_url=given.api_url or f"http://{_reachable(given.host)}:{given.port}",
            api_keys=given.api_keys,
            page_key=given.api_key or next((key.secret for key in given.api_keys if key.scope == "ask"), None),
            host_names=given.host_names,
        ),
        runbook_dirs=given.runbook_dirs,
        data_dir=Path(given.data_dir).expanduser() if given.data_dir else _default_data_dir(),
        database_url=given.database_url,
        sweep_interval_s=given.sweep_interval_s,
        zone=given.zone or local_zone(),
        embedder=_embedder(given),
        masking=given.masking,
        log_level=given.log_level,
        thresholds=further.thresholds,
        policy=further.policy,
        warnings=warnings,
        chroma_url=given.chroma_url,
    )


def _embedder(given: Variables) -> EmbedderSettings:
    kind = "none" if given.embedder == "openai" and given.masking == "names" else given.embedder
    own_server = given.embedding_base_url is not None
    return EmbedderSettings(
        kind=kind,
        model_dir=given.onnx_model,
        model=given.embedding_model,
        base_url=given.embedding_base_url or given.openai_base_url,
        # A key is for the server that it was given for, and no other.
        api_key=given.embedding_api_key or (None if own_server else given.openai_api_key),
    )


def _reachable(host: str) -> str:
    """The address under which a server on this machine, bound to `host`, can be called from it."""
    bare = host.strip("[]")
    if bare in ("0.0.0.0", "::"):  # noqa: S104
        return "127.0.0.1"
    return f"[{bare}]" if ":" in bare else bare


def _default_data_dir() -> Path:
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "nightshift"


def local_zone() -> tzinfo:
    """This machine's time zone, by name where it can be told, so that summer time is right on every date."""
    linked = re.search(r"zoneinfo/(?:posix/|right/)?(.+)$", str(Path("/etc/localtime").resolve()))
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked.group(1) if linked else ""):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return timezone(timedelta(seconds=time.localtime().tm_gmtoff))
