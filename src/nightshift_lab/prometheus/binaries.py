"""Where the programs `prometheus` and `promtool` are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "NIGHTSHIFT_PROMETHEUS_BIN"
_CACHE = Path(".cache/prometheus/usr/bin")
_PROJECT = Path(__file__).resolve().parents[3]


class PrometheusMissing(RuntimeError):
    """The programs are nowhere; the message says how to get them."""


@dataclass(frozen=True, slots=True)
class Binaries:
    prometheus: Path
    promtool: Path


def find_binaries(environ: Mapping[str, str] | None = None, folders: tuple[Path, ...] = ()) -> Binaries:
    """The programs: from the folder that NIGHTSHIFT_PROMETHEUS_BIN names, else PATH, else the project's cache.

    `folders` are where a `.cache` may be; by default the current folder and the project's. Raises PrometheusMissing.
    """
    variables = os.environ if environ is None else environ
    chosen = variables.get(VARIABLE)
    if chosen:
        found = _in_folder(Path(chosen))
        if found is None:
            raise PrometheusMissing(f"{VARIABLE}={chosen}: there are no prometheus and promtool in that folder")
        return found
    prometheus = shutil.which("prometheus", path=variables.get("PATH", os.defpath))
    promtool = shutil.which("promtool", path=variables.get("PATH", os.defpath))
    if prometheus and promtool:
        return Binaries(Path(prometheus), Path(promtool))
    for folder in folders or (Path.cwd(), _PROJECT):
        found = _in_folder(folder / _CACHE)
        if found is not None:
            return found
    raise PrometheusMissing(
        "the lab needs prometheus and promtool. In the project's folder: make prometheus. Elsewhere install"
        f" Prometheus (brew install prometheus, apt-get install prometheus) or set {VARIABLE} to their folder"
    )


def _in_folder(folder: Path) -> Binaries | None:
    binaries = Binaries((folder / "prometheus").absolute(), (folder / "promtool").absolute())
    runnable = all(os.access(path, os.X_OK) and path.is_file() for path in (binaries.prometheus, binaries.promtool))
    return binaries if runnable else None
