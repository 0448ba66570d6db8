"""What is asked of backups in many forms: the newest copy of one guest, whether it could be restored, who is in no job,
how a verification went, when the next run is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nightshift.agent.builtin.words.tokens import word_set

_OTHER_MATTERS = frozenset({"@action", "@how", "WHY", "METRIC", "RULE", "ALERT", "@promql", "@relation", "@steps"})
_OF_ANOTHER_RUN = word_set("@guest @past LOG DURATION COUNT RUNBOOK")
_COPY = r"(?:backups?|copy|copies|dumps?|vzdumps?|restore points?|saved states?)"
_FRESH = (
    r"(?:recent|fresh|latest|newest|last|good|usable|decent|proper|current|up-to-date|eldest|oldest|how old|how recent|"
    r"how fresh|what age|age|from when|dates?|how far back)"
)
_NEWEST = re.compile(
    rf"\b{_FRESH}\b.{{0,30}}\b{_COPY}\b|\b{_COPY}\b.{{0,30}}\b{_FRESH}\b|\b{_COPY}\b.*\bhow (?:old|large|big)\b"
)
_OF_AGE = re.compile(
    r"\b(?:how (?:old|recent|fresh|large|big|far|many)|age|from when|when|what date|dates?|gb|gib|size)\b"
)
_WENT_WRONG = re.compile(rf"\b{_COPY}\b.{{0,12}}\b(?:fail|abort|error|run)\w*|\b(?:failed|aborted|running) {_COPY}\b")
_RESTORED = r"(?:restor\w+|roll(?:ed|ing)? ?back|rollback)"
_MAY = (
    r"(?:can|could|would|possible|able|trust\w*|confiden\w*|usable|any good|worth|safe|restorable|recoverable|feasible|"
    r"rely|reliable)"
)
_LONG_BACK = re.compile(r"\b(?:weeks?|months?|years?)\b")
_CAN = re.compile(r"\b(?:can|could|able|possible)\b")
_RESTORABLE = re.compile(
    rf"\b{_MAY}\b.*\b{_RESTORED}\b|\b{_RESTORED}\b.*\b{_MAY}\b|\brestorable\b|\brecoverable\b|"
    rf"\b(?:can|could|would)\b(?>.*?\b(?:get|bring|have)\b)(?>.*?\bback\b)(?>.*?\bfrom\b).*\b{_COPY}\b"
)
_NO_GOOD = re.compile(
    rf"\b{_COPY}\b.*\b(?:not|fail\w*|useless|unusable|no good|bad|broken|worthless|corrupt\w*)\b.*"
    rf"\b(?:{_RESTORED}|needed?|use)\b|\b(?:useless|unusable|worthless|broken|corrupt\w*) {_COPY}\b"
)
_GUESTS = r"(?:guests?|machines?|vms?|containers?|everything|anything|something|anybody|who)"
_IN_A_JOB = (
    r"(?:covered|included|in (?:some|a|any|no|none|at least one|one)|belongs?|selected|falls? through|fall\w* out|"
    r"left out|not in|missing (?:from|in))"
)
_JOBS = r"(?:jobs?|schedules?|backup plans?)"
_IN_NO_JOB = re.compile(rf"\b{_GUESTS}\b.*\b{_IN_A_JOB}\b.*\b{_JOBS}\b|\b{_JOBS}\b.*\b{_GUESTS}\b.*\b{_IN_A_JOB}\b")
_BY_NOBODY = re.compile(
    r"\b(?:guests?|machines?|vms?|containers?)\b.*\b(?:nobody|no one|nothing|no job)\b.*"
    r"\b(?:sav(?:e|es|ing)|back(?:s|ing)? up|copies|covers?)\b|\bguests?\b.*\b(?:without|with no|no) (?:any )?copies\b"
)
_VERIFY_RUN = re.compile(
    r"\bverif\w+ (?:jobs?|runs?|tasks?)\b|\b(?:jobs?|run)\b.{0,12}\bverif|\b(?:the|did|backup) verify\b|"
    r"\bverification (?:of (?:the |my |our )?backups? )?(?:go|went|end|pass|succeed|fail|report|complain|job)"
)
_DISK_OF_IT = re.compile(
    r"\b(?:scsi|virtio|sata|ide|mp)\d+\b|\brootfs\b|"
    r"\b(?:data|second|other|2nd|third|large|big|\d+ ?[gt]\w*) (?:\w+ )?disk\b"
)
_OF_A_NIGHT = re.compile(r"\b(?:valid|usable|restor\w+|verified|nightly|last night|tonight|pbs)\b")
_SIZED = re.compile(r"\b(?:weighs?|how much (?:space|room|place)|gb|gib|gigs?|gigabytes?|what size)\b")
_VERSIONS = re.compile(r"\b(?:generations?|versions?|snapshots?|copies|restore points?)\b")
_HOW_MANY = re.compile(r"\bhow (?:many|much)\b|\bnumber of\b|\bcount\b")
_AT_THE_SERVER = re.compile(r"\b(?:backup (?:box|server|machine|host)|pbs|datastore|stored|kept|saved|on hand)\b")
_NEXT_RUN = re.compile(
    r"\b(?:next|following|upcoming)\b.{0,30}\b(?:backup|vzdump|dump)s?\b|\b(?:backup|vzdump|dump)s?\b.{0,30}\bnext\b"
)
_REMOVED = re.compile(
    r"\b(?:remov|clean|delet|prun|thin|throw|expir|clear)\w*\b.{0,12}\b(?:old|older|outdated|expired|obsolete|"
    r"ancient|aged)\b"
)


def marks_in(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """The concepts of such a question; none where something is to be done, or why is asked."""
    if concepts & _OTHER_MATTERS:
        return frozenset()
    found = _of_one(lowered, concepts) if "@guest" in concepts else _of_all(lowered, concepts)
    return frozenset((*found, *_of_a_run(lowered, concepts)))


def _of_one(lowered: str, concepts: frozenset[str]) -> Iterator[str]:
    if "LOSE" in concepts and not concepts & {"STORAGE", "@storage"}:
        yield "@loss_of_one"
    if "BACKUP" in concepts and _DISK_OF_IT.search(lowered):
        yield "@left_out"
    if "SNAPSHOT" in concepts and _OF_A_NIGHT.search(lowered):
        yield from ("BACKUP", "@copy_of_one")  # what PBS calls a snapshot
    of_age = _OF_AGE.search(lowered)
    if "@past" in concepts and _LONG_BACK.search(lowered) and _RESTORABLE.search(lowered) and "IF" not in concepts:
        yield from ("BACKUP", "@copy_of_one", "OLDEST")  # `can web be restored to how it was 3 weeks ago?`
    elif _RESTORABLE.search(lowered) and not of_age and not concepts & {"RUNBOOK", "SNAPSHOT", "IF"}:
        yield from ("RESTORE", "@restorable")
    elif "RESTORE" in concepts and of_age and _CAN.search(lowered) and not concepts & {"RUNBOOK", "SNAPSHOT", "IF"}:
        yield from ("BACKUP", "@copy_of_one")  # `from when can I restore web?`
    elif "BACKUP" in concepts and _NEWEST.search(lowered) and not _WENT_WRONG.search(lowered):
        yield "@copy_of_one"
        if _SIZED.search(lowered):
            yield "SIZE"
    if _VERSIONS.search(lowered) and _AT_THE_SERVER.search(lowered) and _HOW_MANY.search(lowered):
        yield from ("BACKUP", "@kept")


def _of_all(lowered: str, concepts: frozenset[str]) -> Iterator[str]:
    if concepts & {"@datastore", "@storage", "RUNBOOK"}:
        return
    if _NO_GOOD.search(lowered) and "@past" not in concepts:
        yield "@all_restorable"
    if _BY_NOBODY.search(lowered) and not concepts & {"@past", "DATASTORE"}:
        yield from ("LACK", "BACKUP", "@in_no_job")
    if concepts & {"BACKUP", "JOBLIST", "TASK"} and _IN_NO_JOB.search(lowered) and not concepts & {"FAIL", "@job"}:
        yield from ("@in_no_job", "BACKUP")
    of_a_job = "@job" in concepts and bool(concepts & {"@when", "NEXT", "PROGNOSIS"} or "what time" in lowered)
    if (of_a_job or _NEXT_RUN.search(lowered)) and not concepts & {"@past", "FAIL"}:
        yield from ("NEXT", "@next_backup")


def _of_a_run(lowered: str, concepts: frozenset[str]) -> Iterator[str]:
    chores = concepts & {"GC", "VERIFY", "PRUNE", "SYNC"}
    if not (chores or "@datastore" in concepts) or concepts & _OF_ANOTHER_RUN:
        return
    if "VERIFY" in chores and "WRONG" not in concepts and _VERIFY_RUN.search(lowered):
        yield from ("@subsystem", "@run_of_chore")
    elif {"LAST", "RUNNING"} <= concepts and "runtime" not in lowered:
        yield "@run_of_chore"
    if "@datastore" in concepts and _REMOVED.search(lowered):
        yield from ("PRUNE", "@subsystem", "@run_of_chore")
