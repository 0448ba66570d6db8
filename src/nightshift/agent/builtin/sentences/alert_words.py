"""Whether a question about an alert is about the rule behind it: when it would fire, and not whether it does."""

from __future__ import annotations

import re

from nightshift.agent.builtin.names.name_forms import RULE_NAME

# What a rule or an alert is about, as it stands in its name or its query.
TOPICS = {
    "CPU": "cpu", "MEMORY": "memory", "SWAP": "swap", "LOAD": "load", "IOWAIT": "iowait", "BACKUP": "backup",
    "DATASTORE": "datastore", "REPLICATION": "replication", "CERTIFICATE": "certificate", "CEPH": "ceph",
    "SCRUB": "zfs",
    "QUORUM": "quorum", "CLOCK": "clock", "UNIT": "systemd", "UPDATES": "update", "SNAPSHOT": "snapshot",
    "HEAT": "hot",
    "FILESYSTEM": "filesystem", "PHYSICAL": "disk", "DISK": "disk", "TARGET": "target", "POWER": "ups",
    "NETIN": "network", "STORAGE": "storage", "NODE": "node", "VM": "guest", "CT": "guest", "GUEST": "guest",
}  # fmt: skip
KINDS = ("guest", "node", "datastore", "storage", "target")


def topics_meant(concepts: frozenset[str]) -> list[str]:
    """What of it is watched, in the words of rules."""
    return list(dict.fromkeys(part for concept, part in TOPICS.items() if concept in concepts))


def kinds_meant(concepts: frozenset[str]) -> list[str]:
    """Of what kinds of things: those that are named, and those that are spoken of."""
    said = topics_meant(concepts)
    return [kind for kind in KINDS if f"@{kind}" in concepts or kind in said]


_CONDITION = re.compile(
    r"\b(?:from|at|above|below|under|over|beyond|past|to|after) (?:what|which|how)\b(?! (?:time|hour|moment|day))|"
    r"\bsets? (?:it|this|that|them) off\b|\bhow (?:much|long) (?:notice|warning|in advance|ahead)\b|"
    r"\bnotice (?:\w+ ){0,3}give\b|\bhow early\b|"
    r"\bhow (?:hot|full|high|low|long|much|many|old|often|few)\b.*\b(?:before|until|till|for|must|has to|have to|"
    r"needs? to)\b|\bbefore\b.*\b(?:rings?|fires?|goes off|go off|alarms?|triggers?|complains?)\b|"
    r"(?<!since )\bwhen (?:would|does|do|will|should|is)\b.*\b(?:rings?|fires?|go off|goes off|alarm|trigger|"
    r"triggered|trip|warn|complain)|\bwhat (?:makes|would make|does it take|triggers|trips|sets off)\b|"
    r"\b(?:limit|limits|threshold|thresholds|pending (?:period|time)|trigger point|cut-?off|condition)\b|"
    r"\b(?:would|will|does|do|to) (?:\w+ )?(?:tell|warn|notify|alert|inform|wake) (?:me|us)\b|"
    r"\b(?:would|will|to|that|which|should) (?:catch|notice|detect|spot|see)(?:es|s)?\b|"
    r"\bwatch(?:es|ing)? (?:for|over)\b|"
    r"\b(?:any|an?) (?:alert|alarm|rule) (?:is |been )?(?:defined|configured|set up|in place)\b|"
    r"\b(?:is|are) there (?:an? |any |some )?(?:\w+ )?(?:alerts?|alarms?|rules?) (?:for|about|on|that|when|if|which)\b|"
    r"\b(?:do|does|have) (?:i|we) (?:have |got )?(?:an? |any )?(?:alerts?|alarms?) (?:for|about|on|that|when|if)\b"
)
_OFF = re.compile(
    r"\b(?:paus\w+|on hold|suspended|"
    r"switched off|turned off|disabled|inactive|never evaluated|deactivated|not evaluated)\b"
)
_THINGS = frozenset({"@node", "@datastore", "@storage", "@alert"})
_ONES = frozenset({"@guest", "@node", "@datastore", "@storage"})
_OF_ONE = re.compile(
    r"\b(?:alerts?|alarms?) (?:for|about|on|at) [\w.-]+\W*$|\b(?:alerts?|alarms?|rules?)\b.*\b(?:since|firing|fires?)\b"
)
_RANG_FIRST = re.compile(r"\b(?:first|earliest|oldest) (?:\w+ )?(?:alert|alarm)\b|\b(?:alert|alarm)s?\b.* first\b")
_FIRES_NOW = re.compile(r"\b(?:now|currently|right now|at the moment)\b.*\bfiring\b|\bfiring (?:right )?now\b")


_ALERTING = r"(?:grafana|alertmanager|alerts?|alarms?|rules?)"
_SAID = re.compile(
    r"\b(?:grafana|alertmanager)\b (?:just |has |have |is |keeps |ever )?(?:"
    r"say|said|tell|told|yell|bark|moan|cry|whin|mail|sen[dt]|pag|ping|text|nag|warn|shout|scream|notif|"
    r"complain|message)\w*|"
    rf"\b{_ALERTING}\b(?: \w+){{0,4}} (?:notic|caught|catch|pick(?:ed|s)? up|alerting on)\w*|"
    r"\bwhat (?:else )?(?:rang|beeped|buzzed|paged)\b|"
    r"\b(?:did|has|have) (?:anything|something|anybody|anyone) (?:yell|shout|scream|complain|moan)\w* about\b|"
    rf"\b(?:noticed|caught|picked up|seen|spotted)\b.{{0,12}} by (?:\w+ ){{0,4}}{_ALERTING}\b|"
    r"\b(?:mail|message|email|notification|push|sms)s? from (?:grafana|alertmanager)\b|"
    r"\b(?:alert|alarm)s?\b.*\bseverity\b|\bseverity\b.*\b(?:alert|alarm)s?\b"
)


_TOLD_BEFORE = re.compile(
    r"\bbefore (?:i|we|you|someone|anyone|somebody)(?: am| are| is|'m)? (?:told|warned|notified|alerted|paged)\b|"
    r"\bdo (?:i|we) get (?:a |an )?(?:warning|warned|notice|notified|told|alert|alerted) (?:before|when|if)\b|"
    r"\bbefore\b.*\bdo (?:i|we) get (?:warned|notified|told|alerted)\b|"
    r"\b(?:would|will|does|do) (?!(?:you|nightshift|(?:the |our )?runbook)\b)"
    r"(?:\w+ ){1,3}(?:tell|warn|notify|alert|inform|wake|ping|page) "
    r"(?:me|us)\b"
)


def of_a_message(lowered: str) -> frozenset[str]:
    """`@told` where it is about what Grafana sent, or how grave an alert is, whatever the alert is about."""
    if _TOLD_BEFORE.search(lowered):
        return frozenset({"@of_rule", "ALERT"})
    return frozenset({"@told", "ALERT"}) if _SAID.search(lowered) else frozenset()


# What fired and may have ended: only the changes of state tell it.
_PAST = re.compile(
    r"\b(?:rang|rung|fired|beeped|buzzed|paged|went off|gone off|sound\w*)\b|"
    r"\b(?:alert|alarm|warning|message)s?\b.{0,30}\b(?:go out|went out|sent|raised?|given)\b|\braised? the alarm\b|"
    r"\b(?:noisiest|loudest|most often|how often|how many times|flapp\w*)\b|\blast (?:thing|one|alert|alarm|fir\w+)\b|"
    r"\b(?:alert|alarm|rule)s?\b.{0,20}\b(?:last|ever|resolved?|clear(?:ed)?|ended) |\bhow long (?:it|did|they)\b|"
    r"\b(?:resolved?|calm(?:ed)? down|cleared)\b"
)
_NOT_PAST = re.compile(r"\bwould\b|\bwill\b|\bwhy\b|\bshould\b|\bsent? to\b|\bbefore\b|\bsince when\b")
_BE_TOLD = re.compile(r"\b(?:be|get) (?:told|warned|notified|alerted|woken|paged|informed)\b|\bhear (?:of|about) it\b")
_SUPPOSED = re.compile(r"\b(?:would|will|does|do)\b.*\b(?:if|when|in case|once)\b|\bif\b.*\b(?:would|will|does|do)\b")
_WORKS = re.compile(
    r"\b(?:grafana|alerts?|alerting|pager|alarms?|rules?)\b.{0,40}(?<!the )(?<!a )(?<!my )\b(?:evaluat\w+|works?|"
    r"working|alive|functional|broken|dead|asleep|defective)\b|\bevaluat\w+ (?:\w+ )?rules\b"
)
# What it asks for and what sets it off: nothing of what fires now.
_SAYS = re.compile(
    r"\b(?:(?:which|what) (?:metric|query|expression|promql|series)|(?:expr|expression|query|promql) (?:behind|of)|"
    r"sets? (?:it |this |that |them )?off|"
    r"(?:at|after|from|above|below|beyond) (?:how|what|which)|how (?:many|much|long|soon|early)|goes? off|"
    r"waits?|waiting (?:time|period)|delay|lead time|(?:advance|prior) notice|duration|(?:which|what) percentage|"
    r"has to be|(?:must|needs? to) be (?:passed|exceeded|reached))\b"
)
# How grave it is and what it means: of one that fires, that is told with it.
_GRAVE = re.compile(
    r"\b(?:how (?:grave|bad|serious|severe|important|urgent)|warning or|severity|"
    r"or (?:just |only )?(?:a )?(?:warning|worse|critical)|"
    r"what (?:is|does) .{0,40}(?:mean|thing|check|watch|for|about|do))\b"
)
_SEVERITY = re.compile(r"\bsever(?:e|ity)\b|\bhow (?:grave|serious|urgent)\b")
_EXISTS = re.compile(
    r"\b(?:alerts?|alarms?|rules?)\b.{0,40}\b(?:exists?|functional|(?:do i|have i|have we|we) (?:have|got)|"
    r"work(?:s|ing)?)\b|\bis (?:my|the|our) (?:alert|alarm|rule) for .*\b(?:there|on|working|active)\b"
)
_STATE = re.compile(r"\b(?:firing|fired|been|since|ringing|silenced?|muted?|acked|acknowledged?|why)\b")
_WHICH_RULE = re.compile(
    r"\b(?:which|what) (?:\w+ ){0,3}(?:alerts?|alarms?|rules?)\b.{0,60}\b(?:would|will|should|complain\w*|shout\w*|"
    r"cover\w*|fires? when|rings? when|does that|tells?|watch\w*)\b|"
    r"\b(?:which|what) (?:\w+ ){0,3}rules? (?:have|do|did|are|exist)\b|"
    r"\bname of (?:the|that) (?:\w+ )?(?:alert|alarm|rule)\b|"
    r"\b(?:alert|alarm|rule)\b.*\b(?:what is (?:its name|it called|the name)|called|its name)\b"
)


def of_a_rule(text: str, lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """`@of_rule` where it is about what a rule says: its threshold, how long it waits; `@paused` whether it is off."""
    named = bool(RULE_NAME.search(text)) and not concepts & {"@guest", "@node", "@datastore"}
    says = _SAYS.search(lowered) or ("@alert" not in concepts and _GRAVE.search(lowered))
    if named and says and not _STATE.search(lowered):
        return frozenset({"@of_rule", "ALERT"})
    if named and "@alert" in concepts and _SEVERITY.search(lowered):
        return frozenset({"@told", "ALERT"})
    works = _WORKS.search(lowered) if concepts & {"ALERT", "RULE"} and not concepts & _THINGS else None
    if works and ("RULE" not in concepts or "evaluat" in works[0]) and not _OFF.search(lowered):
        return frozenset({"@alerting_works"})
    if _SUPPOSED.search(lowered) and (concepts & {"ALERT", "RULE"} or _BE_TOLD.search(lowered)):
        return frozenset({"@of_rule"} if "@alert" in concepts else {"@covered", "@of_rule"})
    if concepts & {"ALERT", "RULE"} and _PAST.search(lowered) and not _NOT_PAST.search(lowered):
        return frozenset({"@alert_history"})
    if not concepts & {"ALERT", "RULE", "@alert"} or "SILENCE" in concepts or _FIRES_NOW.search(lowered):
        return frozenset()
    if _RANG_FIRST.search(lowered):
        return frozenset({"@told", "OLDEST"})
    if "ALERT" in concepts and concepts & _ONES and _OF_ONE.search(lowered):
        return frozenset({"@told"})  # of what fires about it: no rule is made for one thing
    which, off = _WHICH_RULE.search(lowered), _OFF.search(lowered)
    if which and not (off and which[0].endswith(" are")):  # `which rules are switched off?`
        return frozenset({"@of_rule"})
    if off:
        return frozenset({"@of_rule", "@paused"})
    told_of = _CONDITION.search(lowered) or (_EXISTS.search(lowered) and "@alert" not in concepts)
    return frozenset({"@of_rule"}) if told_of else frozenset()
