"""Which finding explains which others: explicit rules over the entity graph. A wall of symptoms hides its cause.

    explain(findings, snapshot)      the findings, each with its cause, ranked
    RULES                            every rule, the first that fits wins

To add a rule, write a row into the file of its family (`cluster.py`, `disks.py`, `storages.py`, `backups.py`,
`guests.py`, `monitoring.py`) and a case for each side into tests/sweep/test_causes.py:

    Rule(
        "storage-gone",
        "A storage that does not answer stalls the statistics of the nodes that use it.",
        causes("storage.inactive"),
        symptoms("node.statistics_stuck"),
        reach=storage_joins.nodes_using,     # keys that a cause has in its reach …
        needs=joins.itself,          # … and keys that a symptom hangs on: one in common, and it is explained
    )

`reach` and `needs` give strings, mostly entity keys; `joins.py` and `storage_joins.py` have the usual ones. They are
looked up in an index, so that thousands of findings cost as many look-ups and never their square: a rule never compares
findings in pairs. A check of a family that has no file here gets one, listed in `table.py`, whose order is that of
precedence.
"""

from nightshift.sweep.causes.grouping import explain
from nightshift.sweep.causes.rule import Rule
from nightshift.sweep.causes.table import RULES

__all__ = ["RULES", "Rule", "explain"]
