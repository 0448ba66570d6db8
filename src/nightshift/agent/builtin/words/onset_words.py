"""Since when something is amiss, whether somebody made it stop, and what goes on at this moment: told by several words
of a question together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nightshift.agent.builtin.words.task_words import WORK

ONSET_WORDS: Mapping[str, str] = {
    "SINCE": (
        "on which day|on what day|at which hour|at what hour|at what time did|since what time|from when on|"
        "from what time on|at what point|at which point|moment at which|moment when|by now how long"
    ),
    "UNDER_WAY": "in progress|under way|underway|unfinished|ongoing|in flight|half way through|still going",
    "RUNNING": "in force|under way|underway|unfinished|ongoing|in flight",
    "TASK": "human action|actions by|actions of",
    "ASKS_WHO": "user name|username|author|and author",
    "VERIFY": "be read|readable|still readable|legible",
    "PRUNE": "throw away|thrown away|throw out|thrown out|drop old|weed out",
    "OLDEST": "which period|what period|time span|do they span|reach back|dates back|what range",
    "CHANGED": (
        "new on top|we do to|i do to|you do to|they do to|anyone do to|came on top|come on top|came in addition|"
        "what else started|"
        "what else began"
    ),
    "FINE": "still work|still function|gc work|collection work|work at all",
    "IN_PART": "completeness|in its entirety|with all its data",
}
_SINCE_WHEN = (
    r"(?:since (?:when|what)|from when|for how long|how long (?:has|have|is|are|was|did|already)|"
    r"(?:which|what) (?:day|hour|time|date|moment|night|point)|(?:moment|time|hour|day) (?:at|on|in) which|"
    r"moment (?:when|that)|(?:time|hour|moment|point) (?:it|he|she|they|that) |onset of|"
    r"when (?:exactly |precisely )?(?:did|has|was|is it that))"
)
_CEASED = (
    r"(?:stop(?:ped|s)? (?:\w+ ){0,2}\w+ing|(?:encryption|encrypting|replication|reporting|scraping|verification) "
    r"(?:\w+ )?(?:stop|cease|end)\w*|in (?:that|this|such a) (?:state|condition|shape|mess|mood)|"
    r"like (?:that|this)\b|(?:no longer|not) (?:accept|answer|respond|report|repl)\w*|(?:quit|ceased?) (?:to )?\w+|"
    r"(?:start|began|begin)\w* (?:to )?(?:refus|reject|fail|act|misbehav|throw|complain|degrad|hang)\w*|"
    r"(?:flapping|trouble|problems?|outage|failures?|errors?|backlog|complaints?|lagging) (?:\w+ \S+ )?"
    r"(?:start|beg[iau]n|set in|appear)\w*|"
    r"(?:gone|goes|go|went) (?:wrong|bad|sour|red)|"
    r"freeze|froze|frozen|hang|hung|crash\w*|stall\w*|br(?:eak|oke|oken)|degraded?|"
    r"(?:parked|put|left|set|in|under|into) (?:\w+ )?maintenance|"
    r"(?:turn\w*|become|became|go|went|is|been|flip\w*|switch\w*|set|put)(?: to| into)? (?:read[- ]?only|ro\b)|lose|"
    r"lost (?:its|the))"
)
_ONSET = re.compile(
    rf"\b{_SINCE_WHEN}\b.*\b{_CEASED}\b|\b{_CEASED}\b.*\b(?:since (?:when|what)|from (?:when|what)|from which)\b"
)
_POWER_SINCE = re.compile(
    rf"\b{_SINCE_WHEN}\b|^\W*since when\b|\bhow long\b.*\b(?:gone|out|off|on battery) (?:now|already)\b"
)
_PERSON = r"(?:some(?:body|one)|any(?:body|one)|(?:some|a|any) (?:person|human|user|admin|colleague)|who|by hand)"
_HALTED = r"(?:switch|turn|shut|power|stop|kill|halt|take)\w*"
_BY_SOMEBODY = re.compile(
    rf"\b(?:did|has|have|was|were) {_PERSON}\b.*\b{_HALTED}\b|\b{_HALTED}\b.*"
    r"\bby (?:hand|somebody|someone|a person)\b.*\bor\b|\bor did it (?:fall|go|die|crash|stop)\b|"
    r"\b(?:die|died|crash(?:ed)?|went (?:down|off)|go (?:down|off)|fall|fell)\b(?>.*?\bor\b).*"
    rf"\b(?:{_PERSON}|on purpose|intentionally|deliberately|by command|on command|told to|commanded|ordered)\b"
)
_WHO_OR_WHAT = re.compile(r"\b(?:who\b.* or what|what or who|what\b.*,? or who|by whom)\b")
_HOW_LONG = re.compile(
    r"\b(?:how long|how many (?:minutes|hours|days)) *(?:$|\W|(?:is|are|now|already|has|have)\b)|\bsince(?: when)?\W*$"
)
# `how many guests went dark with it`
_WENT_WITH = re.compile(
    r"\b(?:went|gone|lost|died|taken|knocked|dropped|dragged|fell|vanished|disappeared)(?: \w+){0,2} with "
    r"(?:it|that|them|pve\w*|(?:the|that|this) (?:node|host|server|machine|box))\b"
)
_LOST_WITH = re.compile(r"\b(?:lost|casualties|victims) (?:on|of|with) \S+$")
_HOW_IT_CAME = re.compile(
    r"\bhow (?:did|does|could|has|come)\b.*\b(?:get|got|become|became|end up|ended up|wind up|fill\w*)\b.*"
    r"\b(?:full|slow|locked|stopped|down|off|broken|red|up|degraded|on)\b|"
    r"\bwhat (?:has |is |have |had )?(?:filled|made|turned|took|knocked|brought|pushed|caused|killed|keeps?|prevents?|"
    r"hinders?|stops|stopping|stopped) "
)
_PUT_BACK = re.compile(r"\b(?:put|putting|bring|bringing|get|getting) (?:\S+ ){1,4}back from\b")
_BEHIND = re.compile(r"\b(?:behind|lag(?:s|ging)?|older?|oldest|outdated|drift\w*|differ\w*|same|identical|uniform)\b")
_WORK = WORK | {"SNAPSHOT", "CONSOLE"}
_NOW = re.compile(r"\b(?:now|moment|second|instant|currently|presently|at present|atm)\b")
_GOES_ON = re.compile(
    r"(?<!\bmy )(?<!\bour )\b(?:going on|goes on|being \w+|gets? (?:moved|migrated|restored|saved|copied|shifted)|"
    r"moving|migrating|shifting|"
    r"restoring|putting|doing|busy|idle|active|running|on (?:its|their) way|finish\w*|nothing to do)\b"
)
_DONE_NOW = re.compile(r"\b(?:is|are|does|do)\b.*\b(?:moved?|migrated?|restored?|working|in the middle of)\b")
_IS_GOING_ON = re.compile(r"\bis\b[^.?!]*\b(?:going on|in progress)\b")
_NOT_OF_NOW = frozenset(
    {"FAIL", "LAST", "LACK", "WHY", "ALERT", "RULE", "JOBLIST", "METRIC", "LOG", "IF", "SAFE", "LOCK"}
)


def marks_in(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """`@since_wrong`: since when what is found is so. `@stopped_by`: whether somebody stopped it. `@task_now`."""
    if concepts & {"@action", "@how"}:
        return frozenset()
    return frozenset(_marks(lowered, concepts))


def _marks(lowered: str, concepts: frozenset[str]) -> Iterator[str]:
    if concepts & {"@entity"} and not concepts & (_WORK | {"@bound", "WHY"}) and _ONSET.search(lowered):
        yield from ("@since_wrong", "SINCE", "WRONG")
    if "POWER" in concepts and not concepts & {"NEXT", "WILL", "PROMISE"} and _POWER_SINCE.search(lowered):
        yield from ("@power_since", "SINCE")
    halted = bool(concepts & {"DOWN", "STOPPED", "FAIL"}) and _WHO_OR_WHAT.search(lowered)
    if concepts & {"DOWN", "STOPPED", "FAIL"} and _HOW_LONG.search(lowered) and concepts & {"@guest", "@node"}:
        yield "SINCE"
    if concepts & {"GUEST", "VM", "CT"} and not concepts & {"@guest", "@node"} and _WENT_WITH.search(lowered):
        yield "@went_with"
    if "@node" in concepts and "@guest" not in concepts and _LOST_WITH.search(lowered):
        yield from ("IF", "SAFE", "@lost_with")  # `guests lost with pve3`
    if concepts & {"@guest", "@node"} and not concepts & _WORK and (halted or _BY_SOMEBODY.search(lowered)):
        yield from ("@stopped_by", "WHY", "STOPPED")
    if concepts & {"@entity"} and not concepts & (_WORK | {"@bound", "IF"}) and _HOW_IT_CAME.search(lowered):
        yield "WHY"
    behind = "SLOW" in concepts or _BEHIND.search(lowered)
    if concepts & {"VERSION", "PVE_RELEASE"} and behind and "@entity" not in concepts:
        yield from ("@of_each_node", "NODE", "PVE_RELEASE")  # `is some machine lagging release-wise?`
    back = bool(_PUT_BACK.search(lowered))
    goes_on = bool(_NOW.search(lowered) and (_GOES_ON.search(lowered) or _DONE_NOW.search(lowered))) or bool(
        _IS_GOING_ON.search(lowered)
    )
    if back and concepts & {"BACKUP", "RESTORE"} and (goes_on or concepts & {"@past", "RUNNING", "WHO"}):
        yield from ("@task_now", "RESTORE", "RUNNING")
    if goes_on and not back and concepts & _WORK and not concepts & _NOT_OF_NOW:
        yield from ("@task_now", "RUNNING")  # `is a restore going on at this moment?`
    if "UNDER_WAY" in concepts and concepts & _WORK and not concepts & {"FAIL", "LAST"}:
        yield from ("@task_now", "RUNNING")
