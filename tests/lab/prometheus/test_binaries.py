"""Where the programs are looked for, and in which order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightshift_lab.prometheus.binaries import Binaries, PrometheusMissing, find_binaries


def _programs(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or ("prometheus", "promtool"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_variable_wins_over_the_path_and_the_path_over_the_cache(tmp_path: Path) -> None:
    chosen, path = _programs(tmp_path / "chosen"), _programs(tmp_path / "path")
    cache = _programs(tmp_path / "project" / ".cache/prometheus/usr/bin")
    project = (tmp_path / "project",)
    environ = {"PATH": str(path)}
    assert find_binaries({**environ, "NIGHTSHIFT_PROMETHEUS_BIN": str(chosen)}, project) == Binaries(
        chosen / "prometheus", chosen / "promtool"
    )
    assert find_binaries(environ, project) == Binaries(path / "prometheus", path / "promtool")
    assert find_binaries({"PATH": ""}, project) == Binaries(cache / "prometheus", cache / "promtool")


def test_prometheus_alone_on_the_path_is_not_enough(tmp_path: Path) -> None:
    path = _programs(tmp_path / "path", "prometheus")
    cache = _programs(tmp_path / ".cache/prometheus/usr/bin")
    assert find_binaries({"PATH": str(path)}, (tmp_path,)).prometheus == cache / "prometheus"


def test_missing_programs_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(PrometheusMissing, match="make prometheus"):
        find_binaries({"PATH": ""}, (tmp_path,))


def test_a_wrong_variable_is_not_passed_over(tmp_path: Path) -> None:
    _programs(tmp_path / "path")
    wrong = re.escape(str(tmp_path / "nowhere"))
    with pytest.raises(PrometheusMissing, match=f"NIGHTSHIFT_PROMETHEUS_BIN={wrong}"):
        find_binaries({"PATH": str(tmp_path / "path"), "NIGHTSHIFT_PROMETHEUS_BIN": str(tmp_path / "nowhere")})
