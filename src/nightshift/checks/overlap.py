"""One fault, one finding: where two checks say the same about one entity, the one with the better source stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from nightshift.checks.check import Check
from nightshift.facts.finding import Finding


@dataclass(slots=True)
class Told:
    """Who has said what: checks by entity, and by entity and the thing that their finding names."""

    _about: dict[str, set[str]] = field(default_factory=dict)
    _things: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    @classmethod
    def by(cls, findings: Iterable[Finding]) -> Told:
        told = cls()
        for finding in findings:
            told._about.setdefault(finding.entity.key, set()).add(finding.check)
            told._things.setdefault((finding.entity.key, thing(finding.discriminator)), set()).add(finding.check)
        return told

    def better(self, check: Check, finding: Finding) -> bool:
        """Whether a check that this one yields to has said it already."""
        if not check.yields_to:
            return False
        entity = finding.entity.key
        found = (
            self._things.get((entity, thing(finding.discriminator)), set())
            if check.same_thing
            else self._about.get(entity, set())
        )
        return any(_is(other, wanted) for other in found for wanted in check.yields_to)


def thing(discriminator: str) -> str:
    """What two checks may write in their own way: `pveproxy.service` is `pveproxy`."""
    return discriminator.lower().removesuffix(".service")


def _is(check_id: str, wanted: str) -> bool:
    return check_id.startswith(wanted[:-1]) if wanted.endswith(".*") else check_id == wanted
