"""A sweep held against what a scenario says is true: required, forbidden, and the rank of each root cause.

It reads the JSON of `nightshift check --json` or `GET /findings`. A finding is about an entity of the lab when it has
that entity's key, or, where the lab's entity has no key of its own (a UPS, a link, an OSD), when its words name it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nightshift_evals.names import Names
from nightshift_evals.scenarios import Claim, Scenario

Found = Mapping[str, Any]
_LOUD = ("critical", "warning")
# The checks that stand on metrics, scrape targets or alerts; a test holds them against the product's own list.
_OF_MONITORING = (
    "alert.[!f]*", "alert.firing", "alertmanager.*", "container.[!d]*", "filesystem.*", "guest.cpu", "guest.memory",
    "grafana.*", "host.*", "ipmi.*", "node.oom_kills", "probe.*", "prometheus.*", "raid.*", "service.*", "smart.*",
    "systemd.*", "target.*", "tls.*", "ups.*", "zpool.*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Swept:
    """One sweep judged. `ranks` hold the place of each root cause, from 1; None where it is not among the causes.

    `monitored`: of a lab with Prometheus and Grafana; else only what PVE and PBS can tell was asked for.
    """

    scenario: str
    family: str
    seed: int
    monitored: bool = True
    ranks: tuple[int | None, ...] = ()
    missing: tuple[str, ...] = ()
    required: int = 0
    forbidden: tuple[str, ...] = ()
    loud: int = 0
    all_clear: bool = False
    ill: bool = False
    unadmitted: tuple[str, ...] = ()
    duration_s: float = 0.0
    failed: str = ""

    @property
    def failure(self) -> str:
        """Why it could not be run, in a line: what ended how, and the last thing that it said."""
        lines = self.failed.splitlines()
        return " ".join(dict.fromkeys((lines[0], lines[-1]))) if lines else ""

    @property
    def false_all_clear(self) -> bool:
        """Something is wrong, and it says that nothing is: not even a remark names the cause."""
        return self.ill and self.all_clear and not any(self.ranks)

    @property
    def false_alarm(self) -> bool:
        return self.family == "healthy" and self.loud > 0


def judge(scenario: Scenario, sweep: Found, names: Names, *, seed: int, monitored: bool = True) -> Swept:
    """Judge a sweep. What only metrics and alerts can tell is not asked of a lab that is not `monitored`."""
    findings = [item for item in sweep["findings"] if item["state"] not in ("unknown", "resolved")]
    by_fingerprint = {item["fingerprint"]: item for item in findings}
    causes = [by_fingerprint[key] for key in sweep["causes"] if key in by_fingerprint]
    gaps = {str(gap["source"]) for gap in sweep["gaps"]}
    asked = [claim for claim in scenario.required if not _blind(claim) and (monitored or visible_unmonitored(claim))]
    roots = [root for root in scenario.visible_causes if monitored or _shows(root, asked)]
    blind = [source for source in scenario.blind if monitored or source not in ("prometheus", "grafana")]
    return Swept(
        scenario=scenario.name,
        family=scenario.family,
        seed=seed,
        monitored=monitored,
        ranks=tuple(_ranks(scenario, roots, causes, names, monitored=monitored)),
        missing=tuple(str(claim) for claim in asked if not any(fits(claim, item, names) for item in findings)),
        required=len(asked),
        forbidden=tuple(_forbidden(scenario, findings, names)),
        loud=sum(item["severity"] in _LOUD for item in findings),
        all_clear=not any(item["severity"] in _LOUD for item in findings) and not gaps and not sweep["progress"],
        ill=bool(blind or (asked and roots)),
        unadmitted=tuple(source for source in blind if source not in gaps),
        duration_s=sweep["duration_s"],
    )


def _ranks(
    scenario: Scenario, roots: list[Claim], causes: list[Found], names: Names, *, monitored: bool
) -> Iterator[int | None]:
    """The place of each root cause. What nobody misses is worth a remark, wherever it stands. A further cause that is
    told as a remark has its place among the remarks."""
    loud = [item for item in causes if item["severity"] in _LOUD and not _tells_of_the_blindness(scenario, item)]
    quiet = [item for item in causes if item["severity"] not in _LOUD]
    for number, root in enumerate(roots):
        if root.is_remark or not (loud or monitored):
            yield _rank(root, causes, names, len(causes))
            continue
        place = _rank(root, loud or causes, names, len(roots))
        yield _rank(root, quiet, names, len(roots)) if place is None and number and loud else place


def _tells_of_the_blindness(scenario: Scenario, item: Found) -> bool:
    """Where a source is made to fail, the finding that it does is as true as any root cause."""
    return scenario.family == "blind" and fnmatchcase(item["check"], "source.*")


def _rank(root: Claim, causes: list[Found], names: Names, roots: int) -> int | None:
    """The place of a root cause, so that the second of two that are true is not blamed for being second."""
    for place, item in enumerate(causes, 1):
        if is_root(root, item, names):
            return max(1, place - roots + 1)
    return None


def is_root(root: Claim, item: Found, names: Names) -> bool:
    """Whether a finding names a root cause: it is of the cause's category, and not about another thing of that sort."""
    if about(root.entity, item, names):
        return not (item["check"] and categories().get(root.category)) or speaks(root.category, item)
    return speaks(root.category, item) and not _about_another(root.entity, item, names)


def _about_another(entity: str, item: Found, names: Names) -> bool:
    """Whether a finding is about a thing of the same sort with another key, or says of a scrape target or an alert that
    does not name the machine: those of a machine name it, a page that is probed does not."""
    key = str(item["entity"]["key"])
    if str(item["check"]).startswith(("target.", "alert.")) and entity.partition("/")[0] in ("guest", "node", "server"):
        return not _named(entity, item)
    return any(key != own and key.partition(":")[0] == own.partition(":")[0] for own in names.keys(entity))


def explains(scenario: Scenario, names: Names) -> Callable[[Found], bool]:
    """A judge of root causes as answers give them: `{entity: <key>, check, statement}`."""

    def judge_one(cause: Found) -> bool:
        item = {
            "check": str(cause.get("check") or ""),
            "entity": {"key": cause["entity"], "label": ""},
            "title": str(cause.get("statement") or ""),
            "detail": "",
        }
        return any(is_root(root, item, names) for root in scenario.visible_causes)

    return judge_one


def _forbidden(scenario: Scenario, findings: list[Found], names: Names) -> list[str]:
    found = []
    for claim in scenario.forbidden:
        for item in findings:
            told = item["severity"] in _LOUD or claim.severity == "info"
            allowed = any(fits(other, item, names) for other in scenario.required)
            if told and not allowed and fits(claim, item, names):
                found.append(f"{item['severity']} {item['check']}: {item['title']}")
    return list(dict.fromkeys(found))


def _blind(claim: Claim) -> bool:
    """`pve-forbidden`, `prometheus-unreachable`: a gap says so, not a finding."""
    return bool(re.fullmatch(r"(pve|pbs|prometheus|grafana)-(forbidden|unreachable|unauthorized)", claim.category))


def fits(claim: Claim, item: Found, names: Names) -> bool:
    """Whether a finding is what the claim says."""
    said = fnmatchcase(item["check"], claim.check) if claim.check else speaks(claim.category, item)
    said = said or not (claim.check or categories().get(claim.category))  # one's own category: by its entity alone
    severe = not claim.severity or item["severity"] == claim.severity
    return said and severe and (not claim.entity or about(claim.entity, item, names))


def speaks(category: str, item: Found) -> bool:
    """Whether the finding's check is of that category (`categories.yaml`)."""
    return any(fnmatchcase(item["check"], pattern) for pattern in categories().get(category, ()))


def _shows(root: Claim, asked: list[Claim]) -> bool:
    """Whether a cause shows in a lab without metrics: in what it does itself, or in a finding about no one thing."""
    return visible_unmonitored(root) and any(claim.entity in ("", root.entity) for claim in asked)


def visible_unmonitored(claim: Claim) -> bool:
    """Whether PVE and PBS alone can show it: by one of the checks that may say it."""
    patterns = (claim.check,) if claim.check else categories().get(claim.category) or ("*",)
    possible = [pattern for pattern in patterns if _may_be_about(pattern, claim.entity)]
    return any(not any(fnmatchcase(pattern, of) for of in _OF_MONITORING) for pattern in possible)


def _may_be_about(pattern: str, entity: str) -> bool:
    """Whether a check of this family can tell of such an entity: `node.certificate` tells nothing of a guest's."""
    family, kind = pattern.partition(".")[0], entity.partition("/")[0]
    return family not in ("node", "guest") or kind in ("", "cluster", family)


@cache
def categories() -> Mapping[str, tuple[str, ...]]:
    """Category → patterns of checks."""
    text = (Path(__file__).parent / "categories.yaml").read_text(encoding="utf-8")
    return {str(name): tuple(map(str, patterns)) for name, patterns in yaml.safe_load(text).items()}


def about(entity: str, item: Found, names: Names) -> bool:
    """Whether a finding is about what the lab calls `entity`."""
    key = str(item["entity"]["key"])
    kind, _, rest = entity.partition("/")
    if kind == "cluster":
        return key.startswith("cluster:")
    if kind == "datastore" and key.startswith(f"group:{rest}/"):
        return True  # a backup group lies in its datastore
    if key in names.keys(entity):
        return True
    if kind == "storage":
        return key.startswith("storage:") and key.rpartition("/")[2] == rest.rpartition("/")[2]
    if kind in ("guest", "node"):
        # A scrape target or an alert on the machine is about it as well.
        return key.partition(":")[0] in ("target", "alert") and _named(entity, item)
    if kind == "server":
        return key.partition(":")[2].partition("/")[0] == rest or _named(entity, item)
    return kind not in ("datastore", "target") and _named(entity, item)


def _named(entity: str, item: Found) -> bool:
    name = entity.rpartition("/")[2]
    words = f"{item['entity']['key']} {item['entity']['label']} {item['title']} {item['detail']}"
    return re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", words, re.IGNORECASE) is not None
