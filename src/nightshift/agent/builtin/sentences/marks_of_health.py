"""Marks of questions after how all of it is, and after what cannot be seen."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.mark import NO_ORDER, Mark
from nightshift.agent.builtin.words.tokens import word_set

# What one does when all is well, or when it is not.
_AT_EASE = (
    r"(?:go (?:on|away|home|out|back|to (?:bed|sleep|work|lunch))|leave|sleep|stay|relax|rest|get (?:out|up|some)|"
    r"drive|fly|hand (?:\w+ )?over|call|phone|wake|worry|panic|calm down|sit back|log off|"
    r"(?:be|feel) (?:worried|calm|ashamed|afraid|nervous|scared))"
)
_OF_ALL = word_set(
    "GUEST VM CT NODE SEVERAL SAFE LATER WILL EXCEPT LACK ADVICE BEYOND PROMISE HAPPENED FINISHED STOPPED"
)
_OF_ONE = word_set(
    "@entity BACKUP TASK FULL ALERT RULE DISK PHYSICAL STORAGE DATASTORE POWER VERSION UPDATES KERNEL "
    "RESTORE CONSOLE MANAGED REBOOT"
)
_AT_HOME = r"(?:youtube|netflix|spotify|tv|internet|wi-?fi|wlan|google|printer|playstation|xbox)"
MARKS: tuple[Mark, ...] = (
    # `can I go on holiday without worrying?`, `anything that should make me call it off?`
    Mark(
        ("FINE", "ANYTHING", "@at_ease"),
        re.compile(
            rf"\b(?:can|could|may|shall|should|do|must|dare) (?:i|we|you|one)\b(?: \w+){{0,2}} {_AT_EASE}\b|"
            r"\b(?:clean|clear|good|bad|guilty) conscience\b|\bshift handover\b|\bhand over\b.*\bshift\b|"
            r"\b(?:reason|cause|need) to (?:worry|panic|fret|call|get up|be (?:worried|afraid|nervous))\b|"
            r"\b(?:should|would|could|must) make (?:me|us) (?:call|cancel|postpone|abort|stop|worry|nervous|think)\b|"
            r"\b(?:safe|ok|okay|fine) to (?:ignore|wait|sleep)\b|"
            r"\b(?:ashamed|embarrass\w+)\b|\bwants? (?:some|any)thing (?:of|from) (?:me|us)\b|"
            r"^\W*(?:is |are )?(?:everything|all)(?: still| just)? [\w-]+(?<!s)\W*$|"
            r"\b(?:looks?|seems?) (?:like|as if|about|likely|ready) (?:it (?:will|might|could) |to )?"
            r"(?:break|fail|die|go wrong|give up|fall over)\b|\bwhat do i inherit\b|\btake over the pager\b"
        ),
        without=_OF_ONE | NO_ORDER - {"@action"},
        drops=_OF_ALL,
    ),
    # `what can i even ask you?`, `which kind of questions may one put to you?`
    Mark(
        ("HELP",),
        re.compile(
            r"\b(?:what|which)\b(?: \w+){0,4} (?:can|could|may|should|might) (?:i|we|one|people)\b(?: \w+)? "
            r"(?:ask|put to|use|want from) (?:you|this|it)\b(?: about| for)?\W*$|"
            r"\bwhat (?:are|is) (?:you|this thing) (?:\w+ )?(?:good|there|here) for\b"
        ),
        without=word_set("@entity ALERT BACKUP"),
        drops=word_set("IT LIST SAFE BEYOND WHO NODE @odd_asked"),
    ),
    # `is all well, or can't you see?`, `which right do you lack?`
    Mark(
        ("SOURCES", "@blind"),
        re.compile(
            r"\b(?:(?:can|could) not you|can you not|you can ?not|you do not) (?:see|read|look at)\b|"
            r"\b(?:you|your|report)\b.*\b(?:blind|holes?|gaps?|vague|shrug|"
            r"say (?:so )?little|tell (?:so )?little|"
            r"(?:used to|could) (?:see|read|tell|know)|knew|no longer (?:see|read|know)|(?:can|could) not (?:see|"
            r"read))\b|"
            r"\b(?:which|what) (?:right|role|privilege|permission)s?\b.*\b(?:you|your|missing|lacks?|fails?|need\w*)\b|"
            r"\b(?:changed|altered|wrong|happened) (?:\w+ )?(?:about|with|to) (?:the|your) (?:permission|right|"
            r"privilege|token|access)\w*\b|\bhow\b.*\b(?:give|grant|allow)\b.*\byou\b|"
            r"\b(?:on|at) (?:which|what) path\b|\bwhat do you (?:need|lack)\b.*\bsee\b|"
            r"\bhidden from you\b|^\W*(?:(?:why|http|error|a|the|status) )*403\b\W*$"
        ),
        without=word_set("@told_secret @guest @storage @datastore BACKUP METRIC"),
        drops=word_set("WHY SECRET CHANGED RUNBOOK HAPPENED @no_name @how"),
    ),
    # `apart from the electricity, is all else still fine?`
    Mark(
        ("@rest", "FINE", "ANYTHING"),
        re.compile(
            r"\b(?:apart|aside) from\b.*\b(?:all|else|everything|anything|rest)\b|\b(?:all|everything|anything) else\b"
            r".*\b(?:fine|ok|okay|well|good|wrong|broken|healthy|up|running|working|standing)\b"
        ),
        without=word_set("@entity BACKUP TASK ALERT RULE GUEST VM CT NODE COUNT FULL IF") | NO_ORDER,
        drops=word_set("POWER EXCEPT BEYOND"),
    ),
    # `all is slow since we had dinner`
    Mark(
        ("ANYTHING",),
        re.compile(
            r"\ball (?:of it )?(?:is|was|feels|seems|looks|runs|went|goes)\b|"
            r"\b(?:is|are|was) (?:now |then |still )*all (?:\w+ )?(?:in order|well|fine|good|ok|okay|right|quiet|"
            r"calm)\b"
        ),
        without=_OF_ONE | NO_ORDER | word_set("GUEST VM CT NODE"),
    ),
    # `nothing works!!`, `my phone buzzed, where do I look?`, `why are we on battery: a fuse, or the street?`
    Mark(
        ("WRONG", "ANYTHING", "@at_ease"),
        re.compile(
            r"\b(?:nothing|no \w+(?: \w+)?) (?:works?|opens?|loads?|plays?|responds?|answers?|goes|resolves?)\b|"
            rf"\b(?:can not|can no longer|could not|unable to)\b.* {_AT_HOME}\b|\bfuse(?: ?box)?\b|"
            r"\b(?:buzz\w*|beep\w*|ping(?:s|ed)?|rang|paged|phone|siren)\b.*\b(?:what is (?:up|wrong|that|this|"
            r"it(?=\W*$)|going on)|how (?:bad|urgent|serious)|where (?:do|should|shall|to) (?:i )?(?:look|start)|"
            r"(?:is|was) (?:it|that|this) (?:bad|serious|urgent|important)|no (?:clue|idea)|worry|worried)\b|"
            r"\b(?:why|how come|what (?:happened|is up|caused)|reason)\b.*"
            r"\b(?:on (?:the )?battery|the electricity|the mains)\b"
        ),
        without=_OF_ONE - {"ALERT", "POWER"} | NO_ORDER | word_set("COUNT METRIC SILENCE IF @ups @power_since"),
        drops=_OF_ALL | word_set("ALERT TARGET @alert_history @past @time @unknown WHY RUNNING FINISHED LOSE @inside"),
    ),
    # `is one of our boxes to blame?`, `no page opens: is it one of our machines?`
    Mark(
        ("WRONG", "ANYTHING", "@of_servers"),
        re.compile(
            r"\bone of (?:our|my|the|your) (?:\w+ )?(?:servers|machines|boxes|computers|nodes)\b"
            r"(?:.*\b(?:to blame|at fault|guilty|behind|cause|culprit|reason|broken|sick|ill)\b|\W*$)|"
            r"\b(?:was|is|lies) it (?:us|our (?:side|end|fault)|on our (?:side|end))\b"
        ),
        without=_OF_ONE | NO_ORDER | word_set("COUNT WHO REBOOT_NEEDED"),
        drops=_OF_ALL | word_set("IT"),
    ),
)
