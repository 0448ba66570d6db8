"""Procedures that people ask for in a hundred ways, by the check whose runbook tells them.

A search by words finds the runbook that says the same words. `Swap the RAM of pve1` has one with that of the swap
space, and `turn everything off for the electrician` none with that of the UPS, which tells the order.
"""

from __future__ import annotations

import re

from nightshift.agent.builtin.question import Question
from nightshift.agent.builtin.words import plain

_DISK = r"(?:disks?|drives?|ssds?|hdds?|nvmes?|mirror)"
_HOST = r"(?:pve\w*|nodes?|hosts?|servers?|computers?|hypervisors?|machines?)"
_EVERYTHING = (
    r"(?:everything|every(?:thing)? (?:machine|server|node)|(?:whole|entire) \w+|all (?:of )?(?:the |my )?"
    r"(?:machines|servers|nodes|guests|vms|hosts))"
)
_OFF = r"(?:off|down|shut\w*|power\w*|switch\w*)"
_GONE = (
    r"(?:vanished|lost|dead|gone|offline|unreachable|silent|missing|no (?:answer|ping|response)|"
    r"(?:does ?n[o']t|not|won'?t|no longer) (?:answer|respond|ping)\w*)"
)
_PARTS = r"(?:ram|memory|dimms?|fans?|psu|power supply|cpu|nic|network card)"
# The first that fits is the one that is meant.
_SUBJECTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), query)
    for pattern, query in (
        (r"\b(?:replac|chang|swap|new)\w*\b.*\bbatter(?:y|ies)\b", "ups.replace_battery"),
        (
            (rf"\b{_OFF}\b.*\b{_EVERYTHING}\b|\b{_EVERYTHING}\b.*\b{_OFF}\b|\belectrician\b|\bload shedding\b|"
            r"\bmains\b|\bpower (?:goes|went|fails?|failed|is (?:out|gone|away)|cuts?|outage|failure)\b|"
            r"\bbatter(?:y|ies)\b"),
            "ups.on_battery",
        ),
        (r"\b(?:in|of|without|lost|no|has) (?:the )?quorum\b|\bquora(?:te|cy)\b", "cluster.quorum"),
        (r"\bosds?\b|\bceph\b", "ceph.health"),
        (r"\bthin ?pools?\b", "thin.data"),
        (r"\brights?\b|\bpermissions?\b|\bprivileges?\b", "an API token is refused or sees too little"),
        (r"\block(?:s|ed)?\b|\bunlock\w*", "guest.locked"),
        (r"\b(?:drain|evacuat)\w*\b", "node.maintenance"),
        ((rf"\b(?:replac|swap|exchang)\w*\b[^.?!]*\b{_DISK}\b|"
         rf"\b{_DISK} (?:swap|replacement|exchange)\b"), "replace a disk"),
        (
            (r"\b(?:restor\w*|recover\w*)\b|\b(?:get|gets|got|bring|brings|put)\b.*\bback\b.*\b(?:backups?|cop(?:y|ies)|"
            r"files?|folders?|albums?|photos?|vms?|pbs)\b|\b(?:files?|folders?|albums?|photos?|vms?|containers?|"
            r"backups?|spreadsheets?)\b.*\b(?:gets?|got|bring|brings) (?:\w+ )?back\b"),
            "restores.untested",
        ),
        (r"\b(?:store|datastore)s?\b.*\bmaintenance\b|\bmaintenance\b.*\b(?:store|datastore)s?\b",
         "datastore.maintenance"),
        (
            (r"\b(?:store|datastore|pbs)\b.*(?:\bfull\b|\d\d ?%|\bpercent\b|\bspace\b|\broom\b)|"
            r"(?:\bspace\b|\broom\b).*\b(?:store|datastore|pbs)\b|\bprune\b.*\bgc\b|\bgc\b.*\bprune\b"),
            "datastore.full",
        ),
        (r"\b(?:ads?|adverts?|adguard|pi-?hole|dns|resolvers?)\b", "names are not resolved: dns, adguard"),
        (r"\b(?:grow|enlarg|extend|expand|resiz|bigger)\w*\b.*\bdisk\b|\bdisk\b.*\b(?:bigger|larger)\b",
         "the disk of a vm or container is full, enlarge it"),
        (r"\b(?:upgrad|updat|patch)\w*\b|\b\d ?to ?\d\b", "node.updates"),
        (
            (rf"\bmaintenance\b.*\b{_HOST}\b|\b{_HOST}\b.*\bmaintenance\b|"
            rf"\b(?:swap|replac|exchang|chang)\w* (?:\w+ ){{0,2}}{_PARTS}\b|\b{_PARTS} (?:swap|replacement)\b|"
            rf"\b(?:take|taking|taken)\b.*\b{_HOST}\b.*\b(?:down|out)\b"),
            "node.maintenance",
        ),
        (r"\broll(?:ing)? ?back\b|\bsnapshots?\b", "guest.snapshots"),
        (rf"\b{_HOST}\b[^.?!]*\b{_GONE}\b|\b{_GONE} {_HOST}\b", "node.offline"),
        (r"\bmissed\b.*\b(?:night|backups?|run)\b", "backup.failed"),
    )
)  # fmt: skip


def procedure_meant(question: Question) -> str:
    """What to look for in the runbooks beside the words of the question; empty where they find it by themselves."""
    lowered = plain(question.text)
    for entity in question.entities:  # `take vault out of maintenance`
        for name in (entity.key.rpartition("/")[2].lower(), entity.label.split(" (")[0].lower()):
            lowered = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", entity.kind, lowered)
    return next((query for pattern, query in _SUBJECTS if pattern.search(lowered)), "")


_VERIFY = re.compile(
    r"\b(?:verif\w*|did (?:it|that) work|worked|(?:know|tell|see) (?:that |if |whether )?it(?:'?s| is| has)?)\b"
)
_STOP = re.compile(r"\b(?:turning back|un-?do(?:ne)?|when (?:not|to stop|do i stop)|hands off|danger\w*|what not)\b")


def section_asked(text: str) -> str:
    """Of a runbook that was quoted, the section that what follows asks for."""
    lowered = text.lower()
    return "#how-to-verify" if _VERIFY.search(lowered) else "#when-to-stop" if _STOP.search(lowered) else ""
