"""Marks about what runs, what ran and what is due: tasks, their logs, schedules, replicas."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.mark import NO_ORDER, Mark
from nightshift.agent.builtin.words.tokens import word_set

_SOME_WORK = r"(?:anything|something|(?:any|a|some|no) (?:jobs?|tasks?|work|thing))"
_GOES_ON = r"(?:running|in progress|under ?way|copying|syncing|in flight)"
_OTHER_NODE = r"(?:the |an)?(?:other|second|standby|partner|neighbou?r\w*) (?:node|host|server|box|machine)"
_PEOPLE = r"(?:people|humans?|persons?|admins?|colleagues?|users|team|guys|folks|everybody|everyone)"
MARKS: tuple[Mark, ...] = (
    # `anything running on pve2 that a reboot would interrupt?`
    Mark(
        ("@task_now", "RUNNING"),
        re.compile(
            rf"^(?!.*\b(?:was|were|when it)\b).*\b{_SOME_WORK}\b.{{0,24}}\b{_GOES_ON}\b(?!.*\b(?:out|low|hot|full|"
            rf"slow)\b)"
        ),
        without=word_set("@guest WRONG FAIL ALERT RULE METRIC WHY FULL SLOW VM CT GUEST WHO SCRUB @past VERSION BACKUP")
        | NO_ORDER,
        drops=word_set("CANCELLED PULL REBOOT FINE SAFE"),
    ),
    # `is somebody cloning a machine at the moment?`, `is tank being verified?`
    Mark(
        ("@task_now", "RUNNING"),
        re.compile(
            r"\b(?:is|are) (?:some|any)(?:body|one|thing) (?:\w+ (?:or|and) )?"
            r"(?:cloning|snapshotting|migrating|moving|restoring|backing up|copying|verifying|pruning)\b|"
            r"\bbeing (?:verified|pruned|checked for rot)\b"
        ),
        without=word_set("@past WHY") | NO_ORDER,
        drops=word_set("ANYTHING DISK STORAGE"),
    ),
    # `did the check of tank go through?`
    Mark(
        ("VERIFY", "LAST"),
        re.compile(r"\bchecks? of\b.*\b(?:go|went|gone|come|came|fail\w*|end\w*|finish\w*|through|run|ran)\b"),
        all_of=word_set("@datastore"),
        without=word_set("WHY ALERT RULE") | NO_ORDER,
    ),
    # `what is scheduled tonight?`, `when's the next thing due to start there?`
    Mark(
        ("@ahead", "JOBLIST", "NEXT"),
        re.compile(
            r"\b(?:what|which|when|anything|something|list)\b"
            r"(?>.*?\b(?:scheduled|planned|due|lined up|upcoming|coming up)\b).*"
            r"\b(?:tonight|next|tomorrow|happen|run|runs|start|starts|begin|overnight|this night)\b|"
            r"\b(?:next|upcoming) (?:thing|work|run|runs|jobs?|tasks?)\b.*\b(?:due|scheduled|start|begin|planned)\b"
        ),
        without=word_set("@guest @job UPDATES FAIL WHO CERTIFICATE @who_did RESTORE MIGRATION SCRUB DISK") | NO_ORDER,
        drops=word_set("HAPPENED FINISHED @past @time GUEST CHANGED TASK SEVERAL REBOOT"),
    ),
    # `log of the newest backup task of web`, `UPID of the vzdump that died`
    Mark(
        ("@log", "LOG"),
        re.compile(r"\b(?:logs?|upid|log ?lines?|output|log tail|last lines|verbatim)\b"),
        needs=word_set("TASK BACKUP GC VERIFY PRUNE SYNC MIGRATION RESTORE REPLICATION"),
        without=word_set("METRIC RULE ALERT WHY COUNT RUNBOOK SIZE EATS DISCOVER @storage @user GUEST VM CT")
        | NO_ORDER,
        drops=word_set("BOOT_ORDER DURATION"),
    ),
    # `for how many minutes had garbage collection been at work?`
    Mark(
        ("DURATION", "LAST"),
        re.compile(r"\bhow (?:many (?:minutes|hours|seconds)|much time|long (?:had|was))\b(?! (?:ago|until|till))"),
        needs=word_set("GC VERIFY PRUNE SYNC"),
        without=word_set("NEXT PROGNOSIS KEEPS RUNNING @guest METRIC RULE ALERT MEAN WRONG FAIL DOWN LACK") | NO_ORDER,
        drops=word_set("SINCE COUNT"),
    ),
    # `why was there no backup this night?`: the cause is asked for, and no list of what ran
    Mark(
        ("WRONG",),
        re.compile(r"\bwhy\b|\bhow come\b|\bwhat (?:kept|stopped)\b"),
        all_of=word_set("BACKUP WHY"),
        needs=word_set("LACK STOPPED NOT"),
        without=word_set("@entity EXCLUDED JOBLIST ALERT RULE GUEST VM CT") | NO_ORDER,
        drops=word_set("LACK STOPPED FINISHED @past LAST EXISTS"),
    ),
    # `who stopped something by hand yesterday?`, `what have people done on pve2?`, `was anything switched off?`
    Mark(
        ("CHANGED", "@by_hand"),
        re.compile(
            rf"\b(?:what|which|anything|show|list)\b(?>.*?\b{_PEOPLE}\b).*\b(?:did|done|do|doing|touch\w*|changed?)\b|"
            r"\b(?:who|what|every\w+|any\w+|some\w+)\b(?>.*?\b(?:\w+ed|done)\b).*\b(?:by hand|manually|"
            r"by a (?:person|human))\b|\b(?:human|manual) (?:actions?|activit\w+|deeds|interventions?|changes)\b|"
            r"\b(?:was|were|has|have|did) (?:any|some)(?:thing|body|one)(?: been)?(?: \w+)? "
            r"(?:(?:switch|turn|power)(?:ed)?|shut)(?: \w+){0,2} (?:off|down)\b"
        ),
        without=word_set("@action @how BACKUP ALERT @user @guest @stranger WHY TODO IF METRIC"),
        drops=word_set("PEOPLE BEYOND @inside EXCEPT FULL TASK STOPPED FINISHED HAPPENED RUNBOOK REBOOT @steps"),
    ),
    # `how fresh is the copy of web on the other node?`, `last replication of web?`
    Mark(
        ("REPLICATION", "@replica_of_one"),
        re.compile(
            rf"\b(?:copy|copies|copied|cop(?:y|ies) over|replicas?|mirrored)\b.{{0,40}}\b(?:on|to|at|"
            rf"over to) {_OTHER_NODE}\b|"
            r"\bcop(?:y|ied) (?:over )?to an?other (?:node|host)\b|\b(?:standby|replication|replicated) cop(?:y|"
            r"ies)\b|\breplication run\b|\breplicat(?:ed?|ion)\b.*\blast\b|\blast\b.*\breplicat(?:ed?|ion)\b"
        ),
        all_of=word_set("@guest"),
        without=word_set("WHY FAIL LOG COUNT IF SAFE DATASTORE @datastore MIGRATION") | NO_ORDER,
        drops=word_set("BACKUP DISK VIRTUAL_DISKS RUNNING DURATION NODE TASK NEXT"),
    ),
)
