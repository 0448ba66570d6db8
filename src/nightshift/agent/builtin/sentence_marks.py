"""Meanings that no single word has: what a sentence asks for by its form, where its other words allow it.

Each is a pseudo-concept with the pattern that tells it, the concepts of which one has to be there, and those that speak
against it: `what do I fix first?` is about findings, `which guest starts first?` is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """`needs` is any of these, `without` none of these; `drops` is what a word of it would mean by itself."""

    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    needs: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    drops: frozenset[str] = frozenset()

    def fits(self, lowered: str, concepts: frozenset[str]) -> bool:
        allowed = not (self.without & concepts) and (not self.needs or bool(self.needs & concepts))
        return allowed and bool(self.pattern.search(lowered))


def _any(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NO_ORDER = _any("@action @how RUNBOOK")
_OF_THINGS = _any("POWER @entity @quantity BACKUP TASK FULL ALERT RULE BOOT_ORDER REBOOT GUEST VM CT DISK PHYSICAL IF")
MARKS: tuple[Mark, ...] = (
    # `what should I fix first, and what second?`, `in which order?`
    Mark(
        ("@first",),
        re.compile(
            r"\b(?:fix|mend|repair|tackle|do|handle|address|look at|attend to|deal with|care (?:for|about)|solve|"
            r"work on|see to|take on|sort out)\b(?: \w+){0,2} (?:first|1st)\b|"
            r"\bmost (?:urgent|pressing|important|serious|severe|critical)\b|\bpriorit\w+|"
            r"\bwhere (?:do|should|shall|would|must) (?:i|we) (?:start|begin)\b|"
            r"\b(?:in )?(?:what|which) order\b|\bwhat (?:comes )?first\b"
        ),
        without=_OF_THINGS | _any("@action @how"),
    ),
    # `do the two findings have one cause?`, `are these problems related?`
    Mark(
        ("@one_cause",),
        re.compile(
            r"\b(?:one|same|common|single|shared) (?:root )?(?:cause|reason|origin|root)\b|"
            r"\b(?:problems?|findings?|faults?|issues?|troubles?|things|warnings?|they|these|those|two|all)\b.{0,30}"
            r"\b(?:related|connected|linked|independent|unrelated|separate|belong together|hang together|"
            r"have (?:anything|something) to do with each other)\b|"
            r"\bone (?:problem|fault|issue|thing|cause) or (?:several|two|many|more)\b|"
            r"\b(?:how many|number of) (?:\w+ )?(?:separate|different|independent|distinct|root|real)\b"
        ),
        needs=_any("WRONG FAIL ANYTHING IT CAUSE COUNT"),
        without=_any("@entity @quantity BACKUP TASK ALERT RULE NODE GUEST VM CT STORAGE DATASTORE METRIC") | _NO_ORDER,
    ),
    # `does pve3 want a reboot for the new kernel?`, `is the newest kernel running on pve1?`
    Mark(
        ("REBOOT_NEEDED", "@kernels"),
        re.compile(
            r"\b(?:new|newer|newest|latest|fresh|updated|installed|pending|other) kernels?\b|"
            r"\bkernels?\b.{0,30}\b(?:waiting|pending|installed|outdated|old|stale|behind|up to date|current|newest|"
            r"latest)\b|\b(?:reboot|restart)\w*\b.*\bkernel\b|\bkernel\b.*\b(?:reboot|restart)\w*\b"
        ),
        needs=_any("@node NODE KERNEL"),
        without=_any("@guest GUEST VM CT WHY METRIC SAFE COUNT UPDATES") | _NO_ORDER,
    ),
    # `which cable flaps?`, `is any link going up and down?`
    Mark(
        ("@links",),
        re.compile(
            r"\b(?:link|cable|port|nic|interface|switch port|carrier|eno\d\w*|enp\w+|eth\d)s?\b.*"
            r"\b(?:flap\w*|bounc\w+|up and down|unstable|wobbl\w+|loos\w+|drop\w*|flaky|comes? and goe?s?|swap|"
            r"replace)\b|\b(?:flap\w*|unstable|flaky|loose|wobbly) (?:network |ethernet )?(?:link|cable|port|nic|"
            r"interface)s?\b|\bwrong with (?:the |my |our )?network\b|\bnetwork (?:problem|trouble|fault|issue)s?\b"
        ),
        without=_any("@guest METRIC RULE ALERT USB CEPH") | _NO_ORDER,
    ),
    # `why did no alarm come?`, `nobody told me that the disk is full`
    Mark(
        ("@no_alarm",),
        re.compile(
            r"\bwhy\b.*\b(?:no|not|never|without)\b.*\b(?:alert\w*|alarm\w*|notif\w*|paged?|mail\w*|told|warn\w*|"
            r"ping\w*|ring|rang|inform\w*|fir(?:e|ed|ing)|go off|went off|complain\w*)\b|"
            r"\b(?:nobody|nothing|no ?one|no alert|no alarm)\b.*\b(?:told|tell|alerted|warned|paged|rang|fired|came|"
            r"come|notified|went off|informed)\b.*\b(?:why|how come)\b|"
            r"\b(?:what stopped|what kept|what keeps)\b.*\b(?:alert|alarm|notif\w*|paged?|mail|told|warn\w*)\b|"
            r"\bhow come (?:\w+ ){0,2}(?:no|not|nobody|nothing)\b.*\b(?:alert\w*|alarm|notif\w*|paged?|told|warn\w*)\b"
        ),
        needs=_any("WHY ALERT @told @of_rule"),
        without=_any("@how RUNBOOK BACKUP TARGET"),
    ),
    # `which jobs select by pool?`, `whom does the pool job save?`
    Mark(
        ("@jobs_by_pool",),
        re.compile(r"\bjobs?\b.*\bpools?\b|\bpools?\b.*\bjobs?\b"),
        needs=_any("TASK JOBLIST BACKUP"),
        without=_any("@pool @storage @guest GC VERIFY FAIL FINISHED RUNNING @past") | _NO_ORDER,
    ),
    # `which guests fall out of the nightly jobs, and why?`
    Mark(
        ("@in_no_job", "@excluded", "BACKUP"),
        re.compile(
            r"\bin no (?:\w+ )?jobs?\b|\bnot in any (?:\w+ )?job\b|\bby no (?:\w+ )?job\b|"
            r"\b(?:f[ae]ll(?:s|ing)?|drop(?:s|ped)?|slip(?:s|ped)?) (?:out|through)\b.*\b(?:jobs?|backups?)\b|"
            r"\b(?:missing|absent|left out|excluded|exempt\w*|skipped|omitted|forgotten)\b.*\bjobs?\b|"
            r"\b(?:jobs?|backups?)\b.*\b(?:leaves?|left|leave) (?:\w+ )?out\b"
        ),
        needs=_any("TASK JOBLIST BACKUP"),
        without=_any("@guest GC VERIFY PRUNE SYNC REPLICATION ALERT RULE") | _NO_ORDER,
    ),
    # `which guests are saved less often than daily?`, `how often is web saved?`
    Mark(
        ("@rhythm",),
        re.compile(
            r"\bhow (?:often|frequently|regularly|seldom|rarely)\b|\bless (?:often|frequently) than\b|"
            r"\b(?:seldom|rarely|infrequently)\b|\b(?:rhythm|frequency|interval)\b|"
            r"(?<![\w-])(?:once (?:a|per|every) (?:day|week|month)|every (?:single )?(?:day|night|week|month)|"
            r"weekly|monthly|daily)(?![\w-])(?! (?:backups?|jobs?|runs?|copies|dumps?))"
        ),
        needs=_any("BACKUP"),
        without=_any("@datastore DATASTORE PRUNE FAIL FINISHED RUNNING @past ALERT RULE GC VERIFY SYNC @user COUNT")
        | _NO_ORDER,
    ),
    Mark(
        ("@rhythm", "BACKUP"),
        re.compile(r"\bschedules?\b"),
        needs=_any("@guest"),
        without=_any("TASK @past") | _NO_ORDER,
    ),
    # `did the nightly job run?`: of what was, not of what runs.
    Mark(
        ("FINISHED",),
        re.compile(r"\bdid\b.* run\b(?! (?:now|at the moment|out|on))"),
        needs=_any("TASK BACKUP GC VERIFY PRUNE SYNC REPLICATION"),
        drops=_any("RUNNING"),
    ),
    # `which OSD is down, and where?`, `may I pull the failed one?`
    Mark(
        ("@osd",), re.compile(r"\bosds?\b"), needs=_any("CEPH"), without=_any("METRIC RULE COUNT @promql") | _NO_ORDER
    ),
    # `which disk is the other half of the mirror?`
    Mark(
        ("@members",),
        re.compile(
            r"\b(?:other|second|remaining|healthy|good|surviving|intact|first|left|which|what|partner)\b.*"
            r"\b(?:half|halves|side|leg|partner|twin|member|disks?|drives?|ssds?|nvmes?)\b.*"
            r"\b(?:mirror|raid|raidz|vdev|zpool|pool|rpool)\b|\b(?:mirror|raid|vdev|zpool|rpool)\b.*\b(?:partner|twin|"
            r"other half|members?|made of|made up|consist\w*|built (?:of|from))\b"
        ),
        needs=_any("PHYSICAL MIRROR DISK @pool SCRUB"),
        without=_any("@guest FULL FREE RUNBOOK IF WEAR HEAT SERIAL SMART EATS METRIC FAIL PULL") | _NO_ORDER,
    ),
)


def with_marks(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """The concepts with the marks of this sentence."""
    fitting = [mark for mark in MARKS if mark.fits(lowered, concepts)]
    dropped = frozenset().union(*(mark.drops for mark in fitting))
    return (concepts - dropped).union(*(mark.marks for mark in fitting))
