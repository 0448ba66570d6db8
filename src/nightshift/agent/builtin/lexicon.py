"""The vocabulary: which words and phrases stand for which concept. Intents weigh concepts, never single words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nightshift.agent.builtin.words import Token, stem

TYPO_FLOOR = 0.8
SHORTEST_TYPO = 5

# Longer phrases win over shorter ones. Every word passes through `stem`, so inflections need no entry of their own.
PHRASES: Mapping[str, str] = {
    "WHY": (
        "why|how come|what cause|cause of|reason|root cause|explain|what happened to|what is causing|"
        "diagnose|troubleshoot|debug|investigate|what made"
    ),
    "WRONG": (
        "any trouble|any problem|any issue|look at first|look into|out of bed|seem off|feel off|bad|matter|"
        "what is up with|complain|complaint|"
        "wrong|problem|issue|trouble|broken|break|broke|attention|unhealthy|sick|anomaly|worry|concern|"
        "incident|not working|does not work|acting up|misbehave|urgent|critical|warning|bother|on fire|"
        "hiccup|weird|stuck|suffer|hurt|need fixing"
    ),
    "FAIL": (
        "fail|failure|error|crash|abort|die|dying|dead|keep restarting|restart loop|restart|restarting|flap|"
        "oom|go wrong|went wrong"
    ),
    "DOWN": "down|offline|unreachable|not reachable|not responding|not up|outage|unavailable|gone",
    "FINE": (
        "ok|okay|fine|good|healthy|health|well|alright|all right|in order|all green|green|as it should|"
        "in good shape|safe and sound|quiet"
    ),
    "ANYTHING": (
        "any trouble|any problem|any issue|house|anything|everything|something|overall|whole|all system|"
        "all my system|my lab|the lab|homelab|"
        "home lab|my system|the cluster|infrastructure|my stuff|thing"
    ),
    "STATE": (
        "tell me everything|everything about|all about|status|state|how is|how are|doing|condition|situation|"
        "overview|summary|summarise|summarize|sitrep|tell me about|describe|detail|info|information|look at|"
        "look like|check on|check up|shape|report|brief|know about|how does"
    ),
    "LIST": "which|list|show|what|give me|enumerate|display|name|see",
    "COUNT": "how many|count|number of|amount of|total number",
    "RUNNING": "what live on|run|running|up|active|live|online|alive|powered on|turned on|switched on|in progress",
    "STOPPED": (
        "stopped|off|powered off|shut down|shutdown|not running|halted|turned off|switched off|inactive|paused"
    ),
    "VM": "vm|vms|virtual machine|qemu|kvm|virtual server",
    "CT": "container|ct|cts|lxc",
    "GUEST": "what live on|guest|machine|workload|instance|box|service",
    "NODE": "node|host|hypervisor|server|proxmox host|physical",
    "STORAGE": "storage|pool|volume|disk space|lvm|zfs|storage pool|thin pool|drive|disk",
    "DATASTORE": (
        "datastore|data store|backup storage|backup server|backup datastore|backup space|backup disk|"
        "backup repository|proxmox backup server|storage for backup|storage of backup|backup target|"
        "space for backup|backup drive|backup volume|backup pool"
    ),
    "FILESYSTEM": "filesystem|file system|partition|root disk|mount|mount point|root fs|rootfs",
    "FULL": (
        "full|disk space|fill|filling|fullness|capacity|space|free|left|remain|run out|running out|"
        "how much room|room|used up|run out of space|out of space|usage|used|utilised|utilized|time to full|"
        "occupied|consumed|enough space"
    ),
    "BACKUP": (
        "nobody save|not saved|save|copy|backup|back up|backed up|vzdump|archive|back-up|backuped|not backed up|"
        "no backup|unprotected|"
        "uncovered|backup job|not covered|not protected|never backed up"
    ),
    "LAST": "last|latest|most recent|newest|how old|how long ago|recent|when|how recent|how fresh|age",
    "LACK": (
        "nobody save|nobody back up|no copy|not saved|no backup|without|missing|not covered|not backed up|never|"
        "never backed up|lack|unprotected|"
        "uncovered|do not have|have no|has no|not protected|not in any|not have|unsaved|forgotten"
    ),
    "PROTECTED": "covered|protected|included|in a job|safe",
    "ALERT": "alert|alarm|fire|firing|pager|page|paging|notification|ring|beep",
    "RULE": "rule|alert rule|alerting rule|threshold",
    "TASK": "task|job|activity|log entry|operation",
    "FINISHED": "happen|ran|occur|go on|went on|take place|took place|finish|complete",
    "LOG": "log|output",
    "CHANGED": (
        "anything new|something new|what new|news|change|changed|new since|different|what is new|modify|modification"
    ),
    "MIGRATION": "migration|migrate|moved",
    "RESTORE": "restore|restoring|restorable|recover|recovery|recoverable|bring back|get back|get it back|roll back",
    "BACK": "back",
    "ABLE": "able|possible|be able|can we|could we|able to|would we|would i",
    "PROPERLY": "survive a fire|properly|correctly|backed up well|survive|lose|lost|loss|at risk|risk",
    "GC": "garbage collection|gc|garbage collect",
    "VERIFY": "verify|verification",
    "PRUNE": "prune|pruning",
    "SYNC": "sync",
    "SNAPSHOT": "snapshot",
    "REPLICATION": "replication|replicate",
    "RUNBOOK": (
        "what can i do|what can be done|what do i do about|runbook|run book|procedure|playbook|guide|"
        "documentation|doc|instruction|how do i|how to|how can i|how should i|what should i do|step|"
        "what do i do|how would i|fix for|recipe|manual|what to do|remedy|solution"
    ),
    "CPU": "cpu|processor|core usage|compute|cpu load|cpu usage|processor load",
    "MEMORY": "memory|ram|mem|memory usage|ram usage",
    "DISK": "disk usage|disk use|filesystem usage|disk fill|disk space used|disk",
    "NETIN": (
        "network|network traffic|traffic|bandwidth|network in|received|download|inbound|throughput|network usage"
    ),
    "NETOUT": "network out|sent|upload|outbound|transmit",
    "DISKREAD": "disk read|read rate",
    "DISKWRITE": "disk write|write rate|disk io|disk i/o|written",
    "SWAP": "swap|swapping",
    "IOWAIT": "iowait|io wait|i/o wait|io delay",
    "LOAD": "load average|load avg|load|system load",
    "UPTIME": ("uptime|up time|up since|how long has|how long up|been up|been running"),
    "OVERTIME": (
        "over|trend|history|graph|chart|average|avg|mean|peak|maximum|p95|spike|curve|development|grew|"
        "growth|plot|timeline|highest value"
    ),
    "MOST": (
        "most|highest|top|biggest|largest|hungriest|busiest|heaviest|max|hog|eat|eating|worst|greedy|"
        "greediest|consume most|more than|consumer|longest|use the most|fullest"
    ),
    "LEAST": "least|shortest|lowest|smallest|idle|idlest|fewest",
    "EATS": (
        "eat|eating|take up|taking up|takes up|fill up|filling up|using up|use up|hog|hogging|occupy|what is on|"
        "what lies on|what is in|take space|taking space|take the space|use the space|using the space|uses the space|"
        "take most space|where did the space|where does the space|where is the space|"
        "biggest volume|largest volume|volume|consume|consuming|space go|space gone"
    ),
    "PHYSICAL": (
        "smart|smart value|smart status|physical disk|hard disk|hard drive|hdd|ssd|nvme|spinning rust|disk health|"
        "drive health|disk temperature|drive temperature|wearout|wear out|bad sector|pending sector|reallocated|vdev|"
        "which disk|which drive|what disk|failing disk|failed disk|dying disk|bad disk|faulty disk|broken disk|"
        "failing drive|bad drive|dead disk|dead drive|faulted disk"
    ),
    "HEAT": "hot|heat|temperature|warm|too hot|overheating|overheat",
    "PULL": "pull|swap out|replace|exchange|swap the disk|change the disk",
    "COMPARE": "compare|comparison|versus|vs|difference between|compared|compare to|side by side",
    "REBOOT": (
        "restart|reboot|rebooted|restarted|booted|last boot|last start|last restart|boot time|came up|come up|start up|"
        "power cycle|came back|come back|reset itself"
    ),
    "SLOW": (
        "slow|slowly|sluggish|lag|laggy|lagging|crawl|crawling|unresponsive|overloaded|overload|busy|bogged|"
        "bogged down|take forever|takes forever|pegged|maxed|maxed out|under load|stutter|stuttering|"
        "struggle|performance|bottleneck|snail"
    ),
    "VERSION": "version|release|kernel|which proxmox|what proxmox|pve version|up to date",
    "WHERE": (
        "node host|which host run|what host run|where|on which node|on which host|on what node|on which|"
        "located|live on|which node is|which node does|what node is|which host is"
    ),
    "TARGET": "target|scrape|exporter|scraping|scraped|monitored",
    "METRIC": "metric|metrics|time series|measurement|what data|promql",
    "JOBLIST": (
        "when do backup|when does backup|when do the backup|when does the backup|what time do backup|"
        "time of backup|backup window|backup job|backup schedule|backup plan|schedule|vzdump job|scheduled"
    ),
    "HELP": (
        "help|what can you do|who are you|what are you|what can i ask|what do you know|capability|"
        "how do you work|what can you answer|what are you able|what do you do"
    ),
    "GREET": "hi|hello|hey|good morning|good evening|good afternoon|moin",
    "THANKS": "thank|thanks|thank you|cheers|great|perfect|nice|bye|goodbye|good night",
    "SOURCES": (
        "what are you connected|connected|source|what can you see|what do you see|systems do you|watched|"
        "configured system|"
        "data source|backend|connection|blind|not see"
    ),
    "AGAIN": "and|what about|how about|also|same|then|as well|too|instead",
    "IT": "it|its|that|this|them|their|those|there|they|that one|this one|he|him|one",
    "PROGNOSIS": (
        "when will|how long until|time until|how soon|be full|will be|forecast|predict|days left|time left|"
        "run out|long do i have|how long will|last until"
    ),
    "SAFE": (
        "pull the plug|unplug|go away|what happen to the cluster|what happen when|what happen to my|what break|"
        "break when|break if|go down|goes down|happen if|is it safe|can i|could i|may i|should i|"
        "what if|what happens if|what dies|is it ok to|impact|can we|could we|may we|should we"
    ),
}

# Verbs that would change something. Nightshift never does; as a command they get the command to run by hand.
VERBS: Mapping[str, str] = {
    "reboot": "restart reboot reset bounce",
    "stop": "stop shutdown kill halt terminate shut abort cancel",
    "start": "start boot resume",
    "delete": "delete destroy remove wipe erase drop format",
    "migrate": "migrate move evacuate",
    "unlock": "unlock",
    "upgrade": "upgrade update patch install",
    "resize": "resize grow extend expand increase",
    "prune": "prune clean cleanup purge",
    "silence": "silence mute acknowledge ack snooze",
    "create": "create add make clone deploy",
    "change": "change set edit modify disable enable rename configure fix repair turn power assign attach detach mount",
    "restore": "restore",
    "rollback": "rollback revert",
    "pause": "pause suspend hibernate freeze",
    "maintenance": "drain",
    "snapshot": "snapshot",
    "backup": "backup",
    "run": "run execute trigger launch",
}
ACTIONS: Mapping[str, str] = {verb: action for action, verbs in VERBS.items() for verb in verbs.split()}

# Words that carry no concept but are no names either.
FUNCTION_WORDS = frozenset(
    """
    a an the of in on at to for from by with about into onto off out is are was were be been being am do does did
    has have had having i me my mine we us our you your he she they them it its this that these those there here
    and or but if so then than as not no yes any some each every all both much many more less very just only even
    still yet now currently right today please kindly can could would should will shall may might must let get got
    give take tell say know think want need see look find ask check make sure keep go going goes come which who
    whom whose what when where why how long ago far near soon ever never always often time times day days hour
    hours minute minutes week weeks month months night morning evening afternoon yesterday tomorrow tonight since
    until between during before after past last next previous current recent few couple several half thing things
    stuff kind sort type way part point place lot lots bit really actually maybe perhaps quick quickly also too
    again well ok okay hey hi hello thanks like unlike within without per via up down over under above below
    through across around against along same other another else own such one two three four five six seven eight
    nine ten first second third value values level levels rate percent percentage figure figures number use uses
    used using usage work works working happening happened server servers machine system systems cluster lab
    network data show shows list monday tuesday wednesday thursday friday saturday sunday pm utc noon midnight
    question answer someone somebody anyone anybody nobody nothing homelab proxmox it's let's lately altogether
    exactly roughly approximately compared total totally exist exists
    """.split()  # noqa: SIM905 - words read better as words
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases by their stems, the longest first, and every known stem."""

    by_stems: Mapping[tuple[str, ...], tuple[str, ...]]
    longest: int
    known: frozenset[str]

    def concepts(self, words: Iterable[Token]) -> tuple[frozenset[str], frozenset[int]]:
        """The concepts of these words, and the positions of the words that carry one."""
        sequence = list(words)
        stems = [self.corrected(token) for token in sequence]
        found: set[str] = set()
        used: set[int] = set()
        for length in range(self.longest, 0, -1):
            for at in range(len(stems) - length + 1):
                concepts = self.by_stems.get(tuple(stems[at : at + length]))
                # A word inside a longer phrase that was found speaks for that phrase only.
                if concepts and not used.intersection(range(at, at + length)):
                    found.update(concepts)
                    used.update(range(at, at + length))
        return frozenset(found), frozenset(used)

    def corrected(self, token: Token) -> str:
        """The stem, or the known one that it is a typo of (`bakcup`)."""
        if token.stem in self.known or len(token.text) < SHORTEST_TYPO or not token.text.isalpha():
            return token.stem
        return _nearest(token.text) or token.stem

    def knows(self, token: Token) -> bool:
        """Whether it is a word of the language and not a name."""
        return token.stem in self.known or token.text in FUNCTION_WORDS


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    by_stems: dict[tuple[str, ...], tuple[str, ...]] = {}
    for concept, phrases in PHRASES.items():
        for phrase in phrases.split("|"):
            stems = tuple(map(stem, phrase.split()))
            by_stems[stems] = (*by_stems.get(stems, ()), concept)
    words = {part for stems in by_stems for part in stems}
    words.update(map(stem, FUNCTION_WORDS))
    words.update(map(stem, ACTIONS))
    return Lexicon(by_stems, max(map(len, by_stems)), frozenset(words))


@lru_cache(maxsize=1)
def _spellings() -> tuple[str, ...]:
    """Every word of the vocabulary as it is written, for finding what a typo meant."""
    phrases = (word for text in PHRASES.values() for phrase in text.split("|") for word in phrase.split())
    return tuple(
        dict.fromkeys(word for word in (*phrases, *ACTIONS, *FUNCTION_WORDS) if len(word) >= SHORTEST_TYPO - 1)
    )


@lru_cache(maxsize=512)
def _nearest(word: str) -> str | None:
    best = process.extractOne(word, _spellings(), scorer=OSA.normalized_similarity, score_cutoff=TYPO_FLOOR)
    return stem(best[0]) if best else None
