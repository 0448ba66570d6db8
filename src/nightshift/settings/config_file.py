"""nightshift.yaml: further systems, thresholds, and what holds for the checks (`checks_config.py`).

    sources:
      - id: pve-attic
        kind: pve
        url: https://attic1.lan:8006
        failover_urls: [https://attic2.lan:8006]
        token: ${ATTIC_TOKEN}
        fingerprint: AB:CD:…
    thresholds:
      storage_warning: 0.80
    checks:
      guest.memory: off

A text may hold `${NAME}`, which is replaced by that variable of the environment or .env. Secrets must be written so:
the file is one that people copy and commit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path

from nightshift.checks.policy import Policy
from nightshift.checks.thresholds import Thresholds
from nightshift.errors import ConfigError
from nightshift.settings.checks_config import (
    guess,
    read_absences,
    read_adjustments,
    read_exclusions,
    read_thresholds,
)
from nightshift.settings.problems import collecting
from nightshift.settings.systems import FIELDS, KINDS, SECRET_FIELDS, Entry
from nightshift.settings.yaml_nodes import Value, read_yaml

RESERVED_IDS = frozenset(KINDS)
"""The source ids of the systems that the environment names."""

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_KEYS = ("sources", "thresholds", "checks", "exclusions", "expected_absence")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What nightshift.yaml says. Whether the entries are sound is judged in `systems.py`."""

    entries: tuple[Entry, ...] = ()
    thresholds: Thresholds = field(default_factory=Thresholds)
    policy: Policy = field(default_factory=Policy)


def read_config_file(file: Path, variables: Mapping[str, str], zone: tzinfo, problems: list[ConfigError]) -> ConfigFile:
    """Read the file; everything that is wrong with it is added to `problems`. Times in it are in `zone`."""
    entries: list[Entry] = []
    thresholds, absences = Thresholds(), Thresholds().absences
    policy = Policy()
    with collecting(problems):
        root = read_yaml(file)
        if root is None:
            return ConfigFile()
        for key, value in root.mapping(f"a mapping with the keys {', '.join(_KEYS)}").items():
            with collecting(problems):
                if key == "sources":
                    entries += _sources(value, variables, problems)
                elif key == "thresholds":
                    thresholds = read_thresholds(value, problems)
                elif key == "checks":
                    policy = replace(policy, adjustments=read_adjustments(value, problems))
                elif key == "exclusions":
                    policy = replace(policy, exclusions=read_exclusions(value, zone, problems))
                elif key == "expected_absence":
                    absences = read_absences(value, zone, problems)
                else:
                    raise value.place.error(f"is not a key of this file{guess(key, _KEYS)}")
    return ConfigFile(tuple(entries), replace(thresholds, absences=absences), policy)


def _sources(value: Value, variables: Mapping[str, str], problems: list[ConfigError]) -> list[Entry]:
    entries: list[Entry] = []
    taken: set[str] = set(RESERVED_IDS)
    for item in value.sequence("a list of systems"):
        with collecting(problems):
            entry = _entry(item, variables, problems)
            if entry.id in taken:
                raise item.place.error("has an id that another system has already")
            taken.add(entry.id)
            entries.append(entry)
    return entries


def _entry(item: Value, variables: Mapping[str, str], problems: list[ConfigError]) -> Entry:
    values = item.mapping("a mapping with id, kind, url and a token")
    source_id = _required(item, values, "id")
    if not _ID.fullmatch(source_id):
        raise values["id"].place.error("must be lower-case letters, digits, - and _, at most 32", "pve-attic")
    written_kind = _required(item, values, "kind")
    kind = next((known for known in KINDS if known == written_kind), None)
    if kind is None:
        raise values["kind"].place.error(f"must be one of {', '.join(KINDS)}")
    texts: dict[str, str] = {}
    labels: dict[str, str] = {}
    failover_urls: tuple[str, ...] = ()
    for name, value in values.items():
        labels[name] = str(value.place)
        with collecting(problems):
            if name in ("id", "kind"):
                continue
            if name not in FIELDS[kind]:
                raise value.place.error(f"is not a setting of a system of kind {kind}{guess(name, FIELDS[kind])}")
            if name == "failover_urls":
                failover_urls = _texts(value, variables)
                continue
            written = value.text()
            if written is None:
                continue
            if name in SECRET_FIELDS:
                labels[name] = f"{_only_reference(value, written)} ({value.place})"
            texts[name] = _expanded(value, written, variables)
    return Entry(source_id, kind, texts, lambda name: labels.get(name, f"{item.place}.{name}"), None, failover_urls)


def _required(item: Value, values: Mapping[str, Value], name: str) -> str:
    text = values[name].text() if name in values else None
    if text is None:
        raise item.place.error(f"has no {name}")
    return text


def _texts(value: Value, variables: Mapping[str, str]) -> tuple[str, ...]:
    written = [(item, item.text()) for item in value.sequence("a list of addresses")]
    return tuple(_expanded(item, text, variables) for item, text in written if text is not None)


def _only_reference(value: Value, written: str) -> str:
    match = _REFERENCE.fullmatch(written)
    if match is None:
        raise value.place.error("must not hold the secret itself: name a variable that does", "${ATTIC_TOKEN}")
    return match.group(1)


def _expanded(value: Value, written: str, variables: Mapping[str, str]) -> str:
    missing = [name for name in _REFERENCE.findall(written) if not variables.get(name)]
    if missing:
        raise ConfigError(missing[0], f"is not set, and {value.place} asks for it")
    return _REFERENCE.sub(lambda match: variables[match.group(1)].strip(), written)
