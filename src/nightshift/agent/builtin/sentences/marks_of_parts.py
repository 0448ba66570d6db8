"""Marks about findings, alerts, disks, links, pages and databases."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.mark import NO_ORDER, Mark
from nightshift.agent.builtin.words.tokens import word_set

_PAGES = r"(?:web ?sites?|sites?|pages?|urls?|web ?apps?|probes?|endpoints?)"
_SIZED = r"(?:big|bigger|biggest|large|larger|largest|small|smallest|sizes?|space|gb|gib|mb|fat|fattest)"
_OF_THINGS = word_set(
    "POWER @entity BACKUP TASK FULL ALERT RULE BOOT_ORDER REBOOT UPDATES GUEST VM CT DISK PHYSICAL IF"
)
_DISKS = r"(?:nvmes?|ssds?|hdds?|disks?|drives?|/dev/\S+|nvme\d+n\d+|sd[a-z]|mirror)"
_LOST = (
    r"(?:die|dies|died|fails?|goes|gone|pull(?:ed|ing)?|yank(?:ed|ing)?|remov(?:e|ed|ing)|cooked|croaks?|breaks?|burns?|"
    r"lost|dead|losing|lose|unplug\w*|take|out|no mirror|without a mirror)"
)
_SUPPOSED = (
    r"(?:if|suppose|supposing|imagine|should|survives?|(?:do|would|will) (?:i|we) (?:still )?(?:lose|have)|data loss|"
    r"(?:afford|bear|tolerate) (?:to lose|the loss|losing|another)|(?:ok|okay|safe|fine) to|cost|risk\w*|what then|"
    r"what happens|what(?:'s| is) (?:down|gone|lost)|(?:second|other) half)"
)
MARKS: tuple[Mark, ...] = (
    # `suppose nvme0n1 in pve1 dies, what is down?`, `losing sda on pve3, what would it cost me?`
    Mark(
        ("@disk_lost", "PHYSICAL"),
        re.compile(
            rf"^(?=.*(?<![\w/])(?:{_DISKS}\b.{{0,30}}\b{_LOST}|{_LOST}\b.{{0,24}}(?<!\w){_DISKS})\b)(?=.*\b{_SUPPOSED}\b)"
        ),
        without=word_set("@guest @storage @datastore CEPH WHY BACKUP ALERT RULE WHO COUNT FULL SNAPSHOT VM CT")
        | NO_ORDER,
        drops=word_set("PULL SMART SCRUB LOSE MIRROR"),
    ),
    # `which disk is the oldest?`
    Mark(
        ("POWER_ON", "MOST"),
        re.compile(
            r"\b(?:oldest|eldest) (?:\w+ )?(?:disk|drive|ssd|hdd|nvme)s?\b|"
            r"\b(?:disk|drive|ssd|hdd|nvme)s?\b.*\b(?:oldest|eldest)\b"
        ),
        without=word_set("@guest BACKUP SNAPSHOT VIRTUAL_DISKS GUEST VM CT") | NO_ORDER,
    ),
    # `is any disk in no pool?`
    Mark(
        ("SPARE", "PHYSICAL"),
        re.compile(r"\b(?:disk|drive|ssd|hdd|nvme)s?\b.*\b(?:not in|in no|without|outside)\b.*\bpools?\b"),
        without=word_set("@guest GUEST VM CT BACKUP") | NO_ORDER,
        drops=word_set("WHICH_POOL STORAGE SCRUB"),
    ),
    # `what should I fix first, and what second?`, `in which order?`
    Mark(
        ("@first",),
        re.compile(
            r"\b(?:fix|mend|repair|tackle|do|handle|address|look at|attend to|deal with|care (?:for|about)|solve|"
            r"work on|see to|take on|sort out)\b(?: \w+){0,2} (?:first|1st)\b|"
            r"\bmost (?:urgent|pressing|important|serious|severe|critical)\b|\bpriorit\w+|"
            r"\bwhere (?:do|should|shall|would|must) (?:i|we) (?:start|begin)\b|"
            r"^(?!.*\b(?:shut|power|turn|switch|boot)\w*\b).*\b(?:what|which) order\b"
            r"(?!.*\b(?:back|up|down|off|start|stop|boot|restore)\b)|\bwhat (?:comes )?first\b|"
            r"\bworst (?:ones? )?first\b"
        ),
        without=_OF_THINGS | word_set("@action @how"),
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
        needs=word_set("WRONG FAIL ANYTHING IT COUNT"),
        without=word_set("@entity BACKUP TASK ALERT RULE NODE GUEST VM CT STORAGE DATASTORE METRIC") | NO_ORDER,
    ),
    # `at what hour is web busiest?`, `does it work harder by day than by night?`
    Mark(
        ("@busiest_hour",),
        re.compile(
            r"\b(?:(?:what|which) (?:hour|time|moment|part)s?|when (?:is|was|are|were|does|did))\b.*"
            r"\b(?:bus\w+|most|peak\w*|highest|heaviest|quiet\w*|idle\w*|hardest)\b|"
            r"\b(?:busiest|quietest|heaviest|peak|slowest) (?:hour|time of)|\bby day\b.*\bby night\b|"
            r"\bday(?:time)? (?:vs|or|than|and) (?:by |at )?night\b"
        ),
        needs=word_set("@guest @node NODE GUEST"),
        without=word_set("BACKUP TASK ALERT JOBLIST") | NO_ORDER,
        drops=word_set("SLOW SINCE MOST"),
    ),
    # `how far back do our samples go?`, `what is the retention of prometheus?`
    Mark(
        ("@retention",),
        re.compile(
            r"\b(?:how (?:far|long) back|retention|how long\b.*\b(?:keeps?|kept|stored?|holds?|reach\w*))\b.*"
            r"\b(?:samples?|metrics?|graphs?|series|prometheus|tsdb)\b|"
            r"\b(?:samples?|metrics?|graphs?|series|prometheus|tsdb)\b.*\b(?:(?:reach|go) back|retention|"
            r"how (?:far|long) back|how long\b.* (?:keep|kept|stored?))\b"
        ),
        without=word_set("ALERT RULE DATASTORE @datastore") | NO_ORDER,
    ),
    # `which jobs does prometheus scrape?`
    Mark(
        ("@scrape_jobs", "TARGET"),
        re.compile(r"\bjobs?\b.*\bscrap(?:e|es|ed|ing)\b|\bscrap(?:e|ing) (?:jobs?|configs?)\b"),
        without=word_set("ALERT RULE BACKUP FAIL") | NO_ORDER,
    ),
    # `which of the alarms is the root, which only follow?`, `eleven pages: one problem or eleven?`
    Mark(
        ("@one_cause",),
        re.compile(
            r"\b(?:root|followers?|fallout|aftermath|symptoms?|side effects?|real (?:thing|one|problem|cause)|"
            r"(?:one|same|common|shared) (?:root )?(?:cause|problem|reason|thing|fault|story)|related|connected|linked|"
            r"belong together|hang together|with each other|underlying|consequences?)\b"
        ),
        all_of=word_set("ALERT"),
        without=word_set("@entity RULE SILENCE IF") | NO_ORDER,
        drops=word_set("ALERT"),
    ),
    # `does pve3 want a reboot for the new kernel?`, `is the newest kernel running on pve1?`
    Mark(
        ("REBOOT_NEEDED", "@kernels"),
        re.compile(
            r"\b(?:new|newer|newest|latest|fresh|updated|installed|pending|other) kernels?\b|"
            r"\bkernels?\b.{0,30}\b(?:waiting|pending|installed|outdated|old|stale|behind|up to date|current|newest|"
            r"latest)\b|\b(?:reboot|restart)\w*\b.*\bkernel\b|\bkernel\b.*\b(?:reboot|restart)\w*\b"
        ),
        needs=word_set("@node NODE KERNEL"),
        without=word_set("@guest GUEST VM CT WHY METRIC SAFE COUNT UPDATES") | NO_ORDER,
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
        without=word_set("@guest METRIC RULE ALERT CEPH") | NO_ORDER,
    ),
    # `why did no alarm come?`, `nobody told me that the disk is full`
    Mark(
        ("@no_alarm",),
        re.compile(
            r"\bwhy\b(?>.*?\b(?:no|nobody|not|never|without)\b).*\b(?:alert\w*|alarm\w*|notif\w*|"
            r"paged|page (?:me|us)|mail\w*|told|warn\w*|"
            r"ping\w*|ring|rang|inform\w*|fir(?:e|ed|ing)|go off|went off|complain\w*)\b|"
            r"\b(?:nobody|nothing|no ?one|no alert|no alarm)\b"
            r"(?>.*?\b(?:told|tell|alerted|warned|paged|rang|fired|came|come|notified|went off|informed)\b)"
            r".*\b(?:why|how come)\b|"
            r"\b(?:what stopped|what kept|what keeps)\b.*\b(?:alert|alarm|notif\w*|paged?|mail|told|warn\w*)\b|"
            r"\bhow come (?:\w+ ){0,2}(?:no|not|nobody|nothing)\b.*\b(?:alert\w*|alarm|notif\w*|paged?|told|warn\w*)\b"
        ),
        needs=word_set("WHY ALERT @told @of_rule"),
        without=word_set("@how RUNBOOK BACKUP TARGET"),
    ),
    # `which web site answers slowest?`
    Mark(
        ("@probe_times", "PROBES"),
        re.compile(
            rf"\b(?:slowest|fastest|quickest|laziest)\b.*\b{_PAGES}\b|"
            rf"\b{_PAGES}\b.*\b(?:slowest|fastest|quickest|longest to)\b|"
            r"\b(?:response|answer\w*|load\w*|reply) times?\b.*\bprobes?\b|"
            r"\bhow (?:long|fast|quick\w*|slow\w*)\b.*https?:|"
            r"\bhow (?:long|fast|quick\w*|slow\w*)\b.*\b(?:web ?sites?|sites|pages|urls?|endpoints?)\b.*"
            r"\b(?:answer|take|load|respond|open)\w*\b"
        ),
        without=word_set("BACKUP TASK WHY RULE ALERT DISCOVER"),
    ),
    # `how many of our web sites cannot be reached?`
    Mark(
        ("PROBES", "TARGET"),
        re.compile(
            r"\b(?:which|what|any|how many|are|all|our)\b.*\b(?:web ?(?:site|page|app)s|sites|urls|endpoints)\b.*"
            r"\b(?:reach\w*|unreachable|down|offline|dead|up|online|answer\w*|respond\w*|work\w*|fail\w*|broken)\b"
        ),
        without=word_set("@node BACKUP WHY RULE ALERT DISCOVER SLOW METERED @past") | NO_ORDER,
        drops=word_set("WRONG NOT FINE RUNNING @guest @entity"),
    ),
    # `name of the time series that counts failed syncs?`, `metric: answer times of the probes`
    Mark(
        ("DISCOVER", "@of_metrics"),
        re.compile(
            r"\b(?:names?|which|what|what's|is there|have we|do we have|any|need|want|find)\b(?: \w+){0,4}? "
            r"(?:metrics?|(?:time )?series)\b(?! \w+_)|^\W*(?:metrics?|series)(?::| for | of | about )"
        ),
        without=word_set("@promql RULE ALERT @alert BACKUP @retention HELP") | NO_ORDER,
        drops=word_set("@probe_times PROBES"),
    ),
    # `how big is the database called grafana?`, `which database is the largest?`
    Mark(
        ("@database_sizes",),
        re.compile(rf"\b(?:databases?|dbs?|pg_database\w*)\b.*\b{_SIZED}\b|\b{_SIZED}\b.*\b(?:databases?|dbs?)\b"),
        without=word_set("BACKUP @action @how RUNBOOK DISCOVER RULE ALERT WHY IF PROGNOSIS SNAPSHOT METRIC"),
    ),
    # `is pve1 scrubbing right now?`, `how far is the scrub?`
    Mark(
        ("@scrubbing",),
        re.compile(
            r"\b(?:scrubbing|resilvering|being (?:scrubbed|resilvered))\b|"
            r"\b(?:scrub|resilver)\b.*\b(?:running|runs|active|in progress|going|under way|right now|done yet|finished|"
            r"percent|left|remain\w*)\b|\b(?:how (?:far|long)|any|running)\b.*\b(?:scrub|resilver)\b"
        ),
        needs=word_set("SCRUB"),
        without=word_set("LAST @past NEXT SINCE @when METRIC RULE IF SAFE") | NO_ORDER,
    ),
    # `which OSD is down, and where?`, `may I pull the failed one?`
    Mark(
        ("@osd",),
        re.compile(r"\bosds?\b|\bceph (?:drive|disk|ssd)s?\b"),
        needs=word_set("CEPH"),
        without=word_set("METRIC RULE COUNT @promql") | NO_ORDER,
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
        needs=word_set("PHYSICAL MIRROR DISK @pool SCRUB"),
        without=word_set("@guest FULL FREE RUNBOOK IF WEAR HEAT SERIAL SMART EATS METRIC FAIL PULL") | NO_ORDER,
    ),
)
