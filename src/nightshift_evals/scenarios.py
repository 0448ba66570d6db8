"""The lab's scenario files as the evals read them: what is true in each, and nothing of how the lab makes it so.

name: guest-locked
family: single
truth:
  root_causes: [{entity: guest/nextcloud, category: guest-locked}]
  findings_required: [{category: guest-locked, entity: guest/nextcloud}]
  findings_forbidden: [{check: "node.*"}]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nightshift_evals.files import QuestionError, check_keys, check_word, line_of, read_mapping
from nightshift_evals.questions import ANY_SCENARIO, Question

FAMILIES = ("healthy", "single", "compound", "blind", "hostile")
_BLIND = "watcher-blind"
# True, and worth a remark at most: nothing fails, and an operator may want it so.
_REMARKS = frozenset(
    {
        "backup-same-storage", "bind-mount", "discard-missing", "disk-unused", "groups-mixed", "host-backup-stale",
        "quorum-at-risk", "reboot-needed", "snapshot-forgotten", "updates-pending", "versions-mixed",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding as a scenario names it: by check (a pattern) or category, and the entity as the lab calls it."""

    check: str = ""
    category: str = ""
    entity: str = ""
    severity: str = ""

    @property
    def is_remark(self) -> bool:
        """Whether it is enough to mention it, wherever in the list."""
        return self.category in _REMARKS

    def __str__(self) -> str:
        return " ".join(filter(None, (self.check or self.category, self.entity, self.severity)))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file. `file` is what the lab is given: its name, or the path of a file outside the lab."""

    name: str
    family: str
    file: str
    root_causes: tuple[Claim, ...]
    required: tuple[Claim, ...]
    forbidden: tuple[Claim, ...]
    knobs: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        return self.family == "healthy"

    @property
    def visible_causes(self) -> tuple[Claim, ...]:
        """Root causes in the watched systems: that the watcher is blind shows as a gap, not as a finding."""
        return tuple(cause for cause in self.root_causes if cause.category != _BLIND)

    @property
    def is_remark(self) -> bool:
        """Whether it is enough to mention what is the case, wherever in the list."""
        return bool(self.root_causes) and all(cause.is_remark for cause in self.root_causes)

    @property
    def is_ill(self) -> bool:
        """Whether something is wrong that has to be said first."""
        return bool(self.visible_causes) and not self.is_remark

    @property
    def blind(self) -> tuple[str, ...]:
        """The sources that cannot be seen whole: those whose failure a required finding names, `pve-forbidden`."""
        named = (claim.category.partition("-")[0] for claim in self.required if self.family == "blind")
        return tuple(source for source in named if source in ("pve", "pbs", "prometheus", "grafana"))

    def is_about(self, systems: Collection[str]) -> bool:
        """Whether what is true here names one of these systems: `datastore/pbs2/offsite`."""
        parts = {part for claim in (*self.root_causes, *self.required) for part in claim.entity.split("/")}
        return not parts.isdisjoint(systems)

    def takes(self, question: Question) -> bool:
        """Whether a question may be asked here at all."""
        if question.scenario:
            return question.scenario == self.name
        return question.where in (ANY_SCENARIO, self.family) or (question.where == "ill" and self.is_ill)


def scenarios_of_lab() -> dict[str, Scenario]:
    """Every scenario that comes with the lab. Raises QuestionError when the lab is not installed."""
    found = find_spec("nightshift_lab")
    if found is None or not found.submodule_search_locations:
        raise QuestionError("the lab is not installed: pip install 'nightshift[lab]'")
    return scenarios_in(Path(found.submodule_search_locations[0]) / "scenarios", inside=True)


def scenarios_in(folder: Path, *, inside: bool = False) -> dict[str, Scenario]:
    """The scenario files of a folder, by name. Raises QuestionError."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise QuestionError(f"{folder} holds no scenario files")
    return {file.stem: _read(file, inside) for file in files}


_TRUTH = ("root_causes", "findings_required", "findings_forbidden", "facts")
_CLAIM = ("check", "category", "entity", "severity")


def _read(file: Path, inside: bool) -> Scenario:
    """What the lab itself reads is checked by the lab, with better words."""
    data = read_mapping(file)
    try:
        family = check_word(check_keys(data, data, ("family",)), "family", FAMILIES)
        truth = check_keys(data.get("truth") or {}, _TRUTH)
        return Scenario(
            name=file.stem,
            family=family,
            file=file.stem if inside else str(file.resolve()),
            root_causes=_claims(truth, "root_causes", ("entity", "category")),
            required=_claims(truth, "findings_required"),
            forbidden=_claims(truth, "findings_forbidden"),
            knobs=tuple(data.get("knobs") or ()),
        )
    except (QuestionError, TypeError) as error:
        raise QuestionError(f"{file.name}: {error}") from error


def _claims(truth: Mapping[str, Any], key: str, needed: Sequence[str] = ()) -> tuple[Claim, ...]:
    claims = []
    for item in truth.get(key) or ():
        check_keys(item, _CLAIM, needed)
        if not (item.get("check") or item.get("category")):
            raise QuestionError(f"{line_of(item)}say check or category")
        claims.append(Claim(**{name: str(value) for name, value in item.items()}))
    return tuple(claims)
