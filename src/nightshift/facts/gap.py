"""What could not be seen, and why: the typed unknown that travels with the data to the answer."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift.errors import GapKind, SourceError

EVERYTHING = "everything"
"""The dataset of the Gap that no system at all is set up."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is unknown.

    `source` is a source id, `dataset` names what is missing in the words of `Snapshot` (`tasks`, `backup_groups`) or of
    the request, `detail` is one sentence for the operator, `fix` what would close the gap (a privilege, a setting).
    `hides` are the keys of the entities that it is about, when it does not hide all of the dataset.
    """

    source: str
    dataset: str
    kind: GapKind
    detail: str
    fix: str | None = None
    hides: tuple[str, ...] = ()

    @property
    def is_blind_spot(self) -> bool:
        """Whether something goes unseen: one system that is not set up is no blind spot, none at all is."""
        return self.kind != "not_configured" or self.dataset == EVERYTHING

    @property
    def is_of_the_past(self) -> bool:
        """Whether it hides only what was: how things are is known where the history of alerts was cut."""
        return (self.dataset, self.kind) == ("alert_changes", "truncated")

    @classmethod
    def of(cls, error: SourceError, dataset: str) -> Gap:
        """The Gap that a failed read leaves behind."""
        return cls(error.source, dataset, error.gap_kind, error.detail, error.fix)
