"""The script that finds or fetches Prometheus, against stand-ins for the system's programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "fetch-prometheus.sh"
_VERSION = '#!/bin/sh\necho "prometheus, version 2.42.0"\n'
_APT = """#!/bin/sh
if [ -n "$APT_FAILS" ]; then echo "E: Unable to locate package prometheus"; exit 100; fi
touch prometheus_2.42.0_arm64.deb
"""
_DPKG = """#!/bin/sh
mkdir -p "$3/usr/bin"
for name in prometheus promtool; do
    printf '#!/bin/sh\\necho "$0 version 2.42.0"\\n' >"$3/usr/bin/$name"
    chmod 755 "$3/usr/bin/$name"
done
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the script in a folder of its own, and `bin` with nothing but ordinary tools."""
    (tmp_path / "tools").mkdir()
    shutil.copy(_SCRIPT, tmp_path / "tools")
    (tmp_path / "bin").mkdir()
    for name in ("sh", "dirname", "uname", "mkdir", "mktemp", "rm", "mv", "chmod", "head", "sed", "id", "touch"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def _program(project: Path, name: str, text: str) -> None:
    (project / "bin" / name).write_text(text)
    (project / "bin" / name).chmod(0o755)


def _run(project: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [str(project / "bin" / "sh"), str(project / "tools" / "fetch-prometheus.sh")]
    return subprocess.run(
        command, env={"PATH": str(project / "bin"), **environ}, capture_output=True, text=True, check=False, timeout=20
    )


def _fetched(project: Path) -> bool:
    folder = project / ".cache/prometheus/usr/bin"
    return all(os.access(folder / name, os.X_OK) for name in ("prometheus", "promtool"))


def test_programs_on_the_path_are_used_as_they_are(project: Path) -> None:
    _program(project, "prometheus", _VERSION)
    _program(project, "promtool", _VERSION)
    done = _run(project)
    assert (done.returncode, done.stderr, (project / ".cache").exists()) == (0, "", False)


def test_the_package_is_fetched_once_and_nothing_else_is_left(project: Path) -> None:
    _program(project, "apt-get", _APT)
    _program(project, "dpkg", _DPKG)
    done = _run(project)
    assert done.returncode == 0, done.stderr
    assert "ready" in done.stderr
    assert _fetched(project)
    assert [path.name for path in (project / ".cache").iterdir()] == ["prometheus"]
    again = _run(project, APT_FAILS="1")
    assert (again.returncode, again.stderr) == (0, "")


def test_a_broken_copy_is_replaced(project: Path) -> None:
    _program(project, "apt-get", _APT)
    _program(project, "dpkg", _DPKG)
    (project / ".cache/prometheus/usr/bin").mkdir(parents=True)
    assert _run(project).returncode == 0
    assert _fetched(project)


def test_a_failed_download_says_why_and_leaves_nothing(project: Path) -> None:
    _program(project, "apt-get", _APT)
    _program(project, "dpkg", _DPKG)
    done = _run(project, APT_FAILS="1")
    assert done.returncode == 1
    assert "Unable to locate package prometheus" in done.stderr
    assert "apt-get update" in done.stderr
    assert list((project / ".cache").iterdir()) == []


@pytest.mark.parametrize(
    ("system", "advice"), [("Darwin", "brew install prometheus"), ("Linux", "NIGHTSHIFT_PROMETHEUS_BIN")]
)
def test_elsewhere_it_says_what_to_install(project: Path, system: str, advice: str) -> None:
    (project / "bin" / "uname").unlink()
    _program(project, "uname", f"#!/bin/sh\necho {system}\n")
    done = _run(project)
    assert done.returncode == 1
    assert advice in done.stderr


def test_a_wrong_variable_is_told(project: Path) -> None:
    done = _run(project, NIGHTSHIFT_PROMETHEUS_BIN=str(project / "nowhere"))
    assert done.returncode == 1
    assert "NIGHTSHIFT_PROMETHEUS_BIN must be a folder" in done.stderr
