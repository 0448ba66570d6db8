"""What could not be seen, and why: the typed unknown that travels with the data to the answer."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift.errors import GapKind, SourceError


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is unknown.

    `source` is a source id, `dataset` names what is missing in the words of `Snapshot` (`tasks`, `backup_groups`) or of
    the request, `detail` is one sentence for the operator, `fix` what would close the gap (a privilege, a setting).
    """

    source: str
    dataset: str
    kind: GapKind
    detail: str
    fix: str | None = None

    @classmethod
    def of(cls, error: SourceError, dataset: str) -> Gap:
        """The Gap that a failed read leaves behind."""
        return cls(error.source, dataset, error.gap_kind, error.detail, error.fix)
