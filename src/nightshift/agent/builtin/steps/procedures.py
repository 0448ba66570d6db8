"""Procedures that people ask for in a hundred ways, by the check whose runbook tells them.

A search by words finds the runbook that says the same words. `Swap the RAM of pve1` has one with that of the swap
space, and `turn everything off for the electrician` none with that of the UPS, which tells the order.
"""

from __future__ import annotations

import re

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.words.tokens import plain

_DISK = r"(?:disks?|drives?|ssds?|hdds?|nvmes?|mirror)"
_HOST = r"(?:pve\w*|nodes?|hosts?|servers?|computers?|hypervisors?|machines?)"
_ALL = r"(?:everything|(?:whole|entire) \w+|(?:all|every) (?:of )?(?:the |my )?(?:machine|server|node|guest|vm|host)s?)"
_SHUT = r"\b(?:shut|turn|switch|power|tak|driv)\w*\b"
_GONE = (
    r"(?:vanished|lost|dead|gone|offline|unreachable|silent|missing|no (?:answer|ping)|n[o'’]?t (?:answer|respond)\w*)"
)
_PARTS = r"(?:ram|memory|dimms?|fans?|psu|power supply|cpu|nic|network card)"
_SWAP = r"\b(?:replac|swap|exchang)\w*\b"
_KEPT = r"(?:backups?|cop(?:y|ies)|files?|folders?|albums?|vms?|containers?|pbs)"
LONGEST = 400
# What to look for and what asks for it; the first line that fits is the one that is meant.
_TABLE = rf"""
ups.replace_battery | ^(?=.*\b(?:replac|(?:ex)?chang|swap|new)\w*\b).*\b(?:batter(?:y|ies)|accumulators?|ups cells?)\b
ups.on_battery | {_SHUT}.*\b{_ALL}\b.*\b(?:off|down)\b|{_SHUT}.*\b(?:off|down)\b.*\b{_ALL}\b|\belectrician\b
ups.on_battery | \bups\b.*\b(?:low|empty)\b
ups.on_battery | \bbattery\b|\bload shedding\b|\bmains\b|\bpower (?:goes|went|fail\w*|is (?:out|gone)|cuts?|outage)\b
cluster.quorum | \b{_HOST}\b.*\b(?:the (?:one|last)|only one|alone)\b.*\b(?:left|remain\w*|act|writ\w+|again)\b
cluster.quorum | \b(?:in|of|without|lost|no|has) (?:the )?quorum\b|\bquorate\b
ceph.health | \bosds?\b|\bceph\b
thin.data | \bthin ?pools?\b
an API token is refused or sees too little | \btoken\b.*\bpermissions?\b|\bprivileges?\b
guest.locked | ^(?!.*\b(?:apt|dpkg|database|file)\b).*\b(?:un)?lock(?:s|ed|ing)?\b
node.maintenance | \b(?:drain|evacuat)\w*\b
replace a disk | {_SWAP}[^.?!]*\b{_DISK}\b|\b{_DISK}\b[^.?!]*{_SWAP}
restores.untested | \brestor\w*\b|^(?=.*\b(?:get|got|bring|put)s?\b)(?=.*\bback\b).*\b{_KEPT}\b
datastore.maintenance | \b(?:store|datastore)s?\b.*\bmaintenance\b|\bmaintenance\b.*\b(?:store|datastore)s?\b
datastore.full | \b(?:store|datastore|pbs)\b.*(?:\bfull\b|\d\d ?%|\bpercent\b|\bspace\b|\broom\b)
datastore.full | \b(?:space|room)\b.*\b(?:store|datastore|pbs)\b|\bprun\w+\b.*\b(?:gc|garbage)\b|\bgc\b.*\bprune\b
names are not resolved: dns, adguard | \b(?:ads|adverts?|adguard|pi-?hole|dns|resolvers?)\b
the disk of a vm or container is full, enlarge it | \b(?:grow|enlarg|extend|expand|resiz|bigger)\w*\b.*\bdisk\b
node.updates | \b(?:upgrad|updat|patch)\w*\b.*(?:\b(?:{_HOST}|proxmox|cluster|pbs)\b|\d ?to ?\d)
node.maintenance | \bmaintenance\b.*\b{_HOST}\b|\b{_HOST}\b.*\bmaintenance\b|\b{_PARTS} (?:swap|replacement)\b
node.maintenance | {_SWAP} (?:\w+ ){{0,2}}{_PARTS}\b|\btak(?:e|ing|en)\b.*\b{_HOST}\b.*\b(?:down|out)\b
guest.snapshots | \broll(?:ing)? ?back\b|\bguest\b.*\bsnapshots?\b|\bsnapshots?\b.*(?:\bguest\b|\bbackups?\W*$)
node.offline | \b{_HOST}\b[^.?!]*\b{_GONE}\b|\b{_GONE} {_HOST}\b
backup.failed | \bmissed\b.*\b(?:night|backups?|run)\b
"""
_SUBJECTS = tuple(
    (re.compile(pattern), query) for query, _, pattern in (line.partition(" | ") for line in _TABLE.split("\n") if line)
)


def procedure_meant(question: Question) -> str:
    """What to look for in the runbooks beside the words of the question; empty where they find it by themselves."""
    lowered = plain(question.text)[:LONGEST]
    for entity in question.entities:  # `take vault out of maintenance`
        for name in (entity.key.rpartition("/")[2].lower(), entity.label.split(" (")[0].lower()):
            lowered = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", entity.kind, lowered)
    return next((query for pattern, query in _SUBJECTS if pattern.search(lowered)), "")


_VERIFY = re.compile(
    r"\b(?:verif\w*|did (?:it|that) work|worked|(?:know|tell|see) (?:that |if |whether )?it(?:'?s| is| has)?)\b"
)
_STOP = re.compile(r"\b(?:turning back|un-?do(ne)?|when (not|(to|do i) stop)|hands off|danger\w*|what not|why must)\b")


def section_asked(text: str) -> str:
    """Of a runbook that was quoted, the section that what follows asks for."""
    lowered = text.lower()
    return "#how-to-verify" if _VERIFY.search(lowered) else "#when-to-stop" if _STOP.search(lowered) else ""
