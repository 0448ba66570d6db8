"""Every limit of a verdict about backups, in one frozen value. Times are seconds."""

from __future__ import annotations

from dataclasses import dataclass

HOUR_S = 3_600.0
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Defaults that a strict operator would accept.

    `purpose_tags` mark guests that need no backup, `tested_tags` those whose restore was tried by other means;
    `excluded` are keys of guests that the operator's configuration exempts. `asleep` are backup servers and datastores
    (their keys) that the operator expects to be away now, each with the words for it. A backup counts as late `grace_s`
    after its run was due; where no rhythm is known, when it is older than `stale_after_s`.
    """

    purpose_tags: frozenset[str] = frozenset({"no-backup", "nobackup", "backup-none", "skip-backup"})
    excluded: frozenset[str] = frozenset()
    asleep: tuple[tuple[str, str], ...] = ()
    grace_s: float = 4 * HOUR_S  # vzdump itself waits three hours for its turn
    stale_after_s: float = 8 * DAY_S
    new_guest_s: float = DAY_S
    restore_test_s: float = 180 * DAY_S
    lately_s: float = 14 * DAY_S
    slow_factor: float = 4.0
    slow_by_s: float = HOUR_S
    grown_factor: float = 5.0
    grown_by_bytes: int = 20 * 2**30
    shrunk_factor: float = 0.5
