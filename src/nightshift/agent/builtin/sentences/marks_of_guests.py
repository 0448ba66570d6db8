"""Marks about sets of guests and the jobs that save them."""

from __future__ import annotations

import re

from nightshift.agent.builtin.sentences.mark import NO_ORDER, Mark
from nightshift.agent.builtin.words.tokens import word_set

_SIZE = r"\d+ ?(?:g|gb|gib|gigs?|gigabytes?)"
_GUEST = r"(?:vm|guest|container|ct|lxc|machine)"
_NEW_GUEST = (
    rf"\b(?:(?:new|another|one more|extra|additional|{_SIZE})(?: \S+){{0,2}}? (?:{_GUEST}|one)s?|"
    rf"{_GUEST}s? (?:with|of|that (?:needs?|has|wants?)) (?:\S+ ){{0,4}}?{_SIZE})\b"
)
MARKS: tuple[Mark, ...] = (
    # `I can't log in to vaultwarden`: who got in is seen nowhere, whether it runs is.
    Mark(
        ("STATE",),
        re.compile(r"\b(?:can(?: ?no|')?t|unable to|let (?:me|us)|nobody can|fails? to) (?:log|sign) ?(?:in|on)\b"),
        all_of=word_set("@guest"),
        without=word_set("WHY TASK ALERT BACKUP FINE RUNNING DOWN WRONG") | NO_ORDER,
        drops=word_set("BEYOND NOT ANYTHING"),
    ),
    # `is there an earlier state that I can roll it back to?`
    Mark(
        ("SNAPSHOT",),
        re.compile(r"\broll(?:ed|ing)?\b.{0,30}\bback\b|\brollback\b"),
        all_of=word_set("@guest"),
        without=word_set("BACKUP UPDATES MIGRATION IF TASK") | NO_ORDER,
        drops=word_set("RESTORE BACK ABLE STATE"),
    ),
    # `which node rebooted last?`
    Mark(
        ("UPTIME", "LEAST"),
        re.compile(
            r"\b(?:which|what) (?:node|host|guest|vm|container|machine)\b.*"
            r"\b(?:re)?(?:boot|start)ed (?:last|most recently|latest)\b|"
            r"\b(?:last|latest|most recent) (?:node|host|guest|vm|container) (?:to|that) (?:re)?(?:boot|start)\w*\b"
        ),
        without=word_set("@guest @node BACKUP TASK AFTER_BOOT") | NO_ORDER,
        drops=word_set("REBOOT LAST FAIL FINISHED"),
    ),
    # `how many containers does docker-host run?`: those inside a guest are none of PVE's.
    Mark(
        ("@inside",),
        re.compile(r"\bcontainers\b.*\b(?:does|do|on|in|inside|within)\b|\b(?:in|inside|within|on)\b.*\bcontainers\b"),
        needs=word_set("COUNT WHO LIST"),
        all_of=word_set("@guest CT RUNNING"),
        without=word_set("@node NODE VM BACKUP DOCKER GUEST SAFE IF CPU MEMORY") | NO_ORDER,
    ),
    # `which guests have no replica?`
    Mark(
        ("@unreplicated",),
        re.compile(r"\b(?:no|not|without|lack\w*|missing|un)\b.*\b(?:replica\w*|replicat\w*)\b"),
        needs=word_set("GUEST VM CT WHO"),
        all_of=word_set("REPLICATION"),
        without=word_set("@guest FAIL WRONG TASK ALERT RULE @past") | NO_ORDER,
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
        needs=word_set("TASK JOBLIST BACKUP"),
        without=word_set("@guest GC VERIFY PRUNE SYNC REPLICATION ALERT RULE") | NO_ORDER,
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
        needs=word_set("BACKUP"),
        without=word_set("@datastore DATASTORE PRUNE FAIL FINISHED RUNNING @past ALERT RULE GC VERIFY SYNC @user COUNT")
        | NO_ORDER,
    ),
    # `did the nightly job run?`: of what was, not of what runs.
    Mark(
        ("FINISHED",),
        re.compile(r"\bdid\b.* run\b(?! (?:now|at the moment|out|on))"),
        needs=word_set("TASK BACKUP GC VERIFY PRUNE SYNC REPLICATION"),
        drops=word_set("RUNNING"),
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
        all_of=word_set("@guest @node"),
        without=word_set("FAIL DOWN WRONG SLOW STOPPED BACKUP TASK ALERT NOT RUNBOOK UPTIME CPU MEMORY DISK FULL IF")
        | NO_ORDER,
    ),
    Mark(
        ("@moved", "@moved_here", "MIGRATION"),
        re.compile(
            r"\bwhere (?:was|did|has)\b.*\b(?:before|previously|earlier|originally|come from|until)\b|"
            r"\bon (?:which|what) (?:node|host|server) (?:was|did)\b.*\b(?:before|previously|earlier)\b|"
            r"\bwho (?:moved|migrated|shifted|relocated|sent)\b"
        ),
        all_of=word_set("@guest"),
        without=word_set("BACKUP FAIL DISK SNAPSHOT") | NO_ORDER,
    ),
    # `did a guest get added today?`, `who made the new container?`
    Mark(
        ("CREATED",),
        re.compile(
            r"\b(?:guest|vm|container|machine|ct|lxc)s?\b.{0,20}\b(?:added|made|set up|appear\w*|installed|spun up|"
            r"born|joined)\b|\b(?:add|make|made|added|install|installed|set up|spin up|spun up)\b.{0,16}"
            r"\b(?:guest|vm|container|machine)s?\b|\bnew (?:guest|vm|container|machine|ct|lxc)s?\b"
        ),
        needs=word_set("@past"),
        without=word_set("@guest BACKUP SNAPSHOT IF SAFE NODE") | NO_ORDER,
        drops=word_set("CHANGED"),
    ),
    # `who made container 135?`
    Mark(
        ("CREATED", "@made", "LAST"),
        re.compile(r"\bwho (?:has |had )?(?:created|made|added|installed|set up|spun up|cloned)\b"),
        needs=word_set("@guest GUEST VM CT"),
        without=word_set("BACKUP SNAPSHOT") | NO_ORDER,
        drops=word_set("CHANGED"),
    ),
    # `which guest is the newest?`
    Mark(
        ("@guest_age",),
        re.compile(
            r"\b(?:newest|youngest|oldest|eldest|latest|first) (?:guest|vm|container|machine|ct|lxc)s?\b|"
            r"\b(?:guest|vm|container|machine|ct|lxc)s?\b.{0,24}\b(?:newest|youngest|oldest|eldest|"
            r"(?:created|made|added|set up) (?:last|most recently|first))\b"
        ),
        without=word_set("@guest BACKUP SNAPSHOT TASK ALERT REBOOT UPTIME LACK BOOT_ORDER AUTOSTART RESTORE")
        | NO_ORDER,
    ),
    # `which VMs use UEFI?`, `who is in VLAN 20?`, `which guests run Windows?`
    Mark(
        ("@setting_of_all", "OPERATING_SYSTEM"),
        re.compile(
            r"\b(?:which|what|any|how many|list|all|who|are there)\b"
            r"(?>.*?\b(?:guests?|vms?|containers?|machines?|cts?|lxcs?)\b).*"
            r"\b(?:windows|linux|debian|ubuntu|alpine|fedora|centos|freebsd)\b(?!-)|"
            r"\b(?:windows|linux|debian|ubuntu|alpine|fedora|centos|freebsd) (?:guests|vms|containers|machines|boxes)\b"
        ),
        without=word_set("BACKUP TASK VERSION UPDATES TEMPLATE FAIL DOWN CPU MEMORY DISK IF ALERT") | NO_ORDER,
    ),
    Mark(
        ("@setting_of_all",),
        re.compile(
            r"\b(?:which|what|any|how many|list|all|who|are there|show)\b.*"
            r"\b(?:guests?|vms|containers|machines|cts|lxcs)\b|\bwho (?:is|are|sits|lives) (?:in|on)\b.*\bvlan\b"
        ),
        needs=word_set("FIRMWARE UNPRIVILEGED INTERFACES ADDRESS"),
        without=word_set("@guest BACKUP TASK FAIL DOWN CPU MEMORY DISK METRIC NODE VERSION NETIN TAG") | NO_ORDER,
        drops=word_set("SOURCES"),
    ),
    # `is memory overcommitted?`
    Mark(
        ("@overcommit_all",),
        re.compile(
            r"\b(?:over-?(?:commit\w*|provision\w*|subscri\w*|allocat\w*)|commit(?:ment)? ratio)\b|"
            r"\b(?:total|all|together)\b.*\b(?:handed out|given|assigned|allocated)\b.*\b(?:against|vs|versus|to)\b"
        ),
        needs=word_set("MEMORY OVERCOMMIT CORES CPU"),
        without=word_set("@guest @node @storage STORAGE DISK RULE ALERT GUEST VM CT") | NO_ORDER,
    ),
    # `does a 6 GB guest fit on pve3?`, `how many more 4 GB VMs can pve1 take?`
    Mark(
        ("@brings_load", "@new_guest", "SAFE"),
        re.compile(rf"^(?=.*\b(?:can|could|may|would|will|does|do|is|enough|fits?|room|ok)\b).*{_NEW_GUEST}"),
        all_of=word_set("@node"),
        without=word_set("@guest BACKUP IF SNAPSHOT STORAGE @storage @past ALERT RULE WHY PHYSICAL WEAR") | NO_ORDER,
        drops=word_set("@room CHANGED"),
    ),
    # `where should I put a new VM?`
    Mark(
        ("@placement", "NODE", "MEMORY", "FREE", "MOST"),
        re.compile(
            rf"\bwhere (?:should|would|could|can|do|to|shall)\b.*\b(?:put|place|create|host|deploy|add|spin up)\b.*"
            r"\b(?:vm|guest|container|machine|one)\b|"
            rf"^(?=.*\b(?:which|what) (?:node|host|server)\b.*\b(?:room|space|place|best|fits?|take)\b).*{_NEW_GUEST}"
        ),
        without=word_set("@guest BACKUP"),
        drops=word_set("ADVICE SAFE VM CT GUEST CHANGED WHERE FULL"),
    ),
    # `which guests have more memory than they need?`
    Mark(
        ("MEMORY", "FULL_SHARE", "LEAST"),
        re.compile(
            r"\bmore (?:memory|ram) than (?:they|it|needed|necessary|is needed)\b|"
            r"\btoo much (?:memory|ram)\b|\bover-?sized\b|\bwast\w+\b.*"
            r"\b(?:memory|ram)\b|\b(?:memory|ram)\b.*\bwast\w+\b"
        ),
        needs=word_set("GUEST VM CT WHO"),
        without=word_set("@guest @bound BACKUP") | NO_ORDER,
        drops=word_set("MOST"),
    ),
    # `which guest has the most backups?`
    Mark(
        ("@most_copies",),
        re.compile(r"\b(?:most|fewest|least) (?:backups|copies|restore points|dumps|versions)\b"),
        needs=word_set("BACKUP"),
        without=word_set("@guest @datastore DATASTORE"),
    ),
    # `which guests are not under HA?`
    Mark(
        ("@unmanaged",),
        re.compile(r"\b(?:not|no|without|outside|lack\w*)\b.{0,24}\b(?:ha|high availability|ha.managed)\b"),
        needs=word_set("GUEST VM CT WHO"),
        all_of=word_set("MANAGED"),
        without=word_set("@guest") | NO_ORDER,
    ),
)
