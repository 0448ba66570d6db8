"""Marks of questions after what changed: whose settings, which guests are new or gone, what started, who worked."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.mark import NO_ORDER, Mark
from nightshift.agent.builtin.words.tokens import word_set

_GUESTS = r"(?:guests?|vms?|containers?|machines?|cts?|lxcs?|ones)"
_SOMEBODY = r"(?:any(?:body|one)|some(?:body|one)|who)"
_OTHERS = word_set("BACKUP ALERT RULE METRIC IF SAFE SNAPSHOT STORAGE") | NO_ORDER
MARKS: tuple[Mark, ...] = (
    # `any guest config touched since Monday?`, `config diff of web, 7d`
    Mark(
        ("@edited", "CHANGED"),
        re.compile(
            r"\b(?:touch\w*|chang\w+|alter\w*|edit\w*|modif\w+|diff\w*|fiddl\w+|tweak\w*|tinker\w*)\b.*"
            r"\b(?:configs?|configurations?|settings?|options)\b|\b(?:configs?|configurations?|settings?|options)\b.*"
            r"\b(?:touch\w*|chang\w+|alter\w*|edit\w*|modif\w+|diff\w*|fiddl\w+|tweak\w*|tinker\w*)\b"
        ),
        without=_OTHERS | word_set("WHY COMPARE"),
        drops=word_set("STATE BEYOND @inside"),
    ),
    # `any new guests that I don't remember making?`, `did one vanish?`
    Mark(
        ("CREATED", "@made"),
        re.compile(rf"\bnew (?:\w+ )?{_GUESTS}\b|\b{_GUESTS}\b.*\b(?:appear\w*|popped up|showed up)\b"),
        without=_OTHERS | word_set("@guest NODE COUNT @past ADVICE"),
        drops=word_set("CHANGED NOT"),
    ),
    Mark(
        ("DELETED", "@made"),
        re.compile(
            rf"\b{_GUESTS}\b (?:\w+ )?(?:that |which )?(?:have |has |was |were |been )*(?:vanished|disappeared)\b"
        ),
        without=_OTHERS | word_set("@guest NODE WHY"),
        drops=word_set("CHANGED DOWN"),
    ),
    # `which machines have been freshly started in the past 48 hours?`
    Mark(
        ("REBOOT", "@started"),
        re.compile(
            rf"\b(?:which|what|any|list|all)\b(?>.*?\b(?:{_GUESTS}|nodes?|hosts?|servers?)\b).*"
            r"\b(?:re)?(?:started|booted)\b"
        ),
        all_of=word_set("@past"),
        without=_OTHERS | word_set("@guest TASK WHY MIGRATION AFTER_BOOT AUTOSTART"),
        drops=word_set("FAIL RUNNING"),
    ),
    # `had anybody been working on pve2?`, `did somebody run anything on it before it went?`
    Mark(
        ("TASK", "@user_work"),
        re.compile(
            rf"\b{_SOMEBODY}\b.*\b(?:work(?:ing|ed)|r[au]n (?:any|some)thing|d(?:o|id|oing) (?:any|some)thing|at work|"
            r"logged)\b.*\bon\b"
        ),
        needs=word_set("@node @guest"),
        without=_OTHERS | word_set("CONSOLE WHY"),
        drops=word_set("RUNNING ANYTHING ANYTHING_ON UNDER_WAY"),
    ),
    # `timeline of the last half hour, first symptom to now`
    Mark(
        ("CHANGED", "@timeline"),
        re.compile(r"\b(?:timeline|chronology|chronicle|events?|sequence of events)\b"),
        without=_OTHERS | word_set("TASK LOG RULE COUNT"),
    ),
    # `who set vault read-only?`
    Mark(
        ("WHY", "MAINTENANCE"),
        re.compile(r"\bwho\b(?>.*?\b(?:set|put|switched|made|left|flipped)\b).*\b(?:ro|read-?only|maintenance)\b"),
        all_of=word_set("@datastore"),
    ),
)
