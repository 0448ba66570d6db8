"""The words: which phrases stand for which concept."""

from __future__ import annotations

from collections.abc import Mapping

from nightshift.agent.builtin.words.beyond_words import BEYOND_WORDS
from nightshift.agent.builtin.words.discovery_words import DISCOVERY_WORDS
from nightshift.agent.builtin.words.figure_words import FIGURE_WORDS
from nightshift.agent.builtin.words.self_words import SELF_WORDS
from nightshift.agent.builtin.words.state_words import STATE_WORDS
from nightshift.agent.builtin.words.subsystems import SUBSYSTEM_WORDS

# Longer phrases win over shorter ones. Every word passes through `stem`, so inflections need no entry of their own.
PHRASES: Mapping[str, str] = {
    **STATE_WORDS,
    "LIST": "what is up and running|which|list|show|what|give me|enumerate|display|name|see",
    "COUNT": "how many|count|number of|amount of|total number",
    "RUNNING": (
        "what live on|what is up and running|run|running|up|active|live|online|alive|powered on|turned on|switched on|"
        "in progress|is it on|on or off|busy with|busy doing|work on|what is up on"
    ),
    "STOPPED": "not on|stopped|off|shut down|shutdown|not running|halted|inactive|paused|disabled|deactivated",
    "VM": "vm|vms|virtual machine|qemu|kvm|virtual server",
    "CT": "container|ct|cts|lxc",
    "GUEST": "app|application|what live on|guest|machine|workload|instance|box|service",
    "NODE": "node|host|hypervisor|server|computer|physical|which node is|which host is|what node is|which node does",
    "STORAGE": "storage|pool|volume|disk space|lvm|zfs|drive|disk|nfs|cifs|smb|iscsi|share",
    "DATASTORE": (
        "datastore|data store|backup storage|backup server|backup datastore|backup space|backup disk|backup repository|"
        "storage for backup|storage of backup|backup target|space for backup|backup drive|backup volume|backup pool"
    ),
    "FILESYSTEM": "filesystem|file system|partition|root disk|mount|mount point|root fs|rootfs",
    "FULL": (
        "hit 100|reach 100|hundred percent|100 percent|full|disk space|fill|filling|fullness|capacity|space|free|left|"
        "remain|run out|room|used up|run out of space|usage|used|utilised|utilized|time to full|occupied|consumed|"
        "another gb|another tb|more gb|how big|how large|size|overflow|buy new disk|buy more disk|how many tb|"
        "how many gb|how many terabyte|how many gigabyte|how much storage|will fill up|fill up first|fill up next|"
        "percent"
    ),
    "BACKUP": (
        "nobody save|not saved|save|copy|backup|back up|vzdump|archive|back-up|backuped|not backed up|no backup|"
        "unprotected|uncovered|backup job|not covered|not protected|never backed up|get backed up"
    ),
    "LAST": (
        "last|latest|most recent|newest|how old|how long ago|recent|when|how fresh|age|oldest|older than|newer than|old"
    ),
    "LACK": (
        "nobody save|nobody back up|no copy|not saved|no backup|without|missing|not covered|not backed up|never|"
        "never backed up|lack|unprotected|uncovered|do not have|have no|has no|not protected|not in any|not have|"
        "unsaved|forgotten"
    ),
    "PROTECTED": "covered|protected|included|in a job|safe",
    "ALERT": (
        "alert|alarm|fire|firing|pager|page|paging|notification|ring|beep|buzz|going off|goes off|went off|noise|"
        "pinged|rang|rung|push message|woken|woke me|woke us|"
        "call for help|grafana say|grafana tell|grafana show|grafana report|grafana mail|"
        "grafana send|grafana sent|grafana complain|grafana nag|mail from grafana|message from grafana"
    ),
    "TASK": (
        "task|job|activity|log entry|operation|wait for|busy with|busy doing|work on|who delete|who migrate|who move|"
        "who create|who remove|who change"
    ),
    "FINISHED": (
        "happen|ran|occur|go on|went on|take place|took place|finish|complete|what did|been doing|was doing|were doing"
    ),
    "LOG": "log file|log|output",
    "HAPPENED": "happen|occur|go on|went on|took place|take place",
    "CHANGED": (
        "something new|altered|alter|fiddle|fiddled|diff|differ|mess with|timeline of|anything new|what new|news|"
        "change|changed|"
        "new since|different|what is new|modify|modification|somebody do|somebody did|somebody made something|"
        "anybody do|done to|was done|touch|tinker|i missed|since i last|while i was away|since i left|happened since"
    ),
    "MIGRATION": "migration|migrate|moved",
    "RESTORE": (
        "restore|restoring|restorable|recover|recovery|recoverable|bring back|get back|get it back|roll back|rebuild|"
        "lose for good|be restored|be recovered|be brought back|lose data|data loss|lose my data"
    ),
    "BACK": "back",
    "ABLE": (
        "restorable|recoverable|able|possible|can we|could we|would we|would i|be restored|be recovered|be brought back"
    ),
    "PROPERLY": (
        "survive a fire|properly|correctly|backed up well|survive|lose|lost|loss|risk|burn|burned down|for good|"
        "disaster|ransomware|catastrophe|stolen"
    ),
    "GC": "garbage collection|gc|garbage collect",
    "VERIFY": "verify|verification",
    "PRUNE": "prune|pruning|retention|retention policy|keep policy|how long are backup kept",
    "KEEPS": "retention|retention policy|keep policy",
    "SYNC": "sync",
    "SNAPSHOT": "snapshot",
    "REPLICATION": "replication|replicate",
    "RUNBOOK": (
        "what can i do|what can be done|runbook|run book|procedure|playbook|guide|documentation|doc|instruction|"
        "how do i|how to|how can i|how should i|what should i do|step|what do i do|how would i|fix for|recipe|manual|"
        "what to do|remedy|solution|drill|walk me through|talk me through|now what|what now|how does one|how do you|"
        "how do we|by hand|manually|what to check|should i check|do i check|what to look at|checklist|what to look for|"
        "note suggest|note recommend|note advise|note say to do|note tell to do|handbook|by the book|textbook|cookbook"
    ),
    **FIGURE_WORDS,
    "REBOOT": (
        "what kill|what stop|what restart|what reboot|what shut|restart|reboot|rebooted|restarted|booted|last boot|"
        "last start|last restart|came up|come up|start up|power cycle|came back|come back|reset itself|who start|"
        "who stop|who shut|who pull the plug|who killed|was start|were start|got start|been start|was stop|were stop|"
        "been stop|was shut|were shut|been shut|switched itself off"
    ),
    "SLOW": (
        "bogged down|slow|slowly|slowness|drag|dragging|take eternal|take an eternity|take eternity|last age|molasses|"
        "treacle|"
        "sluggish|lag|laggy|lagging|crawl|crawling|unresponsive|overloaded|overload|busy|bogged|take forever|pegged|"
        "maxed out|under load|stutter|stuttering|struggle|performance|bottleneck|snail|pressure|stress|stressed|strain|"
        "sweating|work hard|work harder|loaded|choke|choking|resource|resources|hogging resource|eating resource|"
        "take age"
    ),
    "VERSION": "version|release|kernel|which proxmox|what proxmox",
    "WHERE": (
        "node host|which host run|what host run|where|on which node|on which host|on what node|on which|located|"
        "live on|which node is|which node does|what node is|which host is"
    ),
    "TARGET": (
        "no data|no more data|panel|empty graph|graph is empty|graph empty|no longer report|not report|target|scrape|"
        "exporter|scraping|scraped|monitored|flap|flapped|flapping|deliver|delivered to prometheus"
    ),
    "METRIC": (
        "collect anything|metric|metrics|time series|measurement|what data|promql|measure|is there a metric|collect|"
        "expression for|"
        "query for|query about|can i query|series about|series for|series on|any series"
    ),
    "JOBLIST": (
        "when do backup|when does backup|when do the backup|when does the backup|what time do backup|time of backup|"
        "backup window|backup job|backup schedule|backup plan|schedule|vzdump job|scheduled"
    ),
    "AGAIN": "and|what about|how about|also|same|then|as well|too|instead",
    "IT": "it|its|that|this|them|their|those|there|they|that one|he|him|one",
    "PROGNOSIS": (
        "when will|hit the ceiling|reach its limit|hit its limit|hits the wall|how long until|time until|how soon|"
        "be full|will be|forecast|predict|days left|time left|run out|long do i have|how long will|last until|eta|"
        "buy new disk|buy more disk|buy a new disk|buy disk|need more disk|need new disk|grow|rate|make it through|"
        "year|next month|next week|days until|weeks until|months until|until it is full|run out of|time to full"
    ),
    "SAFE": (
        "objection|objections|reason not to|reason against|speak against|bet on|count on|trust|precious|expendable|"
        "maintenance|good time for|bad idea|good idea|fail over|failover|hang on it|hang on|pull the plug|unplug|"
        "what happen to the cluster|what happen when|what happen to my|what happen to the guest|"
        "what happen to my guest|what happen to the vm|what happen to everything|what break|break when|break if|"
        "happen if|is it safe|can i|dare i|dare we|could i|may i|should i|what if|what happens if|what dies|"
        "is it ok to|impact|can we|could we|may we|should we|ok to|okay to|fine to|safe to|alright to|all right to|"
        "good time to|bad time to|good moment to|anyone notice|anybody notice|would it hurt|does it hurt|risky|"
        "dangerous|depend|rely on|carry the load|carry on without|without it|go with|goes with|die with|goes down with|"
        "go down with|left standing|do without|blast radius|consequence|fallout of|outage mean"
    ),
    "IF": (
        "what happen if|happen if|what if|break if|what dies|die with|dies with|goes with|go with|goes down with|"
        "go down with|up in smoke|gets stolen|burn down|blow up|explode|bite the dust|kick the bucket|if|in case|"
        "suppose|would survive|would die|would stop|would break|would happen|would go|impact of losing|loss of|"
        "effect of losing|losing|failure of"
    ),
    # No intent weighs it: `tell me if` supposes nothing.
    "CHECK": "to drive|drive to|drive over|drive home|tell me if|check if|see if|know if|say if|wonder if|look if",
    "EXISTS": "is there|are there|there is|there are|is there any|was there|were there",
    "SINCE": (
        "since when|how long has that|how long has this|how long has it|for how long|how long already|"
        "when did it start|when did that start|when did this start|when did it begin|when did that begin|"
        "how long is that|how long is it|how long now|been going on|when did it happen|when did that happen"
    ),
    "CULPRIT": (
        "who turn|who switch|who power|who pull|who cause|what cause|who is behind|who is responsible|whose fault|"
        "who is to blame|who did that|who did it|which guest was it|which vm was it|who was it|who is it|"
        "which one was it|by whom"
    ),
    "LATER": (
        "christmas|easter|new year|the holidays|next year|next month|next week|tomorrow|next decade|next summer|"
        "next winter|coming winter|coming summer|coming year|coming month|this winter|some day|in the future|this year|"
        "one day"
    ),
    "BEYOND": BEYOND_WORDS,
    "PROMISE": (
        "guarantee|guaranteed|promise me|you promise|you swear|swear to me|crystal ball|foresee|foretell|predict that|"
        "sure that nothing will|certain that nothing will|will it all survive|will all survive|will everything survive"
    ),
    "DATASOURCE": "datasource|grafana data source|data source in grafana|data source of grafana",
    "SIZE": "how big|how large|size of|biggest|largest|smallest|how many gb|how many gigabyte|how many tb",
    "CORES": (
        "core|vcpu|virtual cpu|cpu core|how many core|how many cpu|how many processor|number of core|number of cpu|"
        "cpu count|core count|cpu assigned"
    ),
    "SEVERE": "critical|crit|severe",
    "MILD": "warning",
    "PENDING": "pending|about to go off|about to fire|about to alert|close to firing|near firing",
    "EXCEPT": "not counted|not including|excluding|excluded|except|without|apart from|no",
    "TOTAL": (
        "total|sum|altogether|combined|combine|add up|sum up|overall sum|aggregate|grand total|cumulative|together"
    ),
    "ASSIGNED": (
        "assign|assigned|allocate|allocated|provision|provisioned|handed out|given|gave|promised|configured|reserved|"
        "set aside|limit of|limited to|capped at|cpu assigned|size of|sized|in size|dimension|spec"
    ),
    "IN_USE": "use|using|usage|used|consume|consuming|consumption|eat|eating|utilisation|utilization|take",
    "NOT": (
        "does not|do not|did not|will not|can not|could not|would not|no longer|refuse|unable|not able to|nobody can"
    ),
    "PEOPLE": "user|people|wife|husband|kid|kids|child|children|family|friend|customer|colleague|boss|team",
    "TODO": (
        "have to do|need to do|anything to do|to do list|need doing|what to do today|on my plate|on the agenda|"
        "single thing|one thing|worth my time|spend my time on"
    ),
    "SECRET": "password|passphrase|credential|secret|private key|ssh key|api key|token",
    "ADVICE": "should i|should we|worth it|is it worth|better to|better off",
    "TAG": "tag|tagged|taged|label|labelled|labeled|marked as|flagged as",
    "ADDRESS": "ip|ips|address|addresses",
    "AUTOSTART": "onboot|autostart|start on boot|start at boot|boot order|starts by itself",
    "MANAGED": "high availability|ha|ha managed|ha state",
    "LOCK": "lock|locked|unlock|unlocked|lock held|locking",
    "LIES": "what is on|what is in|what lies on|what sits on|who is on|who is in|who lives on|what do i have on",
    "TEMPLATE": "template|templates",
    "PEAK": "peak|maximum|highest|max|spike|top value|worst value",
    "MEAN": "average|avg|on average|typical",
    "LOWEST": "minimum|lowest|min",
    "FREE": "free|left|available|headroom|spare|unused memory|most headroom|most room",
    "MOST_FREE": "headroom|most headroom|most room",
    "DURATION": "how long did|how long do|how long does|duration|take so long|take long|how long took",
    "ORPHAN": (
        "belong to nobody|belong to no one|belong to no guest|without owner|orphan|orphaned|leftover|left over|unused|"
        "unused disk|nobody use|not used|abandoned|stale disk"
    ),
    "RULE": (
        "condition of the rule|rule|alert rule|threshold|query behind|query of|query for alert|condition of the alert|"
        "firing condition|"
        "trigger|fires when"
    ),
    "REACH": "reachable|mounted|attached|connected to the storage",
    "REBOOT_NEEDED": (
        "need a reboot|reboot needed|reboot require|pending reboot|need rebooting|need a restart|reboot pending|"
        "want a reboot|require a reboot|wait for a reboot|due for a reboot|should be rebooted|should reboot|"
        "have to reboot|has to reboot|has to be rebooted|require rebooting"
    ),
    "UPDATES": (
        "everything up to date|up to date|pending update|updates pending|update available|pending upgrade|"
        "are there update|updates|upgrades|patches|unpatched|security fix|apt upgrade|packages out of date|outdated|"
        "upgradable|upgradeable"
    ),
    **SELF_WORDS,
    **SUBSYSTEM_WORDS,
    **DISCOVERY_WORDS,
}
