"""Meanings that no single word has: what a sentence asks for by its form, where its other words allow it.

Each is a pseudo-concept with the pattern that tells it, the concepts of which one has to be there, and those that speak
against it: `what do I fix first?` is about findings, `which guest starts first?` is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """`needs` is any of these, `all_of` each, `without` none of them; `drops` is what a word of it means by itself."""

    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    needs: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    drops: frozenset[str] = frozenset()
    all_of: frozenset[str] = frozenset()

    def fits(self, lowered: str, concepts: frozenset[str]) -> bool:
        allowed = not (self.without & concepts) and (not self.needs or bool(self.needs & concepts))
        return allowed and self.all_of <= concepts and bool(self.pattern.search(lowered))


def _any(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NO_ORDER = _any("@action @how RUNBOOK")
_PAGES = r"(?:web ?sites?|sites?|pages?|urls?|web ?apps?|probes?|endpoints?)"
_SIZED = r"(?:big|bigger|biggest|large|larger|largest|small|smallest|sizes?|space|gb|gib|mb|fat|fattest)"
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
    # `why did web end up on pve2?`, `since when is it there?`, `where was it before?`
    Mark(
        ("@moved", "@moved_here", "MIGRATION"),
        re.compile(
            r"\bwhy (?:is|was|does|did|has)\b(?: \S+){1,4}? (?:on|onto|over to|to|at)(?: node| host)?$|"
            r"\bwhy (?:is|was|does|did|has|are)\b(?: \S+){1,5} (?:on|onto|to|at) (?:node |host )?\S+\W*$|"
            r"\bhow (?:did|has|come|does)\b.*\b(?:get|got|come|came|end|ended|wind|wound|land|landed|moved?|go|gone)\b"
            r".*\b(?:to|onto|on|over)\b|\b(?:since when|how long)\b.*\b(?:on|at) (?:node |host )?\S+\W*$"
        ),
        all_of=_any("@guest @node"),
        without=_any("FAIL DOWN WRONG SLOW STOPPED BACKUP TASK ALERT NOT RUNBOOK UPTIME CPU MEMORY DISK FULL IF")
        | _NO_ORDER,
    ),
    Mark(
        ("@moved", "@moved_here", "MIGRATION"),
        re.compile(
            r"\bwhere (?:was|did|has)\b.*\b(?:before|previously|earlier|originally|come from|until)\b|"
            r"\bon (?:which|what) (?:node|host|server) (?:was|did)\b.*\b(?:before|previously|earlier)\b|"
            r"\bwho (?:moved|migrated|shifted|relocated|sent)\b"
        ),
        all_of=_any("@guest"),
        without=_any("BACKUP FAIL DISK SNAPSHOT") | _NO_ORDER,
    ),
    # `did a guest get added today?`, `who made the new container?`
    Mark(
        ("CREATED",),
        re.compile(
            r"\b(?:guest|vm|container|machine|ct|lxc)s?\b.{0,20}\b(?:added|made|set up|appear\w*|installed|spun up|"
            r"born|joined)\b|\b(?:add|make|made|added|install|installed|set up|spin up|spun up)\b.{0,16}"
            r"\b(?:guest|vm|container|machine)s?\b|\bnew (?:guest|vm|container|machine|ct|lxc)s?\b"
        ),
        needs=_any("@past"),
        without=_any("@guest BACKUP SNAPSHOT IF SAFE NODE") | _NO_ORDER,
        drops=_any("CHANGED"),
    ),
    Mark(
        ("CREATED", "@made", "LAST"),
        re.compile(
            r"\bwho (?:has |had )?(?:created|made|added|installed|set up|spun up|cloned)\b.*"
            r"\b(?:guest|vm|container|machine|ct|lxc|one)s?\b"
        ),
        without=_any("@guest BACKUP SNAPSHOT") | _NO_ORDER,
        drops=_any("CHANGED"),
    ),
    # `which guest is the newest?`
    Mark(
        ("@guest_age",),
        re.compile(
            r"\b(?:newest|youngest|oldest|eldest|latest|first) (?:guest|vm|container|machine|ct|lxc)s?\b|"
            r"\b(?:guest|vm|container|machine|ct|lxc)s?\b.{0,24}\b(?:newest|youngest|oldest|eldest|"
            r"(?:created|made|added|set up) (?:last|most recently|first))\b"
        ),
        without=_any("@guest BACKUP SNAPSHOT TASK ALERT REBOOT UPTIME LACK BOOT_ORDER AUTOSTART RESTORE") | _NO_ORDER,
    ),
    # `which web site answers slowest?`
    Mark(
        ("@probe_times", "PROBES"),
        re.compile(
            rf"\b(?:slowest|fastest|quickest|laziest)\b.*\b{_PAGES}\b|"
            rf"\b{_PAGES}\b.*\b(?:slowest|fastest|quickest|longest to)\b|"
            r"\bhow (?:long|fast|quick\w*|slow\w*)\b.*\b(?:web ?sites?|sites|pages|urls?|endpoints?)\b.*"
            r"\b(?:answer|take|load|respond|open)\w*\b"
        ),
        without=_any("BACKUP TASK WHY RULE ALERT DISCOVER"),
    ),
    # `how big is the database called grafana?`, `which database is the largest?`
    Mark(
        ("@database_sizes",),
        re.compile(rf"\b(?:databases?|dbs?|pg_database\w*)\b.*\b{_SIZED}\b|\b{_SIZED}\b.*\b(?:databases?|dbs?)\b"),
        without=_any("BACKUP @action @how RUNBOOK DISCOVER RULE ALERT WHY IF PROGNOSIS SNAPSHOT METRIC"),
    ),
    # `is pve1 scrubbing right now?`, `how far is the scrub?`
    Mark(
        ("@scrubbing",),
        re.compile(
            r"\b(?:scrubbing|resilvering|being (?:scrubbed|resilvered))\b|"
            r"\b(?:scrub|resilver)\b.*\b(?:running|runs|active|in progress|going|under way|right now|done yet|finished|"
            r"percent|left|remain\w*)\b|\b(?:how (?:far|long)|any|running)\b.*\b(?:scrub|resilver)\b"
        ),
        needs=_any("SCRUB"),
        without=_any("LAST @past NEXT SINCE @when METRIC RULE IF SAFE") | _NO_ORDER,
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
