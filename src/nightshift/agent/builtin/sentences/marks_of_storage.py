"""Marks about pools, storages, the disks of guests, and what would be lost of them."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.mark import NO_ORDER, Mark
from nightshift.agent.builtin.words.tokens import word_set

MARKS: tuple[Mark, ...] = (
    # `is the thin pool overcommitted?`: what is given to guests there
    Mark(
        ("@lies_on",),
        re.compile(r"\b(?:over-?commit\w*|over-?provision\w*|over-?subscri\w*|provisioned|promised)\b"),
        needs=word_set("@storage"),
        without=word_set("@guest METRIC RULE MEMORY CPU CORES") | NO_ORDER,
        drops=word_set("OVERCOMMIT"),
    ),
    # `which guests would be hit when local-lvm is full?`
    Mark(
        ("@lies_on",),
        re.compile(r"\b(?:which|what|who)\b.*\b(?:hit|hurt|affected|stop|pause|suffer|die|freeze)s?\b"),
        needs=word_set("FULL"),
        all_of=word_set("@storage"),
        without=word_set("WHY @guest") | NO_ORDER,
        drops=word_set("FULL IF WRONG PROGNOSIS LAST"),
    ),
    # `where physically do its 400 GB lie?`
    Mark(
        ("VIRTUAL_DISKS", "@settings", "@attribute", "@set_up"),
        re.compile(
            r"\bphysically\b|\b(?:which|what) (?:physical )?(?:disk|drive|ssd)s?\b.*\b(?:lies?|lives?|sits?|stored)\b|"
            r"\bwhere\b(?>.*?\b(?:\d+ ?[gt]i?b|data|disks?|volumes?)\b).*\b(?:sit|lie|live|stor|kept|resid)\w*|"
            r"\bwhere\b(?>.*?\b(?:sit|lie|live|are|is)\w* ).*\b(?:\d+ ?[gt]i?b|disks?|volumes?)\b"
        ),
        needs=word_set("@guest"),
        without=word_set("BACKUP SNAPSHOT RESTORE @two CPU MEMORY") | NO_ORDER,
        drops=word_set("WHERE PHYSICAL"),
    ),
    # `did the scrub end without a single error?`
    Mark(
        ("FINE",),
        re.compile(
            r"\b(?:without|not a single|not one|zero|free of)(?: (?:an?|any|single))* "
            r"(?:errors?|mistakes?|problems?|failures?|trouble|issues?|complaints?)\b|\b(?:error|fault)[- ]?free\b"
        ),
        without=word_set("WHY IF RULE METRIC") | NO_ORDER,
        drops=word_set("WRONG FAIL LACK DISK_ERRORS"),
    ),
)
