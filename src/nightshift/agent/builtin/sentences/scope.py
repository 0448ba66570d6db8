"""Whether it is asked how far a trouble goes: `is it limited to one host?`, `does pve1 have such errors too?`"""

from __future__ import annotations

import re

from nightshift.agent.builtin.words.tokens import word_set

_ONLY = re.compile(
    r"\b(?<!or )(?:(?<!figures )(?<!numbers )(?<!data )(?<!facts )(?<!read )only|just|solely|limited to|confined to|"
    r"isolated to|restricted to|(?<!died )(?<!die )alone)\b"
    r"(?! (?:now|in|for|since|a \w+ ago|figures|numbers|facts|took|got|wanted|want|need|had|have|started|heard|did|"
    r"plain|so|like|checking|asking|to)\b)"
)
_TOO = re.compile(
    r"\b(?:as well|too|(?<=\w )also|likewise|elsewhere|(?:any|some|no)where else|where else|who else|what else|"
    r"which other|any(?:thing|body|one)? (?:other|else)|the others|aside|apart from|"
    r"the other (?:\w+ )?(?:two|three|ones?|nodes?|hosts?|guests?|disks?|pools?|datastores?|vms?|containers?))\b"
)
_TROUBLE = frozenset({"WRONG", "FAIL", "DOWN", "SLOW", "EXCLUDED", "LACK", "BAD_SECTORS", "DISK_ERRORS"})
_NONE = word_set("""
    @action @how RUNBOOK IF WHY COUNT ALERT RULE BEYOND PEOPLE @quantity TASK SAFE TARGET QUORUM @comes_back
    """)
_THINGS = frozenset({"NODE", "GUEST", "VM", "CT", "DATASTORE", "STORAGE", "DISK", "PHYSICAL", "SCRUB", "@entity"})


def scope_in(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """`@scope` where something that is wrong is asked of others, or of one alone."""
    of_one_run = {"BACKUP", "@guest"} <= concepts and not concepts & {"EXCLUDED", "LACK"}
    if of_one_run or not concepts & _TROUBLE or not concepts & _THINGS or concepts & _NONE:
        return frozenset()
    asks = _TOO.search(lowered) or _ONLY.search(lowered)
    return frozenset({"@scope"}) if asks else frozenset()
