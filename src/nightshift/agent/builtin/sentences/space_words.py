"""What is asked of a place that things are kept in, told by several words together: how much of it is taken, when it is
full, and whether it can be reached."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLACES = frozenset({"@storage", "@datastore"})
_OTHER_MATTERS = frozenset(
    {"@action", "@how", "RUNBOOK", "WHY", "METRIC", "RULE", "ALERT", "GC", "PRUNE", "SYNC", "REPLICATION",
     "BEYOND", "@two_times", "MAINTENANCE", "SNAPSHOT", "@lies_on"}
)  # fmt: skip
_ROOM = r"(?:room|space|place|capacity|gb|gib|gigs?|gigabytes?|tb|tib|terabytes?|percent)"
_HOW_MUCH = re.compile(
    r"\bhow (?:much|mutch)\b(?! (?:longer|time|days?|backups?|copies|did|does it cost))|"
    rf"\bhow many {_ROOM}\b|\bwhat (?:amount|share|percent|percentage|portion|part)\b|"
    r"\bheadroom\b|\bremaining (?:capacity|room|space)\b|\bhow far\b.*\bfill|\bfill level\b|\bhow far along\b"
)
_OF_OTHERS = re.compile(r"\b(?:bigger|larger|fuller|grew|grown|grow|growing|added|shrunk|shrank|shrink|each|every)\b")
_WHERE_IT_GOES = re.compile(rf"\bwhere\b(?>.*?\b{_ROOM}\b).*\b(?:go|goes|going|gone|went)\b")
_FILLS = re.compile(
    r"\b(?:full|fills?|filling|filled|overflow\w*|run(?:s|ning)? (?:out|over|full)|ran out|ceiling|limit|lasts|"
    r"suffices?|(?:days|weeks|months|time) left|runway|(?:hits?|reach(?:es)?|cross(?:es)?) \d+|"
    r"(?:bigger|larger|more|new|additional) (?:disks?|drives?|ssds?)|burst\w*|brim|out of (?:space|room)|"
    r"no (?:space|room))\b|"
    r"\bhow (?:long|much (?:time|longer)|many (?:days|weeks|months)) (?:is|will|does|would|can|do) .{1,60}\b(?:last|"
    r"enough)\b"
)
_LATER = (
    r"(?:christmas|chrismas|xmas|x-mas|easter|new year|summer|winter|spring|autumn|next|the end of|january|"
    r"the holidays)"
)
_WHEN = re.compile(
    r"\b(?:when|what date|which date|(?:on|by) what day|date for|a date|at what point|"
    r"how (?:long|soon|many (?:days|weeks|months)|much (?:days|time|longer))|"
    rf"(?:days|weeks|months|time) (?:left|until|before)|runway|(?:by|before|until) {_LATER}|"
    r"(?:current|present|this|that|today) (?:pace|speed|rate|growth)|keeps? (?:on )?(?:growing|filling))\b"
)
_FIRST = re.compile(
    r"\b(?:enlarge[ds]?|made bigger|bigger|larger|more (?:space|room|disks?)|full|fills? up|out of (?:space|room))\b"
    r".{0,24}\b(?:sooner|earlier|first|next|soonest)\b"
)
_TAKEN_IN = r"(?:enough|fits?|room|space|go(?:es)? (?:on|onto|into|in)|swallow|hold|accommodate|squeeze)"
_SIZE = r"\b\d+ ?[gt](?:i?b)?\b"
_FITS = re.compile(
    rf"{_SIZE}.*\b{_TAKEN_IN}\b|\b{_TAKEN_IN}\b.*{_SIZE}|"
    rf"^\W*(?:can|could|may|might|will|would|does|should)\b.*\b(?:put|takes?|add|store|copy|write|dump|place)\b.*{_SIZE}"
)
_ALL_ROOM = re.compile(
    r"\bhow (?:much|many) (?:\w+ )?(?:room|space|storage|capacity|terabytes|tb|tib)\b.*"
    r"\b(?:left|free|have|remain\w*|got|over)\b"
)
_FASTER = re.compile(r"\b(?:grow\w*|fill\w*|go\w*|climb\w*|ris\w+|increas\w+)\b.*\b(?:faste[rs]t?|quick\w*)\b")
_HAS_COME = re.compile(r"\b(?:did|has|had|have)\b")
_SHARES = re.compile(r"\b(?:nfs|cifs|smb|iscsi)\b")
_REACHED = re.compile(r"\b(?:reach\w*|get to|alive|mounted|accessible|available|there|up|respond\w*|connected)\b")


def marks_in(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """`@of_space`: how full a place is, or when it will be. `@lies_on`: what its room goes to."""
    return frozenset() if concepts & _OTHER_MATTERS else frozenset(_marks(lowered, concepts))


def _marks(lowered: str, concepts: frozenset[str]) -> Iterator[str]:
    of_guest = "@guest" in concepts
    named = bool(concepts & _PLACES) and not of_guest
    disk_of_guest = of_guest and "BACKUP" not in concepts and bool(concepts & {"DISK", "ROOT_DISK", "FILESYSTEM"})
    if named and _FASTER.search(lowered):
        yield from ("GROWN", "@of_space")
    elif named and _WHERE_IT_GOES.search(lowered):
        yield from ("EATS", "@lies_on")
    elif named and concepts >= {"IN_USE", "WHO"} and concepts & {"GUEST", "VM", "CT"}:
        yield "@lies_on"  # `which guests use local-lvm?`
    elif "@bound" in concepts and _HAS_COME.search(lowered):
        return  # `when did tank cross 80 %?`: of what was
    elif (named or disk_of_guest) and _WHEN.search(lowered) and _FILLS.search(lowered):
        yield from ("FULL", "PROGNOSIS", "@of_space", *(("DISK",) if of_guest else ()))
    elif named and (_FITS.search(lowered) or (_of_this(lowered) and not concepts & {"@past", "@two"})):
        yield from ("FULL", "@of_space")
    if concepts & {"DATASTORE", "STORAGE", *_PLACES} and not of_guest and _FIRST.search(lowered):
        yield from ("FULL", "PROGNOSIS", "@of_space")
    if not concepts & {"@entity", "@quantity", "GUEST", "VM", "CT", "BACKUP"} and _ALL_ROOM.search(lowered):
        yield from ("FULL", "@of_space")
    if not concepts & {"@entity", "BACKUP"} and _SHARES.search(lowered) and _REACHED.search(lowered):
        yield from ("STORAGE", "REACH")


def _of_this(lowered: str) -> bool:
    return bool(_HOW_MUCH.search(lowered)) and not _OF_OTHERS.search(lowered)
