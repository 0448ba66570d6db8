"""The truth about backups: could everything be restored, tonight? Pure: facts in, verdicts out.

    matrix_of(snapshot)       one Protection for every guest and host group, what is left over, what was not seen
    identity.attribute(…)     whose backups a group of a backup server holds

`intent` asks what the jobs mean to save, `copies` what there is and where it lies, `rhythm` whether that is recent
enough, `runs` what vzdump did, `judge` puts it together. See docs/backups.md for what every verdict means.
"""

from nightshift.protection.matrix import Matrix, matrix_of
from nightshift.protection.rules import Rules
from nightshift.protection.verdict import Protection, Reason, Verdict

__all__ = ["Matrix", "Protection", "Reason", "Rules", "Verdict", "matrix_of"]
