"""The pages about settings name exactly the settings that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightshift.settings.load import load_settings
from nightshift.settings.variables import Variables

ROOT = Path(__file__).parents[2]
NAMES = [str(field.validation_alias) for field in Variables.model_fields.values()]


def test_the_page_has_a_row_for_every_variable_with_its_meaning_and_example() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| [^|]+ \| (.+) \|$", page, flags=re.MULTILINE))
    wanted = {
        str(field.validation_alias): f"{field.description} | `{(field.examples or [''])[0]}`"
        for field in Variables.model_fields.values()
    }
    assert rows == wanted


def test_env_example_offers_every_variable_once_and_sets_none() -> None:
    text = (ROOT / ".env.example").read_text()
    assert sorted(re.findall(r"^# ([A-Z_]+)=", text, flags=re.MULTILINE)) == sorted(NAMES)
    assert [line for line in text.splitlines() if line and not line.startswith("#")] == []


@pytest.mark.parametrize("page", ["docs/authentication.md", "README.md"])
def test_other_pages_name_no_variable_that_is_none(page: str) -> None:
    named = set(re.findall(r"^((?:PROXMOX|PBS|GRAFANA|PROMETHEUS|NIGHTSHIFT)_[A-Z_]+)=", (ROOT / page).read_text(),
                           flags=re.MULTILINE))  # fmt: skip
    assert named
    assert named <= set(NAMES)


def test_the_example_of_nightshift_yaml_is_valid(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    example = re.search(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    assert example is not None
    file = tmp_path / "nightshift.yaml"
    file.write_text(example.group(1).replace("AB:CD:…:EF", ":".join(["AB"] * 32)))
    secrets = {"ATTIC_PVE_TOKEN": "nightshift@pve!read=s", "MIMIR_PASSWORD": "p"}
    settings = load_settings(secrets, config_file=file)
    assert [(item.source, item.kind) for item in settings.connections] == [
        ("pve-attic", "pve"),
        ("mimir", "prometheus"),
    ]
    assert (settings.thresholds.storage_warning, settings.thresholds.backup_age_warning_s) == (0.80, 172800)
